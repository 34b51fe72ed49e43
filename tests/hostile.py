"""What the tests of hostile input share."""

import re
from typing import Any

from app.storage import database

# What would tell an attacker how the server is made.
LEAK = re.compile(
    r"traceback|exception|\berror at\b|<class|0x[0-9a-f]{6}|\.py\b|(^|[\s'\"(])/\w"
    r"|lxml|libxml|expat|xmlschema|elementpath|sqlite|peewee|flask|werkzeug|gunicorn"
    r"|python|decimal\.|valueerror|not well-formed|line \d+, column"
    r"|invalidoperation|literal|pattern|facet",
    re.IGNORECASE,
)


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but for the counter of requests."""
    tables = database.execute(
        "SELECT name FROM sqlite_master"
        " WHERE type = 'table' AND name != 'request_count'"
    ).fetchall()
    return {
        name: database.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
        for (name,) in tables
    }
