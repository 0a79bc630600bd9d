"""What may stand behind the question mark of an address of Redis, and what each value may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from slotwise.errors import InputError

#: What an option may be; redis-py takes these types.
Value: TypeAlias = str | int | float | bool
#: Reads the text of an option; raises ValueError whose text goes on "it is ...".
Reader: TypeAlias = Callable[[str], Value]
Readers: TypeAlias = Mapping[str, Reader]

#: A socket that is silent for longer is given up anyway, seconds.
LONGEST_S = 60.0
#: Options that name a file.
FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")


def check_files(options: Mapping[str, Value]) -> None:
    """Raise InputError where a file that an address names cannot be read."""
    for name in FILES:
        file = options.get(name)
        try:
            if file is not None:
                Path(str(file)).open("rb").close()
        except OSError as error:
            raise InputError(
                f"REDIS_URL names a file that cannot be read: {name}={file}: {error.strerror}"
            ) from error


def _seconds(least: float) -> Callable[[str], float]:
    def read(value: str) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1
        if not least <= seconds <= LONGEST_S:
            raise ValueError(f"not a number of seconds from {least:g} to {LONGEST_S:g}")
        return seconds

    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise ValueError(f"not a whole number from {least} to {most}")
        return int(value)

    return read


def _word(value: str) -> str:
    if not value:
        raise ValueError("empty")
    return value


def _switch(value: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True,
             "0": False, "false": False, "no": False, "off": False}  # fmt: skip
    if value.lower() not in words:
        raise ValueError("neither true nor false")
    return words[value.lower()]


def _verification(value: str) -> str:
    word = value.lower().removeprefix("cert_")
    if word not in ("required", "optional", "none"):
        raise ValueError("not one of required, optional and none")
    return word


#: What may stand behind the question mark. Blocking reads wait for up to a second at a time, so
#: no socket may give up sooner; ten connections are what a worker uses.
OPTIONS: Readers = {
    "db": _word,
    "virtual_host": _word,
    "username": _word,
    "password": _word,
    "client_name": _word,
    "protocol": _whole(2, 3),
    "socket_timeout": _seconds(1.0),
    "socket_connect_timeout": _seconds(0.1),
    "socket_keepalive": _switch,
    "health_check_interval": _whole(0, 3600),
    "max_connections": _whole(10, 100_000),
    "retry_on_timeout": _switch,
}
TLS_OPTIONS: Readers = {
    "ssl_ca_certs": _word,
    "ssl_ca_path": _word,
    "ssl_certfile": _word,
    "ssl_keyfile": _word,
    "ssl_cert_reqs": _verification,
    "ssl_check_hostname": _switch,
}
SENTINEL_OPTIONS: Readers = {
    "master_name": _word,
    "sentinel_username": _word,
    "sentinel_password": _word,
}
