"""Authorize.Net's XML API: requests out, answers in, and what can go wrong between.

Nothing that is not understood gets past here, and nothing of what was sent or answered
is written down or told: a refusal of theirs may repeat the card number that it refuses.

Source: documented (AnetApiSchema.xsd, "API Reference"): one address, POST, text/xml;
the order of elements matters; answers begin with a byte order mark.
"""

import re
import threading
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NoReturn, TypeAlias

import requests
from urllib3.exceptions import HTTPError

NAMESPACE = "AnetApi/xml/v1/schema/AnetApiSchema.xsd"
# Elements in the order of the schema, which they insist on; "" leaves one out.
Field: TypeAlias = "tuple[str, str | Fields]"
Fields: TypeAlias = tuple[Field, ...]

_CONNECT_S = 5.0
_READ_S = 20.0
# All the requests of one call of a gateway together.
_WHOLE_S = 28.0
REQUESTS_MAX = 40
# A connection is used again, as to make one takes 40 ms of CPU, but not one that they
# may just be closing: a charge that is lost with it would be unknown.
_IDLE_S = 5.0
_ANSWER_MAX = 256 * 1024
_PIECE = 16 * 1024
_HEADERS = {
    "Accept-Encoding": "identity",
    "Content-Type": "text/xml; charset=utf-8",
    "User-Agent": "Perennial",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CODE = re.compile(r"[EI][0-9]{5}", re.ASCII)

# What their codes say to an operator, in our words.
_WORDS = {
    "E00005": "The gateway does not accept the transaction key.",
    "E00006": "The gateway does not accept the login ID.",
    "E00007": (
        "The gateway does not accept the login ID with this transaction key; they may "
        "be those of its other environment."
    ),
    "E00008": "The account at the gateway is not active.",
    "E00009": "The account at the gateway is in test mode.",
    "E00010": "The gateway does not allow this login ID to use its API.",
    "E00011": (
        "The gateway does not allow this: its Transaction Details API has to be "
        "enabled for the account."
    ),
    "E00044": "The gateway does not keep cards (CIM) for this account.",
    "E00053": "The gateway is too busy.",
    "E00104": "The gateway is being maintained.",
}


class NoAnswerError(Exception):
    """There is no answer that can be relied on; `detail` says why, in our words."""

    def __init__(self, detail: str) -> None:
        """Keep what may be told."""
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is one, to the request that was sent, and when it was given."""

    root: ET.Element
    at: datetime | None

    def text(self, path: str) -> str:
        """Return the text of the first element on a path; "" where there is none."""
        return text_of(self.root, path)

    def every(self, path: str) -> list[ET.Element]:
        """Return all elements on a path."""
        return self.root.findall(_path(path))

    @property
    def ok(self) -> bool:
        """Whether they say that the request was carried out."""
        return self.text("messages/resultCode") == "Ok"

    @property
    def code(self) -> str:
        """Their code for how it went; "" for one that is of no known form."""
        code = self.text("messages/message/code")
        return code if _CODE.fullmatch(code) else ""

    @property
    def words(self) -> str:
        """What is wrong, in our words."""
        said = f"The gateway refused the request ({self.code or 'no code'})."
        return _WORDS.get(self.code, said)


class _OfThread(threading.local):
    session: requests.Session | None = None
    used_at = 0.0


class Line:
    """The way to one account: its address and credentials; shared by all threads."""

    def __init__(self, endpoint: str, login_id: str, transaction_key: str) -> None:
        """Take an address that was checked, and the credentials."""
        self._endpoint = endpoint
        self._credentials = (("name", login_id), ("transactionKey", transaction_key))
        self._of_thread = _OfThread()

    def written(self, method: str, fields: Fields, reference: str) -> bytes:
        """Return a request as it goes out."""
        root = ET.Element(method, xmlns=NAMESPACE)
        head = (("merchantAuthentication", self._credentials), ("refId", reference))
        _write(root, (*head, *fields))
        written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        return written

    def post(self, body: bytes, until: float) -> tuple[bytes, datetime | None]:
        """Return the answer's bytes, and when it was given by their clock.

        Raises: NoAnswerError.
        """
        try:
            return self._posted(body, until)
        except requests.Timeout as error:
            raise NoAnswerError("The gateway did not answer in time.") from error
        except (requests.RequestException, HTTPError, OSError) as error:
            raise NoAnswerError("The connection to the gateway failed.") from error

    def _posted(self, body: bytes, until: float) -> tuple[bytes, datetime | None]:
        read_s = min(_READ_S, until - time.monotonic())
        if read_s <= 0:
            _too_long()
        with self._session().post(
            self._endpoint,
            data=body,
            headers=_HEADERS,
            timeout=(min(_CONNECT_S, read_s), read_s),
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code != requests.codes.ok:
                status = response.status_code
                raise NoAnswerError(f"The gateway answered with HTTP status {status}.")
            return _whole(response, until), _instant(response.headers.get("Date"))

    def _session(self) -> requests.Session:
        mine, now = self._of_thread, time.monotonic()
        if mine.session is None or now - mine.used_at > _IDLE_S:
            if mine.session is not None:
                mine.session.close()
            mine.session = requests.Session()
            # Proxies, certificates and passwords are not what the environment says.
            mine.session.trust_env = False
        mine.used_at = now
        return mine.session


class Talk:
    """The requests of one call of a gateway: so many at most, and in so much time."""

    def __init__(self, line: Line) -> None:
        """Begin to count."""
        self._line = line
        self._until = time.monotonic() + _WHOLE_S
        self._left = REQUESTS_MAX
        # When the first and the latest answer were given, by their clock.
        self.began_at: datetime | None = None
        self.at: datetime | None = None

    def ask(self, method: str, fields: Fields = (), reference: str = "") -> Answer:
        """Return the answer to one request, whether or not it was carried out.

        Raises: NoAnswerError.
        """
        if self._left == 0:
            _too_long()
        self._left -= 1
        body, at = self._line.post(
            self._line.written(f"{method}Request", fields, reference), self._until
        )
        answer = Answer(_root(body), at)
        _expect(answer, method, reference)
        self.began_at, self.at = self.began_at or at, at
        return answer

    def demand(self, method: str, fields: Fields = (), reference: str = "") -> Answer:
        """Return the answer to a request that they have carried out.

        Raises: NoAnswerError.
        """
        answer = self.ask(method, fields, reference)
        if not answer.ok:
            raise NoAnswerError(answer.words)
        return answer


def text_of(element: ET.Element, path: str) -> str:
    """Return the text of the first element on a path; "" where there is none."""
    return (element.findtext(_path(path)) or "").strip()


class _Builder(ET.TreeBuilder):
    def doctype(self, *_: str | None) -> NoReturn:
        raise ET.ParseError("no answer has a document type")


def _root(body: bytes) -> ET.Element:
    parser = ET.XMLParser(target=_Builder())  # noqa: S314 - it refuses document types
    try:
        # As text, so that no encoding which it declares is believed.
        parser.feed(body.decode())
        return parser.close()
    except (ET.ParseError, UnicodeDecodeError) as error:
        raise NoAnswerError("The gateway's answer cannot be read.") from error


def _expect(answer: Answer, method: str, reference: str) -> None:
    name = answer.root.tag.rpartition("}")[2]
    # What it is called when they refuse before they know what was asked for.
    refused = name == "ErrorResponse" and not answer.ok
    if not refused and name != f"{method}Response":
        raise NoAnswerError("The gateway's answer is none to what was asked.")
    if answer.text("messages/resultCode") not in {"Ok", "Error"}:
        raise NoAnswerError("The gateway's answer does not say how it went.")
    if answer.text("refId") not in {"", reference}:
        raise NoAnswerError("The gateway's answer is one to another request.")


def _path(path: str) -> str:
    return "/".join(f"{{*}}{name}" for name in path.split("/"))


def _write(parent: ET.Element, fields: Fields) -> None:
    for name, value in fields:
        if not value:
            continue
        child = ET.SubElement(parent, name)
        if isinstance(value, str):
            child.text = _NOT_XML.sub("", value)
        else:
            _write(child, value)


def _whole(response: requests.Response, until: float) -> bytes:
    body = bytearray()
    _hurry(response, until)
    # As it arrives, so that one who sends byte by byte does not keep us longer.
    while piece := response.raw.read1(_PIECE):
        body += piece
        if len(body) > _ANSWER_MAX:
            raise NoAnswerError("The gateway's answer is too long.")
        _hurry(response, until)
    return bytes(body)


def _hurry(response: requests.Response, until: float) -> None:
    left_s = until - time.monotonic()
    if left_s <= 0:
        _too_long()
    connection = response.raw.connection
    # Neither is there once all has been read, and no socket if they close it then.
    if connection is not None and connection.sock is not None:
        connection.sock.settimeout(min(_READ_S, left_s))


def _too_long() -> NoReturn:
    raise NoAnswerError("The gateway's answers took too long.")


def _instant(date: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(date or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
