"""Everybody's own password and PIN, in small windows that are reachable from every page."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from app.kernel.commands import Command
from app.runtime.language import tr, tr_noop
from app.staff.commands import ChangeOwnPassword, SetPin
from app.staff.rules import (
    PASSWORD_SHORTEST,
    PIN_LONGEST,
    PIN_SHORTEST,
    usable_password,
    usable_pin,
)
from ui.kit.actions import Action, ActionRegistry
from ui.kit.context import PageContext
from ui.kit.controls import Label
from ui.kit.dialogs import Dialog
from ui.kit.fields import Field, PasswordField, Section
from ui.kit.form import Form
from ui.kit.text import Words

ACCOUNT = tr_noop("My access")


class AccessDialog(Dialog):
    """A few secret fields and one verb. Errors stand below their fields; it closes once the change is stored."""

    def __init__(
        self,
        parent: QWidget,
        context: PageContext,
        *,
        title: Words,
        text: Words,
        fields: list[Field],
        verb: Words,
        command: Callable[[Mapping[str, Any]], Command],
        said: Words,
    ) -> None:
        super().__init__(parent, title=title)
        self.context, self._command, self._said = context, command, said
        self.form = Form(context, [Section("", fields)], columns=1, submit_on_return=True)
        self.form.submitted.connect(self.submit)
        self.add(Label(text, role="secondary", wrap=True), self.form)
        self.add_button(tr_noop("Cancel"), self.reject)
        self.verb = self.add_button(verb, self.submit, kind="primary")

    def submit(self) -> None:
        """Store it if every field is all right."""
        if not self.verb.isEnabled() or not self.form.check_all():
            return
        command = self._command(self.form.values())
        self.verb.busy_while(self.context.operations.run_command(self.form, command, on_done=self._on_stored))

    def _on_stored(self, _value: object) -> None:
        self.context.notifications.show(self._said, tone="good")
        self.accept()


def change_own_password(parent: QWidget, context: PageContext) -> AccessDialog:
    """Ask for the present password and the new one, twice."""
    dialog: AccessDialog

    def same(again: str) -> Words | None:
        return None if again == dialog.form.value("new_password") else tr_noop("The two are not the same.")

    dialog = AccessDialog(
        parent, context,
        title=tr_noop("Change my password"),
        text=tr_noop("It holds at every desk once this desk has met the centre."),
        fields=[
            PasswordField("current_password", tr_noop("Present password"), required=True),
            PasswordField("new_password", tr_noop("New password"), required=True, check=_check_password,
                          hint=lambda: tr("At least {n} characters.", n=PASSWORD_SHORTEST)),
            PasswordField("again", tr_noop("New password once more"), required=True, check=same),
        ],
        verb=tr_noop("Change"),
        command=lambda values: ChangeOwnPassword(
            current_password=values["current_password"], new_password=values["new_password"]
        ),
        said=tr_noop("Your password is changed."),
    )  # fmt: skip
    return _opened(dialog)


def set_own_pin(parent: QWidget, context: PageContext) -> AccessDialog:
    """Ask for the present password and a PIN; an empty one takes it away."""
    return _opened(
        AccessDialog(
            parent, context,
            title=tr_noop("My PIN"),
            text=tr_noop("A short number for changing places at a shared desk. Leave it empty to have none."),
            fields=[
                PasswordField("current_password", tr_noop("Present password"), required=True),
                PasswordField("pin", tr_noop("PIN"), check=_check_pin,
                              hint=lambda: tr("{least} to {most} digits.", least=PIN_SHORTEST, most=PIN_LONGEST)),
            ],
            verb=tr_noop("Set"),
            command=lambda values: SetPin(current_password=values["current_password"], pin=values["pin"] or None),
            said=tr_noop("Your PIN is set."),
        )
    )  # fmt: skip


def add_own_access_actions(registry: ActionRegistry, window: QWidget, context: PageContext) -> None:
    """Make both reachable for everybody, from every page, through the palette."""
    for action in (
        Action("access.password", tr_noop("Change my password"), lambda: change_own_password(window, context),
               icon="key-round", group=ACCOUNT, keywords="password mima 密码"),
        Action("access.pin", tr_noop("My PIN"), lambda: set_own_pin(window, context), icon="key",
               group=ACCOUNT, keywords="pin kuaijie 快捷"),
    ):  # fmt: skip
        registry.add(action, window)


def _opened(dialog: AccessDialog) -> AccessDialog:
    dialog.open()
    dialog.form.focus_first()
    return dialog


def _check_password(text: str) -> None:
    usable_password(text, field="new_password")


def _check_pin(text: str) -> None:
    usable_pin(text)
