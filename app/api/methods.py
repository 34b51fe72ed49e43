"""Every module that registers methods; one that is missing here does not exist."""

from app.api import (
    attachment,
    billing_model,
    client,
    clock,
    gateway,
    invoice,
    registry,
    settings,
    staff,
    system,
)
from app.api.recurring import methods as recurring

MODULES = (
    attachment,
    billing_model,
    client,
    clock,
    gateway,
    invoice,
    recurring,
    settings,
    staff,
    system,
)

# Complete, now that they have all been imported.
METHODS = registry.METHODS
