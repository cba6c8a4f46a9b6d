"""The tables of docs/commands.md, made from the code: `python -m app.kernel.documentation`.

A test compares the file with what the code says, so that neither can change alone.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import app as house
from app.kernel.commands import Command
from app.kernel.dispatcher import handler_of
from app.kernel.errors import DomainError
from app.kernel.permissions import ROLE_LABELS, ROLE_PERMISSIONS, Permission, Role
from app.runtime.errors import EnvironmentProblem
from db.errors import DatabaseProblem

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
_START_UP = ("__main__", "wiring", "tour")
Problem = DomainError | EnvironmentProblem | DatabaseProblem
_HEAD = """# Commands, permissions, error codes

Made by `python -m app.kernel.documentation` from the code; a test fails while the two differ. Pages build a command,
the dispatcher carries it to the handler of the same name in snake_case beside it (`docs/architecture.md`).
"""


def all_commands() -> tuple[type[Command], ...]:
    """Every command of every feature, by feature and name."""
    _import_all()
    return tuple(sorted(_descendants(Command), key=lambda command: (command.__module__, command.__name__)))


def all_errors() -> tuple[type[Problem], ...]:
    """Every error a person can be shown, by code."""
    _import_all()
    bases: tuple[type[Problem], ...] = (DomainError, EnvironmentProblem, DatabaseProblem)
    found = {error for base in bases for error in (base, *_descendants(base))}
    return tuple(sorted(found, key=lambda error: (error.code, error.__module__)))


def permission_of(command: type[Command]) -> Permission | None:
    """What the handler demands; None for what anybody signed in may do. Raises LookupError without a handler."""
    return handler_of(command).permission  # type: ignore[attr-defined, no-any-return]


def document() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD, "## Commands\n", *_command_tables(), "## Permissions\n", _permission_table(), "## Error codes\n"]
    parts.append("What a person reads is the text, in their language. Sync's own codes: `docs/sync_protocol.md`.\n")
    return "\n".join([*parts, _error_table()])


def _command_tables() -> Iterator[str]:
    features: dict[str, list[type[Command]]] = {}
    for command in all_commands():
        features.setdefault(command.__module__.split(".")[1], []).append(command)
    for feature, commands in features.items():
        lines = [f"### {feature}\n", "| command | permission | what it does |", "|---|---|---|"]
        for command in commands:
            permission = permission_of(command)
            lines.append(f"| `{command.__name__}` | {_code(permission)} | {_sentence(command)} |")
        yield "\n".join(lines) + "\n"


def _permission_table() -> str:
    roles = list(Role)
    lines = ["| permission | " + " | ".join(ROLE_LABELS[role] for role in roles) + " |"]
    lines.append("|---|" + ":-:|" * len(roles))
    for permission in Permission:
        marks = ("●" if permission in ROLE_PERMISSIONS[role] else "" for role in roles)
        lines.append(f"| `{permission.value}` | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


def _error_table() -> str:
    lines = ["| code | text |", "|---|---|"]
    lines += dict.fromkeys(f"| `{error.code}` | {_cell(error.text)} |" for error in all_errors())
    return "\n".join(lines) + "\n"


def _sentence(command: type[Command]) -> str:
    """The first paragraph of the docstring as one line."""
    return _cell(" ".join((command.__doc__ or "").strip().split("\n\n")[0].split()))


def _code(permission: Permission | None) -> str:
    return "anybody signed in" if permission is None else f"`{permission.value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


@cache
def _import_all() -> None:
    """Import every feature, so that all classes are known; start-up modules stay out, since they bring the window."""
    for module in pkgutil.walk_packages(house.__path__, prefix="app."):
        if module.name.split(".")[1] not in _START_UP:
            importlib.import_module(module.name)


def _descendants(base: type) -> Iterable[type]:
    children: list[type] = base.__subclasses__()
    for child in children:
        # `slots=True` makes the class a second time; the first one stays among the subclasses until it is collected.
        known = getattr(sys.modules[child.__module__], child.__name__, None)
        if child.__module__.split(".")[0] in ("app", "db") and known is child:
            yield child
        yield from _descendants(child)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{DOCUMENT.name} written\n")
