"""Where a VIN is typed, pasted or scanned: cleaned at once, read while it is typed, on its own line below."""

import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout

from app.catalog.vin import VIN_LENGTH, VinOrigin, check_vin, clean_vin, decode_vin, is_vin, mended_vin, vin_in
from app.kernel.clock import branch_date
from app.kernel.errors import DomainError
from app.runtime.language import tr
from ui.kit.controls import Button, Label
from ui.kit.editors import LineEditor
from ui.kit.layout import row
from ui.kit.scanner import Scan
from ui.kit.theme import set_role, set_size, theme

if TYPE_CHECKING:
    from ui.kit.context import PageContext

TAKES_SCANS = "takes_scans"
"""Property of a line whose keys may come from a scanner: a burst is read as a whole there, too."""
_PASTED = 400
_MAKER = 3


def origin_words(origin: VinOrigin) -> str:
    """Maker, country and model year in one line; the plausible year first, another in brackets."""
    parts = [str(origin.maker) or tr("Maker not known"), str(origin.country)]
    likely = [one.year for one in origin.years if one.plausible]
    others = ", ".join(str(one.year) for one in origin.years if not one.plausible)
    if likely and others:
        parts.append(tr("model year {year} (or {others})", year=likely[0], others=others))
    elif likely:
        parts.append(tr("model year {year}", year=likely[0]))
    return " · ".join(part for part in parts if part)


class VinEditor(LineEditor):
    """The value is what stands there without separators, 17 characters at most. A scan fills it from anywhere."""

    def __init__(self, context: "PageContext") -> None:
        super().__init__(max_length=_PASTED, clean=self._cleaned)
        self._clock = context.clock
        self.line.setFont(theme().font(tabular=True))
        self.line.setProperty(TAKES_SCANS, True)
        self.reading = Label("", role="field-message", wrap=True)
        set_size(self.reading, height=18, at_least=True)
        self.mend = Button(lambda: self._mend_words(), kind="quiet", on_click=self._on_mend_clicked)
        self.mend.hide()
        self._line.removeWidget(self.line)
        stack = QVBoxLayout()
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(theme().px(4))
        stack.addWidget(self.line)
        below = row(self.reading, self.mend, gap=8)
        below.setStretchFactor(self.reading, 1)  # broken into lines where the column is narrow
        stack.addLayout(below)
        self._line.addLayout(stack, 1)
        self._was_cut = False
        self.edited.connect(self._read)
        context.scanner.take(self, self._on_scanned)
        self._read()

    def value(self) -> Any:
        return clean_vin(self.text())

    def set_value(self, value: Any) -> None:
        super().set_value(value)
        self._read()

    def set_raw(self, raw: Any) -> None:
        super().set_raw(raw)
        self._read()

    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "reading"):
            self._read()

    # --- inside ----------------------------------------------------------------------------------

    def _cleaned(self, text: str) -> str:
        """What stays of what was typed or pasted; more than 17 characters are cut unless a VIN is found in them."""
        if len(text) > VIN_LENGTH:
            found = vin_in(text)
            if found is not None:
                return found
        plain = unicodedata.normalize("NFKC", clean_vin(text))
        kept = "".join(character for character in plain if character.isascii() and character.isalnum())
        self._was_cut = len(kept) > VIN_LENGTH
        return kept[:VIN_LENGTH]

    def _on_line_edited(self, text: str) -> None:
        self._was_cut = False
        super()._on_line_edited(text)
        if self._was_cut:
            self.cut.emit(VIN_LENGTH)

    def _on_line_left(self) -> None:
        self._read()
        super()._on_line_left()

    def _on_scanned(self, scan: Scan) -> bool:
        if scan.vin is None or not self.line.isEnabled() or self.line.isReadOnly():
            return False
        self.set_value(scan.vin)
        self.line.setFocus()
        self.line.setCursorPosition(VIN_LENGTH)
        self.edited.emit()
        self.left.emit()
        return True

    def _on_mend_clicked(self) -> None:
        meant = mended_vin(self.text())
        if meant is not None:
            self.set_value(meant)
            self.line.setFocus()
            self.edited.emit()
            self.left.emit()

    def _mend_words(self) -> str:
        return tr("Take {vin}", vin=mended_vin(self.text()) or "")

    def _read(self) -> None:
        text = clean_vin(self.text())
        self.mend.setVisible(mended_vin(text) is not None and self.mend.parent() is not None)
        self.mend.retranslate()
        said, tone = self._words_for(text)
        self.reading.set_text(said)
        set_role(self.reading, "field-message", tone=tone)

    def _words_for(self, text: str) -> tuple[str, str]:
        today = branch_date(self._clock.now())
        if is_vin(text):
            with suppress(DomainError):
                check = check_vin(text)
                origin = origin_words(decode_vin(text, today=today))
                if check.check_digit_ok:
                    return tr("Check digit right · {origin}", origin=origin), "good"
                return tr("Check digit wrong · {origin}", origin=origin), "warn"
        if len(text) > _MAKER and is_vin(text.ljust(VIN_LENGTH, "0")):
            maker = str(decode_vin(text.ljust(VIN_LENGTH, "0"), today=today).maker)
            counted = tr("{n} of 17 characters", n=len(text))
            return (f"{counted} · {maker}" if maker else counted), "neutral"
        return "", "neutral"
