"""The lake's volume: mounted and unmounted for real where the machine lets us, else renamed.

A bind mount needs root on Linux. Unmounting is lazy: files that a process has open stay open, as
where an administrator takes away a volume that is in use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


class Volume:
    """A lake's folder, and whether it is in its place."""

    def __init__(self, lake: Path) -> None:
        self.lake = lake
        self._disk = lake.with_name("lake-disk")
        self.is_away = False
        #: Why it is renamed instead of unmounted; empty where it is mounted for real.
        self.why_renamed = ""

    def begin(self) -> None:
        """Put the folder into its place."""
        self.lake.mkdir(exist_ok=True)
        self._disk.mkdir()
        self.why_renamed = self._mount()
        if self.why_renamed:
            self._disk.rmdir()

    def take_away(self) -> None:
        """Take the folder away; an empty one is in its place."""
        if self.why_renamed:
            self.lake.rename(self._disk)
            self.lake.mkdir()
        else:
            self._run("umount", "--lazy", str(self.lake))
        self.is_away = True

    def bring_back(self) -> list[str]:
        """Put the folder back, and return what was written in its place meanwhile."""
        written = sorted(str(path.relative_to(self.lake)) for path in self.lake.rglob("*"))
        if written:
            aside = self.lake.with_name("written-into-the-mount-point")
            shutil.rmtree(aside, ignore_errors=True)
            shutil.copytree(self.lake, aside)
            for path in self.lake.iterdir():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if self.why_renamed:
            self.lake.rmdir()
            self._disk.rename(self.lake)
        else:
            self._mount()
        self.is_away = False
        return written

    def end(self) -> None:
        """Leave no mount behind: the files are in `lake` afterwards."""
        if self.why_renamed or not self._disk.exists():
            return
        if not self.is_away:
            self._run("umount", "--lazy", str(self.lake))
        self.lake.rmdir()
        self._disk.rename(self.lake)

    def _mount(self) -> str:
        if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None:
            return "mounting needs root on Linux"
        return self._run("mount", "--bind", str(self._disk), str(self.lake))

    @staticmethod
    def _run(*argv: str) -> str:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        return done.stderr.strip() or "refused" if done.returncode else ""
