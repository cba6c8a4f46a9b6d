"""Every text a person reads has a Chinese translation with the same placeholders, found by walking the source."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from app.audit.rules import field_words
from app.kernel.command_labels import command_words
from app.kernel.documentation import all_commands
from db.base import BOOKKEEPING, replicated_models

ROOT = Path(__file__).resolve().parents[1]
TRANSLATIONS = ROOT / "resources" / "translations" / "zh_CN"
PACKAGES = ("app", "ui", "db", "sync")
MARKERS = {"tr": (0,), "tr_noop": (0,), "tr_in": (1,), "trn": (0, 1)}
"""Functions that take an English key, and where."""


@dataclass(frozen=True)
class Text:
    """A literal a person reads, and where it stands."""

    english: str
    where: str


@cache
def texts() -> tuple[Text, ...]:
    """All literals of the source, also the plain `text = "…"` of error classes."""
    found: list[Text] = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
            found += [Text(english, f"{file.relative_to(ROOT)}:{line}") for english, line in literals(tree)]
    return tuple(found)


def literals(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The marked literals of one file with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            for place in MARKERS.get(name, ()):
                if place < len(node.args):
                    yield from literal(node.args[place])
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                    if any(isinstance(target, ast.Name) and target.id == "text" for target in targets):
                        yield from literal(statement.value)


def literal(node: ast.expr) -> Iterator[tuple[str, int]]:
    """A text that is there as it stands, also either side of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, node.lineno
    elif isinstance(node, ast.IfExp):
        yield from literal(node.body)
        yield from literal(node.orelse)


@cache
def derived_texts() -> tuple[Text, ...]:
    """Keys made from names: commands as the audit trail and undo call them, fields as the audit trail calls them."""
    commands = [Text(command_words(command.__name__), command.__qualname__) for command in all_commands()]
    commands += [Text(command_words(name), "app/staff") for name in ("SignIn", "RefuseSignIn", "OpenFirstBranch")]
    fields = [
        Text(field_words(column.name), f"{name}.{column.name}")
        for name, model in replicated_models().items()
        for column in model.__table__.columns
        if column.name not in BOOKKEEPING
    ]
    return (*commands, *fields)


@cache
def files() -> dict[str, dict[str, str]]:
    """The translation files by name."""
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in sorted(TRANSLATIONS.glob("*.json"))}


@cache
def catalogue() -> dict[str, str]:
    """All translations."""
    return {english: chinese for content in files().values() for english, chinese in content.items()}


def placeholders(text: str) -> set[str]:
    """The names in braces; raises ValueError for a text `str.format` cannot read."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_there_are_texts() -> None:
    assert len(texts()) > 300


def test_every_text_is_translated() -> None:
    missing = sorted({(t.where, t.english) for t in texts() if t.english and t.english not in catalogue()})
    assert not missing, "\n".join(f"{where}  {english}" for where, english in missing)


def test_every_command_and_field_is_translated() -> None:
    missing = sorted({(t.english, t.where) for t in derived_texts() if t.english not in catalogue()})
    assert not missing, "\n".join(f"{english}  ({where})" for english, where in missing)


def test_placeholders_agree() -> None:
    wrong = [
        f"{english!r} -> {chinese!r}"
        for english, chinese in catalogue().items()
        if placeholders(english) != placeholders(chinese)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_two_files_disagree() -> None:
    said: dict[str, tuple[str, str]] = {}
    wrong = []
    for name, content in files().items():
        for english, chinese in content.items():
            first = said.setdefault(english, (name, chinese))
            if first[1] != chinese:
                wrong.append(f"{english!r}: {first[0]} says {first[1]!r}, {name} says {chinese!r}")
    assert not wrong, "\n".join(wrong)


def test_nothing_is_translated_that_nobody_says() -> None:
    used = {t.english for t in (*texts(), *derived_texts())}
    unused = sorted((name, english) for name, content in files().items() for english in content if english not in used)
    assert not unused, "\n".join(f"{name}  {english}" for name, english in unused)


@pytest.mark.parametrize(
    ("english", "chinese", "others"),
    [
        (r"\b[Dd]esks?\b", "", "工位|工作台|工作站|台席|坐席"),
        (r"\b[Bb]ays?\b", "", "终端"),
        (r"\b([Bb]ranch|[Bb]ranches)\b", "", "分店|分公司|网点|分部"),
        (r"\b[Hh]eadquarters\b", "总部|中心", "本部|总公司"),
        (r"\benrolment code\b", "注册码", "登记码|邀请码"),
        (r"\b([Ss]ecured?|[Ll]eases?)\b", "", "租约|租赁|锁车"),
        (r"\b[Pp]rovisional\b", "暂定", "临时|暂时"),
    ],
)  # fmt: skip
def test_one_thing_has_one_word(english: str, chinese: str, others: str) -> None:
    """In a dealer's house 工位 is a bay of the workshop: a desk is 终端, this desk 本机."""
    wrong = [
        f"{key!r} -> {value!r}"
        for key, value in catalogue().items()
        if re.search(english, re.sub(r"{.*?}", "", key))
        and (not re.search(chinese, value) or re.search(others, value))
    ]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_no_key_stands_twice_in_a_file() -> None:
    for file in sorted(TRANSLATIONS.glob("*.json")):
        pairs = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list)
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), file.name


def test_no_text_is_put_together_before_it_is_translated() -> None:
    wrong = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKERS:
                    for place in MARKERS[getattr(node.func, "id", "")]:
                        if place < len(node.args) and isinstance(node.args[place], ast.JoinedStr | ast.BinOp):
                            wrong.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_a_text_with_braces_in_its_values_is_shown_as_it_is(code: str) -> None:
    from app.kernel.errors import ValueNotAllowed
    from app.runtime.language import set_language

    set_language(code)
    assert "{name}" in ValueNotAllowed(value="{name}").message()
