"""Check the words of code and pages: `python -m tests.docs.plain_words`, a part of `make check`.

The worst of the words that a reader from another country stops at, each with what to write
instead. CONTRIBUTING.md has the rules of style.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.compose import ROOT

#: A pattern, and what to write instead of what it finds.
WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r'"""Tell(s)? ', "Return, Send or Describe"),
        (r'"""Say(s)? ', "Return, Describe or Write"),
        (r'"""Hear ', "Note or Take"),
        (r'"""Be ', "what the class is"),
        (r'"""Know ', "what the class holds"),
        (r"\b[Ww]hoever\b", "the client, process or contract that is meant"),
        (r"\b[Ff]or ever\b", "until stopped, or without end"),
        (r"\bhas it that\b", "says"),
        (r"\bmet a bug of ours\b", "failed"),
        # Names that the code had before, each with the field's name.
        (r"\b[Ee]rrands?\b", "background task"),
        (r"\bWish(es)?\b", "QuoteTarget"),
        (r"\b[Tt]enancy\b", "leadership"),
        (r"\bTenure\b", "LeaderLock"),
        (r"\b[Vv]itals\b", "GatewayHealth"),
        (r"\b(all_|account_)?meant\(", "resolve"),
        (r"\b_?fitted(_\w+)?\b", "a verb: validate, fit, compute"),
        (r"\broll_call\b", "inspect_workers"),
        (r"\bparting_words\b", "close_reason"),
        (r"\bis_sure\b", "is_leader"),
        (r"\bPulse\b", "Staleness"),
        (r"\b(Patience\(|\w*PATIENCE\w*)", "Timeouts, TIMEOUT_S"),
        (r"\b(Contract|Hours)Book\b", "a cache"),
        (r"\b_?obey\(", "dispatch"),
        (r"\b(went_blind|blind_(intervals|times))\b", "upstream_lost, data_gaps"),
        (r"\bdef _?told\b", "a verb, or what is returned: ..._words"),
        (r"\bdef _?(to_)?tell(_\w+)?\b", "send, notify, log, report"),
        (r"\b(UN)?TOLD(_\w+)?\b", "what the constant holds: TABLES_READ, NOT_KNOWN_YET"),
        (r"\bsaid( *=|:)", "what the text is: words, note, message, reported"),
        (r"\b([Nn]obody|[Ss]omebody|[Aa]nybody)\b", "no one, a user, a client, or the passive"),
        (r"#: .*\b[Ss]o (many|long|much)\b", "this many, this long"),
        # Words within names, where \b does not end a word.
        (r"\bdef \w*(nobody|somebody|anybody|whoever)\w*", "none, a client, or the passive"),
        (r"\bdef \w*_(told|said|heard)\b", "what is done: reported, sent, received"),
        (r"\bdef \w*_(told|said|heard|tells|hears|knows)_\w*", "reported, sent, has, gets"),
    )
)
#: What is checked.
CHECKED = ("*.md", "*.py", "*.js", "*.html", "*.toml", "*.yml", "*.yaml", "*.service")
#: What was, the tables of former names and paths with their test, and the patterns with theirs.
NOT_CHECKED = (
    "CHANGELOG.md",
    "slotwise/former_names.py",
    "slotwise/former_paths.py",
    "tests/unit/slotwise/test_former_paths.py",
    "tests/docs/plain_words.py",
    "tests/docs/test_plain_words.py",
)


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line's number, the words found, and what to write instead."""
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, instead in WORDS:
            for found in pattern.finditer(line):
                yield number, found[0].strip('"').strip(), instead


def tracked() -> list[Path]:
    """Return the files to check."""
    listed = subprocess.run(
        ["git", "ls-files", "--", *CHECKED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\n") if name and _is_checked(name)]


def _is_checked(name: str) -> bool:
    return not name.startswith(NOT_CHECKED)


def main() -> int:
    """Write each finding; return 1 where there is one."""
    wrong = 0
    for file in tracked():
        for number, words, instead in findings(file.read_text(encoding="utf-8")):
            wrong += 1
            sys.stdout.write(f"{file.relative_to(ROOT)}:{number}: {words!r}: write {instead}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
