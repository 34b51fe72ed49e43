"""An account's settings: the verbs.

All of an account's people see them; only the administrator changes them.
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain import recurring_defaults as rules
from app.domain import schedule
from app.domain.account import Account, Caller
from app.domain.recurring_defaults import DefaultsChanges
from app.domain.scheduling import Defaults
from app.domain.unset import UNSET, Maybe, Unset
from app.services import issuing
from app.services.account import check_time_zone
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import recurring_defaults as storage
from app.storage.database import reading, writing

_DOING = ("update", "settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an account's people may choose, or see."""

    account: Account
    defaults: Defaults


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanges:
    """What a request says of settings; those it does not name are UNSET."""

    defaults: DefaultsChanges
    auto_generate: Maybe[bool] = UNSET
    time_zone: Maybe[str] = UNSET
    retry_days: Maybe[tuple[int, ...]] = UNSET


def get(caller: Caller) -> Settings:
    """Return the account's settings."""
    with reading():
        return _settings(caller.account)


def update(ports: Ports, caller: Caller, changes: SettingsChanges) -> None:
    """Change the named settings; what was read and sent back is no change.

    Before `auto_generate` is switched off, days gone by are billed. Days that pass
    while it is off are lost once it is on again.

    Raises: PermissionDeniedError for staff, MissingFieldError, InvalidValueError,
    RefusedError while more is due of days gone by than a request can wait for.
    """
    caller.check_admin()
    if not isinstance(changes.time_zone, Unset):
        check_time_zone(changes.time_zone)
    account, now = caller.account, ports.now()
    if changes.auto_generate is False and account.auto_generate:
        _catch_up(ports, account, changes, now)
    with writing(account.account_id):
        before = _settings(accounts.get(account.account_id) or account)
        after = _changed(before, changes, now)
        if before.account.auto_generate and not after.account.auto_generate:
            issuing.check_caught_up(account, account.today(now), _DOING)
        if after.account != before.account:
            accounts.update(after.account)
        if after.defaults != before.defaults:
            storage.put(account.account_id, after.defaults)


def _catch_up(
    ports: Ports, account: Account, changes: SettingsChanges, now: datetime
) -> None:
    """Issue what was due before today, unless the request will be refused."""
    today = account.today(now)
    with reading():
        _changed(_settings(account), changes, now)
        issuing.check_caught_up(account, today, _DOING, issuing.CATCH_UP_MAX)
    issuing.issue_until(ports, account, today - schedule.ONE_DAY)


def _settings(account: Account) -> Settings:
    return Settings(account=account, defaults=storage.own(account.account_id))


def _changed(before: Settings, changes: SettingsChanges, now: datetime) -> Settings:
    account = before.account.changed(
        changes.auto_generate, changes.time_zone, changes.retry_days, now
    )
    today = account.today(now)
    return Settings(
        account=account,
        defaults=rules.changed(before.defaults, changes.defaults, today),
    )
