"""Two clients' own decoders of replies about orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import ib_async
from ib_async.decoder import Decoder as AsyncDecoder
from ibapi.decoder import Decoder as OfficialDecoder

from tests.support.official_client import Recorder
from tws_simulator.wire.frames import PREFIX_BYTES, split_fields


def read_by_official(version: int, frame: bytes) -> tuple[Any, ...]:
    """Let IB's own client decode a frame; it has to read all fields, and call back once."""
    recorder = Recorder()
    first, *fields = frame[PREFIX_BYTES:].removesuffix(b"\0").split(b"\0")
    left: Iterator[bytes] = iter(fields)
    OfficialDecoder(recorder, version).interpret(left, int(first))
    assert list(left) == []
    [(_, arguments)] = recorder.heard
    return arguments


class _Wrapper:
    """Stand where ib_async's decoder expects its wrapper."""

    defaultTimezone = UTC

    def __init__(self) -> None:
        self.ib = ib_async.IB()
        self.heard: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: self.heard.append(arguments)


def read_by_ib_async(version: int, frame: bytes) -> tuple[Any, ...]:
    """Let ib_async decode a frame; what it cannot read it logs, and calls nothing."""
    wrapper = _Wrapper()
    decoder = AsyncDecoder(wrapper, version)  # type: ignore[arg-type]  # it calls back by name alone
    decoder.interpret(split_fields(frame[PREFIX_BYTES:]))
    [arguments] = wrapper.heard
    return arguments
