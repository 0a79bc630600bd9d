"""Free TCP ports on this machine."""

from __future__ import annotations

import random
import socket

#: Ports that a server is given: above those of well-known services, and below those that Linux
#: gives to outgoing connections, any of which could take a port before its server starts.
FIRST, LAST = 20_000, 32_767
#: With so many taken ones in a row the machine has none.
TRIES = 1_000


def free_port(host: str = "127.0.0.1") -> int:
    """Pick a port that is free now, and that no outgoing connection takes; raises OSError."""
    # Of the system: a seed that a test or a benchmark sets would choose the same each time.
    chance = random.SystemRandom()
    for _ in range(TRIES):
        port = chance.randint(FIRST, LAST)
        if is_free(port, host):
            return port
    raise OSError(f"no port of {FIRST} to {LAST} is free on {host}")


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
