"""Pages of lists, as every list method reads them."""

from app.domain.folder import Folder
from app.domain.paging import PER_PAGE, PER_PAGE_MAX, Page
from app.domain.unset import given
from app.wire.reader import Reader


def page(request: Reader, per_page: int = PER_PAGE) -> Page:
    """Read the page that a list request asks for; nonsense counts as left out."""
    size = request.positive("per_page") or per_page
    return Page(number=request.positive("page") or 1, size=min(size, PER_PAGE_MAX))


def folder(request: Reader) -> Folder | None:
    """Read the folder that a list is narrowed to; None means active and archived."""
    name = given(request.word("folder"), "")
    return Folder(name) if name else None
