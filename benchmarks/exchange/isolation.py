"""One core and a network of its own for whatever is compared, so that the bytes on its loopback are its own."""

import functools
import os
import shutil
import subprocess

CORE = 1


@functools.cache
def prefix() -> tuple[list[str], bool]:
    """What to put before a command, and whether it gets a network of its own there.

    Needs `unshare` and the right to use it; without them the command runs on one core, or as it is.
    """
    pin = ["taskset", "-c", str(min(CORE, (os.cpu_count() or 1) - 1))] if shutil.which("taskset") else []
    for own_network in (["unshare", "-n"], ["unshare", "-r", "-n"]):
        command = [*own_network, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *pin]
        if _works([*command, "true"]):
            return command, True
    return pin, False


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
