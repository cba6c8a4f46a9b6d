"""Taking in a list: file or clipboard, columns, check, import. One thing at a time, and nothing half-done is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QFrame, QStackedWidget, QWidget

from app.kernel.errors import DomainError
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.feedback import EmptyState, MessageBar
from ui.kit.import_plan import CheckedFile, ImportPlan, SourceTable
from ui.kit.import_steps import ColumnsStep, ReportStep, SourceStep, save_template
from ui.kit.layout import STRETCH, column, row
from ui.kit.operations import Cancelled, Job
from ui.kit.text import Retranslated, words
from ui.kit.theme import set_role

STEPS = (tr_noop("File"), tr_noop("Columns"), tr_noop("Check"), tr_noop("Done"))


class ImportSheet(Retranslated, QWidget):
    """The whole import in the place of the table. `on_leave` goes back to the list."""

    def __init__(self, context: PageContext, plan: ImportPlan, *, on_leave: Callable[[], object]) -> None:
        super().__init__()
        self.context, self.plan = context, plan
        self.table: SourceTable | None = None
        self.checked: CheckedFile | None = None
        self.job: Job | None = None
        self._path: Path | None = None
        self._on_leave = on_leave
        self._make_buttons()
        self.source = SourceStep(plan, choose=self._choose, paste=self._paste, template=self._template)
        self.columns = self.make_columns()
        self.report = self.make_report()
        self.done = EmptyState("", icon="check-circle")
        self.messages = MessageBar()
        self.stack = QStackedWidget()
        for step in (self.source, self.columns, self.report, self.done):
            self.stack.addWidget(step)
        self._place = Label("", role="secondary")
        layout = column(self._place, self.messages, gap=12)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self._footer())
        self.setLayout(layout)
        self.source.dropped.connect(lambda path: self.open_file(Path(path)))
        self.columns.changed.connect(self._show_buttons)
        self.columns.sheet_chosen.connect(self._on_sheet_chosen)
        self.report.policy_changed.connect(self._show_buttons)
        paste = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self)
        paste.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        paste.activated.connect(self.paste)
        self.go_to(0)

    # --- what a feature may replace --------------------------------------------------------------

    def make_columns(self) -> Any:
        """The step in which columns are assigned: `changed`, `sheet_chosen`, `show_table`, `mapping`, `missing`."""
        return ColumnsStep(self.plan)

    def make_report(self) -> Any:
        """The step that shows what the check found: `policy`, `policy_changed`, `problems`, `show_checked`."""
        return ReportStep(self.context, self.plan)

    def suggestion(self, table: SourceTable) -> Any:
        """The mapping used last for the same headings, completed by what the headings suggest."""
        suggested = dict(self.plan.suggest(table.headers))
        kept = self.context.views.load(f"import.{self.plan.key}") or {}
        for field in self.plan.fields:
            heading = kept.get(str(field.key))
            if heading in table.headers:
                number = table.headers.index(heading)
                suggested = {key: place for key, place in suggested.items() if place != number}
                suggested[field.key] = number
        return suggested

    def remember(self, mapping: Any) -> None:
        """Keep a mapping for the next file with these headings."""
        assert self.table is not None
        headings = {str(key): self.table.headers[number] for key, number in mapping.items()}
        self.context.views.save(f"import.{self.plan.key}", headings)

    def taken_in(self, value: Any) -> None:
        """Everything is stored; `value` is what the command returned."""

    # --- what people do --------------------------------------------------------------------------

    def open_file(self, path: Path, sheet: str = "") -> None:
        """Read a file, off the GUI thread."""
        self._path = path
        self._read(lambda: self.plan.read_file(path, sheet))

    def paste(self) -> None:
        """Read what was copied, as a table."""
        if self.stack.currentWidget() is not self.source:
            return
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self.messages.show_warning(tr_noop("Nothing is copied. Copy the rows in the spreadsheet, with headings."))
            return
        self._path = None
        self.read_pasted(text)

    def read_pasted(self, text: str) -> None:
        """Read a text, off the GUI thread."""
        self._read(lambda: self.plan.read_text(text))

    def check(self) -> None:
        """Check every row; can be cancelled."""
        table = self.table
        if table is None or self.columns.missing() or self._is_busy:
            return
        mapping, plan, workplace = self.columns.mapping(), self.plan, self.context.operations.workplace
        self.remember(mapping)

        def work(progress: Any) -> CheckedFile:
            return workplace.read(plan.check, table, mapping, progress)  # type: ignore[no-any-return]

        self._start(
            self.context.operations.run_long(
                self, work, title=tr_noop("Checking the file"), on_done=self._on_checked, on_error=self._on_failed
            )
        )

    def take_in(self) -> None:
        """Write the good rows; all of them or none."""
        checked = self.checked
        if checked is None or self._is_busy or not self._may_take_in():
            return
        skip, plan, operations = bool(self.report.policy.value()), self.plan, self.context.operations
        actor = operations.actor

        def work(progress: Any) -> Any:
            return operations.workplace.dispatcher.execute(plan.command(checked, skip, progress), actor)

        self._start(
            operations.run_long(
                self, work, title=tr_noop("Importing"), on_done=self._on_taken_in, on_error=self._on_failed, writes=True
            )
        )

    def cancel(self) -> None:
        """Stop what is under way; nothing of it is kept."""
        if self.job is not None:
            self.job.cancel()

    def save_report(self, path: Path) -> None:
        """Write the report, off the GUI thread."""
        problems, plan = list(self.report.problems), self.plan
        self.context.operations.run_plain(
            self,
            lambda: plan.save_report(problems, path),
            on_done=lambda _value: self.messages.show_good(lambda: tr("The report is in {name}.", name=path.name)),
        )

    def go_to(self, step: int) -> None:
        """Show a step."""
        self.stack.setCurrentIndex(step)
        self.messages.clear()
        self._show_buttons()
        self.retranslate()
        self._lead_on()

    def show_error(self, error: DomainError) -> bool:
        """The funnel asks: it stands above the step."""
        self.messages.show_error(error.message)
        return True

    def retranslate(self) -> None:
        step = self.stack.currentIndex()
        self._place.set_words(lambda: tr("Step {n} of {all}: {name}", n=step + 1, all=len(STEPS), name=tr(STEPS[step])))

    # --- inside ----------------------------------------------------------------------------------

    @property
    def _is_busy(self) -> bool:
        return self.job is not None and not self.job.is_finished

    def _make_buttons(self) -> None:
        self._choose = Button(tr_noop("Choose a file…"), kind="primary", icon="upload", on_click=self._ask_file)
        self._paste = Button(tr_noop("Paste copied rows"), icon="copy", on_click=self.paste)
        self._template = Button(
            tr_noop("Save an empty table to fill in…"), kind="quiet", icon="download", on_click=self._ask_template
        )
        self._leave = Button(tr_noop("Back to the list"), on_click=lambda: self._on_leave())
        self._back = Button(tr_noop("One step back"), icon="arrow-left", on_click=self._go_back)
        self._save = Button(tr_noop("Save the report…"), icon="download", on_click=self._ask_report)
        self._check = Button(tr_noop("Check the rows"), kind="primary", on_click=self.check)
        self._take = Button("", kind="primary", icon="check", on_click=self.take_in)
        self._again = Button(tr_noop("Import another file"), on_click=lambda: self.go_to(0))
        self._stop = Button(tr_noop("Cancel"), on_click=self.cancel)

    def _footer(self) -> QFrame:
        frame = QFrame()
        set_role(frame, "plain")
        frame.setLayout(
            row(self._leave, self._back, STRETCH, self._save, self._again, self._stop, self._check, self._take)
        )
        return frame

    def _show_buttons(self) -> None:
        step, busy = self.stack.currentIndex(), self._is_busy
        self._back.setVisible(step in (1, 2) and not busy)
        self._save.setVisible(step >= 2 and bool(self.report.problems) and not busy)
        self._again.setVisible(step == 3)
        self._stop.setVisible(busy)
        self._check.setVisible(step == 1)
        self._check.setEnabled(not busy and not self.columns.missing())
        self._take.setVisible(step == 2)
        self._take.setEnabled(not busy and self._may_take_in())
        checked = self.checked
        if checked is not None:
            good = checked.total - checked.refused
            self._take.set_words(lambda: tr("Import: {rows}", rows=self.plan.taken(good)))

    def _may_take_in(self) -> bool:
        checked = self.checked
        if checked is None or checked.refused >= checked.total:
            return False
        return not checked.refused or bool(self.report.policy.value())

    def _go_back(self) -> None:
        self.go_to(max(0, self.stack.currentIndex() - 1))

    def _read(self, read: Callable[[], SourceTable]) -> None:
        self.messages.clear()
        job = self.context.operations.run_plain(self, read, on_done=self._on_read)
        self._choose.busy_while(job)
        self._paste.busy_while(job)

    def _on_read(self, table: SourceTable) -> None:
        self.table = table
        self.columns.show_table(table, self.suggestion(table))
        self.go_to(1)

    def _on_sheet_chosen(self, sheet: str) -> None:
        if self._path is not None:
            self.open_file(self._path, sheet)

    def _start(self, job: Job) -> None:
        self.job = job
        self.messages.clear()
        job.finished.connect(self._on_job_finished)
        self._show_buttons()

    def _lead_on(self) -> None:
        """The keyboard goes on with the step's own button: the one pressed last is gone."""
        step = self.stack.currentIndex()
        verb = (self._choose, self._check, self._take, self._again)[step]
        if self.isVisible():
            (verb if verb.isEnabled() else self._back if step else self._leave).setFocus()

    def _on_job_finished(self) -> None:
        self._show_buttons()
        self._lead_on()
        if self.job is not None and isinstance(self.job.error, Cancelled):
            self.messages.show_info(tr_noop("Stopped. Nothing was changed."))

    def _on_checked(self, checked: CheckedFile) -> None:
        self.checked = checked
        self.report.policy.set_value(False)
        self.report.show_checked(checked)
        self.go_to(2)

    def _on_taken_in(self, value: Any) -> None:
        checked = self.checked
        left_out = checked.refused if checked is not None else 0
        self.done.set_words(
            lambda: self.plan.result(value),
            (lambda: tr("{n} rows were left out; the report says why.", n=f"{left_out:,}")) if left_out else "",
        )
        self.checked = None
        self.taken_in(value)
        self.go_to(3)

    def _on_failed(self, error: BaseException) -> bool:
        problems = getattr(error, "problems", None)
        if problems:
            self.report.show_problems(problems)
        return False

    # --- dialogs ---------------------------------------------------------------------------------

    def _ask_file(self) -> None:
        dialog = self._dialog(tr("Choose a file"), QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([f"{tr('Tables')} ({self.plan.readable})", f"{tr('All files')} (*)"])
        dialog.fileSelected.connect(lambda name: self.open_file(Path(name)))
        dialog.open()

    def _ask_report(self) -> None:
        dialog = self._dialog(tr("Save the report"), QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["XLSX (*.xlsx)", "CSV (*.csv)"])
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(words(tr_noop("Import report")))
        dialog.fileSelected.connect(lambda name: self.save_report(Path(name)))
        dialog.open()

    def _ask_template(self) -> None:
        dialog = self._dialog(tr("Save an empty table"), QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["CSV (*.csv)"])
        dialog.setDefaultSuffix("csv")
        plan = self.plan
        dialog.fileSelected.connect(
            lambda name: self.context.operations.run_plain(self, lambda: save_template(plan, Path(name)))
        )
        dialog.open()

    def _dialog(self, title: str, mode: QFileDialog.AcceptMode) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(mode)
        return dialog
