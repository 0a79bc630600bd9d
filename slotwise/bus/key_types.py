"""Which type each of our keys in Redis has, so that a key of another type is named.

Redis says only that some key of a command has the wrong type. Another program under our prefix, or
a hand, made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import redis

#: Types by the words of a key after the prefix; `*` is any last word. Others are strings.
KEY_TYPES: Mapping[str, str] = {
    "landing": "stream",
    "landing:landed": "hash",
    "commands": "stream",
    "alerts": "stream",
    "alerts:tries": "hash",
    "quotes": "hash",
    "counters": "hash",
    "snapshot:current": "string",
    "snapshot:*": "hash",
    "answer:*": "list",
}


class NamingClient(redis.Redis):
    """A client whose error about a wrong type names the key."""

    #: Prefix of our keys.
    prefix = ""

    @classmethod
    def over(cls, pool: redis.ConnectionPool, *, prefix: str) -> NamingClient:
        """Make a client of a pool of connections, which are closed with it."""
        client: Any = cls.from_pool(pool)
        client.prefix = prefix
        named: NamingClient = client
        return named

    def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py types none of it
        except redis.ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            named = self._wrong_keys(args)
            if not named:
                raise
            raise redis.ResponseError(f"WRONGTYPE {', '.join(named)}") from error

    def _wrong_keys(self, args: tuple[Any, ...]) -> list[str]:
        """Return the keys of a command that have another type than ours."""
        named = []
        for name in args[1:]:
            if not self.prefix or not isinstance(name, str) or not name.startswith(self.prefix):
                continue
            found = super().execute_command("TYPE", name)  # type: ignore[no-untyped-call]  # as above
            there = found.decode() if isinstance(found, bytes) else str(found)
            if there not in ("none", type_of(name.removeprefix(self.prefix))):
                named.append(f"key {name} is a {there}: another program made it; delete it")
        return named


def type_of(name: str) -> str:
    """Return the type of one of Slotwise's keys, named without its prefix."""
    parent, _, _ = name.rpartition(":")
    return KEY_TYPES.get(name) or KEY_TYPES.get(f"{parent}:*", "string")
