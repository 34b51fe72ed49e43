"""Date variables: what an invoice of a date says in each language."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.language import LANGUAGES
from app.domain.variables import filled

DAY = date(2026, 1, 31)

# Written down by hand, not taken from the library that is tested.
MONTHS = {
    "en": "January February March April May June"
    " July August September October November December",
    "fr": "janvier février mars avril mai juin"
    " juillet août septembre octobre novembre décembre",
    "da": "januar februar marts april maj juni"
    " juli august september oktober november december",
    "nl": "januari februari maart april mei juni"
    " juli augustus september oktober november december",
    "et": "jaanuar veebruar märts aprill mai juuni"
    " juuli august september oktoober november detsember",
    "de": "Januar Februar März April Mai Juni"
    " Juli August September Oktober November Dezember",
    "it": "gennaio febbraio marzo aprile maggio giugno"
    " luglio agosto settembre ottobre novembre dicembre",
    "no": "januar februar mars april mai juni"
    " juli august september oktober november desember",
    "pt": "janeiro fevereiro março abril maio junho"
    " julho agosto setembro outubro novembro dezembro",
    "es": "enero febrero marzo abril mayo junio"
    " julio agosto septiembre octubre noviembre diciembre",
    "es-419": "enero febrero marzo abril mayo junio"
    " julio agosto septiembre octubre noviembre diciembre",
    "sv": "januari februari mars april maj juni"
    " juli augusti september oktober november december",
}
THIRD_QUARTERS = {
    "en": "Q3", "fr": "T3", "da": "3. kvt.", "nl": "K3", "et": "K3", "de": "Q3",
    "it": "T3", "no": "K3", "pt": "T3", "es": "T3", "es-419": "T3", "sv": "K3",
}  # fmt: skip

days = st.dates()
languages = st.sampled_from(sorted(LANGUAGES))
steps = st.integers(-999, 999)
texts = st.text(st.characters(exclude_characters=":", codec="utf-8"))
fragments = st.sampled_from(
    ["::", ":", "month", "quarter", "year", "+", "-", "1", "999", "::month::", "é"]
)


def test_the_tables_here_know_every_language() -> None:
    assert list(MONTHS) == list(LANGUAGES)
    assert list(THIRD_QUARTERS) == list(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_are_named_in_the_language(language: str) -> None:
    for month, name in enumerate(MONTHS[language].split(), start=1):
        assert filled("::month::", date(2026, month, 28), language) == name


@pytest.mark.parametrize("language", LANGUAGES)
def test_quarters_are_named_in_the_language(language: str) -> None:
    for month in (7, 8, 9):
        said = filled("::quarter::", date(2026, month, 1), language)
        assert said == THIRD_QUARTERS[language]


@pytest.mark.parametrize("language", ["", "xx", "EN", "en-GB", "fr_FR", "../en", "é"])
def test_languages_that_are_not_ours_are_english(language: str) -> None:
    assert filled("::month-1:: ::quarter::", DAY, language) == "December Q1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hosting in ::month:: ::year::", "Hosting in January 2026"),
        ("::month+1::", "February"),
        ("::month-1::", "December"),
        ("::month+12::", "January"),
        ("::month-13::", "December"),
        ("::month+999::", "April"),
        ("::month-999::", "October"),
        ("::month+0::, ::month-0::, ::month+01::", "January, January, February"),
        ("::quarter::", "Q1"),
        ("::quarter+1::", "Q2"),
        ("::quarter-1::", "Q4"),
        ("::quarter+4::", "Q1"),
        ("::quarter-999::", "Q2"),
        ("::year::", "2026"),
        ("::year+1::", "2027"),
        ("::year-999::", "1027"),
        # Each is counted by itself.
        ("::month-1:: ::year::", "December 2026"),
        ("::quarter-1:: ::year-1::", "Q4 2025"),
        # Side by side, and with colons of the text's own.
        ("::month::::year::", "January2026"),
        (":::month:::", ":January:"),
        ("::month::month::", "Januarymonth::"),
        ("::and::month::", "::andJanuary"),
        ("a::b", "a::b"),
        ("", ""),
    ],
)
def test_variables_become_words_of_the_date(text: str, said: str) -> None:
    assert filled(text, DAY, "en") == said


@pytest.mark.parametrize(
    "text",
    [
        "::invoice id::", "::invoice number::", "::day::", "::months::", "::::",
        "::Month::", "::MONTH::", ":: month ::", "::month +1::", "::month+ 1::",
        "::month", "month::", ":month:", "::month+::", "::month1::", "::month+1000::",
        "::month*2::", "::month+1.5::", "::month+1-1::", "::month--1::",
        "::month\N{MINUS SIGN}1::", "::month+\N{FULLWIDTH DIGIT ONE}::",
        "::month+\N{ARABIC-INDIC DIGIT THREE}::", "::month+1\n::", "::year+x::",
    ],
)  # fmt: skip
def test_all_else_between_colons_stays_as_it_is(text: str) -> None:
    assert filled(text, DAY, "en") == text


@pytest.mark.parametrize(
    ("day", "text", "said"),
    [
        (date(1, 1, 1), "::year:: ::month-1::", "0001 December"),
        (date(1, 1, 1), "::year-1::", "::year-1::"),
        (date(9999, 12, 31), "::year:: ::month+1::", "9999 January"),
        (date(9999, 12, 31), "::year+1::", "::year+1::"),
    ],
)
def test_years_have_four_digits_and_what_has_none_stays(
    day: date, text: str, said: str
) -> None:
    assert filled(text, day, "en") == said


@given(days, languages, steps)
def test_a_month_is_the_one_so_many_months_away(
    day: date, language: str, step: int
) -> None:
    names = MONTHS[language].split()
    expected = names[(day.year * 12 + day.month - 1 + step) % 12]
    assert filled(f"::month{step:+d}::", day, language) == expected


@given(days, languages, steps)
def test_three_months_are_a_quarter_and_four_quarters_come_again(
    day: date, language: str, step: int
) -> None:
    said = filled(f"::quarter{step:+d}::", day, language)
    first = date(2026, (day.month - 1 + 3 * step) % 12 + 1, 1)
    assert said == filled("::quarter::", first, language)


@given(st.lists(texts, min_size=1), days, languages)
def test_what_stands_around_variables_stays(
    around: list[str], day: date, language: str
) -> None:
    month = filled("::month::", day, language)
    assert filled("::month::".join(around), day, language) == month.join(around)


@given(st.lists(fragments).map("".join), days, languages)
def test_a_text_grows_by_a_tenth_at_most(text: str, day: date, language: str) -> None:
    # "septiembre" is one letter longer than its variable; nothing else is.
    assert len(filled(text, day, language)) * 9 <= len(text) * 10


@pytest.mark.parametrize(
    "text",
    [
        "::" * 500_000,
        ":" * 999_999,
        "::mont" * 200_000,
        "::month+99999" * 80_000,
        "::month+" * 100_000,
        "::month" + "9" * 999_999,
    ],
    ids=["colons", "odd colons", "names", "numbers", "signs", "digits"],
)
def test_long_texts_of_beginnings_stay_as_they_are(text: str) -> None:
    assert filled(text, DAY, "en") == text
