"""What a keyboard-wedge scanner sent: pages that want scans take them, else the window answers.

The window recognises a burst of keys (`ui.shell.scan_watch`) and hands it in here with `give`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

LONGEST_GAP_MS = 35
"""Between two keys of a scanner; a person's fingers take 60 and more."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A code as it was read. `vin` is the VIN in it (out of a bar, a web address, a sentence), None without one."""

    text: str
    vin: str | None = None


Taker = Callable[[Scan], bool]
"""Looks at a scan; True: it was for here and is dealt with."""


class Scanner(QObject):
    """Part of the page context. `scanned(Scan)` tells of each scan, after somebody took it or the window answered it.

    `longest_gap_ms` may be changed for slow scanners (wireless ones in a full hall).
    """

    scanned = Signal(object)
    gap_changed = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._takers: dict[int, tuple[QWidget, Taker]] = {}
        self._otherwise: Taker | None = None
        self._gap = LONGEST_GAP_MS

    @property
    def longest_gap_ms(self) -> int:
        """The longest pause between two keys of one scan."""
        return self._gap

    def set_longest_gap_ms(self, gap: int) -> None:
        """Another pause, between 5 and 200 ms."""
        self._gap = max(5, min(200, gap))
        self.gap_changed.emit(self._gap)

    def take(self, owner: QWidget, taker: Taker) -> None:
        """Ask `taker` first while `owner` is visible; the one that asked last goes first. Ends with the owner."""
        key = id(owner)
        if key in self._takers:
            del self._takers[key]
        else:
            owner.destroyed.connect(partial(self._forget, key))
        self._takers[key] = (owner, taker)

    def leave(self, owner: QWidget) -> None:
        """Ask it no longer."""
        self._forget(id(owner))

    def answer_with(self, otherwise: Taker) -> None:
        """Who deals with what no page takes: the window."""
        self._otherwise = otherwise

    def give(self, scan: Scan) -> bool:
        """Hand a scan to whoever takes it; False where nobody did."""
        for owner, taker in reversed(list(self._takers.values())):
            if owner.isVisible() and taker(scan):
                self.scanned.emit(scan)
                return True
        if self._otherwise is not None and self._otherwise(scan):
            self.scanned.emit(scan)
            return True
        return False

    def _forget(self, key: int, _object: object = None) -> None:
        self._takers.pop(key, None)
