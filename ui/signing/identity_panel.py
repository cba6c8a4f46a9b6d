"""Getting to know a signer: purposes explained, document compared, photo, code. Each step is put on record."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QVBoxLayout, QWidget

from app.attachments.intake import GivenFile, TakenIn, accepted_endings, take_in
from app.contracts.signers.code_sending import send_code, ways
from app.contracts.signers.identity_commands import (
    CheckIdentityDocument,
    CodeConfirmed,
    CodeIssued,
    ConfirmCode,
    IdentityChecked,
    IssueCode,
    KeepDocumentPhoto,
    NoteCodeUnsent,
    NoteIdentityNotice,
)
from app.contracts.signers.identity_notice import IdentityNotice, identity_notice
from app.contracts.signers.identity_rules import Channel, StepKind
from app.contracts.signers.party_queries import NoticeFacts, PartyRow, notice_facts
from app.kernel.errors import DomainError
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented, StatusDot
from ui.kit.feedback import MessageBar
from ui.kit.fields import IdentityField, Section, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, Divider, boxed, column, empty, row
from ui.kit.printable import printable
from ui.kit.text import Retranslated
from ui.kit.theme import set_role
from ui.signing.camera import CameraView, camera_problem
from ui.signing.step_words import hint_text, step_result, step_text


class _CodeLine(Retranslated, QLineEdit):
    def __init__(self) -> None:
        super().__init__()
        self.setMaxLength(7)
        self.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.retranslate()

    def retranslate(self) -> None:
        self.setPlaceholderText(tr("Six digits"))
        self.setAccessibleName(tr("Code the customer received"))


class _ConsentBox(Retranslated, QCheckBox):
    def retranslate(self) -> None:
        self.setText(tr("The customer agrees to the photo"))


class IdentityPanel(QWidget):
    """`recorded` after each step, so that the page reads the contract again; `explaining(notice)` when the words are to
    be shown to the customer."""

    recorded = Signal()
    explaining = Signal(object)

    def __init__(self, context: PageContext, speaks: Callable[[], str]) -> None:
        """`speaks` says the signer's language at any moment."""
        super().__init__()
        set_role(self, "plain")
        self.context, self._speaks = context, speaks
        self._contract_id = ""
        self._party: PartyRow | None = None
        self._house = ""
        self.messages = MessageBar()
        self._hint_lines: QVBoxLayout = column(gap=4)
        self._step_lines: QVBoxLayout = column(gap=4)
        self.hints, self.steps = boxed(self._hint_lines), boxed(self._step_lines)
        self.notice = Label(self._notice_text, role="secondary", wrap=True)
        self.explained = Button(tr_noop("Explained to the customer"), icon="check", on_click=self._note_notice)
        self.form = Form(
            context,
            [Section("", [TextField("name", tr_noop("Name on the document"), required=True, max_length=60,
                                   check=printable),
                          IdentityField("number", tr_noop("Number on the document"), required=True)])],
            submit_keys=False,
        )  # fmt: skip
        self.compare = Button(tr_noop("Compare with the contract"), icon="id-card", on_click=self._compare)
        self.photo_words = Label(self._photo_text, role="secondary", wrap=True)
        self.consent = _ConsentBox()
        self.consent.retranslate()
        self.consent.toggled.connect(lambda on: self._allow_photo(on))
        self.from_file = Button(tr_noop("Photo from a file"), icon="image", on_click=self._choose_file)
        self.from_camera = Button(tr_noop("Take with the camera"), icon="eye", on_click=self._open_camera)
        self.channel = Segmented(
            [Choice(channel.value, channel.label) for channel in Channel],
            name=tr_noop("Where the code goes"),
        )
        self.channel.set_value(Channel.PHONE.value)
        self.send = Button(tr_noop("Send a code"), icon="send", on_click=self._issue)
        self.code = _CodeLine()
        self.code.returnPressed.connect(self._confirm)
        self.confirm = Button(tr_noop("Check the code"), on_click=self._confirm)
        self._camera_place: QVBoxLayout = column(gap=0)
        self._arrange()
        self._allow_photo(False)

    # --- what pages call -------------------------------------------------------------------------

    def begin(self, contract_id: str, party: PartyRow) -> None:
        """Another signer, or the same one with more on record."""
        another = self._party is None or (contract_id, party.code) != (self._contract_id, self._party.code)
        self._contract_id, self._party = contract_id, party
        if another:
            self.messages.clear()
            self.form.set_values({"name": party.signer, "number": ""})
            self.consent.setChecked(False)
            self.code.clear()
            self._choose_channel(party)
            self.context.operations.run_query(self, notice_facts, contract_id, on_done=self._on_facts, key="notice")
        self._show_record(party)

    def current_notice(self) -> IdentityNotice:
        """The words in the signer's language."""
        return identity_notice(self._house, self._speaks())

    def word_again(self) -> None:
        """The signer's language changed."""
        self.notice.retranslate()
        self.photo_words.retranslate()

    # --- inside ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        stack = column(
            self.messages, self.hints, self.steps, Divider(),
            self.notice, row(STRETCH, self.explained), Divider(),
            self.form, row(STRETCH, self.compare), Divider(),
            self.photo_words, self.consent, self._camera_place,
            row(STRETCH, self.from_camera, self.from_file, gap=8), Divider(),
            row(self.channel, STRETCH, self.send, gap=8), row(self.code, self.confirm, gap=8), gap=10,
        )  # fmt: skip
        self.setLayout(stack)

    def _notice_text(self) -> str:
        return "\n".join(self.current_notice().lines) if self._house else ""

    def _photo_text(self) -> str:
        return self.current_notice().photo_consent if self._house else ""

    def _on_facts(self, facts: NoticeFacts) -> None:
        self._house = facts.house
        self.word_again()

    def _show_record(self, party: PartyRow) -> None:
        empty(self._hint_lines)
        empty(self._step_lines)
        hints = [str(step.detail.get("hint", "")) for step in party.steps if step.kind == StepKind.RISK_HINT]
        for hint in dict.fromkeys(hints):
            self._hint_lines.addWidget(StatusDot(partial(hint_text, hint), "warn"))
        for step in party.steps:
            if step.kind != StepKind.RISK_HINT:
                text = Label(partial(step_text, step), role="secondary", wrap=True)
                line = row(text, StatusDot(*step_result(step)), gap=8)
                line.setStretch(0, 1)
                self._step_lines.addLayout(line)
        self.hints.setVisible(bool(hints))
        self.steps.setVisible(len(party.steps) > len(hints))

    def show_error(self, error: DomainError) -> bool:
        """The funnel asks: what has no field of its own stands above."""
        self.messages.show_error(error.message)
        return True

    def _run(self, command: object, done: object, *, parent: QWidget | None = None) -> object:
        self.messages.clear()
        return self.context.operations.run_command(parent or self, command, on_done=done)  # type: ignore[arg-type]

    def _note_notice(self) -> None:
        if self._party is not None:
            self.explaining.emit(self.current_notice())
            command = NoteIdentityNotice(
                contract_id=self._contract_id, party=self._party.code, language=self._speaks()
            )  # fmt: skip
            self._run(command, lambda _step: self.recorded.emit())

    def _compare(self) -> None:
        if self._party is None or not self.form.check_all():
            return
        command = CheckIdentityDocument(
            contract_id=self._contract_id, party=self._party.code, name=self.form.value("name"),
            number=self.form.value("number"),
        )  # fmt: skip
        self._run(command, self._on_compared, parent=self.form)

    def _on_compared(self, checked: IdentityChecked) -> None:
        if checked.passed:
            self.messages.show_good(tr_noop("Name and number are those of the contract."))
        else:
            self.messages.show_warning(tr_noop("The document differs from the contract. Look at it once more."))
        self.form.set_value("number", "")
        self.recorded.emit()

    # --- photo -----------------------------------------------------------------------------------

    def _allow_photo(self, on: bool) -> None:
        self.from_file.setEnabled(on)
        self.from_camera.setEnabled(on)

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, tr("Photo of the document"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(" ".join(f"*{ending}" for ending in accepted_endings(pictures_only=True)))
        dialog.fileSelected.connect(lambda name: self.keep_photo(Path(name)))
        dialog.open()

    def _open_camera(self) -> None:
        problem = camera_problem()
        if problem:
            self.messages.show_warning(problem)
            return
        empty(self._camera_place)
        view = CameraView()
        view.taken.connect(self._on_photo_taken)
        view.left.connect(lambda: empty(self._camera_place))
        self._camera_place.addWidget(view)

    def _on_photo_taken(self, content: bytes) -> None:
        empty(self._camera_place)
        self.keep_photo(GivenFile("document.jpg", content))

    def keep_photo(self, given: Path | GivenFile) -> None:
        """Store a photo encrypted, then put it on record."""
        self.messages.clear()
        self.context.operations.run_query(
            self, take_in, [given], pictures_only=True, on_done=self._on_taken_in, key="photo"
        )

    def _on_taken_in(self, taken: TakenIn) -> None:
        if taken.refused:
            self.messages.show_error(taken.refused[0].message)
        elif self._party is not None:
            command = KeepDocumentPhoto(
                contract_id=self._contract_id, party=self._party.code, file=taken.files[0],
                consented=self.consent.isChecked(),
            )  # fmt: skip
            self._run(command, self._on_photo_kept)

    def _on_photo_kept(self, _step: str) -> None:
        self.messages.show_good(tr_noop("The photo is kept encrypted."))
        self.recorded.emit()

    # --- code ------------------------------------------------------------------------------------

    def _choose_channel(self, party: PartyRow) -> None:
        """A way that this desk has, to where the signer can be reached."""
        served, reached = ways(), {Channel.PHONE.value: party.phone, Channel.EMAIL.value: party.email}
        usable = [one for one in (Channel.PHONE.value, Channel.EMAIL.value) if one in served and reached[one]]
        self.channel.set_value(usable[0] if usable else next(iter(sorted(served)), Channel.PHONE.value))

    def _issue(self) -> None:
        channel, served = self.channel.value(), ways()
        if self._party is None or channel not in served:
            self.messages.show_error(
                tr_noop("This desk cannot send codes that way. Choose the other way, or set up the sending of codes.")
            )
            return
        command = IssueCode(
            contract_id=self._contract_id, party=self._party.code, channel=channel, way=served[channel]
        )
        job = self._run(command, lambda issued: self._send(issued, way=served[channel]))
        self.send.busy_while(job)  # type: ignore[arg-type]

    def _send(self, issued: CodeIssued, *, way: str) -> None:
        job = self.context.operations.run_remote(
            self, lambda: send_code(issued), on_done=lambda _sent: self._on_sent(issued, way=way),
            on_error=lambda _error: self._on_unsent(issued), acts=True,
        )  # fmt: skip
        self.send.busy_while(job)

    def _on_sent(self, issued: CodeIssued, *, way: str) -> None:
        where = issued.shown_address
        if way == "console":
            self.messages.show_info(tr_noop("For training: the code was not sent, it stands on the console."))
        elif way == "file":
            self.messages.show_info(
                tr_noop("For training: the code was not sent, it is written to a file of this desk.")
            )
        else:
            self.messages.show_good(lambda: tr("The code is on its way to {address}.", address=where))
        self.code.clear()
        self.code.setFocus()

    def _on_unsent(self, issued: CodeIssued) -> bool:
        # The error itself is shown by the funnel; the code must not count.
        self.context.operations.run_command(self, NoteCodeUnsent(code_id=issued.code_id))
        return False

    def _confirm(self) -> None:
        digits = self.code.text().strip()
        if self._party is None or not digits:
            return
        command = ConfirmCode(contract_id=self._contract_id, party=self._party.code, code=digits)
        self._run(command, self._on_confirmed)

    def _on_confirmed(self, confirmed: CodeConfirmed) -> None:
        self.code.clear()
        if confirmed.passed:
            self.messages.show_good(tr_noop("The code is right."))
        elif confirmed.left:
            self.messages.show_warning(
                lambda: tr("The code is wrong. It can be entered {n} more times.", n=confirmed.left)
            )
        else:
            self.messages.show_warning(tr_noop("The code is wrong and used up. Send a new one."))
        self.recorded.emit()
