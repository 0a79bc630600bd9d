"""Beat or Flower, which get a signal while a destructor runs: `... beat SIGTERM`.

Python drops an exception that leaves a destructor, also that of a signal handler. SIGUSR1 asks for
the named signal in such a moment.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

from tasks.process import run_beat, run_flower


class Destroyed:
    """An object whose destructor runs when a signal comes."""

    def __init__(self, number: signal.Signals) -> None:
        self._number = number

    def __del__(self) -> None:
        signal.raise_signal(self._number)


def main() -> None:
    """Run the process until it ends."""
    name, number, *port = sys.argv[1:]

    def destroy(_number: int, _frame: FrameType | None) -> None:
        Destroyed(signal.Signals[number])

    signal.signal(signal.SIGUSR1, destroy)
    if name == "beat":
        run_beat()
    run_flower("127.0.0.1", int(port[0]), None)


if __name__ == "__main__":
    main()
