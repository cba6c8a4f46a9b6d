"""What `reconcile` found in the centre's books, as a report in ready words."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.audit.rules import table_label
from app.documents.reconciliation_report import ReconciliationPaper, ReportBranch, ReportLine
from app.documents.wording import moment_in_words, money
from app.kernel.money import from_fen
from app.month_close.order_books import CAUSES, RESOLUTIONS, Fault
from app.runtime.language import language, pick, tr
from db.types import instant_at
from sync.server.books import BranchBooks, DeskStanding


def said(paper: ReconciliationPaper) -> list[str]:
    """The report in lines for a terminal."""
    lines = [
        f"{one.code}  {one.orders} orders, {one.vehicles} vehicles, {one.payments} payments  {one.differences} differ"
        for one in paper.branches
    ]
    lines += [f"{line.branch}  {line.what}  {line.record}  {line.cause}  {line.resolution}" for line in paper.lines]
    lines += [f"{desk[0]}  {desk[1]}  behind {desk[2]}  in quarantine {desk[3]}" for desk in paper.desks]
    hidden = paper.total - len(paper.lines)
    return [*lines, *([f"and {hidden} more"] if hidden > 0 else [])]


def paper_of(found: Sequence[BranchBooks], *, at: int, tenant: str) -> ReconciliationPaper:
    """The report in the language in use."""
    codes = {one.branch_id: one.code for one in found}
    kinds: Counter[str] = Counter()
    for one in found:
        kinds.update({tr(kind.label): count for kind, count in one.kinds.items()})
    lines = tuple(_line(one, fault, codes) for one in found for fault in one.faults)
    whole = json.dumps([[[line.why, line.record_id] for line in lines], [one.counts for one in found]])
    return ReconciliationPaper(
        title=tr("Reconciliation"), covered=tr("Branches: {codes}", codes=tr(", ").join(codes.values())),
        made_at=instant_at(at), made_by=tr("The service"), made_with=tenant,
        branches=tuple(_branch(one) for one in found), kinds=tuple(kinds.most_common()), lines=lines,
        total=sum(one.total for one in found), digest=hashlib.sha256(whole.encode("utf-8")).hexdigest(),
        desks=tuple(_desk(desk) for one in found for desk in one.desks),
    )  # fmt: skip


def _branch(one: BranchBooks) -> ReportBranch:
    return ReportBranch(
        code=one.code, name=pick(one.name_zh, one.name_en), vehicles=one.counts.get("vehicle_unit", 0),
        orders=one.counts.get("sales_order", 0), payments=one.counts.get("payment", 0),
        contracts=one.counts.get("contract", 0), differences=one.total,
        state=tr("To be settled") if one.total else tr("Both sides agree"),
    )  # fmt: skip


def _line(branch: BranchBooks, fault: Fault, codes: dict[str, str]) -> ReportLine:
    values = {name: _shown(name, value) for name, value in fault.detail.items()}
    values["branch"] = codes.get(str(fault.detail.get("branch_id", "")), "–")
    values["sum"] = values.pop("lines_total", "–")
    if "lines" in fault.detail:
        values["n"] = fault.detail["lines"]
    if fault.detail.get("ordered_at"):
        values["time"] = moment_in_words(instant_at(fault.detail["ordered_at"]), language())
    values = dict.fromkeys(("vin", "number", "other", "time", "total", "paid", "n"), "–") | values
    return ReportLine(
        branch=branch.code, what=tr(fault.kind.label), kind=table_label(fault.table),
        record=fault.title or fault.record_id, here="",
        there="", cause=tr(CAUSES[fault.kind], **values), resolution=tr(RESOLUTIONS[fault.kind]),
        why=fault.kind.value, table=fault.table, record_id=fault.record_id,
    )  # fmt: skip


def _shown(name: str, value: Any) -> Any:
    return money(from_fen(int(value))) if name in ("total", "lines_total", "paid") else value or "–"


def _desk(desk: DeskStanding) -> tuple[Any, ...]:
    name = f"{desk.branch_code}-{desk.desk_code}" if desk.desk_code else tr("Desks that were shut out")
    seen = moment_in_words(instant_at(desk.seen_at), language())
    return name, seen if desk.seen_at else "–", desk.behind, desk.quarantined
