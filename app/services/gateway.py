"""Gateways of accounts, with what they have to be told, and asking them."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

from app.config import SettingsError
from app.domain.account import DEMO, Account, Gateway
from app.domain.card import Card, CardNumber, CardToken, Expiration
from app.domain.card_request import Terms
from app.domain.errors import InvalidValueError, NotFoundError, RefusedError
from app.domain.gateway import Approved, Missing, Order, Outcome, Refund, Unknown
from app.domain.money import Money
from app.gateways.gateway import Gateway as OpenGateway
from app.services import account as accounts
from app.services.moments import Moment
from app.services.places import place_of
from app.services.ports import Ports
from app.storage import data_key
from app.storage import gateway as storage
from app.storage.database import reading, writing
from app.storage.gateway import InUse, SealedSettings
from app.vault.cards import GatewayPlace
from app.vault.keys import KeyProblemError

_NAME_MAX = 64
# What a trial is called where an order has the number of its invoice.
_TRIAL = "TEST"

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGateway:
    """What an operator says of a gateway."""

    name: str
    kind: str
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    autobill_capable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A gateway with the names of what it was told.

    None: that cannot be opened.
    """

    gateway: Gateway
    settings: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of a part of a trial."""

    doing: str
    outcome: Outcome | Missing


def terms(ports: Ports, moment: Moment) -> Terms:
    """Return which cards an account takes, at which gateways."""
    found = [each for each in storage.all_(moment.account_id) if each.enabled]
    return Terms(
        account=moment.account,
        gateways=found,
        tokens=ports.gateways.tokens({each.kind for each in found}),
        today=moment.today,
    )


def opened(ports: Ports, account_id: int, gateway: Gateway) -> OpenGateway:
    """Return a gateway ready to be asked.

    Raises: SettingsError for a kind that is not there, or settings that cannot be;
    KeyProblemError for settings that cannot be opened.
    """
    settings = _settings(ports, account_id, gateway)
    return ports.gateways.gateway(gateway.kind, settings)


def asked(ask: Callable[[], T]) -> T | Unknown:
    """Return a gateway's answer; one that raises has given none.

    Nobody asks within a transaction, which would wait for the answer.
    """
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - somebody else's code, with money in hand
        _log.error("a gateway failed: %s", place_of(error))
        return Unknown(detail=f"The gateway failed: {type(error).__name__}.")


def add(ports: Ports, account: str, new: NewGateway, *, replaces: bool) -> Gateway:
    """Give an account a gateway; one of its name is replaced if that is wanted.

    One that is replaced keeps its name's spelling and whether it is enabled, nothing
    else. Another kind cannot take over charges under way: it would not find them, and
    take the money again.

    Raises: NotFoundError, RefusedError, InvalidValueError, SettingsError.
    """
    _check(ports, new)
    account_id = accounts.named(account).account_id
    with writing(account_id):
        former = _of_name(account_id, new.name)
        if former is None:
            gateway = _first(new)
            storage.insert(account_id, gateway)
        else:
            gateway = _replaced(account_id, former, new, replaces=replaces)
            storage.update(account_id, gateway)
        _store(ports, account_id, gateway, new.settings)
    return gateway


def _check(ports: Ports, new: NewGateway) -> None:
    name = new.name.strip()
    if not name or not name.isprintable() or len(name) > _NAME_MAX:
        raise InvalidValueError(
            "name", f"A gateway needs a printable name of at most {_NAME_MAX} letters."
        )
    known = ports.gateways.kind(new.kind).SETTINGS
    for setting in new.settings:
        if setting not in known:
            told = ", ".join(known) or "none at all"
            raise SettingsError(
                f"a gateway of the kind {new.kind} has no setting '{setting}': "
                f"it has {told}"
            )
    ports.gateways.gateway(new.kind, new.settings)


def _first(new: NewGateway) -> Gateway:
    return Gateway(
        name=new.name.strip(), autobill_capable=new.autobill_capable, kind=new.kind
    )


def _replaced(
    account_id: int, former: Gateway, new: NewGateway, *, replaces: bool
) -> Gateway:
    if not replaces:
        raise RefusedError(
            "add", "gateway", f"There is a gateway '{former.name}' already."
        )
    under_way = storage.in_use(account_id, former.name).charges
    if under_way and former.kind != new.kind:
        raise RefusedError(
            "replace",
            "gateway",
            f"{under_way} charges of it are under way, of which another kind knows "
            "nothing. Disable it until they have ended.",
        )
    return replace(_first(new), name=former.name, enabled=former.enabled)


def _store(
    ports: Ports, account_id: int, gateway: Gateway, settings: Mapping[str, str]
) -> None:
    sealed = None
    if settings:
        keys = data_key.all_of(account_id)
        newest = keys[max(keys)]
        place = GatewayPlace(account_id=account_id, name=gateway.name)
        sealed = SealedSettings(
            key_version=newest.version,
            sealed=ports.vault.seal_settings(settings, place, newest),
        )
    storage.put_settings(account_id, gateway.name, sealed)


def all_(ports: Ports, account: Account) -> list[Shown]:
    """Return an account's gateways by name, enabled or not."""
    with reading():
        return [
            Shown(gateway=each, settings=_told(ports, account.account_id, each))
            for each in storage.all_(account.account_id)
        ]


def _told(ports: Ports, account_id: int, gateway: Gateway) -> tuple[str, ...] | None:
    try:
        return tuple(sorted(_settings(ports, account_id, gateway)))
    except KeyProblemError as error:
        _log.error("gateway %s of account %d: %s", gateway.name, account_id, error)
        return None


def switch(account: str, name: str, *, enabled: bool) -> Gateway:
    """Enable or disable a gateway; one that is enabled is no longer left alone.

    Raises: NotFoundError.
    """
    account_id = accounts.named(account).account_id
    with writing(account_id):
        gateway = _named(account_id, name)
        switched = replace(gateway, enabled=enabled)
        if enabled:
            switched = replace(switched, failures=0, open_until=None)
        storage.update(account_id, switched)
    return switched


def remove(account: str, name: str) -> Gateway:
    """Take a gateway away that nothing needs any more; return what it was.

    Raises: NotFoundError, RefusedError, saying how many need it.
    """
    account_id = accounts.named(account).account_id
    with writing(account_id):
        gateway = _named(account_id, name)
        used = storage.in_use(account_id, gateway.name)
        if used != InUse():
            raise RefusedError(
                "remove",
                "gateway",
                f"It is used by {used.profiles} profiles, {used.cards} cards and "
                f"{used.charges} charges under way. Disable it instead: invoices wait "
                "then.",
            )
        storage.put_settings(account_id, gateway.name, None)
        storage.delete(account_id, gateway.name)
    return gateway


def get(account: str, name: str) -> tuple[Account, Gateway]:
    """Return an account and a gateway of its, by their names.

    Raises: NotFoundError.
    """
    found = accounts.named(account)
    with reading():
        return found, _named(found.account_id, name)


def checked(ports: Ports, account: Account, gateway: Gateway) -> Unknown | None:
    """Return what is wrong with a gateway's credentials or the way there, or None.

    Raises: SettingsError.
    """
    with reading():
        found = opened(ports, account.account_id, gateway)
    return asked(found.check)


def trial_card(
    ports: Ports, gateway: Gateway, number: str, expiration: Expiration
) -> Card:
    """Return the card of a trial, of a number or of a token of its gateway's.

    Raises: InvalidValueError, SettingsError.
    """
    form = ports.gateways.kind(gateway.kind).TOKEN
    of_token = form is not None and form.fullmatch(number)
    return Card(
        number=CardToken(number, "", None) if of_token else CardNumber.parse(number),
        name=_TRIAL,
        expiration=expiration,
    )


def trial_amount(account: Account) -> Money:
    """Return what a trial charges: one unit of the base currency."""
    return Money(Decimal(1), account.base_currency)


def tried(
    ports: Ports, account: Account, gateway: Gateway, card: Card
) -> Iterator[Step]:
    """Charge a card, look for the charge, and give the money back, step by step.

    It ends before a step that has no sense any more. Raises: SettingsError.
    """
    with reading():
        found = opened(ports, account.account_id, gateway)
    order = Order(
        key=ports.secret(),
        amount=trial_amount(account),
        card=card,
        invoice_number=_TRIAL,
        sent_at=ports.now(),
    )
    outcome: Outcome | Missing = asked(lambda: found.charge(order))
    yield Step(doing="charge", outcome=outcome)
    if found.LOOKS_UP and isinstance(outcome, Approved | Unknown):
        outcome = asked(lambda: found.look_up(order))
        yield Step(doing="look-up", outcome=outcome)
    if isinstance(outcome, Approved):
        refund = Refund(
            key=ports.secret(), amount=order.amount, reference=outcome.reference
        )
        yield Step(doing="refund", outcome=asked(lambda: found.refund(refund)))


def warn_of_sandboxes() -> None:
    """Log how many accounts bill cards where nothing is taken, for real as it seems.

    Those on a test clock, and the one that `perennial init --demo` makes, do not seem
    so.
    """
    with reading():
        found = [name for name in storage.on_sandboxes() if name != DEMO]
    if found:
        _log.warning(
            "accounts that auto-bill at a sandbox, which takes no money: %d; see "
            "'perennial gateway list'",
            len(found),
        )


def _settings(ports: Ports, account_id: int, gateway: Gateway) -> dict[str, str]:
    sealed = storage.settings(account_id, gateway.name)
    if sealed is None:
        return {}
    key = data_key.all_of(account_id)[sealed.key_version]
    place = GatewayPlace(account_id=account_id, name=gateway.name)
    return ports.vault.open_settings(sealed.sealed, place, key)


def _named(account_id: int, name: str) -> Gateway:
    found = _of_name(account_id, name)
    if found is None:
        raise NotFoundError("gateway", "name")
    return found


def _of_name(account_id: int, name: str) -> Gateway | None:
    """Return the gateway of a name in any case, as requests may name it."""
    wanted = name.strip().casefold()
    found = (
        each for each in storage.all_(account_id) if each.name.casefold() == wanted
    )
    return next(found, None)
