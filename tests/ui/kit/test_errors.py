"""The funnel: beside the field, in the message bar, as a notification, or as a bug."""

import errno
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QObject

from app.kernel.errors import DomainError, ValueRequired
from app.runtime.errors import DiskFull, WrongPassphrase
from app.runtime.language import set_language
from tests.ui.workplaces import NoteLocked, Notes
from ui.kit.context import PageContext
from ui.kit.errors import DAMAGED, DISK_FULL, NO_NETWORK, READ_ONLY, ErrorPresenter, debug_text, environment_message
from ui.kit.fields import Section, TextField
from ui.kit.form import Form
from ui.kit.page import Page
from ui.kit.text import words


class _OperationalError(Exception):
    pass


_OperationalError.__name__ = "OperationalError"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "full"), DISK_FULL),
        (OSError(errno.EROFS, "read-only"), READ_ONLY),
        (PermissionError(errno.EACCES, "denied"), READ_ONLY),
        (sqlite3.OperationalError("database or disk is full"), DISK_FULL),
        (sqlite3.OperationalError("attempt to write a readonly database"), READ_ONLY),
        (sqlite3.DatabaseError("database disk image is malformed"), DAMAGED),
        (_OperationalError("(sqlcipher3.dbapi2.OperationalError) database or disk is full"), DISK_FULL),
        (ConnectionRefusedError("no"), NO_NETWORK),
        (TimeoutError("slow"), NO_NETWORK),
        (ValueError("a bug"), None),
        (sqlite3.OperationalError("no such table: x"), None),
    ],
)
def test_faults_of_the_surroundings(error: BaseException, message: str | None) -> None:
    assert environment_message(error) == message


def test_the_cause_behind_an_error_counts() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "full")
        except OSError as cause:
            raise RuntimeError("while saving") from cause
    except RuntimeError as error:
        assert environment_message(error) == DISK_FULL


def test_errors_with_words_of_their_own_are_said_in_them() -> None:
    assert environment_message(DiskFull(folder="/x")) == DiskFull(folder="/x").message()

    class Plain(Exception):
        code = "plain"
        text = "Fill in this field."

    set_language("zh_CN")
    said = environment_message(Plain())
    assert said and said != Plain.text


@pytest.fixture
def page(context: PageContext, show: Callable[..., Any]) -> Page:
    """A page with a form of one field."""
    page = Page(context)
    form = Form(context, [Section("", [TextField("text", "Text")])])
    page.set_body(form)
    page.form = form  # type: ignore[attr-defined]
    return show(page)


def test_a_field_error_stands_beside_its_field(errors: ErrorPresenter, page: Any) -> None:
    errors.present(ValueRequired(field="text"), parent=page)
    assert page.form.problems() == {"text": "Fill in this field."} and page.messages.text() == ""
    errors.present(WrongPassphrase(field="text"), parent=page.form)
    assert "passphrase" in page.form.problems()["text"]


def test_other_rules_speak_in_the_message_bar_and_change_their_language(errors: ErrorPresenter, page: Any) -> None:
    errors.present(NoteLocked(field="unknown"), parent=page.form)
    assert page.messages.text() == "This note is locked." and page.messages.tone == "bad"
    errors.present(ValueRequired(), parent=page)
    set_language("zh_CN")
    assert page.messages.text() == ValueRequired().message() != "Fill in this field."


def test_without_a_place_it_becomes_a_notification(
    errors: ErrorPresenter, notifications: Notes, bugs: list[str]
) -> None:
    errors.present(NoteLocked(), parent=QObject())
    errors.present(OSError(errno.ENOSPC, "full"), retry=lambda: None)
    said = [(words(text), tone, action) for text, tone, action, _run in notifications.shown]
    assert said == [("This note is locked.", "bad", None), (DISK_FULL, "bad", "Try again")] and bugs == []


def test_everything_else_is_a_bug(errors: ErrorPresenter, bugs: list[str], expected_errors: list[str]) -> None:
    expected_errors.append("unexpected error")
    errors.present(ZeroDivisionError("13800138000"))
    assert len(bugs) == 1 and "ZeroDivisionError" in bugs[0] and "13800138000" not in bugs[0]


def test_debug_text_names_places_without_the_machines_paths() -> None:
    try:
        raise KeyError("李伟")
    except KeyError as error:
        text = debug_text(error)
    assert "test_errors.py" in text and "李伟" not in text and "/home" not in text and "Qt 6" in text


def test_domain_errors_need_no_field() -> None:
    assert DomainError().field is None
