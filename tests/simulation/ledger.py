"""What must be in the database: followed commit by commit, beside the product.

The ledger sees each commit as it happens, and nothing but the database and what actors
asked for. It ends the simulation at the first difference.
"""

import copy
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from tests.simulation import meanings, oracle, till
from tests.simulation.books import Books, Finding, Profile, Request
from tests.simulation.oracle import Line
from tests.simulation.rhythm import DAY

_PROFILES = """
SELECT account_id, recurring_id, next_on, billed_count, last_billed_on, state, folder,
  parked_reason <> '', moved_to, use_new_day FROM recurring
"""
_PROFILE = _PROFILES + "WHERE account_id = ? AND recurring_id = ?"
_INVOICES = """
SELECT rowid, account_id, invoice_id, number, client_id, recurring_id, date, status,
  folder, organization, notes, discount, currency_code, amount_minor, paid_minor,
  unpaid_status, (SELECT COUNT(*) FROM outgoing WHERE outgoing.account_id =
  invoice.account_id AND outgoing.invoice_id = invoice.invoice_id), due_on, collect_on
FROM invoice WHERE rowid > ? ORDER BY rowid
"""
_COUNTED = "(SELECT * FROM invoice WHERE number NOT LIKE 'No %')"
_INVOICE_ID = re.compile(rb"<invoice_id>(\d+)</invoice_id>")
_LINE = (
    "name, unit_cost, quantity, tax1_name, tax1_percent, tax2_name, tax2_percent, "
    "start_on, end_on"
)
_INVOICE_LINES = f"""
SELECT account_id, invoice_id, {_LINE}, amount_minor FROM invoice_line
WHERE account_id = ? AND invoice_id = ? ORDER BY position
"""  # noqa: S608 - the names are our own
_LINES = f"""
SELECT line_id, {_LINE} FROM recurring_line
WHERE account_id = ? AND recurring_id = ? ORDER BY position
"""  # noqa: S608 - the names are our own


class Ledger:
    """The books of all accounts, and the eye on the database."""

    def __init__(self, connection: sqlite3.Connection, books: Iterable[Books]) -> None:
        self.books = {of.account_id: of for of in books}
        self._database = connection
        self._last_rowid = 0
        self._profiles: dict[tuple[int, int], tuple[Any, ...]] = {}
        # Requests that have not been answered.
        self.open: Collection[Request] = ()
        self.commits = 0
        self.counts_money = False
        # The ids that charges had, by account.
        self.charged: defaultdict[int, set[int]] = defaultdict(set)

    def committed(self, request: Request | None) -> None:
        """Look at what one commit made visible.

        Raises: Finding.
        """
        for each in self.open:
            self._see_refusals(each)
        self.commits += 1
        self._see_clocks()
        invoices = self._rows(_INVOICES, self._last_rowid)
        asked = request if request is not None and not request.seen else None
        found = None if asked is None else self._effect(asked)
        if asked is not None and found and asked.kind in meanings.OF_MONEY:
            asked.seen = True
            self._bill_all(invoices)
        elif asked is not None and found:
            asked.seen = True
            self._apply_on_some_day(asked, found, invoices)
        else:
            self._bill_all(invoices)
        if invoices:
            self._last_rowid = invoices[-1][0]
        self._compare()
        for books in self.books.values() if self.counts_money else ():
            till.look(self._database, books)

    def answered(
        self, request: Request, code: int, body: bytes, *, faulted: bool
    ) -> None:
        """Hold an answer against what the database shows; code 0 is a good answer.

        Raises: Finding.
        """
        self._see_refusals(request)
        if code == 0:
            if not request.seen and self._leaves_a_trace(request):
                raise Finding(f"{request.kind} {request.tag}: acknowledged, not there")
            self._check_told(request, body)
            clock_on = request.books.clock_on
            if request.kind == "clock.set" and (
                clock_on is None or clock_on < request.fields["date"]
            ):
                raise Finding(
                    f"{request.kind} {request.tag}: the clock is at {clock_on}"
                )
        elif not faulted:
            if request.seen:
                raise Finding(f"{request.kind} {request.tag}: refused, but done")
            if not meanings.may_refuse(request, code):
                raise Finding(f"{request.kind} {request.tag}: refused with {code}")

    def poison(self, books: Books, recurring_id: int) -> None:
        """Spoil a profile's row behind the product's back, as a bad disk would."""
        self._database.execute(
            "UPDATE recurring_line SET unit_cost = '999999999999', "
            "quantity = '999999999999' WHERE account_id = ? AND recurring_id = ?",
            (books.account_id, recurring_id),
        )
        profile = books.profiles[recurring_id]
        profile.spoiled = True
        huge = "999999999999"
        profile.lines = [
            replace(line, unit_cost=huge, quantity=huge) for line in profile.lines
        ]

    def finish(self, today: Callable[[Books], date]) -> None:
        """Check everything once all actors are gone and all that is due was billed.

        Raises: Finding.
        """
        self.committed(None)
        for books in self.books.values():
            until = today(books)
            for recurring_id, profile in books.profiles.items():
                day = profile.next_on
                if day is not None and day <= until and not profile.parked:
                    raise Finding(
                        f"recurring {recurring_id} of account {books.account_id}: "
                        f"{day} was never billed"
                    )
                self._check_passed(books, recurring_id, profile)
            till.check_histories(self._database, books)
            self._check_counts(books)
        self._check_blocks()
        self._check_cards()

    # -- what an answer says

    def _see_refusals(self, request: Request) -> None:
        """Note what a request would be refused with now."""
        for today in request.todays:
            request.refused.add(meanings.refusal(request, today))

    def _leaves_a_trace(self, request: Request) -> bool:
        """Whether it must have changed something: nobody had come before it."""
        if request.kind not in meanings.UNMARKED:
            return request.kind in meanings.EFFECTS
        noticed = request.books.profiles[request.target].noticed
        return noticed.get(meanings.outcome(request), -1) < request.commits_before

    def _check_told(self, request: Request, body: bytes) -> None:
        """Check the invoice and the next date that an answer tells."""
        where = f"{request.kind} {request.tag}"
        making = request.kind in ("recurring.create", "recurring.billNow")
        if making and (found := _INVOICE_ID.search(body)) is not None:
            query = (
                "SELECT recurring_id FROM invoice "
                "WHERE account_id = ? AND invoice_id = ?"
            )
            of = self._one(query, request.books.account_id, int(found[1]))
            if of is None or of != request.made:
                raise Finding(f"{where}: was told of an invoice of {of}")
        elif request.kind == "recurring.billNow":
            raise Finding(f"{where}: was told of no invoice")
        if request.seen and request.kind in ("recurring.changeDate", "recurring.skip"):
            day = "" if request.next_on is None else request.next_on.isoformat()
            if f"<next_issue_date>{day}</next_issue_date>".encode() not in body:
                raise Finding(f"{where}: {day} is next, not what was told")

    # -- what a commit shows

    def _rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._database.execute(sql, parameters).fetchall()

    def _one(self, sql: str, *parameters: Any) -> Any:
        row = self._database.execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    def _see_clocks(self) -> None:
        for account_id, text in self._rows(
            "SELECT account_id, clock_on FROM account WHERE clock_on IS NOT NULL"
        ):
            books = self.books[account_id]
            day = date.fromisoformat(text)
            if books.clock_on is None or day < books.clock_on or day > books.horizon:
                raise Finding(f"the clock of account {account_id} went to {day}")
            if day != books.clock_on:
                books.clock_on = day
                books.clocks.append(day)

    def _effect(self, request: Request) -> int:
        """Return the id of what a request made or changed; 0 while it has not."""
        if request.kind in meanings.UNMARKED:
            key = (request.books.account_id, request.target)
            (row,) = self._rows(_PROFILE, *key)
            return request.target if row != self._profiles.get(key) else 0
        query = meanings.EFFECTS.get(request.kind)
        if query is None or meanings.is_moot(request):
            return 0
        values = {
            "account": request.books.account_id,
            "tag": request.tag,
            "target": request.target,
            "line": request.line_id,
        }
        found = self._database.execute(query, values).fetchone()
        return 0 if found is None else int(found[0])

    def _bill_all(self, invoices: list[tuple[Any, ...]]) -> None:
        for row in invoices:
            if row[5] is None:
                self._number(row)
            else:
                self._bill(row)

    def _number(self, row: tuple[Any, ...]) -> None:
        """Check id and number of a new invoice: the next ones, or one that was wished.

        A wished one is no count, so that others do not follow it.
        """
        _, account_id, invoice_id, number, *_ = row
        books = self.books[account_id]
        books.invoices += 1
        wished = row[5] is None and number == f"No {row[10]}"
        books.numbers += not wished
        if invoice_id != books.invoices or not (
            wished or number == f"{books.numbers:07d}"
        ):
            raise Finding(
                f"invoice {invoice_id} of account {account_id}, {number}: id and "
                "number are not the next ones"
            )

    def _bill(self, row: tuple[Any, ...], ahead: date | None = None) -> None:
        """Follow an invoice, of the next date or of a day ahead of it."""
        _, account_id, invoice_id, _, _, recurring_id, text, *_ = row
        books = self.books[account_id]
        where = f"invoice {invoice_id} of account {account_id} for {recurring_id}"
        profile = books.profiles.get(recurring_id)
        if profile is None:
            raise Finding(f"{where}: nobody asked for that profile")
        self._number(row)
        day = date.fromisoformat(text)
        profile.bypass(day)
        wanted = ahead or profile.next_on
        if day != wanted:
            raise Finding(f"{where}: {day} was billed where {wanted} was next")
        if day > books.horizon:
            raise Finding(f"{where}: {day} has not come yet")
        if profile.parked:
            raise Finding(f"{where}: it was parked")
        self._check_content(where, row, profile)
        if ahead is None:
            profile.bill(day)
        else:
            profile.rhythm.bill_now(day)
            profile.settle()

    def _check_content(
        self, where: str, row: tuple[Any, ...], profile: Profile
    ) -> None:
        """Check that it is one version of its profile, whole, and adds up."""
        found = (row[4], *row[7:11], *row[12:])
        day = date.fromisoformat(row[6])
        lines_on = profile.lines_on(day)
        amount = oracle.total(lines_on, profile.discount, profile.currency)
        collect_on = profile.collect_on(day, amount)
        wanted = (
            profile.client_id,
            oracle.status(profile.status, amount, 0),
            "active",
            profile.organization,
            profile.notes,
            profile.currency,
            amount,
            0,
            profile.status,
            int(profile.posted and profile.status != "draft"),
            (day + DAY * profile.due_days).isoformat(),
            collect_on and collect_on.isoformat(),
        )
        if found != wanted:
            raise Finding(f"{where}: {found} instead of {wanted}")
        rows = self._rows(_INVOICE_LINES, row[1], row[2])
        lines = [(till.line(line[2:-1]), line[-1]) for line in rows]
        if lines != [
            (_plain(line), line.amount(profile.currency)) for line in lines_on
        ]:
            raise Finding(f"{where}: its lines are not those of the profile")

    def _apply_on_some_day(
        self, request: Request, found: int, invoices: list[tuple[Any, ...]]
    ) -> None:
        """Follow a change; which day was today for it, only its process knows.

        It is one of those that it was told, and only one fits, if any.
        """
        books = request.books
        days = request.todays
        state = (books.profiles, books.invoices, books.numbers)
        kept = copy.deepcopy(state) if days[1:] else None
        for number, today in enumerate(days):
            try:
                self._apply(request, found, invoices, today)
            except Finding:
                if kept is None or number == len(days) - 1:
                    raise
                books.profiles, books.invoices, books.numbers = copy.deepcopy(kept)
            else:
                return

    def _apply(
        self, request: Request, found: int, invoices: list[tuple[Any, ...]], today: date
    ) -> None:
        """Follow a change: it bills the days before its own; some bill their own."""
        new = request.kind == "recurring.create"
        ahead = today if meanings.bills_now(request) else None
        own = len(invoices) if new else int(ahead is not None)
        past = invoices[: len(invoices) - own]
        self._bill_all(past)
        try:
            meanings.APPLY[request.kind](request, found, today)
        except meanings.Refused as refused:
            raise Finding(f"{request.kind} {request.tag} was done: {refused}") from None
        request.made = found
        if request.kind in meanings.OF_LINES:
            self._learn_lines(request.books, found)
        if new or ahead is not None:
            profile = request.books.profiles[found]
            due = ahead or (profile.bills(today) and profile.next_on)
            if len(invoices) - len(past) != (due == today):
                raise Finding(f"a {request.kind} of {today} did not bill it once")
        for row in invoices[len(past) :]:
            self._bill(row, ahead)
        for row in past:
            if row[6] == today.isoformat():
                raise Finding(f"a {request.kind} of {today} billed it")
        if found in request.books.profiles:
            request.next_on = request.books.profiles[found].next_invoice_on
        self._compare()
        # Of days on which it might have been, this tells the right one.
        for recurring_id, profile in request.books.profiles.items():
            self._check_passed(request.books, recurring_id, profile)

    def _compare(self) -> None:
        """Check that every profile's row is what its history makes it."""
        count = 0
        self._profiles.clear()
        for whole in self._rows(_PROFILES):
            account_id, recurring_id, *row, _, _ = whole
            self._profiles[account_id, recurring_id] = whole
            count += 1
            books = self.books[account_id]
            profile = books.profiles.get(recurring_id)
            where = f"recurring {recurring_id} of account {account_id}"
            if profile is None:
                raise Finding(f"{where}: nobody asked for it")
            if row[0] != profile.row[0]:
                upto = date.fromisoformat(row[0]) if row[0] else date.max
                profile.bypass(min(upto, books.horizon + DAY))
            if row[-1] and not profile.parked:
                day = profile.next_on
                if day is None or day > books.horizon or not profile.poisoned_on(day):
                    raise Finding(f"{where}: parked for no reason")
                profile.parked = True
            if tuple(row) != profile.row:
                raise Finding(f"{where}: {tuple(row)} instead of {profile.row}")
            profile.noticed |= dict.fromkeys(profile.outcomes, self.commits)
        if count != sum(len(books.profiles) for books in self.books.values()):
            raise Finding("a profile is gone")

    def _learn_lines(self, books: Books, recurring_id: int) -> None:
        """Read the ids of a profile's lines, which must be those of the request."""
        profile = books.profiles[recurring_id]
        rows = self._rows(_LINES, books.account_id, recurring_id)
        wanted = [_plain(line) for line in profile.lines]
        if [till.line(row[1:]) for row in rows] != wanted:
            raise Finding(f"recurring {recurring_id}: lines {rows} instead of {wanted}")
        profile.lines = [
            replace(line, line_id=row[0])
            for line, row in zip(profile.lines, rows, strict=True)
        ]

    # -- at the end

    def _check_passed(self, books: Books, recurring_id: int, profile: Profile) -> None:
        """Check that the history tells each date that had nothing to bill, once."""
        told = self._rows(
            "SELECT changes FROM recurring_event WHERE account_id = ? "
            "AND recurring_id = ? AND what = 'nothingDue' ORDER BY number",
            books.account_id,
            recurring_id,
        )
        found = [old for (text,) in told for _, old, _ in json.loads(text)]
        if found != [day.isoformat() for day in profile.passed]:
            raise Finding(
                f"recurring {recurring_id} of account {books.account_id}: "
                f"{found} had nothing due, not {profile.passed}"
            )

    def _check_counts(self, books: Books) -> None:
        """Ids and numbers have no gaps, and no id was taken for nothing."""
        for noun, table, column in (
            ("invoice", "invoice", "invoice_id"),
            ("invoice_number", _COUNTED, "number"),
            *(
                []
                if self.counts_money
                # Lines that were replaced leave gaps.
                else [("invoice_line", "invoice_line", "line_id")]
            ),
            ("recurring", "recurring", "recurring_id"),
            ("client", "client", "client_id"),
        ):
            found = self._rows(
                f"SELECT COUNT(*), COALESCE(MAX(CAST({column} AS INTEGER)), 0) "  # noqa: S608
                f"FROM {table} WHERE account_id = ?",
                books.account_id,
            )[0]
            last = self._one(
                "SELECT last_id FROM counter WHERE account_id = ? AND noun = ?",
                books.account_id,
                noun,
            )
            if found != (last or 0, last or 0):
                raise Finding(
                    f"{noun} of account {books.account_id}: {found}, last given {last}"
                )
        # A charge has the id of the payment that it may become; some never do.
        ids = self.charged[books.account_id] | {
            row[0]
            for row in self._rows(
                "SELECT payment_id FROM payment WHERE account_id = ?", books.account_id
            )
        }
        last = self._one(
            "SELECT last_id FROM counter WHERE account_id = ? AND noun = 'payment'",
            books.account_id,
        )
        if ids != set(range(1, (last or 0) + 1)):
            raise Finding(f"payments of account {books.account_id}: {ids} of {last}")
        billed = sum(len(profile.rhythm.billed) for profile in books.profiles.values())
        of_profiles = self._one(
            "SELECT COUNT(*) FROM invoice WHERE account_id = ? "
            "AND recurring_id IS NOT NULL",
            books.account_id,
        )
        if billed != of_profiles:
            raise Finding(f"{of_profiles} invoices instead of {billed}")

    def _check_blocks(self) -> None:
        """Check that what lists count is what there is."""
        for noun, column in (
            ("invoice", "invoice_id"),
            ("recurring", "recurring_id"),
            ("client", "client_id"),
            ("payment", "payment_id"),
        ):
            found = self._rows(
                f"SELECT account_id, {column} / 1024, folder, COUNT(*) "  # noqa: S608
                f"FROM {noun} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            )
            counted = self._rows(
                "SELECT account_id, block, folder, size FROM listing_block "
                "WHERE noun = ? AND size > 0 ORDER BY 1, 2, 3",
                noun,
            )
            if found != counted:
                raise Finding(f"{noun}: {found} are listed as {counted}")

    def _check_cards(self) -> None:
        """Check that only profiles that are there have cards."""
        found = self._rows(
            "SELECT account_id, recurring_id FROM autobill ORDER BY 1, 2"
        )
        wanted = [
            (account_id, recurring_id)
            for account_id, books in sorted(self.books.items())
            for recurring_id, profile in sorted(books.profiles.items())
            if profile.card
        ]
        if found != wanted:
            raise Finding(f"cards of {found} instead of {wanted}")


def _plain(line: Line) -> Line:
    return replace(line, line_id=0)
