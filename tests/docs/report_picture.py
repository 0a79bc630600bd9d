"""Take the picture in the documentation: python -m tests.docs.report_picture [FILE].

It shows the report of a busy day made up for the tests, always the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from slotwise.lake.store import Lake
from slotwise.report.facts import day_facts
from slotwise.report.masking import without_accounts
from slotwise.report.page import page
from slotwise.report.span import day_span
from tests.support.busy_day import BusyDay
from tests.support.page_browser import browser, photographed
from tests.support.values import NOON

PICTURE = Path("docs/pictures/report.png")
#: Pixels.
WIDTH, HEIGHT = 900, 1650
#: The most a picture may weigh in the repository, bytes.
LARGEST = 200_000


def take(picture: Path) -> int:
    """Take the picture and return its bytes."""
    made_at = NOON + timedelta(days=1)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(f"{folder}/lake")
        lake.create()
        BusyDay(lake, NOON.date()).land()
        facts = without_accounts(day_facts(lake, day_span(NOON.date(), "UTC", made_at)))
        written = Path(folder, "report.html")
        written.write_text(page(facts, made_at), encoding="utf-8")
        picture.parent.mkdir(parents=True, exist_ok=True)
        photographed(written, picture, WIDTH, HEIGHT)
    return picture.stat().st_size


def main() -> int:
    """Take the picture; 1 where it is too large or there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", nargs="?", type=Path, default=PICTURE)
    picture: Path = parser.parse_args().picture
    if browser() is None:
        sys.stderr.write("no browser is installed: the picture is taken with Chromium\n")
        return 1
    size = take(picture)
    sys.stdout.write(f"{picture}: {size:,} bytes\n")
    return int(size > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
