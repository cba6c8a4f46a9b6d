"""What a feature declares to have a list imported: its fields, how a file is read, checked and taken in.

The sheet (`ui.kit.import_sheet`) knows nothing of the feature; everything it shows comes from here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.kernel.commands import Command
from app.runtime.language import tr_noop
from ui.kit.text import Words

Mapped = Mapping[Any, int]
"""Field → number of the column that stands for it."""


class SourceTable(Protocol):
    """A table as it was read: texts only."""

    @property
    def name(self) -> str: ...

    @property
    def headers(self) -> tuple[str, ...]: ...

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]: ...

    @property
    def encoding(self) -> str: ...

    @property
    def delimiter(self) -> str: ...

    @property
    def sheet(self) -> str: ...

    @property
    def sheets(self) -> tuple[str, ...]: ...


class Problem(Protocol):
    """One thing about one cell; `severity` is "error" or "warning"."""

    @property
    def id(self) -> str: ...

    @property
    def line(self) -> int: ...

    @property
    def where(self) -> str: ...

    @property
    def column(self) -> str: ...

    @property
    def value(self) -> str: ...

    @property
    def severity(self) -> str: ...

    @property
    def text(self) -> str: ...


class CheckedFile(Protocol):
    """What a check found: how many rows there are, how many cannot be taken in, and why."""

    @property
    def total(self) -> int: ...

    @property
    def refused(self) -> int: ...

    @property
    def warned(self) -> int: ...

    @property
    def problems(self) -> Sequence[Problem]: ...


Progress = Callable[[str, float], None]
INVITATION = tr_noop("Drop a CSV or XLSX file here")


@dataclass(frozen=True, slots=True)
class ImportField:
    """Something a column can stand for. `key` is what the feature's mapping uses."""

    key: Any
    label: Words
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """One kind of import. `read_file(path, sheet)`, `read_text(text)`, `check`, `save_report` run off the GUI thread.

    `check(reader, table, mapping, progress)` returns the checked file; `command(checked, skip_bad_rows, progress)` the
    command that takes it in; `taken(n)` and `result(value)` word how many.
    """

    key: str
    intro: Words
    fields: Sequence[ImportField]
    read_file: Callable[[Path, str], SourceTable]
    read_text: Callable[[str], SourceTable]
    suggest: Callable[[Sequence[str]], Mapped]
    check: Callable[[Any, SourceTable, Mapped, Progress], CheckedFile]
    command: Callable[[CheckedFile, bool, Progress], Command]
    save_report: Callable[[Sequence[Problem], Path], None]
    taken: Callable[[int], str]
    result: Callable[[Any], str]
    invitation: Words = INVITATION
    readable: str = "*.csv *.tsv *.txt *.xlsx"
