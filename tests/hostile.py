"""What the tests of hostile input share."""

import re

from tests import snapshot

# What would tell an attacker how the server is made.
LEAK = re.compile(
    r"traceback|exception|\berror at\b|<class|0x[0-9a-f]{6}|\.py\b|(^|[\s'\"(])/\w"
    r"|lxml|libxml|expat|xmlschema|elementpath|sqlite|postgres|psycopg|peewee|flask"
    r"|werkzeug|gunicorn|python|decimal\.|valueerror|not well-formed|line \d+, column"
    r"|invalidoperation|literal|pattern|facet",
    re.IGNORECASE,
)


def stored() -> snapshot.Rows:
    """Return every row of every table, but for the counters of requests."""
    rows = snapshot.taken()
    for counted in ("request_count", "login_failure"):
        del rows[counted]
    return rows
