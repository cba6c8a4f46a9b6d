"""Prints the Depends line of the package: the same libraries `bootstrap.py` looks for."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from installer import system_packages

# From Debian 13 and Ubuntu 24.04 on, this one has another name.
_RENAMED = {"libglib2.0-0": "libglib2.0-0 | libglib2.0-0t64"}


def depends() -> str:
    """Package names as Debian's control file wants them."""
    libraries = system_packages.BASE | system_packages.X11 | system_packages.WAYLAND
    return ", ".join(_RENAMED.get(name, name) for name in ("libc6", *libraries.values()))


if __name__ == "__main__":
    print(depends())
