"""Currencies and languages: the same for every account."""

import pytest

from app.domain.currency import LISTED
from app.domain.language import LANGUAGES
from app.domain.money import CURRENCIES
from tests.conftest import ON_SQLITE, Answer, Api

# Nothing of these is in a database.
pytestmark = ON_SQLITE


def attributes(answer: Answer, name: str) -> dict[str, str]:
    found = answer.find(name)
    assert found is not None
    return {str(key): str(value) for key, value in found.attrib.items()}


def test_currencies_are_listed_a_hundred_a_page_the_common_ones_first(api: Api) -> None:
    first, second, third = (
        api.call("currency.list", f"<page>{number}</page>") for number in (1, 2, 3)
    )
    assert attributes(first, "currencies") == {
        "page": "1",
        "per_page": "100",
        "pages": "2",
        "total": str(len(CURRENCIES)),
    }
    assert list(attributes(first, "currencies")) == [
        "page",
        "per_page",
        "pages",
        "total",
    ]
    assert first.all("code")[:8] == "USD CAD EUR GBP AUD AED AFN ALL".split()
    codes = first.all("code") + second.all("code")
    assert len(first.all("code")) == 100
    assert codes[5:] == sorted(codes[5:])
    assert set(codes) == CURRENCIES
    assert len(codes) == len(CURRENCIES)
    assert third.ok
    assert third.all("code") == []


def test_a_currency_is_its_code_unless_details_are_wanted(api: Api) -> None:
    assert api.call("currency.list").names("currencies/currency") == ["code"]
    plain = api.call("currency.list", "<details>0</details>")
    assert plain.names("currencies/currency") == ["code"]
    whole = api.call("currency.list", "<details>1</details><per_page>5</per_page>")
    assert whole.names("currencies/currency") == ["code", "name"]
    assert whole.all("name") == [
        "US Dollar",
        "Canadian Dollar",
        "Euro",
        "British Pound",
        "Australian Dollar",
    ]


def test_every_currency_has_a_name_of_its_own(api: Api) -> None:
    names = [
        name
        for number in (1, 2)
        for name in api.call(
            "currency.list", f"<details>1</details><page>{number}</page>"
        ).all("name")
    ]
    assert len(set(names)) == len(LISTED)
    assert not set(names) & {"", *LISTED}


def test_a_client_may_have_any_listed_currency(api: Api) -> None:
    for code in LISTED[::10]:
        client_id = api.create_client(f"<currency_code>{code}</currency_code>")
        shown = api.call("client.get", f"<client_id>{client_id}</client_id>")
        assert shown.all("currency_code") == [code]


def test_the_twelve_languages_are_listed_in_their_order(api: Api) -> None:
    answer = api.call("language.list")
    assert attributes(answer, "languages") == {
        "page": "1",
        "per_page": "25",
        "pages": "1",
        "total": "12",
    }
    assert answer.names("languages/language") == ["code", "name"]
    told = dict(zip(answer.all("code"), answer.all("name"), strict=True))
    assert list(told) == "en fr da nl et de it no pt es es-419 sv".split()
    assert told["en"] == "English"
    assert told["es-419"] == "Spanish (Latin America)"


def test_languages_are_paged(api: Api) -> None:
    answer = api.call("language.list", "<page>2</page><per_page>5</per_page>")
    assert answer.all("code") == "de it no pt es".split()
    assert attributes(answer, "languages")["pages"] == "3"
    assert api.call("language.list", "<page>4</page><per_page>5</per_page>").ok
    huge = api.call("language.list", f"<page>{'9' * 18}</page>")
    assert huge.all("code") == []
    clamped = api.call("language.list", "<per_page>1000</per_page>")
    assert attributes(clamped, "languages")["per_page"] == "100"


def test_a_client_may_have_any_listed_language(api: Api) -> None:
    for code in LANGUAGES:
        client_id = api.create_client(f"<language>{code}</language>")
        shown = api.call("client.get", f"<client_id>{client_id}</client_id>")
        assert shown.all("language") == [code]


@pytest.mark.parametrize("method", ["currency.list", "language.list"])
def test_lists_are_for_those_who_have_a_token(api: Api, method: str) -> None:
    answer = api.post(f'<request method="{method}"/>', headers={"Authorization": ""})
    assert answer.code == "20010"
