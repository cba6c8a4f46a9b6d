"""What checking a document found, in words: the verdict, each signature, and what changed."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget

from app.contracts.checking import VerificationRow
from app.contracts.kinds.roles import PartyRole, party_of_field, role_of
from app.contracts.lineage import Named
from app.document_log.queries import Entered, EntryRow
from app.runtime.language import tr, tr_noop, trn
from sync.protocol.document_log import Fault
from ui.contracts.contract_states import CONTRACT_STATES, SEAL_WORD
from ui.contracts.stamp_card import stamp_card
from ui.kit import formats
from ui.kit.controls import Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.feedback import ToneIcon
from ui.kit.layout import STRETCH, column, empty, row
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_role
from ui.signing.party_strip import party_word

SEAL_FIELD = "seal_seller"
VERDICT_TONES = {"intact": "good", "untrusted": "warn", "changed": "bad", "unsigned": "warn", "unreadable": "bad"}
_VERDICT_ICONS = {"intact": "shield-check", "changed": "shield-alert", "untrusted": "shield-alert"}
_COVERAGE_WORDS = {
    "whole_file": tr_noop("Covers the whole file"),
    "its_revision": tr_noop("Covers everything up to this signature"),
    "less": tr_noop("Covers only a part of the file"),
}


class ReportView(Retranslated, QWidget):
    """Empty until `set_report`; built again after a switch of the language, because findings are ready texts."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self.report: VerificationRow | None = None
        self._stack = column(gap=12)
        self.setLayout(self._stack)
        self.hide()

    def set_report(self, report: VerificationRow | None) -> None:
        """Show what was found; None hides it."""
        self.report = report
        self.setVisible(report is not None)
        self.retranslate()

    def verdict(self) -> str:
        """The verdict in words, as it is shown."""
        return self.report.report.summary() if self.report is not None else ""

    def level(self) -> str:
        """How far the signatures prove themselves, as it is shown."""
        return self.report.report.level_words() if self.report is not None else ""

    def findings(self) -> list[str]:
        """Every finding in words, as it is shown."""
        return [problem.message() for problem in self.report.report.problems] if self.report is not None else []

    def retranslate(self) -> None:
        empty(self._stack)
        if self.report is None:
            return
        found = self.report.report
        self._stack.addWidget(self._verdict_box())
        if found.signatures:
            self._stack.addWidget(Label(tr_noop("Signatures in the file"), role="section"))
        for signature in found.signatures:
            self._stack.addWidget(_signature_card(signature))
        if found.proof.stamps:
            self._stack.addWidget(Label(tr_noop("Time-stamps in the file"), role="section"))
        for stamp in found.proof.stamps:
            self._stack.addWidget(stamp_card(stamp))
        if found.awaiting:
            self._stack.addWidget(StatusDot(lambda: _still_empty(found.awaiting), "neutral"))
        if self.report.entry is not None and self.report.entry.entered is not Entered.UNKNOWN:
            self._stack.addWidget(_entry_card(self.report.entry))
        self._stack.addWidget(Facts(self._facts()))
        self._stack.addStretch(1)

    def _verdict_box(self) -> QWidget:
        assert self.report is not None
        verdict = self.report.report.verdict.value
        tone = VERDICT_TONES[verdict]
        icon = ToneIcon(tone, size=24)
        icon.set_tone(tone, _VERDICT_ICONS.get(verdict, ""))
        summary = Label(lambda: self.verdict(), role="section", wrap=True)
        about = Label(self._about(), role="secondary", wrap=True)
        text = column(summary, about, gap=4)
        if self.report.report.signatures:
            text.addWidget(Label(lambda: self.level(), wrap=True))
        newer = self.report.newer
        if newer is not None:
            text.addWidget(StatusDot(lambda: _newer_words(newer), "warn"))
        for finding in self.findings():
            text.addWidget(_finding(finding))
        line = row(icon, text, gap=12, margins=16)
        line.setAlignment(icon, Qt.AlignmentFlag.AlignTop)
        line.setStretch(1, 1)
        box = QFrame()
        set_role(box, "message", tone=tone if tone != "neutral" else "info")
        box.setLayout(line)
        return box

    def _about(self) -> Words:
        report = self.report
        assert report is not None
        if not report.number:
            return tr_noop("This file is none of the contracts kept here.")
        state = CONTRACT_STATES[report.state].label
        number = report.number
        return lambda: tr("Contract {number}: {state}", number=number, state=words(state))

    def _facts(self) -> list[tuple[Words, Words]]:
        assert self.report is not None
        found = self.report.report
        digest = " ".join(found.sha256[start : start + 8] for start in range(0, len(found.sha256), 8))
        facts: list[tuple[Words, Words]] = [("SHA-256", lambda: digest)]
        if found.pages:
            facts.insert(0, (tr_noop("Pages"), lambda: formats.count(found.pages)))
        return facts


def _still_empty(fields: Sequence[str]) -> str:
    """Boxes nobody has signed, in the order in which they are signed."""
    known = [_field_word(field) for field in sorted(filter(_is_ours, fields), key=_signing_place)]
    others = [field for field in fields if not _is_ours(field)]
    return tr("Still empty: {fields}", fields=tr(", ").join((*known, *others)))


def entry_words(entry: EntryRow) -> tuple[str, str]:
    """How the document stands in the centre's log, in a few words and in full."""
    if entry.entered is not Entered.PROVED:
        return tr("Not yet in the centre's log"), tr("The centre has not proved to this desk that it has the document.")
    full = trn("Entered at {time}; proved against a signed log of {n} document.",
               "Entered at {time}; proved against a signed log of {n} documents.", entry.size,
               time=formats.moment(entry.at))  # fmt: skip
    return tr("In the centre's log as number {number}", number=formats.count(entry.number)), full


def _entry_card(entry: EntryRow) -> QWidget:
    """Where the document stands in the log; what is wrong with the log comes first."""
    lines: list[QWidget] = []
    if entry.alarm is not None and entry.alarm is not Fault.RESTORED:
        lines.append(StatusDot(tr_noop("The centre's log was changed"), "bad"))
        lines.append(
            Label(tr_noop("The Sync page says what was found. Do not rely on the log alone."), role="secondary",
                  wrap=True)
        )  # fmt: skip
    lines.append(StatusDot(lambda: entry_words(entry)[0], "good" if entry.entered is Entered.PROVED else "warn"))
    lines.append(Label(lambda: entry_words(entry)[1], role="secondary", wrap=True))
    card = QFrame()
    set_role(card, "card")
    card.setLayout(column(*lines, gap=8, margins=12))
    return card


def _newer_words(newer: Named) -> str:
    state = CONTRACT_STATES[newer.state].label
    return tr("Contract {number} has taken its place ({state}).", number=newer.number, state=words(state))


def _finding(text: str) -> QWidget:
    label = Label("", wrap=True)
    label.set_text(f"• {text}")
    return label


def _signature_card(signature: Any) -> QWidget:
    """Who, when, and whether the document is still what was signed."""
    who = Label("", wrap=True)
    who.set_text(signature.signer or signature.field)
    field = signature.field
    role = Label(lambda: _field_word(field), role="secondary")
    when = Label("", role="secondary")
    when.set_text(formats.moment(signature.signed_at))
    unchanged = StatusDot(
        tr_noop("Unchanged since") if signature.intact else tr_noop("Changed since"),
        "good" if signature.intact else "bad",
    )
    trusted = StatusDot(
        tr_noop("Known certificate") if signature.trusted else tr_noop("Unknown certificate"),
        "good" if signature.trusted else "warn",
    )
    stack = column(
        row(column(who, role, gap=2), STRETCH, when),
        row(unchanged, trusted, STRETCH, gap=16),
        Label(_COVERAGE_WORDS[signature.coverage.value], role="secondary", wrap=True),
        gap=8,
        margins=12,
    )
    if signature.proved_at is not None:
        proved = signature.proved_at
        words = tr_noop("Proved by a time-stamp: {time}")
        stack.addWidget(Label(lambda: tr(words, time=formats.moment(proved)), role="secondary", wrap=True))
    for change in signature.changes:
        stack.addWidget(_finding(change.message()))
    card = QFrame()
    set_role(card, "card")
    card.setLayout(stack)
    return card


def _is_ours(field: str) -> bool:
    return field == SEAL_FIELD or bool(party_of_field(field))


def _field_word(field: str) -> str:
    """A box in words: the party that signs there, the seal, or that it is none of the house's."""
    if field == SEAL_FIELD:
        return tr(SEAL_WORD)
    party = party_of_field(field)
    return party_word(party) if party else tr("Signature that is not ours")


def _signing_place(field: str) -> tuple[int, str]:
    """Where a box stands in the order of signing; the seal comes last."""
    party = party_of_field(field)
    return (list(PartyRole).index(role_of(party)), party) if party else (len(PartyRole), "")
