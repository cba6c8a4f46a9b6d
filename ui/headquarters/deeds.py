"""What is done at headquarters: the actions of the page, each with its question."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.headquarters import questions
from ui.headquarters.lists import KEPT
from ui.headquarters.ports import HeadquartersPort
from ui.headquarters.rows import BranchLine, DeskLine, KeptLine, LeaseLine, moment_of
from ui.kit.actions import Action
from ui.kit.keys import Key
from ui.kit.layout import boxed, column
from ui.kit.text import Words

if TYPE_CHECKING:
    from ui.headquarters.headquarters_page import HeadquartersPage

_MANAGE = Permission.HEADQUARTERS_MANAGE


class Deeds:
    """Registers the actions on the page and carries them out."""

    def __init__(self, page: "HeadquartersPage", port: HeadquartersPort) -> None:
        self._page, self._port = page, port
        self._add_actions()

    def _add_actions(self) -> None:
        self._page.add_action(
            Action("headquarters.code", tr_noop("New enrolment code"), self._ask_for_code, key=Key.NEW, icon="plus",
                   permission=_MANAGE, enabled=lambda: self._page.is_signed_in),
            primary=True,
        )  # fmt: skip
        self._about("desks", tr_noop("Its desks"), BranchLine, self._open_branch, "Ctrl+O", "monitor", None)
        self._about("scopes", tr_noop("Change what it reads"), DeskLine, self._ask_scopes, "Ctrl+R", "layers", _MANAGE)
        self._about("revoke", tr_noop("Shut out"), DeskLine, self._ask_revoke, Key.DELETE, "ban", _MANAGE)
        self._about("release", tr_noop("Release them"), KeptLine, self._ask_release, "Ctrl+G", "check", _MANAGE)
        self._about("drop", tr_noop("Drop"), KeptLine, self._ask_drop, "Ctrl+T", "x", _MANAGE)
        self._about("end_lease", tr_noop("End the lease"), LeaseLine, self._ask_end_lease, "Ctrl+U", "unlock", _MANAGE)

    def _about(
        self, name: str, text: str, kind: type, handler: Callable[[Any], object], key: str, icon: str,
        permission: Permission | None,
    ) -> None:  # fmt: skip
        """An action about the selected row of a kind."""

        def possible() -> bool:
            line = self._page.current_row()
            return isinstance(line, kind) and not (name == "revoke" and getattr(line, "revoked_at", None) is not None)

        self._page.add_action(
            Action(f"headquarters.{name}", text, lambda: handler(self._page.current_row()), key=key, icon=icon,
                   permission=permission, enabled=possible)
        )  # fmt: skip

    def _open_branch(self, line: BranchLine) -> None:
        self._page.show_desks_of(line)

    def _order(self, question: str, message: Mapping[str, Any]) -> dict[str, Any]:
        """On a worker thread."""
        return self._port.ask(question, **message)

    def _show_question(self, form: questions.RemoteForm, line: Any) -> None:
        form.left.connect(lambda: self._after_question(line))
        self._page.panel.show_content("", boxed(column(form)))
        form.take_focus()

    def _after_question(self, line: Any) -> None:
        """Cancel leads back to the row it was about."""
        self._page.panel.close_panel()
        if line is not None:
            self._page.show_details(line)

    def _said(self, text: Words) -> Callable[[Any], None]:
        def done(_told: Any) -> None:
            self._page.context.notifications.show(text, tone="good")
            self._page.panel.close_panel()
            self._page.refresh()

        return done

    def _ask_revoke(self, line: DeskLine) -> None:
        said = self._said(lambda: tr("{desk} is shut out.", desk=line.name))
        self._show_question(questions.revoke_question(self._page.context, line, ask=self._order, said=said), line)

    def _ask_scopes(self, line: DeskLine) -> None:
        said = self._said(tr_noop("Changed. The desk learns of it at its next contact."))
        form = questions.scopes_question(self._page.context, line, self._page.codes(), ask=self._order, said=said)
        self._show_question(form, line)

    def _ask_for_code(self) -> None:
        line = self._page.current_row()
        shown = line if isinstance(line, BranchLine) else self._page.shown_branch
        branch = shown.code if shown is not None else ""
        form = questions.code_question(
            self._page.context, self._page.branches, branch=branch, ask=self._order, said=self._show_code
        )
        self._show_question(form, line)

    def _show_code(self, told: Mapping[str, Any]) -> None:
        content = questions.made_code(self._page.context, str(told["code"]), moment_of(told.get("expires_at")))
        self._page.panel.show_content(tr_noop("Enrolment code"), content)

    def _of_desk(self, line: KeptLine) -> int:
        return sum(other.device_id == line.device_id for other in self._page.tabs[KEPT].content.known.rows)

    def _ask_release(self, line: KeptLine) -> None:
        self._show_question(
            questions.release_question(
                self._page.context, line, self._page.desk_name(line.device_id), everything=self._of_desk(line),
                ask=self._order, said=self._on_released,
            ),
            line,
        )  # fmt: skip

    def _on_released(self, told: Mapping[str, Any]) -> None:
        outcomes = dict(told["outcomes"])
        refused = outcomes.pop("rejected", 0) + outcomes.pop("conflict", 0)
        applied = sum(outcomes.values())

        def text() -> str:
            done = trn("{n} change released.", "{n} changes released.", applied)
            return done if not refused else f"{done} {trn('{n} was refused.', '{n} were refused.', refused)}"

        self._page.context.notifications.show(text, tone="warn" if refused else "good")
        self._page.panel.close_panel()
        self._page.refresh()

    def _ask_drop(self, line: KeptLine) -> None:
        form = questions.drop_question(
            self._page.context, line, self._page.desk_name(line.device_id), everything=self._of_desk(line),
            ask=self._order, said=self._said(tr_noop("Dropped.")),
        )  # fmt: skip
        self._show_question(form, line)

    def _ask_end_lease(self, line: LeaseLine) -> None:
        said = self._said(tr_noop("The lease has ended. Tell the branch."))
        self._show_question(questions.lease_question(self._page.context, line, ask=self._order, said=said), line)
