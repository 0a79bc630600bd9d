"""The environment, read once: prefix SLOTWISE_, plus REDIS_URL; NAME_FILE names a file instead."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from slotwise.errors import InputError
from slotwise.redis_address import RedisAddress, parse_redis_address
from slotwise.redis_options import check_files
from slotwise.secret_files import Variables

#: Letters that a part of a host's name has at most (RFC 1035).
LONGEST_LABEL = 63


class Settings(BaseSettings):
    """Hold every knob; each has its unit in its name or its description."""

    model_config = SettingsConfigDict(env_prefix="SLOTWISE_", extra="ignore", populate_by_name=True)

    redis_url: str = Field(
        "redis://127.0.0.1:6379/0",
        validation_alias=AliasChoices("SLOTWISE_REDIS_URL", "REDIS_URL"),
        description="The message broker and live state.",
    )
    key_prefix: str = Field("slotwise:", description="Prefix of every Redis key.")
    lake: str = Field("lake", description="Folder or s3:// address of the Delta tables.")

    state: str = Field(
        "state",
        description="Folder of slotwise up; commands find its system by the file env there."
        " Empty: they do not look.",
    )

    spool: str = Field(
        "",
        description="Folder for what is on its way to the lake, or memory for none. Empty: beside"
        " a lake that is a folder, else slotwise-spool here.",
    )

    sync_to_disk: bool = Field(
        True,
        description="Wait until the disk has what was written (fsync), so that a power cut loses"
        " nothing; off: quicker, and a power cut may lose the last seconds.",
    )

    ib_host: str = Field("127.0.0.1", description="Where TWS or IB Gateway listens.")
    ib_port: int = Field(7497, ge=1, le=65535, description="Its API port.")
    ib_client_id: int = Field(17, ge=1, description="Any id no other API client uses.")
    ib_connect_timeout_s: float = Field(
        15.0, ge=0, description="Give up the first connection after this; 0 never gives up."
    )

    lines: int = Field(100, ge=0, description="Market data lines the account has.")
    lines_reserve: int = Field(
        0, ge=0, description="Lines of these left alone, for TWS's own windows."
    )
    delayed_data: bool = Field(
        False, description="Take delayed data where the account has no live data."
    )
    models: bool = Field(
        False, description="Keep what is in models of an advisor's accounts apart."
    )
    poll_interval_s: float = Field(30.0, gt=0, description="Time between position polls.")
    rotation: bool = Field(
        True, description="Quote contracts without a line on lines that are idle; off: never."
    )
    account_marks: bool = Field(
        False,
        description=(
            "Compare prices with IB's own marks, by updates of the accounts in turn, and profits"
            " with IB's."
        ),
    )
    rotation_reserve: int = Field(
        2, ge=0, description="Lines that strategies leave to the rotation, at most half of all."
    )
    quote_floor_s: float = Field(
        5.0, ge=0, description="No contract is quoted in turn more often than this."
    )
    quote_row_interval_s: float = Field(
        60.0,
        gt=0,
        description="At most one quote per contract lands in this time, in turn or of its line.",
    )
    marks_interval_s: float = Field(
        60.0,
        ge=0,
        description="The marks of all holdings land once in this time, in one commit; 0: never.",
    )
    watch: Annotated[tuple[str, ...], NoDecode] = Field(
        ("VIX", "SPY", "QQQ", "IWM"), description="Symbols quoted without keeping a line."
    )
    watch_interval_s: float = Field(15.0, gt=0, description="Time between their quotes.")
    stream_row_interval_s: float = Field(
        5.0, gt=0, description="At most one streamed row per contract lands in this time."
    )
    handlers: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Your handlers, as module:Class, comma separated."
    )

    beat_s: float = Field(5.0, gt=0, description="The beat that turns the queue into batches.")
    batch_size: int = Field(50, ge=1, le=50, description="Contracts in one batch.")
    lease_s: float = Field(20.0, gt=0, description="A batch not answered by then is tried again.")
    max_attempts: int = Field(5, ge=1, description="Tries of one queue item before it fails.")
    snapshot_max_age_s: float = Field(
        120.0, gt=0, description="An older snapshot is not landed as news."
    )
    reconcile_interval_s: float = Field(180.0, gt=0, description="Time between reconciliations.")

    webhook_url: str = Field("", description="Alerts on breaks are posted here; empty: nowhere.")
    notify_command: str = Field(
        "", description="Program that is run for every change of the verdict; empty: none."
    )
    webhook_secret: SecretStr = Field(SecretStr(""), description="Signs what is posted.")
    webhook_accounts: bool = Field(
        False, description="Name whole account numbers in alerts; off: their last digits."
    )

    maintenance_interval_s: float = Field(
        300.0, gt=0, description="Time between two looks at what the lake needs."
    )

    wire_log: str = Field(
        "",
        description="File for every message to and from TWS, without account numbers, names and"
        " order ids; empty: none.",
    )
    wire_log_names: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Further names to replace in it, comma separated."
    )

    probe: str = Field(
        "probe.json", description="File of the last probe's report, which doctor compares with."
    )

    health_host: str = Field(
        "127.0.0.1", description="Where /metrics, /healthz and /readyz of a process are served."
    )
    health_port: int = Field(0, ge=0, le=65535, description="Their port; 0 serves nothing.")

    web: bool = Field(True, description="Run the web application with slotwise up and demo.")
    web_prefix: str = Field(
        "", description="Path below which a proxy serves the web application, as /slotwise."
    )
    flower_url: str = Field(
        "", description="Address of Flower that its pages link to, as https://desk/flower."
    )

    log_json: bool = Field(False, description="Log JSON lines instead of text.")
    show_accounts: bool = Field(
        False, description="Print whole account numbers in commands; off: their last digits."
    )
    log_accounts: bool = Field(
        False, description="Name whole account numbers in logs; off: their last digits."
    )

    signing_key: str = Field(
        "", description="File of the private key that signs Celery's messages; empty: not signed."
    )
    signing_certificate: str = Field("", description="File of its certificate.")
    signing_trusted: str = Field(
        "",
        description="Pattern of the certificates whose messages are taken; empty: our own.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what is given, then the environment, then .env."""
        return init_settings, Variables(settings_cls)

    @field_validator("watch", "handlers", "wire_log_names", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, url: str) -> str:
        """Check the address; raises InputError, whose text shows no password."""
        check_files(parse_redis_address(url).options)
        return url

    @field_validator("webhook_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must be a URL such as https://example.com/alerts")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError("must be a URL of plain letters: write others as %C3%A4, or xn--")
        labels = (parts.hostname or "").removesuffix(".").split(".")
        if url and not all(0 < len(label) <= LONGEST_LABEL for label in labels):
            raise ValueError("must name a host that can exist, such as example.com")
        _ = parts.port  # raises ValueError for one that is none
        return url

    @property
    def redis_address(self) -> RedisAddress:
        """Return where Redis is, and how to connect."""
        return parse_redis_address(self.redis_url)

    @property
    def lake_is_local(self) -> bool:
        return "://" not in self.lake

    @property
    def spool_file(self) -> Path | None:
        """Return the path of the gateway's spool; gateways of other client ids have others."""
        if self.spool == "memory":
            return None
        default = f"{self.lake_path}-spool" if self.lake_is_local else "slotwise-spool"
        folder = Path(self.spool or default).expanduser().absolute()
        return folder / f"gateway-{self.ib_client_id}.sqlite"

    @property
    def registry_copy(self) -> Path | None:
        """Return the path of the gateway's copy of the strategy registry, beside its spool."""
        spool = self.spool_file
        return None if spool is None else spool.with_suffix(".registry")

    @property
    def lake_path(self) -> str:
        """Return the lake's address; a local folder as an absolute path."""
        return str(Path(self.lake).expanduser().absolute()) if self.lake_is_local else self.lake


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Read the environment once; raises InputError as `read_settings` does."""
    return read_settings()


def read_settings(**given: object) -> Settings:
    """Read the environment, with what is given and not None in its place.

    Raises InputError that names the setting and what is wrong with it.
    """
    try:
        return Settings.model_validate(
            {name: value for name, value in given.items() if value is not None}
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        name = name if name.startswith(("SLOTWISE_", "REDIS_")) else f"SLOTWISE_{name}"
        raise InputError(f"setting {name}: {first['msg']}, got {first['input']!r}") from error
