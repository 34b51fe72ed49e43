"""The `perennial` command."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click
from tqdm import tqdm

from app import (
    __version__,
    compose,
    gateway_commands,
    keys,
    logs,
    replay,
    supervisor,
    upkeep,
)
from app.api.faults import told
from app.api.methods import METHODS
from app.config import Settings, SettingsError, declared, refuse_unknown
from app.domain import retry_plan
from app.domain.account import ADMIN, DEMO, Account, Caller
from app.domain.bill_to import BillToChanges
from app.domain.card import Brand
from app.domain.client import ClientChanges
from app.domain.errors import NotFoundError, ServiceError
from app.domain.unset import UNSET, Maybe
from app.engine import loop, run
from app.engine.collect import Collected, collect_all
from app.services import account as accounts
from app.services import client as clients
from app.services import expiry, outgoing
from app.services import gateway as gateways
from app.services import staff as people
from app.services.account import NewAccount, Switches
from app.services.housekeeping import tidy
from app.services.ports import Ports
from app.storage import database
from app.storage.database import DatabaseError, connection
from app.web.server import Server
from app.wire import values

_DATE = click.DateTime(["%Y-%m-%d"])
_ID = click.IntRange(1, 2**63 - 1)


class _Group(click.Group):
    """Turns our errors into one line and a failing exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            refuse_unknown(os.environ)
            return super().invoke(ctx)
        except DatabaseError as error:
            raise click.ClickException(
                f"the database failed ({error}): is it running, its disk full, or the "
                "file not writable?"
            ) from error
        except (SettingsError, replay.ReplayError) as error:
            raise click.ClickException(str(error)) from error
        except NotFoundError as error:
            way = " See 'perennial account list'." if error.noun == "account" else ""
            raise click.ClickException(f"{told(error).text}{way}") from error
        except ServiceError as error:
            raise click.ClickException(told(error).text) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            raise click.ClickException(
                f"{error.filename or 'a file'}: {error.strerror}"
            ) from error


@click.group(cls=_Group)
@click.version_option(__version__, package_name="perennial")
def main() -> None:
    """Perennial: the FreshBooks Classic XML API, with a recurring-billing engine.

    Settings come from PERENNIAL_* variables; the default is a SQLite file and a key
    file in ./var. Begin with 'perennial init'.
    """


for command in (*upkeep.COMMANDS, keys.keys, gateway_commands.gateway):
    main.add_command(command)


@main.command()
@click.option("--demo", is_flag=True, help="Also make a demo account with a client.")
def init(*, demo: bool) -> None:
    """Make the database and the key file, if they are not there yet."""
    settings = _settings()
    made = compose.initialise(settings, upkeep.tell_copy)
    if made.new_database:
        click.echo(f"made the database {database.shown()}")
    if made.new_key:
        click.echo(f"made the key file {settings.key_file}; keep a copy elsewhere")
    if not made.new_database:
        click.echo(f"the database {database.shown()} is ready")
    for name in made.migrations:
        click.echo(f"applied {name}")
    if demo:
        with _ports(settings) as ports:
            _make_demo(ports, settings)
        click.echo("next: perennial serve")
    else:
        click.echo("next: perennial account create NAME, then perennial serve")


@main.command()
@click.option("--bind", metavar="HOST:PORT", help="Where to listen.")
def serve(bind: str | None) -> None:
    """Run the API server and the billing worker; Ctrl-C stops both."""
    settings = _settings(bind)
    logs.begin(settings.log)
    compose.check(settings)
    supervisor.check_free(settings.bind)

    def ready() -> None:
        click.echo(f"\nPerennial {__version__} is listening on http://{settings.bind}")
        if settings.token_file.exists():
            click.echo("\nTry it from another terminal:\n")
            for line in _curl_lines(settings):
                click.echo(f"  {line}\n")
        click.echo("Ctrl-C stops the server and its billing worker.")
        sys.stdout.flush()

    environment = {**os.environ, "PERENNIAL_BIND": settings.bind}
    raise SystemExit(supervisor.supervise(settings.bind, environment, ready))


@main.command()
@click.option("--bind", metavar="HOST:PORT", help="Where to listen.")
def api(bind: str | None) -> None:
    """Run the API server alone; start 'perennial worker' beside it."""
    settings = _settings(bind)
    logs.begin(settings.log)
    supervisor.address(settings.bind)
    compose.check(settings)
    supervisor.harden()
    Server(
        lambda: compose.application(settings),
        settings.bind,
        settings.processes,
        settings.threads,
    ).run()


@main.command()
def worker() -> None:
    """Run the billing worker alone: a billing run every few seconds."""
    settings = _settings()
    logs.begin(settings.log)
    supervisor.harden()
    ports = compose.ports(settings)
    compose.warn()
    with connection():
        gateways.warn_of_sandboxes()
    name = f"{socket.gethostname()}:{os.getpid()}"
    loop.work(ports, settings.tick_s, name, in_flight=settings.charges)


@main.command()
@click.option(
    "--on", type=_DATE, metavar="DATE", help="Bill as of this day instead of today."
)
@click.option(
    "--dry-run", is_flag=True, help="Show what would be billed, save nothing."
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Stop after about N invoices.",
)
def bill(on: datetime | None, limit: int | None, *, dry_run: bool) -> None:
    """Bill everything that is due, once, charge the cards of what is, and report.

    Accounts on a test clock are billed as of their clock, whatever DATE says.
    """
    day = None if on is None else on.date()
    settings = _settings()
    with _ports(settings) as ports:
        if dry_run:
            _show_due(ports, day)
            return
        with tqdm(unit=" invoices", disable=None, leave=False) as bar:

            def progress(of_day: date, issued: int) -> None:
                bar.set_description(f"billing {of_day}", refresh=False)
                bar.update(issued)

            report = run.run(ports, on=day, limit=limit, progress=progress)
        collected = collect_all(ports, in_flight=settings.charges)
        expiry.tell(ports)
        handed_over = outgoing.hand_over(ports)
        tidy(ports)
        _show_run(report, collected, handed_over)
        wrong = handed_over.stuck or handed_over.put_off or not collected.ok
        if wrong or not report.ok:
            raise SystemExit(1)


@main.group()
def account() -> None:
    """Make and list accounts, and make tokens for them."""


@account.command("create")
@click.argument("name")
@click.option("--system", help="The name before the first dot of the old host name.")
@click.option("--currency", default=accounts.DEFAULT_CURRENCY, show_default=True)
@click.option(
    "--time-zone",
    default=accounts.DEFAULT_TIME_ZONE,
    show_default=True,
    help="It decides which day it is.",
)
@click.option(
    "--card-type",
    "card_types",
    multiple=True,
    type=click.Choice(list(Brand), case_sensitive=False),
    help="A card type to accept for auto-billing; repeat it. All, if left out.",
)
@click.option(
    "--clock", type=_DATE, metavar="DATE", help="Put it on a test clock at this date."
)
@click.option(
    "--ignore-unknown", is_flag=True, help="Ignore unknown elements in its requests."
)
@click.option(
    "--ignore-empty-lists",
    is_flag=True,
    help="Let an empty <lines/> or <contacts/> on update mean 'no change'.",
)
def account_create(
    name: str,
    system: str | None,
    currency: str,
    time_zone: str,
    *,
    card_types: tuple[str, ...],
    clock: datetime | None,
    ignore_unknown: bool,
    ignore_empty_lists: bool,
) -> None:
    """Make an account; its token is the last line, and is shown only now."""
    with _ports(_settings()) as ports:
        made, token = accounts.create(
            ports,
            NewAccount(
                name=name,
                system=system,
                base_currency=currency.upper(),
                time_zone=time_zone,
                card_types=tuple(map(Brand, card_types or Brand)),
                clock_on=None if clock is None else clock.date(),
                ignore_unknown=ignore_unknown,
                ignore_empty_lists=ignore_empty_lists,
            ),
        )
    click.echo(f"made account {made.account_id}, system {made.system}")
    click.echo("keep this token, it is not shown again:")
    click.echo(token)


@account.command("list")
def account_list() -> None:
    """List the accounts."""
    with _ports(_settings()):
        for found in accounts.all_():
            click.echo(_account_line(found))


@account.command("token")
@click.argument("name")
@click.option(
    "--staff",
    "username",
    metavar="U",
    help="Whose token it is; the administrator's, if left out.",
)
@click.option(
    "--revoke-others", is_flag=True, help="Revoke this person's former tokens."
)
def account_token(name: str, username: str | None, *, revoke_others: bool) -> None:
    """Make a further token for an account; it is the last line."""
    with _ports(_settings()) as ports:
        token = accounts.token(
            ports, name, revoke_others=revoke_others, username=username
        )
    click.echo("keep this token, it is not shown again:")
    click.echo(token)


@account.command("switch")
@click.argument("name")
@click.option("--ignore-unknown/--refuse-unknown", default=None)
@click.option("--ignore-empty-lists/--obey-empty-lists", default=None)
@click.option(
    "--retries",
    metavar="PLAN",
    help="When a declined card is tried again: "
    f"{', '.join(retry_plan.NAMED)}, none, or days such as 1,3,5.",
)
@click.option(
    "--tokenise/--keep-numbers",
    default=None,
    help="Exchange new card numbers for tokens, where the gateway can.",
)
def account_switch(
    name: str,
    *,
    ignore_unknown: bool | None,
    ignore_empty_lists: bool | None,
    retries: str | None,
    tokenise: bool | None,
) -> None:
    """Change how an account's requests are read, and its cards charged and kept."""
    switches = Switches(
        ignore_unknown=_maybe(ignore_unknown),
        ignore_empty_lists=_maybe(ignore_empty_lists),
        retry_days=UNSET if retries is None else retry_plan.parse(retries),
        tokenise=_maybe(tokenise),
    )
    with _ports(_settings()):
        switched = accounts.switch(name, switches)
    click.echo(_account_line(switched))


@account.group("staff")
def account_staff() -> None:
    """Add people to accounts, who see the clients that are assigned to them."""


@account_staff.command("add")
@click.argument("name")
@click.option("--username", metavar="U", required=True)
@click.option("--first-name", default="")
@click.option("--last-name", default="")
@click.option("--email", default="")
def account_staff_add(
    name: str, username: str, first_name: str, last_name: str, email: str
) -> None:
    """Add a person to an account."""
    with _ports(_settings()) as ports:
        added = people.add(
            ports,
            name,
            username=username,
            first_name=first_name,
            last_name=last_name,
            email=email,
        )
    click.echo(f"added staff {added.staff_id}, {added.username}")


@account_staff.command("assign")
@click.argument("name")
@click.argument("username")
@click.argument("client_ids", nargs=-1, required=True, type=_ID)
def account_staff_assign(name: str, username: str, client_ids: tuple[int, ...]) -> None:
    """Let a person see clients, their profiles and invoices."""
    with _ports(_settings()):
        people.assign(name, username, client_ids)
    click.echo(f"assigned {len(set(client_ids))} clients to {username}")


@account_staff.command("unassign")
@click.argument("name")
@click.argument("username")
@click.argument("client_ids", nargs=-1, required=True, type=_ID)
def account_staff_unassign(
    name: str, username: str, client_ids: tuple[int, ...]
) -> None:
    """Let a person no longer see clients."""
    with _ports(_settings()):
        people.unassign(name, username, client_ids)
    click.echo(f"unassigned {len(set(client_ids))} clients from {username}")


@main.command()
@click.option("--markdown", is_flag=True, help="As the README's table.")
def methods(*, markdown: bool) -> None:
    """Show the methods that the API has."""
    for line in method_table() if markdown else _method_lines():
        click.echo(line)


@main.command()
@click.option("--markdown", is_flag=True, help="As the table of docs/operations.md.")
def settings(*, markdown: bool) -> None:
    """Show the PERENNIAL_ variables with their defaults and meanings."""
    for line in settings_table() if markdown else _setting_lines():
        click.echo(line)


@main.command("replay")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--url", help="The server to post to; without it, one in this process.")
@click.option("--token", help="The account to use; without it, a new one each story.")
def replay_command(directory: Path, url: str | None, token: str | None) -> None:
    """Post the conversations below DIRECTORY in order and show every difference.

    Without --url a throwaway database is used. With --url but without --token, an
    account for each story is made in the database of the settings, which must be the
    server's own.
    """
    stories = replay.load(directory)
    if token is not None and url is None:
        raise click.UsageError("--token needs --url: whose token is it?")
    if url is not None and token is not None:
        post = replay.to_url(url, token)
        # Clocks only move forward, so the oldest story comes first.
        stories.sort(key=lambda story: story.clock_on or date.max)
        outcomes = [
            _play(story, post) if replay.fits(story, post) else None
            for story in stories
        ]
    elif url is not None:
        with _ports(_settings()) as ports:
            outcomes = [
                _play(story, replay.to_url(url, replay.new_account(ports, story)))
                for story in stories
            ]
    else:
        with replay.in_process() as ports:
            outcomes = [
                _play(
                    story,
                    replay.to_application(ports, replay.new_account(ports, story)),
                )
                for story in stories
            ]
    for story, outcome in zip(stories, outcomes, strict=True):
        if outcome is None:
            _explain_skip(story)
    failed = outcomes.count(False)
    click.echo(f"{outcomes.count(True)} stories passed, {failed} failed")
    if failed or True not in outcomes:
        raise SystemExit(1)


def method_table() -> Iterator[str]:
    """Yield the README's table of methods."""
    yield "| method | what it does |"
    yield "| --- | --- |"
    for name, sentence in _sentences():
        yield f"| `{name}` | {sentence} |"


def settings_table() -> Iterator[str]:
    """Yield the table of settings in docs/operations.md."""
    yield "| variable | default | meaning |"
    yield "| --- | --- | --- |"
    for setting in declared():
        default = f" `{setting.default}` " if setting.default else " "
        yield f"| `{setting.name}` |{default}| {setting.meaning} |"


def _setting_lines() -> Iterator[str]:
    for setting in declared():
        default = f" [{setting.default}]" if setting.default else ""
        yield f"{setting.name}{default}"
        yield f"    {setting.meaning.replace('`', '')}"


def _method_lines() -> Iterator[str]:
    for name, sentence in _sentences():
        yield f"{name:<24} {sentence}"


def _sentences() -> Iterator[tuple[str, str]]:
    for name in sorted(METHODS):
        docstring = METHODS[name].__doc__ or ""
        sentence = " ".join(docstring.partition("\n\n")[0].split())
        yield name, sentence.partition(" Source: ")[0]


def _play(story: replay.Story, post: replay.Post) -> bool:
    count = 0
    for played in replay.play(story, post):
        count += 1
        if played.difference:
            click.echo(f"{story.name}: {played.step} differs")
            for line in played.difference:
                click.echo(f"    {line}")
            return False
    click.echo(f"{story.name}: {count} steps as recorded")
    return True


def _explain_skip(story: replay.Story) -> None:
    click.echo(
        f"{story.name}: skipped, this account is not one for it; make another: "
        f"{replay.account_command(story)}"
    )


def _show_run(
    report: run.Report, collected: Collected, handed_over: outgoing.HandedOver
) -> None:
    """Tell what was done, and on the other stream what waits for somebody."""
    click.echo(f"issued {report.issued} invoices")
    if collected:
        click.echo(f"charged {collected.captured} cards, {collected.declined} declined")
    if handed_over.count:
        click.echo(f"handed over {handed_over.count} to be mailed or posted")
    if report.more or collected.more or handed_over.more:
        click.echo("there is more to do: run it again")
    for line in _waiting(report, collected, handed_over):
        click.echo(line, err=True)


def _waiting(
    report: run.Report, collected: Collected, handed_over: outgoing.HandedOver
) -> Iterator[str]:
    if collected.unknown:
        yield f"{collected.unknown} charges are not answered yet, asked again later"
    for name in report.parked:
        yield f"parked {name}"
    yield from upkeep.waiting()
    for name in handed_over.put_off:
        yield f"not handed over: {name}, tried again later"
    if handed_over.stuck:
        yield f"nothing can be handed over: {handed_over.stuck}"


def _show_due(ports: Ports, day: date | None) -> None:
    count = 0
    for item in run.dry_run(ports, on=day):
        where = f"account {item.due.account_id}  recurring {item.due.recurring_id}"
        if item.invoice is None:
            click.echo(
                f"{item.due.next_on}  {where}  cannot be billed, would be parked"
            )
            continue
        count += 1
        amount = item.invoice.amount
        click.echo(
            f"{item.invoice.date}  {where}  client {item.invoice.client_id}  "
            f"{values.number(amount.amount)} {amount.currency}"
        )
    click.echo(f"{count} invoices would be issued; nothing was saved")


def _maybe(flag: bool | None) -> Maybe[bool]:  # noqa: FBT001 - click's None
    return UNSET if flag is None else flag


def _account_line(found: Account) -> str:
    notes = [f"test clock at {found.clock_on}"] if found.clock_on else []
    notes += ["ignores unknown elements"] if found.ignore_unknown else []
    notes += ["ignores empty lists"] if found.ignore_empty_lists else []
    if found.retry_days != retry_plan.FRESHBOOKS:
        notes.append(f"retries {retry_plan.spelled(found.retry_days)}")
    notes += ["keeps tokens of cards"] if found.tokenise else []
    return (
        f"{found.account_id:>4}  {found.name}  (system {found.system}, "
        f"{found.base_currency}, {found.time_zone}{''.join(f', {n}' for n in notes)})"
    )


def _make_demo(ports: Ports, settings: Settings) -> None:
    """Make the demo account, its client and its token file, as far as missing."""
    try:
        demo = accounts.named(DEMO)
    except NotFoundError:
        demo, token = accounts.create(ports, NewAccount(name=DEMO))
        caller = Caller(account=demo, staff_id=ADMIN)
        client = ClientChanges(
            bill_to=BillToChanges(
                first_name="Ada", last_name="Byron", organization="Loom Ltd"
            ),
            email="ada@loom.test",
        )
        clients.create(ports, caller, client)
        click.echo(f"made the account {DEMO} with a client")
    else:
        if settings.token_file.exists():
            return
        token = accounts.token(ports, DEMO, revoke_others=False)
    handle = os.open(settings.token_file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token + "\n")
    click.echo(f"its token is kept in {settings.token_file}")


def _curl_lines(settings: Settings) -> Iterator[str]:
    token = settings.token_file.read_text("ascii").strip()
    recurring = (
        "<recurring><client_id>1</client_id><frequency>monthly</frequency><lines><line>"
        "<name>Hosting</name><unit_cost>40</unit_cost><quantity>3</quantity>"
        "</line></lines></recurring>"
    )
    for method, content in (
        ("client.list", ""),
        ("recurring.create", recurring),
        ("invoice.list", ""),
    ):
        inside = f">{content}</request>" if content else "/>"
        body = f'<request method="{method}"{inside}'
        yield f"curl -u {token}:X -d '{body}' http://{settings.bind}{replay.PATH}"


def _settings(bind: str | None = None) -> Settings:
    """Read the settings; an address on the command line comes before the variable."""
    chosen = {} if bind is None else {"PERENNIAL_BIND": bind}
    return Settings.from_environment({**os.environ, **chosen})


@contextmanager
def _ports(settings: Settings) -> Iterator[Ports]:
    ports = compose.ports(settings)
    with connection():
        yield ports


if __name__ == "__main__":
    main()
