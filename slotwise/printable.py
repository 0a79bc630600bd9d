"""Text that others chose, made fit for a line of a terminal or of a log.

A strategy's name, an account, a reason of TWS's may hold anything: an escape sequence that clears
the screen, or a line's end behind which a line of a log is forged.
"""

from __future__ import annotations

import re
import sys

#: Control characters of ASCII and Latin-1, separators of lines and paragraphs, marks that turn the
#: direction of what follows, and halves of surrogate pairs (Unicode 16, chapters 23.1 and 23.2).
_CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
#: Characters that end a line, for a text whose parts may be joined.
_ENDS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+[ \t]*")


def printable(text: str) -> str:
    """Return a text as one line: what ends a line becomes a space, other controls are left out."""
    return _CONTROLS.sub("", joined(text).replace("\t", " "))


def joined(text: str) -> str:
    """Return a text with a space in place of each end of a line within it."""
    return _ENDS.sub(" ", text.strip("\r\n"))


def escaped(text: str) -> str:
    """Return a text as one line with nothing lost: controls become escapes such as \\n."""
    return _CONTROLS.sub(lambda found: repr(found[0])[1:-1], text)


def is_unicode(text: str) -> bool:
    """Return False for a text that stands for bytes which are no UTF-8, as arguments may."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def escape_what_a_stream_lacks() -> None:
    """Make standard output and error escape what their encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        # A test may have put something else there.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
