"""The supervisor: starts the stack's children in order, tends them, stops them all."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from slotwise.bus.client import Bus
from slotwise.errors import BusError, SlotwiseError
from workers.stack.child import Child, ChildSpec, stop_all, wait_until
from workers.stack.log_files import rotate

#: The embedded Redis answers within this, seconds, also while it reads its append-only file.
REDIS_START_S = 15.0


class Supervisor:
    """Hold the children; leaving the block stops every one of them."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def start(self, spec: ChildSpec) -> Child:
        """Start one more child."""
        child = Child(spec)
        self.children.append(child)
        child.start()
        return child

    def start_redis(self, spec: ChildSpec, bus: Bus) -> None:
        """Start the embedded Redis and wait until it answers; raises SlotwiseError."""
        child = self.start(spec)

        def answers() -> bool:
            try:
                bus.ping()
            except BusError:
                return child.exit_status is not None
            return True

        if not wait_until(answers, REDIS_START_S) or child.exit_status is not None:
            raise SlotwiseError(f"the embedded Redis did not start: {child.last_words()}")

    def stop(self, name: str) -> None:
        """Stop one child for good, before the others."""
        child = next(child for child in self.children if child.spec.name == name)
        stop_all([child])
        self.children.remove(child)

    def tend(self) -> Sequence[Child]:
        """Restart what died; return what was restarted."""
        return [child for child in self.children if child.tend()]

    def rotate_logs(self) -> None:
        """Set aside the logs that have become large."""
        for child in self.children:
            rotate(child.spec.log)

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        stop_all(self.children)
