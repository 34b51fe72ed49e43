"""The tables split by account, as PostgreSQL's partitions or shards would have them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import compose, replay
from app.config import Settings
from app.storage import database, tables
from tests.conftest import empty_database, settings_on

STORIES = Path(__file__).parents[2] / "fixtures" / "conversations"
PARTS = 4
# What is looked up before an account is known, or serves all of them, stays whole.
WHOLE = {
    tables.Account,
    tables.KeyCheck,
    tables.LoginFailure,
    tables.Token,
    tables.WorkerRun,
}


def split(table: Any) -> None:
    """Make a table in parts, each with its own accounts."""
    sql, _ = table._schema._create_table(safe=False).query()
    name = table._meta.table_name
    database.execute(f"{sql} PARTITION BY HASH (account_id)")
    for part in range(PARTS):
        database.execute(
            f"CREATE TABLE {name}_{part} PARTITION OF {name} "
            f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {part})"
        )
    table._schema.create_indexes(safe=False)


@pytest.fixture(name="split_settings")
def split_settings_(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Provide settings on a database whose tables are split by account."""
    for table in tables.ALL:
        if table not in WHOLE:
            # Every key leads with the account's id, or PostgreSQL would refuse this.
            monkeypatch.setattr(table, "create_table", lambda table=table: split(table))
    with empty_database(request) as url:
        settings = settings_on(tmp_path / "var", url)
        compose.initialise(settings)
        yield settings
        database.release()


def test_every_story_is_told_alike_on_tables_that_are_split_by_account(
    split_settings: Settings,
) -> None:
    ports = compose.ports(split_settings)
    with database.connection():
        for story in replay.load(STORIES):
            post = replay.to_application(ports, replay.new_account(ports, story))
            for played in replay.play(story, post):
                assert played.difference == [], f"{story.name}: {played.step}"
        spread = database.execute(
            "SELECT count(DISTINCT tableoid), count(*) > 100 FROM invoice"
        ).fetchall()
    assert spread == [(PARTS, True)]
