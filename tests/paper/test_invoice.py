"""Invoices on paper, read back with other libraries than the one that makes them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from unicodedata import combining

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from app.domain.language import LANGUAGES
from app.domain.money import Money
from app.domain.paper import PageSize, Paper, PaperLine, PaperSection
from app.domain.pricing import Reduction, Tax
from app.paper import invoice, press
from app.paper.labels import LABELS
from tests.paper import sample
from tests.paper.reading import fonts, links, page, pages, place, reader
from tests.paper.sample import SAMPLE, a_line, a_section, eur

AMOUNT = eur("1234.50")


def bare(*lines: PaperLine, name: str = "") -> Paper:
    """Return the sample with these lines alone."""
    return replace(SAMPLE, sections=(a_section(*lines, name=name),))


# --- the sample --------------------------------------------------------------------


def test_the_pdf_in_docs_is_what_is_made_today() -> None:
    assert sample.PDF.read_bytes() == invoice.pdf(SAMPLE), (
        "python -m tests.paper.sample"
    )


def test_the_picture_in_docs_shows_that_pdf() -> None:
    shown = Image.open(sample.PICTURE).convert("RGB")
    differing = ImageChops.difference(shown, sample.picture(sample.PDF.read_bytes()))
    assert ImageStat.Stat(differing.convert("L")).mean[0] < 1


@pytest.mark.parametrize(
    "text",
    [
        "Northwind Studio Lindenstraße 12",
        "VAT DE 123456789",
        "Harbour & Sons Ltd Ada Harbour 7 Quay Street Bristol BS1 4DB United Kingdom",
        "Invoice number 0000042",
        "Date March 1, 2026",
        "Due date March 31, 2026",
        "PO number PO-7741",
        "VAT number GB 123 4567 89",
        "Invoice Retainer, March 2026 Item Unit cost Quantity Amount",
        "Managed hosting Two servers, backups of 30 days, restores on request 149.00",
        "12.50 5 62.50 Subtotal 360.50",
        "Loyalty reduction -3% 1 -46.44 Subtotal 1,141.06",
        "Subtotal €1,501.56 Discount 10% -€150.16 VAT 19% €256.77",
        "City levy 1.5% €20.27 Total €1,628.44 Paid -€500.00 Balance due €1,128.44",
        "Notes Thank you for working with us. Your next invoice is made on April 1.",
        "Terms Payable within 30 days",
        "Pay online https://billing.example/invoices/8Jx2mQ",
        "Page 1 of 1",
    ],
)
def test_an_invoice_says_what_it_was_given(text: str) -> None:
    assert text in page(invoice.pdf(SAMPLE))


def test_an_invoice_brings_its_fonts_along() -> None:
    assert fonts(invoice.pdf(SAMPLE)) == {"SourceSans3-Regular", "SourceSans3-Semibold"}


# --- the same again ----------------------------------------------------------------


def test_the_same_invoice_is_the_same_file_whatever_was_printed_between() -> None:
    first = invoice.pdf(SAMPLE)
    invoice.pdf(bare(a_line("他の請求書")))
    assert invoice.pdf(SAMPLE) == first


def test_threads_print_the_same_as_one_does_alone() -> None:
    papers = [replace(SAMPLE, number=f"{n:07d}") for n in range(8)]
    alone = [invoice.pdf(paper) for paper in papers]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(invoice.pdf, papers)) == alone


def test_the_file_is_dated_as_the_paper_is() -> None:
    at = datetime(2031, 12, 24, 17, 30, 5, tzinfo=UTC)
    meta = reader(invoice.pdf(replace(SAMPLE, made_at=at))).metadata
    assert meta is not None
    assert (meta.creation_date, meta.modification_date) == (at, at)
    assert (meta.title, meta.author) == ("Invoice 0000042", "Northwind Studio")


def test_after_a_failure_the_press_prints_on() -> None:
    with pytest.raises(press.PressError):
        press.printed("nothing.typ", {}, SAMPLE.made_at)
    assert page(invoice.pdf(SAMPLE))


def test_a_panic_of_the_press_is_an_error_and_it_prints_on() -> None:
    # Typst 0.15 cannot write a glyph of more than 65,535 bytes. Ours never are, and
    # once it can, this test has nothing to show any more.
    content = invoice._content(SAMPLE) | {"notes": "🏴" + "\U000e0067" * 16_600}
    with pytest.raises(press.PressError):
        press.printed("invoice.typ", content, SAMPLE.made_at)
    assert page(invoice.pdf(SAMPLE))


# --- the page ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "points"), [(PageSize.A4, (595, 842)), (PageSize.LETTER, (612, 792))]
)
def test_an_invoice_has_the_size_that_is_asked_for(
    size: PageSize, points: tuple[int, int]
) -> None:
    box = reader(invoice.pdf(replace(SAMPLE, size=size))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == points


def test_the_addressee_stands_in_the_window_of_din_5008() -> None:
    left, top = place(invoice.pdf(SAMPLE), "Harbour & Sons Ltd")
    assert 25 <= left <= 26
    assert 62 <= top <= 65
    _, bottom = place(invoice.pdf(SAMPLE), "United Kingdom")
    assert bottom < 90


def test_the_addressee_stands_in_the_window_of_a_folded_letter() -> None:
    paper = replace(SAMPLE, size=PageSize.LETTER)
    left, top = place(invoice.pdf(paper), "Harbour & Sons Ltd")
    assert 22.2 <= left <= 24
    assert 53 <= top <= 57
    _, bottom = place(invoice.pdf(paper), "United Kingdom")
    assert bottom < 82


def test_long_addresses_push_down_what_is_below_them() -> None:
    paper = replace(SAMPLE, addressee=tuple(f"Address line {n}" for n in range(14)))
    made = invoice.pdf(paper)
    _, last = place(made, "Address line 13")
    _, title = place(made, "Retainer")
    assert title > last + 10


def test_the_heading_and_the_section_come_again_on_each_page() -> None:
    lines = [a_line(f"Line {n:03d}.") for n in range(120)]
    texts = pages(invoice.pdf(bare(*lines, name="Whole year")))
    assert len(texts) > 2
    for number, text in enumerate(texts, 1):
        assert f"Page {number} of {len(texts)}" in text
        assert "Invoice 0000042" in text
    for text in texts[:-1]:
        assert "Item Unit cost Quantity Amount Whole year Line" in text
    for n in range(120):
        assert sum(text.count(f"Line {n:03d}.") for text in texts) == 1


def test_a_line_stays_on_one_page() -> None:
    words = "It is described in some words that take up more than a single line. " * 2
    lines = [
        a_line(f"Name {n:02d}.", description=f"Of {n:02d}: {words}") for n in range(40)
    ]
    texts = pages(invoice.pdf(bare(*lines)))
    assert len(texts) > 1
    for n in range(40):
        (text,) = [text for text in texts if f"Name {n:02d}." in text]
        assert f"Name {n:02d}. Of {n:02d}: {words.strip()} 12.50 2 25.00" in text


def test_lines_behind_a_section_are_not_under_its_heading() -> None:
    paper = replace(
        SAMPLE,
        sections=(
            a_section(a_line(), name="Only this"),
            a_section(*[a_line(f"Other {n}") for n in range(60)]),
        ),
    )
    first, *others = pages(invoice.pdf(paper))
    assert "Only this Hosting 12.50 2 25.00 Subtotal 25.00 Other 0" in first
    assert others
    assert not any("Only this" in text for text in others)


# --- languages ---------------------------------------------------------------------


def test_every_language_that_is_listed_has_its_words() -> None:
    assert list(LABELS) == list(LANGUAGES)


@pytest.mark.parametrize("language", LABELS)
def test_an_invoice_speaks_its_language(language: str) -> None:
    words = LABELS[language]
    text = page(invoice.pdf(replace(SAMPLE, language=language, draft=True)))
    for name in words.__dataclass_fields__:
        if name not in {"locale", "page"}:
            assert getattr(words, name) in text
    assert words.page.format(page=1, pages=1) in text


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Total €1,234.50"),
        ("fr", "Total 1 234,50 €"),
        ("de", "Gesamtbetrag 1.234,50 €"),
        ("nl", "Totaal € 1.234,50"),
        ("es-419", "Total EUR 1,234.50"),
        ("sv", "Totalt 1 234,50 €"),
        ("kl", "Total €1,234.50"),
    ],
)
def test_sums_are_written_as_the_language_writes_them(
    language: str, expected: str
) -> None:
    assert expected in page(
        invoice.pdf(replace(SAMPLE, language=language, total=AMOUNT))
    )


def test_an_invoice_names_the_language_it_is_in() -> None:
    catalog = reader(invoice.pdf(replace(SAMPLE, language="es-419"))).trailer["/Root"]
    assert catalog.get_object()["/Lang"] == "es"  # type: ignore[index]


# --- scripts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "font"),
    [
        ("Ελληνική Εταιρεία", "SourceSans3-Regular"),
        ("ООО «Пример» Ёжик", "SourceSans3-Regular"),
        ("Công ty Việt Nam", "SourceSans3-Regular"),
        ("北京示例科技有限公司", "KurintoSansSC-Rg"),
        ("東京サンプル", "KurintoSansJP-Rg"),
        ("주식회사 한국", "KurintoSansKR-Rg"),
        ("مؤسسة", "KurintoSans-Rg"),
        ("חברת", "KurintoSans-Rg"),
        ("ไทย", "KurintoSans-Rg"),
        ("ქართული", "KurintoSans-Rg"),
    ],
)
def test_names_are_shown_in_their_script(text: str, font: str) -> None:
    made = invoice.pdf(replace(SAMPLE, addressee=(text,)))
    assert text in page(made)
    assert font in fonts(made)


def test_arabic_runs_from_right_to_left() -> None:
    made = invoice.pdf(replace(SAMPLE, addressee=("مؤسسة النور",)))
    (first, _), (second, _) = place(made, "مؤسسة"), place(made, "النور")
    assert first > second


def test_arabic_letters_are_joined_and_devanagari_is_composed() -> None:
    def ink(text: str) -> Image.Image:
        return sample.picture(invoice.pdf(replace(SAMPLE, addressee=(text,))))

    # A character that forbids joining is all that tells them apart.
    assert ink("بب") != ink("ب\u200cب")
    assert ink("क्ष") != ink("क्\u200cष")


@pytest.mark.parametrize("text", ["😀", "ខ្មែរ", "བོད", "\ue000"])
def test_characters_that_no_font_has_are_seen_to_be_there(text: str) -> None:
    def picture(name: str) -> Image.Image:
        return sample.picture(invoice.pdf(replace(SAMPLE, addressee=("A", name, "B"))))

    assert picture(text) != picture("\u2003")


# --- what anybody may send -----------------------------------------------------------


LONG = 65_535


@pytest.mark.parametrize(
    "text",
    [
        "W" * LONG,
        "word " * (LONG // 5),
        "a\n" * (LONG // 2),
        "م" * LONG,
        "汉" * LONG,
        "a" + "\u0301" * LONG,
        "\u200d" * LONG,
        "👩\u200d" * (LONG // 2),
        "🏴" + "\U000e0067" * LONG,
        "\u3164" * LONG,
        "\u202e" * LONG,
        "\ufdfd" * 3000,
    ],
    ids=[
        "one word",
        "words",
        "line ends",
        "one Arabic word",
        "Han",
        "accents",
        "joiners",
        "chained emoji",
        "tags",
        "fillers",
        "overrides",
        "wide letters",
    ],
)
def test_no_text_is_too_long_to_print(text: str) -> None:
    paper = replace(
        bare(a_line("Named", description=text)),
        addressee=(text,),
        title=text,
        po_number=text,
        terms="It ends here.",
    )
    made = reader(invoice.pdf(paper))
    assert len(made.pages) < 100
    assert "It ends here." in made.pages[-1].extract_text()


def test_what_is_cut_says_so() -> None:
    paper = replace(SAMPLE, addressee=("W" * 201,), notes="n\n" * LONG)
    made = pages(invoice.pdf(paper))
    assert "W" * 199 + "…" in made[0].replace(" ", "")
    assert "n …" in made[-1]


def test_a_word_longer_than_its_column_stays_in_it() -> None:
    made = invoice.pdf(bare(a_line("N" * 400)))
    assert "N" * 400 in page(made).replace(" ", "")
    image = sample.picture(made).convert("L")
    right = image.crop((round(image.width * 0.96), 0, image.width, image.height))
    assert right.getextrema() == (255, 255)


@pytest.mark.parametrize(
    "text",
    [
        "#panic() $x$ *b* `raw` = @ref // #include",
        "<script>alert(1)</script> &amp; <a href='x'>",
        r"(a \( b\) ) \n \u{41} %PDF >> endobj",
        "{page} of {pages} %s {0}",
    ],
)
def test_text_is_never_read_as_markup(text: str) -> None:
    paper = replace(bare(a_line(text, description=text)), title=text, notes=text)
    assert page(invoice.pdf(replace(paper, addressee=(text,)))).count(text) == 5


def test_control_characters_are_left_out_and_broken_ones_marked() -> None:
    paper = replace(
        SAMPLE, addressee=("\x00Ada\x07 \x1bHar\x9fbour\x7f", "half \ud800 pair")
    )
    assert "Ada Harbour half � pair" in page(invoice.pdf(paper))


def test_an_override_turns_nothing_round() -> None:
    taxes = (Tax(name="\u202eVAT", percent=Decimal(19), amount=eur("1")),)
    assert "VAT 19% €1.00" in page(invoice.pdf(replace(SAMPLE, taxes=taxes)))


def test_five_hundred_lines_with_all_that_each_may_say_are_printed() -> None:
    lines = [a_line(f"Line {n:03d}.", description="word " * 13_000) for n in range(500)]
    made = reader(invoice.pdf(bare(*lines)))
    assert len(made.pages) < 200
    assert "Line 499." in made.pages[-2].extract_text() + made.pages[-1].extract_text()


def test_an_invoice_without_lines_is_printed() -> None:
    nothing = eur("0")
    paper = replace(
        SAMPLE,
        company=(),
        addressee=(),
        sections=(),
        reductions=(),
        taxes=(),
        subtotal=nothing,
        total=nothing,
        paid=nothing,
        outstanding=nothing,
    )
    text = page(invoice.pdf(paper))
    assert "Item Unit cost Quantity Amount" in text
    assert "Total €0.00 Balance due €0.00" in text
    assert "Paid" not in text
    assert "Subtotal" not in text


def test_a_total_below_zero_is_shown_with_nothing_due() -> None:
    paper = replace(SAMPLE, total=eur("-12.5"), paid=eur("0"), outstanding=eur("0"))
    assert "Total -€12.50 Balance due €0.00" in page(invoice.pdf(paper))


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [("JPY", "1234", "¥1,234"), ("KWD", "1.5", "KWD 1.500"), ("ISK", "0", "ISK 0")],
)
def test_sums_have_the_decimals_of_their_currency(
    currency: str, amount: str, shown: str
) -> None:
    total = Money(Decimal(amount), currency)
    assert f"Total {shown} " in page(invoice.pdf(replace(SAMPLE, total=total)))


def test_the_link_can_be_clicked_and_is_the_only_one() -> None:
    paper = replace(SAMPLE, notes="https://elsewhere.example", terms="javascript:x()")
    assert links(invoice.pdf(paper)) == {SAMPLE.link}


@pytest.mark.parametrize(
    "link",
    [
        "",
        "javascript:alert(1)",
        "JavaScript://billing.example/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//billing.example/x",
        "billing.example/x",
        "https:///x",
        "https://[x",
        "https://billing.example/" + "x" * 2_000,
    ],
)
def test_what_is_no_address_of_a_page_is_no_link(link: str) -> None:
    made = invoice.pdf(replace(SAMPLE, link=link))
    assert links(made) == set()
    assert "Pay online" not in page(made)


@settings(max_examples=30)
@given(text=st.text(st.characters(), max_size=300), link=st.text(max_size=50))
def test_any_text_is_printed(text: str, link: str) -> None:
    money = Money(Decimal(1), "EUR")
    paper = Paper(
        size=PageSize.LETTER,
        language="en",
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
        company=(text, text),
        addressee=(text, text),
        vat_name=text,
        vat_number=text,
        number=text,
        date=date.min,
        due_on=date.max,
        title=text,
        sections=(PaperSection(name=text, lines=(a_line(text),), subtotal=money),),
        subtotal=money,
        reductions=(Reduction(name=text, percent=None, amount=money),),
        taxes=(Tax(name=text, percent=Decimal(1), amount=money),),
        total=money,
        paid=money,
        outstanding=money,
        notes=text,
        terms=text,
        link="https://" + link,
    )
    # A glyph that stands with a mark somewhere is read back with it everywhere.
    read = (
        "".join(letter for letter in each if not combining(letter))
        for each in pages(invoice.pdf(paper))
    )
    assert any("Balance due €1.00" in each for each in read)
