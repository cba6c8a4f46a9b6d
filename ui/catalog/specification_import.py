"""The import of price lists and specification books, step by step: file, columns, preview, result, the way back."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from app.anomalies.findings import Finding
from app.anomalies.in_file import findings_in
from app.catalog.errors import PastedTextTooLarge
from app.catalog.import_commands import ImportSpecifications, Level, UndoSpecificationImport
from app.catalog.import_preview import ImportPreview, preview_import
from app.catalog.import_report import RowProblem, save_report
from app.catalog.installed_data import DATA_SETS, InstalledData, data_of, recognised
from app.catalog.rules import specification_dictionary
from app.catalog.source_tables import TEXT_BYTES, SourceTable
from app.catalog.specification_files import check_specifications
from app.catalog.specification_mapping import NEEDED, SpecificationField, SpecificationMapping, suggest_mapping
from app.catalog.specification_sources import ReadOptions, read_specifications, table_from_text
from app.kernel.commands import Command
from app.runtime.language import tr, tr_noop, trn
from ui.catalog.kept_mapping import kept_form, restored
from ui.catalog.specification_columns import SpecificationColumns
from ui.catalog.specification_report import SpecificationReport
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.disclosure import Disclosure
from ui.kit.import_plan import ImportField, ImportPlan, Progress
from ui.kit.import_sheet import ImportSheet
from ui.kit.layout import STRETCH, boxed, column, row

KEY = "specifications"


@dataclass(frozen=True, slots=True)
class CheckedTrims:
    """A checked table as the import sheet reads it: what would change, what hinders, what stands out."""

    preview: ImportPreview
    findings: tuple[Finding, ...]
    warned: int = 0

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self.preview.checked.total

    @property
    def refused(self) -> int:
        """How many cannot be taken in."""
        return self.preview.checked.refused

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """What is wrong, row by row."""
        return self.preview.checked.problems


class SpecificationImportSheet(ImportSheet):
    """Reads in any form, remembers how columns were assigned for each layout, and can take the import back."""

    def __init__(self, context: PageContext, *, on_leave: Callable[[], object]) -> None:
        self._text = ""
        self._data: InstalledData | None = None
        self._import_id = ""
        self._options = ReadOptions()
        super().__init__(context, self._plan(), on_leave=on_leave)
        self.columns.reading_changed.connect(self._on_reading_changed)
        self.report.names_decided.connect(self._on_names_decided)
        self.source.layout().insertWidget(self.source.layout().count() - 1, self._samples())  # type: ignore[union-attr]
        self.done.layout().insertWidget(self.done.layout().count() - 1, self._way_back())  # type: ignore[union-attr]

    def make_columns(self) -> SpecificationColumns:
        return SpecificationColumns(self.context)

    def make_report(self) -> SpecificationReport:
        return SpecificationReport(self.context)

    def go_to(self, step: int) -> None:
        super().go_to(step)
        if step == 1:
            self.columns.table.setFocus()

    # --- reading ---------------------------------------------------------------------------------

    def open_file(self, path: Path, sheet: str = "") -> None:
        self._text, self._data, self._options = "", None, ReadOptions(sheet=sheet)
        self.columns.read_as_recognised()
        super().open_file(path, sheet)

    def read_pasted(self, text: str) -> None:
        self._text, self._data, self._options = text, None, ReadOptions()
        super().read_pasted(text)

    def open_data(self, data: InstalledData) -> None:
        """Read a published list out of an installed package."""
        self._text, self._data, self._path = "", data, None
        self._read(data.table)

    def _on_reading_changed(self, options: ReadOptions) -> None:
        self._options = options
        if self._path is not None:
            path = self._path
            self._read(lambda: self.plan.read_file(path, options.sheet))
        elif self._text:
            self._read(lambda: self.plan.read_text(self._text))

    def suggestion(self, table: Any) -> SpecificationMapping:
        suggested = (
            data.mapping(table)
            if (data := self._data or data_of(table)) is not None
            else suggest_mapping(table.headers, table.rows, name=table.name, several=table.in_row > 1)
        )
        kept = self.context.views.load(_layout_key(table.headers))
        return restored(kept, table.headers, suggested) if kept else suggested

    def remember(self, mapping: Any) -> None:
        assert self.table is not None
        headers = self.table.headers
        self.context.views.save(_layout_key(headers), kept_form(mapping, headers))

    def _on_names_decided(self, decided: Mapping[str, str]) -> None:
        """Look the file over again with these names; the layout remembers them."""
        self.columns.take_names_as(decided)
        self.check()

    # --- the plan --------------------------------------------------------------------------------

    def _plan(self) -> ImportPlan:
        parameters = specification_dictionary().parameters.values()
        needed = NEEDED[Level.TRIM]
        fields = [ImportField(field, field.label, field in needed) for field in SpecificationField if field in _TOLD]
        fields += [ImportField(one.code, partial(str, one.name)) for one in parameters if one.core]
        return ImportPlan(
            key=KEY,
            intro=tr_noop(
                "Price lists and specification books: one trim a row or a column, in any order, whole or in part. "
                "You see what would change before anything is written."
            ),
            fields=fields,
            read_file=self._read_file,
            read_text=self._read_text,
            suggest=lambda headers: {},
            check=check_import,
            command=self._command,
            save_report=save_report,  # type: ignore[arg-type]
            taken=lambda count: trn("{n} row", "{n} rows", count),
            result=result_words,
            invitation=tr_noop("Drop a CSV, XLSX or JSON file here"),
            readable="*.csv *.tsv *.txt *.xlsx *.json *.gz",
        )

    def _read_file(self, path: Path, sheet: str) -> SourceTable:
        table = read_specifications(path, self._options)
        return recognised(table) if self._options.published else table

    def _read_text(self, text: str) -> SourceTable:
        if len(text) > TEXT_BYTES:
            raise PastedTextTooLarge(size=len(text) // (1 << 20), limit=TEXT_BYTES // (1 << 20))
        return table_from_text(text, options=self._options)

    def _command(self, checked: Any, skip_bad_rows: bool, progress: Progress) -> Command:
        table = checked.preview.checked
        return ImportSpecifications(
            records=table.records if skip_bad_rows else table.require_good(),
            source=table.name or tr("Pasted table"),
            effective_from=self.columns.effective_from,
            reason=self.columns.reason,
            progress=progress,
        )

    # --- the way back ----------------------------------------------------------------------------

    def _way_back(self) -> Any:
        self.undo = Button(tr_noop("Take this import back"), icon="undo", on_click=self.take_back)
        return boxed(row(STRETCH, self.undo, STRETCH))

    def taken_in(self, value: Any) -> None:
        self._import_id = value.import_id
        self.undo.setVisible(bool(value.import_id))
        self.undo.setEnabled(True)

    def take_back(self) -> None:
        """Undo the import that was just made, as a whole."""
        job = self.context.operations.run_command(
            self, UndoSpecificationImport(import_id=self._import_id), on_done=self._on_taken_back,
            name=tr_noop("Import specifications"),
        )  # fmt: skip
        self.undo.busy_while(job)

    def _on_taken_back(self, _import_id: str) -> None:
        self.undo.hide()
        self.done.set_words(tr_noop("Undone"), tr_noop("The catalogue is as it was before the import."))

    def _samples(self) -> Disclosure:
        """Published lists in installed packages, to try it with."""

        def make() -> Any:
            halves = [column(gap=0) for _ in range(2)]
            for number, data in enumerate(DATA_SETS):
                open_it = partial(self.open_data, data)
                button = Button(partial(str, data.name), kind="quiet", icon="list", on_click=open_it)
                button.setEnabled(data.is_installed)
                if not data.is_installed:
                    button.setToolTip(_needs(data))
                halves[number % 2].addLayout(row(button, STRETCH))
            for half in halves:
                half.addStretch(1)
            return boxed(row(*halves, STRETCH, gap=24))

        return Disclosure(tr_noop("Try it with real data"), make)


_TOLD = frozenset(SpecificationField) - {
    SpecificationField.LEVEL, SpecificationField.RECORD_ID, SpecificationField.COUNTRY, SpecificationField.SERIES_BODY,
}  # fmt: skip


def _needs(data: InstalledData) -> str:
    return tr("needs the Python package {name}", name=data.package.replace("_", "-"))


def specification_import_sheet(context: PageContext, *, on_leave: Callable[[], object]) -> SpecificationImportSheet:
    """The sheet that takes in specifications."""
    return SpecificationImportSheet(context, on_leave=on_leave)


def check_import(reader: Any, table: Any, mapping: Any, progress: Progress) -> CheckedTrims:
    """Check every row by the dictionary, lay the rows over the catalogue, look over what would come of it."""
    checked = check_specifications(table, mapping, progress=lambda text, share: progress(text, share * 0.4))
    columns = {field: table.headers[number] for field, number in mapping.fields.items()}
    preview = preview_import(
        reader, checked, columns=columns, decided=mapping.taken_as,
        progress=lambda text, share: progress(text, 0.4 + share * 0.3)
    )
    found = findings_in(reader, preview, progress=lambda text, share: progress(text, 0.7 + share * 0.3))
    return CheckedTrims(replace(preview, effects=()), tuple(found), len(preview.slips))


def result_words(value: Any) -> str:
    """What was done, in words."""
    added = trn("{n} trim added", "{n} trims added", value.trims_added)
    return tr("{added}, {n} brought up to date", added=added, n=value.trims_changed)


def _layout_key(headers: Sequence[str]) -> str:
    digest = hashlib.sha256("\n".join(headers).encode()).hexdigest()
    return f"import.{KEY}.{digest[:16]}"
