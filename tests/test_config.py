"""Settings: what is read, what is refused, and what the refusal says."""

from pathlib import Path

import pytest

from app.config import Settings, SettingsError, declared, refuse_unknown


def read(**environment: str) -> Settings:
    return Settings.from_environment(environment)


def test_defaults_follow_the_settings_that_they_name() -> None:
    settings = read(PERENNIAL_DATA="books", PERENNIAL_BIND="127.0.0.1:9000")
    assert settings.database == "sqlite:books/perennial.sqlite"
    assert settings.key_file == Path("books/keys")
    assert settings.url == "http://127.0.0.1:9000"


def test_every_setting_has_a_default_and_a_meaning_to_tell() -> None:
    read()
    assert all(setting.meaning for setting in declared())
    assert "PERENNIAL_TICK_S" in [setting.name for setting in declared()]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("PERENNIAL_TREADS", "PERENNIAL_THREADS"),
        ("PERENNIAL_KEYFILE", "PERENNIAL_KEY_FILE"),
        ("PERENNIAL_DB", "PERENNIAL_DATA"),
        ("PERENNIAL_TICK", "PERENNIAL_TICK_S"),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest_name(
    name: str, nearest: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**{name: "1"})
    assert str(caught.value).startswith(f"{name} is not a setting")
    assert nearest in str(caught.value)


def test_a_variable_like_no_other_is_refused_with_all_there_are() -> None:
    with pytest.raises(SettingsError, match="PERENNIAL_BIND, PERENNIAL_CHARGES"):
        refuse_unknown({"PERENNIAL_QQ": ""})


def test_variables_of_other_programs_do_not_matter() -> None:
    refuse_unknown({"PATH": "/bin", "PERENNIALS": "1", "perennial_x": "1"})


@pytest.mark.parametrize("value", ["", "JSON", "xml"])
def test_a_form_of_log_that_there_is_not_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match=r"PERENNIAL_LOG.*auto, json, text"):
        read(PERENNIAL_LOG=value)


def test_a_password_in_a_file_becomes_part_of_the_database_address(
    tmp_path: Path,
) -> None:
    file = tmp_path / "password"
    file.write_text("p@ss/w:rd\n")
    settings = read(
        PERENNIAL_DATABASE="postgresql://perennial@db:5432/books?sslmode=require",
        PERENNIAL_DATABASE_PASSWORD_FILE=str(file),
    )
    assert settings.database == (
        "postgresql://perennial:p%40ss%2Fw%3Ard@db:5432/books?sslmode=require"
    )
    assert "p%40ss" not in repr(settings)


@pytest.mark.parametrize(
    "database",
    ["sqlite:books.sqlite", "postgresql://db/books", "postgresql://me:pw@db/books"],
)
def test_a_password_file_needs_an_address_with_a_user_and_no_password(
    tmp_path: Path, database: str
) -> None:
    (tmp_path / "password").write_text("x")
    with pytest.raises(SettingsError, match="PERENNIAL_DATABASE_PASSWORD_FILE"):
        read(
            PERENNIAL_DATABASE=database,
            PERENNIAL_DATABASE_PASSWORD_FILE=str(tmp_path / "password"),
        )


def test_a_password_file_that_is_not_there_is_told_by_its_variable(
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsError, match="PERENNIAL_DATABASE_PASSWORD_FILE"):
        read(
            PERENNIAL_DATABASE="postgresql://perennial@db/books",
            PERENNIAL_DATABASE_PASSWORD_FILE=str(tmp_path / "none"),
        )
