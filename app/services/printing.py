"""Invoices on paper."""

import re

from app.domain.account import Account
from app.domain.invoice import Invoice
from app.domain.paper import PageSize, Paper, paper_of
from app.paper import text
from app.paper.invoice import pdf
from app.services.ports import Ports

# A number may hold anything; the name of a file must not.
_OTHERS = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_MAX = 60


def printed(ports: Ports, account: Account, invoice: Invoice) -> bytes:
    """Return an invoice as PDF, the same for the same invoice.

    It takes long enough that no transaction should wait for it.
    """
    return pdf(_paper(account, invoice, ports.view(invoice.view_key)))


def addressee(account: Account, invoice: Invoice) -> list[str]:
    """Return the lines that stand in the window of its envelope."""
    lines = map(text.name, _paper(account, invoice).addressee)
    return [line for line in lines if line]


def file_name(invoice: Invoice) -> str:
    """Return what its file is called: "invoice-0000042.pdf"."""
    number = _OTHERS.sub("-", invoice.number).strip("-.")[:_NAME_MAX]
    return f"invoice-{number or invoice.invoice_id}.pdf"


def _paper(account: Account, invoice: Invoice, link: str = "") -> Paper:
    size = PageSize.of(invoice.bill_to.p_country)
    return paper_of(invoice, account, size, link)
