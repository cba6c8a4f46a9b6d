import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from app.runtime import atomic_file, paths
from app.runtime.atomic_file import environment_problem, write_atomically
from app.runtime.errors import DiskFailing, DiskFull, EnvironmentProblem, ProfileNotCreatable, ProfileReadOnly
from app.runtime.language import set_language
from app.runtime.paths import Profile, default_profile_root, open_profile


def refuse(code: int):
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def test_a_profile_is_made_for_its_owner_only(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "somewhere" / "desk").prepare()

    for folder in profile.folders:
        assert folder.is_dir()
        if os.name == "posix":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not profile.is_set_up
    assert profile.database_path.parent == profile.root


def test_preparing_again_changes_nothing(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "desk").prepare()
    profile.settings_path.write_text("{}")
    profile.prepare()
    assert sorted(one.name for one in profile.root.iterdir()) == [
        "backups",
        "drafts",
        "exports",
        "logs",
        "service",
        "settings.json",
    ]


def test_home_comes_from_the_option_then_the_variable_then_the_system(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "from variable"))
    assert open_profile(tmp_path / "given").root == tmp_path / "given"
    assert open_profile().root == tmp_path / "from variable"
    assert open_profile("").root == tmp_path / "from variable"

    monkeypatch.delenv(paths.HOME_VARIABLE)
    assert default_profile_root().name == "Forecourt"
    assert default_profile_root().is_absolute()


def test_a_relative_folder_is_made_absolute(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_profile("desk").root == tmp_path / "desk"


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    in_the_way = tmp_path / "desk"
    in_the_way.write_text("a file")

    with pytest.raises(ProfileNotCreatable) as caught:
        Profile(in_the_way).prepare()

    assert str(in_the_way) in caught.value.message()
    assert "--profile" in caught.value.message()


@pytest.mark.parametrize(
    ("code", "problem"),
    [(errno.ENOSPC, DiskFull), (errno.EROFS, ProfileReadOnly), (errno.EIO, DiskFailing)],
)
def test_what_the_disk_refuses_while_preparing_is_told_apart(tmp_path, monkeypatch, code, problem) -> None:
    monkeypatch.setattr(paths.os, "fsync", refuse(code))
    with pytest.raises(problem):
        Profile(tmp_path / "desk").prepare()


def test_a_place_that_is_no_disk_is_refused_by_the_system_itself() -> None:
    folder = "/proc/forecourt" if sys.platform.startswith("linux") else "\0"
    with pytest.raises((EnvironmentProblem, ValueError)):
        Profile(Path(folder)).prepare()


def test_an_atomic_write_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch, step) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    monkeypatch.setattr(atomic_file.os, step, refuse(errno.ENOSPC))

    with pytest.raises(DiskFull):
        write_atomically(path, b"new")

    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_no_bug_report(tmp_path: Path) -> None:
    with pytest.raises(ProfileNotCreatable):
        write_atomically(tmp_path / "gone" / "file", b"x")


def test_problems_speak_the_language_in_use(tmp_path: Path) -> None:
    problem = environment_problem(OSError(errno.ENOSPC, "no space"), folder=tmp_path)
    assert problem.code == "disk_full"
    english = problem.message()
    set_language("zh_CN")
    assert problem.message() != english
    assert str(tmp_path) in problem.message()
    assert str(problem).startswith("disk_full: ")
