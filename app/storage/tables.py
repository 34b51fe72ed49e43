"""Every table. Account id leads every key, so that they can be split by it.

The exceptions look for something before the account is known (a token, failed logins),
for any account (what is due, parked or expired), or serve all of them (keys of keys,
workers).
"""

import peewee
from peewee import SQL

from app.storage.database import proxy
from app.storage.fields import DayField, ExactDecimalField, IdsField, InstantField


def _references(columns: str, table: str, theirs: str | None = None) -> SQL:
    return SQL(f"FOREIGN KEY ({columns}) REFERENCES {table} ({theirs or columns})")


def _one_of(column: str, *values: str) -> SQL:
    listed = ", ".join(f"'{value}'" for value in values)
    return SQL(f"CHECK ({column} IN ({listed}))")


def _folder() -> SQL:
    return _one_of("folder", "active", "archived", "deleted")


def _added(kind: type[peewee.Field], default: str) -> peewee.Field:
    """Return a column that a later edition added.

    SQLite adds one that is not null only with a default, which no query relies on.
    """
    return kind(constraints=[SQL(f"DEFAULT {default}")])


_ACCOUNT = _references("account_id", "account")


class Table(peewee.Model):
    """What every table shares."""

    class Meta:
        """Bound to the process's one database."""

        database = proxy
        legacy_table_names = False


class Account(Table):
    """One company's books."""

    account_id = peewee.AutoField()
    name = peewee.TextField(unique=True)
    system = peewee.TextField(unique=True)
    base_currency = peewee.TextField()
    time_zone = peewee.TextField()
    language = peewee.TextField()
    card_types = peewee.TextField()
    clock_on = DayField(null=True)
    ignore_unknown = peewee.BooleanField()
    ignore_empty_lists = peewee.BooleanField()
    auto_generate = _added(peewee.BooleanField, "true")
    generates_from = DayField(null=True)
    retry_days = _added(peewee.TextField, "'1'")
    tokenise = _added(peewee.BooleanField, "false")
    cards_checked_on = DayField(null=True)
    created_at = InstantField()

    class Meta:
        """Currency codes have three letters."""

        constraints = [SQL("CHECK (length(base_currency) = 3)")]


class Staff(Table):
    """People of an account."""

    account_id = peewee.IntegerField()
    staff_id = peewee.IntegerField()
    username = peewee.TextField()
    first_name = peewee.TextField()
    last_name = peewee.TextField()
    email = peewee.TextField()
    created_at = InstantField()

    class Meta:
        """Staff 1 is the administrator."""

        primary_key = peewee.CompositeKey("account_id", "staff_id")
        constraints = [_ACCOUNT]
        indexes = ((("account_id", "username"), True),)


class StaffClient(Table):
    """Which clients a person works for; the administrator needs no rows."""

    account_id = peewee.IntegerField()
    staff_id = peewee.IntegerField()
    client_id = peewee.BigIntegerField()

    class Meta:
        """In the order in which a person's are looked up."""

        primary_key = peewee.CompositeKey("account_id", "staff_id", "client_id")
        constraints = [
            _references("account_id, staff_id", "staff"),
            _references("account_id, client_id", "client"),
        ]


class Token(Table):
    """API tokens, by their hash; the token itself is known to its owner alone."""

    token_hash = peewee.TextField(primary_key=True)
    account_id = peewee.IntegerField(index=True)
    staff_id = peewee.IntegerField()
    created_at = InstantField()
    revoked_at = InstantField(null=True)

    class Meta:
        """The one table that is looked up before the account is known."""

        constraints = [_references("account_id, staff_id", "staff")]


class Gateway(Table):
    """Payment gateways of an account; `kind` says whose language one speaks.

    After `failures` in a row one is left alone until `open_until`.
    """

    account_id = peewee.IntegerField()
    name = peewee.TextField()
    autobill_capable = peewee.BooleanField()
    kind = _added(peewee.TextField, "'sandbox'")
    enabled = _added(peewee.BooleanField, "true")
    failures = _added(peewee.IntegerField, "0")
    open_until = InstantField(null=True)

    class Meta:
        """One of a name."""

        primary_key = peewee.CompositeKey("account_id", "name")
        constraints = [_ACCOUNT]


class Counter(Table):
    """The last id that an account gave to each kind of object; ids never return."""

    account_id = peewee.IntegerField()
    noun = peewee.TextField()
    last_id = peewee.BigIntegerField()

    class Meta:
        """One of a noun."""

        primary_key = peewee.CompositeKey("account_id", "noun")
        constraints = [_ACCOUNT]


class ListingBlock(Table):
    """How many rows each block of ids has in a folder, so that pages are found fast."""

    account_id = peewee.IntegerField()
    noun = peewee.TextField()
    block = peewee.BigIntegerField()
    folder = peewee.TextField()
    size = peewee.BigIntegerField()

    class Meta:
        """In the order in which a list walks."""

        primary_key = peewee.CompositeKey("account_id", "noun", "block", "folder")
        constraints = [_ACCOUNT, _folder(), SQL("CHECK (size >= 0)")]


class RequestCount(Table):
    """How many requests an account made on a day, as system.current tells."""

    account_id = peewee.IntegerField()
    day = DayField()
    requests = peewee.BigIntegerField()

    class Meta:
        """One of a day."""

        primary_key = peewee.CompositeKey("account_id", "day")
        constraints = [_ACCOUNT]


class KeyCheck(Table):
    """A known text sealed by each key-encryption key that was ever used here."""

    key_id = peewee.TextField(primary_key=True)
    sealed = peewee.BlobField()


class DataKey(Table):
    """Each account's data keys, wrapped by a key that is kept elsewhere."""

    account_id = peewee.IntegerField()
    version = peewee.IntegerField()
    key_id = peewee.TextField()
    wrapped = peewee.BlobField()

    class Meta:
        """The highest version seals, every version opens."""

        primary_key = peewee.CompositeKey("account_id", "version")
        constraints = [_ACCOUNT, _references("key_id", "key_check")]


class GatewaySettings(Table):
    """What gateways have to be told, such as a secret key, sealed together."""

    account_id = peewee.IntegerField()
    name = peewee.TextField()
    key_version = peewee.IntegerField()
    sealed = peewee.BlobField()

    class Meta:
        """At most one of a gateway."""

        primary_key = peewee.CompositeKey("account_id", "name")
        constraints = [
            _references("account_id, name", "gateway"),
            _references("account_id, key_version", "data_key", "account_id, version"),
        ]


class WorkerRun(Table):
    """The last run of each worker, for those who watch.

    A worker bills all accounts: there is none that could lead the key.
    """

    worker = peewee.TextField(primary_key=True)
    started_at = InstantField()
    finished_at = InstantField()
    tick_s = peewee.IntegerField()
    issued = peewee.BigIntegerField()
    parked = peewee.BigIntegerField()
    outcome = peewee.TextField()

    class Meta:
        """As many rows as there are workers, and were in the last day."""

        constraints = [_one_of("outcome", "done", "parked", "failed")]


class IdempotencyKey(Table):
    """Requests that were carried out once, by the hash of their key, for a day.

    `request` is a sealed digest of the request, `answer` what it was answered.
    """

    account_id = peewee.IntegerField()
    key_hash = peewee.TextField()
    key_version = peewee.IntegerField()
    request = peewee.BlobField()
    answer = peewee.TextField()
    created_at = InstantField(index=True)

    class Meta:
        """Found by key; thrown away by age, whosever they are."""

        primary_key = peewee.CompositeKey("account_id", "key_hash")
        constraints = [
            _references("account_id, key_version", "data_key", "account_id, version")
        ]


class LoginFailure(Table):
    """How many logins failed in a minute, by what they have in common.

    `scope` is the hash of an address, or of how the tokens began. No account is known.
    """

    minute = peewee.BigIntegerField()
    scope = peewee.TextField()
    count = peewee.BigIntegerField()

    class Meta:
        """In the order in which they are thrown away."""

        primary_key = peewee.CompositeKey("minute", "scope")


class BillingModel(Table):
    """Schedules with names, for profiles to take; a locked one stays as it is."""

    account_id = peewee.IntegerField()
    billing_model_id = peewee.BigIntegerField()
    name = peewee.TextField()
    rule = peewee.TextField()
    locked = peewee.BooleanField()
    updated_at = InstantField()

    class Meta:
        """One of a name."""

        primary_key = peewee.CompositeKey("account_id", "billing_model_id")
        constraints = [_ACCOUNT]
        indexes = ((("account_id", "name"), True),)


class RecurringDefaults(Table):
    """What new profiles of an account are like that do not say, where it chose that.

    `billing_model_id` is the model that was made the default; NULL while none was.
    """

    account_id = peewee.IntegerField(primary_key=True)
    rule = peewee.TextField()
    weekday = peewee.TextField()
    occurrences = peewee.IntegerField()
    billing_model_id = peewee.BigIntegerField(null=True)

    class Meta:
        """One row at most of an account."""

        constraints = [
            _ACCOUNT,
            _references("account_id, billing_model_id", "billing_model"),
        ]


class Item(Table):
    """What is sold, ready for the lines of bills; `inventory` NULL is not counted."""

    account_id = peewee.IntegerField()
    item_id = peewee.BigIntegerField()
    name = peewee.TextField()
    description = peewee.TextField()
    unit_cost = ExactDecimalField()
    quantity = ExactDecimalField()
    inventory = ExactDecimalField(null=True)
    folder = peewee.TextField()
    updated_at = InstantField()

    class Meta:
        """Listed by the counted blocks."""

        primary_key = peewee.CompositeKey("account_id", "item_id")
        constraints = [_ACCOUNT, _folder()]


class Tax(Table):
    """Taxes with their rates in percent; lines name them, and refer to none."""

    account_id = peewee.IntegerField()
    tax_id = peewee.BigIntegerField()
    name = peewee.TextField()
    rate = ExactDecimalField()
    number = peewee.TextField()
    compound = peewee.BooleanField()
    updated_at = InstantField()

    class Meta:
        """One of a name."""

        primary_key = peewee.CompositeKey("account_id", "tax_id")
        constraints = [_ACCOUNT]
        indexes = ((("account_id", "name"), True),)


class Discount(Table):
    """Discounts with names, each a percentage or an amount of any currency."""

    account_id = peewee.IntegerField()
    discount_id = peewee.BigIntegerField()
    name = peewee.TextField()
    percent = ExactDecimalField(null=True)
    amount = ExactDecimalField(null=True)
    updated_at = InstantField()

    class Meta:
        """One of a name, and one of the two."""

        primary_key = peewee.CompositeKey("account_id", "discount_id")
        constraints = [
            _ACCOUNT,
            SQL("CHECK ((percent IS NULL) <> (amount IS NULL))"),
        ]
        indexes = ((("account_id", "name"), True),)


class Category(Table):
    """Categories of expenses; `parent_id` is NULL but for a sub-category.

    No constraint refers to the parent, as rows are copied in no order of theirs.
    """

    account_id = peewee.IntegerField()
    category_id = peewee.BigIntegerField()
    name = peewee.TextField()
    parent_id = peewee.BigIntegerField(null=True)
    updated_at = InstantField()

    class Meta:
        """Found by parent."""

        primary_key = peewee.CompositeKey("account_id", "category_id")
        constraints = [_ACCOUNT]
        indexes = ((("account_id", "parent_id", "category_id"), False),)


class DefaultTerms(Table):
    """What an account's papers say of terms, where it ever chose that."""

    account_id = peewee.IntegerField()
    type = peewee.TextField()
    message = peewee.TextField()

    class Meta:
        """One message of a type."""

        primary_key = peewee.CompositeKey("account_id", "type")
        constraints = [_ACCOUNT, _one_of("type", "invoice", "estimate", "credit")]


class BillToTable(Table):
    """The columns of an addressee."""

    organization = peewee.TextField()
    first_name = peewee.TextField()
    last_name = peewee.TextField()
    p_street1 = peewee.TextField()
    p_street2 = peewee.TextField()
    p_city = peewee.TextField()
    p_state = peewee.TextField()
    p_country = peewee.TextField()
    p_code = peewee.TextField()
    vat_name = peewee.TextField()
    vat_number = peewee.TextField()


class Client(BillToTable):
    """Who is billed."""

    account_id = peewee.IntegerField()
    client_id = peewee.BigIntegerField()
    s_street1 = peewee.TextField()
    s_street2 = peewee.TextField()
    s_city = peewee.TextField()
    s_state = peewee.TextField()
    s_country = peewee.TextField()
    s_code = peewee.TextField()
    email = peewee.TextField()
    username = peewee.TextField()
    work_phone = peewee.TextField()
    home_phone = peewee.TextField()
    mobile = peewee.TextField()
    fax = peewee.TextField()
    language = peewee.TextField()
    currency_code = peewee.TextField()
    notes = peewee.TextField()
    view_key = peewee.TextField()
    folder = peewee.TextField()
    updated_at = InstantField()

    class Meta:
        """Found by email and by time of change."""

        primary_key = peewee.CompositeKey("account_id", "client_id")
        constraints = [_ACCOUNT, _folder()]
        indexes = (
            (("account_id", "view_key"), True),
            (("account_id", "email"), False),
            (("account_id", "updated_at"), False),
        )


class Contact(Table):
    """Further people of a client's, in the client's order."""

    account_id = peewee.IntegerField()
    contact_id = peewee.BigIntegerField()
    client_id = peewee.BigIntegerField()
    position = peewee.IntegerField()
    username = peewee.TextField()
    first_name = peewee.TextField()
    last_name = peewee.TextField()
    email = peewee.TextField()
    phone1 = peewee.TextField()
    phone2 = peewee.TextField()

    class Meta:
        """Read by client."""

        primary_key = peewee.CompositeKey("account_id", "contact_id")
        constraints = [_references("account_id, client_id", "client")]
        indexes = ((("account_id", "client_id", "position"), True),)


class Recurring(BillToTable):
    """Recurring profiles.

    `rule` is the kind of schedule as JSON; so are attributes, taxes and discounts, the
    default tax being a list of at most one. `next_on` is
    the next date to bill, NULL where there is none; it is all that a billing run looks
    at. The model that a schedule was taken from may have been deleted since.
    """

    account_id = peewee.IntegerField()
    recurring_id = peewee.BigIntegerField()
    client_id = peewee.BigIntegerField()
    staff_id = peewee.IntegerField()
    contacts = IdsField()
    rule = peewee.TextField()
    start_on = DayField()
    anchor_on = _added(DayField, "'1970-01-01'")
    end_on = DayField(null=True)
    next_on = DayField(null=True)
    occurrences = peewee.IntegerField()
    billed_count = peewee.IntegerField()
    last_billed_on = DayField(null=True)
    passed_on = DayField(null=True)
    skipped_on = DayField(null=True)
    billed_now_on = DayField(null=True)
    moved_to = DayField(null=True)
    use_new_day = _added(peewee.BooleanField, "false")
    moved_on = DayField(null=True)
    state = peewee.TextField()
    folder = peewee.TextField()
    po_number = peewee.TextField()
    currency_code = peewee.TextField()
    language = peewee.TextField()
    notes = peewee.TextField()
    terms = peewee.TextField()
    discount = ExactDecimalField()
    return_uri = peewee.TextField()
    send_snail_mail = peewee.BooleanField()
    send_email = peewee.BooleanField()
    due_days = _added(peewee.IntegerField, "0")
    invoice_status = _added(peewee.TextField, "'sent'")
    title = _added(peewee.TextField, "''")
    autopay = _added(peewee.BooleanField, "true")
    send_receipt = _added(peewee.TextField, "'always'")
    attributes = _added(peewee.TextField, "'[]'")
    default_tax = _added(peewee.TextField, "'[]'")
    taxes = _added(peewee.TextField, "'[]'")
    discounts = _added(peewee.TextField, "'[]'")
    billing_model_id = _added(peewee.BigIntegerField, "0")
    key = _added(peewee.TextField, "''")
    parked_reason = peewee.TextField()
    updated_at = InstantField()

    class Meta:
        """Found by client and by time of change; the due ones by an index of theirs."""

        primary_key = peewee.CompositeKey("account_id", "recurring_id")
        constraints = [
            _references("account_id, client_id", "client"),
            _folder(),
            _one_of("state", "active", "paused", "completed"),
            SQL("CHECK (next_on IS NULL OR (state = 'active' AND folder = 'active'))"),
            SQL("CHECK (length(currency_code) = 3)"),
        ]
        indexes = (
            (("account_id", "client_id", "recurring_id", "folder"), False),
            (("account_id", "updated_at", "recurring_id", "folder"), False),
        )


# What is due is found by date for all accounts (a worker) or for one (a test clock).
_DUE = SQL("next_on IS NOT NULL AND parked_reason = ''")
Recurring.add_index(
    Recurring.index(
        Recurring.next_on,
        Recurring.account_id,
        Recurring.recurring_id,
        name="recurring_due",
        where=_DUE,
    )
)
Recurring.add_index(
    Recurring.index(
        Recurring.account_id,
        Recurring.next_on,
        Recurring.recurring_id,
        name="recurring_due_of_account",
        where=_DUE,
    )
)
Recurring.add_index(
    Recurring.index(
        Recurring.account_id,
        Recurring.recurring_id,
        name="recurring_parked",
        where=SQL("parked_reason <> ''"),
    )
)


class EventTable(Table):
    """The columns of what happened to something, numbered by it.

    `client_id` is whose it was, NULL where it went from one to another; `staff_id` is
    NULL for what the server did by itself; `changes` are JSON.
    """

    number = peewee.IntegerField()
    client_id = peewee.BigIntegerField(null=True)
    at = InstantField()
    staff_id = peewee.IntegerField(null=True)
    what = peewee.TextField()
    changes = peewee.TextField()


class RecurringEvent(EventTable):
    """What happened to a profile."""

    account_id = peewee.IntegerField()
    recurring_id = peewee.BigIntegerField()

    class Meta:
        """Read by profile, the last first."""

        primary_key = peewee.CompositeKey("account_id", "recurring_id", "number")
        constraints = [_references("account_id, recurring_id", "recurring")]


class LineTable(Table):
    """The columns of a line."""

    line_id = peewee.BigIntegerField()
    position = peewee.IntegerField()
    name = peewee.TextField()
    description = peewee.TextField()
    unit_cost = ExactDecimalField()
    quantity = ExactDecimalField()
    tax1_name = peewee.TextField()
    tax2_name = peewee.TextField()
    tax1_percent = ExactDecimalField()
    tax2_percent = ExactDecimalField()
    type = peewee.TextField()
    percent = ExactDecimalField(null=True)
    taxable = _added(peewee.BooleanField, "true")
    start_on = DayField(null=True)
    end_on = DayField(null=True)
    group = _added(peewee.TextField, "''")
    tax1_compound = _added(peewee.BooleanField, "false")
    tax2_compound = _added(peewee.BooleanField, "false")


class RecurringLine(LineTable):
    """Lines of profiles."""

    account_id = peewee.IntegerField()
    recurring_id = peewee.BigIntegerField()

    class Meta:
        """Read by profile, in order."""

        primary_key = peewee.CompositeKey("account_id", "recurring_id", "position")
        constraints = [_references("account_id, recurring_id", "recurring")]
        indexes = ((("account_id", "line_id"), True),)


class Card(Table):
    """Cards of clients: number or token, holder and expiry sealed together.

    Of one that was deleted only what may be shown stays.
    """

    account_id = peewee.IntegerField()
    card_id = peewee.BigIntegerField()
    client_id = peewee.BigIntegerField()
    gateway_name = peewee.TextField()
    last_four = peewee.TextField()
    brand = peewee.TextField()
    key_version = peewee.IntegerField(null=True)
    sealed = peewee.BlobField(null=True)
    folder = peewee.TextField()
    updated_at = InstantField()

    class Meta:
        """Found by client."""

        primary_key = peewee.CompositeKey("account_id", "card_id")
        constraints = [
            _references("account_id, client_id", "client"),
            _references("account_id, key_version", "data_key", "account_id, version"),
            _folder(),
            SQL("CHECK ((folder = 'deleted') = (sealed IS NULL))"),
            SQL("CHECK ((key_version IS NULL) = (sealed IS NULL))"),
        ]
        indexes = ((("account_id", "client_id", "card_id", "folder"), False),)


class Autobill(Table):
    """Cards of profiles: number or token, holder and expiry sealed together.

    Or the client's card that a profile uses. Its expiry was looked at in the month of
    `checked_on`.
    """

    account_id = peewee.IntegerField()
    recurring_id = peewee.BigIntegerField()
    gateway_name = peewee.TextField()
    card_id = peewee.BigIntegerField(null=True)
    key_version = peewee.IntegerField(null=True)
    sealed = peewee.BlobField(null=True)
    checked_on = DayField()

    class Meta:
        """At most one of a profile."""

        primary_key = peewee.CompositeKey("account_id", "recurring_id")
        constraints = [
            _references("account_id, recurring_id", "recurring"),
            _references("account_id, card_id", "card"),
            _references("account_id, key_version", "data_key", "account_id, version"),
            SQL("CHECK ((card_id IS NULL) = (sealed IS NOT NULL))"),
            SQL("CHECK ((key_version IS NULL) = (sealed IS NULL))"),
        ]
        indexes = (
            (("account_id", "card_id"), False),
            (("account_id", "checked_on", "recurring_id"), False),
        )


class Invoice(BillToTable):
    """Invoices; amounts in minor units of the currency beside them.

    `billed_on` is the date of its profile that it bills, whatever its own date has been
    changed to; NULL where no profile made it. `unpaid_status` is what its status would
    be without payments. `collect_on` is the day of the next try to charge its card,
    NULL where there is none, or one is under way; a try that has to wait for its
    gateway is `held_until` then.
    """

    account_id = peewee.IntegerField()
    invoice_id = peewee.BigIntegerField()
    number = peewee.TextField()
    client_id = peewee.BigIntegerField()
    recurring_id = peewee.BigIntegerField(null=True)
    staff_id = peewee.IntegerField()
    contacts = IdsField()
    date = DayField()
    billed_on = DayField(null=True)
    due_on = _added(DayField, "'1970-01-01'")
    status = peewee.TextField()
    unpaid_status = _added(peewee.TextField, "'sent'")
    folder = peewee.TextField()
    title = _added(peewee.TextField, "''")
    attributes = _added(peewee.TextField, "'[]'")
    po_number = peewee.TextField()
    discount = ExactDecimalField()
    default_tax = _added(peewee.TextField, "'[]'")
    taxes = _added(peewee.TextField, "'[]'")
    discounts = _added(peewee.TextField, "'[]'")
    notes = peewee.TextField()
    terms = peewee.TextField()
    currency_code = peewee.TextField()
    language = peewee.TextField()
    return_uri = peewee.TextField()
    view_key = peewee.TextField()
    amount_minor = peewee.BigIntegerField()
    paid_minor = peewee.BigIntegerField()
    auto_paid = _added(peewee.BooleanField, "false")
    collect_on = DayField(null=True)
    held_until = InstantField(null=True)
    updated_at = InstantField()

    class Meta:
        """One invoice for a profile and date: the guard against billing twice."""

        primary_key = peewee.CompositeKey("account_id", "invoice_id")
        constraints = [
            _references("account_id, client_id", "client"),
            _references("account_id, recurring_id", "recurring"),
            _folder(),
            SQL("CHECK (length(currency_code) = 3)"),
        ]
        indexes = (
            (("account_id", "recurring_id", "billed_on"), True),
            (("account_id", "number"), True),
            (("account_id", "view_key"), True),
            (("account_id", "client_id", "invoice_id", "folder"), False),
            (("account_id", "updated_at", "invoice_id", "folder"), False),
        )


# What was paid beyond a total is looked for by client.
Invoice.add_index(
    Invoice.index(
        Invoice.account_id,
        Invoice.client_id,
        name="invoice_overpaid",
        where=SQL("paid_minor > amount_minor"),
    )
)


TO_COLLECT = "collect_on IS NOT NULL AND unpaid_status <> 'draft'"
HELD = f"{TO_COLLECT} AND held_until IS NOT NULL"

# What a card is to be charged for, in the order of the days.
Invoice.add_index(
    Invoice.index(
        Invoice.collect_on,
        Invoice.account_id,
        Invoice.invoice_id,
        name="invoice_to_collect",
        where=SQL(
            "collect_on IS NOT NULL AND unpaid_status <> 'draft' AND held_until IS NULL"
        ),
    )
)
# What waits for its gateway, by the time at which it is looked at again.
Invoice.add_index(
    Invoice.index(
        Invoice.held_until,
        Invoice.account_id,
        Invoice.invoice_id,
        name="invoice_held",
        where=SQL(HELD),
    )
)


class InvoiceLine(LineTable):
    """Lines of invoices, as they were when the invoice was made."""

    account_id = peewee.IntegerField()
    invoice_id = peewee.BigIntegerField()
    amount_minor = peewee.BigIntegerField()

    class Meta:
        """Read by invoice, in order."""

        primary_key = peewee.CompositeKey("account_id", "invoice_id", "position")
        constraints = [_references("account_id, invoice_id", "invoice")]
        indexes = ((("account_id", "line_id"), True),)


class InvoiceEvent(EventTable):
    """What happened to an invoice, and to the payments on it."""

    account_id = peewee.IntegerField()
    invoice_id = peewee.BigIntegerField()

    class Meta:
        """Read by invoice, the last first."""

        primary_key = peewee.CompositeKey("account_id", "invoice_id", "number")
        constraints = [_references("account_id, invoice_id", "invoice")]


class Outgoing(Table):
    """What is to be mailed or posted; `handed_over_at` is when somebody took it.

    It is about an invoice or a profile; `template` says what is told of it. One that
    failed rests until `retry_at`.
    """

    account_id = peewee.IntegerField()
    outgoing_id = peewee.BigIntegerField()
    kind = peewee.TextField()
    template = peewee.TextField()
    invoice_id = peewee.BigIntegerField(null=True)
    recurring_id = peewee.BigIntegerField(null=True)
    subject = peewee.TextField()
    message = peewee.TextField()
    created_at = InstantField()
    handed_over_at = InstantField(null=True)
    retry_at = InstantField(null=True)

    class Meta:
        """What waits is found by an index of its own."""

        primary_key = peewee.CompositeKey("account_id", "outgoing_id")
        constraints = [
            _references("account_id, invoice_id", "invoice"),
            _references("account_id, recurring_id", "recurring"),
            _one_of("kind", "email", "post"),
            _one_of("template", "invoice", "receipt", "failure", "expiry"),
            SQL("CHECK ((invoice_id IS NULL) <> (recurring_id IS NULL))"),
        ]


Outgoing.add_index(
    Outgoing.index(
        Outgoing.account_id,
        Outgoing.outgoing_id,
        name="outgoing_waiting",
        where=SQL("handed_over_at IS NULL"),
    )
)


class Charge(Table):
    """Attempts to charge cards for invoices, in minor units of the currency beside.

    `charge_id` is the id of the payment that comes of it, should it succeed. The card
    is kept, sealed, from the moment it is sent until somebody knows what became of it;
    `check_at` is when that is looked after.
    """

    account_id = peewee.IntegerField()
    charge_id = peewee.BigIntegerField()
    invoice_id = peewee.BigIntegerField()
    recurring_id = peewee.BigIntegerField(null=True)
    invoice_number = peewee.TextField()
    attempt_no = peewee.IntegerField()
    key = peewee.TextField()
    automatic = peewee.BooleanField()
    staff_id = peewee.IntegerField(null=True)
    card_id = peewee.BigIntegerField(null=True)
    gateway_name = peewee.TextField()
    amount_minor = peewee.BigIntegerField()
    currency_code = peewee.TextField()
    last_four = peewee.TextField()
    brand = peewee.TextField()
    state = peewee.TextField()
    reason = peewee.TextField()
    message = peewee.TextField()
    reference = peewee.TextField()
    made_on = DayField()
    created_at = InstantField()
    sent_at = InstantField(null=True)
    check_at = InstantField(null=True)
    checks = peewee.IntegerField()
    key_version = peewee.IntegerField(null=True)
    sealed = peewee.BlobField(null=True)

    class Meta:
        """Found by invoice and by profile."""

        primary_key = peewee.CompositeKey("account_id", "charge_id")
        constraints = [
            _references("account_id, invoice_id", "invoice"),
            _references("account_id, recurring_id", "recurring"),
            _references("account_id, key_version", "data_key", "account_id, version"),
            _one_of(
                "state",
                "prepared",
                "sent",
                "captured",
                "declined",
                "unknown",
                "parked",
            ),
            SQL("CHECK (length(currency_code) = 3)"),
            SQL("CHECK ((key_version IS NULL) = (sealed IS NULL))"),
        ]
        indexes = (
            (("account_id", "invoice_id", "attempt_no"), True),
            (("account_id", "key"), True),
            (("account_id", "recurring_id", "charge_id"), False),
        )


UNDER_WAY = "state IN ('prepared', 'sent', 'unknown', 'parked')"

# One at a time of an invoice, whatever happens.
Charge.add_index(
    Charge.index(
        Charge.account_id,
        Charge.invoice_id,
        unique=True,
        name="charge_under_way",
        where=SQL(UNDER_WAY),
    )
)
# What is to be looked after, by the time.
Charge.add_index(
    Charge.index(
        Charge.check_at,
        Charge.account_id,
        Charge.charge_id,
        name="charge_to_check",
        where=SQL("check_at IS NOT NULL"),
    )
)
Charge.add_index(
    Charge.index(
        Charge.account_id,
        Charge.charge_id,
        name="charge_parked",
        where=SQL("state = 'parked'"),
    )
)


class Payment(Table):
    """Money from clients, in minor units of the currency beside it.

    Without an invoice it is a credit of the client's; from credit, it pays an invoice
    out of those. One that a gateway took has its name, and a reference of its. A
    deleted one stays, and counts for nothing.
    """

    account_id = peewee.IntegerField()
    payment_id = peewee.BigIntegerField()
    client_id = peewee.BigIntegerField()
    invoice_id = peewee.BigIntegerField(null=True)
    from_credit = peewee.BooleanField()
    date = DayField()
    amount_minor = peewee.BigIntegerField()
    currency_code = peewee.TextField()
    type = peewee.TextField()
    notes = peewee.TextField()
    folder = peewee.TextField()
    gateway_name = _added(peewee.TextField, "''")
    reference = _added(peewee.TextField, "''")
    automatic = _added(peewee.BooleanField, "false")
    updated_at = InstantField()

    class Meta:
        """Found by invoice, by client and by time of change."""

        primary_key = peewee.CompositeKey("account_id", "payment_id")
        constraints = [
            _references("account_id, client_id", "client"),
            _references("account_id, invoice_id", "invoice"),
            _folder(),
            SQL("CHECK (length(currency_code) = 3)"),
            SQL("CHECK (invoice_id IS NOT NULL OR NOT from_credit)"),
        ]
        indexes = (
            (("account_id", "invoice_id", "payment_id"), False),
            (("account_id", "client_id", "payment_id", "folder"), False),
            (("account_id", "updated_at", "payment_id", "folder"), False),
        )


# What moves a client's credit.
Payment.add_index(
    Payment.index(
        Payment.account_id,
        Payment.client_id,
        name="payment_credit",
        where=SQL("invoice_id IS NULL OR from_credit"),
    )
)


class PaymentEvent(EventTable):
    """What happened to a payment."""

    account_id = peewee.IntegerField()
    payment_id = peewee.BigIntegerField()

    class Meta:
        """Read by payment, the last first."""

        primary_key = peewee.CompositeKey("account_id", "payment_id", "number")
        constraints = [_references("account_id, payment_id", "payment")]


class Attachment(Table):
    """What is known of the files of profiles and invoices; each belongs to one.

    The row of one that was deleted stays.
    """

    account_id = peewee.IntegerField()
    attachment_id = peewee.BigIntegerField()
    recurring_id = peewee.BigIntegerField(null=True)
    invoice_id = peewee.BigIntegerField(null=True)
    file_name = peewee.TextField()
    description = peewee.TextField()
    type = peewee.TextField()
    size = peewee.BigIntegerField()
    digest = peewee.TextField()
    folder = peewee.TextField()
    updated_at = InstantField()

    class Meta:
        """Read by owner, the last first."""

        primary_key = peewee.CompositeKey("account_id", "attachment_id")
        constraints = [
            _references("account_id, recurring_id", "recurring"),
            _references("account_id, invoice_id", "invoice"),
            _folder(),
            SQL("CHECK ((recurring_id IS NULL) <> (invoice_id IS NULL))"),
        ]
        indexes = (
            (("account_id", "recurring_id", "attachment_id"), False),
            (("account_id", "invoice_id", "attachment_id"), False),
        )


class AttachmentContent(Table):
    """The files, in pieces: who reads many rows at once has few bytes in hand."""

    account_id = peewee.IntegerField()
    attachment_id = peewee.BigIntegerField()
    position = peewee.IntegerField()
    data = peewee.BlobField()

    class Meta:
        """Read by attachment, in order."""

        primary_key = peewee.CompositeKey("account_id", "attachment_id", "position")
        constraints = [_references("account_id, attachment_id", "attachment")]


ALL: list[type[peewee.Model]] = [
    Account,
    Staff,
    Token,
    Gateway,
    Counter,
    ListingBlock,
    RequestCount,
    KeyCheck,
    DataKey,
    GatewaySettings,
    WorkerRun,
    IdempotencyKey,
    LoginFailure,
    BillingModel,
    RecurringDefaults,
    Item,
    Tax,
    Discount,
    Category,
    DefaultTerms,
    Client,
    StaffClient,
    Contact,
    Recurring,
    RecurringEvent,
    RecurringLine,
    Card,
    Autobill,
    Invoice,
    InvoiceLine,
    InvoiceEvent,
    Outgoing,
    Charge,
    Payment,
    PaymentEvent,
    Attachment,
    AttachmentContent,
]
