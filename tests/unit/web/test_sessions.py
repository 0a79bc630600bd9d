"""Sessions: who is let in, for how long, and how often a guess is taken."""

from __future__ import annotations

import pytest

from workers.web.sessions import MOST, SESSION_S, WRONG_MOST, WRONG_S, Sessions

LOGIN = "trader:se:cret"


def test_right_name_and_password_open_a_session_until_it_ends() -> None:
    sessions = Sessions(LOGIN)
    token = sessions.begin("trader", "se:cret", 0.0)
    assert token is not None
    assert sessions.is_open(token, SESSION_S - 1)
    assert not sessions.is_open(token, SESSION_S)


@pytest.mark.parametrize(
    ("name", "password"),
    [("trader", "secret"), ("", ""), ("trader:se", "cret"), ("trader", ""), ("Trader", "se:cret")],
)
def test_anything_else_opens_none(name: str, password: str) -> None:
    assert Sessions(LOGIN).begin(name, password, 0.0) is None


@pytest.mark.parametrize("token", [None, "", "guess"])
def test_unknown_token_is_no_session(token: str | None) -> None:
    sessions = Sessions(LOGIN)
    sessions.begin("trader", "se:cret", 0.0)
    assert not sessions.is_open(token, 1.0)


def test_word_of_a_session_is_no_other_sessions_word_and_not_its_token() -> None:
    sessions = Sessions(LOGIN)
    one, other = (sessions.begin("trader", "se:cret", 0.0) or "" for _ in range(2))
    assert sessions.is_word(one, sessions.word(one))
    assert not sessions.is_word(one, sessions.word(other))
    assert not sessions.is_word(one, "")
    assert not sessions.is_word(one, "\udcff")
    assert not sessions.is_word(None, sessions.word(""))
    assert one not in sessions.word(one)


def test_logout_ends_one_session_and_leaves_the_others() -> None:
    sessions = Sessions(LOGIN)
    one, other = (sessions.begin("trader", "se:cret", 0.0) for _ in range(2))
    sessions.end(one)
    sessions.end("guess")
    assert not sessions.is_open(one, 1.0)
    assert sessions.is_open(other, 1.0)


def test_after_too_many_wrong_logins_none_is_tried_for_a_minute() -> None:
    sessions = Sessions(LOGIN)
    for second in range(WRONG_MOST):
        assert not sessions.is_closed(float(second))
        sessions.begin("trader", "guess", float(second))
    assert sessions.is_closed(10.0)
    assert sessions.begin("trader", "se:cret", 10.0) is None, "not the right one either"
    assert sessions.begin("trader", "se:cret", WRONG_S) is not None


def test_oldest_session_ends_where_there_are_too_many() -> None:
    sessions = Sessions(LOGIN)
    tokens = [sessions.begin("trader", "se:cret", 0.0) for _ in range(MOST + 1)]
    assert [sessions.is_open(token, 1.0) for token in tokens] == [False] + [True] * MOST
