"""The account: one company's books, its calendar and its switches."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.domain.card import Brand
from app.domain.errors import PermissionDeniedError
from app.domain.retry_plan import FRESHBOOKS
from app.domain.unset import Maybe, given

# The staff id of every account's administrator.
ADMIN = 1
# The gateway that takes no money, for those who try things.
SANDBOX = "sandbox"
# The account of those who do.
DEMO = "Demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A company that bills through this server.

    `system` is the name before the first dot of its old host name. `clock_on` is the
    date of a test clock; None means the real calendar. `ignore_unknown` and
    `ignore_empty_lists` are switches for clients that need them.

    `retry_days` is its plan for cards that were declined. With `tokenise` the number of
    a card is exchanged for its gateway's token as soon as it comes, where that can.
    `cards_checked_on` is when somebody looked whether cards expire.

    Unless `auto_generate`, no invoice is made by itself; since it was switched on again
    none is for a day before `generates_from`.
    """

    account_id: int
    name: str
    system: str
    base_currency: str
    time_zone: str
    language: str
    card_types: tuple[Brand, ...]
    created_at: datetime
    clock_on: date | None = None
    ignore_unknown: bool = False
    ignore_empty_lists: bool = False
    auto_generate: bool = True
    generates_from: date | None = None
    retry_days: tuple[int, ...] = FRESHBOOKS
    tokenise: bool = False
    cards_checked_on: date | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return ZoneInfo(self.time_zone)

    def today(self, now: datetime) -> date:
        """Return the account's business day at an instant."""
        return self.clock_on or now.astimezone(self.zone).date()

    def moment(self, now: datetime) -> datetime:
        """Return the instant that records bear, to the second as answers show it.

        On a test clock it is the midnight of its date, so that a story told on one
        reads the same whenever it is told.
        """
        if self.clock_on is None:
            return now.replace(microsecond=0)
        return self.midnight(self.clock_on)

    def midnight(self, day: date) -> datetime:
        """Return the instant at which a day of the account begins, in UTC."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def changed(
        self,
        auto_generate: Maybe[bool],
        time_zone: Maybe[str],
        retry_days: Maybe[tuple[int, ...]],
        now: datetime,
    ) -> "Account":
        """Return the account after its own people changed it at an instant.

        Days that passed while nothing was made by itself are not made up for.
        """
        changed = replace(
            self,
            auto_generate=given(auto_generate, self.auto_generate),
            time_zone=given(time_zone, self.time_zone),
            retry_days=given(retry_days, self.retry_days),
        )
        if changed.auto_generate and not self.auto_generate:
            return replace(changed, generates_from=changed.today(now))
        return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A person of the account's own."""

    staff_id: int
    username: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    created_at: datetime

    @property
    def is_admin(self) -> bool:
        """Whether this is the administrator, who sees everything."""
        return self.staff_id == ADMIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A payment gateway of an account's; `kind` says whose language it speaks.

    After `failures` in a row it is left alone until `open_until`.
    """

    name: str
    autobill_capable: bool
    kind: str = SANDBOX
    enabled: bool = True
    failures: int = 0
    open_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sends a request: an account, and the person whose token it is."""

    account: Account
    staff_id: int

    @property
    def is_admin(self) -> bool:
        """Whether it is the account's administrator."""
        return self.staff_id == ADMIN

    def check_admin(self) -> None:
        """Refuse everybody but the administrator.

        Raises: PermissionDeniedError.
        """
        if not self.is_admin:
            raise PermissionDeniedError

    @property
    def scope(self) -> "Scope":
        """What this caller's queries may find."""
        account_id = self.account.account_id
        return Scope(account_id, None if self.is_admin else self.staff_id)


@dataclass(frozen=True, slots=True)
class Scope:
    """What queries may find: all of an account, or what a person's clients have.

    `staff_id` None stands for all. Source: documented (staff sees assigned clients).
    """

    account_id: int
    staff_id: int | None = None
