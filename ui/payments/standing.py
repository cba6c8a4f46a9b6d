"""Where an order stands with its money: outstanding, how far it is paid, and how much earnest money may still bind."""

from decimal import Decimal

from PySide6.QtWidgets import QProgressBar, QWidget

from app.kernel.money import ZERO
from app.payments.queries import PaymentStanding
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.controls import Label, MoneyLabel, StatusDot
from ui.kit.figure_lines import Figure, FigureLines
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Retranslated, words
from ui.kit.theme import set_role
from ui.payments.payment_states import PAYMENT_FACETS


class StandingView(Retranslated, QWidget):
    """One order's standing, hidden without one. With `large`, the outstanding sum stands in 28 px."""

    def __init__(
        self, standing: PaymentStanding | None = None, *, large: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self._standing: PaymentStanding | None = None
        self._facet = StatusDot("", "neutral")
        self._outstanding = MoneyLabel() if large else Label("", role="section")
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._figures = FigureLines()
        head = row(Label(tr_noop("Outstanding"), role="secondary"), STRETCH, self._facet)
        self.setLayout(column(head, self._outstanding, self._bar, 4, self._figures, gap=4))
        if standing is None:
            self.hide()
        else:
            self._fill(standing)

    def set_standing(self, standing: PaymentStanding | None) -> None:
        """Show an order's standing; None hides it. Only for one that stands in a window's layout."""
        self.setVisible(standing is not None)
        self._fill(standing)

    def _fill(self, standing: PaymentStanding | None) -> None:
        self._standing = standing
        if standing is not None:
            facet = PAYMENT_FACETS[standing.state]
            self._facet.set_state(facet.label, facet.tone)
            self._bar.setValue(_thousandths(standing.received, standing.total))
            self._figures.set_figures(_figures(standing))
        self.retranslate()

    def retranslate(self) -> None:
        self._bar.setAccessibleName(words(tr_noop("Received so far")))
        standing = self._standing
        self._outstanding.set_text(formats.yuan(standing.outstanding) if standing is not None else "")


def _thousandths(part: Decimal, whole: Decimal) -> int:
    return max(0, min(1000, int(part / whole * 1000))) if whole > ZERO else 0


def _figures(standing: PaymentStanding) -> list[Figure]:
    price = formats.money(standing.contract_price)
    return [
        Figure(tr_noop("Order total"), lambda: formats.money(standing.total)),
        Figure(tr_noop("Received so far"), lambda: formats.money(standing.received)),
        Figure(tr_noop("Of it earnest money (定金)"), lambda: formats.money(standing.earnest_received)),
        Figure(
            tr_noop("Room for earnest money"),
            lambda: formats.money(standing.earnest_room),
            lambda: tr("Legal share of the contract price of {price}, Civil Code 586", price=price),
        ),
    ]
