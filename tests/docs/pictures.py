"""Draw the pictures of the documentation: python -m tests.docs.pictures [--folder FOLDER].

Each is a scene of the tests, so it shows what `slotwise top` would.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path

from tests.support.textual_screen import until_drawn
from tests.unit.top.worlds import source
from workers.top.app import Source, TopApp

#: Columns and rows of a picture: of a usual terminal, and readable on a page.
WIDTH, HEIGHT = 100, 30


def picture(source: Source, title: str, path: Path) -> None:
    """Draw the live screen as SVG."""

    async def draw() -> str:
        app = TopApp(source)
        async with app.run_test(size=(WIDTH, HEIGHT)):
            await until_drawn(app)
            return app.export_screenshot(title=title)

    drawn = asyncio.run(draw())
    # An id of its own spares a number made of the text, so that only what changed differs.
    drawn = _ID.sub(path.stem, drawn)
    # A picture loads nothing from elsewhere: it uses the fonts of the reader's machine.
    drawn = _FONTS.sub("", drawn).replace("Fira Code", "monospace")
    path.write_text(drawn, encoding="utf-8")


#: Fonts that a browser would fetch, and the maker's address.
_FONTS = re.compile(r"@font-face \{.*?\}|<!--.*?-->", re.DOTALL)
_ID = re.compile(r"terminal-\d+")


def main() -> None:
    """Write every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("docs/pictures"))
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    picture(source(), "slotwise top", folder / "top.svg")


if __name__ == "__main__":
    main()
