"""Setting the parties of a draft; reminding of contracts nobody goes on signing, and letting them expire."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from app.contracts.amended import tend_amendments
from app.contracts.errors import PartyNotInDocument, PartyTwice, RepresentativeMissing
from app.contracts.kinds.roles import PartyRole, SigningOrder, party_code, signing_order
from app.contracts.rules import CONTRACT, ContractAction, ContractState, PartyState, require_editable
from app.contracts.signers.identity_notice import PHOTO_YEARS
from app.contracts.signers.parties import MAIN, add_row, party_rows
from app.contracts.signers.party_commands import PartyEntry, SetContractParties, TendContracts
from app.customers.choices import normal_email
from app.customers.rules import IdentityKind, check_identity, name_key, normal_phone
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import DomainError, ValueNotAllowed, limited_text, require_text
from app.kernel.ids import derived_id
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import live
from app.tasks.follow_up import close_tasks, create_task
from app.tasks.rules import TaskKind
from db.listing import unindexed
from db.models.attachments import Attachment
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.orders import SalesOrder
from db.models.signing import ContractParty
from db.models.tasks import Task

PATIENCE = timedelta(hours=24)
"""How long a locked contract waits before somebody is reminded of it."""
_AWAITING = (ContractState.LOCKED.value, ContractState.PARTIALLY_SIGNED.value)


@requires(Permission.CONTRACTS_DRAFT)
def set_contract_parties(command: SetContractParties, uow: UnitOfWork) -> tuple[str, ...]:
    """Say who signs a draft beside the buyer and the dealer."""
    contract = live(uow.session, Contract, command.contract_id, field="contract_id")
    uow.check_revision(contract, command.expected_revision)
    require_editable(contract.state)
    order = signing_order(contract.template_code)
    rows = party_rows(uow.session, contract.id)
    own = [row for row in rows if _is_own(row)]
    entries = [_checked(uow, entry, index=index) for index, entry in enumerate(command.parties)]
    roles = [_further_role(order, entry) for entry in entries]
    codes = order.codes([*(PartyRole(row.role) for row in own), *roles])
    _require_different(own, entries)
    kept = _further_rows(uow, contract, rows, entries, roles)
    for row in rows:
        if row not in own and row not in kept:
            row.deleted_at = uow.now
    _number(order, own, kept)
    # What was laid out names other parties: the draft is out of date until it is drafted again.
    contract.data_digest = ""
    uow.record("ContractPartiesSet")
    return codes


def _is_own(row: ContractParty) -> bool:
    role = PartyRole(row.role)
    return role in MAIN or role is PartyRole.DEALER


def _further_role(order: SigningOrder, entry: PartyEntry) -> PartyRole:
    role = next((one for one in PartyRole if one == entry.role), None)
    if role is None:
        raise ValueNotAllowed(field="parties", value=entry.role)
    if role in MAIN or role is PartyRole.DEALER or role not in order.roles():
        raise PartyNotInDocument(field="parties", role=role.label)
    return role


def _checked(uow: UnitOfWork, entry: PartyEntry, *, index: int) -> PartyEntry:
    """The entry as it is stored; its errors name their field as `parties.0.phone`."""
    try:
        return _stored(uow, _completed(uow, entry))
    except DomainError as error:
        error.field = f"parties.{index}.{error.field}" if error.field else f"parties.{index}.name"
        raise


def _completed(uow: UnitOfWork, entry: PartyEntry) -> PartyEntry:
    if entry.party_id:
        entry = _with_present(uow, entry)
    if entry.customer_id is None:
        return entry
    customer = live(uow.session, Customer, entry.customer_id, field="customer_id")
    known = {
        "name": customer.name, "identity_number": customer.identity_number, "phone": customer.phone,
        "email": customer.email, "address": customer.address, "representative": customer.contact_name,
    }  # fmt: skip
    kind = entry.identity_kind if entry.identity_number else customer.identity_kind
    return replace(
        entry, identity_kind=kind, **{name: getattr(entry, name) or value for name, value in known.items()}
    )  # fmt: skip


def _with_present(uow: UnitOfWork, entry: PartyEntry) -> PartyEntry:
    """What is left empty stays as the row has it: pages show numbers and phones masked."""
    row = uow.get(ContractParty, entry.party_id or "", field="name")
    kept = {name: getattr(row, name) for name in ("identity_number", "phone", "email", "address")}
    kind = entry.identity_kind if entry.identity_number else row.identity_kind
    return replace(entry, identity_kind=kind, **{name: getattr(entry, name) or kept[name] for name in kept})


def _stored(uow: UnitOfWork, entry: PartyEntry) -> PartyEntry:
    name = require_text(entry.name, field="name", limit=60)
    if entry.identity_kind not in list(IdentityKind):
        raise ValueNotAllowed(field="identity_kind", value=entry.identity_kind)
    company = entry.identity_kind == IdentityKind.COMPANY_CODE
    representative = limited_text(entry.representative, field="representative", limit=60) if company else ""
    if company and not representative:
        raise RepresentativeMissing(field="representative", name=name)
    require_text(entry.identity_number, field="identity_number", limit=200)
    return replace(
        entry,
        name=name,
        representative=representative,
        identity_number=check_identity(
            entry.identity_kind, entry.identity_number, today=branch_date(uow.now), field="identity_number"
        ),
        phone=normal_phone(require_text(entry.phone, field="phone", limit=200)),
        email=normal_email(entry.email),
        address=limited_text(entry.address, field="address", limit=200),
    )


def _require_different(own: list[ContractParty], entries: list[PartyEntry]) -> None:
    """Raises PartyTwice where two parties are one person or company."""
    seen = {(row.identity_number or name_key(row.name)) for row in own}
    for index, entry in enumerate(entries):
        if entry.identity_number in seen:
            raise PartyTwice(field=f"parties.{index}.identity_number", name=entry.name)
        seen.add(entry.identity_number)


def _further_rows(
    uow: UnitOfWork, contract: Contract, rows: list[ContractParty], entries: list[PartyEntry], roles: list[PartyRole]
) -> list[ContractParty]:
    """A row for each entry, in the order given; an entry that names none of the contract's rows gets a new one."""
    by_id = {row.id: row for row in rows if not _is_own(row)}
    kept = []
    for entry, role in zip(entries, roles, strict=True):
        row = by_id.pop(entry.party_id or "", None) or add_row(uow, contract, role, 1)
        row.role = role.value
        row.customer_id, row.name, row.representative = entry.customer_id, entry.name, entry.representative
        row.identity_kind, row.identity_number = entry.identity_kind, entry.identity_number
        row.phone, row.email, row.address = entry.phone, entry.email, entry.address
        kept.append(row)
    return kept


def _number(order: SigningOrder, own: list[ContractParty], further: list[ContractParty]) -> None:
    """Codes and places: by role as the kind of document says, within a role as entered."""
    place = 0
    for role in order.roles():
        of_role = [row for row in (*own, *further) if row.role == role]
        for number, row in enumerate(of_role, start=1):
            place += 1
            row.code, row.place = party_code(role, number), place


@requires(Permission.CONTRACTS_SIGN)
def tend_contracts(command: TendContracts, uow: UnitOfWork) -> int:
    """Let contracts expire, remind of those that wait, take away photos that are no longer to be kept, tell of
    amendments that collide."""
    rows = list(uow.session.scalars(overdue(uow.now)))
    for contract in rows:
        contract.state = CONTRACT.check(ContractState(contract.state), ContractAction.EXPIRE).target.value
        for row in party_rows(uow.session, contract.id):
            if row.state == PartyState.AWAITED:
                row.decided_at = uow.now
        close_tasks(uow, record_id=contract.id, kind=TaskKind.CONTRACT_UNSIGNED)
    if rows:
        uow.record("ContractExpired")
    drafts = uow.actor.may(Permission.CONTRACTS_DRAFT)
    photos = list(uow.session.scalars(old_photos(uow.now))) if drafts else []
    for photo in photos:
        photo.deleted_at = uow.now
    waiting = list(uow.session.scalars(left_unsigned(uow.now, uow.actor.branch_id)))
    for contract in waiting:
        _remind(uow, contract)
    return len(rows) + len(photos) + len(waiting) + (tend_amendments(uow) if drafts else 0)


def _remind(uow: UnitOfWork, contract: Contract) -> None:
    """Leave the task with whoever drafted it, the order's salesperson for a sales contract."""
    order = uow.session.get(SalesOrder, contract.order_id) if contract.order_id else None
    customer = uow.session.get(Customer, contract.customer_id)
    until = contract.sign_until
    create_task(
        uow, kind=TaskKind.CONTRACT_UNSIGNED, record_table="contract", record_id=contract.id,
        params={
            "number": contract.number, "customer": customer.name if customer else "",
            "day": branch_date(until).isoformat() if until else "",
        },
        branch_id=contract.branch_id,
        assignee_staff_id=contract.handled_by_staff_id or (order.salesperson_id if order else None),
        due_at=until, task_id=derived_id(TaskKind.CONTRACT_UNSIGNED.value, contract.id),
    )  # fmt: skip


def left_unsigned(now: datetime, branch_id: str) -> Select[Contract]:
    """The contracts of a branch that wait for signatures for longer than `PATIENCE`, and nobody is reminded of."""
    reminded = select(Task.id).where(
        Task.record_id == Contract.id, unindexed(Task.kind) == TaskKind.CONTRACT_UNSIGNED.value
    )
    return select(Contract).where(
        Contract.state.in_(_AWAITING), Contract.branch_id == branch_id, Contract.locked_at <= now - PATIENCE,
        Contract.sign_until > now, Contract.deleted_at.is_(None), ~reminded.exists(),
    )  # fmt: skip


def overdue(now: datetime) -> Select[Contract]:
    """The contracts whose time for signing is over and that nobody has let expire."""
    return select(Contract).where(
        Contract.state.in_(_AWAITING), Contract.sign_until <= now, Contract.deleted_at.is_(None)
    )


def old_photos(now: datetime) -> Select[Attachment]:
    """The photos of identity documents whose time is over, counted from the day they were taken in."""
    return select(Attachment).where(
        Attachment.subject_table == "contract_party",
        Attachment.created_at <= now - timedelta(days=PHOTO_YEARS * 365 + PHOTO_YEARS // 4),
        Attachment.deleted_at.is_(None),
    )
