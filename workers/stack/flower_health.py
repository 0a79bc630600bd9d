"""Whether Flower answers, as its health check says."""

from __future__ import annotations

import urllib.request
from http import HTTPStatus

#: It answers within this, seconds, or not at all.
TIMEOUT_S = 5.0


def flower_answers(url: str) -> bool:
    """Return True where the Flower at a URL answers."""
    try:
        with urllib.request.urlopen(f"{url}/healthcheck", timeout=TIMEOUT_S) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False
