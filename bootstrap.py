#!/usr/bin/env python3
"""Forecourt's front door: prepares what is missing on this computer, then starts what was asked for.

    python3 bootstrap.py run        open Forecourt
    python3 bootstrap.py test       run the tests
    python3 bootstrap.py --help     everything else

Needs Python 3.11 or newer and nothing else.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is for whoever starts it with an older one
    sys.exit(
        f"Forecourt needs Python 3.11 or newer; this is {sys.version.split()[0]}.\n"
        "Install a newer one (Debian 12: sudo apt-get install python3; Windows and macOS: python.org) "
        "and start again with it: python3.11 bootstrap.py"
    )

import argparse
import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from installer import environment as environments
from installer import system_packages
from installer.companion import (
    DATABASE_VARIABLE,
    PORT,
    URL_VARIABLE,
    ServiceNotStarted,
    service_arguments,
    service_beside,
    service_database,
    value_of,
)
from installer.console import Console
from installer.environment import Environment, EnvironmentNotMade
from installer.system_packages import SystemPackagesMissing

ROOT = Path(__file__).resolve().parent
EXIT_NOT_PREPARED = 3
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Option:
    """One documented option; the module that is started reads it."""

    flags: tuple[str, ...]
    metavar: str | None
    text: str


@dataclass(frozen=True)
class Verb:
    """One sub-command: the module it starts, what it needs, and what it is for."""

    module: str
    summary: str
    options: tuple[Option, ...] = ()
    extras: tuple[str, ...] = ("demo",)
    window: bool = False


_PROFILE = Option(("--profile",), "DIR", "the folder of this desk's data; the default depends on the system")
_LANGUAGE = Option(("--language",), "CODE", "en or zh_CN")

VERBS: dict[str, Verb] = {
    "run": Verb(
        "app",
        "open Forecourt; without a display the guided sale is played off-screen",
        (
            Option(("--with-service",), None, "start a central service beside the desk, and stop it with it"),
            _PROFILE,
            _LANGUAGE,
        ),
        window=True,
    ),
    "test": Verb(
        "pytest",
        "run the tests; every argument is passed on to pytest",
        extras=("demo", "test"),
        window=True,
    ),
    "service": Verb(
        "sync.server",
        "start the central service",
        (
            Option(("--database",), "URL", "sqlite:///FILE (the default, a file of its own) or postgresql://…"),
            Option(("--host",), "ADDRESS", "the address to listen on; 127.0.0.1 unless given"),
            Option(("--port",), "NUMBER", "the port to listen on"),
            Option(("--tls-cert",), "FILE", "certificate chain (PEM); needs --tls-key"),
            Option(("--tls-key",), "FILE", "private key of the certificate (PEM)"),
        ),
    ),
    "tour": Verb(
        "app.tour",
        "play the guided sale on a throwaway profile and keep its pictures and the signed contract",
        (Option(("--out",), "DIR", "where the pictures and the contract go"), _LANGUAGE),
    ),
    "bench": Verb(
        "benchmarks",
        "measure the program against its peers, as ratios of one run",
        (
            Option(("--only",), "NAME", "only these figures, such as start, keystroke, sale, contract, sync-10k"),
            Option(("--json",), "FILE", "also write the figures here"),
        ),
        extras=("demo", "test"),
    ),
    "seed": Verb("app.demo", "fill a profile with the demo branch", (_PROFILE,)),
    "restore": Verb(
        "app.desk.restore",
        "put the newest backup, or the one named, in the place of this desk's data",
        (_PROFILE, _LANGUAGE, Option(("--list",), None, "only say which backups there are")),
    ),
    "import-specifications": Verb(
        "app.catalog.import_specifications",
        "import real vehicle specifications from the data packages into the catalogue",
        (_PROFILE,),
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare what is missing and start the verb; returns its exit code where it cannot replace this process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name, rest = parse(given)
    console = Console()
    if name == "doctor":
        return doctor()
    try:
        environment = prepare(name, variables=os.environ, console=console)
    except (EnvironmentNotMade, SystemPackagesMissing) as problem:
        console.say(f"\nForecourt cannot start yet: {problem}")
        return EXIT_NOT_PREPARED
    except KeyboardInterrupt:
        console.say("\nStopped. Start again to go on where this ended.")
        return 130
    with_service = name == "run" and "--with-service" in rest
    rest = [argument for argument in rest if argument != "--with-service"] if name == "run" else rest
    command, variables = command_for(name, rest, environment=environment, variables=os.environ, console=console)
    # The guided sale brings a service of its own.
    if with_service and "app.tour" not in command:
        data = value_of("--profile", rest) or _data_folder(environment)
        return run_with_service(command, data=Path(data), variables=variables, console=console)
    return replace_process(command, variables=variables, folder=ROOT if name == "test" else None)


def run_with_service(command: Sequence[str], *, data: Path, variables: Mapping[str, str], console: Console) -> int:
    """Start the service, then the desk, which finds it in FORECOURT_SERVICE_URL; stop it afterwards.

    The service's database is in the desk's folder `data`. FORECOURT_SERVICE_DATABASE lets the desk ask for its own
    enrolment code, which is for whoever has that database in hand.
    """
    if os.name == "posix":
        # Ended from outside, it still stops the service it started.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    database = service_database(data)
    told = {**variables, DATABASE_VARIABLE: database}
    service = [*command[: command.index("app")], VERBS["service"].module, *service_arguments(database, port=PORT)]
    try:
        with service_beside(service, port=PORT, variables=told, log=ROOT / "out" / "service.log") as address:
            console.say(f"The central service listens on {address}")
            return wait_for(command, variables={**told, URL_VARIABLE: address}, folder=None)
    except ServiceNotStarted as problem:
        console.say(f"\nForecourt cannot start with a service: {problem}")
        return EXIT_NOT_PREPARED


def parse(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The verb and its arguments, untouched. Answers --help itself: nothing is installed to show it."""
    parser = argparse.ArgumentParser(
        prog="bootstrap.py",
        description="Prepares what is missing on this computer, then starts what was asked for.",
        epilog="`bootstrap.py COMMAND --help` shows a command's options.",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", required=True)
    for name, verb in VERBS.items():
        known = verbs.add_parser(name, help=verb.summary, description=verb.summary, allow_abbrev=False)
        for option in verb.options:
            shape = {"action": "store_true"} if option.metavar is None else {"metavar": option.metavar}
            if option.flags == ("--only",):
                shape["nargs"] = "+"
            known.add_argument(*option.flags, help=option.text, **shape)  # type: ignore[arg-type]
    verbs.add_parser("doctor", help="say what is here, what is missing and what to do about it")
    if not arguments or arguments[0] not in (*VERBS, "doctor"):
        parser.parse_args(list(arguments))
    rest = list(arguments[1:])
    if ("--" not in rest and {"-h", "--help"} & set(rest)) or arguments[0] == "doctor":
        parser.parse_args(list(arguments))
    # After "--" even --help belongs to the module.
    return arguments[0], rest[1:] if rest[:1] == ["--"] else rest


def prepare(verb: str, *, variables: Mapping[str, str], console: Console) -> Environment:
    """Bring what the verb needs onto this computer. Raises EnvironmentNotMade or SystemPackagesMissing."""
    environment = environments.environment_of(ROOT, variables)
    extras = VERBS[verb].extras
    ready = environments.is_ready(environment, extras)
    if sys.platform.startswith("linux"):
        _bring_system_packages(verb, environment, variables=variables, console=console)
    if not ready:
        environments.make_ready(environment, extras, console=console)
    return environment


def _bring_system_packages(
    verb: str, environment: Environment, *, variables: Mapping[str, str], console: Console
) -> None:
    run = system_packages.run_logged(environment.root / "out" / "system-packages.log")
    lacking = lacking_packages(platform_of(verb, variables), environment)
    if lacking:
        system_packages.require_packages(
            lacking,
            why="Python's venv and Qt need packages this system does not have",
            console=console,
            run=run,
            prefix=system_packages.apt_prefix(),
        )
    if verb == "test":
        _bring_test_tools(console=console, run=run)


def lacking_packages(platform: str, environment: Environment) -> list[str]:
    """The Debian packages this Linux lacks: all of them at once, so that one command brings them."""
    wanted = system_packages.libraries_for(platform)
    packages = [wanted[name] for name in system_packages.missing_libraries(wanted)]
    # Debian's python3 comes without ensurepip: `-m venv` then fails half-way with a long message.
    whole = all(importlib.util.find_spec(name) is not None for name in ("ensurepip", "venv"))
    if not whole and not environment.python.exists():
        packages.insert(0, "python{}.{}-venv".format(*sys.version_info[:2]))
    return packages


def lacking_test_packages() -> dict[str, list[str]]:
    """The Debian packages only tests need and this Linux lacks, by what they are for."""
    lacking = {}
    if shutil.which("Xvfb") is None or system_packages.missing_libraries(system_packages.X11):
        lacking["open a real window on a virtual display"] = ["xvfb", *system_packages.X11.values()]
    judges = {"openssl": "openssl", "pdfsig": "poppler-utils"}
    packages = [package for tool, package in judges.items() if shutil.which(tool) is None]
    if packages:
        lacking["have other programs judge signatures and time-stamps"] = packages
    if not any(shutil.which(browser) for browser in BROWSERS):
        lacking["sign on a phone, in a browser"] = ["chromium"]
    return lacking


def _bring_test_tools(*, console: Console, run: system_packages.Run) -> None:
    for what, packages in lacking_test_packages().items():
        try:
            system_packages.require_packages(
                packages,
                why=f"some tests {what}",
                console=console,
                run=run,
                prefix=system_packages.apt_prefix(),
            )
        except SystemPackagesMissing as problem:
            console.say(f"Tests that {what} will fail: {problem}")


def platform_of(verb: str, variables: Mapping[str, str]) -> str:
    """Which Qt platform the verb will use on this Linux: "x11", "wayland" or "offscreen"."""
    if not VERBS[verb].window or verb == "test" or variables.get("QT_QPA_PLATFORM") == "offscreen":
        return "offscreen"
    if variables.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "x11" if variables.get("DISPLAY") else "offscreen"


def has_display(variables: Mapping[str, str]) -> bool:
    """Whether a window can open, or a platform was chosen by hand."""
    if not sys.platform.startswith("linux") or variables.get("QT_QPA_PLATFORM"):
        return True
    return bool(variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"))


def command_for(
    verb: str, rest: Sequence[str], *, environment: Environment, variables: Mapping[str, str], console: Console
) -> tuple[list[str], dict[str, str]]:
    """The command line that starts the verb, and the variables it gets."""
    changed = {name: value for name, value in variables.items() if name != "PYTHONHOME"}
    # -P keeps the present folder out of the search path: a folder named `app` there must not win.
    changed.update(PYTHONPATH=str(ROOT), PYTHONUTF8="1")
    module, arguments = VERBS[verb].module, list(rest)
    if verb == "run" and not has_display(variables):
        module, arguments = VERBS["tour"].module, _tour_instead(arguments, console=console)
        verb = "tour"
    if verb == "test":
        arguments = [*_test_workers(arguments), *arguments]
        # They start the program over and over: what was compiled once is kept, whatever the shell says.
        changed.pop("PYTHONDONTWRITEBYTECODE", None)
    needs_no_screen = verb in ("test", "tour") or (verb == "bench" and not has_display(variables))
    if needs_no_screen and sys.platform.startswith("linux"):
        changed.setdefault("QT_QPA_PLATFORM", "offscreen")
    return [str(environment.python), "-P", "-m", module, *arguments], changed


def _tour_instead(arguments: Sequence[str], *, console: Console) -> list[str]:
    out = ROOT / "out" / "tour"
    console.say(f"There is no display here, so the guided sale is played off-screen. Its pictures go to {out}")
    kept = ["--out", str(out)]
    for place, argument in enumerate(arguments):
        if argument.startswith("--language="):
            kept.append(argument)
        elif argument == "--language":
            kept.extend(arguments[place : place + 2])
    return kept


def _test_workers(arguments: Sequence[str]) -> list[str]:
    """Three workers, unless the arguments say otherwise or a debugger needs the terminal.

    Tests wait a quarter of their time for services and other processes: three keep two cores at work. A file's tests
    stay together, so that what they share is made once; which files come first says tests/conftest.py.
    """
    own = ("-n", "--numprocesses", "--dist", "--pdb", "--trace", "--collect-only", "--co")
    by_hand = any(one.startswith(own) for one in arguments) or "no:xdist" in " ".join(arguments)
    return [] if by_hand else ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]


def replace_process(command: Sequence[str], *, variables: Mapping[str, str], folder: Path | None) -> int:
    """Become the command; where the system cannot do that (Windows), wait for it and return its exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        if folder is not None:
            os.chdir(folder)
        os.execve(command[0], list(command), dict(variables))
    return wait_for(command, variables=variables, folder=folder)


def wait_for(command: Sequence[str], *, variables: Mapping[str, str], folder: Path | None) -> int:
    """Run the command to its end; returns its exit code."""
    process = subprocess.Popen(command, env=dict(variables), cwd=folder)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The child got the same Ctrl+C and decides itself how to end.
            continue


def doctor() -> int:
    """Print what is here and what is missing; 0 when `run` would start, 1 otherwise."""
    environment = environments.environment_of(ROOT, os.environ)
    platform = platform_of("run", os.environ)
    lacking = lacking_packages(platform, environment) if sys.platform.startswith("linux") else []
    complete = environments.is_ready(environment, VERBS["run"].extras)
    packages = str(environment.folder) if complete else "not complete: `bootstrap.py run` installs them"
    checks = [
        ("Python", True, f"{sys.version.split()[0]} in {sys.executable}"),
        ("Packages", complete, packages),
        ("System packages", not lacking, ", ".join(lacking) or "all present"),
        ("Display", True, platform if has_display(os.environ) else "none: `run` plays the guided sale off-screen"),
        ("Disk", *_disk(environment)),
    ]
    if complete:
        checks += [("Key store", True, _key_store(environment)), ("Data", True, _data_folder(environment))]
    for title, good, text in checks:
        print(f"{'ok ' if good else 'NO '} {title:<17} {text}")
    if lacking:
        print(f"\nInstall them with:\n    {system_packages.command_by_hand(lacking)}")
    return 0 if all(good for _, good, _ in checks) else 1


def _disk(environment: Environment) -> tuple[bool, str]:
    free = shutil.disk_usage(ROOT).free
    enough = environment.stamp.exists() or free >= environments.SPACE_NEEDED
    return enough, f"{free / 1e9:.1f} GB free"


def _key_store(environment: Environment) -> str:
    code = "from app.runtime.secrets import keyring_problem as k; p = k(); print(p.message() if p else 'usable')"
    return _ask(environment, code)


def _data_folder(environment: Environment) -> str:
    return _ask(environment, "from app.runtime.paths import open_profile; print(open_profile().root)")


def _ask(environment: Environment, code: str) -> str:
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    asked = subprocess.run(
        [str(environment.python), "-P", "-c", code], capture_output=True, text=True, env=variables, check=False
    )
    return asked.stdout.strip() or (asked.stderr.strip().splitlines() or ["no answer"])[-1]


if __name__ == "__main__":
    sys.exit(main())
