"""Settings: from the environment, with units checked and mistakes named in one line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from slotwise.errors import InputError
from slotwise.settings import Settings, settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No variable and no .env file of the user who runs the tests."""
    for name in ("REDIS_URL", *(f"SLOTWISE_{field}".upper() for field in Settings.model_fields)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_users_figures_are_the_defaults() -> None:
    config = settings()
    assert (config.lines, config.poll_interval_s, config.beat_s) == (100, 30.0, 5.0)
    assert (config.batch_size, config.watch) == (50, ("VIX", "SPY", "QQQ", "IWM"))


def test_variables_with_the_prefix_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOTWISE_LINES", "42")
    monkeypatch.setenv("SLOTWISE_LOG_JSON", "true")
    assert (settings().lines, settings().log_json) == (42, True)


def test_redis_url_needs_no_prefix_and_yields_to_the_one_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://one:1/0")
    assert Settings().redis_url == "redis://one:1/0"
    monkeypatch.setenv("SLOTWISE_REDIS_URL", "redis://two:2/0")
    assert Settings().redis_url == "redis://two:2/0"


def test_a_dotenv_file_counts_less_than_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("SLOTWISE_LINES=7\nSLOTWISE_IB_PORT=4001\nOTHER=1\n")
    monkeypatch.setenv("SLOTWISE_LINES", "8")
    assert (Settings().lines, Settings().ib_port) == (8, 4001)


@pytest.mark.parametrize(
    ("text", "symbols"),
    [("VIX, SPY", ("VIX", "SPY")), ("VIX", ("VIX",)), ("", ()), (" , ,SPX,", ("SPX",))],
)
def test_lists_are_comma_separated(
    monkeypatch: pytest.MonkeyPatch, text: str, symbols: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SLOTWISE_WATCH", text)
    monkeypatch.setenv("SLOTWISE_HANDLERS", text)
    assert (settings().watch, settings().handlers) == (symbols, symbols)


BAD = [
    ("SLOTWISE_LINES", "many"),
    ("SLOTWISE_LINES", "-1"),
    ("SLOTWISE_IB_PORT", "70000"),
    ("SLOTWISE_BATCH_SIZE", "51"),
    ("SLOTWISE_BEAT_S", "0"),
    ("SLOTWISE_MAX_ATTEMPTS", "0"),
    ("SLOTWISE_LOG_JSON", "perhaps"),
    ("SLOTWISE_WEBHOOK_URL", "example.com/alerts"),
    ("SLOTWISE_WEBHOOK_URL", "http://[bad"),
    ("SLOTWISE_WEBHOOK_URL", "http://.example.com/"),
    ("SLOTWISE_WEBHOOK_URL", f"http://{'a' * 64}.com/"),
    ("SLOTWISE_WEBHOOK_URL", "http://example.com:99999/"),
    ("SLOTWISE_WEBHOOK_URL", "http://example.com/\u00e4"),
    ("SLOTWISE_WEBHOOK_URL", "http://example.com/a b"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_one_line_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as raised:
        settings()
    assert str(raised.value).startswith(f"setting {name}: ")
    assert repr(value) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = settings()
    monkeypatch.setenv("SLOTWISE_LINES", "1")
    assert settings() is first


def test_a_local_lake_is_an_absolute_path_and_an_address_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLOTWISE_LAKE", "some/lake")
    assert (Settings().lake_path, Settings().lake_is_local) == (str(tmp_path / "some/lake"), True)
    monkeypatch.setenv("SLOTWISE_LAKE", "s3://bucket/prefix")
    assert (Settings().lake_path, Settings().lake_is_local) == ("s3://bucket/prefix", False)
