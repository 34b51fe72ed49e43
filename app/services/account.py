"""Accounts: making them, and knowing whose token it is."""

import hashlib
import logging
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain, count
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.domain.account import ADMIN, Account, Caller, Gateway, Staff
from app.domain.billing_model import ONE_TIME_PURCHASE
from app.domain.card import Brand
from app.domain.errors import (
    InvalidValueError,
    NotFoundError,
    RefusedError,
    UnauthenticatedError,
    UnknownCurrencyError,
    UnknownSystemError,
)
from app.domain.money import CURRENCIES
from app.domain.schedule import FIRST_DAY, LAST_DAY
from app.domain.unset import UNSET, Maybe, merged
from app.services.ports import Ports
from app.storage import account as storage
from app.storage import billing_model as models
from app.storage import data_key, gateway
from app.storage import staff as people
from app.storage.database import IntegrityError, looking, writing

_log = logging.getLogger(__name__)

_SYSTEM_MADE = 50
# Source: inferred. All the documented samples are in it, auto-billed ones too, which
# needs it to be the base currency: so they can be replayed on any new account.
DEFAULT_CURRENCY = "CAD"
DEFAULT_TIME_ZONE = "America/New_York"

# What a new account has enabled. Source: documented (names in the samples); which of
# them a new account has is inferred.
DEFAULT_GATEWAYS = (
    Gateway(name="Authorize.Net", autobill_capable=True),
    Gateway(name="PayPal", autobill_capable=False),
    Gateway(name="PayPal Payflow Pro", autobill_capable=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an operator says of a new account; `system` None is made from the name."""

    name: str
    system: str | None = None
    base_currency: str = DEFAULT_CURRENCY
    time_zone: str = DEFAULT_TIME_ZONE
    card_types: tuple[Brand, ...] = tuple(Brand)
    clock_on: date | None = None
    ignore_unknown: bool = False
    ignore_empty_lists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What system.current tells of an account."""

    account: Account
    requests: int


def create(ports: Ports, new: NewAccount) -> tuple[Account, str]:
    """Make an account with an administrator, a data key and a token; return both.

    The token is returned here and nowhere else; only its hash is stored.

    Raises: InvalidValueError, RefusedError when name or system are taken.
    """
    if not new.name.strip() or not new.name.isprintable():
        raise InvalidValueError("name", "An account needs a printable name.")
    if new.base_currency not in CURRENCIES:
        raise UnknownCurrencyError
    check_time_zone(new.time_zone)
    if new.clock_on is not None and not FIRST_DAY <= new.clock_on <= LAST_DAY:
        raise InvalidValueError("clock", "A test clock is between 1970 and 2999.")
    system = new.system or _free_system(new.name)
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", system, re.ASCII):
        raise InvalidValueError("system", "Use letters, digits and hyphens.")
    now = ports.now()
    account = Account(
        account_id=0,
        name=new.name,
        system=system,
        base_currency=new.base_currency,
        time_zone=new.time_zone,
        language="en",
        card_types=new.card_types,
        created_at=now,
        clock_on=new.clock_on,
        ignore_unknown=new.ignore_unknown,
        ignore_empty_lists=new.ignore_empty_lists,
    )
    admin = Staff(staff_id=ADMIN, username="admin", created_at=account.moment(now))
    with writing():
        try:
            account_id = storage.insert(account, admin, DEFAULT_GATEWAYS)
        except IntegrityError:
            raise RefusedError(
                "create", "account", "An account of this name or system exists already."
            ) from None
        models.insert(account_id, ONE_TIME_PURCHASE, now)
        data_key.insert(account_id, ports.vault.new_data_key(account_id, version=1))
        token = _new_token(ports, account_id, ADMIN)
    return replace(account, account_id=account_id), token


def token(
    ports: Ports, name: str, *, revoke_others: bool, username: str | None = None
) -> str:
    """Make a further token for a person of an account; None is its administrator.

    Raises: NotFoundError.
    """
    account_id = named(name).account_id
    with writing(account_id):
        staff_id = ADMIN
        if username is not None:
            staff_id = staff_named(account_id, username).staff_id
        if revoke_others:
            storage.revoke_tokens(account_id, staff_id, ports.now())
        return _new_token(ports, account_id, staff_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What an operator sets of an account; what is not named stays UNSET."""

    ignore_unknown: Maybe[bool] = UNSET
    ignore_empty_lists: Maybe[bool] = UNSET
    retry_days: Maybe[tuple[int, ...]] = UNSET
    tokenise: Maybe[bool] = UNSET


def switch(name: str, switches: Switches) -> Account:
    """Set an account's switches.

    Raises: NotFoundError.
    """
    found = named(name)
    with writing(found.account_id):
        switched = merged(named(name), switches)
        storage.update(switched)
    return switched


def all_() -> list[Account]:
    """Return every account."""
    return storage.all_()


def clocks() -> list[Account]:
    """Return the accounts on a test clock."""
    with looking():
        return storage.clocks()


def days(now: datetime) -> dict[str, date]:
    """Return the day in each time zone that accounts are in, by the zone's name.

    A zone that this machine no longer knows is left out.
    """
    found = {}
    for zone in storage.time_zones():
        try:
            found[zone] = now.astimezone(ZoneInfo(zone)).date()
        except (ZoneInfoNotFoundError, OSError, ValueError):
            _log.error("the time zone %s is unknown here", zone)
    return found


def check_time_zone(name: str) -> None:
    """Refuse the name of a time zone that this machine does not know.

    Raises: InvalidValueError.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise InvalidValueError("time_zone", "Use a name like Europe/Berlin.") from None


def named(name: str) -> Account:
    """Return the account of a name.

    Raises: NotFoundError.
    """
    account = storage.by_name(name)
    if account is None:
        raise NotFoundError("account", "name")
    return account


def staff_named(account_id: int, username: str) -> Staff:
    """Return the person of a user name.

    Raises: NotFoundError.
    """
    staff = people.by_username(account_id, username)
    if staff is None:
        raise NotFoundError("staff", "username")
    return staff


def log_in(
    ports: Ports, system: str | None, token: bytes | None, address: str
) -> Caller:
    """Return who is calling, and slow down who guesses; without a token nobody does.

    Raises: UnknownSystemError, UnauthenticatedError, TooManyLoginsError.
    """
    if token is None:
        return authenticate(system, token)
    with ports.logins.counted(address, token, hashed(token), ports.now()):
        return authenticate(system, token)


def authenticate(system: str | None, token: bytes | None) -> Caller:
    """Return who is calling; `system` is the one that the host name names, if any.

    Raises: UnknownSystemError before UnauthenticatedError, as the service did.
    """
    with looking():
        if system is not None and not storage.system_exists(system):
            raise UnknownSystemError
        caller = None if token is None else storage.caller(hashed(token))
    if caller is None or system not in (None, caller.account.system):
        raise UnauthenticatedError
    return caller


def system_of_host(host: str, domains: tuple[str, ...]) -> str | None:
    """Return the system that a host name names; None for hosts that name none.

    Only subdomains of the old service's domains do: anywhere else the token alone says
    which account is meant.
    """
    name = host.partition(":")[0].lower().rstrip(".")
    for domain in domains:
        if name.endswith(f".{domain}"):
            return name.removesuffix(f".{domain}")
    return None


def gateways(caller: Caller, *, autobill_capable: bool | None) -> list[Gateway]:
    """Return the enabled gateways, by name."""
    with looking():
        found = gateway.all_(caller.account.account_id)
    return [
        each
        for each in found
        if each.enabled and autobill_capable in (None, each.autobill_capable)
    ]


def current_staff(caller: Caller) -> Staff:
    """Return the person whose token it is."""
    with looking():
        return people.get(caller.account.account_id, caller.staff_id)


def current_system(ports: Ports, caller: Caller) -> System:
    """Return the account with the requests it made today; for the administrator.

    Raises: PermissionDeniedError.
    """
    caller.check_admin()
    account = caller.account
    ports.requests.flush()
    today = account.today(ports.now())
    with looking():
        requests = storage.requests(account.account_id, today)
    return System(account=account, requests=requests)


def hashed(token: bytes) -> str:
    """Return a token as it is stored, and looked up."""
    return hashlib.sha256(token).hexdigest()


def _new_token(ports: Ports, account_id: int, staff_id: int) -> str:
    token = ports.secret()
    token_hash = hashed(token.encode())
    storage.insert_token(token_hash, account_id, staff_id, ports.now())
    return token


def _free_system(name: str) -> str:
    """Return a system's name made from an account's, that none has yet."""
    made = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_SYSTEM_MADE].strip("-")
    names = (
        f"{made or 'account'}{end}" for end in chain([""], map("-{}".format, count(2)))
    )
    return next(system for system in names if not storage.system_exists(system))
