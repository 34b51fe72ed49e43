"""What happened to profiles, invoices and payments: written once, never changed."""

import json
from collections.abc import Iterable
from typing import Any

from app.domain.account import Scope
from app.domain.event import Change, Event, What
from app.domain.paging import Listing, Page
from app.storage import database, rows, scope, staff, tables


class Events:
    """What happened to the rows of one noun."""

    def __init__(self, table: Any, key: Any) -> None:
        """Keep what happened in a table; `key` is the column of the noun's id."""
        self._table = table
        self._key = key
        name, of = table._meta.table_name, key.name  # noqa: SLF001
        # One statement, so that the number is known to nobody before the row is there.
        # Whoever tells of a row has it locked, so that two never find the same number.
        self._insert = (
            f"INSERT INTO {name} "  # noqa: S608 - the names are ours
            f"(account_id, {of}, number, client_id, at, staff_id, what, changes) "
            f"SELECT ?, ?, COALESCE(MAX(number), 0) + 1, ?, ?, ?, ?, ? FROM {name} "
            f"WHERE account_id = ? AND {of} = ?"
        )

    def insert(self, account_id: int, events: Iterable[Event]) -> None:
        """Store what happened, each to a row that the transaction has locked."""
        stored = [self._row(account_id, event) for event in events]
        if len(stored) == 1:
            database.execute(self._insert, stored[0])
        elif stored:
            sql = database.proxy.obj.translated(self._insert)
            database.execute_many(sql, stored)

    def page(self, within: Scope, of_id: int, page: Page) -> Listing[Event]:
        """Return a page of what happened to a row, the newest first.

        A person sees what happened while it was one of their clients', and not how it
        came to be or ceased to be: that tells of another client too.
        """
        account_id, table = within.account_id, self._table
        every = table.select().where(
            table.account_id == account_id,
            self._key == of_id,
            *scope.conditions(within, table.client_id),
        )
        total = every.count()
        if page.offset >= total:
            return Listing(rows=(), page=page, total=total)
        newest = every.order_by(table.number.desc())
        found = rows.dicts(newest.limit(page.size).offset(page.offset))
        names = staff.usernames(account_id, {row["staff_id"] for row in found} - {None})
        events = tuple(
            self._event(row, names.get(row["staff_id"], "")) for row in found
        )
        return Listing(rows=events, page=page, total=total)

    def _row(self, account_id: int, event: Event) -> tuple[Any, ...]:
        key = (account_id, event.of_id)
        told = [(change.field, change.old, change.new) for change in event.changes]
        return (
            *key,
            event.client_id,
            self._table.at.db_value(event.at),
            event.staff_id,
            event.what,
            json.dumps(told, ensure_ascii=False),
            *key,
        )

    def _event(self, row: dict[str, Any], username: str) -> Event:
        return Event(
            of_id=row[self._key.name],
            client_id=row["client_id"],
            number=row["number"],
            at=row["at"],
            staff_id=row["staff_id"],
            username=username,
            what=What(row["what"]),
            changes=[Change(*texts) for texts in json.loads(row["changes"])],
        )


OF_RECURRING = Events(tables.RecurringEvent, tables.RecurringEvent.recurring_id)
OF_INVOICE = Events(tables.InvoiceEvent, tables.InvoiceEvent.invoice_id)
OF_PAYMENT = Events(tables.PaymentEvent, tables.PaymentEvent.payment_id)
