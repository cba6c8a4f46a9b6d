"""Contracts: read, locked, signed later, sealed, archived, taken out of force, checked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.contracts.after_signing.termination_queries import TerminationChoices, termination_choices
from app.contracts.commands import (
    ArchiveContract,
    DeclineContract,
    LockContract,
    PreparedSeal,
    SealContract,
    VoidContract,
)
from app.contracts.documents.queries import DocumentForm
from app.contracts.documents.reading import About
from app.contracts.kinds.registry import KINDS, SALE
from app.contracts.lineage import AGREEMENT
from app.contracts.preparing import prepare_seal
from app.contracts.queries import ContractDetail, ContractRow, count_contracts, get_contract, list_contracts
from app.contracts.rules import ContractAction
from app.kernel.commands import Command
from app.kernel.permissions import Permission
from app.printing.queries import contract_to_print
from app.runtime.language import tr, tr_noop
from ui.contracts.after_signing import amendment_question, termination_question
from ui.contracts.contract_panel import contract_content, number_of
from ui.contracts.contract_states import CONTRACT_STATES, UNFINISHED
from ui.contracts.document_fields import in_words
from ui.contracts.document_sheet import DocumentSheet
from ui.contracts.keeping_section import KeepingSection
from ui.contracts.new_document import (
    ChooseDocument,
    DocumentFormSheet,
    about_from,
    document_form,
    drafted_by,
    redraft_form,
)
from ui.contracts.verify_sheet import VerifySheet
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.fields import MultiLineField
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import boxed, column
from ui.kit.panel_form import PanelForm
from ui.kit.paper_sheet import save_pdf
from ui.kit.print_dialog import PrintHow, open_print
from ui.kit.print_history import PrintHistory
from ui.kit.record_page import PanelContent, RecordPage, is_possible
from ui.kit.text import Words
from ui.signing.document_words import kind_words

_A = ContractAction
_REASON_LIMIT = 400
_VERBS = ("contracts.seal", "contracts.continue", "contracts.redraft", "contracts.show", "contracts.check")
_MORE = ("contracts.form", "contracts.amend", "contracts.agreement", "contracts.terminate", "contracts.archive",
         "contracts.decline", "contracts.void")  # fmt: skip
_SHEET_VERBS = ("contracts.check", "contracts.save", "contracts.print", "contracts.lock", "contracts.continue",
                "contracts.seal")  # fmt: skip


class ContractsPage(RecordPage):
    """All contracts of the branch, newest first."""

    title = tr_noop("Contracts")
    key = "contracts"
    param = "contract_id"
    watches = ("contract",)
    multiple = True
    concerns = ("contract_document", "contract_signature", "sales_order", "customer")
    columns = (
        Column("number", tr_noop("Number"), kind="code", width=156),
        Column("kind", tr_noop("Kind"), width=168, format=lambda code: kind_words(code)),
        Column("customer_name", tr_noop("Customer"), width=112),
        Column("state", tr_noop("Status"), kind="state", states=CONTRACT_STATES, width=136),
        Column("order_number", tr_noop("Order"), kind="code", width=160, stretch=True),
        Column("provisional", tr_noop("Sale"), width=96, value=lambda row: row, format=lambda row: _sale_words(row)),
        Column("page_count", tr_noop("Pages"), kind="integer", width=64),
        Column("created_at", tr_noop("Drafted at"), kind="moment", width=124),
        Column("sealed_at", tr_noop("Sealed at"), kind="moment", width=124),
    )

    def __init__(self, context: PageContext) -> None:
        self._amend_wanted = ""
        super().__init__(context)
        options = [FacetOption(code, state.label) for code, state in CONTRACT_STATES.items()]
        kinds = [FacetOption(kind.code, in_words(kind.title)) for kind in KINDS.values()]
        self.filters.add_facet(Facet("kind", tr_noop("Kind"), kinds))
        self.filters.add_facet(Facet("state", tr_noop("Status"), options))
        self._add_actions()

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[ContractRow]:
        return list_contracts(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_contracts(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} contracts", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        return EmptyState(
            tr_noop("No contracts yet"),
            tr_noop("A contract is drafted from an order in the sale. Any PDF can be checked here all the same."),
            icon="file-text",
            action=Button(tr_noop("Check a file"), icon="shield-check", on_click=self.verify_any),
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        """`document=True` shows the pages at once, `amend=True` asks what is amended; `new=True` begins a document
        about the records that are named."""
        self._amend_wanted = str(params.get(self.param) or "") if params.get("amend") else ""
        super().activate(params)
        if params.get("new"):
            self.choose_document(about_from(params))
            return
        if params.get(self.param) and params.get("document"):
            run = self.context.operations.run_query
            run(self, get_contract, str(params[self.param]), on_done=self._open_document, key="open")

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> ContractDetail:
        return get_contract(reader, record_id)

    def panel_content(self, record: ContractDetail) -> PanelContent:
        line = record.row
        steps = {_A.LOCK, _A.SIGN, _A.SEAL, "redraft"} & set(record.actions)
        return PanelContent(
            title=lambda: line.number,
            subtitle=lambda: line.customer_name,
            content=boxed(
                column(
                    contract_content(record, go=self.context.navigator.open, show=self.show_record),
                    KeepingSection(self.context, line.id),
                    PrintHistory(self.context, source="contract", record_id=line.id), gap=16,
                )
            ),
            verbs=_VERBS,
            more=_MORE,
            next_step=bool(steps),
        )

    def record_shown(self, record: ContractDetail) -> None:
        if isinstance(self.sheet, DocumentSheet) and self.sheet.detail.row.id == record.row.id:
            self.sheet.refresh(record)
        wanted, self._amend_wanted = self._amend_wanted, ""
        if wanted == record.row.id and "amend" in record.actions:
            self._amend()

    def open_row(self, row: ContractRow) -> None:
        """Return shows the pages."""
        self.show_record(row.id)
        self.context.operations.run_query(self, get_contract, row.id, on_done=self._open_document, key="open")

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add = self._add_verb
        new = Action("contracts.new", tr_noop("New document"), self.choose_document, key=Key.NEW, icon="file-plus",
                     enabled=lambda: bool(drafted_by(self.context)))  # fmt: skip
        self.add_action(new, primary=True)
        add("contracts.redraft", tr_noop("Change and draft again"), self._redraft, self._may_redraft,
            key=Key.EDIT, icon="pencil", permission=Permission.CONTRACTS_SIGN)  # fmt: skip
        verify = Action("contracts.verify", tr_noop("Check a file"), self.verify_any, key="Ctrl+O", icon="shield-check",
                        keywords="verify seal signature pdf 验签")  # fmt: skip
        self.add_action(verify, button=True)
        add("contracts.show", tr_noop("Show the pages"), self._show, self._may_show, key="Ctrl+E", icon="eye")
        add("contracts.check", tr_noop("Check it"), self._check, lambda: self.is_shown and not self._verifying(),
            key="Ctrl+R", icon="shield-check")  # fmt: skip
        add("contracts.continue", tr_noop("Continue signing"), self._continue, self._may_continue,
            key="Ctrl+T", icon="pen-line", permission=Permission.CONTRACTS_SIGN)  # fmt: skip
        add("contracts.lock", _A.LOCK.label, self._lock, self._may_lock,
            key="Ctrl+G", icon="lock", permission=Permission.CONTRACTS_SIGN)  # fmt: skip
        add("contracts.seal", _A.SEAL.label, self._seal, lambda: self.offers(_A.SEAL),
            key="Ctrl+U", icon="stamp", permission=Permission.CONTRACTS_SEAL)  # fmt: skip
        add(
            "contracts.save",
            tr_noop("Save as PDF"),
            self._save,
            self._has_document,
            key="Ctrl+Shift+S",
            icon="download",
        )
        add("contracts.print", tr_noop("Print"), self._print, lambda: self.is_shown, key=Key.PRINT, icon="printer")
        add("contracts.print_chosen", tr_noop("Print the chosen contracts"), self._print_chosen,
            lambda: self.sheet is None and len(self.table.selected_rows()) > 1,
            key="Ctrl+Shift+P", icon="printer")  # fmt: skip
        add("contracts.form", tr_noop("Fill a pre-printed form"), self._fill_form, lambda: self.is_shown,
            icon="clipboard-list")  # fmt: skip
        add("contracts.archive", _A.ARCHIVE.label, self._archive, lambda: self.offers(_A.ARCHIVE),
            icon="archive", permission=Permission.CONTRACTS_SEAL)  # fmt: skip
        add("contracts.decline", tr_noop("A party declines"), self._decline, lambda: self.offers(_A.DECLINE),
            icon="ban", permission=Permission.CONTRACTS_SIGN)  # fmt: skip
        add("contracts.amend", tr_noop("Amend the contract"), self._amend, lambda: self.offers("amend"),
            icon="file-pen", permission=Permission.CONTRACTS_SIGN)  # fmt: skip
        add("contracts.agreement", tr_noop("Draft a termination agreement"), self._begin_agreement,
            lambda: self.offers("amend") and self.record.row.kind == SALE, icon="file-plus",
            permission=Permission.CONTRACTS_DRAFT)  # fmt: skip
        add("contracts.terminate", tr_noop("Terminate the contract"), self._terminate,
            lambda: self.offers(_A.TERMINATE), icon="ban", permission=Permission.CONTRACTS_VOID)  # fmt: skip
        add("contracts.void", tr_noop("Void the contract"), self._void, lambda: self.offers(_A.VOID),
            key=Key.DELETE, icon="x-circle", permission=Permission.CONTRACTS_VOID)  # fmt: skip

    def _add_verb(self, action_id: str, text: str, handler: Any, enabled: Any, **more: Any) -> None:
        self.add_action(Action(action_id, text, handler, enabled=enabled, **more))

    def _verifying(self) -> bool:
        return isinstance(self.sheet, VerifySheet)

    def _document_sheet(self) -> DocumentSheet | None:
        return self.sheet if isinstance(self.sheet, DocumentSheet) else None

    def _may_show(self) -> bool:
        return self.is_shown and self.sheet is None

    def _has_document(self) -> bool:
        sheet = self._document_sheet()
        return sheet is not None and sheet.document is not None

    def _may_lock(self) -> bool:
        return self._has_document() and self.offers(_A.LOCK)

    def _may_continue(self) -> bool:
        line = self.record.row if self.is_shown and not self._verifying() else None
        if line is None or line.state not in UNFINISHED:
            return False
        return line.kind == SALE or not {_A.LOCK, _A.SIGN, "redraft"}.isdisjoint(self.record.actions)

    # --- new documents ---------------------------------------------------------------------------

    def choose_document(self, about: About | None = None) -> None:
        """Which kind, and about what."""
        sheet = ChooseDocument(self.context, about or About(), cancel=self.cancel_button())
        sheet.chosen.connect(self._begin_document)
        self.open_sheet(sheet, tr_noop("New document"))
        sheet.take_focus()

    def _begin_document(self, kind: str, about: About) -> None:
        run = self.context.operations.run_query
        run(self.sheet or self, document_form, kind, about, on_done=self._open_form, key="form")

    def _begin_agreement(self) -> None:
        self._begin_document(AGREEMENT, About(order_id=self.record.row.order_id))

    def _open_form(self, begun: DocumentForm) -> None:
        sheet = DocumentFormSheet(self.context, begun, cancel=self.cancel_button())
        sheet.drafted.connect(self._on_drafted)
        self.open_sheet(sheet, in_words(KINDS[begun.kind].title))
        sheet.take_focus()

    def _on_drafted(self, contract_id: str) -> None:
        """What comes next, reading, locking and signing, has a place of its own."""
        self.close_sheet()
        self.show_record(contract_id)
        self.context.navigator.open("document", document_id=contract_id)

    def _may_redraft(self) -> bool:
        return self.is_shown and self.record.row.kind != SALE and "redraft" in self.record.actions

    def _redraft(self) -> None:
        run = self.context.operations.run_query
        run(self, redraft_form, self.record.row.id, on_done=self._open_form, key="form")

    # --- pages -----------------------------------------------------------------------------------

    def _show(self) -> None:
        self._open_document(self.record)

    def _open_document(self, detail: ContractDetail) -> None:
        self.record = detail
        sheet = DocumentSheet(self.context, detail, back=self.back_button(), make_verbs=self._sheet_buttons)
        self.open_sheet(sheet, number_of(detail.row), subtitle=lambda: detail.row.customer_name)
        sheet.refresh(detail)
        sheet.view.setFocus()

    def _sheet_buttons(self) -> list[Button]:
        registry = self.context.actions
        possible = [verb for verb in _SHEET_VERBS if is_possible(registry, verb)]
        steps = ("contracts.lock", "contracts.continue", "contracts.seal")
        first = next((verb for verb in steps if verb in possible), "")
        return [
            Button.for_action(registry.get(verb), registry, kind="primary" if verb == first else "secondary")
            for verb in possible
            if verb not in steps or verb == first
        ]

    def _check(self) -> None:
        sheet = self._document_sheet()
        if sheet is None:
            self._open_document(self.record)
            sheet = self._document_sheet()
        if sheet is not None:
            sheet.check()

    def verify_any(self) -> None:
        """Check a file from a folder."""
        sheet = VerifySheet(self.context, back=self.back_button())
        self.open_sheet(sheet, tr_noop("Check a file"))
        sheet.take_focus()

    def _save(self) -> None:
        sheet = self._document_sheet()
        if sheet is not None and sheet.document is not None:
            save_pdf(self, self.context, sheet.document.content, name=sheet.document.number)

    def _print(self) -> None:
        sheet = self._document_sheet()
        if sheet is None:
            self._open_document(self.record)
        elif sheet.document is not None:
            line = self.record.row
            paper = contract_to_print(line.id, line.number)
            open_print(self, self.context, [paper], title=number_of(line), how=PrintHow(kind="contract"))

    def _fill_form(self) -> None:
        self.context.navigator.open("forms", source="contract", record_id=self.record.row.id)

    def _print_chosen(self) -> None:
        papers = [contract_to_print(row.id, row.number) for row in self.table.selected_rows()]
        open_print(self, self.context, papers, title=tr_noop("Contracts"), how=PrintHow(kind="contract"))

    # --- commands --------------------------------------------------------------------------------

    def _continue(self) -> None:
        line = self.record.row
        if line.kind == SALE:
            self.context.navigator.open("sale", order_id=line.order_id, contract_id=line.id)
        else:
            self.context.navigator.open("document", document_id=line.id)

    def _lock(self) -> None:
        sheet, line = self._document_sheet(), self.record.row
        if sheet is not None and sheet.document is not None:
            self.run(
                LockContract(contract_id=line.id, expected_revision=line.revision, shown_digest=sheet.document.digest),
                said=lambda: tr("Contract {number} is locked and can be signed.", number=line.number),
            )

    def _seal(self) -> None:
        self.messages.clear()
        self.context.operations.run_query(
            self, prepare_seal, self.record.row.id, on_done=self._on_seal_prepared, key="seal"
        )

    def _on_seal_prepared(self, prepared: PreparedSeal) -> None:
        line = self.record.row
        if prepared.contract_id == line.id:
            self.run(
                SealContract(contract_id=line.id, expected_revision=line.revision, prepared=prepared),
                said=lambda: tr("Contract {number} is sealed.", number=line.number),
            )

    def _archive(self) -> None:
        line = self.record.row
        self.run(
            ArchiveContract(contract_id=line.id, expected_revision=line.revision),
            said=lambda: tr("Contract {number} is archived.", number=line.number),
        )

    def _decline(self) -> None:
        line = self.record.row
        self._ask_reason(
            title=tr_noop("Who declines, and why?"),
            text=tr_noop("The contract cannot be signed any more; another one can be drafted."),
            verb=tr_noop("Note the refusal"),
            command=lambda reason: DeclineContract(contract_id=line.id, expected_revision=line.revision, reason=reason),
            said=lambda: tr("Contract {number} is declined.", number=line.number),
        )

    def _amend(self) -> None:
        def show(contract_id: str) -> None:
            self.activate({self.param: contract_id, "document": True})

        self.ask(amendment_question(self.context, self.record, show))

    def _terminate(self) -> None:
        self.context.operations.run_query(
            self, termination_choices, self.record.row.id, on_done=self._ask_to_terminate, key="terminate"
        )

    def _ask_to_terminate(self, means: TerminationChoices) -> None:
        if self.is_shown and self.offers(_A.TERMINATE):
            self.ask(termination_question(self.context, self.record, means))

    def _void(self) -> None:
        line = self.record.row
        self._ask_reason(
            title=lambda: tr("Void contract {number}?", number=line.number),
            text=tr_noop("It stays readable, its number is never used again, and another contract can be drafted."),
            verb=tr_noop("Void the contract"),
            command=lambda reason: VoidContract(contract_id=line.id, expected_revision=line.revision, reason=reason),
            said=lambda: tr("Contract {number} is void.", number=line.number),
        )

    def _ask_reason(
        self, *, title: Words, text: Words, verb: Words, command: Callable[[str], Command], said: Words
    ) -> None:
        def done(_value: Any) -> None:
            self.context.notifications.show(said, tone="good")

        field = MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=_REASON_LIMIT, lines=3)
        self.ask(
            PanelForm(
                self.context, title, [field], verb=verb, text=text, danger=True, on_done=done,
                command=lambda values: command(values["reason"]),
            )
        )  # fmt: skip


def _sale_words(row: ContractRow) -> str:
    """What the paper says of the sale; nothing for other kinds."""
    if row.kind != SALE:
        return ""
    if row.provisional:
        return tr("Provisional")
    return tr("Confirmed") if row.secured_until is None else tr("Secured")
