"""What a command is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from tws_simulator.control.arguments import Arguments
from tws_simulator.world import World


class Shell(Protocol):
    """Do what only the owner of the sockets can do."""

    def drop_clients(self) -> None:
        """Cut all connections at once."""
        ...

    def restart(self, seconds: float) -> None:
        """End all sessions after their last bytes, and accept none for a while."""
        ...

    def open_port(self, port: int) -> int:
        """Listen at one more port, 0 for any; return it, or raise ControlError."""
        ...

    def leave_port(self, *, drop: bool) -> None:
        """Listen only at the port opened last; end connections after their last bytes, or not."""
        ...

    def refuse_clients(self, seconds: float) -> None:
        """Cut all connections, and accept none for a while."""
        ...


#: Fields of the answer besides "ok".
Answer: TypeAlias = dict[str, object]
#: Does what is asked at a time, unix seconds; raises ControlError where it cannot.
Command: TypeAlias = Callable[[World, Shell, Arguments, float], Answer]
