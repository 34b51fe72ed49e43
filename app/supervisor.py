"""One process to start and stop: the API server and the billing worker beside it."""

import ctypes
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

from app.config import SettingsError

_log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_READY_S = 30
_STOP_S = 15
_POLL_S = 0.2


def harden() -> None:
    """Keep the memory of this process, with keys and cards in it, out of core dumps."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def address(bind: str) -> tuple[str, int]:
    """Return host and port of a `HOST:PORT` text.

    Raises: SettingsError.
    """
    host, colon, port = bind.rpartition(":")
    digits = port if port.isascii() and port.isdigit() else "0"
    if not (colon and host and 0 < int(digits) < 2**16):
        raise SettingsError(f"'{bind}' is not HOST:PORT, such as 127.0.0.1:8000")
    return host.strip("[]"), int(digits)


def check_free(bind: str) -> None:
    """Prove that nobody listens on an address yet.

    Raises: SettingsError, naming a way out.
    """
    host, port = address(bind)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"{bind} cannot be listened on ({error.strerror}): stop what is "
                "running there, or choose another address with --bind"
            ) from error


def supervise(bind: str, environment: dict[str, str], ready: Callable[[], None]) -> int:
    """Run server and worker until a signal, or until one of them ends; return the code.

    Both end with this process, even if it is killed. `ready` is called once the server
    answers.
    """
    children = [_start(command, environment) for command in ("api", "worker")]
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    announced = False
    started = time.monotonic()
    while not stopping and all(child.poll() is None for child in children):
        if not announced and _answers(bind):
            announced = True
            ready()
        if not announced and time.monotonic() - started > _READY_S:
            _log.error("the server did not answer within %d s", _READY_S)
            break
        time.sleep(_POLL_S)
    _stop(children)
    return 0 if stopping else 1


def _start(command: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    parent = os.getpid()

    def die_with_parent() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "app.cli", command],
        env=environment,
        preexec_fn=die_with_parent,  # noqa: PLW1509
        # An interrupt of the terminal is the parent's to pass on, as a SIGTERM: that
        # lets requests in flight be answered.
        process_group=0,
    )


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _answers(bind: str) -> bool:
    try:
        with socket.create_connection(address(bind), timeout=1):
            return True
    except OSError:
        return False
