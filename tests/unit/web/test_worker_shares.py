"""Workers as pages show them: each with its share of the tasks of its queues."""

from __future__ import annotations

import pytest

from slotwise.errors import InputError
from workers.web.requests import read_address
from workers.web.worker_shares import shares_of


def test_share_is_of_the_tasks_of_the_same_queues() -> None:
    queues = {"poll@b": ["poll"], "poll@a": ["poll"], "lake@a": ["lake", "admin"], "new@a": ["x"]}
    found = shares_of(queues, {"poll@a": 30, "poll@b": 10, "lake@a": 7})
    assert [(one.name, one.queues, one.tasks, one.share) for one in found] == [
        ("lake@a", "admin, lake", 7, 100),
        ("poll@a", "poll", 30, 75),
        ("poll@b", "poll", 10, 25),
        ("new@a", "x", 0, None),
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ""), (" ", ""), ("http://127.0.0.1:5555/", "http://127.0.0.1:5555"),
        ("https://desk/flower", "https://desk/flower"),
    ],
)  # fmt: skip
def test_address_of_flower_is_read(text: str, address: str) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)", "desk/flower", "//desk", "http://", "ftp://desk", "http://[",
        "http://trader:secret@desk", "http://desk?a=b", "http://desk#a",
    ],
)  # fmt: skip
def test_address_that_pages_may_not_link_to_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="SLOTWISE_FLOWER_URL"):
        read_address(text)
