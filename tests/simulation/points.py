"""Every point that the simulation is known to pass.

They are named after the product's SQL, so a new kind of statement makes a new point;
`make simulate POINTS=1` prints this list anew.
"""

_STATEMENTS = """
BEGIN
BEGIN IMMEDIATE
CHARGE
COMMIT
DELETE autobill
DELETE charge
DELETE contact
DELETE invoice_line
DELETE recurring_line
INSERT autobill
INSERT charge
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
LOOK_UP
RELEASE
ROLLBACK
SAVEPOINT
SELECT account
SELECT attachment
SELECT autobill
SELECT charge
SELECT client
SELECT contact
SELECT data_key
SELECT gateway
SELECT gateway_settings
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
UPDATE autobill
UPDATE charge
UPDATE client
UPDATE gateway
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

# What must happen now and then, or nothing was learnt of it: the states of charges, the
# bank's answers and its troubles, and what was decided.
SOMETIMES = frozenset(
    [
        *("prepared", "sent", "captured", "declined", "unknown", "parked"),
        *("withdrawn", "approved late", "expired", "retry"),
        *("now", "later", "held", "never"),
        *("invoice retry", "invoice failed"),
        *("receipt always", "receipt once", "no receipt once", "no receipt never"),
        *("approved", "declined softly", "declined for good"),
        *("charge lost", "charge late", "charge timeout", "charge garbage"),
        *("charge raises", "charge while down", "charge repeated"),
        *("look-up refused", "look-up garbage", "look-up raises"),
        *("look-up while down", "look-up missing", "look-up too early"),
        *("circuit opens", "circuit probed", "circuit closes", "settings missing"),
    ]
)
