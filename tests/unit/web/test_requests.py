"""Rules of requests: who sent them, which prefix there is, and what a cookie may do."""

from __future__ import annotations

import pytest

from slotwise.errors import InputError
from workers.web.requests import POLICY, cookie_header, cookie_name, is_same_origin, read_prefix

HOST = "127.0.0.1:5556"


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"Host": HOST, "Origin": f"http://{HOST}"}, True),
        ({"Host": "desk.example", "Origin": "https://DESK.example"}, True),
        ({"Host": HOST}, True),
        ({"Host": HOST, "Sec-Fetch-Site": "same-origin"}, True),
        ({"Host": HOST, "Sec-Fetch-Site": "cross-site"}, False),
        ({"Host": HOST, "Sec-Fetch-Site": "same-site"}, False),
        ({"Host": HOST, "Origin": "null"}, False),
        ({"Host": HOST, "Origin": "http://127.0.0.1:80"}, False),
        ({"Host": HOST, "Origin": "http://evil.example"}, False),
        ({"Host": HOST, "Origin": f"http://{HOST}.evil.example"}, False),
        ({"Host": HOST, "Origin": "http://[::1"}, False),
        ({"Host": "", "Origin": "null"}, False),
    ],
)
def test_only_pages_of_our_own_host_may_change_something(
    headers: dict[str, str], ours: bool
) -> None:
    assert is_same_origin(headers) is ours


@pytest.mark.parametrize(
    ("text", "prefix"),
    [("", ""), ("/", ""), ("slotwise", "/slotwise"), ("/desk/slotwise/", "/desk/slotwise")],
)
def test_prefix_is_read(text: str, prefix: str) -> None:
    assert read_prefix(text) == prefix


@pytest.mark.parametrize(
    "text", ["/a b", "//evil.example", "/..", "/a/../b", "/a?b", "/(.*)", "/é"]
)
def test_prefix_that_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="SLOTWISE_WEB_PREFIX"):
        read_prefix(text)


def test_cookie_is_for_our_paths_and_no_script_or_other_site() -> None:
    words = set(cookie_header("name", "token", "/desk", over_https=False, age_s=60).split("; "))
    assert words == {
        "name=token", "Path=/desk/", "Max-Age=60", "HttpOnly", "SameSite=Strict",
    }  # fmt: skip
    assert "Secure" in cookie_header("name", "token", "", over_https=True, age_s=60)
    assert "Max-Age=0" in cookie_header("name", "", "", over_https=False, age_s=60)


def test_policy_lets_pages_run_our_own_files_only() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules.pop("default-src") == "'none'"
    assert set(rules.values()) == {"'self'", "'none'"}
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"


def test_cookies_of_two_systems_on_one_host_have_two_names() -> None:
    """A browser sends the cookies of a host to all of its ports."""
    hosts = (("127.0.0.1:5556", ""), ("127.0.0.1:5557", ""), ("desk", ""), ("desk", "/a/b"))
    names = [cookie_name(host, prefix) for host, prefix in hosts]
    assert names == ["slotwise_5556", "slotwise_5557", "slotwise_web", "slotwise_web_a_b"]
    assert cookie_name("a:1; x=2", "") == "slotwise_web"
