"""The statuses of an invoice."""

from enum import StrEnum


class InvoiceStatus(StrEnum):
    """What has become of an invoice. Source: documented.

    Requests set the first three; the others follow from payments and attempts.
    """

    DRAFT = "draft"
    SENT = "sent"
    VIEWED = "viewed"
    PARTIAL = "partial"
    PAID = "paid"
    AUTO_PAID = "auto-paid"
    RETRY = "retry"
    FAILED = "failed"
    DISPUTED = "disputed"


# What requests may set.
SETTABLE = (InvoiceStatus.DRAFT, InvoiceStatus.SENT, InvoiceStatus.VIEWED)
# Words that clients of FreshBooks know besides; nothing here comes to be like that.
FORMER = ("pending", "declined")
