"""A desk's memory does not grow with the rows it sends, receives, compares or is filled with."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.sync.service_process import ROOT

FEW, MANY = 8_000, 40_000
ROOM_MIB = 12
"""A row of these takes 500 bytes as text and more than 2,000 as Python objects: 32,000 kept would need 64 MiB."""


def most_memory(folder: Path, rows: int, what: str) -> float:
    """Mebibytes."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.memory_probe", str(folder), str(rows), what],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@pytest.mark.parametrize("what", ["push", "verify", "bootstrap"])
def test_memory_does_not_grow_with_the_rows(tmp_path: Path, what: str) -> None:
    few, many = (most_memory(tmp_path / str(rows), rows, what) for rows in (FEW, MANY))
    assert many - few < ROOM_MIB
