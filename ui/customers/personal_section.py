"""Who a customer is: plain facts, and masked ones that are shown for half a minute once a reason is given."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QWidget

from app.customers.commands import RevealPersonalData
from app.customers.queries import CustomerDetails
from app.kernel.permissions import Permission
from app.runtime.language import CHINESE, tr, tr_noop
from ui.customers.words import FIELD_LABELS, CustomerSource, IdentityKind, label_of
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import IconButton, Label
from ui.kit.fields import TextField
from ui.kit.layout import row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.text import Words
from ui.kit.theme import set_size, theme

SHOWN_SECONDS = 30
REASON_LIMIT = 200
_LINE = 26


class MaskedValue(QWidget):
    """A masked value with an eye: `show_value` shows it for SHOWN_SECONDS, then the mask is back."""

    def __init__(self, masked: str, *, name: Words, on_ask: Callable[[], object] | None) -> None:
        super().__init__()
        self._masked, self._on_ask = masked, on_ask
        self._seconds = 0
        self.label = Label("", wrap=True)
        self.label.set_text(masked)
        self.label.setFont(theme().font(tabular=True))
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._left = Label("", role="secondary")
        self.eye = IconButton("eye", lambda: self._eye_words(name), on_click=self._on_eye_clicked, size=14)
        if on_ask is None:
            self.eye.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._on_timer)
        line = row(self.label, self._left, self.eye, gap=4)
        line.setStretch(0, 1)
        self.setLayout(line)
        set_size(self, height=_LINE, at_least=True)
        set_size(self.eye, height=_LINE)

    @property
    def is_shown(self) -> bool:
        """Whether the real value is in sight."""
        return self._seconds > 0

    def show_value(self, value: str) -> None:
        """Show the value for a while."""
        self._seconds = SHOWN_SECONDS
        self.label.set_text(value)
        self.eye.set_icon("eye-off")
        self.eye.retranslate()
        self._say_rest()
        self._timer.start()

    def hide_value(self) -> None:
        """Put the mask back."""
        self._timer.stop()
        self._seconds = 0
        self.label.set_text(self._masked)
        self._left.set_text("")
        self.eye.set_icon("eye")
        self.eye.retranslate()

    def _eye_words(self, name: Words) -> str:
        shown = tr(name) if isinstance(name, str) else name()
        return tr("Mask {name} again", name=shown) if self.is_shown else tr("Show {name}", name=shown)

    def _on_eye_clicked(self) -> None:
        if self.is_shown:
            self.hide_value()
        elif self._on_ask is not None:
            self._on_ask()

    def _on_timer(self) -> None:
        self._seconds -= 1
        if self._seconds <= 0:
            self.hide_value()
        else:
            self._say_rest()

    def _say_rest(self) -> None:
        self._left.set_words(lambda: formats.duration(self._seconds))


class PersonalSection(PanelSection):
    """Names at the left, values at the right; personal ones masked."""

    def __init__(self, context: PageContext, details: CustomerDetails) -> None:
        super().__init__("")
        self._context, self._details = context, details
        self.masked: dict[str, MaskedValue] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().px(16))
        self._grid.setVerticalSpacing(theme().px(2))
        self._grid.setColumnStretch(1, 1)
        holder = QWidget()
        holder.setLayout(self._grid)
        self.add(holder)
        self._fill()

    def ask_reveal(self, field: str) -> None:
        """Ask for the reason; the value appears in its place."""
        if field not in self._details.revealable:
            return
        question = PanelForm(
            self._context,
            lambda: tr("Show {name}", name=tr(FIELD_LABELS[field])),
            [
                TextField(
                    "reason", tr_noop("What for?"), required=True, max_length=REASON_LIMIT, span=2,
                    placeholder=tr_noop("For example: calling about the delivery"),
                )
            ],
            text=tr_noop("The look and its reason are kept in the audit trail. The value is shown for 30 seconds."),
            verb=tr_noop("Show it"),
            command=lambda values: self._reveal_command(field, values),
            on_done=lambda value: self.masked[field].show_value(value),
        )  # fmt: skip
        self.ask(question)

    def _reveal_command(self, field: str, values: Mapping[str, Any]) -> RevealPersonalData:
        return RevealPersonalData(customer_id=self._details.id, field=field, reason=values["reason"])

    def _fill(self) -> None:
        details = self._details
        if details.contact_name:
            self._add_fact(tr_noop("Acts for it"), details.contact_name)
        if details.legal_representative:
            self._add_fact(tr_noop("Legal representative"), details.legal_representative)
        for field in FIELD_LABELS:
            value = getattr(details, field)
            if value or field in ("phone", "identity_number"):
                self._add_masked(field, value)
        self._add_fact(tr_noop("Came by"), lambda: label_of(CustomerSource, details.source))
        self._add_fact(tr_noop("Looked after by"), details.owner_name or "–")
        self._add_fact(tr_noop("Papers in"), lambda: "中文" if details.paper_language == CHINESE else "English")
        self._add_fact(tr_noop("Customer since"), formats.day_of(details.created_at))
        if details.note:
            self._add_fact(tr_noop("Note"), details.note)

    def _add_masked(self, field: str, value: str) -> None:
        may = field in self._details.revealable and self._context.may(Permission.CUSTOMERS_REVEAL)
        shown = MaskedValue(
            value or "–", name=FIELD_LABELS[field], on_ask=(lambda: self.ask_reveal(field)) if may else None
        )
        self.masked[field] = shown
        name: Words = FIELD_LABELS[field]
        if field == "identity_number" and self._details.identity_kind:
            name = lambda: label_of(IdentityKind, self._details.identity_kind)  # noqa: E731
        self._add_line(name, shown)

    def _add_fact(self, name: Words, value: Words) -> None:
        shown = Label("", wrap=True)
        if callable(value):
            shown.set_words(value)
        else:
            shown.set_text(value)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._add_line(name, shown)

    def _add_line(self, name: Words, value: QWidget) -> None:
        line = self._grid.rowCount()
        label = Label(name, role="secondary")
        set_size(label, width=104, at_least=True)
        set_size(label, height=_LINE)
        if isinstance(value, Label):
            set_size(value, height=_LINE, at_least=True)
        self._grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, line, 1)
