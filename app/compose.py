"""The composition root: from settings to everything that runs."""

import atexit
import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask

from app.config import Settings
from app.services import copying, key_ring
from app.services.bulk import Bulk
from app.services.copying import Copied
from app.services.counting import RequestCounter
from app.services.key_ring import KnownKey
from app.services.ports import Ports
from app.services.rates import Rates
from app.storage import data_key, database, schema
from app.vault import key_file, keys
from app.vault.cards import Vault
from app.web.factory import create_app

# Text that no one guesses: 128 bits, in hexadecimal like the service's tokens.
_SECRET_BYTES = 16
# Beside one for each thread of a server, or charge of a worker: what it does between.
_SPARE_CONNECTIONS = 4

# Told where a copy is kept before a migration; None where it is the operator's.
Kept = Callable[[Path | None], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """What `initialise` found or made."""

    new_key: bool
    new_database: bool
    migrations: tuple[str, ...]


def ports(settings: Settings) -> Ports:
    """Return the ports on an initialised database, its key ring proved.

    Raises: NotInitialisedError, KeyProblemError, SettingsError.
    """
    _find_database(settings)
    schema.check()
    return Ports(
        vault=_proved_vault(settings),
        now=_now,
        secret=_secret,
        requests=RequestCounter(),
        url=settings.url,
        domains=settings.domains,
        outbox=settings.data,
        rates=Rates(settings.rate),
        bulk=Bulk(settings.attachment_mib),
        trusted_proxies=settings.trusted_proxies,
    )


def initialise(settings: Settings, kept: Kept = lambda _copy: None) -> Initialised:
    """Make what is missing: the key file, the database, its newest schema.

    What is there stays.

    A key is made only together with the database: an existing one belongs to the key
    that it was made with, and a new key would open none of its cards.

    Raises: KeyProblemError, SettingsError.
    """
    database.configure(settings.database)
    new_database = not database.exists()
    new_key = new_database and settings.keys is None and not settings.key_file.exists()
    if new_key:
        keys.create(settings.key_file)
    if new_database:
        Vault(keys.load(settings)).check()
        schema.create()
    applied = schema.migrate(kept)
    _proved_vault(settings)
    return Initialised(
        new_key=new_key, new_database=new_database, migrations=tuple(applied)
    )


def migrate(settings: Settings, kept: Kept) -> list[str]:
    """Bring an initialised database to this edition's schema; return what was applied.

    Raises: NotInitialisedError, SettingsError.
    """
    _find_database(settings)
    return schema.migrate(kept)


def backup(settings: Settings, target: Path) -> None:
    """Write a copy of the database, whatever its schema; of the key ring, nothing.

    Raises: NotInitialisedError, SettingsError, FileExistsError.
    """
    _find_database(settings)
    with database.connection():
        schema.pending()
        database.copy_to(target)


def restore(settings: Settings, source: Path) -> None:
    """Make the database as a copy of it was; there must be none yet.

    Raises: SettingsError, FileExistsError, FileNotFoundError.
    """
    database.configure(settings.database)
    database.restore(source)


def copy(source: str, target: str, progress: copying.Progress) -> list[Copied]:
    """Copy a whole database into another one, which is made if it is not there.

    No key is needed, and none is made: what is sealed stays as it is.

    Raises: NotInitialisedError, SettingsError.
    """
    _find(source)
    schema.check()
    database.configure(target)
    if not database.exists():
        schema.create()
    schema.check()
    with database.connection():
        return copying.copy(source, progress)


def add_key(settings: Settings, wanted: str | None) -> tuple[str, str | None]:
    """Add a new random key to the key file; return its id.

    Where the ring is in the environment nothing is changed, and the entry to be added
    there is returned too.

    Raises: NotInitialisedError, KeyProblemError, SettingsError, OSError.
    """
    _find_database(settings)
    schema.check()
    _proved_vault(settings)
    with database.connection():
        known = data_key.checks()
    if settings.keys is not None:
        key_id = keys.load(settings).free_id(wanted, known)
        return key_id, keys.new_entry(key_id)
    key_id = key_file.add(settings.key_file, wanted, known, _now().date())
    # It leaves its check, so that whoever lacks it is told.
    _proved_vault(settings)
    return key_id, None


def known_keys(settings: Settings) -> list[KnownKey]:
    """Return the keys of ring and database, whether or not they fit together.

    Raises: NotInitialisedError, KeyProblemError, SettingsError.
    """
    _find_database(settings)
    schema.check()
    with database.connection():
        return key_ring.listed(keys.load(settings))


def retire_key(settings: Settings, key_id: str) -> bool:
    """Remove a key that nothing needs any more; return whether it was in the file.

    One in the environment is its operator's to remove.

    Raises: NotInitialisedError, KeyProblemError, SettingsError, OSError.
    """
    _find_database(settings)
    schema.check()
    ring = keys.load(settings)
    with database.connection():
        key_ring.forget(ring, key_id)
    in_file = settings.keys is None and key_id in ring.keys
    if in_file:
        key_file.remove(settings.key_file, key_id, _now().date())
    return in_file


def check(settings: Settings) -> None:
    """Prove that everything is there to serve with, and let go of it again.

    No connection may cross a fork.

    Raises: NotInitialisedError, KeyProblemError, SettingsError.
    """
    ports(settings)
    database.release()


def warn() -> None:
    """Log what the database's settings would lose in a power failure."""
    with database.connection():
        for weakness in database.weaknesses():
            _log.warning(
                "acknowledged data can be lost in a power failure: %s", weakness
            )


def application(settings: Settings) -> Flask:
    """Return the WSGI application.

    Raises: NotInitialisedError, KeyProblemError, SettingsError.
    """
    made = ports(settings)
    warn()
    atexit.register(made.requests.flush)
    return application_on(made)


def application_on(ports: Ports) -> Flask:
    """Return the WSGI application on ports that are made already."""
    return create_app(ports)


def today(time_zone: str) -> date:
    """Return the real calendar's day in a time zone."""
    return _now().astimezone(ZoneInfo(time_zone)).date()


def _find_database(settings: Settings) -> None:
    connections = settings.threads + settings.charges + _SPARE_CONNECTIONS
    _find(settings.database, connections)


def _find(url: str, connections: int = _SPARE_CONNECTIONS) -> None:
    database.configure(url, connections)
    if not database.exists():
        raise database.NotInitialisedError(
            f"there is no database at {database.shown()}: run 'perennial init' first"
        )


def _proved_vault(settings: Settings) -> Vault:
    """Return the vault once its ring has opened what the database was made with.

    A key that is the active one for the first time leaves its own check.
    """
    with database.connection():
        known = data_key.checks()
        vault = Vault(_ring(settings, known), reread=lambda: keys.load(settings))
        vault.verify(known)
        key_id, check = vault.check()
        if key_id not in known:
            with database.writing():
                data_key.insert_check(key_id, check)
    return vault


def _ring(settings: Settings, needed: Iterable[str]) -> keys.KeyRing:
    try:
        return keys.load(settings)
    except keys.KeyProblemError as error:
        names = ", ".join(f"'{key_id}'" for key_id in needed)
        if not names:
            raise
        raise keys.KeyProblemError(f"{error} (this database needs {names})") from error


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this is Ports.now


def _secret() -> str:
    return secrets.token_hex(_SECRET_BYTES)
