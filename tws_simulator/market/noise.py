"""Random numbers that are functions of a key and a counter, so that no order of calls matters."""

from __future__ import annotations

from hashlib import blake2b

_MASK = (1 << 64) - 1
_TO_UNIT = 2.0**-63


def key_of(*parts: object) -> int:
    """Make a 64-bit key of names and numbers."""
    text = "\0".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def noise(key: int, counter: int) -> float:
    """Return a number in [-1, 1), evenly spread: the splitmix64 generator's step `counter`."""
    z = (key + counter * 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) * _TO_UNIT - 1.0


def unit(key: int, counter: int) -> float:
    """Return a number in [0, 1)."""
    return (noise(key, counter) + 1.0) / 2
