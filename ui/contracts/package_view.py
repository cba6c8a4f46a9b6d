"""What an evidence package proves, in words: the whole in one sentence, since when, and every finding on a line."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from app.contracts.file_check import FileCheck, LogStands, Records, ShownHead
from app.contracts.proof.package_examination import Finding, Standing
from app.runtime.language import tr, tr_noop
from sync.protocol.document_log import Fault, key_id_of
from ui.kit import formats
from ui.kit.controls import Label
from ui.kit.feedback import ToneIcon
from ui.kit.layout import column, empty, row
from ui.kit.text import Retranslated, Words
from ui.kit.theme import set_role

_TONES = {Standing.HOLDS: "good", Standing.OPEN: "warn", Standing.BROKEN: "bad"}
_ICONS = {Standing.HOLDS: "shield-check", Standing.OPEN: "shield-alert", Standing.BROKEN: "shield-alert"}
_TO_COMPARE = tr_noop("Nothing is wrong; what is marked with a triangle is for you to compare.")
"""In place of the summary for a terminal, where open findings have a question mark before them."""
_RECORDS = {
    Records.SAME: ("good", tr_noop("It is the contract that is kept here under this number.")),
    Records.OTHER_BYTES: ("bad", tr_noop("Under this number another text or another seal is kept here.")),
    Records.UNKNOWN: (
        "neutral", tr_noop("No contract that is kept here: ask the branch that sealed it, if you have to be sure."),
    ),
}  # fmt: skip
_LOGS = {
    LogStands.SAME: ("good", tr_noop("The log it was proved against is the one this desk is shown.")),
    LogStands.FORKED: (
        "bad",
        tr_noop("The log it was proved against is another one than this desk is shown: somebody shows two logs."),
    ),
    LogStands.OTHER_KEY: (
        "warn", tr_noop("The log is signed with the key {key}, another one than this desk knows: compare it."),
    ),
    LogStands.OTHER_SIZE: (
        "neutral",
        tr_noop("The log had {size} entries then. Whether this desk's log continues it the centre can prove."),
    ),
    LogStands.NOT_KNOWN: ("neutral", tr_noop("This desk has not seen the log yet: connect it to the centre.")),
}  # fmt: skip
CONTINUES = tr_noop("The centre has proved that this desk's log continues the one it was proved against.")
BREAKS = tr_noop(
    "The centre cannot prove that this desk's log continues the one it was proved against: the Sync page says what was "
    "found."
)
RESTORED = tr_noop("The centre was put back from a backup since; its log is not the one it was proved against.")
NOT_ASKED = tr_noop("The centre could not be asked about the log. Check the file again when this desk is connected.")


class PackageView(Retranslated, QWidget):
    """Empty until `set_check`; built again after a switch of the language, because findings are ready texts."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self.found: FileCheck | None = None
        self._log: tuple[str, str] | None = None
        self._stack = column(gap=12)
        self.setLayout(self._stack)
        self.hide()

    def set_check(self, found: FileCheck | None) -> None:
        """Show what a package proves; nothing for a PDF."""
        self.found = found if found is not None and found.package is not None else None
        self._log = None
        self.setVisible(self.found is not None)
        self.retranslate()

    def set_log(self, fault: Fault | None, *, asked: bool = True) -> None:
        """What the centre said of the log, once it has been asked; `asked` is False where it could not be."""
        said = {None: ("good", CONTINUES), Fault.RESTORED: ("warn", RESTORED)}.get(fault, ("bad", BREAKS))
        self._log = said if asked else ("warn", NOT_ASKED)
        self.retranslate()

    def lines(self) -> list[str]:
        """Every line as it is shown."""
        return [text for _, text in self._lines()]

    def retranslate(self) -> None:
        empty(self._stack)
        if self.found is None:
            return
        self._stack.addWidget(self._whole())
        self._stack.addWidget(Label(tr_noop("What the check found"), role="section"))
        for tone, text in self._lines():
            self._stack.addWidget(_line(tone, text))
        self._stack.addWidget(Label(tr_noop("The document in it"), role="section"))

    def _whole(self) -> QWidget:
        assert self.found is not None and self.found.package is not None
        report = self.found.package
        tone = _TONES[report.standing]
        icon = ToneIcon(tone, size=24)
        icon.set_tone(tone, _ICONS[report.standing])
        about = Label("", role="secondary", wrap=True)
        about.set_text(f"{report.number}  {report.title}".strip())
        summary: Words = _TO_COMPARE if report.standing is Standing.OPEN else report.summary
        text = column(Label(summary, role="section", wrap=True), about, gap=4)
        text.addWidget(Label(_since(report.proved_since), wrap=True))
        line = row(icon, text, gap=12, margins=16)
        line.setAlignment(icon, Qt.AlignmentFlag.AlignTop)
        line.setStretch(1, 1)
        box = QFrame()
        set_role(box, "message", tone=tone)
        box.setLayout(line)
        return box

    def _lines(self) -> list[tuple[str, str]]:
        if self.found is None or self.found.package is None:
            return []
        findings = sorted(self.found.package.findings, key=_gravity)
        tone, text = _RECORDS[self.found.records]
        shown = [(_TONES[one.standing], one.message()) for one in findings]
        if self._log is not None:
            logs = [(self._log[0], tr(self._log[1]))]
        else:
            logs = [_log_line(head) for head in self.found.heads]
        return [*shown, (tone, tr(text)), *logs]


def _gravity(finding: Finding) -> int:
    return (Standing.BROKEN, Standing.OPEN, Standing.HOLDS).index(finding.standing)


def _log_line(shown: ShownHead) -> tuple[str, str]:
    tone, text = _LOGS[shown.stands]
    return tone, tr(text, key=key_id_of(shown.public_key), size=formats.count(shown.head.size))


def _since(proved_since: datetime | None) -> Words:
    if proved_since is None:
        return tr_noop("When it was signed rests on the signing desks' own clocks.")
    return lambda: tr("Proved by somebody besides the dealer since {time}.", time=formats.moment(proved_since))


def _line(tone: str, text: str) -> QWidget:
    label = Label("", wrap=True)
    label.set_text(text)
    icon = ToneIcon(tone, size=16)
    line = row(icon, label, gap=8)
    line.setAlignment(icon, Qt.AlignmentFlag.AlignTop)
    line.setStretch(1, 1)
    frame = QWidget()
    set_role(frame, "plain")
    frame.setLayout(line)
    return frame
