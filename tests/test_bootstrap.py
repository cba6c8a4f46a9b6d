import io
import json
import os
import socket
import subprocess
import sys
import types
from pathlib import Path

import pytest

import bootstrap
from installer import companion, system_packages
from installer import environment as environments
from installer.console import Console
from installer.environment import Environment, EnvironmentNotMade
from installer.system_packages import SystemPackagesMissing

ROOT = Path(__file__).resolve().parents[1]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def told() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def console(told: io.StringIO) -> Console:
    return Console(told)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of its own with one dependency and an extra."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text(
        '[project]\ndependencies = ["alpha"]\n[project.optional-dependencies]\ntest = ["beta"]\ndemo = []\n'
    )
    (root / "constraints.txt").write_text("alpha==1\nbeta==2\n")
    return root


@pytest.fixture
def stamped(project: Path) -> Environment:
    """An environment that looks complete for the demo."""
    environment = Environment(project, project / ".venv")
    environment.python.parent.mkdir(parents=True)
    environment.python.symlink_to(sys.executable)
    write_stamp(environment, extras=["demo"])
    return environment


def write_stamp(environment: Environment, **changes: object) -> None:
    stamp = {
        "python": ".".join(str(one) for one in sys.version_info[:2]),
        "digest": environments.digest(environment.root),
        "extras": [],
    }
    environment.stamp.write_text(json.dumps(stamp | changes))


def run_bootstrap(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "bootstrap.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **variables},
        check=False,
    )


# Arguments


@pytest.mark.parametrize("verb", [*bootstrap.VERBS, "doctor"])
def test_help_is_everywhere_and_installs_nothing(verb: str, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        bootstrap.parse([verb, "--help"])
    assert stopped.value.code == 0
    assert f"bootstrap.py {verb}" in capsys.readouterr().out


def test_the_list_of_commands_names_each(capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        bootstrap.parse(["--help"])
    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    assert all(verb in shown for verb in bootstrap.VERBS)


@pytest.mark.parametrize("arguments", [[], ["fly"], ["--profile", "x"]])
def test_nonsense_is_refused_with_the_usage(arguments: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        bootstrap.parse(arguments)
    assert stopped.value.code == 2
    assert "usage: bootstrap.py" in capsys.readouterr().err


def test_arguments_are_passed_on_untouched() -> None:
    assert bootstrap.parse(["test", "-k", "money", "--lf", "tests/app"]) == (
        "test",
        ["-k", "money", "--lf", "tests/app"],
    )
    assert bootstrap.parse(["service", "--", "--help"]) == ("service", ["--help"])
    assert bootstrap.parse(["bench", "--only", "start", "sale"]) == ("bench", ["--only", "start", "sale"])


# What is started


def started(
    verb: str, rest: list[str], variables: dict[str, str], console: Console
) -> tuple[list[str], dict[str, str]]:
    environment = Environment(ROOT, ROOT / ".venv")
    return bootstrap.command_for(verb, rest, environment=environment, variables=variables, console=console)


@pytest.mark.parametrize(
    ("verb", "module"),
    [
        ("service", "sync.server"),
        ("bench", "benchmarks"),
        ("seed", "app.demo"),
        ("restore", "app.desk.restore"),
        ("import-specifications", "app.catalog.import_specifications"),
        ("tour", "app.tour"),
    ],
)
def test_each_command_starts_its_module(verb: str, module: str, console: Console) -> None:
    command, variables = started(verb, ["--x", "1"], {"PYTHONHOME": "/elsewhere"}, console)
    assert command[1:] == ["-P", "-m", module, "--x", "1"]
    assert variables["PYTHONPATH"] == str(ROOT)
    assert "PYTHONHOME" not in variables


@pytest.mark.parametrize("variables", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "w"}, {"QT_QPA_PLATFORM": "offscreen"}])
def test_run_opens_the_window_where_there_is_a_screen(variables: dict[str, str], console: Console) -> None:
    command, _ = started("run", ["--profile", "d"], variables, console)
    assert command[3:] == ["app", "--profile", "d"]


def test_run_without_a_screen_plays_the_tour_and_says_where(console: Console, told: io.StringIO, monkeypatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    arguments = ["--profile", "d", "--language", "en", "--with-service"]
    command, variables = started("run", arguments, {}, console)
    assert command[3:] == ["app.tour", "--out", str(ROOT / "out" / "tour"), "--language", "en"]
    assert variables["QT_QPA_PLATFORM"] == "offscreen"
    assert str(ROOT / "out" / "tour") in told.getvalue()
    assert started("run", ["--language=zh_CN"], {}, console)[0][-1] == "--language=zh_CN"


def test_tests_use_three_workers_unless_told_otherwise(console: Console) -> None:
    command, _ = started("test", ["-x"], {}, console)
    assert command[3:] == ["pytest", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", "-x"]
    for own in (["-n0"], ["-n", "0"], ["--pdb"], ["-p", "no:xdist"]):
        assert started("test", own, {}, console)[0][3:] == ["pytest", *own]


def test_only_tests_keep_what_was_compiled_against_the_shells_wish(console: Console) -> None:
    asked = {"PYTHONDONTWRITEBYTECODE": "1"}
    assert asked.items() <= started("service", [], asked, console)[1].items()
    assert "PYTHONDONTWRITEBYTECODE" not in started("test", [], asked, console)[1]


@pytest.mark.parametrize(
    ("verb", "variables", "platform"),
    [
        ("run", {"DISPLAY": ":0"}, "x11"),
        ("run", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "wayland"),
        ("run", {}, "offscreen"),
        ("run", {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "offscreen"),
        ("service", {"DISPLAY": ":0"}, "offscreen"),
        ("test", {"DISPLAY": ":0"}, "offscreen"),
    ],
)
def test_only_the_needed_libraries_are_asked_for(verb: str, variables: dict[str, str], platform: str) -> None:
    assert bootstrap.platform_of(verb, variables) == platform


# The environment and its stamp


def test_a_complete_environment_is_known_by_its_stamp(stamped: Environment) -> None:
    assert environments.is_ready(stamped, ["demo"])
    assert not environments.is_ready(stamped, ["demo", "test"])


@pytest.mark.parametrize(
    "change",
    [
        lambda one: (one.root / "constraints.txt").write_text("alpha==2\n"),
        lambda one: (one.root / "pyproject.toml").write_text(
            '[project]\ndependencies = ["alpha", "gamma"]\n[project.optional-dependencies]\n'
        ),
        lambda one: one.python.unlink(),
        lambda one: one.stamp.write_text("{"),
        lambda one: one.stamp.write_text("[]"),
        lambda one: one.stamp.unlink(),
        lambda one: write_stamp(one, python="3.4"),
        lambda one: write_stamp(one, extras="demo"),
    ],
)
def test_whatever_changed_makes_it_look_again(stamped: Environment, change) -> None:
    change(stamped)
    assert not environments.is_ready(stamped, ["demo"])


def test_a_linters_setting_is_no_reason_to_install(stamped: Environment) -> None:
    with (stamped.root / "pyproject.toml").open("a") as stream:
        stream.write("[tool.ruff]\nline-length = 99\n")
    assert environments.is_ready(stamped, ["demo"])


def test_extras_add_up(project: Path, monkeypatch, console: Console) -> None:
    environment = Environment(project, project / ".venv")
    environment.folder.mkdir()
    write_stamp(environment, extras=["demo"])
    asked: list[list[str]] = []
    monkeypatch.setattr(environments, "_is_usable", lambda *_: True)
    monkeypatch.setattr(environments, "_install", lambda _, names, console: asked.append(list(names)))
    environments.make_ready(environment, ["test"], console=console)
    assert asked == [["alpha", "beta"]]
    assert environments.read_stamp(environment)["extras"] == ["demo", "test"]


def test_the_stamp_goes_first_and_comes_last(stamped: Environment, monkeypatch, console: Console) -> None:
    def fail(*_: object, **__: object) -> None:
        assert not stamped.stamp.exists()
        raise EnvironmentNotMade("no network")

    monkeypatch.setattr(environments, "_is_usable", lambda *_: True)
    monkeypatch.setattr(environments, "_install", fail)
    with pytest.raises(EnvironmentNotMade):
        environments.make_ready(stamped, ["test"], console=console)
    assert not environments.is_ready(stamped, ["demo"])


def test_a_full_disk_is_said_before_anything_is_made(project: Path, monkeypatch, console: Console) -> None:
    monkeypatch.setattr(environments.shutil, "disk_usage", lambda _: types.SimpleNamespace(free=900_000_000))
    environment = Environment(project, project / "deep" / ".venv")
    with pytest.raises(EnvironmentNotMade, match=r"0\.9 GB left"):
        environments.make_ready(environment, [], console=console)
    assert not environment.folder.exists()


def test_a_real_environment_is_made_without_any_package(project: Path, console: Console, told: io.StringIO) -> None:
    """Everything for real except pip's part: made, found usable, broken, made again."""
    environment = environments.environment_of(project, {"FORECOURT_VENV": str(project / "elsewhere")})
    assert not environments._is_usable(environment, {})
    environments._make_empty(environment, console=console)
    assert environments._is_usable(environment, {})
    assert str(project / "elsewhere") in told.getvalue()

    environment.python.unlink()
    environment.python.write_text("not a program")
    assert not environments._is_usable(environment, {})


def test_a_failed_installation_shows_what_pip_said(project: Path, monkeypatch, console: Console) -> None:
    environment = Environment(project, project / ".venv")
    environment.python.parent.mkdir(parents=True)
    environment.python.write_text("#!/bin/sh\necho 'Collecting alpha'\necho 'ERROR: no such version'\nexit 1\n")
    environment.python.chmod(0o755)
    with pytest.raises(EnvironmentNotMade) as caught:
        environments._install(environment, ["alpha"], console=console)
    assert "ERROR: no such version" in str(caught.value)
    assert str(environment.log) in str(caught.value)
    assert "Collecting alpha" in environment.log.read_text()


def test_pip_is_not_sent_elsewhere_by_the_users_variables() -> None:
    kept = environments._clean_variables({"PIP_USER": "1", "PYTHONPATH": "x", "PIP_INDEX_URL": "y", "PATH": "z"})
    assert kept == {"PIP_INDEX_URL": "y", "PATH": "z"}


def test_every_dependency_is_pinned() -> None:
    extras = ("demo", "test", "dev", "build")
    pinned = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, version = line.split("==")
            assert version and " " not in line, line
            pinned[name.lower().replace("_", "-")] = version
    names = {name.lower().replace("_", "-") for name in environments.dependencies(ROOT, extras)}
    assert names <= set(pinned)


def test_what_runs_is_what_is_pinned() -> None:
    from importlib.metadata import version

    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    for name in ("PySide6", "SQLAlchemy", "sqlcipher3", "pytest"):
        assert version(name) == pins[name]


# System packages


def test_the_command_to_paste_is_complete() -> None:
    assert system_packages.command_by_hand(["libgl1", "libegl1"]) == (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends libgl1 libegl1"
    )


@pytest.mark.parametrize("prefix", [[], ["sudo", "-n"]])
def test_apt_asks_nothing(prefix: list[str]) -> None:
    update, install = system_packages.apt_commands(["libgl1"], prefix)
    assert update[: len(prefix)] == prefix
    assert update[-1] == "update"
    assert install[-4:] == ["install", "-y", "--no-install-recommends", "libgl1"]
    assert "DEBIAN_FRONTEND=noninteractive" in install


def test_without_the_right_the_command_is_said(console: Console, monkeypatch) -> None:
    monkeypatch.setattr(system_packages.shutil, "which", lambda _: "/usr/bin/apt-get")
    with pytest.raises(SystemPackagesMissing, match="sudo apt-get install -y --no-install-recommends libgl1"):
        system_packages.require_packages(["libgl1"], why="Qt", console=console, run=lambda _: 0, prefix=None)


def test_without_apt_the_packages_are_named(console: Console, monkeypatch) -> None:
    monkeypatch.setattr(system_packages.shutil, "which", lambda _: None)
    with pytest.raises(SystemPackagesMissing, match="corresponds to these Debian packages") as caught:
        system_packages.require_packages(["libgl1"], why="Qt", console=console, run=lambda _: 0, prefix=None)
    assert "libgl1" in str(caught.value)


def test_stale_lists_do_not_stop_the_installation(console: Console) -> None:
    ran: list[str] = []

    def run(command: list[str]) -> int:
        ran.append(command[-1])
        return 100 if command[-1] == "update" else 0

    system_packages.require_packages(["libgl1"], why="Qt", console=console, run=run, prefix=[])
    assert ran == ["update", "libgl1"]


def test_a_failed_installation_says_so(console: Console) -> None:
    with pytest.raises(SystemPackagesMissing, match="apt-get could not"):
        system_packages.require_packages(["libgl1"], why="Qt", console=console, run=lambda _: 100, prefix=[])


def test_apt_can_be_forbidden(monkeypatch) -> None:
    monkeypatch.setenv("FORECOURT_NO_APT", "1")
    assert system_packages.apt_prefix() is None


def test_libraries_are_found_or_not(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "libhere.so.1").touch()
    monkeypatch.setattr(system_packages, "_library_folders", lambda: [str(tmp_path)])
    monkeypatch.setattr(sys, "platform", "linux")
    wanted = {"libforecourt-none.so.9": "x", "libhere.so.1": "y"}
    assert system_packages.missing_libraries(wanted) == ["libforecourt-none.so.9"]
    monkeypatch.setattr(sys, "platform", "darwin")
    assert system_packages.missing_libraries(wanted) == []


def test_what_apt_says_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "apt.log"
    run = system_packages.run_logged(log)
    assert run([sys.executable, "-c", "print('said'); raise SystemExit(4)"]) == 4
    assert run(["/no/such/program"]) == 127
    assert "said" in log.read_text()


def test_everything_that_lacks_is_named_at_once(project: Path, monkeypatch) -> None:
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(system_packages, "missing_libraries", lambda wanted: ["libGL.so.1", "libEGL.so.1"])
    environment = Environment(project, project / ".venv")
    version = "{}.{}".format(*sys.version_info[:2])
    assert bootstrap.lacking_packages("offscreen", environment) == [f"python{version}-venv", "libgl1", "libegl1"]


def test_missing_libraries_stop_with_exit_code_and_command(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_packages, "missing_libraries", lambda wanted: ["libGL.so.1"])
    monkeypatch.setattr(system_packages, "apt_prefix", lambda: None)
    monkeypatch.setattr(environments, "is_ready", lambda *_: True)
    assert bootstrap.main(["service"]) == bootstrap.EXIT_NOT_PREPARED
    assert "libgl1" in capsys.readouterr().err


# Whole runs


def test_a_second_start_installs_nothing(tmp_path: Path) -> None:
    environment = Environment(ROOT, tmp_path / "venv")
    environment.python.parent.mkdir(parents=True)
    environment.python.write_text('#!/bin/sh\necho "started $*"\n')
    environment.python.chmod(0o755)
    write_stamp(environment, extras=["demo"])
    before = sorted(path.name for path in environment.folder.rglob("*"))
    answer = run_bootstrap("seed", "--profile", "p", FORECOURT_VENV=str(environment.folder))
    assert answer.stdout == "started -P -m app.demo --profile p\n", answer.stderr
    assert answer.stderr == ""
    assert sorted(path.name for path in environment.folder.rglob("*")) == before


def test_the_exit_code_is_the_programs(tmp_path: Path) -> None:
    environment = Environment(ROOT, tmp_path / "venv")
    environment.python.parent.mkdir(parents=True)
    environment.python.write_text("#!/bin/sh\nexit 7\n")
    environment.python.chmod(0o755)
    write_stamp(environment, extras=["demo"])
    assert run_bootstrap("seed", FORECOURT_VENV=str(environment.folder)).returncode == 7


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    answer = run_bootstrap("seed", FORECOURT_VENV=str(tmp_path / "file" / "venv"), FORECOURT_NO_APT="1")
    assert answer.returncode == bootstrap.EXIT_NOT_PREPARED
    assert "FORECOURT_VENV" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_doctor_answers(tmp_path: Path) -> None:
    answer = run_bootstrap("doctor", FORECOURT_VENV=str(tmp_path / "none"))
    assert answer.returncode == 1
    assert "not complete" in answer.stdout


def test_an_old_python_is_told_apart_before_anything_else() -> None:
    code = f"import sys; sys.version_info = (3, 9, 2); exec(open({str(ROOT / 'bootstrap.py')!r}).read())"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith("Forecourt needs Python 3.11 or newer")


# A service beside the desk

LISTEN = """
import pathlib, socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    server.accept()[0].close()
"""


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_service_is_there_while_the_desk_is(free_port: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", LISTEN, str(free_port)]
    with companion.service_beside(command, port=free_port, variables=os.environ, log=tmp_path / "log") as address:
        assert address == f"http://127.0.0.1:{free_port}"
        assert companion._answers(free_port)
        with companion.service_beside(["/no/such"], port=free_port, variables={}, log=tmp_path / "other") as same:
            assert same == address
        assert companion._answers(free_port)
    assert not companion._answers(free_port)


def test_a_service_that_ends_is_said(free_port: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no database')"]
    with (
        pytest.raises(companion.ServiceNotStarted, match="ended at once"),
        companion.service_beside(command, port=free_port, variables=os.environ, log=tmp_path / "log"),
    ):
        pass
    assert "no database" in (tmp_path / "log").read_text()


def test_a_silent_service_is_stopped(free_port: int, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(companion, "_PATIENCE_SECONDS", 0.2)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        pytest.raises(companion.ServiceNotStarted, match="does not answer"),
        companion.service_beside(command, port=free_port, variables=os.environ, log=tmp_path / "log"),
    ):
        pass


def test_the_service_keeps_its_database_in_the_desks_folder(tmp_path: Path) -> None:
    database = companion.service_database(tmp_path / "desk")
    assert database == f"sqlite:///{tmp_path.as_posix()}/desk/service/service.db"
    assert (tmp_path / "desk" / "service").is_dir()
    assert companion.service_arguments(database, port=8700) == [
        "--host", "127.0.0.1", "--port", "8700", "--database", database,
    ]  # fmt: skip


@pytest.mark.parametrize("given", [["--profile", "d"], ["--language", "en", "--profile=d"]])
def test_an_option_is_found_in_either_form(given: list[str]) -> None:
    assert companion.value_of("--profile", given) == "d"
    assert companion.value_of("--profile", given[:0]) == ""


def test_run_with_service_starts_both_and_tells_the_desk(tmp_path: Path, free_port: int, monkeypatch, capfd) -> None:
    environment = Environment(ROOT, tmp_path / "venv")
    environment.python.parent.mkdir(parents=True)
    environment.python.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        "if 'sync.server' in sys.argv:\n"
        "    import socket\n"
        "    port = int(sys.argv[sys.argv.index('--port') + 1])\n"
        "    server = socket.create_server(('127.0.0.1', port))\n"
        "    while True:\n"
        "        server.accept()[0].close()\n"
        "print('desk', sys.argv[3:], os.environ['FORECOURT_SERVICE_URL'], os.environ['FORECOURT_SERVICE_DATABASE'])\n"
        "raise SystemExit(5)\n"
    )
    environment.python.chmod(0o755)
    monkeypatch.setattr(bootstrap, "prepare", lambda *_, **__: environment)
    monkeypatch.setattr(bootstrap, "PORT", free_port)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert bootstrap.main(["run", "--with-service", "--profile", str(tmp_path / "desk")]) == 5
    told = capfd.readouterr()
    assert f"http://127.0.0.1:{free_port}" in told.out
    assert f"sqlite:///{tmp_path.as_posix()}/desk/service/service.db" in told.out
    assert "--with-service" not in told.out
    assert not companion._answers(free_port)


# The console


def test_steps_overwrite_each_other_on_a_terminal() -> None:
    stream = Terminal()
    console = Console(stream)
    for number in range(3):
        console.step(f"step {number}")
    console.say("done")
    assert stream.getvalue().endswith("step 2\r\x1b[Kdone\n")


def test_without_a_terminal_few_steps_are_written(console: Console, told: io.StringIO) -> None:
    for number in range(25):
        console.step(f"step {number}")
    assert told.getvalue().split("\n") == ["step 0", "step 10", "step 20", ""]


def test_a_narrow_character_set_is_no_reason_to_stop() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(stream).say("安装 …")
    stream.flush()
    assert b"\\u5b89" in stream.buffer.getvalue()  # type: ignore[attr-defined]


def test_what_only_tests_need_is_brought_by_what_it_is_for(monkeypatch) -> None:
    monkeypatch.setattr(system_packages, "missing_libraries", lambda wanted: [])
    monkeypatch.setattr(bootstrap.shutil, "which", lambda tool: None if tool == "pdfsig" else f"/usr/bin/{tool}")
    assert bootstrap.lacking_test_packages() == {
        "have other programs judge signatures and time-stamps": ["poppler-utils"]
    }
    monkeypatch.setattr(bootstrap.shutil, "which", lambda tool: None)
    lacking = bootstrap.lacking_test_packages()
    assert [packages[0] for packages in lacking.values()] == ["xvfb", "openssl", "chromium"]
    monkeypatch.setattr(bootstrap.shutil, "which", lambda tool: f"/usr/bin/{tool}")
    assert bootstrap.lacking_test_packages() == {}
