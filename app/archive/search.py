"""Finding documents in the archive: by any field, by any word on the paper, the newest first.

Everything is decided on the narrow entries and the full-text table; only a page of rows is then read in full.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select, text
from sqlalchemy.orm import Session

from app.archive.snippets import Snippet, snippet_of
from app.archive.typed_filters import TypedFilters, read_filters
from app.contracts.after_signing.milestones import TASKS
from app.contracts.kinds.permissions import may_see
from app.contracts.kinds.registry import KINDS
from app.contracts.rules import ContractState
from app.kernel.clock import branch_date
from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop
from app.tasks.rules import TaskState
from db.archive_index import read_text
from db.archive_words import MATCHING, expression_of, newest_matching, words_of
from db.listing import is_one_of
from db.lists import as_list, listed_as
from db.models.archive import ArchiveEntry, ArchiveText, LegalHold
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.document_log import DocumentProof
from db.models.orders import SalesOrder
from db.models.tasks import Task

E = ArchiveEntry
_BANDS: Mapping[str, tuple[int, int]] = {
    "under_50k": (0, 50_000), "50k_100k": (50_000, 100_000), "100k_200k": (100_000, 200_000),
    "200k_400k": (200_000, 400_000), "over_400k": (400_000, 10**9),
}  # fmt: skip
"""Amounts to choose from, in yuan; the upper end is excluded."""
AMOUNT_BANDS = tuple(_BANDS)


class Keeping(Labelled):
    """What can be asked of how documents are kept, and of what they ask for."""

    HELD = "held", tr_noop("On legal hold")
    MAY_GO = "may_go", tr_noop("May be destroyed")
    ENDS_THIS_YEAR = "ends_this_year", tr_noop("Kept until this year's end")
    OVERDUE = "overdue", tr_noop("Something is overdue")


class Proof(Labelled):
    """What can be asked of the proof of sealed documents."""

    STAMPED = "stamped", tr_noop("Time-stamped")
    NOT_STAMPED = "not_stamped", tr_noop("Waits for its time-stamp")
    LOGGED = "logged", tr_noop("In the log")
    NOT_LOGGED = "not_logged", tr_noop("Not yet in the log")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRow:
    """One document found. `found` is where the words stand in its text, None where a name or number was found."""

    id: str
    number: str
    kind: str
    state: str
    customer_id: str
    customer_name: str
    order_id: str
    order_number: str
    amount: Decimal | None
    drafted_on: date
    sealed_on: date | None
    kept_until: date | None
    held: bool
    found: Snippet | None
    read: bool
    """Whether its text is in the index; the bytes may still be on their way."""
    created_at: datetime
    cursor: str


def list_archive(reader: Reader, *, after: str | None = None, limit: int = 60, **filters: Any) -> list[ArchiveRow]:
    """Documents that were locked for signing or later, newest first; filters as for `conditions_of`."""
    reader.require(Permission.CONTRACTS_VIEW)
    typed = read_filters(str(filters.pop("text", "") or ""))
    before = None if after is None else int(after)
    conditions = conditions_of(reader, replace(typed, words=""), **filters)
    if typed.words and not conditions:
        found = newest_matching(reader.session.connection(), expression_of(typed.words), before=before, limit=limit)
    else:
        query = select(E.id).where(*conditions, *_worded(typed.words))
        if before is not None:
            query = query.where(E.id < before)
        found = list(reader.session.scalars(query.order_by(E.id.desc()).limit(limit)))
    return _rows(reader.session, found, words_of(typed.words))


def count_archive(reader: Reader, **filters: Any) -> tuple[int, int]:
    """How many match the filters of `list_archive`, and how many documents are in the archive."""
    reader.require(Permission.CONTRACTS_VIEW)
    typed = read_filters(str(filters.pop("text", "") or ""))
    counted = select(func.count()).select_from(E)
    everything = reader.session.scalar(counted.where(*_seen_by(reader))) or 0
    if not typed.words and not typed.days and typed.amount is None and not any(filters.values()):
        return everything, everything
    return reader.session.scalar(counted.where(*conditions_of(reader, typed, **filters))) or 0, everything


def conditions_of(
    reader: Reader,
    typed: TypedFilters,
    *,
    kind: Sequence[str] | str | None = None,
    state: Sequence[str] | str | None = None,
    sealed: Sequence[str] | str | None = None,
    amount: Sequence[str] | str | None = None,
    keeping: Sequence[str] | str | None = None,
    proof: Sequence[str] | str | None = None,
    salesperson: Sequence[str] | str | None = None,
    branch: Sequence[str] | str | None = None,
    customer_id: str | None = None,
    order_id: str | None = None,
    unit_id: str | None = None,
) -> list[ColumnElement[bool]]:
    """The conditions on entries. Several values of one filter are alternatives. `sealed` are years; `amount`,
    `keeping`, `proof` codes of this module."""
    conditions = _seen_by(reader)
    for column, wanted in ((E.kind, kind), (E.state, state), (E.salesperson_id, salesperson), (E.branch_id, branch)):
        if wanted:
            conditions.append(is_one_of(column, wanted))
    for column, record in ((E.customer_id, customer_id), (E.order_id, order_id), (E.vehicle_unit_id, unit_id)):
        if record:
            conditions.append(column == record)
    if sealed:
        conditions.append(or_(*(_in_year(year) for year in _several(sealed))))
    if amount:
        conditions.append(or_(*(_in_band(code) for code in _several(amount))))
    if keeping:
        conditions.append(or_(*(_kept(Keeping(code), reader) for code in _several(keeping))))
    if proof:
        conditions.append(or_(*(_proved(Proof(code)) for code in _several(proof))))
    return conditions + _typed(typed)


def _typed(typed: TypedFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name, (first, last) in typed.days.items():
        conditions.append(getattr(E, name).between(first, last))
    if typed.amount is not None:
        conditions.append(E.amount.between(*typed.amount))
    if typed.version:
        conditions.append(E.template_version == typed.version)
    return conditions + _worded(typed.words)


def _worded(words: str) -> list[ColumnElement[bool]]:
    if not words:
        return []
    expression = expression_of(words)
    return [E.id.in_(text(MATCHING).bindparams(expression=expression).columns(E.id)) if expression else false()]


def _several(wanted: Sequence[str] | str) -> Sequence[str]:
    return (wanted,) if isinstance(wanted, str) else wanted


def _seen_by(reader: Reader) -> list[ColumnElement[bool]]:
    seen = [code for code in KINDS if may_see(reader.actor, code)]
    return [] if len(seen) == len(KINDS) else [E.kind.in_(seen)]


def _in_year(year: str) -> ColumnElement[bool]:
    return E.sealed_on.between(date(int(year), 1, 1), date(int(year), 12, 31))


def _in_band(code: str) -> ColumnElement[bool]:
    least, below = _BANDS[code]
    return and_(E.amount >= Decimal(least), E.amount < Decimal(below))


def _held() -> Any:
    return select(LegalHold.contract_id).where(LegalHold.lifted_at.is_(None), LegalHold.deleted_at.is_(None))


def _kept(asked: Keeping, reader: Reader) -> ColumnElement[bool]:
    today = branch_date(reader.now)
    match asked:
        case Keeping.HELD:
            return E.contract_id.in_(_held())
        case Keeping.MAY_GO:
            return and_(E.kept_until < today, E.contract_id.not_in(_held()))
        case Keeping.ENDS_THIS_YEAR:
            return E.kept_until.between(today, date(today.year, 12, 31))
        case Keeping.OVERDUE:
            return and_(E.order_id != "", E.order_id.in_(_overdue(reader)), E.state.in_(_IN_FORCE))


_IN_FORCE = (ContractState.SEALED.value, ContractState.ARCHIVED.value)


def _overdue(reader: Reader) -> Any:
    """Orders of which something a contract asks for is late: its task is open after its time."""
    kinds = [kind.value for kind in TASKS.values()]
    return select(Task.record_id).where(
        Task.state == TaskState.OPEN.value, Task.due_at < reader.now, Task.kind.in_(kinds), Task.deleted_at.is_(None)
    )


def _proved(asked: Proof) -> ColumnElement[bool]:
    waiting = E.sealed_digest.in_(select(DocumentProof.digest).where(DocumentProof.pending))
    match asked:
        case Proof.STAMPED:
            return E.stamped.is_(True)
        case Proof.NOT_STAMPED:
            return and_(E.sealed_digest != "", not_(E.stamped))
        case Proof.LOGGED:
            return and_(E.sealed_digest != "", not_(waiting))
        case Proof.NOT_LOGGED:
            return and_(E.sealed_digest != "", waiting)


_PAGE = (
    select(
        E.id, E.contract_id, E.kind, E.state, E.customer_id, E.order_id, E.amount, E.drafted_on, E.sealed_on,
        E.kept_until, E.read_digest, Contract.number, Contract.created_at, Customer.name.label("customer"),
        SalesOrder.number.label("order_number"), SalesOrder.final_number,
    )
    .join(Contract, Contract.id == E.contract_id)
    .outerjoin(Customer, Customer.id == E.customer_id)
    .outerjoin(SalesOrder, SalesOrder.id == E.order_id)
    .where(E.id.in_(listed_as("numbers")))
    .order_by(E.id.desc())
)  # fmt: skip
"""The rows of a page, made once."""


def _rows(session: Session, numbers: Sequence[int], words: Sequence[str]) -> list[ArchiveRow]:
    if not numbers:
        return []
    held = set(session.scalars(_held()))
    texts = _texts(session, numbers) if words else {}
    return [
        ArchiveRow(
            id=found.contract_id, number=found.number, kind=found.kind, state=found.state,
            customer_id=found.customer_id, customer_name=found.customer or "", order_id=found.order_id,
            order_number=found.final_number or found.order_number or "", amount=found.amount,
            drafted_on=found.drafted_on, sealed_on=found.sealed_on, kept_until=found.kept_until,
            held=found.contract_id in held, read=bool(found.read_digest), created_at=found.created_at,
            found=snippet_of(read_text(texts.get(found.id)), words) if words else None, cursor=str(found.id),
        )
        for found in session.execute(_PAGE, {"numbers": as_list(numbers)})
    ]  # fmt: skip


def _texts(session: Session, numbers: Sequence[int]) -> dict[int, bytes]:
    rows = session.execute(select(ArchiveText.id, ArchiveText.content).where(ArchiveText.id.in_(numbers)))
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveChoices:
    """What there is to choose from: years something was sealed in, people (id, name), branches (id, name)."""

    years: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    branches: tuple[tuple[str, str], ...]


def archive_choices(reader: Reader) -> ArchiveChoices:
    """Read them from the archive."""
    from db.models.staff import Branch, StaffMember

    reader.require(Permission.CONTRACTS_VIEW)
    session = reader.session
    year = func.substr(E.sealed_on, 1, 4)
    years = session.scalars(select(year).where(E.sealed_on.is_not(None)).distinct().order_by(year.desc()))
    people = session.execute(
        select(StaffMember.id, StaffMember.name)
        .where(StaffMember.id.in_(select(E.salesperson_id).distinct()))
        .order_by(StaffMember.name)
    )
    branches = session.execute(
        select(Branch.id, Branch.name_zh).where(Branch.id.in_(select(E.branch_id).distinct())).order_by(Branch.code)
    )
    return ArchiveChoices(
        years=tuple(map(str, years)),
        people=tuple((row[0], row[1]) for row in people),
        branches=tuple((row[0], row[1]) for row in branches),
    )


def waiting_for_index(reader: Reader) -> int:
    """How many documents are still to be read; at most a thousand are counted."""
    statement = "SELECT count(DISTINCT contract_id) FROM (SELECT contract_id FROM archive_pending LIMIT 1000)"
    return int(reader.session.connection().exec_driver_sql(statement).scalar_one())
