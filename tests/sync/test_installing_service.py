"""The files an administrator installs: they name what exists, and the service starts with its own packages alone."""

import argparse
import re
import shlex
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import httpx
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from installer.service.service_packages import names
from sync.server.command_line import _parser
from sync.server.settings import READY
from tests.sync.service_process import ROOT

_SERVICE = ROOT / "installer" / "service"
_CODE = ("app", "db", "sync")
_STARTER = """
import sys
absent = set({absent!r})

class Closed:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"not a package of the service: {{name}}", name=name)
        return None

sys.meta_path.insert(0, Closed())
from sync.server.command_line import main
sys.exit(main(["serve", "--port", "0", "--data", {data!r}]))
"""


def _closure() -> set[str]:
    """Top-level modules of the extra's packages and of all they need."""
    found: set[str] = set()
    waiting = [canonicalize_name(name) for name in names(ROOT / "pyproject.toml")]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        for text in metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(needed.name))
    return {
        module
        for module, distributions in metadata.packages_distributions().items()
        if any(canonicalize_name(one) in found for one in distributions)
    }


def test_the_service_needs_no_desktop(tmp_path: Path) -> None:
    """From the folders the container has, with the packages of the extra: it starts and answers."""
    allowed = _closure()
    assert not allowed & {"PySide6", "shiboken6", "pyqtgraph", "reportlab", "requests"}
    for folder in re.findall(r"^COPY ([a-z_/]+) \./\1$", (_SERVICE / "Containerfile").read_text(), re.MULTILINE):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    absent = set(metadata.packages_distributions()) - allowed - set(_CODE)
    assert "PySide6" in absent
    starter = _STARTER.format(absent=sorted(absent), data=str(tmp_path / "data"))
    process = subprocess.Popen(
        [sys.executable, "-c", starter], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        line = process.stdout.readline()
        if not line.startswith(READY):
            pytest.fail(process.stderr.read())
        with httpx.Client(base_url=line.removeprefix(READY).strip(), timeout=30) as http:
            assert http.get("/v1/ready").status_code == 200
            assert http.get("/v1/openapi.json").status_code == 200
            assert http.post("/v1/enrol", json={"code": "AAAA-BBBB-CCCC"}).status_code == 403
            assert http.get("/oauth/authorize").status_code in (200, 400)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _serve_options() -> set[str]:
    parser, _ = _parser()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return {option for one in action.choices["serve"]._actions for option in one.option_strings}
    raise AssertionError


def _named_in(text: str) -> set[str]:
    return {word.partition("=")[0] for word in shlex.split(text) if word.startswith("--")}


def test_the_files_name_options_that_exist() -> None:
    unit = (_SERVICE / "forecourt-service.service").read_text()
    started = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    options = next(line for line in (_SERVICE / "service.env").read_text().splitlines() if "_OPTIONS=" in line)
    container = (_SERVICE / "Containerfile").read_text()
    command = next(line for line in container.splitlines() if line.startswith("CMD ["))
    compose = yaml.safe_load((_SERVICE / "compose.yaml").read_text())
    named = (
        _named_in(started.partition("serve")[2]) | _named_in(options.partition("=")[2])
        | set(re.findall(r'"(--[a-z-]+)"', command)) | _named_in(" ".join(compose["services"]["service"]["command"]))
    )  # fmt: skip
    assert named and named <= _serve_options()
    assert "python -m sync.server serve" in started


def test_the_container_copies_what_is_there_and_variables_are_read() -> None:
    container = (_SERVICE / "Containerfile").read_text()
    for line in container.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
    code = "\n".join(path.read_text() for path in (ROOT / "sync" / "server").rglob("*.py"))
    files = [container, *(path.read_text() for path in (_SERVICE / "service.env", _SERVICE / "compose.yaml"))]
    variables = {name for text in files for name in re.findall(r"FORECOURT_SERVICE_[A-Z_]+", text)}
    assert variables - {"FORECOURT_SERVICE_OPTIONS"} <= {name for name in variables if name in code}
    assert "USER forecourt" in container and "HEALTHCHECK" in container


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = (_SERVICE / "forecourt-service.service").read_text()
    here = text.replace("/opt/forecourt/venv/bin/python", sys.executable)  # it looks for the program
    unit = tmp_path / "forecourt-service.service"
    unit.write_text(here)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, timeout=60, check=False
    )
    complaints = [line for line in done.stderr.splitlines() if unit.name in line and "Documentation" not in line]
    assert complaints == []
