"""Invoices on paper by the real server: given over the socket, left by its worker."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PATH
from tests.paper import reading
from tests.web.test_server import PATIENCE_S, Server

pytestmark = [
    pytest.mark.xdist_group("server of papers"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


@pytest.fixture(name="server", scope="module")
def server_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Provide a server, and look at its log at the end."""
    data = tmp_path_factory.mktemp("papers") / "var"
    server = Server(data, f"sqlite:{data / 'perennial.sqlite'}")
    result = server.run("init", "--demo")
    assert result.returncode == 0, result.stderr
    server.start()
    try:
        yield server
        assert "Quixotic" not in server.log
        assert "Traceback" not in server.log
    finally:
        server.stop()


def create(server: Server, number: str) -> str:
    address = "<p_street1>1 Mill Lane</p_street1><p_city>Derby</p_city>"
    found = server.call(
        "invoice.create",
        f"<invoice><client_id>1</client_id><number>{number}</number>{address}"
        "<lines><line><name>Quixotic</name><unit_cost>5</unit_cost></line></lines>"
        "</invoice>",
    )
    return found.text("invoice_id") or ""


def appeared(path: Path) -> bool:
    pause = threading.Event()
    for _ in range(PATIENCE_S * 10):
        if path.exists():
            return True
        pause.wait(0.1)
    return False


def test_a_pdf_comes_as_a_file_that_nothing_takes_for_a_page(server: Server) -> None:
    invoice_id = create(server, "../../x&quot;&#10;")
    connection = server.connect()
    connection.request(
        "POST",
        PATH,
        f'<request method="invoice.getPDF"><invoice_id>{invoice_id}</invoice_id>'
        "</request>",
        {"Authorization": server.authorization},
    )
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="invoice-x.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Length"] == str(len(body))
    assert "Quixotic" in reading.page(body)


def test_the_worker_leaves_letters_and_mails_in_their_folders(server: Server) -> None:
    invoice_id = create(server, "77")
    content = f"<invoice_id>{invoice_id}</invoice_id>"
    server.call("invoice.sendBySnailMail", content)
    server.call("invoice.sendByEmail", content)
    assert appeared(server.data / "post" / "1-1-invoice-77.txt")
    assert appeared(server.data / "mail" / "1-2-invoice-77.eml")
    pdf = (server.data / "post" / "1-1-invoice-77.pdf").read_bytes()
    assert "Quixotic" in reading.page(pdf)
