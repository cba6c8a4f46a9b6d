"""What the pages of clauses and of templates share: a record with versions, one of them in focus, and its steps."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import QTimer

from app.clauses.commands import ProposeText, RecallText
from app.clauses.rules import TextSort
from app.clauses.version_rows import DISCARD, EDIT, NEW_VERSION
from app.contracts.templates.text_versions import TextAction
from app.kernel.permissions import Permission
from app.runtime.language import tr_noop
from ui.clauses import questions
from ui.kit.actions import Action
from ui.kit.keys import Key
from ui.kit.record_page import RecordPage


class TextPage(RecordPage):
    """Declare `sort`, `key` and `new_words`; implement `new`, `edit` and `compare`."""

    sort: ClassVar[TextSort]
    new_words: ClassVar[str] = ""

    def __init__(self, context: Any) -> None:
        self._picked = ""
        self._then = ""
        super().__init__(context)
        self._add_text_actions()

    @property
    def version(self) -> Any:
        """The version in focus: the one that was picked, else the newest."""
        return self.record.version(self._picked) or self.record.versions[0]

    @property
    def verbs(self) -> tuple[str, ...]:
        """The steps in the order in which they come next."""
        names = ("approve", "reject", "propose", EDIT, NEW_VERSION, "compare")
        return tuple(f"{self.key}.{name}" for name in names)

    @property
    def more_verbs(self) -> tuple[str, ...]:
        """What is done rarely."""
        return tuple(f"{self.key}.{name}" for name in ("recall", DISCARD, "withdraw"))

    def new(self) -> None:
        """Write a new record."""
        raise TypeError(f"{type(self).__name__} declares no new")

    def edit(self) -> None:
        """Go on with the version in focus, or write a new one from it."""
        raise TypeError(f"{type(self).__name__} declares no edit")

    def compare(self) -> None:
        """Show what differs between two versions."""
        raise TypeError(f"{type(self).__name__} declares no compare")

    def activate(self, params: Mapping[str, Any]) -> None:
        """`open` "edit" or "compare" goes on to that with the record named beside it, once it is there."""
        self._then = str(params.get("open") or "")
        super().activate(params)

    def pick(self, version_id: str) -> None:
        """Put another version into focus."""
        self._picked = version_id
        self._fill(self.record)

    def show_record(self, record_id: str) -> None:
        if record_id != self._wanted:
            self._picked = record_id  # a version's id, as tasks name it, puts that version into focus
        super().show_record(record_id)

    def offers(self, code: str) -> bool:
        if not self.is_shown:
            return False
        return len(self.record.versions) > 1 if code == "compare" else code in self.version.actions

    def _add_text_actions(self) -> None:
        edit, approve = Permission.CLAUSES_EDIT, Permission.CLAUSES_APPROVE
        self.add_action(
            Action(f"{self.key}.new", self.new_words, self.new, key=Key.NEW, icon="file-plus", permission=edit),
            primary=True,
        )
        for code, text, icon, handler, permission in (
            ("approve", TextAction.APPROVE.label, "check", self._approve, approve),
            ("reject", TextAction.REJECT.label, "x", self._reject, approve),
            ("propose", TextAction.PROPOSE.label, "send", self._propose, edit),
            (EDIT, tr_noop("Continue writing"), "pencil", self.edit, edit),
            (NEW_VERSION, tr_noop("New version"), "file-plus", self.edit, edit),
            ("compare", tr_noop("Compare versions"), "git-compare", self.compare, None),
            ("recall", TextAction.RECALL.label, "rotate-ccw", self._recall, edit),
            (DISCARD, tr_noop("Throw away"), "trash-2", self._discard, edit),
            ("withdraw", TextAction.WITHDRAW.label, "undo", self._withdraw, edit),
        ):
            self.add_action(
                Action(f"{self.key}.{code}", text, handler, icon=icon, permission=permission,
                       enabled=partial(self.offers, code))
            )  # fmt: skip

    def _on_stored(self, version_id: str) -> None:
        self.close_sheet()
        self._picked = version_id
        self.show_record(version_id)
        self._picked = version_id

    def record_shown(self, record: Any) -> None:
        self._wanted = record.row.id  # it may have been asked for by one of its versions
        then, self._then = self._then, ""
        if then:
            QTimer.singleShot(0, self, {"edit": self.edit, "compare": self.compare}[then])

    def record_id(self, record: Any) -> str:
        known = {record.row.id, *(version.id for version in record.versions)}
        return self._wanted if self._wanted in known else str(record.row.id)

    # --- steps -----------------------------------------------------------------------------------

    def _approve(self) -> None:
        self.ask(questions.approval(self.context, self.sort, self.version))

    def _reject(self) -> None:
        self.ask(questions.rejection(self.context, self.sort, self.version))

    def _withdraw(self) -> None:
        self.ask(questions.withdrawal(self.context, self.sort, self.version))

    def _discard(self) -> None:
        self.ask(questions.discarding(self.context, self.sort, self.version))

    def _propose(self) -> None:
        self.run(ProposeText(**self._step()), said=tr_noop("Proposed: somebody else can approve it now."))

    def _recall(self) -> None:
        self.run(RecallText(**self._step()), said=tr_noop("It is a draft again."))

    def _step(self) -> dict[str, Any]:
        version = self.version
        return {"sort": self.sort, "version_id": version.id, "expected_revision": version.revision}
