"""staff.*: the people of an account."""

from collections.abc import Sequence

from app.api.registry import Call, method
from app.services import account as service
from app.wire import values
from app.wire.xml import Node, node

# What we keep nothing of; the elements are there for clients that read them.
_BLANK = ("street1", "street2", "city", "state", "country", "code")


@method("staff.current")
def current(call: Call) -> Sequence[Node]:
    """Return the person whose token it is; it works for every kind of token.

    Logins belong to web pages, of which there are none yet: none are counted, and the
    last one is the sign-up. Source: documented.
    """
    staff = service.current_staff(call.caller)
    signed_up = values.timestamp(staff.created_at, call.caller.account.zone)
    return [
        node(
            "staff",
            [
                node("staff_id", str(staff.staff_id)),
                node("username", staff.username),
                node("first_name", staff.first_name),
                node("last_name", staff.last_name),
                node("email", staff.email),
                node("business_phone", ""),
                node("mobile_phone", ""),
                node("rate", "0"),
                node("last_login", signed_up),
                node("number_of_logins", "0"),
                node("signup_date", signed_up),
                *(node(name, "") for name in _BLANK),
            ],
        )
    ]
