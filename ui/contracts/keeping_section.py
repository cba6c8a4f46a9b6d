"""How a document is kept: for how long, what holds it, what it asks for by which day, and its evidence in a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.archive.commands import ExportedEvidence, ExportEvidence, LiftLegalHold, PlaceLegalHold
from app.archive.queries import DisposalRow, HoldRow, KeepingRow, MilestoneRow, contract_keeping
from app.contracts.proof.package import PACKAGE_SUFFIX
from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.fields import Field, MultiLineField, PasswordField
from ui.kit.layout import STRETCH, boxed, column, empty, row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.text import Words, words

REASON_LIMIT = 400
_TOUCHED = ("legal_hold", "disposal_list", "contract_milestone", "contract", "payment", "sales_order")
_NOT_PERMITTED = tr_noop("Your role does not permit this. Ask the branch manager.")


class KeepingSection(QWidget):
    """Reads by itself and stays true while it is open. Takes no room for a document that is not closed."""

    def __init__(self, context: PageContext, contract_id: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context, self._contract_id = context, contract_id
        self.shown: KeepingRow | None = None
        self.hold = self._button(tr_noop("Place a hold"), Permission.CONTRACTS_HOLD, self.ask_hold, icon="lock")
        self.export = self._button(
            tr_noop("Export the evidence"), Permission.CONTRACTS_EXPORT, self.ask_export, icon="download"
        )
        self.section = PanelSection(tr_noop("Keeping"))
        self._lines = column(gap=10)
        self.section.add(boxed(self._lines), boxed(row(self.hold, self.export, STRETCH, gap=8)))
        self.setLayout(column(self.section))
        self.hide()
        context.operations.changes_published.connect(self._on_changes)
        self.refresh()

    def refresh(self) -> None:
        """Read it again."""
        run = self.context.operations.run_query
        run(self, contract_keeping, self._contract_id, on_done=self._show, key="keeping")

    def _on_changes(self, changes: Changes, _initiator: object) -> None:
        if changes.touches(*_TOUCHED):
            self.refresh()

    def _button(self, text: Words, permission: Permission, on_click: Any, *, icon: str = "") -> Button:
        permitted = self.context.operations.actor.may(permission)
        button = Button(text, icon=icon or None, on_click=on_click, tooltip="" if permitted else _NOT_PERMITTED)
        button.setEnabled(permitted)
        return button

    # --- what is shown ---------------------------------------------------------------------------

    def _show(self, keeping: KeepingRow) -> None:
        if keeping == self.shown:
            return
        self.shown = keeping
        empty(self._lines)
        self._lines.addWidget(Facts(_facts(keeping)))
        for milestone in keeping.milestones:
            self._lines.addWidget(_milestone_line(milestone))
        for hold in sorted(keeping.holds, key=lambda one: one.lifted_at is not None):
            self._lines.addWidget(self._hold_line(hold))
        self.export.setVisible(keeping.sealed)
        self.hold.setVisible(keeping.kept_until is not None)
        kept = keeping.kept_until is not None or keeping.destroyed is not None
        self.setVisible(kept or bool(keeping.milestones))

    def _hold_line(self, hold: HoldRow) -> QWidget:
        reason = Label("", wrap=True)
        reason.set_text(hold.reason)
        about = Label(lambda: _about_hold(hold), role="secondary", wrap=True)
        if hold.lifted_at is not None:
            return boxed(column(StatusDot(tr_noop("Hold lifted"), "neutral"), reason, about, gap=2))
        lift = self._button(tr_noop("Lift it"), Permission.CONTRACTS_HOLD, lambda: self.ask_lift(hold))
        lift.setObjectName("lift")
        head = row(StatusDot(tr_noop("On legal hold"), "warn"), STRETCH, lift, gap=8)
        return boxed(column(head, reason, about, gap=2))

    # --- what is done ----------------------------------------------------------------------------

    def ask_hold(self) -> None:
        """Why it has to be kept."""
        self._ask(
            tr_noop("Why must this document be kept?"),
            text=tr_noop("It is not destroyed before the hold is lifted, whatever its age."),
            verb=tr_noop("Place the hold"),
            command=lambda reason: PlaceLegalHold(contract_id=self._contract_id, reason=reason),
            done=lambda _value: self._say(tr_noop("The document is on hold.")),
        )

    def ask_lift(self, hold: HoldRow) -> None:
        """Why the hold ends."""
        self._ask(
            tr_noop("Why does this hold end?"),
            text="",
            verb=tr_noop("Lift the hold"),
            command=lambda reason: LiftLegalHold(legal_hold_id=hold.id, reason=reason),
            done=lambda _value: self._say(tr_noop("The hold is lifted.")),
        )

    def ask_export(self) -> None:
        """For whom the evidence is."""
        self._ask(
            tr_noop("For whom is the evidence, and why?"),
            text=tr_noop(
                "The file holds the document, the evidence of its signatures, certificates and proofs. How the pens "
                "moved is in it only with a passphrase, for an expert whom you tell it. Who exports it, and why, "
                "stands in the audit trail."
            ),
            verb=tr_noop("Export the evidence"),
            command=lambda reason, passphrase="": ExportEvidence(
                contract_id=self._contract_id, reason=reason, passphrase=passphrase
            ),
            done=self._save,
            further=[PasswordField("passphrase", tr_noop("Passphrase for the handwriting"), span=2)],
        )

    def _ask(
        self, title: Words, *, text: Words, verb: Words, command: Any, done: Any, further: Sequence[Field] = ()
    ) -> None:
        field = MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=REASON_LIMIT, lines=3)
        self.section.ask(
            PanelForm(
                self.context, title, [field, *further], verb=verb, text=text, on_done=done,
                command=lambda values: command(values["reason"], *(values[one.name] or "" for one in further)),
            )
        )  # fmt: skip

    def _say(self, text: Words) -> None:
        self.context.notifications.show(text, tone="good")

    def _save(self, exported: ExportedEvidence) -> None:
        """Ask where, then write the whole file or none."""
        suffix = PACKAGE_SUFFIX.lstrip(".")
        dialog = QFileDialog(
            self, words(tr_noop("Save the evidence")), "", f"{words(tr_noop('Evidence package'))} (*.{suffix})"
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(exported.name)
        dialog.fileSelected.connect(lambda chosen: self.write(exported, Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, exported: ExportedEvidence, path: Path) -> None:
        """Write the package to a file, and say where it is."""
        from app.runtime.atomic_file import write_atomically

        def said(_value: Any) -> None:
            self._say(lambda: _saved_words(exported, path))

        self.context.operations.run_plain(
            self, lambda: write_atomically(path, exported.content), on_done=said, writes=True
        )


def _saved_words(exported: ExportedEvidence, path: Path) -> str:
    saved = tr("The evidence is saved as {file}.", file=str(path))
    if exported.logged:
        return saved
    return f"{saved} " + tr("The proof of the log is not in it yet: export it again after an exchange with the centre.")


def _facts(keeping: KeepingRow) -> list[tuple[Words, Words]]:
    facts: list[tuple[Words, Words]] = [
        (tr_noop("Retention class"), lambda: tr(keeping.retention.label))
    ]
    until = keeping.kept_until
    if until is not None:
        facts.append((tr_noop("Kept until"), lambda: formats.date_text(until)))
    destroyed = keeping.destroyed
    if destroyed is not None:
        facts.append((tr_noop("Destroyed"), lambda: _destroyed_words(destroyed)))
    if keeping.may_go:
        facts.append((tr_noop("Then"), lambda: tr("The time is over and nothing holds it: it may be destroyed")))
    return facts


def _destroyed_words(by: DisposalRow) -> str:
    return tr(
        "{time} by list {number}, confirmed by {person}", time=formats.moment(by.decided_at), number=by.number,
        person=by.decided_by,
    )  # fmt: skip


def _milestone_line(milestone: MilestoneRow) -> QWidget:
    if milestone.met:
        dot = StatusDot(tr_noop("Done"), "good")
    elif milestone.overdue:
        dot = StatusDot(tr_noop("Overdue"), "bad")
    else:
        dot = StatusDot(tr_noop("Ahead"), "info")
    what = column(Label(milestone.kind.label), Label(lambda: _about_milestone(milestone), role="secondary"), gap=2)
    return boxed(row(what, STRETCH, dot, gap=8))


def _about_milestone(milestone: MilestoneRow) -> str:
    day = tr("by {day}", day=formats.date_text(milestone.due_on))
    return day if milestone.amount is None else f"{day} · {formats.money(milestone.amount)}"


def _about_hold(hold: HoldRow) -> str:
    placed = tr("Placed {time} by {person}", time=formats.moment(hold.placed_at), person=hold.placed_by)
    if hold.lifted_at is None:
        return placed
    lifted = tr(
        "lifted {time} by {person}: {reason}", time=formats.moment(hold.lifted_at), person=hold.lifted_by,
        reason=hold.lift_reason,
    )  # fmt: skip
    return f"{placed} · {lifted}"
