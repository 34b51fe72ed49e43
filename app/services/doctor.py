"""Checking the books: everything that must hold, whatever happened."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from app.domain import doctor as rules
from app.domain.data_key import WrappedKey
from app.domain.doctor import Finding, Kind
from app.domain.invoice import counted_number
from app.services.card import place_for, place_of_client
from app.services.collecting import place_for as place_of_charge
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import data_key
from app.storage import doctor as storage
from app.storage import payment as payments
from app.storage.database import reading
from app.storage.doctor import KeptCard
from app.vault.keys import KeyProblemError

# Clocks of several machines never agree to the second.
_TOLERATED = timedelta(days=1)

# Called for each row that has been looked at.
Seen = Callable[[], object]


def size(account_ids: Sequence[int]) -> int:
    """Return how many rows will be looked at one by one."""
    with reading():
        return sum(map(storage.size, account_ids))


def database() -> Iterator[Finding]:
    """Yield what is wrong with the database as a whole."""
    with reading():
        for text in storage.damage():
            yield Finding(kind=Kind.DATABASE, said=text)


def orphans(only: int | None = None) -> Iterator[Finding]:
    """Yield the rows, of all accounts or of one, that refer to what is not there."""
    with reading():
        for reference in storage.references():
            for account_id, key in storage.orphans(reference, only):
                yield Finding(
                    kind=Kind.ORPHAN,
                    table=reference.table,
                    account_id=account_id,
                    key=key,
                    said=f"its {reference.parent} is not there",
                )


def books(
    ports: Ports, account_id: int, seen: Seen = lambda: None
) -> Iterator[Finding]:
    """Yield what is wrong with an account's books, at one moment of them."""
    with reading():
        yield from _invoices(account_id, seen)
        yield from _payments(account_id)
        yield from _profiles(ports, account_id, seen)
        yield from _cards(ports, account_id, seen)
        yield from _charges(ports, account_id)
        yield from _files(account_id, seen)
        yield from _counters(account_id)
        yield from _listings(account_id)
        yield from _clock(ports, account_id)


def _invoices(account_id: int, seen: Seen) -> Iterator[Finding]:
    highest = 0
    for invoice_id, invoice in storage.invoices(account_id):
        seen()
        if invoice is None:
            yield _finding(Kind.UNREADABLE, "invoice", account_id, invoice_id)
            continue
        highest = max(highest, counted_number(invoice.number) or 0)
        for kind, position in rules.of_amounts(invoice):
            if position is None:
                yield _finding(kind, "invoice", account_id, invoice_id)
            else:
                key = f"{invoice_id}/{position}"
                yield _finding(kind, "invoice_line", account_id, key)
    if storage.counters(account_id).get(storage.NUMBERS, 0) < highest:
        yield _finding(Kind.COUNTER, "counter", account_id, storage.NUMBERS)


def _payments(account_id: int) -> Iterator[Finding]:
    for payment_id in storage.misplaced(account_id):
        yield _finding(Kind.PAYMENT, "payment", account_id, payment_id)
    for client_id, currency in payments.overdrawn(account_id):
        yield _finding(Kind.CREDIT, "client", account_id, f"{client_id}/{currency}")


def _profiles(ports: Ports, account_id: int, seen: Seen) -> Iterator[Finding]:
    account = accounts.get(account_id)
    if account is None:
        return
    today = account.today(ports.now())
    for recurring_id, profile in storage.profiles(account_id):
        seen()
        kinds = (
            (Kind.UNREADABLE,) if profile is None else rules.of_profile(profile, today)
        )
        for kind in kinds:
            yield _finding(kind, "recurring", account_id, recurring_id)
    for table, row_id, rule in storage.rules_of(account_id):
        if rule is None:
            yield _finding(Kind.UNREADABLE, table, account_id, row_id)
    for key in storage.twice(account_id):
        yield _finding(Kind.TWICE, "recurring", account_id, key)


def _cards(ports: Ports, account_id: int, seen: Seen) -> Iterator[Finding]:
    keys = data_key.all_of(account_id)
    for version, key in list(keys.items()):
        if not _unwraps(ports, account_id, key):
            yield _finding(Kind.DATA_KEY, "data_key", account_id, version)
            # Its cards do not open either, which says nothing new.
            del keys[version]
    for card in storage.cards(account_id):
        seen()
        for kind in _of_card(ports, account_id, card, keys):
            yield _finding(kind, card.table, account_id, card.row_id)
    for recurring_id in storage.cards_of_others(account_id):
        yield _finding(Kind.CARD_OWNER, "autobill", account_id, recurring_id)


def _of_card(
    ports: Ports, account_id: int, card: KeptCard, keys: Mapping[int, WrappedKey]
) -> Iterator[Kind]:
    if card.profile_deleted:
        yield Kind.KEPT_CARD
    if card.key_version is None or card.sealed is None:
        return
    key = keys.get(card.key_version)
    if key is None:
        return
    place_of = place_of_client if card.table == "card" else place_for
    place = place_of(account_id, card.row_id)
    try:
        opened = ports.vault.show(card.sealed, place, key)
    except KeyProblemError:
        yield Kind.CARD
    else:
        if not rules.sane(opened.expiration):
            yield Kind.EXPIRY


def _charges(ports: Ports, account_id: int) -> Iterator[Finding]:
    for table, row_id in storage.misbooked(account_id):
        yield _finding(Kind.CHARGE, table, account_id, row_id)
    for charge_id in storage.adrift(account_id):
        yield _finding(Kind.UNDER_WAY, "charge", account_id, charge_id)
    for invoice_id in storage.overcharged(account_id):
        yield _finding(Kind.OVERCHARGED, "invoice", account_id, invoice_id)
    keys = data_key.all_of(account_id)
    for card in storage.sent_cards(account_id):
        if not card.sent:
            yield _finding(Kind.KEPT_CARD, "charge", account_id, card.charge_id)
        key = keys.get(card.key_version)
        if key is None or not _unwraps(ports, account_id, key):
            # The key is named already.
            continue
        try:
            place = place_of_charge(account_id, card.charge_id)
            ports.vault.show(card.sealed, place, key)
        except KeyProblemError:
            yield _finding(Kind.CARD, "charge", account_id, card.charge_id)


def _unwraps(ports: Ports, account_id: int, key: WrappedKey) -> bool:
    try:
        ports.vault.prove(account_id, key)
    except KeyProblemError:
        return False
    return True


def _files(account_id: int, seen: Seen) -> Iterator[Finding]:
    for attachment_id, file in storage.files(account_id):
        seen()
        if not rules.right_file(file):
            yield _finding(Kind.FILE, "attachment", account_id, attachment_id)


def _counters(account_id: int) -> Iterator[Finding]:
    given = storage.counters(account_id)
    for noun in storage.COUNTED:
        if given.get(noun, 0) < storage.highest(account_id, noun):
            yield _finding(Kind.COUNTER, "counter", account_id, noun)


def _listings(account_id: int) -> Iterator[Finding]:
    for noun in storage.LISTED:
        counted = storage.counted(account_id, noun)
        for key in rules.differing(counted, storage.blocks(account_id, noun)):
            table = "listing_block"
            yield _finding(Kind.LISTING, table, account_id, f"{noun}/{key}")


def _clock(ports: Ports, account_id: int) -> Iterator[Finding]:
    """Compare a test clock with the dates of invoices, the real one with changes."""
    found = accounts.get(account_id)
    if found is not None and found.clock_on is not None:
        billed_on = storage.latest_on(account_id)
        behind = billed_on is not None and billed_on > found.clock_on
    else:
        changed_at = storage.latest_at(account_id)
        behind = changed_at is not None and changed_at > ports.now() + _TOLERATED
    if behind:
        yield _finding(Kind.CLOCK, "account", account_id, account_id)


def _finding(kind: Kind, table: str, account_id: int, key: int | str) -> Finding:
    return Finding(kind=kind, table=table, account_id=account_id, key=str(key))
