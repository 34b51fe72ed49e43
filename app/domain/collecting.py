"""When the card of a profile is charged for an invoice of its."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.domain import retry_plan
from app.domain.account import Account, Gateway
from app.domain.charge import Charge, ChargeState
from app.domain.folder import Folder
from app.domain.gateway import Declined
from app.domain.invoice import Invoice, settled
from app.domain.invoice_status import InvoiceStatus

# A gateway that is not there, or whose card cannot be read, is looked at again then.
HOLD = timedelta(hours=1)

# So many failures in a row and a gateway is left alone: for a minute, then for twice as
# long each time, up to an hour.
FAILURES_MAX = 5
_ALONE = timedelta(minutes=1)
_ALONE_MAX = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Never:
    """There is nothing to charge, now or later."""


@dataclass(frozen=True, slots=True)
class Later:
    """Not today."""

    on: date


@dataclass(frozen=True, slots=True)
class Held:
    """Not now: its gateway is not to be asked."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Now:
    """At once, at this gateway."""

    gateway: Gateway


Verdict = Never | Later | Held | Now


def collect_on(invoice: Invoice, *, autopay: bool, carded: bool) -> date | None:
    """Return when the card of a new invoice is charged: on its due date, or never.

    One that is due at once and has no card then is left to the client. Source:
    documented (the due date); inferred (a card that comes later, but in time, counts).
    """
    in_time = carded or invoice.due_on > invoice.date
    if autopay and in_time and invoice.amount_outstanding.amount > 0:
        return invoice.due_on
    return None


def chargeable(invoice: Invoice) -> bool:
    """Whether there is anything to charge a card for."""
    return (
        invoice.folder is not Folder.DELETED
        and invoice.unpaid_status is not InvoiceStatus.DRAFT
        and invoice.amount_outstanding.amount > 0
    )


def next_on(invoice: Invoice) -> date | None:
    """Return the day on which an invoice's card is charged next, as it stands now."""
    return invoice.collect_on if chargeable(invoice) else None


def verdict(
    invoice: Invoice,
    gateway: Gateway | None,
    *,
    autopay: bool,
    client_deleted: bool,
    tried: bool,
    waits: bool,
    today: date,
    now: datetime,
) -> Verdict:
    """Return what is to be done about an invoice whose day has come.

    `tried` says that its card was declined before, and `waits` that the profile has
    been charged for another invoice today. Source: documented (autopay is on, something
    is outstanding, there is a card); inferred (no client is charged for several
    invoices of a profile on a day).
    """
    if not autopay or client_deleted:
        return Never()
    if not chargeable(invoice):
        return Never()
    if tried:
        return available(gateway, now)
    if invoice.due_on > today:
        # Its due date was moved after it had become due.
        return Later(invoice.due_on)
    if waits:
        return Later(today + timedelta(days=1))
    return available(gateway, now)


def available(gateway: Gateway | None, now: datetime) -> Held | Now:
    """Return whether a gateway can be asked for a charge, and when to look again."""
    if gateway is None or not gateway.enabled or not gateway.autobill_capable:
        return Held(now + HOLD)
    until = alone_until(gateway, now)
    return Now(gateway) if until is None else Held(until)


def alone_until(gateway: Gateway, now: datetime) -> datetime | None:
    """Return until when a gateway is left alone; None where it may be asked.

    A clock that was set back does not make that longer than it ever is.
    """
    until = gateway.open_until
    if until is None or not now < until <= now + _ALONE_MAX:
        return None
    return until


def after_decline(
    account: Account,
    invoice: Invoice,
    automatic: Sequence[Charge],
    outcome: Declined,
    today: date,
) -> Invoice:
    """Return the invoice after its card was declined: to be tried again, or failed.

    `automatic` are the declined attempts of auto-billing, with this one.
    """
    first_on = max(invoice.due_on, min(each.made_on for each in automatic))
    next_on = retry_plan.next_try_on(
        account.retry_days, first_on, len(automatic), today
    )
    if outcome.hard or next_on is None:
        failed = replace(
            invoice,
            unpaid_status=InvoiceStatus.FAILED,
            collect_on=None,
            held_until=None,
        )
        return settled(failed)
    retried = replace(
        invoice,
        unpaid_status=InvoiceStatus.RETRY,
        collect_on=next_on,
        held_until=None,
    )
    return settled(retried)


def declined_of(charges: Sequence[Charge]) -> list[Charge]:
    """Return the attempts of auto-billing that were declined."""
    return [
        each
        for each in charges
        if each.automatic and each.state is ChargeState.DECLINED
    ]


def after_answer(gateway: Gateway) -> Gateway:
    """Return a gateway after it answered, whatever it said."""
    return replace(gateway, failures=0, open_until=None)


def after_failure(gateway: Gateway, now: datetime, *, probe: bool) -> Gateway:
    """Return a gateway after it gave no answer.

    Those that were sent before it was left alone, and fail late, say nothing new: only
    a `probe` makes the time longer.
    """
    failures = gateway.failures + 1
    if failures < FAILURES_MAX:
        return replace(gateway, failures=failures)
    if gateway.failures >= FAILURES_MAX and not probe:
        return gateway
    times = 2 ** min(failures - FAILURES_MAX, 10)
    alone = min(_ALONE * times, _ALONE_MAX)
    return replace(gateway, failures=failures, open_until=now + alone)


def probed(gateway: Gateway, now: datetime) -> Gateway:
    """Return a gateway while one charge finds out whether it answers again."""
    if gateway.failures < FAILURES_MAX:
        return gateway
    return replace(gateway, open_until=now + _ALONE)
