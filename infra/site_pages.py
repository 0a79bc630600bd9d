"""Pages of the documentation's site that no file in `docs/` holds: hooks of mkdocs.

* A page that the navigation does not name is listed under *More*.
* Files elsewhere in the repository (`ELSEWHERE`) become pages; links to them lead there.
* Settings, commands and the Python names for authors are made of the code.
* A link to any other file of the repository stays as its text, since the site does not have it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import slotwise
from slotwise.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
#: Files of the repository, and the pages that they are.
ELSEWHERE = {
    "tws_simulator/README.md": "simulator.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "README.md": "index.md",
}
#: Where the pages that are made of the code would be in the repository.
DOCS = "docs"
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the pages that the navigation does not name, under a heading of their own."""
    nav = config.nav or []
    named = set(_pages_in(nav))
    rest = sorted(str(file.relative_to(ROOT / DOCS)) for file in (ROOT / DOCS).rglob("*.md"))
    if more := [page for page in rest if page not in named]:
        config.nav = [*nav, {"More": more}]
    return config


def _pages_in(nav: Any) -> Iterator[str]:
    """Name the pages of a navigation, whatever headings they are under."""
    if isinstance(nav, str):
        yield nav
    else:
        for one in nav.values() if isinstance(nav, dict) else nav:
            yield from _pages_in(one)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for file, page in ELSEWHERE.items():
        if page != "index.md":
            files.append(File.generated(config, page, content=(ROOT / file).read_text()))
    made = {
        "reference/settings.md": settings_page(),
        "reference/commands.md": commands_page(),
        "reference/api.md": api_page(),
    }
    for page, text in made.items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make the links of a page lead to pages of the site."""
    here = page.file.src_uri
    source = next((file for file, uri in ELSEWHERE.items() if uri == here), f"{DOCS}/{here}")
    return _LINK.sub(lambda link: _link(link, source, here), markdown)


def _link(link: re.Match[str], source: str, here: str) -> str:
    text, target = link[1], link[2]
    if target.startswith(("http://", "https://", "#", "mailto:")):
        return link[0]
    path, _, anchor = target.partition("#")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    inside = file.removeprefix(f"{DOCS}/") if file.startswith(f"{DOCS}/") else ELSEWHERE.get(file)
    if inside is None:
        return text
    found = posixpath.relpath(inside, posixpath.dirname(here) or ".")
    return f"[{text}]({found}{'#' if anchor else ''}{anchor})"


def settings_page() -> str:
    """Write each setting with its default and its meaning."""
    rows = [
        "# Settings\n",
        "Read from the environment once, when a process starts. `NAME_FILE` names a file that"
        " holds the value instead. How they are used is in [Operations](../operations.md).\n",
        "| variable | default | meaning |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        variable = "REDIS_URL" if name == "redis_url" else f"SLOTWISE_{name.upper()}"
        rows.append(f"| `{variable}` | {_default(field.default)} | {field.description or ''} |")
    return "\n".join(rows) + "\n"


def _default(value: Any) -> str:
    return f"`{value}`" if value not in ("", (), None) else ""


def commands_page() -> str:
    """Write each command's help, as tests compare it."""
    parts = ["# Commands\n", "Each as `--help` shows it in a terminal of 80 columns.\n"]
    for file in sorted((ROOT / "tests/unit/cli/help").glob("*.txt")):
        shown = file.read_text().strip("\n")
        parts.append(f"## {file.stem.replace('-', ' ')}\n\n```text\n{shown}\n```\n")
    return "\n".join(parts)


def api_page() -> str:
    """Write every public name of `slotwise`, from its docstrings."""
    parts = ["# Python\n", "Every name that `import slotwise` gives, from its docstrings.\n"]
    homes = {name: getattr(slotwise, name).__module__ for name in slotwise.__all__}
    parts += [f"::: {home}.{name}\n" for name, home in sorted(homes.items())]
    return "\n".join(parts)
