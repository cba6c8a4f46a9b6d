"""Peers are installed once into a cache folder of their own: what they need is not the project's."""

import os
import subprocess
import venv
from pathlib import Path

from platformdirs import user_cache_path

PEERS = Path(__file__).resolve().parent / "peers"
_INSTALL_SECONDS = 300


class NoPeer(RuntimeError):
    """The peer cannot run on this machine; says why."""


def cache_of(name: str) -> Path:
    """The folder of a peer's packages and data."""
    folder = user_cache_path("forecourt") / "benchmark-peers" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def python_of(name: str, requirements: Path) -> str:
    """The interpreter of an environment with these packages, made at the first use. Raises NoPeer."""
    cache = cache_of(name)
    if not (cache / "python").exists():
        venv.create(cache / "python", with_pip=True)
    python = str(cache / "python" / ("Scripts" if os.name == "nt" else "bin") / "python")
    installed(name, requirements, [[python, "-m", "pip", "install", "-q", "-r", requirements.name]])
    return python


def installed(name: str, wanted: Path, commands: list[list[str]]) -> Path:
    """The folder with the peer's packages, installed at the first use. Raises NoPeer."""
    cache, text = cache_of(name), wanted.read_text(encoding="utf-8")
    stamp = cache / "installed.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == text:
        return cache
    (cache / wanted.name).write_text(text, encoding="utf-8")
    for command in commands:
        try:
            done = subprocess.run(
                command, cwd=cache, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NoPeer(f"not measured: installing {name} took too long") from error
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise NoPeer(f"not measured: {name} could not be installed: {' '.join(last)[:120]}")
    stamp.write_text(text, encoding="utf-8")
    return cache
