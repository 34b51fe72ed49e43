"""Every module that registers methods; one that is missing here does not exist."""

from app.api import (
    billing_model,
    client,
    clock,
    gateway,
    invoice,
    registry,
    report,
    settings,
    staff,
    system,
)
from app.api.recurring import methods as recurring

MODULES = (
    billing_model,
    client,
    clock,
    gateway,
    invoice,
    recurring,
    report,
    settings,
    staff,
    system,
)

# Complete, now that they have all been imported.
METHODS = registry.METHODS
