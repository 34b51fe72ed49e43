"""How errors look on the wire: one row for each class.

A row gives code, wording and HTTP status, with its source. Wordings that a client
looks for ("not found", "does not exist") stay as they are.
"""

import re
from dataclasses import dataclass

from app.domain import errors

OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a client is told: `text` may name `{field}`, `{noun}` and other facts."""

    code: int
    text: str
    status: int = OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A fault with its facts filled in."""

    code: int
    text: str
    field: str | None
    status: int
    retry_after_s: int | None = None


FAULTS: dict[type[errors.ServiceError], Fault] = {
    # inferred, ours
    errors.UnavailableError: Fault(
        code=10020,
        text="The database is not available at the moment. Try again later.",
        status=503,
    ),
    # observed; the status was below 400
    errors.UnknownSystemError: Fault(code=10030, text="System does not exist."),
    # observed
    errors.UnauthenticatedError: Fault(
        code=20010, text="Authentication failed.", status=401
    ),
    # observed
    errors.PermissionDeniedError: Fault(code=30010, text="Permission Denied."),
    # observed that 429 was used; code and wording inferred
    errors.TooManyRequestsError: Fault(
        code=20030, text="Too many requests. Try again later.", status=429
    ),
    # inferred, ours
    errors.TooManyLoginsError: Fault(
        code=20020, text="Too many failed logins. Try again later.", status=429
    ),
    # inferred, ours
    errors.KeyReusedError: Fault(
        code=40061,
        text="Invalid value for field '{field}'. It was used for another request.",
    ),
    # observed
    errors.MalformedError: Fault(
        code=40010, text="Your XML is not formatted correctly."
    ),
    # inferred, ours
    errors.TooLargeError: Fault(
        code=40030, text="The request is larger than {limit_mb} MB.", status=413
    ),
    # inferred, ours
    errors.BrokenBodyError: Fault(
        code=40010, text="Your request could not be read.", status=400
    ),
    # inferred, ours
    errors.CompressedBodyError: Fault(
        code=40031, text="Compressed bodies are not accepted.", status=415
    ),
    # inferred, ours; there is no evidence of the service's own
    errors.UnknownMethodError: Fault(
        code=40020, text="Method '{method}' does not exist."
    ),
    # observed
    errors.MissingFieldError: Fault(
        code=40040, text="Missing required field: '{field}'."
    ),
    # observed (the first sentence)
    errors.InvalidValueError: Fault(
        code=40060, text="Invalid value for field '{field}'. {reason}{at}"
    ),
    # observed that such elements are refused and named; code and wording inferred
    errors.UnknownElementError: Fault(
        code=40060,
        text="Invalid value for field '{field}'. No such element is known here{at}.",
    ),
    # observed (the text contains "Unknown currency"); code inferred
    errors.UnknownCurrencyError: Fault(
        code=40060, text="Invalid value for field '{field}'. Unknown currency."
    ),
    # observed (the text); code inferred
    errors.ForeignCurrencyError: Fault(
        code=40060, text="Auto-billing is only available in the base currency."
    ),
    # observed (the text); code inferred
    errors.NumberInUseError: Fault(
        code=40060,
        text="This invoice number is already in use. Please choose another.",
    ),
    # observed
    errors.NotFoundError: Fault(
        code=50010, text="'{field}' not found. {Noun} not found."
    ),
    # observed
    errors.DeletedError: Fault(
        code=50010, text="'{field}' not found. {Noun} is deleted."
    ),
    # observed (the text); code inferred
    errors.CreditExceededError: Fault(
        code=50020, text="Payment from credit cannot exceed available credit"
    ),
    # inferred, ours
    errors.ChargeUnknownError: Fault(
        code=50020,
        text="The gateway has not answered. What became of payment {payment_id} is "
        "being looked after; do not charge the invoice again.",
    ),
    # observed
    errors.RefusedError: Fault(code=50020, text="Failed to {verb} {noun}. {reason}"),
}

# What an HTTP error outside the methods is told as. inferred: ours
HTTP_FAULTS = {
    400: FAULTS[errors.BrokenBodyError],
    404: Fault(code=40032, text="There is nothing at this address.", status=404),
    405: Fault(code=40033, text="This HTTP method is not allowed here.", status=405),
    413: Fault(code=40030, text="The request is too large.", status=413),
    500: Fault(code=10010, text="The server failed. It has been logged.", status=500),
}

_FACTS = ("reason", "verb", "limit_mb", "payment_id")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{6,}")


def told(error: errors.ServiceError) -> Told:
    """Return what a client is told of an error."""
    fault = next(FAULTS[kind] for kind in type(error).__mro__ if kind in FAULTS)
    facts = {name: getattr(error, name, "") for name in _FACTS}
    noun = getattr(error, "noun", "").replace("_", " ")
    field = _shown(error.field) if error.field is not None else None
    path = "/".join(map(_shown_step, getattr(error, "path", "").split("/")))
    at = f" (at {path})" if "/" in path else ""
    text = fault.text.format(
        **facts,
        field=field,
        method=_shown(getattr(error, "method", "")),
        noun=noun,
        Noun=noun.capitalize(),
        at=at,
    )
    return Told(
        code=fault.code,
        text=text,
        field=field,
        status=fault.status,
        retry_after_s=getattr(error, "retry_after_s", None),
    )


def http(status: int) -> Told:
    """Return what a client is told of an HTTP error."""
    fault = HTTP_FAULTS.get(status) or HTTP_FAULTS[500]
    return Told(code=fault.code, text=fault.text, field=None, status=fault.status)


def _shown(name: str) -> str:
    """Return a name of the request's as it may be repeated: short, no long numbers.

    A card number in a wrong place must not come back, nor get into a log.
    """
    found = _NAME.match(name)
    return _DIGITS.sub("...", found[0]) if found else "?"


def _shown_step(step: str) -> str:
    name, bracket, number = step.partition("[")
    return _shown(name) + bracket + number if name else ""
