"""A closing on paper and as a workbook, in the language wanted."""

from decimal import Decimal

from app.audit.rules import table_label
from app.documents.month_close_report import MonthClosePaper, month_close_book, render_month_close
from app.documents.wording import moment_in_words
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.month_close.queries import CloseDetail, CloseRow, get_closing
from app.month_close.rules import is_closed
from app.payments.rules import PaymentKind, PaymentMethod
from app.periods.rules import MonthState
from app.runtime.language import language, speaking, tr, tr_in, tr_noop
from db.models.month_close import MonthClose


def closing_pdf(reader: Reader, close_id: str, *, language: str) -> bytes:
    """The closing as a PDF; raises RecordNotFound."""
    with speaking(language):
        return render_month_close(closing_paper(reader, get_closing(reader, close_id)), language).pdf


def closing_xlsx(reader: Reader, close_id: str) -> bytes:
    """The closing as a workbook in the language in use; raises RecordNotFound."""
    return month_close_book(closing_paper(reader, get_closing(reader, close_id)), language())


def closing_paper(reader: Reader, detail: CloseDetail) -> MonthClosePaper:
    """What the paper says, in the language in use."""
    row, spoken = detail.row, language()
    stored = reader.get(MonthClose, row.id)
    return MonthClosePaper(
        number=f"{row.branch_code}-{row.month}-{row.round}",
        branch=f"{row.branch.in_language(spoken)} ({row.branch_code})", month=row.month,
        state=tr(MonthState(row.state).label), closed_at=row.closed_at, closed_by=row.closed_by,
        desk=f"{row.branch_code}-{row.desk_code}", note=row.note, reconciled_at=row.reconciled_at,
        reconciliation=row.reconciliation_digest,
        looked_at=tuple((table_label(table), count) for table, count in (stored.looked_at or {}).items()),
        figures=figure_words(row, costs=reader.actor.may(Permission.INVENTORY_VIEW_COST)),
        payments=tuple(
            (tr(PaymentKind(one.kind).label), tr(PaymentMethod(one.method).label), one.count, one.amount)
            for one in row.figures.payments
        ),
        late=tuple((table_label(one.table), one.number, one.dated, one.amount) for one in detail.late),
        reopening=_reopening(row, spoken), made_at=reader.now, made_by=reader.actor.name,
        stands=is_closed(row.state),
    )  # fmt: skip


FIGURES = (
    ("orders", tr_noop("Orders standing at the end")), ("orders_total", tr_noop("Their on-road totals")),
    ("revenue", tr_noop("Vehicles sold, price")), ("cancelled", tr_noop("Orders cancelled")),
    ("delivered", tr_noop("Vehicles delivered")), ("received", tr_noop("Money received, net")),
    ("stock_units", tr_noop("Vehicles in the house at the end")), ("stock_value", tr_noop("What these had cost")),
)  # fmt: skip
"""The figures of a month by their names, as they are called."""


def figure_words(row: CloseRow, *, costs: bool) -> tuple[tuple[str, int | Decimal], ...]:
    """The figures with their words; what the stock had cost only for those who may see it."""
    return tuple((tr(label), getattr(row.figures, name)) for name, label in FIGURES if costs or name != "stock_value")


def _reopening(row: CloseRow, spoken: str) -> str:
    if row.reopen_asked_at is None:
        return ""
    asked = tr_in(
        spoken, "{person} asked for it on {time}: {reason}", person=row.reopen_asked_by,
        time=moment_in_words(row.reopen_asked_at, spoken), reason=row.reopen_reason,
    )  # fmt: skip
    if row.reopened_at is None:
        return asked
    opened = tr_in(
        spoken, "{person} opened it on {time}.", person=row.reopened_by,
        time=moment_in_words(row.reopened_at, spoken),
    )  # fmt: skip
    return f"{asked} · {opened}"
