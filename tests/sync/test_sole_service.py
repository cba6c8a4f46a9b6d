"""Two services on one SQLite file: the second refuses in a line that says who has it, and death frees it at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sync.server.sole_service import ServiceElsewhere, SoleService, file_of, lock_path
from tests.sync.service_process import ROOT, ServiceProcess


def second(data: Path, *arguments: str) -> tuple[int, str]:
    """Start another service on the folder: its exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "sync.server", "serve", "--port", "0", "--data", str(data), *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == ""
    return done.returncode, done.stderr.strip()


def test_a_second_service_on_one_folder_says_who_has_it_and_the_first_goes_on(tmp_path: Path) -> None:
    first = ServiceProcess(tmp_path / "data").start()
    try:
        status, said = second(tmp_path / "data")
        assert status == 1 and len(said.splitlines()) == 1, said
        assert f"process {first.pid}" in said and first.url in said and str(tmp_path / "data" / "service.db") in said
        (tmp_path / "link").symlink_to(tmp_path / "data")
        assert second(tmp_path / "link")[0] == 1  # by whatever name
        assert second(tmp_path / "other", "--database", f"sqlite:///{tmp_path / 'data' / 'service.db'}")[0] == 1
        assert first.enrol("SH01", "D01")  # commands work beside it
    finally:
        first.kill()
    again = ServiceProcess(tmp_path / "data")
    with again:  # the dead one holds nothing
        assert f"process {again.pid}" in second(tmp_path / "data")[1]
    with again:  # nor one that ended by itself
        pass


def test_several_workers_on_a_sqlite_file_are_refused_in_a_line(tmp_path: Path) -> None:
    status, said = second(tmp_path / "data", "--workers", "2")
    assert status == 1 and len(said.splitlines()) == 1 and "several workers need PostgreSQL" in said


def test_only_files_are_held_each_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    assert file_of("postgresql://u:p@localhost/x") is None and file_of("sqlite://") is None
    with SoleService() as sole:
        for _ in range(2):
            sole.take(url)
        sole.take("postgresql://u:p@localhost/x")
        with SoleService() as other:
            with pytest.raises(ServiceElsewhere, match=f"process {os.getpid()}"):
                other.take(url)
            lock_path(tmp_path / "service.db").write_text("")
            with pytest.raises(ServiceElsewhere, match="only just begun"):
                other.take(url)
    with SoleService() as other:
        other.take(url)
