"""The `perennial gateway` commands, and gateways that other packages bring."""

import logging
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from app.cli import main
from app.config import Settings
from app.domain.account import Gateway
from app.domain.charge import ChargeState
from app.gateways import registry
from app.services import account as accounts
from app.services import gateway as service
from app.services.gateway import NewGateway
from app.services.ports import Ports
from app.storage import charge as charges
from app.storage import database
from app.storage import gateway as storage
from tests import processes, snapshot
from tests.cards import move, profile, statuses
from tests.conftest import ON_SQLITE, Api
from tests.test_upkeep import done, refused

Run = Callable[..., Result]
SECRET = "sesame-4f1c"
SILENT = "4000100000000141"
# A processor of somebody else's, whose money is a line in a file.
ACME = """
import re
from pathlib import Path

from app.config import SettingsError
from app.domain.card import CardToken
from app.domain.gateway import Approved, Declined, Missing, Reason, Tokenised, Unknown

BOOK = Path(__file__).with_name("book")


class Acme:
    SETTINGS = ("secret", "shop")
    TOKEN = re.compile("acme-[a-z]{1,20}")
    LOOKS_UP = True
    REPEATS = True

    def __init__(self, settings):
        if not settings.get("secret"):
            raise SettingsError("acme needs --set secret=...")
        if settings.get("shop") == "burning":
            raise ValueError(settings["secret"])
        self.secret = settings["secret"]

    def check(self):
        return None if self.secret == "sesame-4f1c" else Unknown(detail="Wrong secret.")

    def charge(self, order):
        reference = "acme" + order.key[:8]
        if order.card.number.reveal() == "acme-broken":
            raise RuntimeError(self.secret)
        if order.card.number.reveal() == "acme-poor":
            return Declined(reason=Reason.FUNDS, message="Too little.")
        with BOOK.open("a") as book:
            book.write(f"{order.key} {order.amount.amount} {reference}\\n")
        return Approved(reference=reference)

    def look_up(self, order):
        for line in BOOK.read_text().splitlines():
            key, _, reference = line.split()
            if key == order.key:
                return Approved(reference=reference)
        return Missing()

    def refund(self, refund):
        with BOOK.open("a") as book:
            book.write(f"{refund.key} -{refund.amount.amount} {refund.reference}\\n")
        return Approved(reference="back" + refund.reference)

    def tokenise(self, card, check, key):
        return Tokenised(token=CardToken("acme-kept", "4242", None))
"""


@pytest.fixture(name="install")
def install_(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str, str], Path]]:
    """Provide what installs a package: its name, its code, its entry points."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)

    def install(name: str, code: str, entries: str) -> Path:
        monkeypatch.delitem(sys.modules, name, raising=False)
        (folder / f"{name}.py").write_text(code, "utf-8")
        metadata = folder / f"{name}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8"
        )
        (metadata / "entry_points.txt").write_text(
            f"[{registry.GROUP}]\n{entries}\n", "utf-8"
        )
        registry.kinds.cache_clear()
        return folder

    yield install
    registry.kinds.cache_clear()


@pytest.fixture(name="acme")
def acme_(install: Callable[[str, str, str], Path]) -> Path:
    """Provide the book of an installed processor."""
    return install("acme_pay", ACME, "acme = acme_pay:Acme") / "book"


@pytest.fixture(name="run")
def run_(settings: Settings) -> Iterator[Run]:
    """Provide a runner of commands on the test's database."""
    mask = os.umask(0o022)  # a careless operator's

    def run(*arguments: str, stdin: str = "") -> Result:
        database.release()
        result = CliRunner().invoke(
            main,
            ["gateway", *arguments],
            input=stdin,
            env=processes.environment(settings),
        )
        assert isinstance(result.exception, SystemExit | None), result.exception
        assert SECRET not in result.output
        return result

    yield run
    os.umask(mask)
    database.proxy.close()


def listed(run: Run, account: str = "Clocked") -> list[str]:
    """Return the lines of an account's gateways."""
    first, *lines = done(run("list", account)).splitlines()
    assert first == account
    return [line.strip() for line in lines]


def stored(api: Api, name: str) -> Gateway:
    found = storage.get(api.account.account_id, name)
    assert found is not None
    return found


def names(api: Api) -> list[str]:
    return api.call("gateway.list").all("name")


def test_a_new_accounts_gateways_are_listed_as_sandboxes(
    run: Run, clocked: Api
) -> None:
    del clocked
    assert listed(run) == [
        "Authorize.Net: sandbox, takes no money, enabled",
        "PayPal: sandbox, takes no money, enabled, not for auto-billing",
        "PayPal Payflow Pro: sandbox, takes no money, enabled",
    ]


def test_the_gateways_of_all_accounts_are_listed_by_account(
    run: Run, new_api: Callable[..., Api]
) -> None:
    new_api("Loom")
    new_api("Mill")
    lines = done(run("list")).splitlines()
    assert [line for line in lines if not line.startswith("  ")] == ["Loom", "Mill"]
    assert len(lines) == 8


def test_a_gateway_is_added_in_its_own_spelling(run: Run, clocked: Api) -> None:
    told = done(run("add", "Clocked", " pay.IT Fast ", "--kind", "sandbox"))
    assert 'perennial gateway test "Clocked" "pay.IT Fast"' in told
    assert "pay.IT Fast" in names(clocked)
    assert "pay.IT Fast" in clocked.call(
        "gateway.list", "<autobill_capable>1</autobill_capable>"
    ).all("name")


def test_a_gateway_that_is_not_for_auto_billing_is_refused_for_it(
    run: Run, clocked: Api
) -> None:
    done(run("add", "Clocked", "Till", "--kind", "sandbox", "--not-autobill"))
    assert "Till: sandbox, takes no money, enabled, not for auto-billing" in listed(run)
    answer = clocked.create(
        "<autobill><gateway_name>Till</gateway_name><card><number>4242424242424242"
        "</number><name>Ada</name><expiration><month>7</month><year>2031</year>"
        "</expiration></card></autobill>"
    )
    assert answer.field == "gateway_name"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 65, "\udcff"])
def test_a_name_that_cannot_be_is_refused(
    ports: Ports, clocked: Api, name: str
) -> None:
    before = snapshot.taken()
    with pytest.raises(Exception, match="name"):
        service.add(
            ports, "Clocked", NewGateway(name=name, kind="sandbox"), replaces=True
        )
    assert snapshot.taken() == before
    assert clocked.call("gateway.list").ok


@pytest.mark.usefixtures("clocked")
def test_what_is_not_there_is_named(run: Run) -> None:
    refused(run("add", "Nobody", "Till", "--kind", "sandbox"), "Account not found")
    refused(run("add", "Clocked", "Till", "--kind", "barter"), "'barter'", "sandbox")
    for command in ("enable", "disable", "remove", "test"):
        refused(run(command, "Clocked", "Till"), "Gateway not found")
        refused(run(command, "Nobody", "PayPal"), "Account not found")
    refused(run("list", "Nobody"), "Account not found")


@pytest.mark.usefixtures("clocked", "acme")
@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["secret"], ["NAME=VALUE"]),
        (["=x"], ["NAME=VALUE"]),
        (["secret=a", "secret=b"], ["once"]),
        (["secert=x"], ["'secert'", "secret, shop"]),
        ([], ["--set secret"]),
        (["secret=x", "shop=burning"], ["acme", "ValueError"]),
        (["secret=-"], ["standard input", "secret"]),
    ],
)
def test_settings_that_cannot_be_leave_everything_as_it_was(
    run: Run, given: list[str], words: list[str]
) -> None:
    before = snapshot.taken()
    options = [option for each in given for option in ("--set", each)]
    refused(run("add", "Clocked", "Till", "--kind", "acme", *options), *words)
    assert snapshot.taken() == before


@pytest.mark.usefixtures("acme")
def test_a_secret_comes_from_standard_input_or_a_file_and_is_kept_sealed(
    run: Run, clocked: Api, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", "utf-8")
    by_file = ("--set", f"secret=@{tmp_path / 'secret'}", "--set", "shop=5")
    done(run("add", "Clocked", "File", "--kind", "acme", *by_file))
    by_input = ("--set", "secret=-", "--set", "shop=-")
    done(
        run("add", "Clocked", "Pipe", "--kind", "acme", *by_input, stdin=f"{SECRET}\n5")
    )
    for name in ("File", "Pipe"):
        assert f"{name}: acme, enabled; told secret, shop" in listed(run)
        sealed = storage.settings(clocked.account.account_id, name)
        assert sealed is not None
        assert SECRET.encode() not in sealed.sealed
        done(run("test", "Clocked", name))
    for file in settings.data.iterdir():
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes()


@pytest.mark.usefixtures("acme")
def test_settings_that_cannot_be_opened_are_told_by_their_gateway(
    run: Run, clocked: Api
) -> None:
    for name in ("One", "Two"):
        done(run("add", "Clocked", name, "--kind", "acme", "--set", f"secret={SECRET}"))
    one, two = (storage.settings(clocked.account.account_id, n) for n in ("One", "Two"))
    with database.writing(clocked.account.account_id):
        storage.put_settings(clocked.account.account_id, "Two", one)
    assert one != two
    lines = listed(run)
    assert "One: acme, enabled; told secret" in lines
    assert "Two: acme, enabled; cannot be opened" in lines
    refused(run("test", "Clocked", "Two"), "cannot be decrypted")


@pytest.mark.usefixtures("clocked")
def test_a_missing_file_is_named(run: Run, tmp_path: Path) -> None:
    before = snapshot.taken()
    missing = f"x=@{tmp_path / 'nothing'}"
    refused(
        run("add", "Clocked", "Till", "--kind", "sandbox", "--set", missing), "nothing"
    )
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    binary = f"x=@{tmp_path / 'binary'}"
    refused(
        run("add", "Clocked", "Till", "--kind", "sandbox", "--set", binary), "no text"
    )
    assert snapshot.taken() == before


def test_one_of_the_name_in_any_case_is_replaced_only_on_request(
    run: Run, clocked: Api, acme: Path
) -> None:
    del acme
    add = ("add", "Clocked", "PAYPAL", "--kind", "acme", "--set", f"secret={SECRET}")
    before = snapshot.taken()
    refused(run(*add), "'PayPal' already")
    assert snapshot.taken() == before
    done(run(*add, "--replace"))
    assert names(clocked) == ["Authorize.Net", "PayPal", "PayPal Payflow Pro"]
    assert "PayPal: acme, enabled; told secret" in listed(run)
    done(run("add", "Clocked", "paypal", "--kind", "sandbox", "--replace"))
    assert "PayPal: sandbox, takes no money, enabled" in listed(run)


def test_a_replaced_gateway_is_asked_again_and_stays_disabled(
    run: Run, clocked: Api
) -> None:
    account_id = clocked.account.account_id
    failing = replace(
        stored(clocked, "PayPal"),
        enabled=False,
        failures=7,
        open_until=datetime(2026, 3, 2, 15, 4, tzinfo=UTC),
    )
    with database.writing(account_id):
        storage.update(account_id, failing)
    assert (
        "PayPal: sandbox, takes no money, disabled, not for auto-billing, 7 failures "
        "in a row, left alone until 2026-03-02T15:04:00+00:00"
    ) in listed(run)
    done(run("add", "Clocked", "PayPal", "--kind", "sandbox", "--replace"))
    found = stored(clocked, "PayPal")
    assert (found.enabled, found.failures, found.open_until) == (False, 0, None)


def test_a_gateway_that_is_enabled_is_asked_again(run: Run, clocked: Api) -> None:
    account_id = clocked.account.account_id
    failing = replace(
        stored(clocked, "PayPal"),
        failures=7,
        open_until=datetime(2026, 3, 2, 15, 4, tzinfo=UTC),
    )
    with database.writing(account_id):
        storage.update(account_id, failing)
    assert "7 failures" in done(run("disable", "Clocked", "paypal"))
    assert "PayPal" not in names(clocked)
    done(run("enable", "Clocked", "PayPal"))
    found = stored(clocked, "PayPal")
    assert (found.enabled, found.failures, found.open_until) == (True, 0, None)


def test_invoices_wait_for_a_gateway_that_is_disabled(run: Run, clocked: Api) -> None:
    profile(clocked, more="<frequency>m</frequency>")
    done(run("disable", "Clocked", "Authorize.Net"))
    assert names(clocked) == ["PayPal", "PayPal Payflow Pro"]
    assert clocked.create(
        "<autobill><gateway_name>Authorize.Net</gateway_name><card><number>"
        "4242424242424242</number><name>Ada</name><expiration><month>7</month><year>"
        "2031</year></expiration></card></autobill>"
    ).error.endswith("is enabled; see gateway.list.")
    move(clocked, "2007-09-03")
    assert statuses(clocked) == ["sent"]
    assert charges.of_invoice(clocked.account.account_id, 1) == []
    done(run("enable", "Clocked", "Authorize.Net"))
    move(clocked, "2007-09-04")
    assert statuses(clocked) == ["auto-paid"]


def test_a_profile_of_a_disabled_gateway_is_written_back_as_it_was_read(
    run: Run, clocked: Api
) -> None:
    recurring_id = profile(clocked)
    done(run("disable", "Clocked", "Authorize.Net"))
    autobill = clocked.get(recurring_id).find("recurring/autobill")
    assert autobill is not None
    text = etree.tostring(autobill).decode()
    assert clocked.update(recurring_id, text).ok
    assert clocked.get(recurring_id).text("recurring/autobill/gateway_name")


def test_a_gateway_in_use_is_not_removed(run: Run, clocked: Api) -> None:
    recurring_id = profile(clocked, SILENT)
    move(clocked, "2007-09-01")
    before = snapshot.taken()
    refused(
        run("remove", "Clocked", "authorize.net"),
        "1 profiles, 0 cards and 1 charges under way",
    )
    assert snapshot.taken() == before
    deleted = f"<recurring_id>{recurring_id}</recurring_id>"
    assert clocked.call("recurring.delete", deleted).ok
    refused(run("remove", "Clocked", "Authorize.Net"), "0 profiles, 0 cards and 1")


@pytest.mark.usefixtures("acme")
def test_a_gateway_that_nothing_needs_is_removed_with_its_settings(
    run: Run, clocked: Api
) -> None:
    done(run("add", "Clocked", "Till", "--kind", "acme", "--set", f"secret={SECRET}"))
    done(run("remove", "Clocked", "till"))
    assert storage.get(clocked.account.account_id, "Till") is None
    assert storage.settings(clocked.account.account_id, "Till") is None
    assert "Till" not in names(clocked)


@pytest.mark.usefixtures("acme")
def test_another_kind_takes_over_no_charge_under_way(run: Run, clocked: Api) -> None:
    profile(clocked, SILENT)
    move(clocked, "2007-09-01")
    add = ("add", "Clocked", "Authorize.Net", "--replace")
    acme = ("--kind", "acme", "--set", f"secret={SECRET}")
    before = snapshot.taken()
    refused(run(*add, *acme), "1 charges", "under way")
    assert snapshot.taken() == before
    done(run(*add, "--kind", "sandbox"))
    for day in range(2, 25):
        move(clocked, f"2007-09-{day:02}")
    (left,) = charges.of_invoice(clocked.account.account_id, 1)
    assert left.state is ChargeState.PARKED
    refused(run(*add, *acme), "1 charges")


@pytest.mark.usefixtures("clocked")
def test_a_sandbox_says_that_it_is_one_and_is_tried_with_its_own_card(run: Run) -> None:
    assert done(run("test", "Clocked", "PayPal")) == (
        "PayPal: it is there and accepts what it was told\n"
        "it is a sandbox and takes no money\n"
    )
    text = done(run("test", "Clocked", "PayPal", "--charge"))
    steps = text.splitlines()[2:]
    assert [re.sub("sandbox_[0-9a-f]{24}", "R", step) for step in steps] == [
        "charge of 1 USD: approved, reference R",
        "look-up of 1 USD: approved, reference R",
        "refund of 1 USD: approved, reference R",
    ]


@pytest.mark.usefixtures("clocked")
def test_a_gateway_of_somebody_else_is_tried_with_a_card_of_standard_input(
    run: Run, acme: Path
) -> None:
    done(run("add", "Clocked", "Till", "--kind", "acme", "--set", f"secret={SECRET}"))
    trial = ("test", "Clocked", "Till", "--charge")
    done(run(*trial, stdin="4242 4242 4242 4242\n7/2031\n"))
    amounts = [line.split()[1] for line in acme.read_text("utf-8").splitlines()]
    assert amounts == ["1", "-1"]
    result = run(*trial, stdin="acme-poor\n07/2031\n")
    assert result.exit_code == 1
    assert "charge of 1 USD: declined (funds) Too little." in result.stdout
    assert "refund" not in result.stdout
    result = run(*trial, stdin="acme-broken\n07/2031\n")
    assert result.exit_code == 1
    assert "charge of 1 USD: not known: The gateway failed: RuntimeError." in (
        result.stdout
    )
    assert "look-up of 1 USD: it never arrived" in result.stdout
    assert "look for TEST" in result.stderr
    assert len(acme.read_text("utf-8").splitlines()) == 2


@pytest.mark.usefixtures("clocked", "acme")
@pytest.mark.parametrize(
    ("stdin", "word"),
    [
        ("", "number or token"),
        ("4242424242424242\n", "MM/YYYY"),
        ("4242424242424242\n13/2031\n", "MM/YYYY"),
        ("4242424242424242\n07/31\n", "MM/YYYY"),
        ("4242424242424241\n07/2031\n", "valid card number"),
        ("other-token\n07/2031\n", "valid card number"),
    ],
)
def test_a_trial_without_a_card_charges_nothing(
    run: Run, stdin: str, word: str
) -> None:
    done(run("add", "Clocked", "Till", "--kind", "acme", "--set", f"secret={SECRET}"))
    result = run("test", "Clocked", "Till", "--charge", stdin=stdin)
    assert result.exit_code == 1
    assert word in result.stderr
    assert stdin.partition("\n")[0] not in result.stderr or not stdin
    assert "charge of" not in result.stdout


@pytest.mark.usefixtures("clocked", "acme")
def test_a_wrong_secret_is_told_in_one_line(run: Run) -> None:
    done(run("add", "Clocked", "Till", "--kind", "acme", "--set", "secret=other"))
    refused(run("test", "Clocked", "Till"), "Till: Wrong secret.")


def test_a_package_of_somebody_else_charges_cards(
    run: Run, acme: Path, clocked: Api, ports: Ports
) -> None:
    assert "acme" in registry.kinds()
    del ports
    done(
        run(
            *("add", "Clocked", "Authorize.Net", "--replace"),
            *("--kind", "acme", "--set", f"secret={SECRET}"),
        )
    )
    profile(clocked)
    move(clocked, "2007-09-01")
    assert statuses(clocked) == ["auto-paid"]
    (line,) = acme.read_text("utf-8").splitlines()
    assert line.split()[1] == "40.00"
    (charge,) = charges.of_invoice(clocked.account.account_id, 1)
    assert charge.reference == line.split()[2]


BROKEN = {
    "raises": ("raise RuntimeError('4242')", "bad = bad_pay:Bad"),
    "exits": ("raise SystemExit(3)", "bad = bad_pay:Bad"),
    "is no Python": ("class Bad(", "bad = bad_pay:Bad"),
    "has no such class": ("", "bad = bad_pay:Bad"),
    "is not there": ("", "bad = no_such_module:Bad"),
    "is no gateway": ("class Bad: pass", "bad = bad_pay:Bad"),
    "has unreadable entry points": ("class Bad: pass", "nonsense"),
    "takes a name of ours": (ACME, "sandbox = bad_pay:Acme"),
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.usefixtures("acme")
def test_a_package_that_is_broken_is_named_and_left_out(
    install: Callable[[str, str, str], Path],
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    code, entries = BROKEN[how]
    install("bad_pay", code, entries)
    with caplog.at_level(logging.ERROR):
        found = registry.kinds()
    assert set(found) == {"acme", "authorize_net", "sandbox", "stripe"}
    assert found["sandbox"].__module__ == "app.gateways.sandbox"
    (record,) = caplog.records
    assert entries.partition(" ")[0] in record.message or how.endswith("entry points")
    assert "left out" in record.message
    assert ("is ours" in record.message) == how.startswith("takes")
    assert "4242" not in record.message


def test_a_kind_whose_package_is_gone_is_told(
    run: Run, acme: Path, clocked: Api
) -> None:
    done(
        run(
            *("add", "Clocked", "Authorize.Net", "--replace"),
            *("--kind", "acme", "--set", f"secret={SECRET}"),
        )
    )
    acme.with_name("acme_pay-1.0.dist-info").joinpath("entry_points.txt").unlink()
    registry.kinds.cache_clear()
    refused(run("test", "Clocked", "Authorize.Net"), "'acme'", "sandbox")
    assert "Authorize.Net: acme, enabled; told secret" in listed(run)
    assert names(clocked)[0] == "Authorize.Net"


def sandboxes(caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        service.warn_of_sandboxes()
    return [record.getMessage() for record in caplog.records]


def test_accounts_that_seem_to_bill_for_real_are_counted(
    new_api: Callable[..., Api], caplog: pytest.LogCaptureFixture
) -> None:
    demo, loom = new_api("Demo"), new_api("Loom")
    clocked = new_api("Clocked", clock_on=datetime(2007, 9, 1, tzinfo=UTC).date())
    profile(demo)
    profile(clocked)
    loom.create_profile()
    assert sandboxes(caplog) == []
    first = profile(loom)
    profile(loom)
    (line,) = sandboxes(caplog)
    assert "takes no money: 1;" in line
    profile(new_api("Mill"))
    assert "takes no money: 2;" in sandboxes(caplog)[0]
    deleted = f"<recurring_id>{first}</recurring_id>"
    assert loom.call("recurring.delete", deleted).ok
    assert loom.update(first + 1, "<autopay>0</autopay>").ok
    assert "takes no money: 1;" in sandboxes(caplog)[0]


@pytest.mark.usefixtures("acme")
def test_an_account_with_a_gateway_of_another_kind_is_not_counted(
    new_api: Callable[..., Api], ports: Ports, caplog: pytest.LogCaptureFixture
) -> None:
    profile(new_api("Loom"))
    assert len(sandboxes(caplog)) == 1
    new = NewGateway(name="Authorize.Net", kind="acme", settings={"secret": SECRET})
    service.add(ports, "Loom", new, replaces=True)
    assert sandboxes(caplog) == []
    assert accounts.named("Loom").retry_days == (1,)


def test_a_worker_says_at_its_start_that_a_sandbox_takes_no_money(
    api: Api, settings: Settings
) -> None:
    profile(api)
    database.release()
    with processes.started(settings, 1, "worker") as (worker,):
        processes.until(lambda: "takes no money" in processes.log_of(settings))
        assert worker.poll() is None


@ON_SQLITE
def test_a_secret_that_is_typed_is_not_shown(
    acme: Path, clocked: Api, settings: Settings
) -> None:
    database.release()
    site = {"PYTHONPATH": f"{processes.ROOT}:{acme.parent}"}
    terminal, theirs = pty.openpty()
    command = ("gateway", "add", "Clocked", "Till", "--kind", "acme")
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "app.cli", *command, "--set", "secret=-"],
        env=processes.environment(settings, **site),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = read_until(terminal, b"secret: ")
        os.write(terminal, f"{SECRET}\n".encode())
        shown += read_until(terminal, b"perennial gateway test")
        assert process.wait(processes.PATIENCE_S) == 0
    os.close(terminal)
    assert SECRET.encode() not in shown
    assert storage.get(clocked.account.account_id, "Till") is not None


def read_until(terminal: int, words: bytes) -> bytes:
    """Return what stands on a terminal once it holds some words."""
    shown = b""
    while words not in shown:
        more = os.read(terminal, 4096)
        assert more, shown
        shown += more
    return shown


@ON_SQLITE
@pytest.mark.usefixtures("clocked")
def test_a_broken_package_keeps_no_command_from_running(
    install: Callable[[str, str, str], Path], settings: Settings
) -> None:
    database.release()
    folder = install("bad_pay", "raise SystemExit(3)", "bad = bad_pay:Bad")
    listing = subprocess.run(
        [sys.executable, "-m", "app.cli", "gateway", "list"],
        env=processes.environment(settings, PYTHONPATH=f"{processes.ROOT}:{folder}"),
        capture_output=True,
        check=True,
    )
    assert listing.stdout.startswith(b"Clocked\n")
    assert b"gateway kind bad (bad_pay:Bad) cannot be loaded" in listing.stderr
