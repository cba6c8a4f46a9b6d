"""What an import found wrong, row by row, and how that is saved for whoever mends the file."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.kernel.errors import DomainError
from app.kernel.labels import Labelled, Note
from app.runtime.atomic_file import write_atomically
from app.runtime.language import tr, tr_noop

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_VALUE_LIMIT = 200


class Severity(Labelled):
    """Whether a row is refused or only worth a look."""

    ERROR = "error", tr_noop("Error")
    WARNING = "warning", tr_noop("Warning")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """One thing about one cell. `line` is the line number in the file, `column` the heading, `code` stable."""

    line: int
    column: str
    value: str
    code: str
    note: Note
    severity: Severity = Severity.ERROR
    place: str = ""
    """Where to look in the source, if that is not the line: the letter of a column."""

    @property
    def where(self) -> str:
        """The line, or the column of a book whose trims stand side by side."""
        return self.place or str(self.line)

    @property
    def id(self) -> str:
        """Distinguishes problems of one report."""
        return f"{self.line}:{self.column}:{self.code}"

    @property
    def text(self) -> str:
        """What is wrong and what to do, in the language in use."""
        return str(self.note)

    @classmethod
    def of(cls, error: DomainError, *, line: int, column: str, value: str, place: str = "") -> "RowProblem":
        """The refusal of a rule as a problem of a row."""
        return cls(line=line, column=column, value=value[:_VALUE_LIMIT], code=error.code,
                   note=Note(error.text, error.params), place=place)  # fmt: skip


def harmless(text: str) -> str:
    """The text as no spreadsheet program takes it for a formula: what could start one gets an apostrophe in front.

    Also cells in which blanks stand before the dangerous character (OWASP, "CSV injection"), and cells that begin with
    an apostrophe, so that it can be told from ours.
    """
    return f"'{text}" if needs_apostrophe(text) else text


def needs_apostrophe(text: str) -> bool:
    """Whether a text begins as a formula does, or with the apostrophe that keeps it from being one."""
    return text.startswith(("'", *_DANGEROUS)) or text.lstrip(" \u3000").startswith(_DANGEROUS)


def report_headings() -> tuple[str, ...]:
    """The headings of a saved report in the language in use."""
    return tr("Line"), tr("Column"), tr("Value"), tr("Kind"), tr("Code"), tr("What to do")


def report_lines(problems: Iterable[RowProblem]) -> Iterable[tuple[str, ...]]:
    """The lines of a saved report, every cell harmless."""
    for problem in problems:
        cells = (problem.column, problem.value, tr(problem.severity.label), problem.code, problem.text)
        yield (problem.where, *(harmless(cell) for cell in cells))


def save_report(problems: Sequence[RowProblem], path: Path) -> None:
    """Write the problems as XLSX or, for any other ending, as CSV that spreadsheet programs open with Chinese intact.

    Raises ProfileReadOnly, DiskFull or DiskFailing.
    """
    content = _as_workbook(problems) if path.suffix.casefold() == ".xlsx" else _as_csv(problems)
    write_atomically(path, content)


def _as_csv(problems: Sequence[RowProblem]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(report_headings())
    writer.writerows(report_lines(problems))
    return out.getvalue().encode("utf-8-sig")


def _as_workbook(problems: Sequence[RowProblem]) -> bytes:
    import openpyxl  # costs 150 ms
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils.cell import get_column_letter

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(tr("Import report"))
    for position, width in enumerate((8, 20, 28, 10, 26, 90), start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    for line in (report_headings(), *report_lines(problems)):
        cells = []
        for text in line:
            cell = WriteOnlyCell(sheet, value=_printable(text))
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _printable(text: str) -> str:
    """Without the control characters that a workbook cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
