"""Papers that labels are printed on, where each label stands, and how a printer's error is made good.

Lengths are in millimetres with one decimal; offsets are whole tenths of a millimetre, right and down.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Self

from app.kernel.labels import Bilingual, Labelled
from app.kernel.reference_data import bundled_reference, find_effective
from app.labels.errors import (
    FirstLabelOutside,
    LabelLayoutUnknown,
    LabelLayoutUnsuited,
    NothingToLabel,
    OffsetTooLarge,
    TooManyLabels,
)
from app.runtime.language import tr_noop

MOST_LABELS = 1_000
LARGEST_OFFSET = 200
"""Tenths of a millimetre; a printer that is two centimetres off is set to another paper."""
QUIET = Decimal("1.5")
"""White along the edges of a label."""
UNPRINTED = Decimal("4.3")
"""What office printers leave white around a sheet: a sixth of an inch."""
CROSS = Decimal("20.0")
"""Where the lines of the test page should be, from the left and the upper edge of the paper."""


class LabelContent(Labelled):
    """What a label says."""

    VEHICLE = "vehicle", tr_noop("Vehicle label")
    KEY = "key", tr_noop("Key tag")
    WINDSCREEN = "windscreen", tr_noop("Price sheet for the windscreen")


@dataclass(frozen=True, slots=True)
class PrinterOffset:
    """How far a printer has to shift a form so that it stands right, in tenths of a millimetre."""

    right: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """One label: the page it is on, from 0, and its left upper corner from that of the paper, in millimetres."""

    page: int
    left: Decimal
    top: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLayout:
    """A label paper: size of the page, of a label, how many across and down, and where they begin."""

    code: str
    name: Bilingual
    page: tuple[Decimal, Decimal]
    label: tuple[Decimal, Decimal]
    columns: int
    rows: int
    left: Decimal
    top: Decimal
    gap_across: Decimal
    gap_down: Decimal
    suits: frozenset[LabelContent]

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """A paper as it stands in the file; raises KeyError or ValueError where it is malformed."""
        return cls(
            code=raw["code"],
            name=Bilingual(raw["name"]["zh"], raw["name"]["en"]),
            page=(Decimal(raw["page"][0]), Decimal(raw["page"][1])),
            label=(Decimal(raw["label"][0]), Decimal(raw["label"][1])),
            columns=raw["columns"],
            rows=raw["rows"],
            left=Decimal(raw["left"]),
            top=Decimal(raw["top"]),
            gap_across=Decimal(raw["gap_across"]),
            gap_down=Decimal(raw["gap_down"]),
            suits=frozenset(LabelContent(content) for content in raw["suits"]),
        )

    @property
    def inset(self) -> tuple[Decimal, Decimal]:
        """White inside each label, across and down: on a sheet, where labels may begin at the very edge of the paper,
        enough that nothing stands where office printers do not print. Label printers print to the edge of their rolls.
        """
        if self.page == self.label:
            return QUIET, QUIET
        last = self.place(self.places - 1)
        across = min(self.left, self.page[0] - last.left - self.label[0])
        down = min(self.top, self.page[1] - last.top - self.label[1])
        return max(QUIET, UNPRINTED - across), max(QUIET, UNPRINTED - down)

    @property
    def places(self) -> int:
        """How many labels a page has."""
        return self.columns * self.rows

    def place(self, number: int) -> LabelPlace:
        """Where the label with this number stands, from 0, row by row and page by page."""
        page, on_page = divmod(number, self.places)
        down, across = divmod(on_page, self.columns)
        return LabelPlace(
            page,
            self.left + across * (self.label[0] + self.gap_across),
            self.top + down * (self.label[1] + self.gap_down),
        )


@lru_cache(maxsize=1)
def label_layouts() -> Mapping[str, LabelLayout]:
    """All papers by code, in the order of the list."""
    row = find_effective(bundled_reference().rows("label_layouts"), date.max)
    layouts = [LabelLayout.from_json(raw) for raw in row.values["layouts"]] if row else []
    return {layout.code: layout for layout in layouts}


def label_layout(code: str, *, content: LabelContent, field: str = "layout") -> LabelLayout:
    """The paper with this code for this content; raises LabelLayoutUnknown or LabelLayoutUnsuited."""
    layout = label_layouts().get(code)
    if layout is None:
        raise LabelLayoutUnknown(field=field, layout=code[:40])
    if content not in layout.suits:
        raise LabelLayoutUnsuited(field=field, content=content.label)
    return layout


def label_run(layout: LabelLayout, *, vehicles: int, copies: int, first: int) -> Iterator[tuple[int, LabelPlace]]:
    """Which vehicle (from 0) goes to which place, copies side by side, beginning with label `first` (from 1).

    Raises NothingToLabel, FirstLabelOutside (field `first`) or TooManyLabels (field `copies`).
    """
    if vehicles < 1:
        raise NothingToLabel(field="units")
    if not 1 <= first <= layout.places:
        raise FirstLabelOutside(field="first", places=layout.places)
    if copies < 1 or vehicles * copies > MOST_LABELS:
        raise TooManyLabels(field="copies", limit=MOST_LABELS)
    return ((n // copies, layout.place(first - 1 + n)) for n in range(vehicles * copies))


def offset_from_measured(*, from_left: Decimal, from_top: Decimal) -> PrinterOffset:
    """The offset that puts the lines of a test page where they belong, from where they were measured (millimetres).

    What was measured on a page printed *without* offset. Raises OffsetTooLarge for the field.
    """
    return PrinterOffset(
        right=checked_offset(_tenths(CROSS - from_left), field="from_left"),
        down=checked_offset(_tenths(CROSS - from_top), field="from_top"),
    )


def _tenths(millimetres: Decimal) -> int:
    """Whole tenths, the half away from zero, so that both sides are treated alike."""
    return int((millimetres * 10).quantize(Decimal(1), ROUND_HALF_UP))


def checked_offset(tenths: int, *, field: str) -> int:
    """The offset in tenths of a millimetre; raises OffsetTooLarge."""
    if abs(tenths) > LARGEST_OFFSET:
        raise OffsetTooLarge(field=field, offset=str(Decimal(abs(tenths)) / 10))
    return tenths
