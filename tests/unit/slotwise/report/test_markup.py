"""Markup that no text can break."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from slotwise.report.markup import REPLACEMENT, as_html, as_xml, clean, tag


class Read(HTMLParser):
    """Collect what a reader of HTML sees: elements and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")


@given(st.text(), st.text())
def test_any_text_comes_back_as_text(one: str, other: str) -> None:
    """Read as XML and as HTML, also behind an element."""
    made = tag("p", one, tag("b", other), other, class_=one)
    expected = clean(one) + clean(other) * 2
    again = ElementTree.fromstring(as_xml(made))
    assert "".join(again.itertext()) == expected
    reader = Read()
    reader.feed(as_html(made))
    reader.close()
    assert (reader.tags, reader.text) == (["p", "b"], expected)


def test_what_no_document_can_hold_is_replaced() -> None:
    assert clean("a\x00b\x0bc\ud800d\ufffee\r") == REPLACEMENT.join("abcde") + REPLACEMENT
    assert clean("Zürich\t€ 😀\n") == "Zürich\t€ 😀\n"


def test_numbers_and_names_of_attributes() -> None:
    made = tag("rect", x=1.0, width="50%", y=2.345, text_anchor="end", class_="bar", name="n")
    assert as_xml(made) == (
        '<rect x="1" width="50%" y="2.35" text-anchor="end" class="bar" name="n" />'
    )
