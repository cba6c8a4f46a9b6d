"""Reading transfers: what this branch has to do, what is on its way, what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from app.catalog.queries import trim_rows
from app.inventory.rules import AllocationState
from app.kernel.labels import UNNAMED, Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import pick
from app.transfers.rules import OPEN, TRANSFER, TransferAction, TransferState, effective_state, sides
from app.transfers.wishes import giveable
from db.models.desk import DeskState, OutboxOperation
from db.models.inventory import VehicleUnit
from db.models.staff import Branch, StaffMember
from db.models.transfers import VehicleTransfer


class View(StrEnum):
    """The lists of the page."""

    TO_DO = "to_do"
    ASKED = "asked"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchName:
    """A branch as a transfer names it; empty where the record is not at this desk."""

    id: str
    code: str
    name_zh: str
    name_en: str

    @property
    def name(self) -> str:
        """In the language in use."""
        return pick(self.name_zh, self.name_en)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """One transfer. `state` is the centre's word, `asked` what this desk has asked for beyond it, None for nothing.

    `waiting` says that the centre has not answered yet: also a new one that was not sent; `confirmed` that it has said
    all this. `outgoing` is true where the actor's branch gives the vehicle away.
    """

    id: str
    cursor: str
    revision: int
    number: str
    kind: str
    state: str
    asked: str | None
    waiting: bool
    confirmed: bool
    outgoing: bool
    source: BranchName | None
    target: BranchName
    unit_id: str | None
    vin: str
    stock_number: str
    trim_id: str
    model: Bilingual
    exterior_colour: Bilingual
    interior_colour: Bilingual
    needed_by: date | None
    requested_at: datetime
    changed_at: datetime
    actions: tuple[str, ...]

    @property
    def effective(self) -> TransferState:
        """Where this desk has it."""
        return effective_state(self.state, self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One thing that happened: `at` None while it has not; `by` the person's name."""

    state: str
    at: datetime | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDetail:
    """One transfer in full. `unit_here` says that the vehicle's record is at this desk, `unit_on_order` that an order
    has it."""

    row: TransferRow
    note: str
    stages: tuple[Stage, ...]
    carrier: str
    driver: str
    driver_phone: str
    keys: int | None
    certificate_by: str
    courier_number: str
    departure_odometer_km: int | None
    arrival_odometer_km: int | None
    arrival_location: str
    condition: str
    damage_note: str
    keys_arrived: int | None
    certificate_arrived: bool | None
    end_reason: str
    ended_at: datetime | None
    ended_by: str
    order_id: str | None
    order_number: str
    transfer_price: Decimal | None
    freight: Decimal | None
    unit_here: bool
    unit_odometer_km: int | None
    unit_on_order: bool

    @property
    def actions(self) -> tuple[str, ...]:
        """The codes of what can be done with it here."""
        return self.row.actions


_OPEN = [state.value for state in OPEN]


def list_transfers(
    reader: Reader,
    *,
    view: str = View.TO_DO,
    text: str = "",
    branch_id: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> tuple[TransferRow, ...]:
    """Transfers of the actor's branch and open wishes, the newest first; `branch_id` names the other branch."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(VehicleTransfer).where(*_rules(reader, view=view, text=text, branch_id=branch_id))
    if after is not None:
        query = query.where(VehicleTransfer.id < after)
    found = reader.session.scalars(query.order_by(VehicleTransfer.id.desc()).limit(limit))
    return _rows(reader, list(found))


def count_transfers(reader: Reader, *, view: str = View.TO_DO, text: str = "", branch_id: str | None = None) -> int:
    """How many match."""
    reader.require(Permission.INVENTORY_VIEW)
    rules = _rules(reader, view=view, text=text, branch_id=branch_id)
    return reader.session.scalar(select(func.count()).select_from(VehicleTransfer).where(*rules)) or 0


def count_views(reader: Reader) -> dict[str, int]:
    """How many stand in each list."""
    return {view.value: count_transfers(reader, view=view) for view in View}


def get_transfer(reader: Reader, transfer_id: str) -> TransferDetail:
    """One transfer in full; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    transfer = reader.get(VehicleTransfer, transfer_id)
    unit = reader.session.get(VehicleUnit, transfer.unit_id) if transfer.unit_id else None
    here = unit is not None and unit.deleted_at is None
    return TransferDetail(
        row=_rows(reader, [transfer])[0],
        note=transfer.note,
        stages=_stages(reader, transfer),
        carrier=transfer.carrier,
        driver=transfer.driver,
        driver_phone=transfer.driver_phone,
        keys=transfer.keys,
        certificate_by=transfer.certificate_by,
        courier_number=transfer.courier_number,
        departure_odometer_km=transfer.departure_odometer_km,
        arrival_odometer_km=transfer.arrival_odometer_km,
        arrival_location=transfer.arrival_location,
        condition=transfer.condition,
        damage_note=transfer.damage_note,
        keys_arrived=transfer.keys_arrived,
        certificate_arrived=transfer.certificate_arrived,
        end_reason=transfer.end_reason,
        ended_at=transfer.ended_at,
        ended_by=_person(reader, transfer.ended_by_staff_id),
        order_id=transfer.order_id,
        order_number=transfer.order_number,
        transfer_price=transfer.transfer_price,
        freight=transfer.freight,
        unit_here=here,
        unit_odometer_km=unit.odometer_km if unit is not None and here else None,
        unit_on_order=unit is not None and here and unit.allocation_state == AllocationState.ALLOCATED,
    )


def find_transfer_of_unit(reader: Reader, unit_id: str) -> TransferRow | None:
    """The transfer that is under way with this unit, None without one."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(VehicleTransfer).where(
        VehicleTransfer.unit_id == unit_id, VehicleTransfer.state.in_(_OPEN), VehicleTransfer.deleted_at.is_(None)
    )
    found = reader.session.scalars(query.order_by(VehicleTransfer.id.desc()).limit(1)).first()
    return None if found is None else _rows(reader, [found])[0]


def find_units_for_transfer(reader: Reader, transfer_id: str, *, limit: int = 20) -> tuple[Any, ...]:
    """Free vehicles of the actor's branch that answer a wish: of its trim, those in its colour and oldest first."""
    from app.inventory.unit_rows import rows_by_id

    reader.require(Permission.INVENTORY_VIEW)
    wish = reader.get(VehicleTransfer, transfer_id)
    query = (
        select(VehicleUnit.id)
        .where(
            VehicleUnit.trim_id == wish.trim_id, giveable(branch_id=reader.actor.branch_id, now=reader.now),
        )
        .order_by(VehicleUnit.exterior_colour != wish.exterior_colour, VehicleUnit.arrived_on, VehicleUnit.id)
        .limit(limit)
    )  # fmt: skip
    return rows_by_id(reader, list(reader.session.scalars(query)))


def transfer_note_pdf(reader: Reader, transfer_id: str, *, language: str) -> bytes:
    """The paper that goes along with the vehicle and is signed at both gates."""
    # Paper needs ReportLab, which start-up must not wait for.
    from app.transfers.paper import transfer_note

    return transfer_note(reader, get_transfer(reader, transfer_id), language=language)


# --- inside ---------------------------------------------------------------------------------------


def _rules(reader: Reader, *, view: str, text: str, branch_id: str | None) -> list[ColumnElement[bool]]:
    own, model = reader.actor.branch_id, VehicleTransfer
    now_at = func.coalesce(model.asked_state, model.state)
    open_wish = model.from_branch_id.is_(None)
    rules = [model.deleted_at.is_(None), or_(model.from_branch_id == own, model.to_branch_id == own, open_wish)]
    states = TransferState
    if view == View.TO_DO:
        mine_to_answer = or_(model.from_branch_id == own, open_wish & (model.to_branch_id != own))
        rules.append(
            or_(
                (now_at == states.PENDING.value) & mine_to_answer,
                (now_at == states.APPROVED.value) & (model.from_branch_id == own),
                (now_at == states.DEPARTED.value) & (model.to_branch_id == own),
            )
        )
    elif view == View.ASKED:
        rules.append(now_at == states.PENDING.value)
    elif view == View.ON_THE_WAY:
        rules.append(now_at.in_((states.APPROVED.value, states.DEPARTED.value)))
    elif view == View.ARRIVED:
        rules.append(now_at == states.MOVED.value)
    else:
        rules.append(now_at.in_((states.REJECTED.value, states.CANCELLED.value)))
    if branch_id:
        rules.append(or_(model.from_branch_id == branch_id, model.to_branch_id == branch_id))
    wanted = text.strip()[:40]
    if wanted:
        columns = (model.number, model.vin, model.stock_number, model.carrier)
        rules.append(or_(*(column.icontains(wanted, autoescape=True) for column in columns)))
    return rules


def _rows(reader: Reader, transfers: Sequence[VehicleTransfer]) -> tuple[TransferRow, ...]:
    branches = {
        branch.id: BranchName(id=branch.id, code=branch.code, name_zh=branch.name_zh, name_en=branch.name_en)
        for branch in reader.session.scalars(select(Branch))
    }
    trims = {trim.id: trim.full_name for trim in trim_rows(reader, list({one.trim_id for one in transfers}))}
    unsent = _unsent(reader, [one.id for one in transfers])
    return tuple(
        _row(reader, one, branches, trims.get(one.trim_id, UNNAMED), waiting=one.id in unsent) for one in transfers
    )


def _unsent(reader: Reader, ids: Sequence[str]) -> set[str]:
    """Of these transfers, those with changes the centre has not answered."""
    done = select(DeskState.acknowledged_n).where(DeskState.id == 1).scalar_subquery()
    query = select(OutboxOperation.record_id).where(OutboxOperation.record_id.in_(ids), OutboxOperation.n > done)
    return set(reader.session.scalars(query))


def _row(
    reader: Reader, one: VehicleTransfer, branches: dict[str, BranchName], model: Bilingual, *, waiting: bool
) -> TransferRow:
    return TransferRow(
        id=one.id,
        cursor=one.id,
        revision=one.revision,
        number=one.number,
        kind=one.kind,
        state=one.state,
        asked=one.asked_state,
        waiting=waiting or one.asked_state is not None,
        confirmed=one.ver > 0 and not waiting and one.asked_state is None,
        outgoing=one.from_branch_id == reader.actor.branch_id,
        source=_branch(branches, one.from_branch_id) if one.from_branch_id else None,
        target=_branch(branches, one.to_branch_id),
        unit_id=one.unit_id,
        vin=one.vin,
        stock_number=one.stock_number,
        trim_id=one.trim_id,
        model=model,
        exterior_colour=Bilingual.from_stored(one.exterior_colour),
        interior_colour=Bilingual.from_stored(one.interior_colour),
        needed_by=one.needed_by,
        requested_at=one.requested_at,
        changed_at=_newest(one),
        actions=_actions(reader, one),
    )


def _branch(branches: dict[str, BranchName], branch_id: str) -> BranchName:
    return branches.get(branch_id) or BranchName(id=branch_id, code="—", name_zh="", name_en="")


def _newest(one: VehicleTransfer) -> datetime:
    moments = (one.requested_at, one.approved_at, one.departed_at, one.arrived_at, one.ended_at)
    return max(at for at in moments if at is not None)


def _actions(reader: Reader, one: VehicleTransfer) -> tuple[str, ...]:
    state, own = effective_state(one.state, one.asked_state), reader.actor.branch_id
    offered = []
    for action in TRANSFER.actions(state):
        step = TRANSFER.transition(state, action)
        allowed = sides(action, state, from_branch_id=one.from_branch_id, to_branch_id=one.to_branch_id)
        takes_up = action is TransferAction.APPROVE and one.from_branch_id is None and one.to_branch_id != own
        if reader.actor.may(step.permission) and (own in allowed or takes_up):
            offered.append(action.value)
    return tuple(offered)


def _stages(reader: Reader, one: VehicleTransfer) -> tuple[Stage, ...]:
    told = (
        (TransferState.PENDING, one.requested_at, one.requested_by_staff_id),
        (TransferState.APPROVED, one.approved_at, one.approved_by_staff_id),
        (TransferState.DEPARTED, one.departed_at, one.departed_by_staff_id),
        (TransferState.MOVED, one.arrived_at, one.arrived_by_staff_id),
    )
    return tuple(Stage(state=state.value, at=at, by=_person(reader, by)) for state, at, by in told)


def _person(reader: Reader, staff_id: str | None) -> str:
    member = reader.session.get(StaffMember, staff_id) if staff_id else None
    return member.name if member is not None else ""
