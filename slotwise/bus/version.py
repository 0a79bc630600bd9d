"""The version of the keys in Redis: old and new processes never misread each other.

A process that begins writes its version where there is none. It refuses a newer one, and an older
one too: what is in Redis is only under way, and the lake has the rest.
"""

from __future__ import annotations

from slotwise.bus.client import Bus, translated
from slotwise.errors import BusVersionError

#: Raise it when the meaning of a key changes so that an older process would misread it.
KEYS_VERSION = 1


def claim_version(bus: Bus, version: int = KEYS_VERSION) -> None:
    """Check that Redis has the version of our keys, or set it.

    Raises BusVersionError, with what to do, where there is no agreement.
    """
    key = bus.key("version")
    with translated():
        bus.redis.set(key, version, nx=True)
        found = bus.redis.get(key)
    there = int(found) if found is not None and found.isdigit() else 0
    if there > version:
        raise BusVersionError(
            f"Redis has keys of version {there}, and this Slotwise knows {version}:"
            " install the newer Slotwise here too, or set another SLOTWISE_KEY_PREFIX"
        )
    if there < version:
        raise BusVersionError(
            f"Redis has keys of version {there}, and this Slotwise writes {version}:"
            " stop every older process, wait until `slotwise queue` shows nothing on its way,"
            f" then delete the key {key} and what begins with {bus.prefix}"
        )
