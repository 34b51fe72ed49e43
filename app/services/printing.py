"""Invoices on paper."""

import re

from app.domain.account import Account
from app.domain.invoice import Invoice
from app.domain.paper import PageSize, paper_of
from app.paper.invoice import pdf
from app.services.ports import Ports

# A number may hold anything; the name of a file must not.
_OTHERS = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_MAX = 60


def printed(ports: Ports, account: Account, invoice: Invoice) -> bytes:
    """Return an invoice as PDF, the same for the same invoice.

    It takes long enough that no transaction should wait for it.
    """
    size = PageSize.of(invoice.bill_to.p_country)
    return pdf(paper_of(invoice, account, size, ports.view(invoice.view_key)))


def file_name(invoice: Invoice) -> str:
    """Return what its file is called: "invoice-0000042.pdf"."""
    number = _OTHERS.sub("-", invoice.number).strip("-.")[:_NAME_MAX]
    return f"invoice-{number or invoice.invoice_id}.pdf"
