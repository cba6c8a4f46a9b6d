"""Reading purchase proposals: the list, and one in full with what of it is still to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from app.kernel.labels import Bilingual
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.replenishment.needs import place_names
from app.replenishment.purchase_costs import expected_costs
from app.replenishment.rules import DECISIONS, PROPOSAL, ProposalState, open_quantities
from db.lists import listed
from db.models.catalog import Trim
from db.models.inventory import VehicleUnit
from db.models.replenishment import PurchaseLine, PurchaseProposal
from db.models.staff import Branch, StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """One purchase proposal in a list."""

    id: str
    cursor: str
    revision: int
    number: str
    state: ProposalState
    units: int
    value: Decimal | None
    still_open: int
    drafted_by: str
    drafted_on: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLineRow:
    """One line of a proposal; costs only for those who may see them."""

    id: str
    trim_id: str
    series: Bilingual
    name: Bilingual
    colour: Bilingual
    stored_colour: str
    quantity: int
    suggested: int
    still_open: int
    unit_cost: Decimal | None
    note: str

    @property
    def value(self) -> Decimal | None:
        """Quantity by cost."""
        return None if self.unit_cost is None else self.unit_cost * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDetail:
    """A proposal in full; `actions` are what the reader may do with it now, `own` says that the reader drafted it."""

    row: ProposalRow
    lines: tuple[ProposalLineRow, ...]
    service_level: int
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    ordered_at: datetime | None
    branch: Bilingual
    company: Bilingual
    actions: tuple[str, ...]
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedUnit:
    """A trim that could be ordered; `unit_cost` only for those who may see costs."""

    trim_id: str
    name: Bilingual
    unit_cost: Decimal | None


def list_proposals(
    reader: Reader, *, state: str | Sequence[str] | None = None, text: str = "", after: str | None = None,
    limit: int = 100,
) -> tuple[ProposalRow, ...]:  # fmt: skip
    """The branch's proposals, the newest first."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    query = (
        select(PurchaseProposal, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == PurchaseProposal.drafted_by_staff_id)
        .where(PurchaseProposal.branch_id == reader.actor.branch_id, PurchaseProposal.deleted_at.is_(None))
        .order_by(PurchaseProposal.id.desc())
        .limit(limit)
    )
    if state:
        query = query.where(PurchaseProposal.state.in_([state] if isinstance(state, str) else list(state)))
    if text.strip():
        like = f"%{text.strip()}%"
        query = query.where(PurchaseProposal.number.ilike(like) | PurchaseProposal.note.ilike(like))
    if after is not None:
        query = query.where(PurchaseProposal.id < after)
    found = reader.session.execute(query).all()
    lines = _lines_of(reader, [proposal.id for proposal, _ in found])
    left = _open_by_line(reader, [proposal for proposal, _ in found], lines)
    return tuple(_proposal_row(reader, one, name or "", lines.get(one.id, []), left) for one, name in found)


def _lines_of(reader: Reader, proposal_ids: Sequence[str]) -> dict[str, list[PurchaseLine]]:
    query = select(PurchaseLine).where(
        PurchaseLine.proposal_id.in_(listed(proposal_ids)), PurchaseLine.deleted_at.is_(None)
    )
    found: dict[str, list[PurchaseLine]] = {}
    for line in reader.session.scalars(query.order_by(PurchaseLine.position)):
        found.setdefault(line.proposal_id, []).append(line)
    return found


def _open_by_line(
    reader: Reader, proposals: Sequence[PurchaseProposal], lines: Mapping[str, Sequence[PurchaseLine]]
) -> dict[str, int]:
    """What of each ordered line is still to come."""
    placed = [
        (line, proposal.ordered_at)
        for proposal in proposals
        if proposal.state == ProposalState.ORDERED and proposal.ordered_at is not None
        for line in lines.get(proposal.id, ())
    ]
    if not placed:
        return {}
    since = min(at for _, at in placed)
    query = select(VehicleUnit.trim_id, VehicleUnit.exterior_colour, VehicleUnit.created_at).where(
        VehicleUnit.trim_id.in_(listed(sorted({line.trim_id for line, _ in placed}))),
        VehicleUnit.branch_id == reader.actor.branch_id, VehicleUnit.created_at > since,
        VehicleUnit.deleted_at.is_(None),
    )  # fmt: skip
    arrivals: dict[tuple[str, str], list[datetime]] = {}
    for trim_id, colour, at in reader.session.execute(query):
        arrivals.setdefault((trim_id, colour), []).append(at)
    found: dict[str, int] = {}
    for key in {(line.trim_id, line.exterior_colour) for line, _ in placed}:
        mine = [(line, at) for line, at in placed if (line.trim_id, line.exterior_colour) == key]
        left = open_quantities([(at, line.quantity) for line, at in mine], arrivals.get(key, []))
        found |= {line.id: count for (line, _), count in zip(mine, left, strict=True)}
    return found


def _proposal_row(
    reader: Reader, proposal: PurchaseProposal, name: str, lines: Sequence[PurchaseLine], left: Mapping[str, int]
) -> ProposalRow:
    costs = reader.actor.may(Permission.INVENTORY_VIEW_COST)
    return ProposalRow(
        id=proposal.id, cursor=proposal.id, revision=proposal.revision, number=proposal.number,
        state=ProposalState(proposal.state), units=sum(line.quantity for line in lines),
        value=sum((line.unit_cost * line.quantity for line in lines), ZERO) if costs else None,
        still_open=sum(left.get(line.id, 0) for line in lines), drafted_by=name, drafted_on=proposal.drafted_on,
        note=proposal.note,
    )  # fmt: skip


def get_proposal(reader: Reader, proposal_id: str) -> ProposalDetail:
    """One proposal in full; raises RecordNotFound."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    proposal = reader.get(PurchaseProposal, proposal_id)
    lines = _lines_of(reader, [proposal.id]).get(proposal.id, [])
    left = _open_by_line(reader, [proposal], {proposal.id: lines})
    names = place_names(reader, {line.trim_id for line in lines})
    costs = reader.actor.may(Permission.INVENTORY_VIEW_COST)
    branch = reader.session.get(Branch, proposal.branch_id)
    unknown = Bilingual("", "")
    return ProposalDetail(
        row=_proposal_row(reader, proposal, _name(reader, proposal.drafted_by_staff_id), lines, left),
        lines=tuple(
            ProposalLineRow(
                id=line.id, trim_id=line.trim_id, series=names[line.trim_id][0] if line.trim_id in names else unknown,
                name=names[line.trim_id][1] if line.trim_id in names else unknown,
                colour=Bilingual.from_stored(line.exterior_colour), stored_colour=line.exterior_colour,
                quantity=line.quantity, suggested=line.suggested, still_open=left.get(line.id, 0),
                unit_cost=line.unit_cost if costs else None, note=line.note,
            )
            for line in lines
        ),
        service_level=proposal.service_level, decided_by=_name(reader, proposal.decided_by_staff_id),
        decided_at=proposal.decided_at, decision_note=proposal.decision_note, ordered_at=proposal.ordered_at,
        branch=Bilingual(branch.name_zh, branch.name_en) if branch else unknown,
        company=Bilingual(branch.company_zh, branch.company_en) if branch else unknown,
        actions=_actions(reader, proposal),
        own=proposal.drafted_by_staff_id == reader.actor.staff_id,
    )  # fmt: skip


def _actions(reader: Reader, proposal: PurchaseProposal) -> tuple[str, ...]:
    """What the reader may do with it now; whoever drafted it does not decide."""
    state, own = ProposalState(proposal.state), proposal.drafted_by_staff_id == reader.actor.staff_id
    return tuple(
        action.value
        for action in PROPOSAL.actions(state)
        if reader.actor.may(PROPOSAL.transition(state, action).permission) and not (own and action in DECISIONS)
    )


def expected_unit(reader: Reader, trim_id: str) -> ExpectedUnit:
    """What a unit of a trim is called and will probably cost; raises RecordNotFound."""
    reader.require(Permission.REPLENISHMENT_EDIT)
    trim = reader.get(Trim, trim_id)
    costs = reader.actor.may(Permission.INVENTORY_VIEW_COST)
    cost = expected_costs(reader.session, [trim.id], branch_id=reader.actor.branch_id)[trim.id] if costs else None
    return ExpectedUnit(trim_id=trim.id, name=place_names(reader, {trim.id})[trim.id][1], unit_cost=cost)


def _name(reader: Reader, staff_id: str | None) -> str:
    person = reader.session.get(StaffMember, staff_id) if staff_id else None
    return person.name if person else ""
