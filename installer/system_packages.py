"""The libraries Qt takes from a Linux system, and how Debian's apt brings the missing ones."""

import ctypes
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from installer.console import Console

# Library file to Debian package. Any Qt program needs these, off-screen too.
BASE = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
# A window on X11.
X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}

Run = Callable[[Sequence[str]], int]


class SystemPackagesMissing(Exception):
    """Packages this script may not install; the text says which command does."""


def libraries_for(platform: str) -> dict[str, str]:
    """What a Qt platform ("offscreen", "x11", "wayland") needs: library file to Debian package."""
    return {**BASE, **{"x11": X11, "wayland": WAYLAND}.get(platform, {})}


def missing_libraries(wanted: dict[str, str]) -> list[str]:
    """The library files that cannot be loaded here; always empty outside Linux."""
    if not sys.platform.startswith("linux"):
        return []
    return [name for name in wanted if not is_present(name)]


def is_present(library: str) -> bool:
    """Whether the loader finds the library; a look into the usual folders spares loading it."""
    if any(os.path.exists(os.path.join(folder, library)) for folder in _library_folders()):
        return True
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _library_folders() -> list[str]:
    triplet = sysconfig.get_config_var("MULTIARCH") or f"{os.uname().machine}-linux-gnu"
    usual = [f"/usr/lib/{triplet}", f"/lib/{triplet}", "/usr/lib64", "/usr/lib", "/lib64", "/lib", "/usr/local/lib"]
    return [*filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":")), *usual]


def apt_prefix() -> list[str] | None:
    """What goes before apt-get: nothing for root, sudo where it asks no password; None where neither may."""
    if shutil.which("apt-get") is None or os.environ.get("FORECOURT_NO_APT"):
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None


def apt_commands(packages: Iterable[str], prefix: Sequence[str]) -> list[list[str]]:
    """The commands that install the packages without asking anything."""
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=120"]
    return [[*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *packages]]


def command_by_hand(packages: Iterable[str]) -> str:
    """One line for a person to paste into a terminal."""
    install = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    return f"sudo apt-get update && sudo {install}"


def require_packages(
    packages: Sequence[str], *, why: str, console: Console, run: Run, prefix: list[str] | None
) -> None:
    """Install the packages through apt, or raise SystemPackagesMissing with the command that would."""
    if prefix is None:
        raise SystemPackagesMissing(_explanation(packages, why))
    console.say(f"Installing {', '.join(packages)}: {why}")
    update, install = apt_commands(packages, prefix)
    # Lists may be fresh although their server is not reachable now, so only the installation decides.
    run(update)
    if run(install) != 0:
        raise SystemPackagesMissing("apt-get could not install them. " + _explanation(packages, why))


def _explanation(packages: Sequence[str], why: str) -> str:
    if shutil.which("apt-get") is None:
        what = "Install what corresponds to these Debian packages, then start again"
        return f"{why}.\n{what}:\n\n    {' '.join(packages)}"
    return f"{why}.\nRun this, then start again:\n\n    {command_by_hand(packages)}"


def run_logged(log: Path) -> Run:
    """A function that runs a command with its output in `log` and returns its exit code."""

    def run(command: Sequence[str]) -> int:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stream:
            stream.write(("$ " + " ".join(command) + "\n").encode())
            stream.flush()
            try:
                return subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, check=False
                ).returncode
            except OSError as error:
                stream.write(f"{error}\n".encode())
                return 127

    return run
