"""recurring.*: the handlers."""

from collections.abc import Sequence

from app.api import attachment, events, lines
from app.api.paging import folder, page
from app.api.recurring import reading, rendering
from app.api.registry import Call, Rest, asking, method
from app.domain.errors import MissingFieldError
from app.domain.recurring import Profile, ProfileChanges, ProfileFilter
from app.domain.unset import UNSET, Unset, given
from app.services import attachment as attachments
from app.services import recurring as service
from app.wire import envelope
from app.wire.xml import Node, node

# How many invoices a preview shows that does not say.
PREVIEWED = 10


@asking("recurring.create", once=True)
def create(call: Call) -> Rest:
    """Make a recurring profile; one that starts today is invoiced at once.

    Source: documented; that `invoice_id` follows `recurring_id` only where an invoice
    was made is settled in the wire reference 6.
    """
    echo = _echo(call)
    request = call.request.required_child("recurring")
    changes = service.exchanged(call.ports, call.caller, reading.changes(request))
    return lambda: _created(call, changes, echo=echo)


def _created(call: Call, changes: ProfileChanges, *, echo: bool) -> Sequence[Node]:
    made = service.create(call.ports, call.caller, changes)
    nodes = [node("recurring_id", str(made.recurring_id))]
    if made.invoice_id is not None:
        nodes.append(node("invoice_id", str(made.invoice_id)))
    return [*nodes, *_whole(call, made.recurring_id)] if echo else nodes


@method("recurring.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements that the request names. Source: documented."""
    echo = _echo(call)
    request = call.request.required_child("recurring")
    recurring_id = request.required_id("recurring_id", "recurring")
    changes = reading.updates(request)
    service.update(call.ports, call.caller, recurring_id, changes)
    return _whole(call, recurring_id) if echo else []


@method("recurring.get")
def get(call: Call) -> Sequence[Node]:
    """Return a recurring profile. Source: documented."""
    profile = service.get(call.ports, call.caller, _id(call))
    return _shown(call, [profile], details=_details(call))


@method("recurring.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of profiles by descending `recurring_id`.

    Source: documented (filters, order, an empty page past the end); that the bounds
    are inclusive is inferred.
    """
    request = call.request
    zone = call.caller.account.zone
    narrowed = ProfileFilter(
        client_id=given(request.record_id("client_id", "client"), None),
        autobill=request.wanted("autobill"),
        date_from=request.day_bound("date_from"),
        date_to=request.day_bound("date_to"),
        updated_from=request.since("updated_from", zone),
        updated_to=request.until("updated_to", zone),
        folder=folder(request),
    )
    details = _details(call)
    listing = service.list_(call.ports, call.caller, narrowed, page(request))
    nodes = _shown(call, listing.rows, details=details)
    return [envelope.paged("recurrings", listing, nodes)]


@method("recurring.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete a profile; it generates no more invoices. Source: documented."""
    service.delete(call.ports, call.caller, _id(call))
    return []


@method("recurring.pause")
def pause(call: Call) -> Sequence[Node]:
    """Have a profile generate nothing until it is resumed. Source: inferred, ours."""
    service.pause(call.ports, call.caller, _id(call))
    return []


@method("recurring.resume")
def resume(call: Call) -> Sequence[Node]:
    """Have a paused profile bill again, from today on. Source: inferred, ours."""
    service.resume(call.ports, call.caller, _id(call))
    return []


@method("recurring.archive")
def archive(call: Call) -> Sequence[Node]:
    """Put a profile into the archive, where it rests. Source: inferred, ours."""
    service.archive(call.ports, call.caller, _id(call))
    return []


@method("recurring.restore")
def restore(call: Call) -> Sequence[Node]:
    """Take a profile out of the archive, as it was. Source: inferred, ours."""
    service.restore(call.ports, call.caller, _id(call))
    return []


@method("recurring.changeDate")
def change_date(call: Call) -> Sequence[Node]:
    """Give a profile's next invoice another date. Source: inferred, ours."""
    recurring_id = _id(call)
    to = call.request.day("date")
    if isinstance(to, Unset):
        raise MissingFieldError("date")
    use_new_day = given(call.request.switch("use_new_day"), otherwise=False)
    next_on = service.change_date(
        call.ports, call.caller, recurring_id, to, use_new_day=use_new_day
    )
    return [rendering.next_issue_date(next_on)]


@method("recurring.skip", once=True)
def skip(call: Call) -> Sequence[Node]:
    """Pass over a profile's next date. Source: inferred, ours."""
    next_on = service.skip(call.ports, call.caller, _id(call))
    return [rendering.next_issue_date(next_on)]


@method("recurring.billNow", once=True)
def bill_now(call: Call) -> Sequence[Node]:
    """Issue an invoice of today, due or not. Source: inferred, ours."""
    invoice_id = service.bill_now(call.ports, call.caller, _id(call))
    return [node("invoice_id", str(invoice_id))]


@method("recurring.preview")
def preview(call: Call) -> Sequence[Node]:
    """Return the next invoices of a profile, stored or not. Source: inferred, ours."""
    request = call.request
    imagined = request.child("recurring")
    if imagined is None:
        asked: int | ProfileChanges = _id(call)
    elif isinstance(request.word("recurring_id"), Unset):
        asked = reading.changes(imagined)
    else:
        raise request.invalid("recurring", "Use recurring_id or recurring.")
    count = request.count("count") if given(request.word("count"), "") else UNSET
    invoices = service.preview(
        call.ports,
        call.caller,
        asked,
        count=given(count, PREVIEWED),
        date_from=given(request.day("date_from"), None),
    )
    return [node("preview", list(map(rendering.previewed, invoices)))]


@method("recurring.history")
def history(call: Call) -> Sequence[Node]:
    """Return a page of a profile's events, newest first. Source: inferred, ours."""
    listing = service.history(call.caller, _id(call), page(call.request))
    return [events.page(listing, call.caller.account.zone)]


@method("recurring.payments")
def payments(call: Call) -> Sequence[Node]:
    """Return a page of the payments on a profile's invoices, newest first.

    Source: inferred, ours.
    """
    listing = service.payments(call.caller, _id(call), page(call.request))
    nodes = list(map(rendering.payment, listing.rows))
    return [envelope.paged("payments", listing, nodes)]


@method("recurring.lines.add", once=True)
def lines_add(call: Call) -> Sequence[Node]:
    """Append lines to a profile and return their ids. Source: documented."""
    recurring_id = _id(call)
    added = lines.read(call.request)
    ids = service.add_lines(call.ports, call.caller, recurring_id, added)
    return [
        node("recurring_id", str(recurring_id)),
        node("lines", [node("line_id", str(line_id)) for line_id in ids]),
    ]


@method("recurring.lines.update")
def lines_update(call: Call) -> Sequence[Node]:
    """Change the elements that the request names of lines. Source: documented."""
    recurring_id = _id(call)
    changes = lines.read_numbered(call.request)
    service.update_lines(call.ports, call.caller, recurring_id, changes)
    return []


@method("recurring.lines.delete")
def lines_delete(call: Call) -> Sequence[Node]:
    """Delete one line of a profile. Source: documented."""
    line_id = call.request.required_id("line_id", "line")
    service.delete_line(call.ports, call.caller, _id(call), line_id)
    return []


def _shown(call: Call, profiles: Sequence[Profile], *, details: bool) -> list[Node]:
    """Render profiles, whole where that was asked for or there is more to them."""
    whole = [profile for profile in profiles if details or profile.extended]
    totals = service.totals(call.caller, whole) if whole else {}
    today = call.caller.account.today(call.ports.now())
    attached = attachments.of_profiles(call.caller, profiles)
    zone = call.caller.account.zone
    return [
        attachment.appended(
            rendering.recurring(
                profile, totals.get(profile.recurring_id), today, details=details
            ),
            attached.get(profile.recurring_id, ()),
            zone,
        )
        for profile in profiles
    ]


def _whole(call: Call, recurring_id: int) -> list[Node]:
    profile = service.get(call.ports, call.caller, recurring_id)
    return _shown(call, [profile], details=True)


def _details(call: Call) -> bool:
    return given(call.request.switch("details"), otherwise=False)


def _echo(call: Call) -> bool:
    return given(call.request.switch("echo"), otherwise=False)


def _id(call: Call) -> int:
    return call.request.required_id("recurring_id", "recurring")
