"""What the window does with a scanned VIN no page takes: it opens the unit, or offers to take it into stock."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.form import Form
from ui.kit.scanner import Scan

UnitByVin = Callable[[Any, str], str | None]
"""(reader, vin) -> the unit's id, None where no unit has it; called on a reader thread."""
STOCK_PAGE = "vehicles"


class ScanAnswer:
    """Bound to the window as what answers scans."""

    def __init__(self, window: QWidget, context: PageContext, unit_by_vin: UnitByVin | None) -> None:
        self._window, self._context, self._unit_by_vin = window, context, unit_by_vin

    def answer(self, scan: Scan) -> bool:
        """Deal with a VIN; other codes, and people who may not see the stock, are left alone."""
        vin = scan.vin
        if vin is None or self._unit_by_vin is None or not self._context.may(Permission.INVENTORY_VIEW):
            return False
        done = partial(self._on_looked_up, vin)
        self._context.operations.run_query(self._window, self._unit_by_vin, vin, on_done=done, key="scan", first=True)
        return True

    def _on_looked_up(self, vin: str, unit_id: str | None) -> None:
        context = self._context
        if unit_id is not None:
            self._go(vin, unit_id=unit_id)
        elif context.may(Permission.INVENTORY_EDIT):
            self._go(vin, unknown_vin=vin)
        else:
            context.notifications.show(
                lambda: tr("{vin} is not in the books. Whoever receives vehicles can take it into stock.", vin=vin),
                tone="warn",
            )

    def _go(self, vin: str, **params: str) -> None:
        """Open it; where something half-typed stands in sight, only on request."""
        if not any(form.dirty and form.isVisible() for form in self._window.findChildren(Form)):
            self._context.navigator.open(STOCK_PAGE, **params)
            return
        self._context.notifications.show(
            lambda: tr("{vin} was scanned.", vin=vin), action=tr_noop("Show the vehicle"),
            on_action=lambda: self._context.navigator.open(STOCK_PAGE, **params),
        )  # fmt: skip


def gap_actions() -> tuple[tuple[int, str], ...]:
    """The speeds a desk can choose from, in milliseconds between two keys, with their words."""
    return (
        (20, tr_noop("Scanner: told apart from very fast typing")),
        (35, tr_noop("Scanner: usual speed")),
        (80, tr_noop("Scanner: slow or wireless")),
    )
