"""The gateways of accounts, and what they have to be told."""

from dataclasses import dataclass
from typing import Any

from app.domain.account import Gateway
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
