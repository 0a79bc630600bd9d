"""Draw the pictures of the documentation: python -m tests.docs.pictures [--folder FOLDER].

Each is a scene of the tests, so it shows what `slotwise top` would.
"""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path

from rich.console import Console

from tests.unit.cli.scenes import normal_day
from workers.screen.draw import draw
from workers.screen.facts import Screen
from workers.screen.live import HINT

#: Columns and rows of a picture: of a usual terminal, and readable on a page.
WIDTH, HEIGHT = 100, 30


def picture(screen: Screen, title: str, path: Path) -> None:
    """Draw a screen as SVG."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=WIDTH,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    console.print(draw(screen, WIDTH, HEIGHT, HINT))
    # An id of its own spares a number made of the text, so that only what changed differs.
    drawn = console.export_svg(title=title, unique_id=path.stem)
    # A picture asks nobody for anything: the reader's own fonts will do.
    drawn = _FONTS.sub("", drawn).replace("Fira Code", "monospace")
    path.write_text(drawn, encoding="utf-8")


#: Fonts that a browser would fetch, and the maker's address.
_FONTS = re.compile(r"@font-face \{.*?\}|<!--.*?-->", re.DOTALL)


def main() -> None:
    """Write every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("docs/pictures"))
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    picture(normal_day(), "slotwise top", folder / "top.svg")


if __name__ == "__main__":
    main()
