"""Staff and branches: who may sign in as what, and what a branch is."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from app.kernel.changes import Changes
from app.kernel.permissions import ROLE_LABELS, Permission, Role
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr, tr_noop
from app.staff.commands import DeactivateStaffMember, ReactivateStaffMember, SetPassword
from app.staff.queries import BranchRow, StaffRow, count_staff, get_staff_member, list_branches, list_staff
from app.staff.rules import PASSWORD_SHORTEST, usable_password
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.editing import FormSheet
from ui.kit.fields import MultiLineField, PasswordField
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, column, row
from ui.kit.panel_form import PanelForm
from ui.kit.record_page import PanelContent, RecordPage
from ui.kit.text import Words
from ui.staff import branch_form, member_form
from ui.staff.branch_cards import BranchCards
from ui.staff.branch_form import BranchForm
from ui.staff.member_form import MemberForm
from ui.staff.words import ACCESS, role_words


class StaffPage(RecordPage):
    """People in the list; branches in a sheet."""

    title = tr_noop("Staff and branches")
    scope = "staff"
    key = "staff"
    param = "staff_id"
    watches = ("staff_member", "branch")
    columns = (
        Column("name", tr_noop("Full name"), width=112),
        Column("role", tr_noop("Role"), width=128, format=role_words),
        Column("branch_name", tr_noop("Branch"), width=160, stretch=True),
        Column("active", tr_noop("Access"), kind="state", width=112, states=ACCESS),
        Column("login", tr_noop("Sign-in name"), kind="code", width=112),
        Column("name_en", tr_noop("In English"), width=140, visible=False),
        Column("phone", tr_noop("Phone"), kind="code", width=120, visible=False),
    )

    def __init__(self, context: PageContext) -> None:
        self.branches: Sequence[BranchRow] = ()
        super().__init__(context)
        self.filters.search.set_words(tr_noop("Name, initials or sign-in name"))
        roles = [FacetOption(role.value, ROLE_LABELS[role]) for role in Role]
        self.filters.add_facet(Facet("role", tr_noop("Role"), roles, single=True))
        self.filters.add_facet(Facet("branch_id", tr_noop("Branch"), single=True))
        access = [FacetOption(active, state.label) for active, state in ACCESS.items()]
        self.filters.add_facet(Facet("active", tr_noop("Access"), access, single=True))
        self._add_actions()

    # --- the list --------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        super().activate(params)
        self._read_branches()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if changes.touches("branch"):
            self._read_branches()

    def list_rows(self, reader: Reader, *, after: str | None, limit: int, **filters: Any) -> Sequence[StaffRow]:
        reader.require(Permission.STAFF_MANAGE)
        return list_staff(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Reader, **filters: Any) -> tuple[int, int]:
        return count_staff(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} people", n=formats.count(matched), all=formats.count(total or matched))

    def _read_branches(self) -> None:
        self.context.operations.run_query(self, list_branches, on_done=self._on_branches, key="branches")

    def _on_branches(self, branches: Sequence[BranchRow]) -> None:
        self.branches = branches
        self.filters.set_options("branch_id", [_branch_option(branch) for branch in branches])
        if isinstance(self.sheet, BranchSheet):
            self.show_branches()

    # --- the panel -------------------------------------------------------------------------------

    def get_record(self, reader: Reader, record_id: str) -> StaffRow:
        return get_staff_member(reader, record_id)

    def record_id(self, record: StaffRow) -> str:
        return record.id

    def panel_content(self, record: StaffRow) -> PanelContent:
        return PanelContent(
            title=lambda: record.name,
            subtitle=lambda: role_words(record.role),
            content=_details(record),
            verbs=("staff.change", "staff.password", "staff.reactivate", "staff.deactivate"),
            next_step=False,
        )

    def open_row(self, row: StaffRow) -> None:
        self.enter_change()

    # --- people ----------------------------------------------------------------------------------

    def enter_new(self) -> None:
        """A form for somebody new."""
        form = MemberForm(self.context, self.branches)
        self._open_form(form, tr_noop("New colleague"), tr_noop("Add"), tr_noop("{name} may sign in now."))
        form.keep_draft(member_form.DRAFT)

    def enter_change(self) -> None:
        """A form with what is known of somebody."""
        record: StaffRow | None = self.record
        if record is None:
            return
        form = MemberForm(self.context, self.branches, record)
        self._open_form(form, lambda: tr("Change {name}", name=record.name), tr_noop("Save"), tr_noop("{name} saved."))

    def _open_form(self, form: MemberForm, title: Any, verb: str, said: str) -> None:
        save = Button(verb, kind="primary", on_click=lambda: form.submitted.emit())

        def submit() -> None:
            if not save.isEnabled() or not form.check_all():
                return
            name = form.value("name")
            job = self.context.operations.run_command(
                form,
                form.command(),
                on_done=lambda staff_id: self._on_member_saved(form, staff_id, tr(said, name=name)),
            )
            save.busy_while(job)

        form.submitted.connect(submit)
        self.open_sheet(FormSheet(form, buttons=[self.cancel_button(), save]), title)

    def _on_member_saved(self, form: MemberForm, staff_id: str, said: str) -> None:
        form.drop_draft()
        form.mark_clean()
        self.close_sheet()
        self.context.notifications.show(lambda: said, tone="good")
        self.table.select_id(staff_id)
        self.show_record(staff_id)

    def _ask_password(self) -> None:
        record: StaffRow = self.record
        question = PanelForm(
            self.context,
            lambda: tr("New password for {name}", name=record.name),
            [PasswordField("password", tr_noop("New password"), required=True, span=2, check=_check_password,
                           hint=lambda: tr("At least {n} characters; its owner changes it.", n=PASSWORD_SHORTEST))],
            verb=tr_noop("Set"),
            command=lambda values: SetPassword(staff_id=record.id, password=values["password"]),
            on_done=lambda _value: self._say(tr_noop("The new password holds from now on.")),
            text=tr_noop("Also ends the waiting after wrong attempts at this desk."),
        )  # fmt: skip
        self.ask(question)

    def _ask_deactivation(self) -> None:
        record: StaffRow = self.record
        question = PanelForm(
            self.context,
            lambda: tr("Take {name}'s access away?", name=record.name),
            [MultiLineField("reason", tr_noop("Reason"), required=True, max_length=400, lines=2, span=2)],
            verb=tr_noop("Take access away"),
            command=lambda values: DeactivateStaffMember(staff_id=record.id, reason=values["reason"]),
            text=tr_noop("Documents and entries stay theirs. Access can be given again."),
            danger=True,
        )
        self.ask(question)

    def _reactivate(self) -> None:
        self.run(ReactivateStaffMember(staff_id=self.record.id), said=tr_noop("May sign in again."))

    def _say(self, text: str) -> None:
        self.context.notifications.show(text, tone="good")

    # --- branches --------------------------------------------------------------------------------

    def show_branches(self) -> None:
        """The branches, a card each."""
        here = self.context.actor.branch_id
        sheet = BranchSheet(
            self.back_button(),
            Button.for_action(self.context.actions.get("staff.new_branch"), self.context.actions),
            BranchCards(self.branches, here=here, on_change=self.enter_branch),
        )
        self.open_sheet(sheet, tr_noop("Branches"))
        sheet.setFocus()

    def enter_branch(self, branch: BranchRow | None = None) -> None:
        """A form for a branch, or for a further one."""
        form = BranchForm(self.context, branch)
        save = Button(
            tr_noop("Open the branch") if branch is None else tr_noop("Save"), kind="primary",
            on_click=lambda: form.submitted.emit(),
        )  # fmt: skip

        def submit() -> None:
            if not save.isEnabled() or not form.check_all():
                return
            job = self.context.operations.run_command(
                form, form.command(), on_done=lambda _id: self._on_branch_saved(form)
            )
            save.busy_while(job)

        form.submitted.connect(submit)
        back = Button(tr_noop("Back to the branches"), on_click=self.show_branches)
        title = tr_noop("New branch") if branch is None else (lambda: tr("Change {name}", name=branch.name))
        self.open_sheet(FormSheet(form, buttons=[back, save]), title)
        if branch is None:
            form.keep_draft(branch_form.DRAFT)

    def _on_branch_saved(self, form: BranchForm) -> None:
        form.drop_draft()
        form.mark_clean()
        self._say(tr_noop("The branch is saved."))
        self.show_branches()
        self._read_branches()

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        manage = Permission.STAFF_MANAGE

        def add(
            name: str, text: str, handler: Any, key: str | None, icon: str, enabled: Any = None, **where: bool
        ) -> None:
            action = Action(f"staff.{name}", text, handler, key=key, icon=icon, permission=manage, enabled=enabled)
            self.add_action(action, **where)

        add("new", tr_noop("New colleague"), self.enter_new, Key.NEW, "user-plus", primary=True)
        add("branches", tr_noop("Branches"), self.show_branches, "Ctrl+T", "building-2", button=True)
        add("new_branch", tr_noop("New branch"), self.enter_branch, None, "store", menu=True)
        add("change", tr_noop("Change"), self.enter_change, Key.EDIT, "pencil", lambda: self.is_shown)
        add("password", tr_noop("New password"), self._ask_password, "Ctrl+R", "key-round", lambda: self.is_shown)
        add("deactivate", tr_noop("Take access away"), self._ask_deactivation, Key.DELETE, "ban",
            lambda: self.is_shown and self.record.active)  # fmt: skip
        add("reactivate", tr_noop("Give access again"), self._reactivate, None, "unlock",
            lambda: self.is_shown and not self.record.active)  # fmt: skip


class BranchSheet(QWidget):
    """The cards under a line with the way back."""

    def __init__(self, back: Button, new: Button, cards: BranchCards) -> None:
        super().__init__()
        self.cards = cards
        stack = column(row(back, STRETCH, new), gap=12)
        stack.addWidget(cards, 1)
        self.setLayout(stack)
        self.setFocusProxy(cards.cards[0].change if cards.cards else back)


def _branch_option(branch: BranchRow) -> FacetOption:
    return FacetOption(branch.id, lambda: branch.name)


def _details(record: StaffRow) -> QWidget:
    state = ACCESS[record.active]
    facts: list[tuple[Words, Words]] = [
        (tr_noop("Sign-in name"), record.login),
        (tr_noop("Role"), lambda: role_words(record.role)),
        (tr_noop("Branch"), lambda: record.branch_name),
        (tr_noop("In English"), record.name_en or "–"),
        (tr_noop("Phone"), record.phone or "–"),
        (tr_noop("PIN"), lambda: tr("set") if record.has_pin else tr("none")),
    ]
    holder = QWidget()
    holder.setLayout(column(StatusDot(state.label, state.tone), Facts(facts), gap=12))
    return holder


def _check_password(text: str) -> None:
    usable_password(text)
