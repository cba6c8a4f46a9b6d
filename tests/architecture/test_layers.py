"""The order of the house, held by import-linter, and the few rules it cannot express."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
SOURCES = ("app", "ui", "db", "sync")


def _modules() -> Iterator[Path]:
    for package in SOURCES:
        yield from (ROOT / package).rglob("*.py")


def test_import_contracts_hold(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    # What it says goes to the screen anyway; setting up logging for that would silence every logger there is by then.
    monkeypatch.setattr("importlinter.cli._configure_logging", lambda verbose: None)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out
    assert os.getcwd() == str(ROOT)


def test_no_module_is_named_after_nothing():
    named = {path.stem for path in _modules()} | {path.parent.name for path in _modules()}
    assert not named & FORBIDDEN_NAMES


def test_handlers_never_commit_or_write_in_bulk():
    found = []
    for path in (ROOT / "app").rglob("handlers.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                if node.func.attr in {"commit", "rollback", "bulk_save_objects"} and "session" in owner:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found, f"only the dispatcher commits: {found}"


def test_no_sql_text_in_the_rules():
    found = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("rules.py")
        if "exec_driver_sql" in path.read_text(encoding="utf-8")
    ]
    assert not found
