"""Printing as it is recorded: a print begins before the first side is drawn and ends with what became of it."""

from dataclasses import dataclass
from datetime import datetime

from app.kernel.commands import Command
from app.printing.rules import PrintMark, PrintSettings, PrintState


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintTarget:
    """What is printed: the record, and the SHA-256 of the bytes. `source` is a `PrintSource`."""

    source: str
    record_id: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintStart:
    """A print that was recorded: what it is, which one of its document, when and by whom."""

    print_id: str
    record_id: str
    mark: PrintMark
    count: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPrints(Command):
    """Record prints before anything is drawn, and remember the settings for this desk and kind of paper.

    Returns a `PrintStart` for each target, in their order. `kind` names the kind of paper (contract, receipt, a form's
    code, …); papers without a record have no targets and are only remembered.
    Raises PrintedDocumentDiffers, TooManyPapers, CopiesOutside, PageRangeUnreadable, CharactersNotPrintable (a copy
    says who printed it), RecordNotFound, PermissionDenied.
    """

    kind: str
    settings: PrintSettings
    targets: tuple[PrintTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintEnd:
    """What became of a print; `sides` is how many the system's spooler took, `detail` why it took no more."""

    print_id: str
    state: PrintState
    sides: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishPrints(Command):
    """Record what became of prints. "Sent" says that the system's spooler took them, never that paper came out."""

    ends: tuple[PrintEnd, ...]
