"""The history of profiles: what was changed in each."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from app.domain import frequency
from app.domain.autobill import (
    Autobill,
    CardChosen,
    CardGiven,
    CardKept,
    Former,
)
from app.domain.event import (
    Change,
    change,
    day,
    differing,
    discounts,
    flag,
    number,
    of_lines,
    taxes,
)
from app.domain.recurring import Profile, ProfileState
from app.domain.schedule import Dates

# What the server changes by itself when it has billed the last date.
COMPLETED = (Change("state", ProfileState.ACTIVE, ProfileState.COMPLETED),)


def changes(before: Profile, after: Profile) -> list[Change]:
    """Return what differs between two states of a profile, but for its card."""
    found = differing(_told(before), _told(after))
    if after.lines != before.lines:
        found += of_lines(before.lines, after.lines)
    return found


def moved(found: Iterable[Change]) -> bool:
    """Whether the profile went from one client to another."""
    return any(each.field == "client_id" for each in found)


def billed(before: Profile, after: Profile, invoice_id: int | None) -> list[Change]:
    """Return what a request changed that had a date billed, if there was anything."""
    made = [] if invoice_id is None else [Change("invoice_id", "", str(invoice_id))]
    return [*made, *changes(before, after)]


def parked(reason: str) -> list[Change]:
    """Return what is told of a profile whose billing failed, by its parked reason."""
    return [change("parked", "", _kind(reason))]


def nothing_due(on: date) -> list[Change]:
    """Return what is told of a profile that has no line for its date."""
    return [Change("next_issue_date", day(on), "")]


def card(gateway_name: str, masked: str) -> str:
    """Return what is told of a card: its gateway and its mask, or that it has none."""
    return f"{gateway_name} {masked or '(unreadable)'}"


def of_card(
    former: Former, asked: CardGiven | CardKept | CardChosen | None
) -> list[Change]:
    """Return what a request changed of a profile's card; None took it away.

    A card that was given is told of even where its mask is that of the former. Of a
    stored one's holder and expiry it is told that they were changed, and no more.
    """
    if isinstance(asked, CardKept):
        return _of_kept(former.shown, former.told, asked)
    new, new_id = "", None
    if isinstance(asked, CardGiven):
        new = card(asked.gateway_name, asked.card.number.masked)
    elif asked is not None:
        new, new_id = card(asked.gateway_name, asked.number), asked.card_id
    found = [Change("autobill", former.told, new)] if former.told or new else []
    if former.card_id != new_id:
        old_id = str(former.card_id or "")
        found.append(Change("autobill/card_id", old_id, str(new_id or "")))
    return found


def _of_kept(stored: Autobill | None, old: str, asked: CardKept) -> list[Change]:
    if stored is None:
        raise ValueError("there is no card to keep")
    found = []
    if asked.gateway_name != stored.gateway_name:
        new = card(asked.gateway_name, stored.card.number)
        found.append(Change("autobill", old, new))
    if asked.name != stored.card.name:
        found.append(Change("autobill/card/name", "", ""))
    if asked.expiration != stored.card.expiration:
        found.append(Change("autobill/card/expiration", "", ""))
    return found


def _told(profile: Profile) -> dict[str, str]:
    """Return the fields of a profile as texts, but for its lines and its card."""
    of = profile.schedule
    rule = of.rule
    buffer_days = rule.buffer_days if isinstance(rule, Dates) else 0
    anchor_on = None if of.anchor_on == profile.start_on else of.anchor_on
    return {
        "client_id": str(profile.client_id),
        "contacts": ", ".join(map(str, profile.contacts)),
        **asdict(profile.bill_to),
        "state": profile.shown_state,
        "folder": profile.folder,
        "frequency": frequency.words(rule),
        "date": day(profile.start_on),
        "occurrences": str(of.occurrences),
        "schedule/start_date": day(anchor_on),
        "schedule/buffer_days": str(buffer_days),
        "schedule/end_date": day(of.end_on),
        "next_issue_date": day(of.next_on),
        "use_new_day": flag(value=of.use_new_day),
        "last_invoice_date": day(of.last_billed_on),
        "po_number": profile.po_number,
        "currency_code": profile.currency_code,
        "language": profile.language,
        "notes": profile.notes,
        "terms": profile.terms,
        "discount": number(profile.discount),
        "return_uri": profile.return_uri,
        "send_snail_mail": flag(value=profile.send_snail_mail),
        "send_email": flag(value=profile.send_email),
        "title": profile.title,
        "due_days": str(profile.due_days),
        "invoice_status": profile.invoice_status,
        "autopay": flag(value=profile.autopay),
        "send_receipt": profile.send_receipt,
        "attributes": ", ".join(f"{a.name}: {a.value}" for a in profile.attributes),
        "default_tax": taxes([profile.default_tax] if profile.default_tax else []),
        "taxes": taxes(profile.taxes),
        "discounts": discounts(profile.discounts),
        "billing_model_id": str(profile.billing_model_id or ""),
        "parked": _kind(profile.parked_reason),
    }


def _kind(parked_reason: str) -> str:
    """Return the kind of error of a parked reason, which begins with the date."""
    return parked_reason.rpartition(" ")[2]
