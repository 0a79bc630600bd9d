"""The time zone of this machine, by its name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from slotwise.zones import zone_of

#: Where Linux and macOS name the zone: a link into the folder of zones.
LOCALTIME = Path("/etc/localtime")
FOLDER = "zoneinfo/"


def local_zone(environment: Mapping[str, str] = os.environ, localtime: Path = LOCALTIME) -> str:
    """Return the name of the local zone: of TZ, else of the machine; UTC where none is named."""
    named = environment.get("TZ", "").removeprefix(":")
    if not named:
        try:
            named = str(localtime.resolve()).rpartition(FOLDER)[2]
        except OSError:
            named = ""
    name = named.removeprefix("Etc/")
    return name if zone_of(name) is not None else "UTC"
