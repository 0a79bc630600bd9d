"""One post, and gateways in memory that may hold it."""

from __future__ import annotations

import msgspec

from slotwise.bus.leader_lock import LEADER_LOCK_MS, Holder
from slotwise.errors import BusError
from workers.gateway.leadership import myself


class OnePost:
    """Keep a post as Redis does, with a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0
        self.holder: Holder | None = None
        self.until = 0.0
        self.last: Holder | None = None


class Seat:
    """Reach the post as one gateway does, while its way there is open."""

    def __init__(self, post: OnePost, me: Holder) -> None:
        self.post = post
        self.me = me
        self.cut = False

    def take(self, instead_of: Holder | None = None) -> Holder:
        if self.cut:
            raise BusError("no route to host")
        post = self.post
        if post.holder is not None and post.now < post.until and post.holder != self.me:
            return post.holder
        post.holder, post.until = self.me, post.now + LEADER_LOCK_MS / 1000
        post.last = self.me
        return self.me

    def last(self) -> Holder | None:
        if self.cut:
            raise BusError("no route to host")
        return self.post.last

    def leave(self) -> None:
        if not self.cut and self.post.holder == self.me:
            self.post.holder = self.post.last = None


def somebody(pid: int, host: str = "elsewhere") -> Holder:
    """Name a gateway."""
    return msgspec.structs.replace(myself(), pid=pid, host=host)
