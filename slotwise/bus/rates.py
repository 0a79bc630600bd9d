"""The newest exchange rates, so that a gateway that starts again has them at once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.exchange_rates import ExchangeRate

_rates = msgspec.msgpack.Decoder(list[ExchangeRate])


class RatesBoard:
    """Board of exchange rates, each with its time."""

    def __init__(self, bus: Bus) -> None:
        self._redis = bus.redis
        self._key = bus.key("rates")

    def put(self, rates: Iterable[ExchangeRate]) -> None:
        """Replace all rates."""
        with translated():
            self._redis.set(self._key, msgspec.msgpack.encode(list(rates)))

    def get(self) -> list[ExchangeRate]:
        """Read all rates; none where there are none, or none that this version can read."""
        with translated():
            data = self._redis.get(self._key)
        try:
            return [] if data is None else _rates.decode(data)
        except msgspec.DecodeError:
            return []
