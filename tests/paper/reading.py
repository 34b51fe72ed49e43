"""Reading a PDF back, with libraries that did not make it."""

import io

import pypdfium2
from pypdf import PdfReader


def reader(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def pages(pdf: bytes) -> list[str]:
    """Return the text of each page, without the line breaks of the paper."""
    texts = (page.extract_text() for page in reader(pdf).pages)
    return [" ".join(text.replace("\u200b", "").split()) for text in texts]


def page(pdf: bytes) -> str:
    """Return the text of a PDF of one page."""
    (only,) = pages(pdf)
    return only


def links(pdf: bytes) -> set[str]:
    """Return where one may click to."""
    found = set()
    for each in reader(pdf).pages:
        for annotation in each.get("/Annots", []):
            found.add(annotation.get_object()["/A"]["/URI"])
    return found


def fonts(pdf: bytes) -> set[str]:
    """Return the names of the fonts that the PDF brings along."""
    names: set[str] = set()
    for each in reader(pdf).pages:
        for font in each["/Resources"]["/Font"].values():  # type: ignore[index]
            (descendant,) = font.get_object()["/DescendantFonts"]
            descriptor = descendant.get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
            names.add(descriptor["/FontName"].partition("+")[2])
    return names


def place(pdf: bytes, text: str) -> tuple[float, float]:
    """Return where a text of the first page begins, in mm from its upper left."""
    sheet = pypdfium2.PdfDocument(pdf)[0]
    layer = sheet.get_textpage()
    at = layer.search(text).get_next()
    assert at is not None
    left, _, _, top = layer.get_charbox(at[0])
    return left / 72 * 25.4, (sheet.get_height() - top) / 72 * 25.4
