"""The words of a mail with an invoice: the request's, or ours where it has none."""

import re
from collections.abc import Mapping

from app.domain.outgoing import INVOICE_LINK, Outgoing

# Source: documented (the names of the variables; the texts are inferred).
INVOICE_NUMBER = "::invoice number::"
PAYMENT_AMOUNT = "::payment amount::"
AMOUNT_OWED = "::amount owed::"
COMPANY_NAME = "::company name::"
CLIENT_ORGANIZATION = "::client organization::"
FIRST_NAME = "::first name::"
LAST_NAME = "::last name::"

SUBJECT = f"Invoice {INVOICE_NUMBER} from {COMPANY_NAME}"
MESSAGE = f"""Hello,

here is invoice {INVOICE_NUMBER} from {COMPANY_NAME}. The amount owed is {AMOUNT_OWED}.

You can see it at

{INVOICE_LINK}
"""


def worded(item: Outgoing, values: Mapping[str, str]) -> tuple[str, str]:
    """Return subject and message, with the values of the variables in their places.

    What looks like a variable in a value stays as it is.
    """
    variable = re.compile("|".join(map(re.escape, values)))

    def filled(text: str) -> str:
        return variable.sub(lambda found: values[found[0]], text)

    return filled(item.subject or SUBJECT), filled(item.message or MESSAGE)
