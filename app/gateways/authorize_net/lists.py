"""Their lists of transactions, and what these say of an order.

Nothing documented says how soon a transaction is listed, so that it takes time as well
as complete lists to say that they have not had an order.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from app.domain.gateway import Missing, Order, Outcome, Reason, Unknown
from app.domain.money import Money
from app.gateways.authorize_net import charges, outcomes
from app.gateways.authorize_net.line import Field, Fields, NoAnswerError, Talk, text_of

# A call of ours ends after half a minute, and theirs to a processor within minutes:
# what was sent so long ago and is in none of the lists will not come any more.
VISIBLE_AFTER = timedelta(minutes=30)
# Settled batches may be asked for 31 days at once.
LISTED_FOR = timedelta(days=30)
_CLOCKS_DIFFER = timedelta(hours=1)
# Rows asked for at once: such a page is well below the longest answer that is read.
PAGE = 200

# The money is on its way, or has come and was disputed later.
_CAPTURED = frozenset(
    """
    capturedPendingSettlement pendingSettlement pendingFinalSettlement
    updatingSettlement settledSuccessfully returnedItem chargeback chargebackReversal
    """.split()
)
# It was not taken and will not be. Any other status may still become either.
_FAILED = frozenset("declined expired failedReview generalError voided".split())


def may_be_read(talk: Talk) -> None:
    """Read the beginning of a list.

    Raises: NoAnswerError where the account is not allowed to.
    """
    talk.demand("getUnsettledTransactionList", _page(1, 1))


def found(talk: Talk, order: Order) -> Outcome | Missing:
    """Return what became of an order, by all the lists that it could be in.

    Raises: NoAnswerError.
    """
    reference = charges.reference_of(order)
    open_: bool = False
    failed: str | None = None
    for row in _rows(talk, order.sent_at):
        if invoice_of(row) != reference:
            continue
        status = text_of(row, "transactionStatus")
        if status in _CAPTURED:
            return _captured(row, order)
        open_ = open_ or status not in _FAILED
        failed = text_of(row, "transId")
    if open_:
        return Unknown(
            detail="The gateway has it, and has not decided about it.", answers=True
        )
    if failed is not None:
        return _failed(talk, failed)
    return _missing(talk, order.sent_at)


def unsettled(talk: Talk) -> Iterator[ET.Element]:
    """Yield the transactions that are not settled.

    Raises: NoAnswerError.
    """
    yield from _listed(talk, "getUnsettledTransactionList", ("status", "any"))


def details(talk: Talk, number: str) -> ET.Element | None:
    """Return all that they know of a transaction; None where they know none.

    Raises: NoAnswerError.
    """
    answer = talk.ask("getTransactionDetails", (("transId", number),))
    if answer.code == "E00040":
        return None
    transactions = answer.every("transaction")
    if not answer.ok or not transactions:
        raise NoAnswerError(answer.words)
    return transactions[0]


def invoice_of(row: ET.Element) -> str:
    """Return the invoice number of a row.

    Source: documented twice, once by the schema and once by an example.
    """
    return text_of(row, "invoiceNumber") or text_of(row, "invoice")


def same(text: str, money: Money) -> bool:
    """Whether a text is the same amount; they know one currency for an account."""
    try:
        return Decimal(text) == money.rounded().amount
    except InvalidOperation:
        return False


def _captured(row: ET.Element, order: Order) -> Outcome:
    if not same(text_of(row, "settleAmount"), order.amount):
        return Unknown(detail="The gateway has taken another amount.", answers=True)
    return outcomes.approved(text_of(row, "transId"))


def _failed(talk: Talk, number: str) -> Outcome:
    transaction = details(talk, number)
    if transaction is None:
        raise NoAnswerError("The gateway's list and details do not agree.")
    processing = text_of(transaction, "transactionStatus") == "generalError"
    reason = outcomes.REASONS.get(
        text_of(transaction, "responseReasonCode"),
        Reason.PROCESSING if processing else Reason.DECLINED,
    )
    text = text_of(transaction, "responseReasonDescription")
    return outcomes.declined(reason, text, number)


def _missing(talk: Talk, sent_at: datetime | None) -> Missing | Unknown:
    # By their clock when the first list was read: what left that one since is in the
    # others.
    if sent_at is None or talk.began_at is None:
        return Unknown(
            detail="The gateway does not list it; nobody knows for how long.",
            answers=True,
        )
    if talk.began_at - sent_at < VISIBLE_AFTER:
        return Unknown(detail="The gateway does not list it yet.", answers=True)
    return Missing()


def _rows(talk: Talk, sent_at: datetime | None) -> Iterator[ET.Element]:
    """Yield the rows of all the lists, those of settled transactions last.

    So what is settled while they are read is in one of them.
    """
    yield from unsettled(talk)
    held = ("status", "pendingApproval")
    yield from _listed(talk, "getUnsettledTransactionList", held)
    for batch in _batches(talk, sent_at):
        yield from _listed(talk, "getTransactionList", ("batchId", batch))


def _listed(talk: Talk, method: str, which: Field) -> Iterator[ET.Element]:
    seen: set[str] = set()
    totals: set[str] = set()
    page, length = 0, PAGE
    while length >= PAGE:
        page += 1
        answer = talk.demand(method, (which, *_page(page, PAGE)))
        rows = answer.every("transactions/transaction")
        length = len(rows)
        seen.update(text_of(row, "transId") for row in rows)
        totals.add(answer.text("totalNumInResultSet"))
        yield from rows
    _expect_all(len(seen), totals, page)


def _expect_all(seen: int, totals: set[str], pages: int) -> None:
    """Refuse a list that was not read to its end.

    When rows leave a list between two of its pages, others move from the later one to
    the earlier, and are in neither.
    """
    one_page_without_total = pages == 1 and totals == {""}
    if totals != {str(seen)} and not one_page_without_total:
        raise NoAnswerError("The gateway's list changed while it was read.")


def _page(page: int, rows: int) -> Fields:
    return (
        ("sorting", (("orderBy", "id"), ("orderDescending", "false"))),
        ("paging", (("limit", str(rows)), ("offset", str(page)))),
    )


def _batches(talk: Talk, sent_at: datetime | None) -> list[str]:
    """Return the batches settled since an order was sent; without that, of one day."""
    since: Fields = ()
    if sent_at is not None:
        since = _range(sent_at.astimezone(UTC) - _CLOCKS_DIFFER, talk.at)
    answer = talk.demand("getSettledBatchList", since)
    return [text_of(batch, "batchId") for batch in answer.every("batchList/batch")]


def _range(first: datetime, last: datetime | None) -> Fields:
    if last is None:
        raise NoAnswerError("The gateway's answer does not say when it was given.")
    if not timedelta() < last - first <= LISTED_FOR:
        raise NoAnswerError("The gateway's lists do not go back so far.")
    return (
        ("firstSettlementDate", f"{first:%Y-%m-%dT%H:%M:%SZ}"),
        ("lastSettlementDate", f"{last:%Y-%m-%dT%H:%M:%SZ}"),
    )
