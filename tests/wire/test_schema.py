import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree
from xmlschema.validators import XsdComplexType, XsdElement, XsdGroup

from app.api import dispatch, registry
from app.api.registry import Call
from app.domain.errors import (
    InvalidValueError,
    MissingFieldError,
    ServiceError,
    UnknownElementError,
)
from app.domain.unset import UNSET, Maybe
from app.services.ports import Ports
from app.wire import schema, xml
from app.wire.reader import Reader
from app.wire.schema import noun_of
from tests import schemas
from tests.conftest import Api


def root_of(
    method: str, content: str, *, ignore_unknown: bool = False
) -> etree._Element:
    body = f'<request method="{method}">{content}</request>'.encode()
    known = dispatch.known_names()
    return xml.parse(body, {method}, known, ignore_unknown=ignore_unknown).root


def validate(root: etree._Element, method: str, *, ignore_unknown: bool) -> None:
    document = xml.Document(method, root, set())
    schema.validate(document, ignore_unknown=ignore_unknown)


def refusal(method: str, content: str) -> ServiceError:
    root = root_of(method, content)
    with pytest.raises(ServiceError) as refused:
        validate(root, method, ignore_unknown=False)
    return refused.value


def recurring(content: str) -> str:
    return f"<recurring>{content}</recurring>"


def line(content: str) -> str:
    return recurring(
        f"<lines><line><name>a</name></line><line>{content}</line></lines>"
    )


def card(number: str = "4111111111111111", month: str = "3", year: str = "2031") -> str:
    return recurring(
        "<autobill><gateway_name>authorize.net</gateway_name><card>"
        f"<number>{number}</number><name>Ada</name><expiration><month>{month}</month>"
        f"<year>{year}</year></expiration></card></autobill>"
    )


INVALID = [
    (recurring("<discount>ten</discount>"), "discount", "recurring/discount"),
    (recurring("<discount>1,5</discount>"), "discount", "recurring/discount"),
    (recurring("<discount>1e100</discount>"), "discount", "recurring/discount"),
    (recurring("<discount>NaN</discount>"), "discount", "recurring/discount"),
    (recurring("<discount>1000</discount>"), "discount", "recurring/discount"),
    (recurring("<discount>٣</discount>"), "discount", "recurring/discount"),
    (recurring("<discount>\uff15</discount>"), "discount", "recurring/discount"),
    (recurring("<discount>1_0</discount>"), "discount", "recurring/discount"),
    (recurring("<discount>5%</discount>"), "discount", "recurring/discount"),
    (
        recurring("<occurrences>-1</occurrences>"),
        "occurrences",
        "recurring/occurrences",
    ),
    (
        recurring("<occurrences>1.5</occurrences>"),
        "occurrences",
        "recurring/occurrences",
    ),
    (
        recurring(f"<occurrences>{2**63}</occurrences>"),
        "occurrences",
        "recurring/occurrences",
    ),
    (recurring("<stopped>2</stopped>"), "stopped", "recurring/stopped"),
    (recurring("<stopped>yes</stopped>"), "stopped", "recurring/stopped"),
    (recurring("<send_email>-1</send_email>"), "send_email", "recurring/send_email"),
    (recurring("<date>1/2/2026</date>"), "date", "recurring/date"),
    (recurring("<date>20260302</date>"), "date", "recurring/date"),
    (recurring("<date>tomorrow</date>"), "date", "recurring/date"),
    (recurring("<date>10000-01-01</date>"), "date", "recurring/date"),
    (recurring("<date>٢٠٢٦-٠٣-٠٢</date>"), "date", "recurring/date"),
    (recurring("<language>english</language>"), "language", "recurring/language"),
    (
        recurring("<return_uri>loom.test</return_uri>"),
        "return_uri",
        "recurring/return_uri",
    ),
    (
        recurring("<return_uri>javascript:alert(1)</return_uri>"),
        "return_uri",
        "recurring/return_uri",
    ),
    (
        recurring("<return_uri>ftp://loom.test/</return_uri>"),
        "return_uri",
        "recurring/return_uri",
    ),
    (
        recurring(f"<return_uri>http://{'a' * 2050}</return_uri>"),
        "return_uri",
        "recurring/return_uri",
    ),
    (
        recurring(f"<po_number>{'a' * 256}</po_number>"),
        "po_number",
        "recurring/po_number",
    ),
    (recurring(f"<notes>{'a' * 65536}</notes>"), "notes", "recurring/notes"),
    (
        line("<unit_cost>1,000</unit_cost>"),
        "unit_cost",
        "recurring/lines/line[2]/unit_cost",
    ),
    (
        line(f"<unit_cost>{'9' * 40}</unit_cost>"),
        "unit_cost",
        "recurring/lines/line[2]/unit_cost",
    ),
    (
        line("<unit_cost>1e400</unit_cost>"),
        "unit_cost",
        "recurring/lines/line[2]/unit_cost",
    ),
    (
        line("<unit_cost>Infinity</unit_cost>"),
        "unit_cost",
        "recurring/lines/line[2]/unit_cost",
    ),
    (
        line("<unit_cost>0.000000000000000000001</unit_cost>"),
        "unit_cost",
        "recurring/lines/line[2]/unit_cost",
    ),
    (line("<quantity>--1</quantity>"), "quantity", "recurring/lines/line[2]/quantity"),
    (line("<quantity>.</quantity>"), "quantity", "recurring/lines/line[2]/quantity"),
    (line("<type>Thing</type>"), "type", "recurring/lines/line[2]/type"),
    (
        card(month="13"),
        "month",
        "recurring/autobill/card/expiration/month",
    ),
    (card(month="0"), "month", "recurring/autobill/card/expiration/month"),
    (card(year="31"), "year", "recurring/autobill/card/expiration/year"),
    (card(number="4" * 256), "number", "recurring/autobill/card/number"),
]
WRONG_SHAPE = [
    # given twice
    (recurring("<notes>a</notes><notes>b</notes>"), "notes", "recurring/notes"),
    (recurring("<amount>1</amount><amount>1</amount>"), "amount", "recurring/amount"),
    (line("<name>a</name><name>b</name>"), "name", "recurring/lines/line[2]/name"),
    (recurring("") + recurring(""), "recurring", "recurring"),
    # elements in a text, text among elements
    (recurring("<notes><name>a</name></notes>"), "notes", "recurring/notes"),
    (recurring("<discount>1<name/></discount>"), "discount", "recurring/discount"),
    (recurring("text"), "recurring", "recurring"),
    (recurring("<lines>text<line/></lines>"), "lines", "recurring/lines"),
    (recurring("<autobill>0</autobill>"), "autobill", "recurring/autobill"),
]
UNKNOWN = [
    # known to some method, but not there
    ("<email>a</email>", "email", "email"),
    (recurring("<email>a</email>"), "email", "recurring/email"),
    (recurring("<name>a</name>"), "name", "recurring/name"),
    (line("<line/>"), "line", "recurring/lines/line[2]/line"),
    (line("<po_number/>"), "po_number", "recurring/lines/line[2]/po_number"),
    (recurring("<lines><name>a</name></lines>"), "name", "recurring/lines/name"),
    (
        recurring("<autobill><number>4</number></autobill>"),
        "number",
        "recurring/autobill/number",
    ),
    ("<notes>a</notes>" + recurring(""), "notes", "notes"),
    ("<invoice_id>1</invoice_id>" + recurring(""), "invoice_id", "invoice_id"),
]
MISSING = [
    ("recurring.create", "", {"recurring"}),
    ("recurring.update", "", {"recurring"}),
    ("recurring.get", "", {"recurring_id"}),
    ("recurring.delete", "", {"recurring_id"}),
    ("recurring.lines.add", "<recurring_id>1</recurring_id>", {"lines"}),
    ("recurring.lines.add", "<lines/>", {"recurring_id"}),
    ("recurring.lines.update", "<recurring_id>1</recurring_id>", {"lines"}),
    ("recurring.lines.delete", "<recurring_id>1</recurring_id>", {"line_id"}),
    ("recurring.lines.delete", "", {"line_id", "recurring_id"}),
    ("client.create", "", {"client"}),
    ("client.update", "", {"client"}),
    ("client.get", "", {"client_id"}),
    ("client.delete", "", {"client_id"}),
    ("invoice.get", "", {"invoice_id"}),
    ("clock.set", "", {"date"}),
    (
        "recurring.create",
        recurring("<contacts><contact/></contacts>"),
        {"contact_id"},
    ),
    (
        "recurring.update",
        recurring("<autobill><card><number>4</number><name>a</name></card></autobill>"),
        {"expiration"},
    ),
    (
        "recurring.update",
        recurring(
            "<autobill><card><number>4</number><name>a</name><expiration><year>2031"
            "</year></expiration></card></autobill>"
        ),
        {"month"},
    ),
]
VALID = [
    ("recurring.create", recurring("")),
    ("recurring.create", recurring("<client_id>0000007</client_id>")),
    ("recurring.create", recurring("") + "<client><vat_name>x</vat_name></client>"),
    ("recurring.update", recurring("<autobill/><lines/><contacts/>")),
    ("recurring.update", recurring("<autobill>\n</autobill><lines> </lines>")),
    (
        "recurring.update",
        recurring("<discount/><occurrences/><stopped/><send_email/><send_snail_mail/>"),
    ),
    ("recurring.update", recurring("<discount> 5.5 </discount><stopped>\n1</stopped>")),
    (
        "recurring.update",
        recurring("<stopped>TRUE</stopped><send_email>false</send_email>"),
    ),
    ("recurring.update", recurring("<date>2026-03-02 10:00:00</date>")),
    ("recurring.update", recurring("<date/><frequency/><language/><return_uri/>")),
    ("recurring.update", recurring("<language>es-419</language>")),
    (
        "recurring.update",
        recurring("<return_uri>HTTPS://a.test/::invoice id::?n=1</return_uri>"),
    ),
    ("recurring.update", recurring(f"<notes>{'a' * 65535}</notes>")),
    ("recurring.update", recurring(f"<po_number>{'😀' * 255}</po_number>")),
    (
        "recurring.update",
        recurring("<updated>x</updated><links><view>u</view><edit>u</edit></links>"),
    ),
    ("recurring.update", card()),
    ("recurring.update", card(month="03", number="************1111")),
    ("recurring.update", line("<unit_cost>-25</unit_cost><quantity>.5</quantity>")),
    ("recurring.update", line("<amount>x</amount><order>1</order><type>time</type>")),
    ("recurring.list", ""),
    ("recurring.list", "<page>all</page><per_page>-1</per_page><autobill/><folder/>"),
    ("client.create", "<client><contacts><contact/></contacts></client>"),
    ("gateway.list", "<autobill_capable>1</autobill_capable>"),
    ("staff.current", ""),
    ("system.current", ""),
    ("clock.get", ""),
    ("invoice.list", "<status>sent</status><client><notes>x</notes></client>"),
]


@pytest.mark.parametrize(("content", "field", "path"), INVALID)
def test_a_wrong_value_is_refused_with_its_name_and_place(
    content: str, field: str, path: str
) -> None:
    error = refusal("recurring.update", content)
    assert type(error) is InvalidValueError
    assert (error.field, error.path) == (field, path)
    assert error.reason.endswith(".")


@pytest.mark.parametrize(("content", "field", "path"), WRONG_SHAPE)
def test_a_wrong_shape_is_refused_with_its_name_and_place(
    content: str, field: str, path: str
) -> None:
    error = refusal("recurring.update", content)
    assert type(error) is InvalidValueError
    assert (error.field, error.path) == (field, path)


@pytest.mark.parametrize(("content", "field", "path"), UNKNOWN)
def test_an_element_in_a_wrong_place_is_refused_with_its_name_and_place(
    content: str, field: str, path: str
) -> None:
    error = refusal("recurring.update", content)
    assert isinstance(error, UnknownElementError)
    assert (error.field, error.path) == (field, path)


@pytest.mark.parametrize(("method", "content", "fields"), MISSING)
def test_a_missing_element_is_named(
    method: str, content: str, fields: set[str]
) -> None:
    error = refusal(method, content)
    assert isinstance(error, MissingFieldError)
    assert error.field in fields


@pytest.mark.parametrize(("method", "content"), VALID)
def test_a_good_request_is_let_through(method: str, content: str) -> None:
    root = root_of(method, content)
    before = len(list(root.iter()))
    validate(root, method, ignore_unknown=False)
    assert len(list(root.iter())) == before


def test_the_first_fault_in_the_document_is_told() -> None:
    error = refusal(
        "recurring.update",
        recurring("<stopped>2</stopped><discount>x</discount>"),
    )
    assert error.field == "stopped"


@pytest.mark.parametrize("secret", ["4111111111111111", "hunter2hunter2"])
@pytest.mark.parametrize("name", ["discount", "date", "stopped", "return_uri"])
def test_a_refusal_does_not_repeat_the_value(name: str, secret: str) -> None:
    error = refusal("recurring.update", recurring(f"<{name}>x{secret}</{name}>"))
    assert isinstance(error, InvalidValueError)
    assert secret not in f"{error!r} {error} {error.reason} {error.path}"


@pytest.mark.parametrize(("content", "_field", "_path"), UNKNOWN)
def test_unknown_elements_are_taken_out_where_the_account_ignores_them(
    content: str, _field: str, _path: str
) -> None:
    root = root_of(
        "recurring.update", content + recurring("") * ("<rec" not in content)
    )
    validate(root, "recurring.update", ignore_unknown=True)
    assert schemas.validator("recurring").validate(root)
    assert [child.tag for child in root] == ["recurring"]


def test_taking_out_unknown_elements_leaves_the_others_alone() -> None:
    content = recurring(
        "<email>x</email><notes>a</notes><lines><line><number>1</number><name>b</name>"
        "</line></lines><name>c</name>"
    )
    root = root_of("recurring.update", content)
    validate(root, "recurring.update", ignore_unknown=True)
    assert etree.tostring(root) == (
        b"<recurring.update><recurring><notes>a</notes><lines><line><name>b</name>"
        b"</line></lines></recurring></recurring.update>"
    )


@pytest.mark.parametrize(("content", "field", "path"), INVALID + WRONG_SHAPE)
def test_an_account_that_ignores_unknown_names_still_has_values_checked(
    content: str, field: str, path: str
) -> None:
    root = root_of("recurring.update", f"<email/>{content}")
    with pytest.raises(InvalidValueError) as refused:
        validate(root, "recurring.update", ignore_unknown=True)
    assert (refused.value.field, refused.value.path) == (field, path)


@pytest.mark.parametrize(
    ("method", "content", "valid"),
    [
        *((method, content, True) for method, content in VALID),
        *(
            ("recurring.update", content, False)
            for content, _, _ in INVALID + WRONG_SHAPE + UNKNOWN
        ),
        *((method, content, False) for method, content, _ in MISSING),
    ],
)
def test_lxml_and_xmlschema_agree(method: str, content: str, *, valid: bool) -> None:
    root = root_of(method, content)
    root.tag = method
    noun = noun_of(method)
    assert schemas.validator(noun).validate(root) is valid
    # xmlschema takes lxml's elements; its stubs know only the standard library's.
    element: Any = root
    assert schemas.explainer(noun).is_valid(element) is valid


# From here on: the schemas against the methods.


def elements_of(element: XsdElement) -> Iterator[XsdElement]:
    kind = element.type
    assert isinstance(kind, XsdComplexType)
    if isinstance(kind.content, XsdGroup):
        for child in kind.content.iter_elements():
            if isinstance(child, XsdElement):
                yield child


def declared(element: XsdElement, path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Yield for each structure the names in it that mean something to the method."""
    children = [
        child for child in elements_of(element) if child.type.local_name != "ignored"
    ]
    yield path, {child.local_name for child in children}
    for child in children:
        if child.type.is_complex():
            yield from declared(child, f"{path}/{child.local_name}".lstrip("/"))


def global_elements() -> Iterator[tuple[str, XsdElement]]:
    for noun in sorted({noun_of(method) for method in registry.METHODS}):
        yield from schemas.explainer(noun).elements.items()


def test_there_is_a_request_and_an_answer_type_for_each_method_and_no_other() -> None:
    expected = {
        f"{method}{end}" for method in registry.METHODS for end in ("", ".response")
    }
    assert {name for name, _ in global_elements()} == expected


class Watched(Reader):
    """A reader that tells what was asked for, in the structures below it too."""

    def __init__(
        self,
        element: etree._Element,
        path: str = "",
        seen: dict[str, set[str]] | None = None,
    ) -> None:
        super().__init__(element, path)
        self.seen: dict[str, set[str]] = {} if seen is None else seen
        self.asked = self.seen.setdefault(re.sub(r"\[[0-9]+\]", "", path), set())

    def child(self, name: str) -> Reader | None:
        found = super().child(name)
        if found is None:
            return None
        element = self._children[name]
        return Watched(element, found.path, self.seen)

    def items(self, name: str) -> "Maybe[list[Reader]]":
        element = self._child(name)
        if element is None:
            return UNSET
        place = f"{self.path}/{name}".lstrip("/")
        self.seen.setdefault(place, set()).update(str(item.tag) for item in element)
        return [Watched(item, f"{place}/{item.tag!s}", self.seen) for item in element]


SCHEDULES = tuple(
    f"<schedule>{kind}</schedule>"
    for kind in (
        "<days><day>1</day></days>",
        "<week>last</week><weekday>friday</weekday>",
        "<dates><date>03-21</date></dates>",
        "<quarters><q1>01-31</q1><q2>04-30</q2><q3>07-31</q3><q4>10-31</q4></quarters>",
    )
)
ATTRIBUTES = (
    "<attributes><attribute><name>a</name><value>b</value></attribute></attributes>"
)
CHARGES = (
    "<taxes><tax><name>GST</name><percent>5</percent></tax></taxes><discounts>"
    "<discount><name>d</name><percent>5</percent></discount>"
    "<discount><name>d</name><amount>5</amount></discount></discounts>"
)
CATALOGUE = ("item", "tax", "discount", "category")
CLIENT_CARD = (
    "<card><client_id>1</client_id><number>4111111111111111</number><name>Ada</name>"
    "<expiration><month>3</month><year>2031</year></expiration></card>"
)
LINE_AND_MORE = (
    "<lines><line/></lines><contacts><contact><contact_id>1</contact_id></contact>"
    f"</contacts>{ATTRIBUTES}<taxes><tax><name>t</name><percent>1</percent></tax>"
    "</taxes><discounts><discount><percent>1</percent></discount></discounts>"
)
# Where elements exclude each other, there are several requests; {} is one of them.
FULL = {
    "recurring.create": card().replace(
        "</autobill>",
        "</autobill><client_id>1</client_id><lines><line/></lines><contacts><contact>"
        "<contact_id>1</contact_id></contact></contacts>{}<totals><recurring_amount>0"
        f"</recurring_amount><quantity>0</quantity></totals>{ATTRIBUTES}{CHARGES}",
    ),
    "recurring.update": card().replace(
        "</autobill>",
        "</autobill><recurring_id>1</recurring_id><lines><line/></lines><contacts>"
        "<contact><contact_id>1</contact_id></contact></contacts>{}<totals/>"
        f"{ATTRIBUTES}{CHARGES}",
    ),
    "recurring.pause": "<recurring_id>1</recurring_id>",
    "recurring.resume": "<recurring_id>2</recurring_id>",
    "recurring.archive": "<recurring_id>1</recurring_id>",
    "recurring.restore": "<recurring_id>3</recurring_id>",
    "recurring.changeDate": "<recurring_id>1</recurring_id><date>2007-09-09</date>",
    "recurring.skip": "<recurring_id>1</recurring_id>",
    "recurring.billNow": "<recurring_id>4</recurring_id>",
    "recurring.history": "<recurring_id>1</recurring_id>",
    "settings.get": "",
    "recurring.preview": card().replace(
        "</autobill>",
        "</autobill><client_id>1</client_id><lines><line/></lines><contacts><contact>"
        "<contact_id>1</contact_id></contact></contacts>{}<totals/>"
        f"{ATTRIBUTES}{CHARGES}",
    ),
    "attachment.create": "<attachment><recurring_id>1</recurring_id><file_name>a"
    "</file_name><content>eA==</content></attachment>",
    "attachment.get": "<attachment_id>1</attachment_id>",
    "attachment.list": "<recurring_id>1</recurring_id>",
    "attachment.delete": "<attachment_id>1</attachment_id>",
    "billing_model.create": "<billing_model><name>a</name>{}</billing_model>",
    "billing_model.get": "<billing_model_id>1</billing_model_id>",
    "billing_model.list": "",
    "billing_model.update": "<billing_model><billing_model_id>2</billing_model_id>{}"
    "</billing_model>",
    "billing_model.delete": "<billing_model_id>2</billing_model_id>",
    "billing_model.setDefault": "<billing_model_id>1</billing_model_id>",
    "item.create": "<item><name>b</name></item>",
    "item.update": "<item><item_id>1</item_id></item>",
    "tax.create": "<tax><name>c</name></tax>",
    "tax.update": "<tax><tax_id>1</tax_id></tax>",
    "discount.create": "<discount><name>c</name><percent>5</percent></discount>",
    "discount.update": "<discount><discount_id>1</discount_id></discount>",
    "card.create": CLIENT_CARD,
    "card.get": "<card_id>1</card_id>",
    "card.list": "",
    "card.delete": "<card_id>1</card_id>",
    "category.create": "<category><name>b</name></category>",
    "category.update": "<category><category_id>1</category_id></category>",
    **{
        f"{noun}.{verb}": f"<{noun}_id>1</{noun}_id>"
        for noun in CATALOGUE
        for verb in ("get", "delete")
    },
    **{f"{noun}.list": "" for noun in CATALOGUE},
    "recurring.get": "<recurring_id>1</recurring_id>",
    "recurring.delete": "<recurring_id>1</recurring_id>",
    "recurring.list": "",
    "recurring.lines.add": "<recurring_id>1</recurring_id><lines><line/></lines>",
    "recurring.lines.update": "<recurring_id>1</recurring_id><lines><line><line_id>1"
    "</line_id></line></lines>",
    "recurring.lines.delete": "<recurring_id>1</recurring_id><line_id>1</line_id>",
    "client.create": "<client><email>a</email><organization>b</organization><contacts>"
    "<contact><email>c</email></contact></contacts></client>",
    "client.update": "<client><client_id>1</client_id><contacts><contact><email>c"
    "</email></contact></contacts></client>",
    "client.get": "<client_id>1</client_id>",
    "client.delete": "<client_id>1</client_id>",
    "client.list": "",
    "invoice.get": "<invoice_id>1</invoice_id>",
    "invoice.list": "",
    "invoice.create": f"<invoice><client_id>1</client_id>{LINE_AND_MORE}</invoice>",
    "invoice.update": f"<invoice><invoice_id>1</invoice_id>{LINE_AND_MORE}</invoice>",
    "invoice.delete": "<invoice_id>1</invoice_id>",
    "invoice.issue": "<invoice_id>3</invoice_id>",
    "invoice.charge": "<invoice_id>4</invoice_id><card_id>1</card_id>",
    "invoice.sendByEmail": "<invoice_id>1</invoice_id>",
    "invoice.sendBySnailMail": "<invoice_id>1</invoice_id>",
    "invoice.getPDF": "<invoice_id>1</invoice_id>",
    "invoice.history": "<invoice_id>1</invoice_id>",
    "invoice.lines.add": "<invoice_id>1</invoice_id><lines><line/></lines>",
    "invoice.lines.update": "<invoice_id>1</invoice_id><lines><line><line_id>1"
    "</line_id></line></lines>",
    "invoice.lines.delete": "<invoice_id>1</invoice_id><line_id>1</line_id>",
    "payment.create": "<payment><invoice_id>1</invoice_id><amount>1</amount></payment>",
    "payment.update": "<payment><payment_id>1</payment_id><amount>2</amount></payment>",
    "payment.get": "<payment_id>1</payment_id>",
    "payment.list": "",
    "payment.delete": "<payment_id>1</payment_id>",
    "payment.history": "<payment_id>1</payment_id>",
    "recurring.payments": "<recurring_id>1</recurring_id>",
    "gateway.list": "",
    "currency.list": "",
    "language.list": "",
    "staff.current": "",
    "staff.get": "<staff_id>1</staff_id>",
    "staff.list": "",
    "system.current": "",
    "settings.update": "<settings><recurring_defaults>{}</recurring_defaults>"
    "</settings>",
    "default_terms.get": "<type>invoice</type>",
    "default_terms.list": "",
    "default_terms.update": "<terms><type>invoice</type><message>a</message></terms>",
    "report.recurring": "",
    "report.transactions": "",
    "clock.get": "",
    "clock.set": "<date>2007-09-02</date>",
}


OWED = (
    "<invoice><client_id>1</client_id><status>sent</status><lines><line><name>b</name>"
    "<unit_cost>5</unit_cost><quantity>1</quantity></line></lines></invoice>"
)
CREDIT = "<client_id>1</client_id><amount>5</amount>"
MODEL = "<billing_model><name>b</name><frequency>weekly</frequency></billing_model>"


def test_every_method_is_in_the_table_of_full_requests() -> None:
    assert set(FULL) == set(registry.METHODS)


@pytest.mark.parametrize("method", FULL)
def test_a_method_reads_every_element_that_its_schema_declares(
    clocked: Api, ports: Ports, method: str
) -> None:
    client_id = clocked.create_client(
        "<organization>Loom</organization><contacts><contact><email>a@loom.test</email>"
        "</contact></contacts><p_street1>1 Mill Lane</p_street1><p_city>Derby</p_city>"
    )
    one, two, three, _ = (
        clocked.create_profile(f"<lines><line/></lines>{more}", client_id)
        for more in ("", "<stopped>1</stopped>", "", "<date>2007-10-01</date>")
    )
    assert (one, two, three) == (1, 2, 3)
    clocked.call("recurring.archive", f"<recurring_id>{three}</recurring_id>")
    clocked.call("billing_model.create", MODEL)
    clocked.call("card.create", CLIENT_CARD)
    clocked.call("attachment.create", FULL["attachment.create"])
    for noun in CATALOGUE:
        percent = "<percent>5</percent>" if noun == "discount" else ""
        made = f"<name>b</name>{percent}"
        clocked.call(f"{noun}.create", f"<{noun}>{made}</{noun}>")
    clocked.call("invoice.create", "<invoice><client_id>1</client_id></invoice>")
    clocked.call("invoice.create", OWED)
    clocked.call("payment.create", f"<payment>{CREDIT}</payment>")
    seen: dict[str, set[str]] = {}
    for number, schedule in enumerate(SCHEDULES if "{}" in FULL[method] else ("",)):
        content = FULL[method].replace("{}", schedule).replace(">a<", f">a {number}<")
        reader = Watched(root_of(method, content), seen=seen)
        call = Call(ports=ports, caller=clocked.caller, request=reader)
        registry.METHODS[method](call)
    (element,) = (found for name, found in global_elements() if name == method)
    expected = dict(declared(element))
    if method.endswith(".create"):
        # Ids are ours to give; a request that names one is not refused for it.
        expected[noun_of(method)].discard(f"{noun_of(method)}_id")
    if method in ("recurring.create", "recurring.preview"):
        expected["recurring"].add("client_id")
        expected["recurring"].discard("recurring_id")
    if noun_of(method) == "recurring":
        # A client is read as that of client.create is; a request names one or makes it.
        expected = {
            path: names
            for path, names in expected.items()
            if not path.startswith("recurring/client")
        }
    if noun_of(method) in ("billing_model", "settings"):
        # Schedules have one reader; the schema says which of it these do not have.
        for names in seen.values():
            names -= {"start_date", "end_date", "bill_now"}
    # What has a text has nothing below it.
    assert {
        path: names for path, names in seen.items() if names or not path
    } == expected


def answered_names(noun: str, kind: str) -> set[str]:
    found = schemas.explainer(noun).types[kind]
    assert isinstance(found, XsdComplexType)
    assert isinstance(found.content, XsdGroup)
    return {
        child.local_name
        for child in found.content.iter_elements()
        if isinstance(child, XsdElement)
    }


@pytest.mark.parametrize(
    ("noun", "answer", "request_type"),
    [
        ("recurring", "recurringOut", "recurringRequest"),
        ("recurring", "recurringLineOut", "lineRequest"),
        ("recurring", "autobillOut", "autobillRequest"),
        ("recurring", "cardOut", "cardRequest"),
        ("recurring", "expirationOut", "expirationRequest"),
        ("invoice", "invoiceOut", "invoiceRequest"),
        ("invoice", "listedInvoiceOut", "invoiceRequest"),
        ("invoice", "invoiceLineOut", "lineRequest"),
        ("client", "clientOut", "clientRequest"),
        ("client", "listedClientOut", "clientRequest"),
        ("client", "contactOut", "contactRequest"),
        ("item", "itemOut", "itemRequest"),
        ("item", "listedItemOut", "itemRequest"),
        ("tax", "taxOut", "taxRequest"),
        ("discount", "discountOut", "discountRequest"),
        ("category", "listedCategoryOut", "categoryRequest"),
        ("payment", "paymentOut", "paymentRequest"),
        ("payment", "listedPaymentOut", "paymentRequest"),
    ],
)
def test_every_name_that_answers_hold_may_be_sent_back(
    noun: str, answer: str, request_type: str
) -> None:
    assert answered_names(noun, answer) <= answered_names(noun, request_type)


def test_known_names_are_those_of_all_schemas() -> None:
    known = dispatch.known_names()
    wanted = {name for _, element in global_elements() for name in names_below(element)}
    assert wanted - known == set()
    assert "frequencey" not in known


def names_below(element: XsdElement) -> Iterator[str]:
    if element.type.is_complex():
        for child in elements_of(element):
            yield child.local_name
            yield from names_below(child)


def test_a_number_of_the_greatest_length_is_exact(api: Api) -> None:
    recurring_id = api.create_profile(
        "<lines><line><unit_cost>-999999999999.999999</unit_cost></line></lines>"
    )
    cost = api.get(recurring_id).text("recurring/lines/line/unit_cost")
    assert Decimal(cost or "") == Decimal("-999999999999.999999")


def test_accounts_choose_whether_unknown_names_are_ignored(
    new_api: Callable[..., Api],
) -> None:
    strict, lenient = new_api("Strict"), new_api("Lenient", ignore_unknown=True)
    content = "<frequencey>yearly</frequencey><email>a</email><notes>kept</notes>"
    refused = strict.create(content)
    assert (refused.code, refused.field) == ("40060", "frequencey")
    assert "recurring/frequencey" in refused.error
    made = lenient.create_profile(content)
    assert lenient.get(made).text("recurring/notes") == "kept"
