"""The words of a mail: the request's, or ours where it has none."""

import re
from collections.abc import Mapping

from app.domain.outgoing import INVOICE_LINK, Outgoing, Template

# Source: documented (the names of the variables; the texts are inferred).
INVOICE_NUMBER = "::invoice number::"
PAYMENT_AMOUNT = "::payment amount::"
AMOUNT_OWED = "::amount owed::"
COMPANY_NAME = "::company name::"
CLIENT_ORGANIZATION = "::client organization::"
FIRST_NAME = "::first name::"
LAST_NAME = "::last name::"
CARD_END = "::card end::"
CARD_EXPIRY = "::card expiry::"

# Subject and message of each; that there are mails of all these is documented.
_WORDS = {
    Template.INVOICE: (
        f"Invoice {INVOICE_NUMBER} from {COMPANY_NAME}",
        f"""Hello,

here is invoice {INVOICE_NUMBER} from {COMPANY_NAME}. The amount owed is {AMOUNT_OWED}.

You can see it at

{INVOICE_LINK}
""",
    ),
    Template.RECEIPT: (
        f"Payment received for invoice {INVOICE_NUMBER} from {COMPANY_NAME}",
        f"""Hello,

thank you for your payment of {PAYMENT_AMOUNT} for invoice {INVOICE_NUMBER}, by the
card that ends in {CARD_END}. The amount still owed is {AMOUNT_OWED}.

You can see the invoice at

{INVOICE_LINK}
""",
    ),
    Template.FAILURE: (
        f"Your card could not be charged for invoice {INVOICE_NUMBER}",
        f"""Hello,

{COMPANY_NAME} tried to charge {PAYMENT_AMOUNT} for invoice {INVOICE_NUMBER} to the card
that ends in {CARD_END}. It was declined, and is not tried again.

The amount owed is {AMOUNT_OWED}. You can see and pay the invoice at

{INVOICE_LINK}
""",
    ),
    Template.EXPIRY: (
        f"Your card with {COMPANY_NAME} expires",
        f"""Hello,

the card that ends in {CARD_END} is good until {CARD_EXPIRY}. {COMPANY_NAME} is to
charge it again after that: please tell them of a new one.
""",
    ),
}


def worded(item: Outgoing, values: Mapping[str, str]) -> tuple[str, str]:
    """Return subject and message, with the values of the variables in their places.

    What looks like a variable in a value stays as it is.
    """
    variable = re.compile("|".join(map(re.escape, values)))

    def filled(text: str) -> str:
        return variable.sub(lambda found: values[found[0]], text)

    subject, text = _WORDS[item.template]
    return filled(item.subject or subject), filled(item.message or text)
