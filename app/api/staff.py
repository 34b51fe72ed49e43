"""staff.*: the people of an account.

Logins belong to web pages, of which there are none yet: none are counted, and the last
one is the sign-up.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.api.paging import page
from app.api.registry import Call, method
from app.domain.account import Staff
from app.services import account as accounts
from app.services import staff as service
from app.wire import envelope, values
from app.wire.xml import Node, node

# What we keep nothing of; the elements are there for clients that read them.
_BLANK = ("street1", "street2", "city", "state", "country", "code")


@method("staff.current")
def current(call: Call) -> Sequence[Node]:
    """Return the person whose token it is; it works for every kind of token.

    Source: documented.
    """
    staff = accounts.current_staff(call.caller)
    return [node("staff", _person(staff, call.caller.account.zone))]


@method("staff.get")
def get(call: Call) -> Sequence[Node]:
    """Return a person of the account. Source: documented."""
    staff = service.get(call.caller, call.request.required_id("staff_id", "staff"))
    return [node("staff", _person(staff, call.caller.account.zone))]


@method("staff.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of the account's people by descending id.

    Source: documented; the order, which is that of all lists, is inferred.
    """
    listing = service.list_(call.caller, page(call.request))
    zone = call.caller.account.zone
    nodes = [node("member", _person(staff, zone)) for staff in listing.rows]
    return [envelope.paged("staff_members", listing, nodes)]


def _person(staff: Staff, zone: ZoneInfo) -> list[Node]:
    signed_up = values.timestamp(staff.created_at, zone)
    return [
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
    ]
