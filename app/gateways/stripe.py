"""Stripe: PaymentIntents that are confirmed at once, with the payer not there.

Every order is a PaymentIntent with the order's key in its metadata, where `look_up`
finds it for ever, and as its idempotency key, which Stripe forgets after a day.
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any, ClassVar, TypeGuard
from urllib.parse import quote, urlsplit

import stripe
from stripe.params import (
    CustomerCreateParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentMethodCreateParams,
    PaymentMethodCreateParamsBillingDetails,
    PaymentMethodCreateParamsCard,
    RefundCreateParams,
    RefundListParams,
)

from app.config import SettingsError
from app.domain.card import Card, CardNumber, CardToken
from app.domain.gateway import (
    Address,
    Approved,
    CardCheck,
    Declined,
    Missing,
    Order,
    Outcome,
    Reason,
    Refund,
    Tokenised,
    Unknown,
)
from app.domain.money import Money, decimals
from app.gateways.stripe_http import Line, NoAnswerError, unreadable
from app.gateways.stripe_reasons import message_of, reason_of

# The edition of the API that is spoken here, whatever the library's own is.
_VERSION = "2026-10-28.endive"
_INTENTS = "/v1/payment_intents"
_METHODS = "/v1/payment_methods"
_CUSTOMERS = "/v1/customers"
_REFUNDS = "/v1/refunds"
_KEY = "perennial_key"
_SECRET = re.compile(r"(?:sk|rk)_[A-Za-z0-9_]{4,300}")
_PAGE = 100
_PAGES_MAX = 50

# Where Stripe counts an amount in other units than ISO 4217 has.
_HUNDREDTHS = frozenset({"ISK", "UGX"})
_WHOLE = frozenset({"MGA"})

# States of a PaymentIntent: somebody could complete it; nobody can with this card.
_OPEN = frozenset({"requires_action", "requires_confirmation"})
_OVER = frozenset({"canceled", "requires_payment_method"})
# What the payer would have to be there for.
_UNSEEN = Reason.AUTHENTICATION

_FAULTS: tuple[tuple[type[stripe.StripeError], str], ...] = (
    (stripe.AuthenticationError, "Stripe does not accept the secret key."),
    (stripe.PermissionError, "Stripe does not let the secret key do this."),
    (stripe.RateLimitError, "Stripe was asked too often."),
    (stripe.IdempotencyError, "Stripe has had another order with this key."),
)
_CODE = re.compile(r"[a-z_]{1,60}")
_RAW_NUMBERS = "Sending credit card numbers directly"

# What the library raises over JSON that is not of Stripe's form.
_TRIPPED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)

_Object = dict[str, Any]
_NOTHING: Mapping[str, Any] = {}


class Stripe:
    """An account at Stripe.

    Source: documented (Stripe's API reference), except where a line says else.
    """

    # The second may be absent or empty: Stripe's own address.
    SETTINGS: ClassVar[tuple[str, ...]] = ("secret_key", "api_base")
    # Those that can be charged again and again: "tok_" can not.
    TOKEN: ClassVar[re.Pattern[str] | None] = re.compile(
        r"(?:cus_[A-Za-z0-9]{1,100}\|)?(?:pm|card)_[A-Za-z0-9]{1,100}"
        r"|cus_[A-Za-z0-9]{1,100}"
    )
    LOOKS_UP: ClassVar[bool] = True
    REPEATS: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Take a secret or restricted key, and another address of Stripe's API.

        Raises: SettingsError.
        """
        self._line = Line()
        self._client = stripe.StripeClient(
            _secret(settings.get("secret_key", "")),
            stripe_version=_VERSION,
            base_addresses={"api": _api_base(settings.get("api_base", ""))},
            http_client=self._line,
            max_network_retries=0,
        )

    def check(self) -> Unknown | None:
        """Ask for the last payment, which a key must be able to see anyway."""
        self._line.begin()
        try:
            self._ask("get", _INTENTS, {"limit": 1})
        except stripe.StripeError as error:
            return _unknown(error)
        return None

    def charge(self, order: Order) -> Outcome:
        """Make the order's PaymentIntent and confirm it."""
        self._line.begin()
        try:
            return self._charged(order)
        except stripe.StripeError as error:
            return _refused(error)

    def look_up(self, order: Order) -> Outcome | Missing:
        """Look for the order's PaymentIntent in the list, which lags behind nothing.

        A card of Stripe's has its customer's list; one with a number is looked for
        among all payments, of which there may be too many.
        """
        self._line.begin()
        try:
            return self._looked_up(order)
        except stripe.StripeError as error:
            return _unknown(error)

    def refund(self, refund: Refund) -> Outcome:
        """Refund a PaymentIntent, unless it has a refund with this key already."""
        self._line.begin()
        try:
            return self._refunded(refund)
        except stripe.StripeError as error:
            return _not_refunded(error)

    def tokenise(
        self, card: Card, check: CardCheck, key: str
    ) -> Tokenised | Declined | Unknown:
        """Make a customer with this card, which is good for one charge without one."""
        if isinstance(card.number, CardToken):
            return Tokenised(token=card.number)
        self._line.begin()
        try:
            method = self._method(card, card.number, check, key)
            customer = self._customer(method, card.name, key)
        except stripe.StripeError as error:
            return _refused(error)
        last_four = card.number.masked[-4:]
        token = CardToken(f"{customer}|{method}", last_four, card.number.brand)
        return Tokenised(token=token)

    def _charged(self, order: Order) -> Outcome:
        amount = _minor(order.amount)
        if amount is None:
            return _no_such_amount(order.amount)
        customer, method = self._payer(order)
        if not method:
            text = "The customer has no card at Stripe."
            return Declined(reason=Reason.NUMBER, message=text)
        try:
            intent = self._confirmed(order, amount, customer, method)
        except stripe.CardError as error:
            told = _told(error)
            if isinstance(made := told.get("payment_intent"), dict):
                return self._outcome(made, order.key, told)
            raise
        return self._outcome(intent, order.key, _inner(intent, "last_payment_error"))

    def _confirmed(
        self, order: Order, amount: int, customer: str, method: str
    ) -> _Object:
        wanted: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": order.amount.currency.lower(),
            "payment_method": method,
            # Others would want an address to send the payer back to.
            "allowed_payment_method_types": ["card"],
            "confirm": True,
            "off_session": True,
            "description": f"Invoice {order.invoice_number}",
            "metadata": {
                _KEY: order.key,
                "invoice_number": order.invoice_number,
                "attempt_no": str(order.attempt_no),
            },
        }
        if customer:
            wanted["customer"] = customer
        return self._ask("post", _INTENTS, wanted, order.key)

    def _outcome(self, intent: _Object, key: str, error: _Object) -> Outcome:
        """Return what a PaymentIntent says; it is cancelled if it waits for the payer.

        Raises: StripeError, also where it is another order's.
        """
        reference, status = _text(intent, "id"), _text(intent, "status")
        if _key_of(intent) != key:
            raise unreadable()
        if status == "succeeded":
            return Approved(reference=reference)
        if status not in _OPEN | _OVER:
            return Unknown(
                detail="Stripe has not finished with the payment.", answers=True
            )
        reason = _reason(error)
        if status in _OPEN or (status != "canceled" and reason is _UNSEEN):
            self._cancel(reference)
        return Declined(reason=reason, message=message_of(error), reference=reference)

    def _cancel(self, reference: str) -> None:
        path = f"{_INTENTS}/{quote(reference, safe='')}"
        try:
            try:
                intent = self._ask("post", f"{path}/cancel")
            except stripe.InvalidRequestError:
                # An order that is repeated is answered as before it was cancelled.
                intent = self._ask("get", path)
        except stripe.StripeError:
            intent = {}
        if intent.get("status") != "canceled":
            raise NoAnswerError("Stripe has not cancelled a payment that waits.")

    def _looked_up(self, order: Order) -> Outcome | Missing:
        wanted: PaymentIntentListParams = {}
        if customer := self._payer_of(order.card.number):
            wanted["customer"] = customer
        for intent in self._all(_INTENTS, wanted):
            if _key_of(intent) == order.key:
                if not _is_amount(intent, order.amount):
                    detail = "Stripe has had another amount by this key."
                    return Unknown(detail=detail, answers=True)
                error = _inner(intent, "last_payment_error")
                return self._outcome(intent, order.key, error)
        return Missing()

    def _payer_of(self, number: CardNumber | CardToken) -> str:
        if isinstance(number, CardNumber):
            return ""
        try:
            return self._customer_of(number.reveal())
        except stripe.InvalidRequestError:
            # It was removed since, and does not say whose it was.
            return ""

    def _refunded(self, refund: Refund) -> Outcome:
        amount = _minor(refund.amount)
        if amount is None:
            return _no_such_amount(refund.amount)
        of: RefundListParams = {"payment_intent": refund.reference}
        for made in self._all(_REFUNDS, of):
            if _key_of(made) == refund.key:
                return _given_back(made)
        wanted: RefundCreateParams = {
            "payment_intent": refund.reference,
            "amount": amount,
            "metadata": {_KEY: refund.key},
        }
        return _given_back(self._ask("post", _REFUNDS, wanted, refund.key))

    def _payer(self, order: Order) -> tuple[str, str]:
        """Return customer and payment method; the customer of a number is nobody."""
        card = order.card
        if isinstance(card.number, CardNumber):
            return "", self._method(card, card.number, CardCheck(), order.key)
        customer, _, method = card.number.reveal().rpartition("|")
        if customer:
            return customer, method
        if method.startswith("cus_"):
            return method, self._method_of(method)
        # One that is nobody's would be good for this charge alone.
        kept = self._customer_of(method)
        return kept or self._customer(method, card.name, f"keep-{method}"), method

    def _customer_of(self, token: str) -> str:
        if token.startswith("cus_"):
            return token.partition("|")[0]
        found = self._ask("get", f"{_METHODS}/{token}")
        if "customer" not in found:
            raise unreadable()
        customer = found["customer"]
        return customer if isinstance(customer, str) else ""

    def _method_of(self, customer: str) -> str:
        found = self._ask("get", f"{_CUSTOMERS}/{customer}")
        by_default = _inner(found, "invoice_settings").get("default_payment_method")
        method = by_default or found.get("default_source")
        return method if isinstance(method, str) else ""

    def _method(
        self, card: Card, number: CardNumber, check: CardCheck, key: str
    ) -> str:
        in_clear: PaymentMethodCreateParamsCard = {
            "number": number.reveal(),
            "exp_month": card.expiration.month,
            "exp_year": card.expiration.year,
        }
        if check.cvv:
            in_clear["cvc"] = check.cvv.reveal()
        wanted: PaymentMethodCreateParams = {"type": "card", "card": in_clear}
        if whose := _billing(card.name, check.address):
            wanted["billing_details"] = whose
        return _text(self._ask("post", _METHODS, wanted, f"{key}-card"), "id")

    def _customer(self, method: str, name: str, key: str) -> str:
        wanted: CustomerCreateParams = {
            "payment_method": method,
            "metadata": {_KEY: key},
        }
        if name:
            wanted["name"] = name
        return _text(self._ask("post", _CUSTOMERS, wanted, f"{key}-customer"), "id")

    def _all(self, path: str, wanted: Mapping[str, Any]) -> Iterator[_Object]:
        """Yield a list's objects, newest first.

        Raises: StripeError, where it has not come to the end.
        """
        params = {**wanted, "limit": _PAGE}
        for _ in range(_PAGES_MAX):
            page = self._ask("get", path, params)
            found, more = page.get("data"), page.get("has_more")
            if not (_objects(found) and isinstance(more, bool)):
                raise unreadable()
            yield from found
            if not more:
                return
            params["starting_after"] = _text(found[-1] if found else {}, "id")
        raise NoAnswerError("Stripe has too many payments to look through.")

    def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] = _NOTHING,
        key: str = "",
    ) -> _Object:
        """Return an answer as plain values: the library's take ten times as long.

        Raises: StripeError.
        """
        options = {"idempotency_key": key} if key else {}
        try:
            answer = self._client.raw_request(method, path, **params, **options)
        except _TRIPPED:
            raise unreadable() from None
        return dict(answer.data)


def _secret(text: str) -> str:
    if not _SECRET.fullmatch(text):
        raise SettingsError("secret_key must be a key that begins with sk_ or rk_")
    return text


def _api_base(text: str) -> str:
    if not text:
        return stripe.DEFAULT_API_BASE
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise SettingsError("api_base cannot be read as a URL") from None
    if parts.query or parts.fragment or parts.username is not None or not host:
        raise SettingsError("api_base must be like https://HOST[:PORT][/PATH]")
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(host)):
        raise SettingsError("api_base must begin with https://")
    return text.rstrip("/")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _minor(money: Money) -> int | None:
    """Return an amount as Stripe counts it; None where it cannot.

    Source: documented (Stripe's page of currencies).
    """
    minor = money.minor
    if money.currency in _HUNDREDTHS:
        return minor * 100
    if money.currency in _WHOLE:
        return None if minor % 100 else minor // 100
    return None if decimals(money.currency) == 3 and minor % 10 else minor


def _is_amount(intent: _Object, money: Money) -> bool:
    """Whether a PaymentIntent is of an amount."""
    found = (intent.get("amount"), intent.get("currency"))
    return found == (_minor(money), money.currency.lower())


def _no_such_amount(money: Money) -> Declined:
    text = f"Stripe does not take amounts of {money.currency} as small as this one's."
    return Declined(reason=Reason.CURRENCY, message=text)


def _billing(name: str, address: Address) -> PaymentMethodCreateParamsBillingDetails:
    details: PaymentMethodCreateParamsBillingDetails = {}
    if name:
        details["name"] = name
    if address.street or address.code:
        details["address"] = {"line1": address.street, "postal_code": address.code}
    return details


def _objects(found: object) -> TypeGuard[list[_Object]]:
    return isinstance(found, list) and all(isinstance(one, dict) for one in found)


def _text(answer: _Object, name: str) -> str:
    text = answer.get(name)
    if not (isinstance(text, str) and text):
        raise unreadable()
    return text


def _inner(answer: _Object, name: str) -> _Object:
    inner = answer.get(name)
    return inner if isinstance(inner, dict) else {}


def _key_of(answer: _Object) -> object:
    return _inner(answer, "metadata").get(_KEY)


def _reason(error: _Object) -> Reason:
    if not error:
        return _UNSEEN
    return reason_of(error) or Reason.DECLINED


def _given_back(refund: _Object) -> Outcome:
    reference, status = _text(refund, "id"), _text(refund, "status")
    # What is pending goes out when the account's balance allows.
    if status in ("succeeded", "pending"):
        return Approved(reference=reference)
    if status in ("canceled", "failed"):
        return Declined(reason=Reason.DECLINED, reference=reference)
    return Unknown(detail="Stripe has not finished with the refund.")


def _told(error: stripe.StripeError) -> _Object:
    body = error.json_body
    return _inner(body, "error") if isinstance(body, dict) else {}


def _refused(error: stripe.StripeError) -> Declined | Unknown:
    told = _told(error)
    if isinstance(error, (stripe.CardError, stripe.InvalidRequestError)) and (
        reason := reason_of(told)
    ):
        return Declined(reason=reason, message=message_of(told))
    return _unknown(error)


def _not_refunded(error: stripe.StripeError) -> Declined | Unknown:
    told = _told(error)
    if isinstance(error, stripe.InvalidRequestError) and told.get("param"):
        return Declined(reason=Reason.DECLINED, message=message_of(told))
    return _unknown(error)


def _unknown(error: stripe.StripeError) -> Unknown:
    """Return an error as what it says of us, the operator or the way there."""
    if isinstance(error, NoAnswerError):
        return Unknown(detail=error.detail)
    for kind, detail in _FAULTS:
        if isinstance(error, kind):
            return Unknown(detail=detail)
    told = _told(error)
    if _RAW_NUMBERS in str(told.get("message")):
        return Unknown(detail="Stripe lets this account send tokens, no card numbers.")
    code = str(told.get("code"))
    which = f" ({code})" if _CODE.fullmatch(code) else ""
    return Unknown(detail=f"Stripe answered {error.http_status}{which}.")
