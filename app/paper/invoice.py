"""An invoice as PDF; how it looks is said in `invoice.typ`."""

from dataclasses import asdict
from decimal import localcontext
from typing import Any
from urllib.parse import urlsplit

from app.domain.money import EXACT
from app.domain.paper import PageSize, Paper, PaperLine, PaperSection
from app.domain.pricing import Reduction, Tax
from app.paper import figures, press, text
from app.paper.labels import Labels, labels

# All that is printed of a bill's long texts together, in characters. Each may have its
# share of it, and a paragraph at least.
PROSE_MAX = 400_000
_PARAGRAPH = 1_000
# Readers of PDF know no longer ones.
_LINK_MAX = 2_000
# What fits one small line of an envelope's window.
_SENDER_MAX = 70
_LABEL_MAX = 80

_SIZES = {PageSize.A4: "a4", PageSize.LETTER: "us-letter"}


def pdf(paper: Paper) -> bytes:
    """Return the PDF of an invoice; of the same paper it is the same."""
    with localcontext(EXACT):
        content = _content(paper)
    return press.printed("invoice.typ", content, paper.made_at)


def _content(paper: Paper) -> dict[str, Any]:
    words = labels(paper.language)
    long = _share(paper)
    company = _names(paper.company)
    return {
        "size": _SIZES[paper.size],
        "language": words.locale.partition("_")[0],
        "words": asdict(words),
        "draft": paper.draft,
        "company": company,
        "name": text.cut("".join(company[:1]), _SENDER_MAX),
        "sender": text.cut(" · ".join(company[:3]), _SENDER_MAX),
        "addressee": _names(paper.addressee),
        "number": text.name(paper.number),
        "details": _details(paper, words),
        "title": text.name(paper.title),
        "sections": [_section(section, words, long) for section in paper.sections],
        "sums": _sums(paper, words),
        "total": figures.money(paper.total, words.locale),
        "paid": figures.money(-paper.paid, words.locale) if paper.paid.amount else "",
        "outstanding": figures.money(paper.outstanding, words.locale),
        "notes": text.prose(paper.notes, long),
        "terms": text.prose(paper.terms, long),
        "link": _link(paper.link),
        "address": text.name(_link(paper.link)),
    }


def _share(paper: Paper) -> int:
    texts = 2 + sum(len(section.lines) for section in paper.sections)
    return max(_PARAGRAPH, PROSE_MAX // texts)


def _names(lines: tuple[str, ...]) -> list[str]:
    return [line for line in map(text.name, lines) if line]


def _details(paper: Paper, words: Labels) -> list[tuple[str, str]]:
    details = (
        (words.number, text.name(paper.number)),
        (words.date, figures.day(paper.date, words.locale)),
        (words.due_on, figures.day(paper.due_on, words.locale)),
        (words.po_number, text.name(paper.po_number)),
        (text.name(paper.vat_name), text.name(paper.vat_number)),
    )
    return [(label, value) for label, value in details if value]


def _section(section: PaperSection, words: Labels, long: int) -> dict[str, Any]:
    name = text.name(section.name)
    return {
        "name": name,
        "lines": [_line(line, words.locale, long) for line in section.lines],
        "subtotal": figures.plain(section.subtotal, words.locale) if name else "",
    }


def _line(line: PaperLine, locale: str, long: int) -> dict[str, str]:
    if line.percent is None:
        cost = figures.unit_cost(line.unit_cost, line.amount.currency, locale)
    else:
        cost = figures.percent(line.percent, locale)
    return {
        "name": text.prose(line.name, long),
        "description": text.prose(line.description, long),
        "unit_cost": cost,
        "quantity": figures.number(line.quantity, locale),
        "amount": figures.plain(line.amount, locale),
    }


def _sums(paper: Paper, words: Labels) -> list[tuple[str, str]]:
    """Return what stands between the lines and the total; nothing if they are it."""
    if not (paper.reductions or paper.taxes):
        return []
    locale = words.locale
    return [
        (words.subtotal, figures.money(paper.subtotal, locale)),
        *(
            (_label(each, words.discount, locale), figures.money(-each.amount, locale))
            for each in paper.reductions
        ),
        *(
            (_label(each, "", locale), figures.money(each.amount, locale))
            for each in paper.taxes
        ),
    ]


def _label(each: Reduction | Tax, name: str, locale: str) -> str:
    label = text.name(each.name, _LABEL_MAX) or name
    if each.percent is None:
        return label
    return f"{label} {figures.percent(each.percent, locale)}".strip()


def _link(link: str) -> str:
    """Return where to pay, if a browser may be sent there; else nothing."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    sound = parts.scheme in {"http", "https"} and parts.netloc
    return link if sound and len(link) <= _LINK_MAX else ""
