"""The address of Redis as Celery wants it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

#: What Celery asks to be told of a server over TLS; redis-py does the same without a word.
VERIFY = ("ssl_cert_reqs", "required")


def celery_address(url: str) -> str:
    """Say what is true of a rediss:// address anyway: that its certificate is verified."""
    parts = urlsplit(url)
    query = parse_qsl(parts.query)
    if parts.scheme != "rediss" or VERIFY[0] in dict(query):
        return url
    return parts._replace(query=urlencode([*query, VERIFY], safe="/")).geturl()
