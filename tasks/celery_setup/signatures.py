"""Signed messages: where a key is named, workers take only what one of the trusted keys signed.

A password of Redis then is not enough to start a task. All processes that send or take tasks need
a key and its certificate (RSA; Celery knows no other): workers, beat, Flower and the command line.
"""

from __future__ import annotations

from celery import Celery
from celery.exceptions import ImproperlyConfigured, SecurityError

from slotwise.errors import InputError
from slotwise.settings import Settings

#: Digest that is signed.
DIGEST = "sha256"


def sign(app: Celery, config: Settings) -> None:
    """Make an app sign what it sends and accept only what is signed, if a key is set.

    Raises InputError where key or certificate cannot be used, or one of them is missing.
    """
    if bool(config.signing_key) != bool(config.signing_certificate):
        raise InputError(
            "SLOTWISE_SIGNING_KEY and SLOTWISE_SIGNING_CERTIFICATE belong together: set both"
        )
    if not config.signing_key:
        return
    app.conf.update(
        security_key=config.signing_key,
        security_certificate=config.signing_certificate,
        security_cert_store=config.signing_trusted or config.signing_certificate,
        security_digest=DIGEST,
        task_serializer="auth",
        accept_content=["auth"],
        # Nothing acts upon results and events.
        result_accept_content=["json"],
    )
    try:
        app.setup_security(serializer="json")
    except (OSError, SecurityError, ImproperlyConfigured) as error:
        raise InputError(
            f"SLOTWISE_SIGNING_KEY {config.signing_key!r} with SLOTWISE_SIGNING_CERTIFICATE"
            f" {config.signing_certificate!r} cannot be used: {error}"
        ) from error
