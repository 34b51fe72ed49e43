"""Why Stripe says no: its codes, as reasons of ours.

Source: documented (Stripe's tables of decline codes and of error codes); which reason
of ours a code comes to is inferred from the description there.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.gateway import HARD, Reason

_CODES = {
    Reason.ACCOUNT_CLOSED: "account_closed invalid_account",
    Reason.ADDRESS: """
        incorrect_address incorrect_postal_code incorrect_zip postal_code_invalid
    """,
    Reason.AUTHENTICATION: """
        authentication_failure authentication_required
        mobile_device_authentication_required offline_pin_required
        online_or_offline_pin_required payment_intent_action_required
        payment_intent_authentication_failure
        three_d_secure_authentication_not_supported
    """,
    Reason.CURRENCY: """
        currency_not_supported payment_method_currency_mismatch
    """,
    Reason.CVV: "incorrect_cvc invalid_cvc",
    Reason.DECLINED: """
        approve_with_id call_issuer card_declined do_not_honor generic_decline
        incorrect_pin invalid_characters invalid_pin no_action_taken not_permitted
        payment_intent_payment_attempt_expired payment_intent_payment_attempt_failed
        payment_method_customer_decline payment_method_provider_decline
        payment_method_restricted pin_try_exceeded refer_to_customer restricted_card
        security_violation testmode_decline transaction_not_allowed
    """,
    Reason.EXPIRED: """
        expired_card expired_payment_method invalid_expiry_month invalid_expiry_year
    """,
    Reason.FRAUD: "fraudulent highest_risk_level merchant_blacklist",
    Reason.FUNDS: "insufficient_funds",
    Reason.LIMIT: """
        amount_too_large amount_too_small card_decline_rate_limit_exceeded
        card_velocity_exceeded charge_exceeds_source_limit
        charge_exceeds_transaction_limit invalid_amount invalid_charge_amount
        withdrawal_count_limit_exceeded
    """,
    Reason.LOST: "lost_card",
    Reason.NUMBER: """
        incorrect_number invalid_number invalid_source_usage missing
        new_account_information_available payment_method_unexpected_state
        token_already_used
    """,
    Reason.PROCESSING: """
        duplicate_transaction issuer_not_available payment_method_provider_timeout
        processing_error reenter_transaction try_again_later
    """,
    Reason.REVOKED: """
        debit_not_authorized do_not_try_again india_recurring_payment_mandate_canceled
        previously_declined_do_not_retry revocation_of_all_authorizations
        revocation_of_authorization stop_payment_order
    """,
    Reason.STOLEN: "pickup_card stolen_card",
    Reason.TYPE: """
        card_not_supported invalid_card_type payment_intent_incompatible_payment_method
        payment_method_unsupported_type service_not_allowed
    """,
}
REASONS = {code: reason for reason, codes in _CODES.items() for code in codes.split()}
# The parameters of a request that hold what stands for the card.
_CARD_PARAMS = re.compile(r"(card|customer|id|payment_method|source)\b")
# Said of a key of the other mode, live or test, which is not the card's fault.
_OTHER_MODE = "similar object exists in"

_MESSAGE_MAX = 200
_DIGITS = re.compile(r"[0-9](?:[ .-]?[0-9]){8,}")
# What Stripe calls things by: cards and customers, and keys.
_IDS = re.compile(r"\b(?:[a-z]{2,8}_)+[A-Za-z0-9*]{8,}")


def reason_of(error: Mapping[str, Any]) -> Reason | None:
    """Return why an error says that a card is not charged; None when it is no such one.

    An error of the request is one where it is about what stands for the card, or its
    currency: what else Stripe has against a request, no other card would put right.
    """
    reason = _by_code(error)
    if reason is None and error.get("type") == "card_error":
        reason = Reason.DECLINED
    if reason is None:
        reason = _by_param(error)
    # The issuer forbids a second try, whatever the reason.
    if reason and reason not in HARD and error.get("advice_code") == "do_not_try_again":
        return Reason.REVOKED
    return reason


def _by_code(error: Mapping[str, Any]) -> Reason | None:
    # The issuer's own reason, then Stripe's: "card_declined" is said beside the first.
    for name in ("decline_code", "code"):
        code = error.get(name)
        if isinstance(code, str) and code in REASONS:
            return REASONS[code]
    return None


def _by_param(error: Mapping[str, Any]) -> Reason | None:
    param, message = str(error.get("param")), str(error.get("message"))
    if error.get("type") != "invalid_request_error" or _OTHER_MODE in message:
        return None
    if param == "currency":
        return Reason.CURRENCY
    return Reason.NUMBER if _CARD_PARAMS.match(param) else None


def message_of(error: Mapping[str, Any]) -> str:
    """Return what Stripe says to it: one short line without numbers of cards or ids."""
    text = error.get("message")
    words = " ".join(text.split()) if isinstance(text, str) else ""
    printable = "".join(c for c in words if c.isprintable())
    return _IDS.sub("...", _DIGITS.sub("...", printable))[:_MESSAGE_MAX]
