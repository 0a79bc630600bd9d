"""Celery hears that certificates are verified, unless the address says something else itself."""

from __future__ import annotations

import pytest

from tasks.redis_address import celery_address


@pytest.mark.parametrize(
    ("url", "heard"),
    [
        ("redis://:word@host:6379/0", "redis://:word@host:6379/0"),
        ("rediss://host:6380/0", "rediss://host:6380/0?ssl_cert_reqs=required"),
        (
            "rediss://a:b@host/1?ssl_ca_certs=/etc/ca.crt",
            "rediss://a:b@host/1?ssl_ca_certs=/etc/ca.crt&ssl_cert_reqs=required",
        ),
        ("rediss://host?ssl_cert_reqs=optional", "rediss://host?ssl_cert_reqs=optional"),
    ],
)
def test_an_address_is_told_to_celery(url: str, heard: str) -> None:
    assert celery_address(url) == heard
