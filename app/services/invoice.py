"""Invoices: the verbs. They are made by profiles and, in this edition, only read."""

from app.domain.account import Caller
from app.domain.errors import DeletedError, NotFoundError
from app.domain.folder import Folder
from app.domain.invoice import Invoice, InvoiceFilter
from app.domain.paging import Listing, Page
from app.storage import invoice as storage
from app.storage.database import reading


def get(caller: Caller, invoice_id: int) -> Invoice:
    """Return an invoice.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    with reading():
        invoice = storage.get(caller.scope, invoice_id)
    if invoice is None:
        raise NotFoundError("invoice")
    if invoice.folder is Folder.DELETED:
        raise DeletedError("invoice")
    return invoice


def list_(caller: Caller, narrowed: InvoiceFilter, page: Page) -> Listing[Invoice]:
    """Return a page of invoices, the newest first."""
    with reading():
        return storage.page(caller.scope, narrowed, page)
