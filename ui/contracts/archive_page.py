"""The archive: every document that was ever locked for signing, found by any word on its paper or any field."""

from collections.abc import Sequence
from typing import Any

from app.archive.search import (
    AMOUNT_BANDS,
    ArchiveChoices,
    ArchiveRow,
    Keeping,
    Proof,
    archive_choices,
    count_archive,
    list_archive,
)
from app.contracts.kinds.registry import KINDS
from app.contracts.queries import ContractDetail, get_contract
from app.contracts.rules import ContractState
from app.kernel.changes import Changes
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.contracts.contract_panel import contract_content
from ui.contracts.contract_states import CONTRACT_STATES
from ui.contracts.disposal_sheet import DisposalSheet
from ui.contracts.document_fields import in_words
from ui.contracts.keeping_section import KeepingSection
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import MARKED, UNMARKED, Column, State
from ui.kit.context import PageContext
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.layout import boxed, column
from ui.kit.record_page import PanelContent, RecordPage
from ui.kit.scanner import Scan
from ui.kit.theme import set_size
from ui.signing.document_words import kind_words

_SEARCH_WIDTH = 320
_BANDS = {
    "under_50k": tr_noop("below ¥50,000"), "50k_100k": tr_noop("¥50,000 to 100,000"),
    "100k_200k": tr_noop("¥100,000 to 200,000"), "200k_400k": tr_noop("¥200,000 to 400,000"),
    "over_400k": tr_noop("¥400,000 and more"),
}  # fmt: skip
_HELD = {True: State(tr_noop("On hold"), "warn"), False: State("", "neutral")}


class ArchivePage(RecordPage):
    """Opened with `text` it searches for that; with `contract_id` it shows one document."""

    title = tr_noop("Document archive")
    key = "archive"
    param = "contract_id"
    multiple = True
    watches = ("archive_entry", "legal_hold")
    concerns = ("contract", "contract_document", "contract_signature", "customer")
    columns = (
        Column("number", tr_noop("Number"), kind="code", width=156),
        Column("kind", tr_noop("Kind"), width=120, format=kind_words),
        Column("customer_name", tr_noop("Customer"), width=88),
        Column("state", tr_noop("Status"), kind="state", states=CONTRACT_STATES, width=120),
        Column("held", tr_noop("Hold"), kind="state", states=_HELD, width=76),
        Column("found", tr_noop("Found in the text"), width=168, stretch=True, value=lambda row: row,
               format=lambda row: found_words(row)),
        Column("amount", tr_noop("Amount"), kind="money", width=96),
        Column("drafted_on", tr_noop("Drafted on"), kind="date", width=96, visible=False),
        Column("sealed_on", tr_noop("Sealed on"), kind="date", width=96),
        Column("kept_until", tr_noop("Kept until"), kind="date", width=96),
        Column("order_number", tr_noop("Order"), kind="code", width=156, visible=False),
    )  # fmt: skip

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.filters.search.set_words(tr_noop("Any word on the paper, name, VIN, number, amount"))
        self.filters.search.setToolTip(tr(_HELP))
        set_size(self.filters.search, width=_SEARCH_WIDTH)
        states = [state for state in ContractState if state is not ContractState.DRAFT]
        for facet in (
            Facet("kind", tr_noop("Kind"), [FacetOption(kind.code, in_words(kind.title)) for kind in KINDS.values()]),
            Facet("state", tr_noop("Status"), [FacetOption(state.value, state.label) for state in states]),
            Facet("sealed", tr_noop("Sealed in")),
            Facet("amount", tr_noop("Amount"), [FacetOption(code, _BANDS[code]) for code in AMOUNT_BANDS]),
            Facet("keeping", tr_noop("Keeping"), [FacetOption(one.value, one.label) for one in Keeping]),
            Facet("proof", tr_noop("Proof"), [FacetOption(one.value, one.label) for one in Proof]),
            Facet("salesperson", tr_noop("Salesperson")),
            Facet("branch", tr_noop("Branch")),
        ):
            self.filters.add_facet(facet)
        self.filters.chip("branch").hide()
        self.add_action(
            Action("archive.show", tr_noop("Show the pages"), self._show_pages, key="Ctrl+E", icon="eye",
                   enabled=lambda: self.is_shown and self.record.row.state != ContractState.DISPOSED)
        )  # fmt: skip
        self.add_action(
            Action("archive.go_on", tr_noop("Open among the contracts"), self._open_contract, icon="file-text",
                   enabled=lambda: self.is_shown)
        )  # fmt: skip
        self.add_action(
            Action("archive.disposals", tr_noop("Destruction lists"), self.show_disposals, icon="trash-2",
                   keywords="dispose destroy shred 销毁"), button=True,
        )  # fmt: skip
        self.add_action(
            Action("archive.dispose", tr_noop("Propose to destroy the chosen documents"), self._propose_disposal,
                   icon="trash-2", permission=Permission.CONTRACTS_DISPOSE, enabled=self._may_propose)
        )  # fmt: skip
        context.scanner.take(self, self._on_scanned)

    def retranslate(self) -> None:
        super().retranslate()
        self.filters.search.setToolTip(tr(_HELP))

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[ArchiveRow]:
        return list_archive(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_archive(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} documents", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        return EmptyState(
            tr_noop("Nothing in the archive yet"),
            tr_noop("A document comes here when it is locked for signing, and stays for as long as the law asks."),
            icon="archive",
        )

    def activate(self, params: Any) -> None:
        """`text` is searched for; `disposal_id` shows a destruction list."""
        super().activate(params)
        if params.get("disposal_id"):
            self.show_disposals(str(params["disposal_id"]))
        if params.get("text"):
            self.filters.set_values({"text": str(params["text"])}, silently=False)
        self._read_choices()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if changes.touches("archive_entry") and self.isVisible():
            self._read_choices()

    def _read_choices(self) -> None:
        self.context.operations.run_query(self, archive_choices, on_done=self._on_choices, key="choices")

    def _on_choices(self, choices: ArchiveChoices) -> None:
        self.filters.set_options("sealed", [_as_it_is(year, year) for year in choices.years])
        for name, options in (("salesperson", choices.people), ("branch", choices.branches)):
            self.filters.set_options(name, [_as_it_is(key, said) for key, said in options])
        self.filters.chip("branch").setVisible(len(choices.branches) > 1)

    def _on_scanned(self, scan: Scan) -> bool:
        """The code on a page of a document, or any other."""
        self.filters.set_values({"text": scan.vin or scan.text}, silently=False)
        return True

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> ContractDetail:
        return get_contract(reader, record_id)

    def panel_content(self, record: ContractDetail) -> PanelContent:
        line = record.row
        return PanelContent(
            title=lambda: line.number,
            subtitle=lambda: f"{kind_words(line.kind)} · {line.customer_name}",
            content=boxed(
                column(
                    contract_content(record, go=self.context.navigator.open, show=self.show_record),
                    KeepingSection(self.context, line.id), gap=16,
                )
            ),
            verbs=("archive.show", "archive.go_on"),
            more=("archive.dispose",),
            next_step=False,
        )  # fmt: skip

    def open_row(self, row: ArchiveRow) -> None:
        """Return shows the pages."""
        self.context.navigator.open("contracts", contract_id=row.id, document=True)

    # --- destruction -----------------------------------------------------------------------------

    def show_disposals(self, wanted: str = "", *, chosen: Sequence[ArchiveRow] = ()) -> None:
        """The lists; with `chosen` a new one is begun."""
        sheet = DisposalSheet(self.context, back=self.back_button(), chosen=chosen, wanted=wanted)
        self.open_sheet(sheet, tr_noop("Destruction lists"))
        sheet.take_focus()

    def _chosen(self) -> list[ArchiveRow]:
        return [row for row in self.table.selected_rows() if row is not None]

    def _may_propose(self) -> bool:
        today = branch_date(self.context.clock.now())
        chosen = self._chosen()
        return (
            self.sheet is None
            and bool(chosen)
            and all(row.kept_until is not None and row.kept_until < today and not row.held for row in chosen)
        )

    def _propose_disposal(self) -> None:
        self.show_disposals(chosen=self._chosen())

    def _show_pages(self) -> None:
        self.open_row(self.record.row)

    def _open_contract(self) -> None:
        self.context.navigator.open("contracts", contract_id=self.record.row.id)


def _as_it_is(value: str, said: str) -> FacetOption:
    """A choice whose words are no text of the program."""
    return FacetOption(value, lambda: said)


_HELP = tr_noop(
    "Also: sealed:2023-05, sealed:2023-01..2023-06, drafted:2024, until:2031, amount:150000..170000, version:3. "
    "Scan the code on a page to find its document."
)


def found_words(row: ArchiveRow) -> str:
    """Where the words stand in the document, the found ones between marks."""
    if row.found is None:
        missing = not row.read and row.state != ContractState.DISPOSED
        return tr("Its pages have not arrived yet") if missing else ""
    text, end = "", 0
    for start, stop in row.found.marks:
        text += f"{row.found.text[end:start]}{MARKED}{row.found.text[start:stop]}{UNMARKED}"
        end = stop
    return text + row.found.text[end:]
