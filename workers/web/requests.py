"""Rules for requests and answers over HTTP: who may send what, and with which headers. Pure.

Rules:
* What changes something is taken from a page of our own only: its `Origin`, or where a browser
  sends none its `Sec-Fetch-Site`, names our own host. The cookie is sent to no other site anyway
  (SameSite=Strict); this is the second bolt.
* Pages run our own files only: no inline script, no inline style, no other host, no frame around
  them.
* Answers with data are kept by no cache.
* The cookie's name has port and prefix in it: a browser sends the cookies of a host to all of its
  ports, and a session of one system would take the place of another's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from slotwise.errors import InputError

#: What a page may load and do.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Headers of every answer.
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Server": "slotwise",
}
#: Longest name and password that are looked at, characters.
LONGEST_FIELD = 256
_PORT = re.compile(r"[0-9]{1,5}")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")


def read_prefix(text: str) -> str:
    """Return a prefix as `/desk/slotwise`, empty for none; raises InputError."""
    prefix = text.strip().rstrip("/")
    if prefix and not prefix.startswith("/"):
        prefix = f"/{prefix}"
    if prefix and (not _PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
        raise InputError(
            f"SLOTWISE_WEB_PREFIX: {text!r} is no path: name one as /slotwise, of letters, digits"
            " and - . _ ~"
        )
    return prefix


def read_address(text: str) -> str:
    """Return an address that pages link to, without a slash at its end; raises InputError."""
    address = text.strip().rstrip("/")
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_one = False
    if not is_one or parts.password is not None or parts.query or parts.fragment:
        raise InputError(
            f"SLOTWISE_FLOWER_URL: {text!r} is no address: name one as https://desk/flower, without"
            " a password"
        )
    return address


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Return True for a request that a page of our own host sent."""
    host = headers.get("Host", "")
    origin = headers.get("Origin")
    if origin is None:
        return headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    try:
        return bool(host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def cookie_name(host: str, prefix: str) -> str:
    """Return the name of the session's cookie, for the header `Host` of a request."""
    port = host.rpartition(":")[2]
    return f"slotwise_{port if _PORT.fullmatch(port) else 'web'}{prefix.replace('/', '_')}"


def cookie_header(name: str, token: str, prefix: str, *, over_https: bool, age_s: float) -> str:
    """Return the cookie of a session, as a header; an empty token takes it away."""
    words = [
        f"{name}={token}",
        f"Path={prefix}/",
        f"Max-Age={int(age_s) if token else 0}",
        "HttpOnly",
        "SameSite=Strict",
    ]
    return "; ".join([*words, "Secure"] if over_https else words)
