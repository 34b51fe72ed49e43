"""Whom a bill is made out to: names, address, tax number."""

from dataclasses import dataclass

from app.domain.unset import UNSET, Maybe


@dataclass(frozen=True, slots=True, kw_only=True)
class BillTo:
    """The addressee of a client's, a profile's or an invoice's paper."""

    organization: str = ""
    first_name: str = ""
    last_name: str = ""
    p_street1: str = ""
    p_street2: str = ""
    p_city: str = ""
    p_state: str = ""
    p_country: str = ""
    p_code: str = ""
    vat_name: str = ""
    vat_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillToChanges:
    """What a request says of the addressee."""

    organization: Maybe[str] = UNSET
    first_name: Maybe[str] = UNSET
    last_name: Maybe[str] = UNSET
    p_street1: Maybe[str] = UNSET
    p_street2: Maybe[str] = UNSET
    p_city: Maybe[str] = UNSET
    p_state: Maybe[str] = UNSET
    p_country: Maybe[str] = UNSET
    p_code: Maybe[str] = UNSET
    vat_name: Maybe[str] = UNSET
    vat_number: Maybe[str] = UNSET
