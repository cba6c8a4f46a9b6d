"""What every feature has in common, read off the code: commands, handlers, errors, queries, and their document."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import typing
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import app
from app.kernel.commands import Command
from app.kernel.dispatcher import command_name, handler_of
from app.kernel.documentation import DOCUMENT, all_commands, all_errors, document, permission_of
from app.kernel.permissions import ROLE_LABELS, ROLE_PERMISSIONS, Permission, Role

ROOT = Path(app.__file__).resolve().parent
COMMANDS = all_commands()
ERRORS = all_errors()
SECRETS = {"password", "current_password", "new_password", "pin", "passphrase"}


def modules(ending: str) -> list[Any]:
    """The features' modules with a name."""
    found = [m.name for m in pkgutil.walk_packages(app.__path__, prefix="app.") if m.name.endswith(f".{ending}")]
    return [importlib.import_module(name) for name in found]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
class TestCommand:
    def test_is_a_frozen_value(self, command: type[Command]) -> None:
        assert command.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert all(field.kw_only for field in dataclasses.fields(command))
        assert "__slots__" in vars(command)
        assert "__init__" in vars(command), "not a dataclass of its own"

    def test_has_a_handler_that_names_its_permission(self, command: type[Command]) -> None:
        handler = handler_of(command)
        permission = permission_of(command)
        assert permission is None or permission in Permission
        parameters = list(inspect.signature(handler).parameters.values())
        assert [parameter.name for parameter in parameters] == ["command", "uow"]
        assert typing.get_type_hints(handler)["command"] is command
        assert handler.__name__ == command_name(command)

    def test_says_what_it_does(self, command: type[Command]) -> None:
        said = (command.__doc__ or "").strip()
        assert said
        assert not said.startswith(f"{command.__name__}("), "a docstring of its own, not the dataclass's"
        assert handler_of(command).__doc__

    def test_keeps_secrets_out_of_its_text(self, command: type[Command]) -> None:
        for field in dataclasses.fields(command):
            assert field.name not in SECRETS or not field.repr


def test_a_feature_names_a_command_once() -> None:
    assert len(COMMANDS) > 50
    named = Counter((command.__module__, command_name(command)) for command in COMMANDS)
    assert [name for name, times in named.items() if times > 1] == []


@pytest.mark.parametrize("module", modules("handlers"), ids=lambda module: module.__name__)
def test_every_handler_is_a_commands(module: Any) -> None:
    expected = {command_name(command) for command in COMMANDS}
    marked = {
        name for name, thing in vars(module).items() if hasattr(thing, "permission") and inspect.isfunction(thing)
    }
    own = {name for name in marked if getattr(module, name).__module__ == module.__name__}
    assert own <= expected


@pytest.mark.parametrize("module", modules("queries"), ids=lambda module: module.__name__)
def test_queries_take_a_reader_first_and_say_what_they_read(module: Any) -> None:
    public = [
        (name, function)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and function.__module__ == module.__name__
    ]
    for name, function in public:
        parameters = list(inspect.signature(function).parameters)
        assert "reader" not in parameters[1:], name
        assert function.__doc__, name
    assert public


@pytest.mark.parametrize("module", modules("queries"), ids=lambda module: module.__name__)
def test_rows_are_frozen(module: Any) -> None:
    for name, kind in inspect.getmembers(module, inspect.isclass):
        if dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__ and not name.startswith("_"):
            assert kind.__dataclass_params__.frozen, name  # type: ignore[attr-defined]
            assert kind.__doc__
            assert not kind.__doc__.startswith(f"{name}("), name


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.__module__}.{error.__name__}")
def test_an_error_has_a_code_of_its_own_and_says_what_to_do(error: Any) -> None:
    assert "code" in vars(error)
    assert "text" in vars(error)
    assert error.code.replace("_", "").isalnum()
    assert error.code == error.code.lower()
    assert error.text.rstrip().endswith((".", "}"))


def test_a_code_is_one_error() -> None:
    bases = {"domain_error", "environment_problem", "database_problem"}
    codes = Counter(error.code for error in ERRORS if error.code not in bases)
    shared = {code for code, times in codes.items() if times > 1}
    assert shared <= {"disk_full"}, "the disk of the database and of the profile are told apart by their class"


def test_every_permission_is_asked_for_and_given() -> None:
    source = "\n".join(
        file.read_text(encoding="utf-8")
        for folder in (ROOT, ROOT.parent / "ui", ROOT.parent / "sync")
        for file in folder.rglob("*.py")
        if file.name != "permissions.py"
    )
    assert [p.name for p in Permission if f"Permission.{p.name}" not in source] == []
    given = frozenset().union(*ROLE_PERMISSIONS.values())
    assert given == frozenset(Permission)
    assert set(ROLE_LABELS) == set(ROLE_PERMISSIONS) == set(Role)


def test_handlers_never_commit_and_never_write_in_bulk() -> None:
    wrong = []
    for file in sorted(ROOT.rglob("*handlers.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if called in ("commit", "rollback") or (called in ("update", "delete") and owner == ""):
                wrong.append(f"{file.relative_to(ROOT)}:{node.lineno} {called}")
    assert wrong == []


def test_the_document_says_what_the_code_says() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == document(), "run python -m app.kernel.documentation"
    for command in COMMANDS:
        assert f"`{command.__name__}`" in written
    for permission in Permission:
        assert f"`{permission.value}`" in written
    for error in ERRORS:
        assert f"`{error.code}`" in written
