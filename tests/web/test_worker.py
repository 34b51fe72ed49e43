import socket
from collections.abc import Iterator

import pytest

from app.web.worker import SENDING_S, Senders

NOON = 43_200.0


@pytest.fixture(name="ends")
def ends_() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Provide the server's end of a connection and the client's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        yield ours, theirs


def test_nothing_more_is_read_from_one_who_has_been_sending_too_long(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    senders = Senders()
    senders.begin(ours, NOON)
    theirs.sendall(b"a request")
    senders.cut(NOON + SENDING_S + 1)
    assert ours.recv(100) == b"a request"
    assert ours.recv(100) == b""
    ours.sendall(b"an answer")
    assert theirs.recv(100) == b"an answer"


def test_one_who_has_time_left_is_read_on(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, _ = ends
    senders = Senders()
    senders.begin(ours, NOON)
    senders.cut(NOON + SENDING_S)
    with pytest.raises(BlockingIOError):
        ours.recv(100)


def test_one_who_was_answered_has_time_for_the_next_request(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, _ = ends
    senders = Senders()
    senders.begin(ours, NOON)
    senders.end(ours)
    senders.cut(NOON + 10 * SENDING_S)
    with pytest.raises(BlockingIOError):
        ours.recv(100)


def test_one_who_has_hung_up_is_no_trouble(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, _ = ends
    senders = Senders()
    senders.begin(ours, NOON)
    ours.close()
    senders.cut(NOON + 10 * SENDING_S)
    senders.end(ours)
