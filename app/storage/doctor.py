"""What the doctor reads: rows as they are stored, streamed, account by account."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from app.domain.doctor import StoredFile, StoredInvoice, StoredLine, StoredProfile
from app.domain.folder import Folder
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import Line
from app.domain.recurring import ProfileState
from app.domain.scheduling import AskedRule
from app.storage import charges, database, recurring, rules, tables
from app.storage.fields import DayField, InstantField
from app.storage.listing import BLOCK

T = TypeVar("T")
Row = tuple[Any, ...]

# Where each counter's ids are; invoice numbers are texts, looked at one by one.
COUNTED = {
    "client": ("client", "client_id"),
    "contact": ("contact", "contact_id"),
    "recurring": ("recurring", "recurring_id"),
    "recurring_line": ("recurring_line", "line_id"),
    "billing_model": ("billing_model", "billing_model_id"),
    "item": ("item", "item_id"),
    "tax": ("tax", "tax_id"),
    "discount": ("discount", "discount_id"),
    "category": ("category", "category_id"),
    "invoice": ("invoice", "invoice_id"),
    "invoice_line": ("invoice_line", "line_id"),
    "outgoing": ("outgoing", "outgoing_id"),
    "payment": ("payment", "payment_id"),
    "attachment": ("attachment", "attachment_id"),
    "card": ("card", "card_id"),
}
# A charge has the id of the payment that comes of it.
_SHARED = {"payment": ("charge", "charge_id")}
NUMBERS = "invoice_number"
LISTED = ("client", "recurring", "invoice", "item", "payment", "card")
_READ = ("invoice", "recurring", "autobill", "card", "attachment")

_FOREIGN_KEY = re.compile(r"FOREIGN KEY \((.+?)\) REFERENCES (\w+) \((.+?)\)")
_DAYS = (
    "anchor_on",
    "end_on",
    "next_on",
    "last_billed_on",
    "passed_on",
    "skipped_on",
    "billed_now_on",
    "moved_to",
    "moved_on",
)
# What a row shows of itself where its key is not to be shown.
_SHOWN = {"token": ("staff_id",)}
_DAY = DayField()
_INSTANT = InstantField()

_INVOICES = """
    SELECT invoice_id, number, date, discount, default_tax, taxes, discounts,
      currency_code, amount_minor, paid_minor,
      (SELECT COALESCE(SUM(payment.amount_minor), 0) FROM payment
        WHERE payment.account_id = invoice.account_id
        AND payment.invoice_id = invoice.invoice_id AND payment.folder <> 'deleted'),
      status, unpaid_status, auto_paid,
      EXISTS (SELECT 1 FROM payment
        WHERE payment.account_id = invoice.account_id
        AND payment.invoice_id = invoice.invoice_id AND payment.folder <> 'deleted'
        AND payment.automatic)
    FROM invoice WHERE account_id = ? ORDER BY invoice_id
"""
_LINES = """
    SELECT invoice_id, position, amount_minor, unit_cost, quantity, tax1_name,
      tax2_name, tax1_percent, tax2_percent, percent, taxable, start_on, end_on,
      tax1_compound, tax2_compound
    FROM invoice_line WHERE account_id = ? ORDER BY invoice_id, position
"""
_MISPLACED = """
    SELECT payment_id FROM payment JOIN invoice
      ON invoice.account_id = payment.account_id
      AND invoice.invoice_id = payment.invoice_id
    WHERE payment.account_id = ? AND payment.folder <> 'deleted'
      AND (payment.client_id <> invoice.client_id
        OR payment.currency_code <> invoice.currency_code)
    ORDER BY payment_id
"""
_PROFILES = """
    SELECT recurring_id, rule, anchor_on, end_on, next_on, occurrences, billed_count,
      last_billed_on, passed_on, skipped_on, billed_now_on, moved_to, use_new_day,
      moved_on, state, recurring.folder, client.folder,
      (SELECT COUNT(*) FROM invoice WHERE invoice.account_id = recurring.account_id
        AND invoice.recurring_id = recurring.recurring_id),
      (SELECT MAX(billed_on) FROM invoice
        WHERE invoice.account_id = recurring.account_id
        AND invoice.recurring_id = recurring.recurring_id)
    FROM recurring LEFT JOIN client ON client.account_id = recurring.account_id
      AND client.client_id = recurring.client_id
    WHERE recurring.account_id = ? ORDER BY recurring_id
"""
_TWICE = """
    SELECT recurring_id, billed_on FROM invoice
    WHERE account_id = ? AND recurring_id IS NOT NULL
    GROUP BY recurring_id, billed_on HAVING COUNT(*) > 1
"""
_FILES = """
    SELECT attachment.attachment_id, folder, size, digest, data
    FROM attachment LEFT JOIN attachment_content
      ON attachment_content.account_id = attachment.account_id
      AND attachment_content.attachment_id = attachment.attachment_id
    WHERE attachment.account_id = ? ORDER BY attachment.attachment_id, position
"""
_CARDS = """
    SELECT autobill.recurring_id, key_version, sealed, folder
    FROM autobill LEFT JOIN recurring ON recurring.account_id = autobill.account_id
      AND recurring.recurring_id = autobill.recurring_id
    WHERE autobill.account_id = ? ORDER BY autobill.recurring_id
"""
_CARDS_OF_CLIENTS = """
    SELECT card_id, key_version, sealed FROM card WHERE account_id = ? ORDER BY card_id
"""
_CARDS_OF_OTHERS = """
    SELECT autobill.recurring_id FROM autobill
    JOIN recurring ON recurring.account_id = autobill.account_id
      AND recurring.recurring_id = autobill.recurring_id
    JOIN card ON card.account_id = autobill.account_id
      AND card.card_id = autobill.card_id
    WHERE autobill.account_id = ? AND card.client_id <> recurring.client_id
    ORDER BY autobill.recurring_id
"""
_MISBOOKED = """
    SELECT charge_id FROM charge LEFT JOIN payment
      ON payment.account_id = charge.account_id
      AND payment.payment_id = charge.charge_id
    WHERE charge.account_id = ?
      AND ((state = 'captured') <> (payment.payment_id IS NOT NULL)
        OR payment.invoice_id IS NULL AND payment.payment_id IS NOT NULL
        OR payment.invoice_id <> charge.invoice_id
        OR payment.gateway_name <> charge.gateway_name
        OR payment.reference <> charge.reference
        OR payment.automatic <> charge.automatic
        OR payment.currency_code <> charge.currency_code
        OR payment.amount_minor <> charge.amount_minor)
    ORDER BY charge_id
"""
_UNCHARGED = """
    SELECT payment_id FROM payment
    WHERE account_id = ? AND gateway_name <> '' AND NOT EXISTS (SELECT 1 FROM charge
      WHERE charge.account_id = payment.account_id
      AND charge.charge_id = payment.payment_id)
    ORDER BY payment_id
"""
_ADRIFT = """
    SELECT charge_id FROM charge
    WHERE account_id = ?
      AND ((state IN ('prepared', 'sent', 'unknown')) <> (check_at IS NOT NULL)
        OR state IN ('sent', 'unknown') AND sealed IS NULL
        OR state IN ('prepared', 'sent', 'unknown', 'parked')
          AND EXISTS (SELECT 1 FROM charge AS other
            WHERE other.account_id = charge.account_id
            AND other.invoice_id = charge.invoice_id
            AND other.charge_id < charge.charge_id
            AND other.state IN ('prepared', 'sent', 'unknown', 'parked')))
    ORDER BY charge_id
"""
_OVERCHARGED = """
    SELECT invoice.invoice_id FROM charge
    JOIN payment ON payment.account_id = charge.account_id
      AND payment.payment_id = charge.charge_id AND payment.folder <> 'deleted'
    JOIN invoice ON invoice.account_id = charge.account_id
      AND invoice.invoice_id = charge.invoice_id
    WHERE charge.account_id = ? AND charge.state = 'captured'
    GROUP BY invoice.invoice_id, invoice.amount_minor
    HAVING COUNT(*) > 1 AND SUM(payment.amount_minor) > invoice.amount_minor
    ORDER BY invoice.invoice_id
"""
_SENT_CARDS = """
    SELECT charge_id, key_version, sealed, state FROM charge
    WHERE account_id = ? AND sealed IS NOT NULL ORDER BY charge_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Columns of a table that name a row of another; none where one of them is NULL."""

    table: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCard:
    """A card as it is stored: a client's, or that of a profile, deleted or not.

    Nothing is sealed of one that a profile has of its client, nor of a deleted one.
    """

    table: str
    row_id: int
    key_version: int | None
    sealed: bytes | None
    profile_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCard:
    """The card of a charge as it is stored, and whether that was sent with it."""

    charge_id: int
    key_version: int
    sealed: bytes
    sent: bool


def damage() -> Iterator[str]:
    """Yield what the database itself finds wrong, in its own words."""
    yield from database.proxy.obj.damage()


def references() -> list[Reference]:
    """Return every reference of one row to another: the declared, and others."""
    declared = [
        Reference(
            table=model._meta.table_name,  # noqa: SLF001
            columns=_names(columns),
            parent=parent,
            keys=_names(keys),
        )
        for model in tables.ALL
        for constraint in model._meta.constraints or ()  # noqa: SLF001
        for columns, parent, keys in _FOREIGN_KEY.findall(constraint.sql)
    ]
    people = ("account_id", "staff_id")
    others = [
        Reference(table=table, columns=people, parent="staff", keys=people)
        for table in (
            "recurring",
            "invoice",
            "recurring_event",
            "invoice_event",
            "payment_event",
            "charge",
        )
    ]
    charged = Reference(
        table="charge",
        columns=("account_id", "card_id"),
        parent="card",
        keys=("account_id", "card_id"),
    )
    parents = Reference(
        table="category",
        columns=("account_id", "parent_id"),
        parent="category",
        keys=("account_id", "category_id"),
    )
    return [*declared, *others, charged, parents]


def orphans(reference: Reference, account_id: int | None) -> Iterator[tuple[int, str]]:
    """Yield account and key of the rows whose reference leads nowhere."""
    pairs = zip(reference.keys, reference.columns, strict=True)
    shown = ", ".join(f"c.{name}" for name in _key(reference.table))
    joined = " AND ".join(f"p.{key} = c.{column}" for key, column in pairs)
    given = " AND ".join(f"c.{column} IS NOT NULL" for column in reference.columns)
    narrowed = "" if account_id is None else " AND c.account_id = ?"
    found = _streamed(
        f"SELECT c.account_id, {shown} FROM {reference.table} c "  # noqa: S608
        f"LEFT JOIN {reference.parent} p ON {joined} "
        f"WHERE p.{reference.keys[0]} IS NULL AND {given}{narrowed}",
        () if account_id is None else (account_id,),
    )
    for row in found:
        yield row[0], "/".join(map(str, row[1:]))


def size(account_id: int) -> int:
    """Return how many rows of an account are looked at one by one."""
    return sum(
        _value(f"SELECT COUNT(*) FROM {table} WHERE account_id = ?", account_id)  # noqa: S608
        for table in _READ
    )


def invoices(account_id: int) -> Iterator[tuple[int, StoredInvoice | None]]:
    """Yield the account's invoices by id; None for one that cannot be read."""
    lines = groupby(_streamed(_LINES, (account_id,)), key=itemgetter(0))
    of, rows = next(lines, (None, iter(())))
    for row in _streamed(_INVOICES, (account_id,)):
        invoice_id = row[0]
        # Lines of no invoice are orphans, and found as such.
        while of is not None and of < invoice_id:
            of, rows = next(lines, (None, iter(())))
        own = list(rows) if of == invoice_id else []
        yield invoice_id, _read(_invoice, (*row, own))


def misplaced(account_id: int) -> Iterator[int]:
    """Yield the payments whose invoice is of another client or currency."""
    for (payment_id,) in _streamed(_MISPLACED, (account_id,)):
        yield payment_id


def profiles(account_id: int) -> Iterator[tuple[int, StoredProfile | None]]:
    """Yield the account's profiles by id; None for one that cannot be read."""
    for row in _streamed(_PROFILES, (account_id,)):
        yield row[0], _read(_profile, row)


def rules_of(account_id: int) -> Iterator[tuple[str, int, AskedRule | None]]:
    """Yield table, key and rule of models and defaults; None for one that is none."""
    for table, key in (
        ("billing_model", "billing_model_id"),
        ("recurring_defaults", "account_id"),
    ):
        sql = f"SELECT {key}, rule FROM {table} WHERE account_id = ? ORDER BY {key}"  # noqa: S608
        for row_id, text in _streamed(sql, (account_id,)):
            yield table, row_id, _read(lambda row: rules.asked(row[0]), (text,))


def twice(account_id: int) -> Iterator[str]:
    """Yield profile and date of what has been billed more than once."""
    for recurring_id, day in _streamed(_TWICE, (account_id,)):
        yield f"{recurring_id}/{day}"


def cards(account_id: int) -> Iterator[KeptCard]:
    """Yield the account's cards, those of profiles and those of clients."""
    for recurring_id, version, sealed, folder in _streamed(_CARDS, (account_id,)):
        yield KeptCard(
            table="autobill",
            row_id=recurring_id,
            key_version=version,
            sealed=None if sealed is None else bytes(sealed),
            profile_deleted=folder == Folder.DELETED,
        )
    for card_id, version, sealed in _streamed(_CARDS_OF_CLIENTS, (account_id,)):
        yield KeptCard(
            table="card",
            row_id=card_id,
            key_version=version,
            sealed=None if sealed is None else bytes(sealed),
            profile_deleted=False,
        )


def cards_of_others(account_id: int) -> list[int]:
    """Return the profiles that use a card of another client's."""
    found = database.execute(_CARDS_OF_OTHERS, (account_id,)).fetchall()
    return [recurring_id for (recurring_id,) in found]


def misbooked(account_id: int) -> Iterator[tuple[str, int]]:
    """Yield charges without their payment, and payments without their charge."""
    for charge_id in _ids(_MISBOOKED, account_id):
        yield "charge", charge_id
    for payment_id in _ids(_UNCHARGED, account_id):
        yield "payment", payment_id


def adrift(account_id: int) -> Iterator[int]:
    """Yield charges that nobody looks after, or that are one too many."""
    return _ids(_ADRIFT, account_id)


def overcharged(account_id: int) -> Iterator[int]:
    """Yield invoices of which several charges took more than they come to."""
    return _ids(_OVERCHARGED, account_id)


def sent_cards(account_id: int) -> Iterator[SentCard]:
    """Yield the cards that charges keep."""
    for charge_id, version, sealed, state in _streamed(_SENT_CARDS, (account_id,)):
        yield SentCard(
            charge_id=charge_id,
            key_version=version,
            sealed=bytes(sealed),
            sent=state in ("sent", "unknown", "parked"),
        )


def files(account_id: int) -> Iterator[tuple[int, StoredFile]]:
    """Yield the account's attachments by id."""
    found = groupby(_streamed(_FILES, (account_id,)), key=itemgetter(0, 1, 2, 3))
    for (attachment_id, folder, size, digest), pieces in found:
        hashed, found_size = hashlib.sha256(), 0
        for piece in (row[4] for row in pieces if row[4] is not None):
            hashed.update(piece)
            found_size += len(piece)
        yield (
            attachment_id,
            StoredFile(
                deleted=folder == Folder.DELETED,
                size=size,
                digest=digest,
                found_size=found_size,
                found_digest=hashed.hexdigest(),
            ),
        )


def counters(account_id: int) -> dict[str, int]:
    """Return the last id that was given of each noun."""
    return dict(
        database.execute(
            "SELECT noun, last_id FROM counter WHERE account_id = ?", (account_id,)
        ).fetchall()
    )


def highest(account_id: int, noun: str) -> int:
    """Return the highest id that a row of a noun has."""
    places = [COUNTED[noun], *([_SHARED[noun]] if noun in _SHARED else [])]
    return max(
        int(
            _value(
                f"SELECT COALESCE(MAX({column}), 0) FROM {table} WHERE account_id = ?",  # noqa: S608
                account_id,
            )
        )
        for table, column in places
    )


def counted(account_id: int, noun: str) -> list[tuple[int, str, int]]:
    """Return how many rows of a noun there are by block of ids and folder."""
    rows: list[tuple[int, str, int]] = database.execute(
        f"SELECT {noun}_id / {BLOCK}, folder, COUNT(*) FROM {noun} "  # noqa: S608
        "WHERE account_id = ? GROUP BY 1, 2",
        (account_id,),
    ).fetchall()
    return rows


def blocks(account_id: int, noun: str) -> list[tuple[int, str, int]]:
    """Return how many rows of a noun are kept to be there."""
    rows: list[tuple[int, str, int]] = database.execute(
        "SELECT block, folder, size FROM listing_block "
        "WHERE account_id = ? AND noun = ?",
        (account_id, noun),
    ).fetchall()
    return rows


def latest_on(account_id: int) -> date | None:
    """Return the latest date of the account's invoices."""
    return _DAY.python_value(
        _value("SELECT MAX(date) FROM invoice WHERE account_id = ?", account_id)
    )


def latest_at(account_id: int) -> datetime | None:
    """Return when anything of the account's was changed last."""
    found = [
        _value(f"SELECT MAX(updated_at) FROM {table} WHERE account_id = ?", account_id)  # noqa: S608
        for table in LISTED
    ]
    instants = [instant for value in found if (instant := _INSTANT.python_value(value))]
    return max(instants, default=None)


def _invoice(row: Row) -> StoredInvoice:
    _, number, day, discount, default, taxes, discounts, currency_code, *rest = row
    amount_minor, paid_minor, payments_minor, status, unpaid_status, *paid, lines = rest
    auto_paid, automatic = paid
    date_ = _DAY.python_value(day)
    if date_ is None:
        raise ValueError("an invoice has a date")
    return StoredInvoice(
        number=number,
        date=date_,
        discount=Decimal(discount),
        default_tax=next(iter(charges.taxes(default)), None),
        taxes=charges.taxes(taxes),
        discounts=charges.discounts(discounts),
        currency_code=currency_code,
        amount_minor=int(amount_minor),
        paid_minor=int(paid_minor),
        payments_minor=int(payments_minor),
        status=InvoiceStatus(status),
        unpaid_status=InvoiceStatus(unpaid_status),
        auto_paid=bool(auto_paid),
        payments_automatic=bool(automatic),
        stored_lines=[_line(line) for line in lines],
    )


def _line(row: Row) -> StoredLine:
    _, position, amount, unit_cost, quantity, name1, name2, *rest = row
    percent1, percent2, percent, taxable, start_on, end_on, compound1, compound2 = rest
    return StoredLine(
        position=position,
        amount_minor=int(amount),
        line=Line(
            unit_cost=Decimal(unit_cost),
            quantity=Decimal(quantity),
            tax1_name=name1,
            tax2_name=name2,
            tax1_percent=Decimal(percent1),
            tax2_percent=Decimal(percent2),
            percent=None if percent is None else Decimal(percent),
            taxable=bool(taxable),
            start_on=_DAY.python_value(start_on),
            end_on=_DAY.python_value(end_on),
            tax1_compound=bool(compound1),
            tax2_compound=bool(compound2),
        ),
    )


def _profile(row: Row) -> StoredProfile:
    names = ("rule", *recurring.SCHEDULE)
    of = dict(zip(names, row[1:], strict=False))
    of |= {name: _DAY.python_value(of[name]) for name in names if name in _DAYS}
    if of["anchor_on"] is None:
        raise ValueError("a schedule begins somewhere")
    state, folder, client_folder, count, latest = row[len(names) + 1 :]
    return StoredProfile(
        schedule=recurring.schedule(of),
        state=ProfileState(state),
        folder=Folder(folder),
        # Without a client at all there is nothing to bill either.
        client_deleted=client_folder in (None, Folder.DELETED),
        invoices=count,
        latest_on=_DAY.python_value(latest),
    )


def _read(build: Callable[[Row], T], row: Row) -> T | None:
    try:
        return build(row)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None


def _streamed(sql: str, parameters: Sequence[Any]) -> Iterator[Row]:
    engine = database.proxy.obj
    rows: Iterator[Row] = engine.streamed(engine.translated(sql), parameters)
    return rows


def _ids(sql: str, account_id: int) -> Iterator[int]:
    for (row_id,) in _streamed(sql, (account_id,)):
        yield row_id


def _value(sql: str, account_id: int) -> Any:
    return database.execute(sql, (account_id,)).fetchone()[0]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def _key(table: str) -> Sequence[str]:
    """Return the columns that tell a row of an account from its others."""
    if table in _SHOWN:
        return _SHOWN[table]
    (names,) = (
        model._meta.get_primary_keys()  # type: ignore[no-untyped-call]  # noqa: SLF001
        for model in tables.ALL
        if model._meta.table_name == table  # noqa: SLF001
    )
    columns = [key.column_name for key in names]
    # There may be one row of an account at most.
    return [name for name in columns if name != "account_id"] or columns
