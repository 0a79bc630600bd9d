"""Post a message to a user's URL, and separate what can be tried again from what cannot."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from slotwise.errors import SlotwiseError

#: The receiver has to answer within this, seconds.
TIMEOUT_S = 5.0
#: Answers that may be others next time: too many requests, and the server's own troubles.
TOO_MANY, SERVER_ERRORS = 429, range(500, 600)


class WebhookError(SlotwiseError):
    """The receiver did not take a message; `again` where it may take it later."""

    def __init__(self, text: str, *, again: bool) -> None:
        self.again = again
        super().__init__(text)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: what is signed is for one receiver."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


# Without a proxy of the environment: what is posted goes to the address of the setting.
_opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))


def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> int:
    """Post JSON and return the status; raises WebhookError for any but 2xx."""
    request = urllib.request.Request(
        url, data=body, headers={"Content-Type": "application/json", **headers}, method="POST"
    )
    try:
        with _opener.open(request, timeout=timeout_s) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        again = error.code == TOO_MANY or error.code in SERVER_ERRORS
        raise WebhookError(f"the receiver answers {error.code}", again=again) from error
    # ValueError: an address, also of a redirect, that cannot be read or written.
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise WebhookError(f"the receiver cannot be reached: {reason}", again=True) from error
