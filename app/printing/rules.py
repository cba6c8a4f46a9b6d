"""Rules of printing: which pages, on which sides, and whether a print is the original or a copy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from app.kernel.labels import Labelled
from app.printing.errors import CopiesOutside, PageRangeOutside, PageRangeUnreadable
from app.runtime.language import tr_noop

MOST_COPIES = 99
MOST_PAPERS = 200
"""As one job: more are no day's work, and all of them lie in memory while they are printed."""
PDF_FILE = "PDF"
"""The name of the printer where pages go into a file."""
_RANGE = re.compile(r"(\d{1,4})(?:[-–~](\d{1,4}))?")


class PrintSource(Labelled):
    """What a recorded print is of."""

    CONTRACT = "contract", tr_noop("Contract")
    RECEIPT = "receipt", tr_noop("Receipt")


class PrintMark(Labelled):
    """What a print is, as it says itself. Of everything that is fixed, only the first print is the original."""

    ORIGINAL = "original", tr_noop("Original")
    COPY = "copy", tr_noop("Copy")
    DRAFT = "draft", tr_noop("Draft")
    VOID = "void", tr_noop("Void")
    SUPERSEDED = "superseded", tr_noop("Superseded")
    TERMINATED = "terminated", tr_noop("Terminated")


class PrintState(Labelled):
    """How far a print came. Nobody tells a program whether paper came out of the printer."""

    BEGUN = "begun", tr_noop("Not known whether it was sent")
    SENT = "sent", tr_noop("Sent to printer")
    FAILED = "failed", tr_noop("Not printed")
    CANCELLED = "cancelled", tr_noop("Cancelled")


class Duplex(Labelled):
    """On which sides, and along which edge sheets are turned."""

    SINGLE = "single", tr_noop("One side")
    LONG_EDGE = "long_edge", tr_noop("Both sides, turned along the long edge")
    SHORT_EDGE = "short_edge", tr_noop("Both sides, turned along the short edge")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintSettings:
    """How papers are printed. `pages` as people write them ("1-3, 5"), empty for all; `printer` by its name."""

    printer: str = ""
    duplex: Duplex = Duplex.SINGLE
    copies: int = 1
    collate: bool = True
    pages: str = ""

    def checked(self) -> Self:
        """Itself. Raises CopiesOutside (field `copies`) or PageRangeUnreadable (field `pages`)."""
        if not 1 <= self.copies <= MOST_COPIES:
            raise CopiesOutside(field="copies", limit=MOST_COPIES)
        _ranges(self.pages)
        return self

    def remembered(self) -> dict[str, Any]:
        """What is kept for the next paper of this kind; pages and copies belong to one print."""
        return {"printer": self.printer, "duplex": self.duplex.value, "collate": self.collate}

    @classmethod
    def from_remembered(cls, kept: dict[str, Any]) -> Self:
        """The settings kept; what cannot be read is as usual."""
        duplex = next((one for one in Duplex if one.value == kept.get("duplex")), Duplex.SINGLE)
        return cls(printer=str(kept.get("printer", "")), duplex=duplex, collate=kept.get("collate") is not False)


def page_numbers(pages: str, count: int) -> tuple[int, ...]:
    """The pages of a document of `count` pages, from 1, each once and in their order.

    Raises PageRangeUnreadable or PageRangeOutside (field `pages`).
    """
    ranges = _ranges(pages)
    if not ranges:
        return tuple(range(1, count + 1))
    wanted = [page for page in range(1, count + 1) if any(first <= page <= last for first, last in ranges)]
    if not wanted:
        raise PageRangeOutside(field="pages", pages=pages.strip(), count=count)
    return tuple(wanted)


def _ranges(pages: str) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for part in re.split(r"[,，、;；\s]+", pages.strip()):
        if not part:
            continue
        found = _RANGE.fullmatch(part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last:
            raise PageRangeUnreadable(field="pages", pages=pages.strip()[:40])
        ranges.append((first, last))
    return ranges


def sides(pages: Sequence[int], settings: PrintSettings) -> list[int | None]:
    """The sides of one document in the order in which they leave the printer; None is a blank back.

    Copies are laid out here and not left to the printer, so that in duplex every copy begins on a fresh sheet.
    Without collation each *sheet* comes in all its copies before the next one.
    """
    printed: list[int | None] = list(pages)
    if settings.duplex is Duplex.SINGLE:
        sheets = [printed[at : at + 1] for at in range(len(printed))]
    else:
        if len(printed) % 2:
            printed.append(None)
        sheets = [printed[at : at + 2] for at in range(0, len(printed), 2)]
    if settings.collate:
        return [side for _copy in range(settings.copies) for sheet in sheets for side in sheet]
    return [side for sheet in sheets for _copy in range(settings.copies) for side in sheet]


def mark_of(*, fixed: bool, ended: PrintMark | None, earlier: int) -> PrintMark:
    """What the next print is. `fixed`: locked, sealed or issued; `ended`: how it went out of force, if it did;
    `earlier`: prints of it that may be on paper."""
    if ended is not None:
        return ended
    if not fixed:
        return PrintMark.DRAFT
    return PrintMark.COPY if earlier else PrintMark.ORIGINAL


def may_be_on_paper(state: str, sides_sent: int) -> bool:
    """Whether a print counts: anything may have come out unless it ended before its first side."""
    return state in (PrintState.BEGUN, PrintState.SENT) or sides_sent > 0
