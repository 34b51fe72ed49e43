"""What waits for a person: profiles that failed, charges of which nobody knows."""

from dataclasses import dataclass, replace

from app.domain import history
from app.domain.account import Account, Scope
from app.domain.charge import Charge
from app.domain.errors import NotFoundError, RefusedError
from app.domain.event import Event, What
from app.domain.folder import Folder
from app.domain.gateway import Approved, Declined, Reason
from app.services import account as accounts
from app.services import moments, settling
from app.services.ports import Ports
from app.storage import account as stored_accounts
from app.storage import charge as charges
from app.storage import recurring as profiles
from app.storage.database import reading, writing
from app.storage.events import OF_RECURRING


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedProfile:
    """A profile that bills nothing until somebody mended what failed."""

    account: Account
    recurring_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedCharge:
    """A charge of which only its gateway's own pages can tell."""

    account: Account
    charge: Charge


def list_() -> tuple[list[ParkedProfile], list[ParkedCharge]]:
    """Return what is parked of all accounts."""
    with reading():
        account = {each.account_id: each for each in stored_accounts.all_()}
        return (
            [
                ParkedProfile(
                    account=account[account_id],
                    recurring_id=recurring_id,
                    reason=reason,
                )
                for account_id, recurring_id, reason in profiles.parked()
            ],
            [
                ParkedCharge(account=account[account_id], charge=charge)
                for account_id, charge in charges.parked()
            ],
        )


def release_profile(ports: Ports, name: str, recurring_id: int) -> None:
    """Have a parked profile bill again; the dates that it owes are billed next.

    Raises: NotFoundError; RefusedError for one that is not parked.
    """
    account_id = accounts.named(name).account_id
    with writing(account_id):
        moment = moments.moment(ports, account_id)
        profile = profiles.locked(Scope(account_id), recurring_id)
        if profile is None or profile.folder is Folder.DELETED:
            raise NotFoundError("recurring")
        if not profile.parked_reason:
            raise RefusedError("release", "recurring", "It is not parked.")
        released = replace(profile, parked_reason="")
        profiles.update(account_id, released, profile.folder, moment.at)
        event = Event(
            of_id=recurring_id,
            client_id=profile.client_id,
            at=moment.at,
            staff_id=None,
            what=What.RELEASE,
            changes=history.changes(profile, released),
        )
        OF_RECURRING.insert(account_id, [event])


def paid(ports: Ports, name: str, charge_id: int, reference: str) -> Charge:
    """Store that a parked charge took the money, under its gateway's reference.

    Raises: NotFoundError; RefusedError for one that is not parked.
    """
    return _release(ports, name, charge_id, Approved(reference=reference))


def declined(ports: Ports, name: str, charge_id: int) -> Charge:
    """Store that a parked charge took nothing; auto-billing goes on by its plan.

    Raises: NotFoundError; RefusedError for one that is not parked.
    """
    outcome = Declined(reason=Reason.PROCESSING, message="Nothing was taken.")
    return _release(ports, name, charge_id, outcome)


def ask_again(ports: Ports, name: str, charge_id: int) -> Charge:
    """Have the gateway asked about a parked charge, from the beginning.

    Raises: NotFoundError; RefusedError for one that is not parked.
    """
    return _release(ports, name, charge_id, None)


def _release(
    ports: Ports, name: str, charge_id: int, outcome: Approved | Declined | None
) -> Charge:
    known = accounts.named(name).account_id, charge_id
    return settling.release(ports, known, outcome)
