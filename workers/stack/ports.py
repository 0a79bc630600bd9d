"""Free TCP ports on this machine.

A port that was picked is free until its server listens, which may be seconds later. Meanwhile the
process that picked it holds the UDP port of the same number, which no server of ours uses: so no
other process that picks by these functions takes it. A claim ends with its process.
"""

from __future__ import annotations

import atexit
import random
import socket
from collections import deque

#: Ports that a server is given: above those of well-known services, and below those that Linux
#: gives to outgoing connections, any of which could take a port before its server starts.
FIRST, LAST = 20_000, 32_767
#: With this many taken ones in a row the machine has none.
TRIES = 1_000
#: Ports that a process claims at one time; the oldest claim ends for the next: its server runs.
CLAIMS = 64

_claims: deque[socket.socket] = deque()


def _end_claims() -> None:
    while _claims:
        _claims.popleft().close()


atexit.register(_end_claims)


def free_port(host: str = "127.0.0.1", first: int = FIRST, last: int = LAST) -> int:
    """Pick a port that is free now, and that no outgoing connection takes; raises OSError."""
    # Of the system: a seed that a test or a benchmark sets would choose the same each time.
    chance = random.SystemRandom()
    for _ in range(TRIES):
        port = chance.randint(first, last)
        claim = _claim(port, host)
        if claim is None:
            continue
        if is_free(port, host):
            _keep(claim)
            return port
        claim.close()
    raise OSError(f"no port of {first} to {last} is free on {host}")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether a server could listen on a port now."""
    with socket.socket() as probe:
        # As servers do: a connection that ended just now does not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _claim(port: int, host: str) -> socket.socket | None:
    """Hold the UDP port of a number; None where another process does."""
    claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        claim.bind((host, port))
    except OSError:
        claim.close()
        return None
    return claim


def _keep(claim: socket.socket) -> None:
    """Keep a claim; of more than CLAIMS the oldest ends."""
    _claims.append(claim)
    if len(_claims) > CLAIMS:
        _claims.popleft().close()
