"""The program's own Python environment: made once, pinned, and known to be complete by a stamp."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from installer.console import Console

SPACE_NEEDED = 2_500_000_000
STAMP_NAME = "forecourt-stamp.json"


class EnvironmentNotMade(Exception):
    """The environment could not be made; the text says why and what to do."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment in `folder` for the project in `root`."""

    root: Path
    folder: Path

    @property
    def python(self) -> Path:
        inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        return self.folder.joinpath(*inside)

    @property
    def stamp(self) -> Path:
        return self.folder / STAMP_NAME

    @property
    def log(self) -> Path:
        return self.folder / "install.log"


def environment_of(root: Path, variables: Mapping[str, str]) -> Environment:
    """`.venv` beside the program, or where FORECOURT_VENV says."""
    elsewhere = variables.get("FORECOURT_VENV", "").strip()
    return Environment(root, Path(elsewhere).expanduser().absolute() if elsewhere else root / ".venv")


def dependencies(root: Path, extras: Sequence[str]) -> list[str]:
    """The names in pyproject.toml: the program's, then those of the extras."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = list(project["dependencies"])
    for extra in extras:
        names.extend(project["optional-dependencies"][extra])
    return names


def digest(root: Path) -> str:
    """Changes when a package or a pinned version does, not when a linter's setting does."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = json.dumps([project["dependencies"], project["optional-dependencies"]], sort_keys=True)
    pinned = (root / "constraints.txt").read_bytes()
    return hashlib.sha256(asked.encode() + b"\0" + pinned).hexdigest()


def read_stamp(environment: Environment) -> dict[str, object]:
    """What the last complete installation wrote; empty when there was none."""
    try:
        stamp = json.loads(environment.stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_ready(environment: Environment, extras: Sequence[str]) -> bool:
    """Whether everything is installed, told from the stamp alone (a few milliseconds)."""
    stamp = read_stamp(environment)
    return (
        environment.python.exists()
        and stamp.get("python") == _python_version()
        and stamp.get("digest") == digest(environment.root)
        and set(extras) <= _extras_in(stamp)
    )


def make_ready(environment: Environment, extras: Sequence[str], *, console: Console) -> None:
    """Make the environment and install what is pinned; quick when only a little is missing.

    Raises EnvironmentNotMade. Interrupted at any point, the next call finishes it: the stamp comes last.
    """
    stamp = read_stamp(environment)
    wanted = sorted(set(extras) | _extras_in(stamp))
    _check_space(environment)
    if not _is_usable(environment, stamp):
        _make_empty(environment, console=console)
    environment.stamp.unlink(missing_ok=True)
    _install(environment, dependencies(environment.root, wanted), console=console)
    written = {"python": _python_version(), "digest": digest(environment.root), "extras": wanted}
    environment.stamp.write_text(json.dumps(written, indent=2), encoding="utf-8")


def _python_version() -> str:
    return ".".join(str(part) for part in sys.version_info[:2])


def _extras_in(stamp: dict[str, object]) -> set[str]:
    extras = stamp.get("extras")
    return {str(one) for one in extras} if isinstance(extras, list) else set()


def _check_space(environment: Environment) -> None:
    existing = environment.folder
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < SPACE_NEEDED and not environment.stamp.exists():
        raise EnvironmentNotMade(
            f"The disk of {environment.folder} has {free / 1e9:.1f} GB left; the installation needs "
            f"{SPACE_NEEDED / 1e9:.1f} GB. Free some space, or name another folder in FORECOURT_VENV."
        )


def _is_usable(environment: Environment, stamp: dict[str, object]) -> bool:
    """Whether pip runs there under the present Python; a moved or half-made environment is not usable."""
    if not environment.python.exists() or stamp.get("python", _python_version()) != _python_version():
        return False
    probe = "import pip, sys; print('.'.join(map(str, sys.version_info[:2])))"
    try:
        answer = subprocess.run(
            [str(environment.python), "-I", "-c", probe], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() == _python_version()


def _make_empty(environment: Environment, *, console: Console) -> None:
    console.say(f"Making a Python environment in {environment.folder}")
    try:
        if environment.folder.exists():
            shutil.rmtree(environment.folder)
        environment.folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentNotMade(
            f"{environment.folder} cannot be written ({error.strerror}). Name another folder in FORECOURT_VENV."
        ) from error
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(environment.folder)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        shutil.rmtree(environment.folder, ignore_errors=True)
        raise EnvironmentNotMade(f"Python could not make the environment:\n{(made.stderr or made.stdout).strip()}")


def _install(environment: Environment, names: Sequence[str], *, console: Console) -> None:
    console.say(f"Installing {len(names)} packages and what they need (about 1.6 GB at the first time)")
    command = [str(environment.python), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--prefer-binary", "-c", str(environment.root / "constraints.txt"), *names]
    started = time.monotonic()
    with (
        environment.log.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=_clean_variables(os.environ),
        ) as process,
    ):
        assert process.stdout is not None
        tail = _follow(process.stdout, log.write, console=console, started=started)
    if process.returncode != 0:
        raise EnvironmentNotMade(
            "pip could not install the packages:\n"
            + "".join(f"    {line}\n" for line in tail)
            + f"Check the network and start again; what is already there is kept. All of it: {environment.log}"
        )
    console.say(f"Installed in {time.monotonic() - started:.0f} s")


def _follow(lines: Iterable[str], write: Callable[[str], object], *, console: Console, started: float) -> list[str]:
    """Tell the progress of pip's output line by line; returns the last lines that say something."""
    tail: list[str] = []
    collected = 0
    for line in lines:
        write(line)
        text = line.strip()
        if not text or text.startswith("WARNING: Location"):
            continue
        tail = [*tail[-14:], text]
        if text.startswith("Collecting "):
            collected += 1
            console.step(f"  {collected:3d}  {text.split()[1]}  ({time.monotonic() - started:.0f} s)")
        elif text.startswith("Installing collected packages"):
            console.say(f"  unpacking {text.count(',') + 1} packages")
    return tail


def _clean_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Without what would send pip's packages elsewhere or mix in another environment's."""
    unwanted = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONPATH", "PYTHONHOME"}
    return {name: value for name, value in variables.items() if name.upper() not in unwanted}
