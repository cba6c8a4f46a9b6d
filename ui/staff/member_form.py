"""Entering or changing somebody who signs in."""

from collections.abc import Sequence
from typing import Any

from app.kernel.chinese_names import name_pinyin
from app.runtime.language import tr, tr_noop
from app.staff.commands import ChangeStaffMember, CreateStaffMember
from app.staff.queries import BranchRow, StaffRow
from app.staff.rules import PASSWORD_SHORTEST, usable_login, usable_password
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, Field, PasswordField, PhoneField, Section, TextField
from ui.kit.form import Form
from ui.kit.printable import printable
from ui.staff.words import role_choices

DRAFT = "staff.member"


class MemberForm(Form):
    """Fields named like those of the commands. With `member` it changes that person, else it enters a new one."""

    def __init__(self, context: PageContext, branches: Sequence[BranchRow], member: StaffRow | None = None) -> None:
        self._member = member
        self._suggested = ""
        super().__init__(context, _sections(branches, new=member is None))
        if member is not None:
            self.set_values({name: getattr(member, name) for name in _PERSON})
        else:
            self.set_values({"branch_id": context.actor.branch_id})
        self.changed.connect(self._on_changed)

    def command(self) -> CreateStaffMember | ChangeStaffMember:
        """The command for what stands in the form."""
        if self._member is None:
            return CreateStaffMember(**self.values())
        return ChangeStaffMember(staff_id=self._member.id, expected_revision=self._member.revision, **self.values())

    def _on_changed(self, name: str) -> None:
        """A sign-in name is suggested from the name's pinyin until somebody writes their own."""
        if name != "name" or self._member is not None or self.value("login") != self._suggested:
            return
        spelt = name_pinyin(self.value("name")).full.replace(" ", "")
        self._suggested = "".join(c for c in spelt if c.isascii() and c.isalnum())[:40]
        self.set_value("login", self._suggested)


_PERSON = ("name", "name_en", "login", "role", "branch_id", "phone")


def _sections(branches: Sequence[BranchRow], *, new: bool) -> list[Section]:
    person: list[Field] = [
        TextField("name", tr_noop("Full name"), required=True, max_length=60, check=printable),
        TextField("name_en", tr_noop("Name in English"), max_length=60, check=printable),
        PhoneField("phone", tr_noop("Phone")),
    ]
    access: list[Field] = [
        ChoiceField("role", tr_noop("Role"), required=True, choices=role_choices()),
        ChoiceField("branch_id", tr_noop("Branch"), required=True, choices=[_branch(b) for b in branches]),
        TextField("login", tr_noop("Sign-in name"), required=True, max_length=40, check=_check_login),
    ]
    if new:
        access.append(
            PasswordField("password", tr_noop("First password"), required=True, check=_check_password,
                          hint=lambda: tr("At least {n} characters; its owner changes it.", n=PASSWORD_SHORTEST))
        )  # fmt: skip
    return [Section(tr_noop("About the person"), person), Section(tr_noop("Access"), access)]


def _branch(row: BranchRow) -> Choice:
    return Choice(row.id, lambda: row.name)


def _check_login(text: str) -> None:
    usable_login(text)


def _check_password(text: str) -> Any:
    usable_password(text)
    return None
