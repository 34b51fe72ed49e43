"""What an account's new papers say of its terms, by the kind of paper."""

from enum import StrEnum


class TermsType(StrEnum):
    """The kinds of paper that have terms of their own, in the order of lists."""

    INVOICE = "invoice"
    ESTIMATE = "estimate"
    CREDIT = "credit"
