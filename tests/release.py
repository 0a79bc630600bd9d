"""Build both distributions and try them in clean environments: `python -m tests.release [FOLDER]`.

Rules:
* Source archives and wheels go to FOLDER (`dist/`); a wheel is built from its source archive, so
  the archive is known to be whole.
* Each environment is new and installs without an index: dependencies are packed from what is
  installed here, which is what `requirements.txt` locks.
* The simulator alone brings nothing of Slotwise; Slotwise alone runs its commands, and says what to
  install for the demo; `slotwise[demo]` runs the demo from an empty folder and from one whose files
  are named like our packages.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path

from tests.support.clean_environment import CleanEnvironment, pack_dependencies, run
from tests.support.compose import ROOT

PROJECTS = (ROOT / "tws_simulator", ROOT)
#: A demo of this length reports and exits, seconds.
DEMO_S = 20
#: What belongs to development alone.
NEVER = {"pytest", "mypy", "matplotlib", "mkdocs"}
STRANGER = "raise SystemExit('a file of the working folder was imported')\n"


def build(folder: Path) -> list[Path]:
    """Build the source archives, and from each its wheel; return the wheels."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for project in PROJECTS:
        run((sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)), project)
    for archive in sorted(folder.glob("*.tar.gz")):
        with tempfile.TemporaryDirectory() as place, tarfile.open(archive) as packed:
            packed.extractall(place, filter="data")
            [source] = Path(place).iterdir()
            hatch = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
            run(hatch, source)
    return sorted(folder.glob("*.whl"))


def needs_of(wheel: Path) -> tuple[str, ...]:
    """Return what a wheel needs without extras."""
    with zipfile.ZipFile(wheel) as packed:
        [name] = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
        needs = Parser().parsestr(packed.read(name).decode()).get_all("Requires-Dist") or []
    return tuple(need for need in needs if "extra ==" not in need)


def try_simulator(clean: CleanEnvironment, folder: Path) -> None:
    """Start the simulator where nothing else is."""
    assert not clean.installed() & {"slotwise", "celery", "redis", "pyarrow", "ib-async"}
    assert "Usage: tws-simulator" in run((clean.program("tws-simulator"), "--help"), folder)


def try_slotwise(clean: CleanEnvironment, folder: Path) -> None:
    """Run commands, and import every public name, without the simulator."""
    assert not clean.installed() & (NEVER | {"tws-simulator"})
    assert "strategies" in run((clean.program("slotwise"), "--help"), folder)
    code = "import slotwise; [getattr(slotwise, name) for name in slotwise.__all__]"
    run((clean.program("python"), "-I", "-c", code), folder)
    asked = subprocess.run(
        (clean.program("slotwise"), "demo"), cwd=folder, capture_output=True, text=True, check=False
    )
    assert (asked.returncode, "slotwise[demo]" in asked.stderr) == (1, True), asked.stderr


def try_demo(clean: CleanEnvironment, folder: Path) -> None:
    """Run the demo, which recounts what it promises."""
    reported = run((clean.program("slotwise"), "demo", "--seconds", str(DEMO_S), "--json"), folder)
    assert json.loads(reported.splitlines()[-1])["broken"] == [], reported


def main(folder: Path) -> None:
    """Build, install and try, one line for each."""
    wheels = build(folder)
    print("built", *(file.name for file in sorted(folder.iterdir())))  # noqa: T201  # its output
    with tempfile.TemporaryDirectory() as place:
        packed, empty, strange = (Path(place) / name for name in ("wheels", "empty", "strange"))
        for one in (packed, empty, strange):
            one.mkdir()
        for name in ("tasks", "workers", "celery", "slotwise", "tws_simulator"):
            (strange / f"{name}.py").write_text(STRANGER)
        for wheel in wheels:
            shutil.copy(wheel, packed)
            pack_dependencies(needs_of(wheel), packed)
        all_tries: dict[str, tuple[Callable[[CleanEnvironment], None], ...]] = {
            "tws-simulator": (lambda c: try_simulator(c, empty),),
            "slotwise": (lambda c: try_slotwise(c, empty), lambda c: try_slotwise(c, strange)),
            "slotwise[demo]": (lambda c: try_demo(c, empty), lambda c: try_demo(c, strange)),
        }
        for what, tries in all_tries.items():
            clean = CleanEnvironment(Path(place) / what)
            clean.install(packed, what)
            for one_try in tries:
                one_try(clean)
            print(f"{what}: {len(clean.installed())} packages, works")  # noqa: T201  # its output


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "dist").absolute())
