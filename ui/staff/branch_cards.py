"""The branches, a card each."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.runtime.language import tr, tr_noop, trn
from app.staff.queries import BranchRow
from ui.charts.card_grid import CardGrid
from ui.kit.controls import Badge, Button, Label
from ui.kit.detail_panel import Facts
from ui.kit.layout import STRETCH, column, row
from ui.kit.theme import set_role
from ui.staff.words import bays_words

CARD_LEAST = 400


class BranchCards(QWidget):
    """Shows branches; `on_change(branch)` when one is to be changed."""

    def __init__(
        self,
        branches: Sequence[BranchRow],
        *,
        here: str,
        on_change: Callable[[BranchRow], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.cards = [_BranchCard(branch, is_here=branch.id == here, on_change=on_change) for branch in branches]
        inner = QWidget()
        set_role(inner, "plain")
        inner.setLayout(column(CardGrid(self.cards, narrowest=CARD_LEAST), STRETCH))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus of what it holds
        scroll.setWidget(inner)
        self.setLayout(column(scroll))


class _BranchCard(QFrame):
    def __init__(self, branch: BranchRow, *, is_here: bool, on_change: Callable[[BranchRow], object]) -> None:
        super().__init__()
        set_role(self, "card")
        self.change = Button(
            tr_noop("Change"), icon="pencil", on_click=lambda: on_change(branch),
            tooltip=lambda: tr("Change {branch}", branch=branch.name),
        )  # fmt: skip
        middle = Qt.AlignmentFlag.AlignVCenter
        head = row(Label(lambda: branch.name, role="section"), gap=8)
        head.addWidget(Badge(lambda: branch.code), 0, middle)
        if is_here:
            head.addWidget(Badge(tr_noop("this desk's branch"), "accent"), 0, middle)
        head.addStretch(1)
        head.addWidget(self.change)
        facts = Facts(
            [
                (tr_noop("Company"), lambda: branch.company_zh or "–"),
                (tr_noop("In English"), lambda: branch.company_en or "–"),
                (tr_noop("Company code"), branch.uscc or "–"),
                (tr_noop("Legal representative"), branch.legal_representative or "–"),
                (tr_noop("Address"), lambda: branch.address_zh or branch.address_en or "–"),
                (tr_noop("Phone"), branch.phone or "–"),
                (tr_noop("Account"), " ".join(part for part in (branch.bank_zh, branch.bank_account) if part) or "–"),
                (tr_noop("Workshop bays"), lambda: bays_words(branch.work_bays)),
                (tr_noop("Desks lock after"), lambda: trn("{n} min idle", "{n} min idle", branch.lock_minutes)),
            ]
        )
        self.setLayout(column(head, facts, gap=12, margins=16))
        self.setAccessibleName(branch.name)
