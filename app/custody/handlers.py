"""What commands do about certificates; keys and places have modules of their own."""

from datetime import timedelta

from app.custody.commands import CorrectCertificates, HandCertificates
from app.custody.errors import (
    CertificateElsewhere,
    EntryCorrected,
    EntryNotLast,
    HappenedBeforeLast,
    HappensLater,
    NothingChosen,
)
from app.custody.key_handlers import give_keys_to_customer, hand_out_key, register_keys, report_key_lost, return_key
from app.custody.ledger import entries_of, holder_of, standing
from app.custody.place_handlers import add_place, change_place, register_places_in_use
from app.custody.rules import STEPS, CustodyStep, StepRule, lent_until
from app.inventory.axes import move_certificate, restore_certificate
from app.kernel.clock import BRANCH_TIME, branch_date
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, limited_text, require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.custody import CertificateEntry
from db.models.inventory import VehicleUnit

__all__ = [
    "add_place",
    "change_place",
    "correct_certificates",
    "give_keys_to_customer",
    "hand_certificates",
    "hand_out_key",
    "register_keys",
    "register_places_in_use",
    "report_key_lost",
    "return_key",
]
_CLOCKS_DIFFER = timedelta(minutes=5)


@requires(Permission.CUSTODY_CERTIFICATES)
def hand_certificates(command: HandCertificates, uow: UnitOfWork) -> tuple[str, ...]:
    """Hand certificates on; returns the ids of the ledger's new lines."""
    if not command.unit_ids:
        raise NothingChosen(field="unit_ids")
    rule = STEPS[command.step]
    words = _checked(command, uow, rule)
    ledger = entries_of(uow.session, command.unit_ids)
    ids = []
    for unit_id in dict.fromkeys(command.unit_ids):
        unit = uow.get(VehicleUnit, unit_id, field="unit_ids")
        ids.append(_hand(uow, unit, ledger.get(unit_id, []), command=command, words=words))
    uow.reason = words["reason"]
    uow.undo_with(CorrectCertificates(entry_ids=tuple(ids), reason="Undo"))
    uow.record("CertificateHanded")
    return tuple(ids)


def _checked(command: HandCertificates, uow: UnitOfWork, rule: StepRule) -> dict[str, str]:
    if rule.reason_required and not command.reason.strip():
        raise ReasonRequired(field="reason")
    if command.happened_at is not None and command.happened_at > uow.now + _CLOCKS_DIFFER:
        raise HappensLater(field="happened_at")
    named = require_text if rule.names_target else limited_text
    contract = require_text if rule.contract_required else limited_text
    return {
        "to_name": named(command.to_name, field="to_name", limit=80),
        "contract_number": contract(command.contract_number, field="contract_number", limit=60),
        "document_number": limited_text(command.document_number, field="document_number", limit=40),
        "reason": limited_text(command.reason, field="reason", limit=400),
    }


def _hand(
    uow: UnitOfWork,
    unit: VehicleUnit,
    entries: list[CertificateEntry],
    *,
    command: HandCertificates,
    words: dict[str, str],
) -> str:
    rule, happened = STEPS[command.step], command.happened_at or uow.now
    holder, holder_name = holder_of(unit, entries)
    if command.from_kind is not None and not standing(entries) and unit.certificate_state == "PENDING_SCAN":
        holder, holder_name = command.from_kind, command.from_name
    if holder not in rule.source:
        raise CertificateElsewhere(field="unit_ids", vin=unit.vin, holder=holder.label, step=command.step.label)
    last = standing(entries)[-1].happened_at if standing(entries) else None
    if last is not None and happened < last:
        raise HappenedBeforeLast(field="happened_at", time=f"{last.astimezone(BRANCH_TIME):%Y-%m-%d %H:%M}")
    if command.step is CustodyStep.ISSUE and unit.certificate_state == "ISSUED":
        before = after = unit.certificate_state  # the agent hands it on to the customer
    else:
        before, after = move_certificate(uow, unit, rule.action)
    due = command.due_back_on or lent_until(branch_date(happened))
    entry = CertificateEntry(
        branch_id=unit.branch_id,
        unit_id=unit.id,
        step=command.step.value,
        from_kind=holder.value,
        from_name=limited_text(holder_name, field="from_name", limit=80),
        to_kind=rule.target.value,
        happened_at=happened,
        due_back_on=due if command.step is CustodyStep.LEND else None,
        state_before=before,
        state_after=after,
        recorded_by_staff_id=uow.actor.staff_id,
        **words,
    )
    uow.add(entry)
    return entry.id


@requires(Permission.CUSTODY_CERTIFICATES)
def correct_certificates(command: CorrectCertificates, uow: UnitOfWork) -> tuple[str, ...]:
    """Take entries back by contra entries; returns the ids of these."""
    uow.reason = require_text(command.reason, field="reason", limit=400)
    if not command.entry_ids:
        raise NothingChosen(field="entry_ids")
    ids = []
    for entry_id in command.entry_ids:
        entry = uow.get(CertificateEntry, entry_id, field="entry_ids")
        lines = entries_of(uow.session, [entry.unit_id]).get(entry.unit_id, [])
        counting = standing(lines)
        if entry.id not in {line.id for line in counting}:
            raise EntryCorrected(field="entry_ids")
        if counting[-1].id != entry.id:
            raise EntryNotLast(field="entry_ids")
        ids.append(_contra(uow, entry))
    uow.record("CertificateCorrected")
    return tuple(ids)


def _contra(uow: UnitOfWork, entry: CertificateEntry) -> str:
    unit = uow.get(VehicleUnit, entry.unit_id)
    contra = CertificateEntry(
        branch_id=entry.branch_id,
        unit_id=entry.unit_id,
        step=CustodyStep.CORRECT.value,
        from_kind=entry.to_kind,
        from_name=entry.to_name,
        to_kind=entry.from_kind,
        to_name=entry.from_name,
        document_number=entry.document_number,
        contract_number=entry.contract_number,
        reason=uow.reason,
        happened_at=uow.now,
        state_before=unit.certificate_state,
        state_after=entry.state_before,
        contra_of=entry.id,
        recorded_by_staff_id=uow.actor.staff_id,
    )
    restore_certificate(unit, entry.state_before)
    uow.add(contra)
    uow.session.flush()
    return contra.id
