"""Every point that the simulation is known to pass.

They are named after the product's SQL, so a new kind of statement makes a new point;
`make simulate POINTS=1` prints this list anew.
"""

_STATEMENTS = """
BEGIN
BEGIN IMMEDIATE
COMMIT
DELETE autobill
DELETE contact
DELETE invoice_line
DELETE recurring_line
INSERT autobill
INSERT client
INSERT contact
INSERT counter
INSERT invoice
INSERT invoice_event
INSERT invoice_line
INSERT listing_block
INSERT outgoing
INSERT payment
INSERT payment_event
INSERT recurring
INSERT recurring_event
INSERT recurring_line
INSERT request_count
RELEASE
ROLLBACK
SAVEPOINT
SELECT account
SELECT attachment
SELECT autobill
SELECT client
SELECT contact
SELECT data_key
SELECT gateway
SELECT invoice
SELECT invoice_line
SELECT listing_block
SELECT payment
SELECT recurring
SELECT recurring_defaults
SELECT recurring_line
SELECT request_count
SELECT tax
UPDATE account
UPDATE client
UPDATE invoice
UPDATE listing_block
UPDATE payment
UPDATE recurring
"""

POINTS = frozenset(
    f"{side} {statement}"
    for statement in _STATEMENTS.strip().splitlines()
    for side in ("before", "after")
)
