"""Where every certificate of conformity is: the list, the ledger of one, handing on one or many."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.custody.commands import CorrectCertificates, HandCertificates
from app.custody.queries import (
    CertificateDetail,
    CertificateRow,
    EntryRow,
    count_certificates,
    get_certificate,
    list_certificates,
)
from app.custody.rules import CUSTODY_STEPS_DONE, STEPS, CustodyStep, Holder
from app.inventory.rules import CertificateState
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.custody.tabs import CERTIFICATES, add_tabs
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Choice, Label
from ui.kit.detail_panel import Facts
from ui.kit.disclosure import Disclosure
from ui.kit.feedback import EmptyState
from ui.kit.fields import ChoiceField, DateField, DateTimeField, Field, MultiLineField, TextField
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import Card, boxed, column
from ui.kit.panel_form import PanelForm
from ui.kit.record_page import PanelContent, RecordPage

STATES = {
    CertificateState.PENDING_SCAN: State(tr_noop("Not here yet"), "neutral"),
    CertificateState.AT_BANK: State(tr_noop("At the bank"), "warn"),
    CertificateState.IN_SAFE: State(tr_noop("In the safe"), "good"),
    CertificateState.ISSUED: State(tr_noop("Given out"), "info"),
}
_ICONS = {
    CustodyStep.RECEIVE: ("custody.receive", "log-in"),
    CustodyStep.PLEDGE: ("custody.pledge", "landmark"),
    CustodyStep.REDEEM: ("custody.redeem", "shield-check"),
    CustodyStep.LEND: ("custody.lend", "log-out"),
    CustodyStep.RETURN: ("custody.return", "undo"),
    CustodyStep.ISSUE: ("custody.issue", "file-check"),
}
_BATCH = (CustodyStep.RECEIVE, CustodyStep.PLEDGE, CustodyStep.REDEEM)
"""What is done with many at once: several rows are selected."""
_NAMED = 4
"""So many certificates are named in a message; of more it says how many."""
_NAMES = {
    Holder.SAFE: tr_noop("Safe no."),
    Holder.BANK: tr_noop("To which bank"),
    Holder.AGENT: tr_noop("Agent"),
    Holder.CUSTOMER: tr_noop("Customer"),
}


class CertificatesPage(RecordPage):
    """Certificates of the branch. Opened with `certificate_of` (a unit's id) it shows that one."""

    title = tr_noop("Certificates")
    key = "custody"
    param = "certificate_of"
    multiple = True
    watches = ("vehicle_unit", "certificate_entry")
    columns = (
        Column("name", tr_noop("Vehicle"), width=232, stretch=True, format=str),
        Column("vin", tr_noop("VIN"), kind="code", width=164),
        Column("state", tr_noop("Status"), kind="state", states=STATES, width=120),
        Column("holder_name", tr_noop("With whom"), width=160, value=lambda row: row,
               format=lambda row: holder_text(row.holder, row.holder_name)),
        Column("due_back_on", tr_noop("Back by"), kind="date", width=96),
        Column("overdue", tr_noop("Reminder"), kind="state", width=88,
               states={True: State(tr_noop("Overdue"), "bad"), False: State("", "neutral")}),
        Column("contract_number", tr_noop("Floor plan contract"), width=128, visible=False),
        Column("document_number", tr_noop("Certificate no."), kind="code", width=120),
    )  # fmt: skip

    def __init__(self, context: PageContext) -> None:
        self._told_of_batch = False
        self._scan_wanted = ""
        super().__init__(context)
        self.tabs = add_tabs(self, context, CERTIFICATES)
        self.filters.search.set_words(tr_noop("VIN, stock number"))
        options = [FacetOption(state.value, shown.label) for state, shown in STATES.items()]
        self.filters.add_facet(Facet("state", tr_noop("Status"), options))
        self.filters.add_facet(Facet("overdue", tr_noop("Reminder"), [FacetOption(True, tr_noop("Overdue"))]))
        self._add_actions()

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[CertificateRow]:
        return list_certificates(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_certificates(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} certificates", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        return EmptyState(
            tr_noop("No certificates yet"),
            tr_noop("Each vehicle that is taken into stock has its certificate here."),
            icon="file-check",
        )

    def get_record(self, reader: Any, record_id: str) -> CertificateDetail:
        return get_certificate(reader, record_id)

    def panel_content(self, record: CertificateDetail) -> PanelContent:
        line = record.row
        return PanelContent(
            title=lambda: str(line.name),
            subtitle=lambda: f"{line.vin} · {line.unit.stock_number}",
            content=_content(self.context, record, scan_of=self._scan_wanted),
            verbs=tuple(_ICONS[step][0] for step in record.steps),
            more=("custody.correct", "custody.vehicle"),
        )

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        do = Permission.CUSTODY_CERTIFICATES
        for step, (name, icon) in _ICONS.items():
            self.add_action(
                Action(name, step.label, partial(self._ask_step, step), icon=icon, permission=do,
                       enabled=partial(self._offers_step, step))
            )  # fmt: skip
        self.add_action(
            Action("custody.correct", tr_noop("Correct the last entry…"), self._ask_correction, icon="rotate-ccw",
                   permission=do, enabled=lambda: self.is_shown and self.record.last_entry_id is not None)
        )  # fmt: skip
        self.add_action(
            Action("custody.vehicle", tr_noop("Open the vehicle"), self._open_vehicle, icon="car",
                   enabled=lambda: self.is_shown)
        )  # fmt: skip
        self.add_action(
            Action("custody.batch", tr_noop("Hand on those selected…"), self._ask_batch, key=Key.NEW, icon="layers",
                   permission=do, enabled=lambda: bool(self._batch_steps())),
            primary=True,
        )  # fmt: skip
        self.table.selectionModel().selectionChanged.connect(self._on_rows_selected)
        self._on_rows_selected()

    def _batch_steps(self) -> list[CustodyStep]:
        """What is possible for every row that is selected."""
        rows = self.table.selected_rows()
        return [step for step in _BATCH if rows and all(step in row.steps for row in rows)]

    def _on_rows_selected(self, *_: object) -> None:
        """Offer the step for many only where all of them can take it; say of several which cannot, and why."""
        rows, possible = self.table.selected_rows(), bool(self._batch_steps())
        button = self.header_button("custody.batch")
        if button is not None:
            button.setEnabled(possible)
        if self._told_of_batch:
            self.messages.clear()
        self._told_of_batch = len(rows) > 1 and not possible
        if self._told_of_batch:
            self.messages.show_info(partial(why_not_together, rows))

    def _offers_step(self, step: CustodyStep) -> bool:
        return self.is_shown and step in self.record.steps

    def _ask_step(self, step: CustodyStep) -> None:
        self.ask(self._question(step, (self.record.row,)))

    def _ask_batch(self) -> None:
        """The first step that is possible for all rows selected."""
        steps = self._batch_steps()
        if steps and self.record is not None:
            self.ask(self._question(steps[0], self.table.selected_rows()))

    def _question(self, step: CustodyStep, rows: Sequence[CertificateRow]) -> PanelForm:
        ids = tuple(row.id for row in rows)
        count = len(ids)
        question = PanelForm(
            self.context,
            step.label,
            _fields(step, single=count == 1),
            text=(lambda: trn("{n} certificate", "{n} certificates", count)) if count > 1 else "",
            verb=step.label,
            command=lambda values: _command(step, ids, values),
            on_done=self._on_handed if step is CustodyStep.RECEIVE and count == 1 else None,
            name=step.label,
        )
        if any(field.name == "happened_at" for field in _fields(step, single=count == 1)):
            question.form.set_values({"happened_at": self.context.clock.now()})
        return question

    def _on_handed(self, entry_ids: Sequence[str]) -> None:
        """A certificate came in: the place for its scan is open beside its line."""
        self._scan_wanted = entry_ids[0]
        self.show_record(self.record.row.id)

    def _ask_correction(self) -> None:
        entry_id = self.record.last_entry_id
        self.ask(
            PanelForm(
                self.context,
                tr_noop("Correct the last entry"),
                [MultiLineField("reason", tr_noop("Reason"), required=True, max_length=400, lines=2, span=2)],
                text=tr_noop("The entry stays; a contra entry with your reason takes it back."),
                verb=tr_noop("Take it back"),
                command=lambda values: CorrectCertificates(entry_ids=(entry_id,), reason=values["reason"]),
                name=tr_noop("Correct the last entry"),
            )
        )

    def _open_vehicle(self) -> None:
        self.context.navigator.open("vehicles", unit_id=self.record.row.id)


def _fields(step: CustodyStep, *, single: bool) -> list[Field]:
    rule = STEPS[step]
    fields: list[Field] = []
    if step is CustodyStep.RECEIVE:
        choices = [Choice(holder, holder.label) for holder in (Holder.CARRIER, Holder.MAKER)]
        fields.append(ChoiceField("from_kind", tr_noop("Comes from"), choices=choices, required=True))
    fields.append(TextField("to_name", _NAMES[rule.target], required=rule.names_target, max_length=80))
    if rule.contract_required:
        fields.append(TextField("contract_number", tr_noop("Floor plan contract"), required=True, max_length=60))
    if single and step in (CustodyStep.RECEIVE, CustodyStep.PLEDGE):
        fields.append(TextField("document_number", tr_noop("Certificate no."), max_length=40))
    if step is CustodyStep.LEND:
        fields.append(DateField("due_back_on", tr_noop("Back by")))
    fields.append(DateTimeField("happened_at", tr_noop("When"), required=True, span=2))
    fields.append(TextField("reason", tr_noop("Reason") if rule.reason_required else tr_noop("Remark"),
                            required=rule.reason_required, max_length=400, span=2))  # fmt: skip
    return fields


def _command(step: CustodyStep, ids: tuple[str, ...], values: Mapping[str, Any]) -> HandCertificates:
    from datetime import date

    due = values.get("due_back_on")
    return HandCertificates(
        unit_ids=ids,
        step=step,
        to_name=values["to_name"],
        from_kind=values.get("from_kind"),
        document_number=values.get("document_number", ""),
        contract_number=values.get("contract_number", ""),
        happened_at=values["happened_at"],
        due_back_on=date.fromisoformat(due) if due else None,
        reason=values["reason"],
    )


def why_not_together(rows: Sequence[CertificateRow]) -> str:
    """Which of the selected certificates cannot take the step that most of them can, and where they are."""
    fitting = {step: [row for row in rows if step in row.steps] for step in _BATCH}
    step = max(_BATCH, key=lambda one: len(fitting[one]))
    others = [row for row in rows if row not in fitting[step]]
    named = [f"{row.vin[-6:]} ({holder_text(row.holder, row.holder_name)})" for row in others[:_NAMED]]
    rest = len(others) - len(named)
    if rest:
        named.append(trn("{n} other", "{n} others", rest))
    if not fitting[step]:
        return tr("None of these can be handed on together: {list}.", list=", ".join(named))
    return tr("“{step}” is not possible for all of these. Leave out {list}.", step=tr(step.label),
              list=", ".join(named))  # fmt: skip


def _content(context: PageContext, record: CertificateDetail, *, scan_of: str) -> Any:
    line = record.row
    state = STATES[line.state]
    from ui.kit.controls import StatusDot

    facts: list[Any] = [
        (tr_noop("Status"), StatusDot(state.label, state.tone)),
        (tr_noop("With whom"), lambda: holder_text(line.holder, line.holder_name)),
        (tr_noop("Since"), formats.moment(line.since)),
    ]
    if line.due_back_on is not None:
        facts.append((tr_noop("Back by"), formats.date_text(line.due_back_on)))
    if line.contract_number:
        facts.append((tr_noop("Floor plan contract"), line.contract_number))
    if line.document_number:
        facts.append((tr_noop("Certificate no."), line.document_number))
    stack = column(Facts(facts), Label(tr_noop("Ledger"), role="section"), gap=12)
    for entry in record.entries:
        stack.addWidget(_entry_card(context, entry, open_scan=entry.id == scan_of))
    if not record.entries:
        stack.addWidget(Label(tr_noop("Nothing was written down yet."), role="secondary"))
    return boxed(stack)


def _entry_card(context: PageContext, entry: EntryRow, *, open_scan: bool) -> Card:
    card = Card()
    title = Label(CUSTODY_STEPS_DONE[entry.step], role="body", wrap=True)
    card.add(title, Label(partial(_from_to, entry), role="secondary", wrap=True))
    card.add(Label(partial(_entry_facts, entry), role="secondary", wrap=True))
    if entry.corrected:
        card.add(Label(tr_noop("Taken back by a contra entry"), role="error"))
    if entry.step is not CustodyStep.CORRECT:
        card.add(Disclosure(tr_noop("Scan"), partial(_scans, context, entry), opened=open_scan))
    return card


def _scans(context: PageContext, entry: EntryRow) -> QWidget:
    """Pictures and PDF of the paper, as it was taken in or given out with this line."""
    from ui.kit.gallery import Gallery

    return Gallery(
        context, subject_table="certificate_entry", subject_id=entry.id, purpose="scan", pictures_only=False,
        title=tr_noop("Scan of the paper"), editable=context.may(Permission.CUSTODY_CERTIFICATES),
    )  # fmt: skip


def _from_to(entry: EntryRow) -> str:
    source = holder_text(entry.source, entry.source_name)
    return f"{source} → {holder_text(entry.target, entry.target_name)}"


def _entry_facts(entry: EntryRow) -> str:
    parts = [formats.moment(entry.happened_at), entry.recorded_by, entry.contract_number, entry.document_number]
    if abs((entry.recorded_at - entry.happened_at).total_seconds()) > 3600:
        parts.append(tr("entered {time}", time=formats.moment(entry.recorded_at)))
    if entry.due_back_on is not None:
        parts.append(tr("back by {date}", date=formats.date_text(entry.due_back_on)))
    return " · ".join(part for part in [*parts, entry.reason] if part)


def holder_text(holder: Holder, name: str) -> str:
    """ "The bank, ICBC Pudong"; only the kind where no name was written down."""
    return tr("{holder}, {name}", holder=tr(holder.label), name=name) if name else tr(holder.label)
