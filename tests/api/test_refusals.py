"""Every refusal, however it comes about: an envelope with a code, and nothing else.

Requests are generated from the schemas: each method with nothing, with too much, and
with rubbish in each of its elements. What each error says is tested in `test_errors`.
"""

from collections.abc import Iterator

import pytest
from lxml import etree

from app.api import registry
from app.api.faults import FAULTS, HTTP_FAULTS
from app.domain.errors import ServiceError
from tests.api import test_errors
from tests.conftest import PATH, Answer, Api, parsed
from tests.hostile import LEAK, stored
from tests.house.test_methods import declared, maximal

METHODS = sorted(registry.METHODS)
ANSWER_MAX = 64 * 1024
OURS = 10010
CODES = {fault.code for fault in (*FAULTS.values(), *HTTP_FAULTS.values())} - {OURS}
RUBBISH = (
    "zu\u0308rich \u0661\u0662 \U0001f600",
    "9" * 400,
    "/etc/passwd",
    "{field.__class__.__mro__} %(field)s",
    "4111 1111 1111 1111 1111",
    "x" * 70_000,
)
# At most so many of them for each method, so that all take seconds.
ROUNDS = 2


def check(answer: Answer, sent: str = "") -> None:
    """Prove that an answer is an envelope that tells nothing but what is wrong."""
    data = answer.http.data
    if answer.ok:
        return
    assert len(data) <= ANSWER_MAX
    assert int(answer.code or 0) in CODES
    assert answer.error
    assert not LEAK.search(answer.error), answer.error
    assert len(sent) < 8 or sent.encode() not in data, answer.error
    for name, value in answer.http.headers.items():
        assert not LEAK.search(value.replace(PATH, "")), (name, value)


def whole(method: str) -> etree._Element:
    """Return a request with every element that its type declares."""
    document = maximal(declared(method))
    document.tag = "request"
    document.set("method", method)
    return document


def posted(api: Api, document: etree._Element, sent: str = "") -> Answer:
    answer = api.post(etree.tostring(document, encoding="utf-8"))
    check(answer, sent)
    return answer


def leaves(document: etree._Element) -> Iterator[etree._Element]:
    yield from (element for element in document.iter() if not len(element))


@pytest.fixture(name="victim")
def victim_(api: Api) -> Api:
    """Provide an account that has something to refuse things about."""
    api.create_profile("<lines><line><name>x</name></line></lines>")
    return api


@pytest.mark.parametrize(
    ("body", "options"),
    [(row[1], row[2]) for row in test_errors.ROWS],
    ids=[row[0].__name__ for row in test_errors.ROWS],
)
def test_each_class_of_error_is_told_in_an_envelope(
    victim: Api, body: str, options: dict[str, object]
) -> None:
    check(victim.post(body, **options))


def test_each_class_of_error_is_tried() -> None:
    def all_of(kind: type[ServiceError]) -> set[type[ServiceError]]:
        below = {leaf for child in kind.__subclasses__() for leaf in all_of(child)}
        return {*kind.__subclasses__()} | below

    # These need a socket, a state or a fault: they are tried where those are made.
    elsewhere = {
        "BrokenBodyError",
        "ChargeUnknownError",
        "DatabaseUnavailableError",
        "KeyReusedError",
        "NumberInUseError",
        "RefusedError",
        "TooManyLoginsError",
        "TooManyRequestsError",
        "UnavailableError",
    }
    tried = {row[0].__name__ for row in test_errors.ROWS}
    assert {kind.__name__ for kind in all_of(ServiceError)} - tried == elsewhere


@pytest.mark.parametrize("method", METHODS)
def test_rubbish_in_any_element_is_told_in_an_envelope(
    victim: Api, method: str
) -> None:
    count = sum(1 for _ in leaves(whole(method)))
    for place in range(count):
        for turn in range(ROUNDS):
            rubbish = RUBBISH[(place + turn) % len(RUBBISH)]
            document = whole(method)
            leaf = list(leaves(document))[place]
            leaf.text = rubbish
            posted(victim, document, rubbish)


@pytest.mark.parametrize("method", METHODS)
def test_a_structure_in_any_element_is_told_in_an_envelope(
    victim: Api, method: str
) -> None:
    count = sum(1 for _ in leaves(whole(method)))
    before = stored()
    for place in range(count):
        document = whole(method)
        leaf = list(leaves(document))[place]
        if leaf is document:
            continue
        etree.SubElement(leaf, "client").text = "/etc/passwd"
        assert not posted(victim, document, "/etc/passwd").ok
    assert stored() == before


@pytest.mark.parametrize("method", METHODS)
def test_what_a_method_does_not_know_is_told_in_an_envelope(
    victim: Api, method: str
) -> None:
    before = stored()
    count = sum(1 for _ in whole(method).iter())
    for place, name in (
        (place, name) for place in range(count) for name in ("x", "method")
    ):
        document = whole(method)
        parent = list(document.iter())[place]
        etree.SubElement(parent, name).text = "/etc/passwd"
        assert not posted(victim, document, "/etc/passwd").ok
    assert stored() == before


@pytest.mark.parametrize("method", METHODS)
def test_any_element_left_out_or_given_twice_is_told_in_an_envelope(
    victim: Api, method: str
) -> None:
    count = sum(1 for _ in whole(method).iter())
    for place in range(1, count):
        document = whole(method)
        element = list(document.iter())[place]
        parent = element.getparent()
        assert parent is not None
        parent.append(etree.fromstring(etree.tostring(element)))
        posted(victim, document)
        parent.remove(element)
        del parent[-1]
        posted(victim, document)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_request_that_is_cut_is_told_in_an_envelope(
    victim: Api, method: str, cut: float
) -> None:
    body = etree.tostring(whole(method), encoding="utf-8")
    answer = victim.post(body[: int(len(body) * cut)])
    check(answer)
    assert not answer.ok


@pytest.mark.parametrize("path", ["/", "/x", f"{PATH}/x", f"{PATH}.wsdl", "/%ff%fe"])
@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE", "OPTIONS", "BREW"])
def test_another_address_is_told_in_an_envelope(
    victim: Api, path: str, verb: str
) -> None:
    check(parsed(victim.client.open(path, method=verb, headers=victim.headers)))


@pytest.mark.parametrize("verb", ["OPTIONS", "TRACE", "BREW", "post", "PROPFIND"])
def test_another_verb_is_told_in_an_envelope(victim: Api, verb: str) -> None:
    check(parsed(victim.client.open(PATH, method=verb, headers=victim.headers)))
