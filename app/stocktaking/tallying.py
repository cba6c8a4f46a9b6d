"""Reading a count's list, its scans and the books, and judging every vehicle of it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.stocktaking.rules import Book, CountState, Decided, Expected, Outcome, Seen, Verdict, as_signed, judge
from db.models.inventory import VehicleUnit
from db.models.stocktaking import StockCount, StockCountFinding, StockCountLine, StockCountScan

_AT_ONCE = 500


def verdicts_of(session: Session, count: StockCount) -> list[Verdict]:
    """What the count says of every vehicle now."""
    lines, scans = expected_of(session, count.id), seen_of(session, count.id)
    vins = {line.vin for line in lines} | {scan.vin for scan in scans}
    verdicts = judge(
        lines, scans, books=books_of(session, vins, branch_id=count.branch_id), branch_id=count.branch_id,
        began=count.started_at,
    )  # fmt: skip
    return as_signed(verdicts, decided_of(session, count.id)) if count.state == CountState.SIGNED else verdicts


def decided_of(session: Session, count_id: str) -> dict[str, Decided]:
    """What was posted with the sign-off, by VIN."""
    finding = StockCountFinding
    query = select(finding.vin, finding.outcome, finding.expected_location, finding.found_location).where(
        finding.count_id == count_id, finding.posted_at.is_not(None), finding.deleted_at.is_(None)
    )
    return {vin: Decided(Outcome(outcome), *places) for vin, outcome, *places in session.execute(query)}


def verdict_of(session: Session, count: StockCount, vin: str) -> Verdict | None:
    """What it says of one VIN; None for one that is neither on the list nor scanned."""
    lines, scans = expected_of(session, count.id, vin=vin), seen_of(session, count.id, vin=vin)
    books = books_of(session, [vin], branch_id=count.branch_id)
    found = judge(lines, scans, books=books, branch_id=count.branch_id, began=count.started_at)
    return found[0] if found else None


def expected_of(session: Session, count_id: str, *, vin: str | None = None) -> list[Expected]:
    """The frozen list, in the order of its places."""
    line = StockCountLine
    query = select(line.vin, line.unit_id, line.location).where(line.count_id == count_id, line.deleted_at.is_(None))
    if vin is not None:
        query = query.where(line.vin == vin)
    return [Expected(*row) for row in session.execute(query.order_by(line.location, line.stock_number, line.id))]


def seen_of(session: Session, count_id: str, *, vin: str | None = None) -> list[Seen]:
    """All scans, also those that were taken back."""
    scan = StockCountScan
    query = select(
        scan.id, scan.vin, scan.unit_id, scan.location, scan.scanned_at, scan.round, scan.withdraws_id
    ).where(scan.count_id == count_id, scan.deleted_at.is_(None))  # fmt: skip
    if vin is not None:
        query = query.where(scan.vin == vin)
    return [Seen(*row) for row in session.execute(query)]


def books_of(session: Session, vins: Iterable[str], *, branch_id: str) -> dict[str, Book]:
    """What the books say of these vehicles; of several records of a VIN the one that counts."""
    books: dict[str, Book] = {}
    for part in _parts(sorted(set(vins))):
        unit = VehicleUnit
        rows = session.execute(
            select(
                unit.vin, unit.id, unit.branch_id, unit.stock_state, unit.location, unit.deleted_at,
                unit.allocation_state,
            ).where(unit.vin.in_(part))
        )  # fmt: skip
        for vin, unit_id, owner, state, location, deleted, allocation in rows:
            book = Book(unit_id, owner, state, location, deleted is not None, allocation == "DELIVERED")
            known = books.get(vin)
            if known is None or _weight(book, branch_id) > _weight(known, branch_id):
                books[vin] = book
    return books


def _weight(book: Book, branch_id: str) -> tuple[bool, bool, bool]:
    return not book.removed, book.branch_id == branch_id, book.stock_state == "IN_STOCK"


def _parts(vins: Sequence[str]) -> list[Sequence[str]]:
    return [vins[start : start + _AT_ONCE] for start in range(0, len(vins), _AT_ONCE)]
