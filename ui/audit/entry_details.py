"""One entry of the audit trail beside the list: who, when, why, and every value that was written."""

from PySide6.QtWidgets import QWidget

from app.audit.queries import AuditedChange, AuditRow
from app.runtime.language import tr, tr_noop
from ui.audit.words import RECORD_PLACES, change_lines
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.detail_panel import Facts
from ui.kit.disclosure import Disclosure
from ui.kit.layout import Flow, column
from ui.kit.text import Words

OPENED = 2
"""So many records of an entry stand open; the rest opens on demand."""


class EntryDetails(QWidget):
    """Facts of the entry, then each record with the new values; hidden personal ones stay hidden."""

    def __init__(self, context: PageContext, row: AuditRow, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context, self.row = context, row
        facts = Facts(
            [
                (tr_noop("Entry"), lambda: formats.count(row.n)),
                (tr_noop("Desk code"), row.desk_code or "–"),
                (tr_noop("Reason"), row.reason or "–"),
            ]
        )
        stack = column(facts, gap=12)
        for number, change in enumerate(row.changes):
            if change.record_id:
                stack.addWidget(self._record(change, opened=number < OPENED))
            else:
                stack.addWidget(_many(change))
        if not row.changes:
            stack.addWidget(Label(tr_noop("No record was written."), role="secondary"))
        self.setLayout(stack)

    def _record(self, change: AuditedChange, *, opened: bool) -> Disclosure:
        return Disclosure(
            lambda: tr("{record} …{id}", record=change.record, id=change.record_id[-8:]),
            lambda: self._values(change),
            opened=opened,
        )

    def _values(self, change: AuditedChange) -> QWidget:
        holder = QWidget()
        lines = [_line(change, number) for number in range(len(change_lines(change)))]
        stack = column(Facts(lines), gap=4, margins=(20, 0, 0, 8))
        verbs, flow = QWidget(), Flow(gap=4)
        flow.addWidget(
            Button(
                tr_noop("Its whole history"), kind="quiet", icon="history",
                on_click=lambda: self.context.navigator.open("audit", record_id=change.record_id, record=change.table),
            )
        )  # fmt: skip
        place = RECORD_PLACES.get(change.table)
        if place is not None:
            page, param = place
            open_record = Button(
                tr_noop("Open the record"), kind="quiet", icon="external-link",
                on_click=lambda: self.context.navigator.open(page, **{param: change.record_id}),
            )  # fmt: skip
            flow.addWidget(open_record)
        verbs.setLayout(flow)
        stack.addWidget(verbs)
        holder.setLayout(stack)
        return holder


def _many(change: AuditedChange) -> Label:
    """In place of thousands of records: how many, and where each is told."""
    return Label(
        lambda: tr(
            "{record}: {n} records. Each has this entry in its own history.",
            record=change.record, n=formats.count(change.records),
        ),
        role="secondary", wrap=True,
    )  # fmt: skip


def _line(change: AuditedChange, number: int) -> tuple[Words, Words]:
    return lambda: change_lines(change)[number][0], lambda: change_lines(change)[number][1]
