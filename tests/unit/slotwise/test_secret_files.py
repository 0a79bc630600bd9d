"""A setting may be in a file, named by its variable with _FILE: no environment holds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotwise.errors import InputError
from slotwise.secret_files import unknown, value_of
from slotwise.settings import Settings, read_settings


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, field in Settings.model_fields.items()
        if field.annotation is str and name not in ("webhook_url", "redis_url")
    ),
)
def test_every_setting_that_is_text_may_be_in_a_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Docker and Kubernetes hand secrets over, with a line's end behind it."""
    monkeypatch.delenv(f"SLOTWISE_{name.upper()}", raising=False)
    file = tmp_path / "secret"
    file.write_text("from-a-file\n")
    monkeypatch.setenv(f"SLOTWISE_{name.upper()}_FILE", str(file))
    assert getattr(read_settings(), name) == "from-a-file"


def test_the_address_of_redis_has_its_short_name_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    (tmp_path / "url").write_text("redis://gateway:word@redis:6379/0")
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "url"))
    assert read_settings().redis_url == "redis://gateway:word@redis:6379/0"


def test_a_file_may_be_named_in_dot_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the environment, which goes before it."""
    monkeypatch.chdir(tmp_path)
    for name in ("REDIS_URL", "SLOTWISE_REDIS_URL", "SLOTWISE_LINES"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "word").write_text("a-secret\n")
    (tmp_path / "url").write_text("redis://elsewhere:6379/0\n")
    (tmp_path / ".env").write_text(
        "\ufeffSLOTWISE_WEBHOOK_SECRET_FILE=word\nREDIS_URL_FILE=url\nSLOTWISE_LINES=7\n",
        encoding="utf-8",
    )
    config = read_settings()
    assert config.webhook_secret.get_secret_value() == "a-secret"
    assert (config.redis_url, config.lines) == ("redis://elsewhere:6379/0", 7)
    monkeypatch.setenv("SLOTWISE_WEBHOOK_SECRET", "another")
    monkeypatch.setenv("REDIS_URL", "redis://here:6379/0")
    config = read_settings()
    assert config.webhook_secret.get_secret_value() == "another"
    assert config.redis_url == "redis://here:6379/0"


def test_the_name_that_counts_first_counts_also_beside_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "url").write_text("redis://in-a-file:6379/0")
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "url"))
    monkeypatch.setenv("SLOTWISE_REDIS_URL", "redis://ours:6379/0")
    assert read_settings().redis_url == "redis://ours:6379/0"


def test_a_dot_env_that_is_no_text_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes("SLOTWISE_LINES=7\n".encode("utf-16"))
    with pytest.raises(InputError, match=r"^\.env cannot be read: .*$"):
        read_settings()


KNOWN = {"SLOTWISE_LINES", "SLOTWISE_LAKE", "REDIS_URL"}


@pytest.mark.parametrize(
    ("name", "in_environment", "in_dot_env"),
    [
        ("SLOTWISE_LINE", "SLOTWISE_LINES", "SLOTWISE_LINES"),
        ("SLOTWISE_LAKE_FIEL", "SLOTWISE_LAKE_FILE", "SLOTWISE_LAKE_FILE"),
        ("SLOTWISE_XYZZYXYZZYXYZZYXYZZY", None, None),
        ("SLOTWSE_LINES", False, "SLOTWISE_LINES"),
        ("REDIS_URI", False, "REDIS_URL"),
        ("SLOTWISE_LINES", False, False),
        ("REDIS_URL_FILE", False, False),
        ("GATEWAY_PASSWORD", False, False),
        ("SLOTWISE_TEST_EFFORT", False, False),
    ],
)
def test_a_name_that_is_no_setting_is_found_with_the_nearest_one(
    name: str, in_environment: str | bool | None, in_dot_env: str | bool | None
) -> None:
    """In `.env` also one whose prefix is misspelt; False: it is none of ours, or a setting."""
    for expected, any_name in ((in_environment, False), (in_dot_env, True)):
        found = [] if expected is False else [(name, expected)]
        assert unknown([name, "PATH"], KNOWN, any_name=any_name) == found


def test_a_misspelt_setting_is_warned_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SLOTWISE_POL_INTERVAL_S=5\n")
    read_settings()
    read_settings()
    [text] = [record.getMessage() for record in caplog.records]
    assert text == (
        "SLOTWISE_POL_INTERVAL_S in .env is no setting and is ignored:"
        " did you mean SLOTWISE_POLL_INTERVAL_S?"
    )


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOTWISE_WEBHOOK_SECRET_FILE", "/nowhere/secret")
    with pytest.raises(InputError, match=r"SLOTWISE_WEBHOOK_SECRET_FILE: '/nowhere/secret'"):
        read_settings()


def test_a_secret_in_two_places_is_refused() -> None:
    """It would not be clear which of them counts."""
    with pytest.raises(InputError, match="both set"):
        value_of("WORD", {"WORD": "a", "WORD_FILE": "/b"})
    assert value_of("WORD", {"WORD": "a"}) == "a"
    assert value_of("WORD", {}) is None
