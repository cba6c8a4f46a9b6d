"""The end: what checking the sealed document found, and what to do with it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog

from app.contracts.checking import VerificationRow, verify_contract
from app.contracts.queries import ContractDetail, DocumentRow, contract_document, get_contract
from app.documents.drawn_fields import with_fields_drawn
from app.printing.queries import contract_to_print
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import column
from ui.kit.pdf_view import PdfView
from ui.kit.station import Station
from ui.kit.text import Words
from ui.signing.amendment_hint import AMEND, hint_words, may_amend, to_the_amendment
from ui.signing.document_words import kind_words

if TYPE_CHECKING:
    from app.contracts.proof.verification import SignatureReport


def _signature_fact(signature: "SignatureReport") -> tuple[Words, Words]:
    name = tr_noop("Seal") if signature.is_seal else tr_noop("Signature")
    return name, lambda: f"{signature.signer} · {formats.moment(signature.signed_at)}"


class DoneStation(Station):
    """`finished()`: on to what comes next, which `go_on` names."""

    finished = Signal()

    def __init__(self, context: PageContext, *, go_on: Words) -> None:
        super().__init__(context)
        self._contract_id = ""
        self._number = self._kind = ""
        self._document: DocumentRow | None = None
        self.report: VerificationRow | None = None
        self.heading = Label(tr_noop("Checking the sealed document"), role="section")
        self.state = StatusDot("", "neutral")
        self.facts = Facts()
        self.findings = Label("", wrap=True)
        self.view = PdfView(on_print=self._print)
        self.save = Button(tr_noop("Save as PDF"), icon="download", on_click=self._save)
        self.again = Button(tr_noop("Check again"), icon="shield-check", on_click=self._check)
        self.paper = Button(tr_noop("Print"), icon="printer", on_click=self._print)
        self.go = Button(go_on, kind="primary", on_click=self.finished.emit)
        self.arrange(
            [column(self.heading, self.state, self.facts, self.findings, gap=8), self.view],
            secondary=[self.paper, self.save, self.again], primary=self.go,
        )  # fmt: skip

    def begin(self, contract_id: str) -> None:
        """Show the sealed document and what checking it finds."""
        self._contract_id = contract_id
        self.report = None
        run = self.context.operations.run_query
        run(self, get_contract, contract_id, on_done=self._on_detail, key="detail")
        run(self, contract_document, contract_id, on_done=self._on_document, key="document")
        self._check()

    def take_focus(self) -> None:
        """Nothing is left to type."""
        self.go.setFocus()

    def _print(self) -> None:
        from ui.kit.print_dialog import PrintHow, open_print

        if self._document is not None:
            paper = contract_to_print(self._contract_id, self._number)
            open_print(self, self.context, [paper], title=tr_noop("Contract"), how=PrintHow(kind="contract"))

    @property
    def document(self) -> DocumentRow | None:
        """The sealed document."""
        return self._document

    def _check(self) -> None:
        self.context.operations.run_query(
            self, verify_contract, self._contract_id, on_done=self._on_report, key="report"
        )

    def _on_detail(self, detail: ContractDetail) -> None:
        self._number, self._kind = detail.row.number, detail.row.kind
        self._name()
        if detail.needs_amendment:
            self.messages.show_message(
                lambda: hint_words(detail), tone="warn", action=AMEND if may_amend(detail) else None,
                on_action=to_the_amendment(self.context.navigator.open, detail),
            )  # fmt: skip
        else:
            self.messages.clear()

    def _on_document(self, document: DocumentRow) -> None:
        self._document = document
        self.context.operations.run_plain(
            self, lambda: with_fields_drawn(document.content),
            on_done=lambda shown: self.view.show_pdf(shown, lambda: tr("Contract {number}", number=self._number)),
        )  # fmt: skip

    def _on_report(self, report: VerificationRow) -> None:
        self.report = report
        self._name()
        self.state.set_state(report.report.summary, "good" if report.intact else "bad")
        self.facts.set_facts([_signature_fact(signature) for signature in report.report.signatures])
        self.findings.set_words(lambda: "\n".join(problem.message() for problem in report.report.problems))
        self.findings.setVisible(bool(report.report.problems))

    def _name(self) -> None:
        """Once it is known, and was checked."""
        if self._number and self.report is not None:
            self.heading.set_words(lambda: f"{kind_words(self._kind)} {self._number}")

    def _save(self) -> None:
        if self._document is None:
            return
        name, _kind = QFileDialog.getSaveFileName(self, tr("Save as PDF"), f"{self._number}.pdf", "PDF (*.pdf)")
        if name:
            content = self._document.content
            self.context.operations.run_plain(
                self, lambda: Path(name).write_bytes(content), on_done=lambda _size: self._on_saved(name)
            )

    def _on_saved(self, name: str) -> None:
        self.messages.show_message(lambda: tr("Saved as {file}", file=Path(name).name), tone="good")
