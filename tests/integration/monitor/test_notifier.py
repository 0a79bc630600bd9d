"""Changes reach the webhook and the user's command, in order, also where one fails at first."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from slotwise.errors import InputError
from slotwise.health.verdict.changes import Change
from slotwise.reconciliation.alerts import verify_alert
from tests.support.receiver import receiver
from tests.support.verdict_examples import NOW
from workers.monitor.notifier import Notifier, command_sender, webhook_sender
from workers.stack.child import wait_until

#: A message has come within this, seconds, also on a loaded machine.
COMES_S = 20.0


def _change(state: str = "competing_session") -> Change:
    return Change(
        change_id=f"id-{state}",
        standing="wrong",
        state=state,
        previous="well",
        sentence="another session has the market data",
        advice="log out of it",
        since=NOW,
        previous_lasted_s=60.0,
    )


def test_notifier_posts_signed_changes_in_order_and_tries_again() -> None:
    with receiver(503, 200, 200) as server:
        notifier = Notifier("webhook", webhook_sender(server.url, "secret"))
        notifier.put(_change("competing_session"))
        notifier.put(_change("well"))
        assert wait_until(lambda: len(server.came) == 3, COMES_S)
        notifier.close()
    states = [json.loads(message.body)["state"] for message in server.came]
    assert states == ["competing_session", "competing_session", "well"]
    for message in server.came:
        assert verify_alert("secret", message.body, message.signature, time.time())


@pytest.mark.parametrize("location", ["http://[bad", "http://:port/", "\u00e4"])
def test_notifier_goes_on_after_a_redirect_to_no_address(location: str) -> None:
    with receiver(302, 200, 200, location=location) as server:
        notifier = Notifier("webhook", webhook_sender(server.url, ""))
        notifier.put(_change("competing_session"))
        assert wait_until(lambda: bool(server.came), COMES_S)
        notifier.put(_change("well"))
        assert wait_until(lambda: not notifier.waiting(), COMES_S)
        notifier.close()
    assert notifier.error == ""
    assert json.loads(server.came[-1].body)["state"] == "well"


def test_notifier_goes_on_after_a_fault_of_its_own() -> None:
    faults, sent = [TypeError("no number")], []

    def send(change: Change) -> None:
        if faults:
            raise faults.pop()
        sent.append(change.state)

    notifier = Notifier("webhook", send)
    notifier.put(_change("competing_session"))
    notifier.put(_change("well"))
    assert wait_until(lambda: not notifier.waiting(), COMES_S)
    notifier.close()
    assert sent == ["well"]


def test_notifier_gives_up_what_the_receiver_will_never_take() -> None:
    with receiver(400, 200) as server:
        notifier = Notifier("webhook", webhook_sender(server.url, ""))
        notifier.put(_change("competing_session"))
        assert wait_until(lambda: notifier.error == "webhook: the receiver answers 400", COMES_S)
        notifier.put(_change("well"))
        assert wait_until(lambda: len(server.came) == 2, COMES_S)
        notifier.close()
    assert notifier.error == ""
    assert [json.loads(message.body)["state"] for message in server.came][-1] == "well"


def test_notifier_runs_the_command_with_the_change_as_input_and_in_its_environment(
    tmp_path: Path,
) -> None:
    script, out = tmp_path / "note.py", tmp_path / "out"
    script.write_text(
        "import json, os, sys\n"
        "change = json.load(sys.stdin)\n"
        f"with open({str(out)!r}, 'a') as file:\n"
        "    file.write(change['state'] + ' ' + os.environ['VERDICT_SENTENCE'] + '\\n')\n"
    )
    notifier = Notifier("command", command_sender(f"{sys.executable} {script}"))
    notifier.put(_change())
    assert wait_until(lambda: out.exists() and out.read_text().endswith("\n"), COMES_S)
    notifier.close()
    assert out.read_text() == "competing_session another session has the market data\n"


def test_notifier_goes_on_after_a_command_that_is_not_there(tmp_path: Path) -> None:
    missing = Notifier("command", command_sender(str(tmp_path / "missing")))
    missing.put(_change())
    assert wait_until(lambda: not missing.waiting(), COMES_S)
    missing.close()


@pytest.mark.parametrize("command", ["", "  ", "'unclosed"])
def test_notify_command_that_cannot_be_read_is_refused(command: str) -> None:
    with pytest.raises(InputError, match="SLOTWISE_NOTIFY_COMMAND"):
        command_sender(command)
