"""Every module that registers methods; one that is missing here does not exist."""

from app.api import (
    attachment,
    billing_model,
    card,
    category,
    client,
    clock,
    currency,
    default_terms,
    discount,
    gateway,
    item,
    language,
    payment,
    registry,
    report,
    settings,
    staff,
    system,
    tax,
)
from app.api.invoice import methods as invoice
from app.api.recurring import methods as recurring

MODULES = (
    attachment,
    billing_model,
    card,
    category,
    client,
    clock,
    currency,
    default_terms,
    discount,
    gateway,
    invoice,
    item,
    language,
    payment,
    recurring,
    report,
    settings,
    staff,
    system,
    tax,
)

# Complete, now that they have all been imported.
METHODS = registry.METHODS
