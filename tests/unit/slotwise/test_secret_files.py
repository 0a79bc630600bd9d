"""A setting may be in a file, named by its variable with _FILE: no environment holds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from slotwise.errors import InputError
from slotwise.secret_files import value_of
from slotwise.settings import Settings, read_settings


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, field in Settings.model_fields.items()
        if field.annotation is str and name != "webhook_url"
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


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOTWISE_WEBHOOK_SECRET_FILE", "/nowhere/secret")
    with pytest.raises(InputError, match=r"SLOTWISE_WEBHOOK_SECRET_FILE: '/nowhere/secret'"):
        read_settings()


def test_a_secret_in_two_places_is_refused() -> None:
    """Nobody could say which of them counts."""
    with pytest.raises(InputError, match="both set"):
        value_of("WORD", {"WORD": "a", "WORD_FILE": "/b"})
    assert value_of("WORD", {"WORD": "a"}) == "a"
    assert value_of("WORD", {}) is None
