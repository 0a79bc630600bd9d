"""When a process began: process numbers are given again, and in a container ours is always 1."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

#: Fields of /proc/PID/stat behind the name, counted from 0: its state, and when it began, in
#: ticks since the machine did.
_STATE, _BEGAN = 0, 19
#: States of a process that runs no more, and only waits for its parent to ask after it.
_ENDED = ("Z", "X")


def process_start_time(pid: int) -> str | None:
    """Return when a process began, as the kernel counts.

    None where it runs no more, empty where this system gives none (macOS).
    """
    if not Path("/proc/self/stat").exists():
        return ""
    try:
        # The name is in brackets and may itself hold spaces and brackets.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    if fields[_STATE] in _ENDED:
        return None
    boot = ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {fields[_BEGAN]}".strip()
