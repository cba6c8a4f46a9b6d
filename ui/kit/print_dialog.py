"""Printing papers: seen first, then a printer and how, then one job, then what became of each.

A print is recorded before its first side is drawn (`BeginPrints`) and ends with what the system's spooler took
(`FinishPrints`). Drawing and spooling happen on a worker thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QProgressBar, QScrollArea, QWidget

from app.kernel.errors import DomainError
from app.printing.commands import BeginPrints, FinishPrints, PrintEnd, PrintStart
from app.printing.overlay import overlay_page
from app.printing.queries import PaperToPrint, ReadyPaper, print_choice, ready_papers
from app.printing.rules import MOST_COPIES, PDF_FILE, Duplex, PrintMark, PrintSettings, PrintState, page_numbers
from app.runtime.language import tr, tr_noop, trn
from ui.kit.context import PageContext
from ui.kit.controls import Choice, Label
from ui.kit.dialogs import CANCEL, Dialog
from ui.kit.fields import ChoiceField, IntegerField, Section, TextField, ToggleField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, boxed, column, empty, row
from ui.kit.operations import Job
from ui.kit.print_preview import PrintPreview
from ui.kit.printing import Offset, Spooled, SpoolPaper, ended_words, printer_names, spool
from ui.kit.text import Words, words
from ui.kit.theme import set_role, set_size

INTO_FILE = "\x00file"
"""Among the printers: pages go into a file. No printer's name has such a character."""
_FORM_WIDTH, _WIDTH, _ROWS_HEIGHT = 300, 720, 120
_TONES = {PrintState.SENT: "good", PrintState.FAILED: "bad", PrintState.CANCELLED: "warn"}
_MARK_WORDS = {
    PrintMark.ORIGINAL: tr_noop("Printed as the original"),
    PrintMark.COPY: tr_noop("Printed as a copy, print no. {count}"),
    PrintMark.DRAFT: tr_noop("Printed as a draft"),
    PrintMark.VOID: tr_noop("Printed as void"),
    PrintMark.SUPERSEDED: tr_noop("Printed as superseded by a newer contract"),
    PrintMark.TERMINATED: tr_noop("Printed as terminated"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintHow:
    """`kind` names the kind of paper whose settings this desk remembers; `offset_of` says how far a printer has to
    shift it; `as_fed` as `ui.kit.printing.spool` says."""

    kind: str
    offset_of: Callable[[str], Offset] | None = None
    as_fed: bool = False


class PrintDialog(Dialog):
    """Opened by `open_print`. Esc while printing cancels the job and leaves what became of it in sight."""

    def __init__(
        self, parent: QWidget, context: PageContext, papers: Sequence[PaperToPrint], *, title: Words, how: PrintHow
    ) -> None:
        super().__init__(parent, title=title, width=_WIDTH)
        self.context, self._how, self._words = context, how, title
        self._papers = tuple(papers)
        self._ready: tuple[ReadyPaper, ...] = ()
        self._starts: tuple[PrintStart, ...] = ()
        self.results: tuple[Spooled, ...] = ()
        self.job: Job | None = None
        self._into: Path | None = None
        self.form = Form(context, [Section("", self._fields())], columns=2, submit_keys=False)
        self.preview = PrintPreview(context)
        self._rows = column(gap=8)
        self._bar = QProgressBar()
        self._bar.setRange(0, 100)
        self._bar.setTextVisible(False)
        self._bar.hide()
        left = column(self.form, self._bar, self._rows_area(), gap=12)
        side = boxed(left)
        set_size(side, width=_FORM_WIDTH)
        self.content.addLayout(row(side, self.preview, gap=24))
        self.leave = self.add_button(CANCEL, self.reject)
        self.go = self.add_button(tr_noop("Print"), self.print, kind="primary", default=True)
        self.go.setEnabled(False)
        self.form.set_values(
            {"printer": INTO_FILE, "duplex": Duplex.SINGLE, "copies": 1, "collate": True, "pages": ""}
        )
        self._fetch()

    # --- parts -----------------------------------------------------------------------------------

    def _fields(self) -> list[Any]:
        sides = [Choice(one, one.label) for one in Duplex]
        fields: list[Any] = [
            ChoiceField("printer", tr_noop("Printer"), choices=[_into_file()], required=True, span=2),
            ChoiceField("duplex", tr_noop("One or both sides"), choices=sides, required=True, span=2),
            IntegerField("copies", tr_noop("Copies"), least=1, most=MOST_COPIES, required=True),
            TextField("pages", tr_noop("Page range"), max_length=40, placeholder=tr_noop("All, or 1-3, 5"),
                      mark_optional=False, check=_check_pages),
            ToggleField("collate", "", text=tr_noop("Collate: copy by copy"), span=2),
        ]  # fmt: skip
        return fields

    def _rows_area(self) -> QWidget:
        inside = boxed(column(self._rows, STRETCH, margins=(0, 0, 8, 0)))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inside)
        set_size(area, height=_ROWS_HEIGHT, at_least=True)
        return area

    def _fetch(self) -> None:
        run = self.context.operations.run_query
        run(self, print_choice, self._how.kind, on_done=self._on_choice, key="choice")
        run(self, ready_papers, self._papers, on_done=self._on_ready, on_error=self._on_unready, key="papers")

    def _on_choice(self, kept: PrintSettings) -> None:
        def found(known: tuple[list[str], str]) -> None:
            names, usual = known
            choices = [Choice(name, partial(str, name)) for name in names]
            self.form.set_choices("printer", [*choices, _into_file()])
            self.form.set_values({"printer": _usual_printer(kept.printer, names, usual)})

        self.form.set_values({"duplex": kept.duplex, "collate": kept.collate})
        self.context.operations.run_remote(self, printer_names, on_done=found)

    def _on_ready(self, ready: tuple[ReadyPaper, ...]) -> None:
        self._ready = ready
        empty(self._rows)
        for paper in ready:
            said: Words = _mark_words(paper) if paper.error is None else paper.error.message
            self._rows.addWidget(_line(paper.label, said, "bad" if paper.error else "neutral"))
        good = self._good()
        self.go.setEnabled(bool(good))
        if good:
            self.preview.show_papers([self._spooled(paper, self._coming(paper)) for paper in good])
            self.go.setFocus()

    def _on_unready(self, error: BaseException) -> bool:
        if isinstance(error, DomainError):
            self.form.messages.show_error(error.message)
        return isinstance(error, DomainError)

    def _good(self) -> list[ReadyPaper]:
        return [paper for paper in self._ready if paper.error is None]

    def _coming(self, paper: ReadyPaper) -> PrintStart | None:
        """The print that would begin now, for the preview."""
        if paper.target is None:
            return None
        return PrintStart(
            print_id="", record_id=paper.target.record_id, mark=paper.mark, count=paper.count,
            at=self.context.clock.now(), by=self.context.actor.name,
        )  # fmt: skip

    def _spooled(self, paper: ReadyPaper, start: PrintStart | None) -> SpoolPaper:
        overlay = (lambda size: overlay_page(start, size)) if start is not None else None
        return SpoolPaper(paper.label, paper.content, overlay)

    # --- printing --------------------------------------------------------------------------------

    def print(self) -> None:
        """Record the prints, then draw them; a file is asked for first where they go into one."""
        if not self.go.isEnabled() or not self.form.check_all():
            return
        if self.form.value("printer") == INTO_FILE:
            _ask_file(self, self._file_name(), self.print_into)
        else:
            self._begin()

    def print_into(self, path: Path) -> None:
        """Print into this file."""
        self._into = path
        self._begin()

    def settings(self) -> PrintSettings:
        """As they stand in the form."""
        values = self.form.values()
        printer = values["printer"]
        return PrintSettings(
            printer=PDF_FILE if printer == INTO_FILE else str(printer), duplex=Duplex(values["duplex"]),
            copies=int(values["copies"]), collate=bool(values["collate"]), pages=str(values["pages"] or ""),
        )  # fmt: skip

    def _begin(self) -> None:
        targets = tuple(paper.target for paper in self._good() if paper.target is not None)
        command = BeginPrints(kind=self._how.kind, settings=self.settings(), targets=targets)
        self.go.busy_while(self.context.operations.run_command(self.form, command, on_done=self._on_begun))

    def _on_begun(self, starts: tuple[PrintStart, ...]) -> None:
        self._starts = starts
        begun = iter(starts)
        papers = [self._spooled(paper, next(begun) if paper.target else None) for paper in self._good()]
        settings, title, into = self.settings(), words(self._words), self._into
        offset = self._how.offset_of(settings.printer) if self._how.offset_of is not None else None
        as_fed = self._how.as_fed
        self._show_busy()
        self.job = self.context.operations.run_long(
            self, lambda progress: spool(
                papers, settings, title=title, progress=progress, offset=offset, into=into, as_fed=as_fed
            ), title=tr_noop("Printing"), on_done=self._on_spooled,
        )  # fmt: skip
        self.job.may_be_skipped = False  # what was begun has to end with what became of it
        self.job.progressed.connect(lambda _text, share: self._bar.setValue(round(100 * (share or 0))))

    def _show_busy(self) -> None:
        self._bar.setValue(0)
        self._bar.show()
        self.form.setEnabled(False)
        self.go.setEnabled(False)

    def _on_spooled(self, results: tuple[Spooled, ...]) -> None:
        self.job = None
        self.results = results
        ends = tuple(
            PrintEnd(
                print_id=start.print_id, state=result.state, sides=result.sides,
                detail=ended_words(result) if result.error is not None else "",
            )
            for start, result in zip(self._starts, self._recorded(results), strict=True)
        )  # fmt: skip
        if ends:
            self.context.operations.run_command(self, FinishPrints(ends=ends))
        if all(result.state is PrintState.SENT for result in results) and len(results) == len(self._ready):
            self._tell_all_sent()
            self.accept()
        else:
            self._show_report()

    def _recorded(self, results: tuple[Spooled, ...]) -> list[Spooled]:
        return [result for result, paper in zip(results, self._good(), strict=True) if paper.target is not None]

    def _tell_all_sent(self) -> None:
        n, printer, into = len(self.results), self.settings().printer, self._into
        if into is not None:
            self.context.notifications.show(lambda: tr("Saved as {file}", file=into.name), tone="good")
            return
        self.context.notifications.show(
            lambda: trn(
                "{n} paper sent to printer {printer}", "{n} papers sent to printer {printer}", n, printer=printer
            ),
            tone="good",
        )

    def _show_report(self) -> None:
        """Row by row; what failed can be put right and printed again from where it came."""
        empty(self._rows)
        done = iter(self.results)
        for paper in self._ready:
            result = None if paper.error is not None else next(done)
            if result is None:
                self._rows.addWidget(_line(paper.label, paper.error.message if paper.error else "", "bad"))
            else:
                self._rows.addWidget(_line(paper.label, _result_words(result), _TONES[result.state]))
        self._bar.hide()
        self.form.hide()
        self.go.hide()
        self.leave.set_words(tr_noop("Close"))

    def reject(self) -> None:
        """Esc and Cancel: a job under way is cancelled first."""
        if self.job is not None:
            self.job.cancel()
        else:
            super().reject()

    def _file_name(self) -> str:
        return f"{self._papers[0].label if len(self._papers) == 1 else words(self._words)}.pdf"


def open_print(
    parent: QWidget, context: PageContext, papers: Sequence[PaperToPrint], *, title: Words, how: PrintHow
) -> PrintDialog:
    """Ask how, then print. Returns at once."""
    dialog = PrintDialog(parent, context, papers, title=title, how=how)
    dialog.open()
    return dialog


def _ask_file(parent: QWidget, name: str, chosen: Callable[[Path], object]) -> QFileDialog:
    dialog = QFileDialog(parent, tr("Print into a PDF file"), "", "PDF (*.pdf)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("pdf")
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def _usual_printer(kept: str, names: list[str], usual: str) -> str:
    """The one used last for this kind, else the computer's usual one, else the first; a file where there is none."""
    if kept == PDF_FILE or not names:
        return INTO_FILE
    return next((name for name in (kept, usual) if name in names), names[0])


def _into_file() -> Choice:
    return Choice(INTO_FILE, tr_noop("Into a PDF file"))


def _check_pages(text: str) -> Words | None:
    page_numbers(text, 9999)
    return None


def _mark_words(paper: ReadyPaper) -> Words:
    if paper.target is None:
        return ""
    return lambda: tr(_MARK_WORDS[paper.mark], count=paper.count)


def _result_words(result: Spooled) -> Words:
    def said() -> str:
        shown = ended_words(result)
        if result.state is not PrintState.SENT and result.sides:
            return f"{shown} · " + trn("{n} side sent before", "{n} sides sent before", result.sides)
        return shown

    return said


def _line(label: str, said: Words, tone: str) -> QWidget:
    name = Label("", wrap=True)
    name.set_text(label)
    stack = column(name, Label(said, role="secondary", wrap=True), gap=2)
    line = boxed(stack)
    if tone != "neutral":
        set_role(line, "message", tone=tone)
        stack.setContentsMargins(8, 6, 8, 6)
    return line
