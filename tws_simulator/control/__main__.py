"""`python -m tws_simulator.control PORT COMMAND ...`: send commands and print the answers.

Example: python -m tws_simulator.control 7498 '{"do": "limit", "lines": 60}'
"""

from __future__ import annotations

import argparse
import json
import socket
import sys

from tws_simulator.control.port import HOST

#: An answer comes at once; after this the simulator hangs, seconds.
ANSWERS_S = 10.0


def main() -> int:
    """Send each command; return 1 where one cannot be done or the simulator does not answer."""
    parser = argparse.ArgumentParser(
        prog="python -m tws_simulator.control", description="Send commands to a simulator."
    )
    parser.add_argument("port", type=int, help="its control port")
    parser.add_argument("command", nargs="+", help="a JSON object, see its README")
    words = parser.parse_args()
    status = 0
    try:
        with socket.create_connection((HOST, words.port), ANSWERS_S) as peer:
            answers = peer.makefile("r", encoding="utf-8")
            for command in words.command:
                peer.sendall(command.replace("\n", " ").encode() + b"\n")
                answer = answers.readline()
                sys.stdout.write(answer)
                status |= int(not json.loads(answer or "{}").get("ok"))
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"no simulator answers at {HOST}:{words.port}: {error}\n")
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
