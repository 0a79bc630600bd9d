"""Ask this machine's process for its health: `python -m slotwise.health.probe [healthz|readyz]`.

For the health checks of containers and units: exit status 0 where it answers well, else 1.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

from slotwise.settings import settings

#: It answers within this, seconds, or not at all.
TIMEOUT_S = 4.0


def main() -> int:
    """Write the answer to the question; return 0 where it is well, else 1."""
    page = sys.argv[1] if len(sys.argv) > 1 else "readyz"
    url = f"http://127.0.0.1:{settings().health_port}/{page}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            sys.stdout.write(answer.read().decode())
            return 0
    except urllib.error.HTTPError as error:
        sys.stdout.write(error.read().decode())
    except OSError as error:
        sys.stdout.write(f"no answer from {url}: {error}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
