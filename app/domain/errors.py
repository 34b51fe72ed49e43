"""The one tree of errors that a request can end in.

Classes carry facts (field, noun, path), never wire text: codes and wordings are the
rows of `app.api.faults`.
"""

from datetime import timedelta
from math import ceil

# The header that names a request which is to be carried out once.
IDEMPOTENCY_KEY = "Idempotency-Key"


class ServiceError(Exception):
    """A request was refused, and nothing was changed."""

    field: str | None = None


class UnavailableError(ServiceError):
    """The database cannot do it at the moment: it is full, locked or not reachable."""

    # When one that is restarted, or locked for a moment, is worth another try.
    retry_after_s = 5


class UnknownSystemError(ServiceError):
    """The host name names a system that does not exist here."""


class UnauthenticatedError(ServiceError):
    """The credentials are missing or wrong."""


class PermissionDeniedError(ServiceError):
    """The caller is known, but this is not theirs to do."""


class TooManyRequestsError(ServiceError):
    """The account makes more requests than it may; later ones are carried out."""

    def __init__(self, wait: timedelta) -> None:
        """Keep for how long the caller should wait, in whole seconds."""
        super().__init__()
        self.retry_after_s = max(1, ceil(wait.total_seconds()))


class TooManyLoginsError(TooManyRequestsError):
    """Too many logins failed, from this address or with tokens that begin like this."""


class KeyReusedError(ServiceError):
    """An idempotency key names another request than the one it came with first."""

    field = IDEMPOTENCY_KEY


class MalformedError(ServiceError):
    """The body is not the XML document that a request must be."""


class TooLargeError(ServiceError):
    """The body is larger than the limit for its method."""

    def __init__(self, limit: int) -> None:
        """Keep the limit, in bytes: whole millions of them."""
        super().__init__(limit)
        self.limit_mb = limit // 1_000_000


class BrokenBodyError(ServiceError):
    """The body did not arrive whole, or not in the form that its headers promise."""


class CompressedBodyError(ServiceError):
    """The body is compressed, which nobody needs and which hides its size."""


class UnknownMethodError(ServiceError):
    """The document names a method that does not exist."""

    def __init__(self, method: str) -> None:
        """Keep the name as it was sent, for the answer."""
        super().__init__(method)
        self.method = method
        self.field = "method"


class MissingFieldError(ServiceError):
    """A required element is absent or empty."""

    def __init__(self, field: str) -> None:
        """Keep the name of the missing element."""
        super().__init__(field)
        self.field: str = field


class InvalidValueError(ServiceError):
    """An element holds a value that its field does not take.

    `reason` is one sentence of our own, never text from a library; `path` tells where
    the element stands below the request, such as `recurring/lines/line[2]/unit_cost`.
    """

    def __init__(self, field: str, reason: str, path: str = "") -> None:
        """Keep the element's name, the reason and its place."""
        super().__init__(field)
        self.field: str = field
        self.reason = reason
        self.path = path


class UnknownElementError(InvalidValueError):
    """The request holds an element that the method does not know."""

    def __init__(self, field: str, path: str) -> None:
        """Keep the element's name and its place."""
        super().__init__(field, "", path)


class UnknownCurrencyError(InvalidValueError):
    """The currency code is empty or not one of ISO 4217."""

    def __init__(self) -> None:
        """Name the one field that holds a currency."""
        super().__init__("currency_code", "")


class ForeignCurrencyError(InvalidValueError):
    """Auto-billing was asked for in another currency than the account's own."""

    def __init__(self) -> None:
        """Name the field that would have to change."""
        super().__init__("currency_code", "")


class NumberInUseError(InvalidValueError):
    """Another invoice of the account, deleted or not, has the number."""

    def __init__(self) -> None:
        """Name the one field that holds it."""
        super().__init__("number", "")


class NotFoundError(ServiceError):
    """No such object in this account; an object of another account is no exception."""

    def __init__(self, noun: str, field: str | None = None) -> None:
        """Keep the noun; the field is the noun's id unless it has another name."""
        super().__init__(noun)
        self.noun = noun
        self.field: str = field or f"{noun}_id"


class DeletedError(NotFoundError):
    """The object exists no more: it was deleted."""


class CreditExceededError(ServiceError):
    """More is to be paid from a client's credit than there is of it."""

    field = "amount"


class ChargeUnknownError(ServiceError):
    """Nobody knows yet what became of a charge, which may have taken the money."""

    def __init__(self, payment_id: int) -> None:
        """Keep the id of the payment that may come of it."""
        super().__init__(payment_id)
        self.payment_id = payment_id


class RefusedError(ServiceError):
    """The object's state does not allow the operation."""

    def __init__(self, verb: str, noun: str, reason: str) -> None:
        """Keep verb and noun, and the reason as one sentence."""
        super().__init__(reason)
        self.verb = verb
        self.noun = noun
        self.reason = reason
