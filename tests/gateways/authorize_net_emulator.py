"""A small Authorize.Net on loopback: its documented messages, and a memory of money.

It insists on the order of elements, on lengths and on credentials, refuses duplicates,
lists and settles transactions, keeps cards, and tells what money moved. It can be told
to lie about any of that.
"""

import re
import socket
import ssl
import struct
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from xml.sax.saxutils import escape

NAMESPACE = "AnetApi/xml/v1/schema/AnetApiSchema.xsd"
LOGIN_ID = "5KP3u95bQpv"
TRANSACTION_KEY = "346HZ32z3fP4hTG2"

# Numbers that pass the check of digits, and how they end: response code, reason code.
APPROVED = "4111111111111111"
CARDS: dict[str, tuple[str, str]] = {
    APPROVED: ("1", "1"),
    "5424000000000015": ("1", "1"),
    "4222222222222220": ("2", "2"),
    "4000000000000002": ("2", "4"),
    "4000000000000010": ("3", "8"),
    "4000000000000028": ("3", "6"),
    "4000000000000036": ("2", "27"),
    "4000000000000044": ("2", "65"),
    "4000000000000051": ("2", "251"),
    "4000000000000101": ("2", "250"),
    "4000000000000069": ("3", "19"),
    "4000000000000077": ("4", "252"),
    "4000000000000085": ("3", "39"),
    "4000000000000093": ("3", "17"),
}
CVV_OF_ALL = "900"

# What may stand in each element, in this order. Source: documented
# (AnetApiSchema.xsd); only what we send is here.
ORDER = {
    "authenticateTestRequest": ("merchantAuthentication", "refId"),
    "createTransactionRequest": (
        "merchantAuthentication",
        "refId",
        "transactionRequest",
    ),
    "createCustomerProfileRequest": (
        "merchantAuthentication",
        "refId",
        "profile",
        "validationMode",
    ),
    "createCustomerPaymentProfileRequest": (
        "merchantAuthentication",
        "refId",
        "customerProfileId",
        "paymentProfile",
        "validationMode",
    ),
    "getTransactionDetailsRequest": ("merchantAuthentication", "refId", "transId"),
    "getUnsettledTransactionListRequest": (
        "merchantAuthentication",
        "refId",
        "status",
        "sorting",
        "paging",
    ),
    "getSettledBatchListRequest": (
        "merchantAuthentication",
        "refId",
        "includeStatistics",
        "firstSettlementDate",
        "lastSettlementDate",
    ),
    "getTransactionListRequest": (
        "merchantAuthentication",
        "refId",
        "batchId",
        "sorting",
        "paging",
    ),
    "merchantAuthentication": ("name", "transactionKey"),
    "transactionRequest": (
        "transactionType",
        "amount",
        "currencyCode",
        "payment",
        "profile",
        "refTransId",
        "order",
        "billTo",
        "transactionSettings",
    ),
    "payment": ("creditCard",),
    "creditCard": ("cardNumber", "expirationDate", "cardCode"),
    "order": ("invoiceNumber", "description"),
    "billTo": ("firstName", "lastName", "address", "zip"),
    "paymentProfile": ("billTo", "payment"),
    "paymentProfiles": ("billTo", "payment"),
    "transactionSettings": ("setting",),
    "setting": ("settingName", "settingValue"),
    "sorting": ("orderBy", "orderDescending"),
    "paging": ("limit", "offset"),
}
# Where one name has two contents: how a card is charged, and how one is kept.
CHARGED_PROFILE = ("customerProfileId", "paymentProfile")
CHARGED_PAYMENT_PROFILE = ("paymentProfileId", "cardCode")
KEPT_PROFILE = ("merchantCustomerId", "description", "email", "paymentProfiles")
REPEATED = frozenset({"setting"})
LENGTHS_MAX = {
    "refId": 20,
    "invoiceNumber": 20,
    "description": 255,
    "merchantCustomerId": 20,
    "name": 25,
    "transactionKey": 16,
    "cardNumber": 16,
    "expirationDate": 7,
    "firstName": 50,
    "lastName": 50,
    "address": 60,
    "zip": 20,
}


class Lie(Enum):
    """What may go wrong instead of an answer."""

    SILENT = "silent"
    DROPPED = "dropped"
    RESET = "reset"
    ERROR_500 = "500"
    REDIRECT = "redirect"
    GARBAGE = "garbage"
    EMPTY = "empty"
    CUT_OFF = "cut off"
    TOO_LONG = "too long"
    STALLED = "stalled"
    DRIPPED = "dripped"
    DOCUMENT_TYPE = "document type"
    NOT_UTF8 = "not utf-8"
    ANOTHERS = "another's"
    OTHER_METHOD = "other method"
    NO_RESULT = "no result"
    COMPRESSED = "compressed"


@dataclass
class Transaction:
    """One that they remember."""

    number: str
    kind: str
    amount: Decimal
    currency: str
    invoice: str
    card: str
    status: str
    submitted_at: datetime
    code: str
    reason: str
    same: tuple[str, ...]
    refund_of: str = ""
    window_s: int = 0
    batch: str = ""

    @property
    def taken(self) -> Decimal:
        """What it has taken from a card, or given back."""
        if self.status in {"capturedPendingSettlement", "settledSuccessfully"}:
            return self.amount
        if self.status in {"refundPendingSettlement", "refundSettledSuccessfully"}:
            return -self.amount
        return Decimal(0)


@dataclass
class Profile:
    """A customer profile with its cards, by the number of each."""

    number: str
    customer: str
    cards: dict[str, tuple[str, str]] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - it is no error of the emulator's
    """They answer with a code of theirs."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code, self.text = code, text


class Emulator:
    """One account there."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
        self.transactions: list[Transaction] = []
        self.profiles: dict[str, Profile] = {}
        self.batches: dict[str, datetime] = {}
        self.asked: Counter[str] = Counter()
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        # Whether the account may read lists, keeps cards, is in test mode.
        self.reports = True
        self.keeps_cards = True
        self.test_mode = False
        self.dates = True
        self.totals = True
        # What an account's one-line answers have between their values.
        self.between = ","
        # Called between two pages of a list.
        self.meanwhile: Callable[[], None] = lambda: None
        self.url = ""
        self._lies: list[tuple[str, Lie, bool]] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._next = 60_000_000_000

    # What tests tell it.

    def lies(self, lie: Lie, method: str, *, after: bool) -> None:
        """Have the next request of a method end in a lie, before or after its work."""
        self._lies.append((method, lie, after))

    def passes(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time

    def settle(self) -> str:
        """Settle all that can be, as they do once a day; return the batch."""
        batch = self._number()
        self.batches[batch] = self.now
        for each in self.transactions:
            settled = {
                "capturedPendingSettlement": "settledSuccessfully",
                "refundPendingSettlement": "refundSettledSuccessfully",
                "declined": "declined",
                "generalError": "generalError",
                "voided": "voided",
            }.get(each.status)
            if settled and not each.batch:
                each.status, each.batch = settled, batch
        return batch

    def become(self, status: str) -> None:
        """Give the latest transaction a status, as somebody there may."""
        self.transactions[-1].status = status

    # What tests ask it.

    @property
    def money(self) -> Decimal:
        """All that cards have paid, less what went back."""
        return sum((each.taken for each in self.transactions), Decimal(0))

    @property
    def captures(self) -> int:
        """How many charges have taken money."""
        return sum(each.taken > 0 for each in self.transactions)

    # How it answers.

    def answer(self, body: bytes) -> tuple[str, str, Lie | None]:
        """Return root and content of an answer, and what to make of it."""
        root = ET.fromstring(body)  # noqa: S314 - our own tests send it
        method = local(root)
        with self._lock:
            self.bodies.append(body)
            self.asked[method] += 1
            lie = self._lie(method)
            if lie and not lie[1]:
                return method, "", lie[0]
            content = self._content(root, method)
            return method, content, lie[0] if lie else None

    def wait(self) -> None:
        """Be silent until the tests are over."""
        self._over.wait(30)

    def dripped(self, wait_s: float) -> bool:
        """Wait between two bytes; return whether the tests are over."""
        return self._over.wait(wait_s)

    def end(self) -> None:
        """Be silent no longer."""
        self._over.set()

    def _lie(self, method: str) -> tuple[Lie, bool] | None:
        for each in self._lies:
            if f"{each[0]}Request" == method:
                self._lies.remove(each)
                return each[1], each[2]
        return None

    def _content(self, root: ET.Element, method: str) -> str:
        reference = text(root, "refId")
        echo = f"<refId>{escape(reference)}</refId>" if reference else ""
        try:
            check(root)
            self._authenticate(root)
            return echo + self._methods()[method](root)
        except Refused as refused:
            return echo + messages("Error", refused.code, refused.text)

    def _methods(self) -> dict[str, Callable[[ET.Element], str]]:
        return {
            "authenticateTestRequest": lambda _: ok(),
            "createTransactionRequest": self._transact,
            "createCustomerProfileRequest": self._keep,
            "createCustomerPaymentProfileRequest": self._keep_another,
            "getTransactionDetailsRequest": self._details,
            "getUnsettledTransactionListRequest": self._unsettled,
            "getSettledBatchListRequest": self._settled,
            "getTransactionListRequest": self._of_batch,
        }

    def _authenticate(self, root: ET.Element) -> None:
        name = text(root, "merchantAuthentication/name")
        key = text(root, "merchantAuthentication/transactionKey")
        if (name, key) != (LOGIN_ID, TRANSACTION_KEY):
            said = "User authentication failed due to invalid authentication values."
            raise Refused("E00007", said)
        if not self.reports and local(root).startswith("get"):
            said = "Access denied. You do not have the appropriate permissions."
            raise Refused("E00011", said)

    def _number(self) -> str:
        self._next += 1
        return str(self._next)

    # createTransaction

    def _transact(self, root: ET.Element) -> str:
        request = root.find("{*}transactionRequest")
        assert request is not None
        return {
            "authCaptureTransaction": self._charge,
            "refundTransaction": self._credit,
            "voidTransaction": self._void,
        }[text(request, "transactionType")](request)

    def _charge(self, request: ET.Element) -> str:
        number = self._card(request)
        code, reason = CARDS.get(number, ("3", "6"))
        if text(request, "currencyCode") not in {"", "USD"}:
            code, reason = "3", "39"
        status = {
            "1": "capturedPendingSettlement",
            "2": "declined",
            "3": "generalError",
            "4": "FDSPendingReview",
        }[code]
        return self._made(request, number, code, reason, status)

    def _credit(self, request: ET.Element) -> str:
        charge = self._known(text(request, "refTransId"))
        if charge is None:
            return transaction("3", "16", "0", "")
        if charge.status != "settledSuccessfully":
            return transaction("3", "54", "0", charge.card)
        back = sum(
            (-each.taken for each in self.transactions if each.refund_of), Decimal(0)
        )
        if back + Decimal(text(request, "amount")) > charge.amount:
            return transaction("3", "55", "0", charge.card)
        number = text(request, "payment/creditCard/cardNumber")
        if not charge.card.endswith(number):
            return transaction("3", "6", "0", charge.card)
        return self._made(request, charge.card, "1", "1", "refundPendingSettlement")

    def _void(self, request: ET.Element) -> str:
        charge = self._known(text(request, "refTransId"))
        if charge is None:
            return transaction("3", "16", "0", "")
        if charge.batch:
            return transaction("3", "16", "0", charge.card)
        charge.status = "voided"
        return transaction("1", "1", charge.number, charge.card)

    def _card(self, request: ET.Element) -> str:
        customer = text(request, "profile/customerProfileId")
        if not customer:
            return text(request, "payment/creditCard/cardNumber")
        payment = text(request, "profile/paymentProfile/paymentProfileId")
        known = self.profiles.get(customer)
        if known is None or payment not in known.cards:
            raise Refused("E00040", "Customer Profile ID or Payment Profile not found.")
        return known.cards[payment][0]

    def _known(self, number: str) -> Transaction | None:
        found = (each for each in self.transactions if each.number == number)
        return next(found, None)

    def _made(
        self, request: ET.Element, card: str, code: str, reason: str, status: str
    ) -> str:
        window_s = int(setting(request, "duplicateWindow") or 120)
        same = (
            text(request, "transactionType"),
            card,
            text(request, "amount"),
            text(request, "order/invoiceNumber"),
            text(request, "billTo/firstName"),
            text(request, "billTo/lastName"),
            str(window_s),
        )
        if earlier := self._duplicate(same, window_s):
            return transaction("3", "11", earlier.number, card)
        if self.test_mode:
            return transaction(code, reason, "0", card, test="1")
        made = Transaction(
            number=self._number(),
            kind=text(request, "transactionType"),
            amount=Decimal(text(request, "amount")),
            currency=text(request, "currencyCode"),
            invoice=text(request, "order/invoiceNumber"),
            card=card,
            status=status,
            submitted_at=self.now,
            code=code,
            reason=reason,
            same=same,
            refund_of=text(request, "refTransId"),
            window_s=window_s,
        )
        self.transactions.append(made)
        return transaction(code, reason, made.number, card)

    def _duplicate(self, same: tuple[str, ...], window_s: int) -> Transaction | None:
        since = self.now - timedelta(seconds=min(window_s, 28_800))
        for each in self.transactions:
            if each.same == same and each.submitted_at > since:
                return each
        return None

    # Customer profiles

    def _keep(self, root: ET.Element) -> str:
        if not self.keeps_cards:
            raise Refused("E00044", "Customer Information Manager is not enabled.")
        customer = text(root, "profile/merchantCustomerId")
        for each in self.profiles.values():
            if each.customer == customer:
                said = f"A duplicate record with ID {each.number} already exists."
                raise Refused("E00039", said)
        paying = root.find("{*}profile/{*}paymentProfiles")
        assert paying is not None
        said, line = self._tried(paying)
        if said != "1":
            lists = (
                "<customerPaymentProfileIdList /><customerShippingAddressIdList />"
                f"<validationDirectResponseList><string>{escape(line)}</string>"
                "</validationDirectResponseList>"
            )
            return messages("Error", "E00027", "The transaction was unsuccessful.") + (
                lists
            )
        profile = Profile(self._number(), customer)
        self.profiles[profile.number] = profile
        payment = self._kept(profile, paying)
        return ok() + (
            f"<customerProfileId>{profile.number}</customerProfileId>"
            "<customerPaymentProfileIdList>"
            f"<numericString>{payment}</numericString>"
            "</customerPaymentProfileIdList><customerShippingAddressIdList />"
            f"<validationDirectResponseList><string>{escape(line)}</string>"
            "</validationDirectResponseList>"
        )

    def _keep_another(self, root: ET.Element) -> str:
        profile = self.profiles.get(text(root, "customerProfileId"))
        if profile is None:
            raise Refused("E00040", "The record cannot be found.")
        paying = root.find("{*}paymentProfile")
        assert paying is not None
        card = card_of(paying)
        for payment, known in profile.cards.items():
            if known == card:
                return messages("Error", "E00039", "A duplicate record exists.") + (
                    f"<customerProfileId>{profile.number}</customerProfileId>"
                    f"<customerPaymentProfileId>{payment}</customerPaymentProfileId>"
                )
        said, line = self._tried(paying)
        direct = f"<validationDirectResponse>{escape(line)}</validationDirectResponse>"
        if said != "1":
            return messages("Error", "E00027", "It was unsuccessful.") + direct
        payment = self._kept(profile, paying)
        return ok() + (
            f"<customerProfileId>{profile.number}</customerProfileId>"
            f"<customerPaymentProfileId>{payment}</customerPaymentProfileId>{direct}"
        )

    def _kept(self, profile: Profile, paying: ET.Element) -> str:
        payment = self._number()
        profile.cards[payment] = card_of(paying)
        return payment

    def _tried(self, paying: ET.Element) -> tuple[str, str]:
        number, expiration = card_of(paying)
        if expiration < f"{self.now:%Y-%m}":
            raise Refused("E00013", "Expiration Date is invalid.")
        said, reason = CARDS.get(number, ("3", "6"))
        code = text(paying, "payment/creditCard/cardCode")
        if said == "1" and code not in {"", CVV_OF_ALL}:
            said, reason = "2", "44"
        values = (said, "1", reason, "What there is to say, or not.", "AWTJEY", "Y")
        return said, self.between.join(values) + self.between

    # Reports

    def _details(self, root: ET.Element) -> str:
        found = self._known(text(root, "transId"))
        if found is None:
            raise Refused("E00040", "The record cannot be found.")
        said = "This transaction has been approved."
        if found.code != "1":
            said = f"What is wrong with it: {found.reason}."
        amount = "0.00" if found.status == "voided" else f"{found.amount}"
        return ok() + (
            f"<transaction><transId>{found.number}</transId>"
            f"<submitTimeUTC>{iso(found.submitted_at)}</submitTimeUTC>"
            f"<transactionType>{found.kind}</transactionType>"
            f"<transactionStatus>{found.status}</transactionStatus>"
            f"<responseCode>{found.code}</responseCode>"
            f"<responseReasonCode>{found.reason}</responseReasonCode>"
            f"<responseReasonDescription>{said}</responseReasonDescription>"
            f"<order><invoiceNumber>{found.invoice}</invoiceNumber></order>"
            f"<authAmount>{found.amount}</authAmount>"
            f"<settleAmount>{amount}</settleAmount><payment><creditCard>"
            f"<cardNumber>XXXX{found.card[-4:]}</cardNumber>"
            "<expirationDate>XXXX</expirationDate>"
            "<cardType>Visa</cardType></creditCard></payment></transaction>"
        )

    def _unsettled(self, root: ET.Element) -> str:
        held = text(root, "status") == "pendingApproval"
        return self._list(
            root,
            lambda each: not each.batch and (each.status == "FDSPendingReview") is held,
        )

    def _of_batch(self, root: ET.Element) -> str:
        batch = text(root, "batchId")
        return self._list(root, lambda each: each.batch == batch)

    def _list(self, root: ET.Element, belongs: Callable[[Transaction], bool]) -> str:
        limit = int(text(root, "paging/limit"))
        page = int(text(root, "paging/offset"))
        if page > 1:
            self.meanwhile()
        rows = [each for each in self.transactions if belongs(each)]
        shown = rows[(page - 1) * limit : page * limit]
        if not rows:
            return messages("Ok", "I00004", "No records found.")
        total = f"<totalNumInResultSet>{len(rows)}</totalNumInResultSet>"
        return ok() + (
            f"<transactions>{''.join(map(row, shown))}</transactions>"
            f"{total if self.totals else ''}"
        )

    def _settled(self, root: ET.Element) -> str:
        first = instant(text(root, "firstSettlementDate"))
        last = instant(text(root, "lastSettlementDate")) or self.now
        first = first or self.now - timedelta(days=1)
        if last - first > timedelta(days=31):
            raise Refused("E00013", "The specified date range is too large.")
        found = [n for n, at in self.batches.items() if first <= at <= last]
        if not found:
            return messages("Ok", "I00004", "No records found.")
        rows = (
            f"<batch><batchId>{number}</batchId>"
            f"<settlementTimeUTC>{iso(self.batches[number])}</settlementTimeUTC>"
            "<settlementState>settledSuccessfully</settlementState></batch>"
            for number in found
        )
        return ok() + f"<batchList>{''.join(rows)}</batchList>"


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def text(element: ET.Element, path: str) -> str:
    return element.findtext("/".join(f"{{*}}{name}" for name in path.split("/"))) or ""


def setting(request: ET.Element, name: str) -> str:
    for each in request.iterfind("{*}transactionSettings/{*}setting"):
        if text(each, "settingName") == name:
            return text(each, "settingValue")
    return ""


def card_of(paying: ET.Element) -> tuple[str, str]:
    card = "payment/creditCard"
    return text(paying, f"{card}/cardNumber"), text(paying, f"{card}/expirationDate")


def iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def instant(value: str) -> datetime | None:
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z") if value else None


def check(root: ET.Element) -> None:
    """Refuse what their schema would: unknown elements, wrong order, long values."""
    for parent in root.iter():
        allowed = contents(parent, root)
        names = [local(child) for child in parent]
        places = [allowed.index(n) for n in names if n in allowed]
        twice = [n for n, times in Counter(names).items() if times > 1]
        if len(places) != len(names) or places != sorted(places):
            raise Refused("E00003", f"The element {local(parent)} is invalid: {names}")
        if set(twice) - REPEATED:
            raise Refused("E00003", f"The element {local(parent)} has {twice} twice")
        value = (parent.text or "").strip()
        if len(value) > LENGTHS_MAX.get(local(parent), 255):
            said = f"The '{local(parent)}' element is invalid - The value {value!r} is"
            raise Refused("E00003", said)
    if root.tag != f"{{{NAMESPACE}}}{local(root)}":
        raise Refused("E00045", "The root node does not reference a valid namespace.")
    amount = text(root, "transactionRequest/amount")
    if amount and re.fullmatch(r"[0-9]+\.[0-9]{2}", amount) is None:
        raise Refused("E00003", "The 'amount' element is invalid")


def contents(parent: ET.Element, root: ET.Element) -> tuple[str, ...]:
    name, kept = local(parent), local(root) == "createCustomerProfileRequest"
    if name == "profile":
        return KEPT_PROFILE if kept else CHARGED_PROFILE
    if name == "paymentProfile" and local(root) == "createTransactionRequest":
        return CHARGED_PAYMENT_PROFILE
    if name.endswith("Request") and name not in ORDER:
        raise Refused("E00004", "The name of the requested API method is invalid.")
    return ORDER.get(name, ())


def messages(result: str, code: str, said: str) -> str:
    return (
        f"<messages><resultCode>{result}</resultCode><message><code>{code}</code>"
        f"<text>{escape(said)}</text></message></messages>"
    )


def ok() -> str:
    return messages("Ok", "I00001", "Successful.")


def transaction(
    code: str, reason: str, number: str, card: str, *, test: str = "0"
) -> str:
    """Return the answer to a createTransaction."""
    if code in {"1", "4"}:
        head = ok()
        told = (
            f"<messages><message><code>{reason}</code>"
            "<description>As it should be.</description></message></messages>"
        )
    else:
        head = messages("Error", "E00027", "The transaction was unsuccessful.")
        told = (
            f"<errors><error><errorCode>{reason}</errorCode>"
            f"<errorText>What is wrong with it: {reason}.</errorText></error></errors>"
        )
    return head + (
        f"<transactionResponse><responseCode>{code}</responseCode>"
        "<authCode>HH5414</authCode><avsResultCode>Y</avsResultCode>"
        f"<transId>{number}</transId><refTransID /><transHash />"
        f"<testRequest>{test}</testRequest><accountNumber>XXXX{card[-4:]}"
        f"</accountNumber><accountType>Visa</accountType>{told}</transactionResponse>"
    )


def row(each: Transaction) -> str:
    return (
        f"<transaction><transId>{each.number}</transId>"
        f"<submitTimeUTC>{iso(each.submitted_at)}</submitTimeUTC>"
        f"<transactionStatus>{each.status}</transactionStatus>"
        f"<invoiceNumber>{each.invoice}</invoiceNumber>"
        f"<accountType>Visa</accountType><accountNumber>XXXX{each.card[-4:]}"
        f"</accountNumber><settleAmount>{each.amount}</settleAmount></transaction>"
    )


def document(root: str, content: str, name: str = "") -> bytes:
    """Return an answer as they write it: with a byte order mark."""
    name = name or root.removesuffix("Request") + "Response"
    return (
        f'\ufeff<?xml version="1.0" encoding="utf-8"?><{name} '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="{NAMESPACE}">'
        f"{content}</{name}>"
    ).encode()


class Handler(BaseHTTPRequestHandler):
    """What talks HTTP for an emulator."""

    emulator: ClassVar[Emulator]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.emulator.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.emulator.headers.append(dict(self.headers))
        root, content, lie = self.emulator.answer(body)
        if lie is None:
            self._send(document(root, content))
        else:
            self._lied(lie, root, content)

    def _lied(self, lie: Lie, root: str, content: str) -> None:
        self.close_connection = True
        honest = document(root, content or ok())
        odd = {
            Lie.ERROR_500: (500, honest),
            Lie.GARBAGE: (200, b"<html><br>We are very sorry"),
            Lie.EMPTY: (200, b""),
            Lie.TOO_LONG: (200, honest + b" " * 300_000),
            Lie.DOCUMENT_TYPE: (200, with_document_type(honest)),
            Lie.NOT_UTF8: (200, honest.decode("utf-8-sig").encode("utf-16")),
            Lie.ANOTHERS: (200, to_another(root, content)),
            Lie.OTHER_METHOD: (200, document(root, ok(), "isAliveResponse")),
            Lie.NO_RESULT: (200, document(root, "")),
            Lie.REDIRECT: (307, b""),
            Lie.COMPRESSED: (200, b"\x1f\x8b\x08\x00 not at all"),
        }
        if lie in odd:
            self._send(odd[lie][1], odd[lie][0])
        else:
            self._rude(lie, honest)

    def _rude(self, lie: Lie, honest: bytes) -> None:
        if lie is Lie.SILENT:
            self.emulator.wait()
        elif lie is Lie.RESET:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif lie is Lie.CUT_OFF:
            self._send(honest[: len(honest) // 2], length=len(honest))
        elif lie is Lie.STALLED:
            self._stall(honest)
        elif lie is Lie.DRIPPED:
            self._drip(honest)

    def _stall(self, honest: bytes) -> None:
        self.close_connection = False
        self._send(b"", length=len(honest))
        if not self.emulator.dripped(2):
            self.wfile.write(honest)

    def _drip(self, honest: bytes) -> None:
        self._send(honest[:1], length=len(honest))
        for at in range(1, len(honest)):
            if self.emulator.dripped(0.02):
                return
            self.wfile.write(honest[at : at + 1])

    def _send(self, body: bytes, status: int = 200, length: int | None = None) -> None:
        self.send_response_only(status)
        if self.emulator.dates:
            self.send_header("Date", format_datetime(self.emulator.now, usegmt=True))
        self.send_header("Content-Type", "application/xml; charset=utf-8")
        self.send_header("Content-Length", str(length or len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        if status == 307:
            self.send_header("Location", self.emulator.url)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def with_document_type(honest: bytes) -> bytes:
    start = honest.index(b"?>") + 2
    entity = b'<!DOCTYPE a [<!ENTITY b "b">]>'
    return honest[:start] + entity + honest[start:]


def to_another(root: str, content: str) -> bytes:
    others = re.sub("<refId>.*?</refId>", "", content) or ok()
    return document(root, f"<refId>SOMEBODY-ELSES</refId>{others}")


class Server(ThreadingHTTPServer):
    """It says nothing of clients that have gone, and waits for none of its threads."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[Emulator]:
    """Run an emulator on a free port of loopback."""
    emulator = Emulator()
    server = Server(
        ("127.0.0.1", 0), type("OfThis", (Handler,), {"emulator": emulator})
    )
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    emulator.url = f"{scheme}://127.0.0.1:{server.server_port}/xml/v1/request.api"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield emulator
    finally:
        emulator.end()
        server.shutdown()
        thread.join()
        server.server_close()
