"""The gateways of accounts, and what they have to be told."""

from dataclasses import dataclass
from typing import Any

from peewee import fn

from app.domain.account import SANDBOX, Gateway
from app.domain.charge import UNDER_WAY
from app.domain.folder import Folder
from app.storage import rows, tables
from app.storage.prepared import Prepared, arg, insertion

_T = tables.Gateway
_S = tables.GatewaySettings
_OWN = ("name", "autobill_capable", "kind", "enabled", "failures", "open_until")
_INSERT = insertion(_T)
_ALL = Prepared(_T.select().where(_T.account_id == arg("account_id")).order_by(_T.name))
_GET = Prepared(
    _T.select().where(_T.account_id == arg("account_id"), _T.name == arg("name"))
)
_SETTINGS = Prepared(
    _S.select().where(_S.account_id == arg("account_id"), _S.name == arg("name"))
)
_SET_CIRCUIT = Prepared(
    _T.update(
        {
            _T.failures: arg("failures"),
            _T.open_until: arg("open_until", _T.open_until),
        }
    ).where(_T.account_id == arg("account_id"), _T.name == arg("name"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSettings:
    """A gateway's settings as they are stored."""

    key_version: int
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """How many profiles and cards name a gateway, and charges under way do."""

    profiles: int = 0
    cards: int = 0
    charges: int = 0


def insert(account_id: int, gateway: Gateway) -> None:
    """Store a new gateway.

    Raises: database.IntegrityError when there is one of its name.
    """
    _INSERT.run(account_id=account_id, **rows.columns(gateway, _OWN))


def all_(account_id: int) -> list[Gateway]:
    """Return the account's gateways by name, enabled or not."""
    return list(map(_gateway, _ALL.rows(account_id=account_id)))


def get(account_id: int, name: str) -> Gateway | None:
    """Return the gateway of a name."""
    return next(map(_gateway, _GET.rows(account_id=account_id, name=name)), None)


def settings(account_id: int, name: str) -> SealedSettings | None:
    """Return what a gateway has to be told, sealed; None where that is nothing."""
    for row in _SETTINGS.rows(account_id=account_id, name=name):
        return SealedSettings(
            key_version=row["key_version"], sealed=bytes(row["sealed"])
        )
    return None


def update(account_id: int, gateway: Gateway) -> None:
    """Store all that a gateway is, under its name."""
    _T.update(rows.columns(gateway, _OWN)).where(
        _T.account_id == account_id, _T.name == gateway.name
    ).execute()


def put_settings(account_id: int, name: str, settings: SealedSettings | None) -> None:
    """Store what a gateway has to be told in place of the former; None: nothing."""
    _S.delete().where(_S.account_id == account_id, _S.name == name).execute()
    if settings is not None:
        _S.insert(
            account_id=account_id,
            name=name,
            key_version=settings.key_version,
            sealed=settings.sealed,
        ).execute()


def delete(account_id: int, name: str) -> None:
    """Forget a gateway that has no settings any more."""
    _T.delete().where(_T.account_id == account_id, _T.name == name).execute()


def in_use(account_id: int, name: str) -> InUse:
    """Return what names a gateway; what was deleted has no card any more."""
    of_profiles, cards, charges = tables.Autobill, tables.Card, tables.Charge
    carded = of_profiles.select().where(
        of_profiles.account_id == account_id, of_profiles.gateway_name == name
    )
    kept = cards.select().where(
        cards.account_id == account_id,
        cards.gateway_name == name,
        cards.folder != Folder.DELETED,
    )
    under_way = charges.select().where(
        charges.account_id == account_id,
        charges.gateway_name == name,
        charges.state.in_(list(UNDER_WAY)),
    )
    return InUse(profiles=carded.count(), cards=kept.count(), charges=under_way.count())


def on_sandboxes() -> list[str]:
    """Return the accounts by the real calendar that auto-bill at a sandbox, by name."""
    account, card, profile = tables.Account, tables.Autobill, tables.Recurring
    same_name = (_T.account_id == card.account_id) & (_T.name == card.gateway_name)
    same_profile = (profile.account_id == card.account_id) & (
        profile.recurring_id == card.recurring_id
    )
    at_sandbox = (
        card.select(card.recurring_id)
        .join(_T, on=same_name)
        .join_from(card, profile, on=same_profile)
        .where(
            card.account_id == account.account_id,
            _T.kind == SANDBOX,
            profile.autopay,
        )
    )
    query = account.select(account.name).where(
        account.clock_on.is_null(), fn.EXISTS(at_sandbox)
    )
    return [name for (name,) in rows.tuples(query.order_by(account.account_id))]


def set_circuit(account_id: int, gateway: Gateway) -> None:
    """Store how a gateway's last answers were."""
    _SET_CIRCUIT.run(
        account_id=account_id,
        name=gateway.name,
        failures=gateway.failures,
        open_until=gateway.open_until,
    )


def _gateway(row: dict[str, Any]) -> Gateway:
    return rows.built(Gateway, _OWN, row)
