"""The module path of our processes: the working folder is not on it, whatever the shell says."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.launch import CELERY_VARIABLES, OUR_FOLDER, isolate, without_folder


@pytest.mark.parametrize("entry", ["", ".", "folder", "link", "folder/../folder"])
def test_a_folder_is_removed_however_it_is_written(
    entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder if entry in ("", ".") else tmp_path)
    written = entry if entry in ("", ".") else str(tmp_path / entry)
    assert without_folder(["/lib", written, "/site"], folder) == ["/lib", "/site"]


def test_the_folder_of_our_own_code_stays() -> None:
    path = [str(OUR_FOLDER), "/lib"]
    assert without_folder(path, OUR_FOLDER) == path


def test_variables_of_another_celery_program_are_removed() -> None:
    environment = {**dict.fromkeys(CELERY_VARIABLES, "theirs"), "REDIS_URL": "ours"}
    isolate(environment)
    assert environment == {"REDIS_URL": "ours"}
