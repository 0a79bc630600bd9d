"""The wheel of Slotwise has the files that pages of the web application are made of."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.support.clean_environment import build_wheel
from tests.support.compose import ROOT
from workers.web.handlers import ASSETS


def test_wheel_has_every_file_of_the_pages(tmp_path: Path) -> None:
    build_wheel(ROOT, tmp_path)
    (wheel,) = tmp_path.glob("slotwise-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    wanted = {f"workers/web/assets/{file.name}" for file in ASSETS.iterdir()}
    assert "workers/web/assets/page.html" in wanted
    assert wanted <= names, wanted - names
