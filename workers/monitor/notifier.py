"""Notifier: a change of the verdict goes to the webhook and to the user's command.

Both are tried in a thread of their own, so that a slow receiver delays nothing. A change that
is not taken is tried again with growing pauses, and given up after `GIVE_UP_S` with one log line.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

import msgspec
import structlog

from slotwise.account import masked_in
from slotwise.errors import InputError
from slotwise.health.verdict.changes import Change
from slotwise.reconciliation.alerts import SIGNATURE, sign
from slotwise.webhook import WebhookError, post

log = structlog.get_logger(__name__)

#: The user's command has this long, seconds.
COMMAND_TIMEOUT_S = 20.0
#: Pauses between tries, seconds: the first and the longest.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
#: A change that is older than this, seconds, is news to no receiver any more.
GIVE_UP_S = 3600.0
#: Changes that may wait; the oldest is given up beyond it. Changes are held down to a few an hour.
MOST_WAITING = 100

#: Sends one change; raises WebhookError where it may be taken later.
Send = Callable[[Change], None]


def webhook_sender(url: str, secret: str) -> Send:
    """Return what posts a change, signed where there is a secret."""

    def send(change: Change) -> None:
        body = masked_in(msgspec.json.encode(change).decode()).encode()
        headers: dict[str, str] = {}
        if secret:
            headers[SIGNATURE] = sign(secret, body, int(time.time()))
        post(url, body, headers)

    return send


def command_sender(command: str) -> Send:
    """Return what runs the user's command, without a shell; raises InputError.

    The change is on its standard input as JSON, and in the environment: VERDICT_STATE,
    VERDICT_STANDING, VERDICT_PREVIOUS, VERDICT_SENTENCE, VERDICT_ADVICE.
    """
    try:
        argv = shlex.split(command)
    except ValueError as error:
        raise InputError(f"SLOTWISE_NOTIFY_COMMAND cannot be read: {error}") from error
    if not argv:
        raise InputError("SLOTWISE_NOTIFY_COMMAND names no program")

    def send(change: Change) -> None:
        try:
            done = subprocess.run(
                argv,
                input=masked_in(msgspec.json.encode(change).decode()).encode(),
                env={**os.environ, **_variables(change)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=COMMAND_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise WebhookError(
                f"{argv[0]} did not end within {COMMAND_TIMEOUT_S:.0f} s", again=False
            ) from error
        except OSError as error:
            raise WebhookError(
                f"{argv[0]} cannot be run: {error.strerror or error}", again=False
            ) from error
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            text = f"{argv[0]} ended with status {done.returncode}"
            raise WebhookError(f"{text}{': ' if last else ''}{''.join(last)}", again=True)

    return send


def _variables(change: Change) -> Mapping[str, str]:
    texts = {
        "VERDICT_STATE": change.state,
        "VERDICT_STANDING": change.standing,
        "VERDICT_PREVIOUS": change.previous,
        "VERDICT_SENTENCE": change.sentence,
        "VERDICT_ADVICE": change.advice,
    }
    return {name: masked_in(text) for name, text in texts.items()}


class Notifier:
    """One receiver: a queue of changes, and a thread that sends them in order."""

    def __init__(self, name: str, send: Send, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._send = send
        self._clock = clock
        #: Why the newest try failed; empty where it did not.
        self.error = ""
        self._waiting: deque[tuple[float, Change]] = deque(maxlen=MOST_WAITING)
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"notify {name}", daemon=True)
        self._thread.start()

    def put(self, change: Change) -> None:
        """Queue a change."""
        self._waiting.append((self._clock(), change))
        self._changed.set()

    def waiting(self) -> int:
        """Return how many changes are not sent yet."""
        return len(self._waiting)

    def close(self) -> None:
        """Stop after the try that is under way."""
        self._ended.set()
        self._changed.set()
        self._thread.join(COMMAND_TIMEOUT_S)

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._ended.is_set():
            if not self._waiting:
                self._changed.wait()
                self._changed.clear()
                continue
            queued_at, change = self._waiting[0]
            again = self._try(change, self._clock() - queued_at)
            if again:
                self._ended.wait(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                pause_s = FIRST_PAUSE_S
                if self._waiting and self._waiting[0][1] is change:
                    self._waiting.popleft()

    def _try(self, change: Change, age_s: float) -> bool:
        """Send once; return whether to try again."""
        try:
            self._send(change)
        except WebhookError as error:
            self.error = f"{self._name}: {error}"
            again = error.again and age_s < GIVE_UP_S
            log.warning(
                "verdict change not taken" if again else "verdict change given up",
                receiver=self._name,
                state=change.state,
                reason=str(error),
            )
            return again
        except Exception as error:  # whatever a sender raises: the next changes are still sent
            self.error = f"{self._name}: {error}"
            log.exception("verdict change given up", receiver=self._name, state=change.state)
            return False
        self.error = ""
        log.info("verdict change sent", receiver=self._name, state=change.state)
        return False
