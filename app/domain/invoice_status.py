"""The statuses of an invoice."""

from enum import StrEnum


class InvoiceStatus(StrEnum):
    """The statuses that this edition sets. Source: documented."""

    DRAFT = "draft"
    SENT = "sent"
