"""Recurring profiles: the verbs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from app.domain import autobill as autobills
from app.domain import history as told
from app.domain import recurring as rules
from app.domain.account import Account, Caller, Scope
from app.domain.autobill import (
    AutobillRequest,
    CardChosen,
    CardGiven,
    CardKept,
    Former,
)
from app.domain.card import CardToken
from app.domain.charge import Charge
from app.domain.client import Client, new_client
from app.domain.errors import (
    DeletedError,
    InvalidValueError,
    MissingFieldError,
    NotFoundError,
    RefusedError,
)
from app.domain.event import Change as Told
from app.domain.event import Event, What
from app.domain.folder import Folder
from app.domain.invoice import Previewed, due_on
from app.domain.line import Line, LineChanges, replaced, updated
from app.domain.money import Money
from app.domain.paging import Listing, Page
from app.domain.payment import Payment
from app.domain.pricing import price
from app.domain.recurring import (
    Profile,
    ProfileChanges,
    ProfileFilter,
    changed_profile,
    new_profile,
    with_lines,
)
from app.domain.scheduling import AskedRule
from app.domain.unset import UNSET, Maybe, Unset, given
from app.services import card, exchange, issuing, moments
from app.services import gateway as gateways
from app.services.client import check_contacts
from app.services.client import existing as existing_client
from app.services.client import made as made_client
from app.services.ports import Ports
from app.storage import billing_model as models
from app.storage import client as clients
from app.storage import invoice as invoices
from app.storage import payment as paid
from app.storage import recurring as storage
from app.storage import recurring_defaults
from app.storage import tax as taxes
from app.storage.database import reading, writing
from app.storage.events import OF_RECURRING

PREVIEW_MAX = 100
# How many dates before the first of a preview are counted, if they have to be.
_COUNTED_MAX = 10_000

# What a refusal calls by the name of the method that FreshBooks had for it.
_UPDATES = {What.CHANGE_DATE, What.LINES_ADD, What.LINES_UPDATE, What.LINES_DELETE}

Change = Callable[[Profile], Profile]
# The same with what was changed of the card, which is no part of the profile.
CardedChange = Callable[[Profile], tuple[Profile, list[Told]]]
# What is to be done about the card of a profile; None is nothing.
AskedCard = CardGiven | CardKept | CardChosen | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A new profile, and its first invoice if it was due at once."""

    recurring_id: int
    invoice_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a profile's invoices come to, in its currency."""

    total: Money
    paid: Money
    outstanding: Money


def exchanged(
    ports: Ports,
    caller: Caller,
    changes: ProfileChanges,
    recurring_id: int | None = None,
) -> ProfileChanges:
    """Return what a request says, with a token of the gateway's for its card.

    That is for an account that wants it, and for a gateway that can. It is asked
    outside any transaction, and after everything else has been looked at: a request
    that would be refused costs no call. Without an id the profile is a new one.

    Raises: what `create` and `update` do; InvalidValueError where the gateway declines
    the card, RefusedError without its answer.
    """
    asked = changes.autobill
    if not caller.account.tokenise or not isinstance(asked, AutobillRequest):
        return changes
    moment = moments.moment_of(ports, caller.account)
    with reading():
        terms = gateways.terms(ports, moment)
        change = _foreseen(ports, caller, changes, asked, recurring_id)
    if not isinstance(change, CardGiven) or asked.card is None:
        return changes
    gateway = terms.gateway(change.gateway_name)
    if isinstance(change.card.number, CardToken) or gateway.kind not in terms.tokens:
        return changes
    doing = ("create" if recurring_id is None else "update", "recurring")
    token = exchange.token_for(ports, moment, gateway, change.card, doing=doing)
    card_asked = replace(asked.card, number=token)
    return replace(changes, autobill=replace(asked, card=card_asked))


def _foreseen(
    ports: Ports,
    caller: Caller,
    changes: ProfileChanges,
    asked: AutobillRequest,
    recurring_id: int | None,
) -> AskedCard:
    """Return what a request would do to a profile's card, if nothing else is wrong."""
    today, _ = _day_and_moment(ports, caller.account)
    if recurring_id is None:
        client = _client_to_be(caller, changes)
        profile = _new(caller, changes, client, today)
        check_contacts(profile.contacts, client)
    else:
        stored = _existing(storage.get(caller.scope, recurring_id))
        profile = issuing.as_generated(caller.account, stored, today)
        profile = _changed(caller, profile, changes, today)
    former = card.former(ports, caller.account.account_id, profile.recurring_id)
    return _asked_card(ports, caller, profile, asked, former)


def _client_to_be(caller: Caller, changes: ProfileChanges) -> Client:
    """Return the client of a new profile, who may not have been made yet."""
    if isinstance(changes.client, Unset):
        return _named_client(caller, changes)
    _check_one_client(changes)
    return new_client(changes.client, caller.account)


def create(ports: Ports, caller: Caller, changes: ProfileChanges) -> Created:
    """Make a profile; one that starts today has its first invoice issued at once.

    Its client is made with it where the request describes one.

    Raises: MissingFieldError, NotFoundError for the client, InvalidValueError.
    Source: documented.
    """
    account = caller.account
    today, at = _day_and_moment(ports, account)
    with writing(account.account_id):
        client = _client_for(ports, caller, changes)
        profile = _new(caller, changes, client, today)
        check_contacts(profile.contacts, client)
        profile = replace(profile, key=ports.secret())
        recurring_id = storage.insert(account.account_id, profile, at)
        profile = replace(profile, recurring_id=recurring_id)
        found = []
        if isinstance(changes.autobill, AutobillRequest):
            found += _put_card(ports, caller, profile, changes.autobill)
        invoice_id = None
        unbilled: list[Event] = []
        if changes.bill_now:
            after = rules.first_billed(profile, today)
            invoice = issuing.issue_now(ports, account, after, today, at)
            invoice_id = invoice.invoice_id
            found += told.billed(profile, after, invoice_id)
        elif account.auto_generate and profile.schedule.next_on == today:
            issued, (after,) = issuing.issue_next(ports, account, [profile], at)
            for invoice in issued:
                invoice_id = invoice.invoice_id
            found += told.billed(profile, after, invoice_id)
            unbilled = issuing.nothing_due([profile], at)
        _tell(caller, profile, What.CREATE, found, at)
        OF_RECURRING.insert(account.account_id, unbilled)
        return Created(recurring_id=recurring_id, invoice_id=invoice_id)


def _client_for(ports: Ports, caller: Caller, changes: ProfileChanges) -> Client:
    """Return the client of a new profile, which may have to be made first."""
    if not isinstance(changes.client, Unset):
        _check_one_client(changes)
        return made_client(ports, caller, changes.client)
    return _named_client(caller, changes)


def _named_client(caller: Caller, changes: ProfileChanges) -> Client:
    if isinstance(changes.client_id, Unset):
        raise MissingFieldError("client_id")
    return existing_client(caller.scope, changes.client_id)


def _check_one_client(changes: ProfileChanges) -> None:
    if not isinstance(changes.client_id, Unset):
        raise InvalidValueError("client", "Use client_id or client.")


def _new(
    caller: Caller, changes: ProfileChanges, client: Client, today: date
) -> Profile:
    account = caller.account
    return new_profile(
        changes,
        client=client,
        account=account,
        staff_id=caller.staff_id,
        today=today,
        defaults=recurring_defaults.get(account.account_id),
        model=_rule_of_model(account, changes.billing_model_id),
        compound=compound(account),
    )


def update(
    ports: Ports, caller: Caller, recurring_id: int, changes: ProfileChanges
) -> None:
    """Change the named fields of a profile; what was read and sent back is no change.

    Raises: NotFoundError, InvalidValueError, RefusedError.
    Source: documented.
    """
    account = caller.account
    today, _ = _day_and_moment(ports, account)
    if account.ignore_empty_lists and changes.lines == ():
        changes = replace(changes, lines=UNSET)
    if changes.bill_now:
        raise InvalidValueError("bill_now", "Use recurring.billNow.")
    if not isinstance(changes.client, Unset):
        raise InvalidValueError("client", "It is made with a new profile only.")
    changes = exchanged(ports, caller, changes, recurring_id)

    def change(profile: Profile) -> tuple[Profile, list[Told]]:
        changed = _changed(caller, profile, changes, today)
        found = []
        if not isinstance(changes.autobill, Unset):
            found = _change_card(ports, caller, changed, changes.autobill)
        if changed.client_id != profile.client_id:
            given_card = (
                isinstance(changes.autobill, AutobillRequest)
                and changes.autobill.card is not None
                and changes.autobill.card.mask is None
            )
            card.check_owner(
                account.account_id, recurring_id, changed.client_id, given=given_card
            )
        return changed, found

    _apply(ports, caller, recurring_id, change, What.UPDATE)


def _changed(
    caller: Caller, profile: Profile, changes: ProfileChanges, today: date
) -> Profile:
    """Return a profile after an update, but for its card.

    Raises: NotFoundError, InvalidValueError, RefusedError.
    """
    account = caller.account
    client = _client_of(caller.scope, profile, changes)
    model = changes.billing_model_id
    changed = changed_profile(
        profile,
        changes,
        client=client,
        account=account,
        today=today,
        carded=card.stored(account.account_id, profile.recurring_id),
        model=UNSET
        if model == profile.billing_model_id
        else _rule_of_model(account, model),
        compound=compound(account),
    )
    check_contacts(tuple(set(changed.contacts) - set(profile.contacts)), client)
    return changed


def pause(ports: Ports, caller: Caller, recurring_id: int) -> None:
    """Have a profile generate nothing until it is resumed.

    Raises: NotFoundError, RefusedError.
    """
    _change(ports, caller, recurring_id, rules.paused, What.PAUSE)


def resume(ports: Ports, caller: Caller, recurring_id: int) -> None:
    """Have a paused profile bill again, from today on.

    Raises: NotFoundError, RefusedError.
    """
    _awake(ports, caller, recurring_id, rules.resumed, What.RESUME)


def archive(ports: Ports, caller: Caller, recurring_id: int) -> None:
    """Put a profile into the archive, where it generates nothing.

    Raises: NotFoundError, RefusedError.
    """
    _change(ports, caller, recurring_id, rules.archived, What.ARCHIVE)


def restore(ports: Ports, caller: Caller, recurring_id: int) -> None:
    """Take a profile out of the archive, as it was.

    Raises: NotFoundError, RefusedError.
    """
    _awake(ports, caller, recurring_id, rules.restored, What.RESTORE)


def _awake(
    ports: Ports,
    caller: Caller,
    recurring_id: int,
    waking: Callable[[Profile, date], Profile],
    what: What,
) -> None:
    today, _ = _day_and_moment(ports, caller.account)

    def change(profile: Profile) -> Profile:
        client = _client_of(caller.scope, profile, ProfileChanges())
        return rules.of_client(waking(profile, today), client)

    _change(ports, caller, recurring_id, change, what)


def change_date(
    ports: Ports, caller: Caller, recurring_id: int, to: date, *, use_new_day: bool
) -> date | None:
    """Give a profile's next invoice another date; return it, None where none is left.

    Raises: NotFoundError, RefusedError, InvalidValueError.
    """
    today, _ = _day_and_moment(ports, caller.account)

    def change(profile: Profile) -> Profile:
        if _client_of(caller.scope, profile, ProfileChanges()).folder is Folder.DELETED:
            raise RefusedError("update", "recurring", "Its client is deleted.")
        return rules.date_changed(profile, to, today, use_new_day=use_new_day)

    changed = _change(ports, caller, recurring_id, change, What.CHANGE_DATE)
    return rules.next_invoice_on(changed)


def skip(ports: Ports, caller: Caller, recurring_id: int) -> date | None:
    """Pass over a profile's next date; return the one after it, None where none is.

    Raises: NotFoundError, RefusedError.
    """
    changed = _change(ports, caller, recurring_id, rules.skipped, What.SKIP)
    return rules.next_invoice_on(changed)


def bill_now(ports: Ports, caller: Caller, recurring_id: int) -> int:
    """Issue an invoice of today, due or not; return its id.

    Raises: NotFoundError, RefusedError.
    """
    account = caller.account
    today, at = _day_and_moment(ports, account)
    with writing(account.account_id):
        profile = _existing(storage.locked(caller.scope, recurring_id))
        if profile.parked_reason:
            raise RefusedError("bill", "recurring", "Its last invoice failed.")
        doing = ("bill", "recurring")
        profile = issuing.catch_up(ports, account, profile, today, doing)
        if not rules.bills(profile, today):
            raise RefusedError("bill", "recurring", "No line of it counts today.")
        after = rules.billed_now(profile, today)
        invoice = issuing.issue_now(ports, account, after, today, at)
        found = told.billed(profile, after, invoice.invoice_id)
        _tell(caller, profile, What.BILL_NOW, found, at)
        return invoice.invoice_id


def preview(
    ports: Ports,
    caller: Caller,
    asked: int | ProfileChanges,
    *,
    count: int,
    date_from: date | None,
) -> list[Previewed]:
    """Return the next invoices of a profile, stored or not; nothing is saved.

    One that is not stored needs no client.

    Raises: NotFoundError, InvalidValueError as `create` does.
    """
    if not 1 <= count <= PREVIEW_MAX:
        raise InvalidValueError("count", f"Use 1 to {PREVIEW_MAX}.")
    today, _ = _day_and_moment(ports, caller.account)
    with reading():
        if isinstance(asked, int):
            profile = _existing(storage.get(caller.scope, asked))
            profile = issuing.as_generated(caller.account, profile, today)
            now = False
        else:
            profile = _imagined(caller, asked, today)
            now = asked.bill_now
    days = islice(_days(profile, today, date_from, now=now), count)
    # Its lines come to the same on every day on which the same ones count.
    amounts: dict[tuple[bool, ...], Money] = {}
    invoices = []
    for day in days:
        counted = tuple(line.counts(day) for line in profile.lines)
        if counted not in amounts:
            amounts[counted] = price(profile, day).total
        invoices.append(Previewed(day, due_on(profile, day), amounts[counted]))
    return invoices


def _imagined(caller: Caller, changes: ProfileChanges, today: date) -> Profile:
    client = Client(language=caller.account.language)
    if not isinstance(changes.client, Unset):
        _check_one_client(changes)
        client = new_client(changes.client, caller.account)
    elif not isinstance(changes.client_id, Unset):
        client = existing_client(caller.scope, changes.client_id)
    return _new(caller, changes, client, today)


def _days(
    profile: Profile, today: date, date_from: date | None, *, now: bool
) -> Iterator[date]:
    if now:
        if date_from is None or date_from <= today:
            yield today
        profile = rules.first_billed(profile, today)
    yield from rules.upcoming(profile, date_from, _COUNTED_MAX)


def get(ports: Ports, caller: Caller, recurring_id: int) -> Profile:
    """Return a profile.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    account = caller.account
    today, _ = _day_and_moment(ports, account)
    with reading():
        profile = _existing(storage.get(caller.scope, recurring_id))
        shown = card.shown(ports, account.account_id, [recurring_id])
    profile = issuing.as_generated(account, profile, today)
    return replace(profile, autobill=shown.get(recurring_id))


def list_(
    ports: Ports, caller: Caller, narrowed: ProfileFilter, page: Page
) -> Listing[Profile]:
    """Return a page of profiles, the newest first."""
    account = caller.account
    today, _ = _day_and_moment(ports, account)
    with reading():
        listing = storage.page(caller.scope, narrowed, page)
        ids = [profile.recurring_id for profile in listing.rows]
        shown = card.shown(ports, account.account_id, ids)
    profiles = tuple(
        replace(
            issuing.as_generated(account, profile, today),
            autobill=shown.get(profile.recurring_id),
        )
        for profile in listing.rows
    )
    return replace(listing, rows=profiles)


def totals(caller: Caller, profiles: Sequence[Profile]) -> dict[int, Totals]:
    """Return what invoices that the caller sees come to, by profile."""
    currencies = {each.recurring_id: each.currency_code for each in profiles}
    with reading():
        found = invoices.totals(caller.scope, currencies)
    return {
        recurring_id: Totals(
            total=Money.from_minor(total, currency),
            paid=Money.from_minor(paid, currency),
            outstanding=Money.from_minor(outstanding, currency),
        )
        for recurring_id, currency in currencies.items()
        for total, paid, outstanding in [found.get(recurring_id, (0, 0, 0))]
    }


def delete(ports: Ports, caller: Caller, recurring_id: int) -> None:
    """Delete a profile and its card; its invoices stay, no more are made.

    Raises: NotFoundError, RefusedError.
    """
    account = caller.account
    today, at = _day_and_moment(ports, account)
    with writing(account.account_id):
        profile = _existing(storage.locked(caller.scope, recurring_id))
        profile = issuing.catch_up(
            ports, account, profile, today, ("delete", "recurring")
        )
        found = _change_card(ports, caller, profile, None)
        found += told.changes(profile, rules.deleted(profile))
        storage.delete(account.account_id, profile, at)
        _tell(caller, profile, What.DELETE, found, at)


def history(caller: Caller, recurring_id: int, page: Page) -> Listing[Event]:
    """Return a page of what happened to a profile, the newest first.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    with reading():
        _existing(storage.get(caller.scope, recurring_id))
        return OF_RECURRING.page(caller.scope, recurring_id, page)


def payments(
    caller: Caller, recurring_id: int, page: Page
) -> Listing[Payment | Charge]:
    """Return a page of the payments on a profile's invoices, the newest first.

    Attempts at one that were declined, or of which it is not known, are among them.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    with reading():
        _existing(storage.get(caller.scope, recurring_id))
        return paid.page_of_profile(caller.scope, recurring_id, page)


def add_lines(
    ports: Ports, caller: Caller, recurring_id: int, lines: tuple[LineChanges, ...]
) -> list[int]:
    """Append lines to a profile; return their ids.

    Raises: NotFoundError, InvalidValueError, RefusedError.
    """

    def change(profile: Profile) -> Profile:
        added = replaced((), lines, compound=compound(caller.account))
        return with_lines(profile, (*profile.lines, *added))

    stored = _change(ports, caller, recurring_id, change, What.LINES_ADD).lines
    return [line.line_id for line in stored[len(stored) - len(lines) :]]


def update_lines(
    ports: Ports, caller: Caller, recurring_id: int, changes: tuple[LineChanges, ...]
) -> None:
    """Change the named fields of lines of a profile.

    Raises: NotFoundError for a line that is not the profile's, InvalidValueError,
    RefusedError.
    """
    today, _ = _day_and_moment(ports, caller.account)

    def change(profile: Profile) -> Profile:
        names = compound(caller.account)

        def after(amounts: Sequence[Decimal]) -> tuple[Line, ...]:
            return updated(profile.lines, changes, amounts, names)

        return with_lines(profile, after(rules.read_amounts(profile, today, after)))

    _change(ports, caller, recurring_id, change, What.LINES_UPDATE)


def delete_line(ports: Ports, caller: Caller, recurring_id: int, line_id: int) -> None:
    """Delete a line of a profile.

    Raises: NotFoundError, RefusedError.
    """

    def change(profile: Profile) -> Profile:
        lines = tuple(line for line in profile.lines if line.line_id != line_id)
        if len(lines) == len(profile.lines):
            raise NotFoundError("line")
        return with_lines(profile, lines)

    _change(ports, caller, recurring_id, change, What.LINES_DELETE)


def _change(
    ports: Ports, caller: Caller, recurring_id: int, change: Change, what: What
) -> Profile:
    """Apply a change that is none of the card, as `_apply` does."""

    def uncarded(profile: Profile) -> tuple[Profile, list[Told]]:
        return change(profile), []

    return _apply(ports, caller, recurring_id, uncarded, what)


def _apply(
    ports: Ports, caller: Caller, recurring_id: int, change: CardedChange, what: What
) -> Profile:
    """Apply a change in one transaction and return the profile afterwards.

    Days gone by are billed first, by the profile as it was. A change that changes
    nothing writes nothing.
    """
    account = caller.account
    today, at = _day_and_moment(ports, account)
    with writing(account.account_id):
        profile = _existing(storage.locked(caller.scope, recurring_id))
        doing = ("update" if what in _UPDATES else what.value, "recurring")
        profile = issuing.catch_up(ports, account, profile, today, doing)
        changed, of_card = change(profile)
        changed = replace(changed, parked_reason="")
        if changed == profile and not of_card:
            return profile
        found = told.changes(profile, changed) + of_card
        _tell(caller, profile, what, found, at)
        return _stored(account, profile, changed, at)


def _stored(
    account: Account, profile: Profile, changed: Profile, at: datetime
) -> Profile:
    """Store a changed profile and return it, its new lines with their ids."""
    storage.update(account.account_id, changed, profile.folder, at)
    if changed.lines == profile.lines:
        return changed
    ids = storage.replace_lines(account.account_id, changed)
    lines = zip(changed.lines, ids, strict=True)
    numbered = tuple(replace(line, line_id=line_id) for line, line_id in lines)
    return replace(changed, lines=numbered)


def _tell(
    caller: Caller,
    profile: Profile,
    what: What,
    found: Sequence[Told],
    at: datetime,
) -> None:
    """Tell the history of a profile what the caller changed."""
    event = Event(
        of_id=profile.recurring_id,
        client_id=None if told.moved(found) else profile.client_id,
        at=at,
        staff_id=caller.staff_id,
        what=what,
        changes=found,
    )
    OF_RECURRING.insert(caller.account.account_id, [event])


def _change_card(
    ports: Ports, caller: Caller, profile: Profile, asked: AutobillRequest | None
) -> list[Told]:
    """Do what an autobill element asks for; return what that changed.

    A whole new card replaces even one that can no longer be read.
    """
    if asked is not None:
        return _put_card(ports, caller, profile, asked)
    account_id = caller.account.account_id
    former = card.former(ports, account_id, profile.recurring_id)
    if storage.delete_card(account_id, profile.recurring_id):
        return told.of_card(former, None)
    return []


def _put_card(
    ports: Ports, caller: Caller, profile: Profile, asked: AutobillRequest
) -> list[Told]:
    account_id, recurring_id = caller.account.account_id, profile.recurring_id
    former = card.former(ports, account_id, recurring_id)
    change = _asked_card(ports, caller, profile, asked, former)
    if change is None:
        return []
    card.put(ports, account_id, recurring_id, change)
    return told.of_card(former, change)


def _asked_card(
    ports: Ports,
    caller: Caller,
    profile: Profile,
    asked: AutobillRequest,
    former: Former,
) -> AskedCard:
    """Return what an autobill element asks for, None where it changes nothing."""
    terms = gateways.terms(ports, moments.moment_of(ports, caller.account))
    card_id = autobills.chosen_id(asked, former.card_id)
    if card_id is None:
        return autobills.checked(asked, former.shown, terms)
    of_client = card.to_choose(ports, caller.scope, card_id, profile.client_id)
    return autobills.chosen(asked, of_client, former.card_id, terms)


def _existing(profile: Profile | None) -> Profile:
    """Return a profile that is there and not deleted, without its card."""
    if profile is None:
        raise NotFoundError("recurring")
    if profile.folder is Folder.DELETED:
        raise DeletedError("recurring")
    return profile


def _client_of(scope: Scope, profile: Profile, changes: ProfileChanges) -> Client:
    """Return the client that an update names; an unchanged one may be deleted."""
    client_id = given(changes.client_id, profile.client_id)
    if client_id == profile.client_id:
        client = clients.get(scope, client_id)
        if client is not None:
            return client
    return existing_client(scope, client_id)


def _rule_of_model(account: Account, billing_model_id: Maybe[int]) -> Maybe[AskedRule]:
    """Return the rule of the billing model that a request names, if it does.

    Raises: NotFoundError.
    """
    if isinstance(billing_model_id, Unset):
        return UNSET
    model = models.get(account.account_id, billing_model_id)
    if model is None:
        raise NotFoundError("billing_model")
    return model.rule


def compound(account: Account) -> frozenset[str]:
    """Return the names of the account's compound taxes."""
    return taxes.compound_names(account.account_id)


def _day_and_moment(ports: Ports, account: Account) -> tuple[date, datetime]:
    now = ports.now()
    return account.today(now), account.moment(now)
