"""Handlers of what is done with authorities and keys."""

from datetime import UTC, datetime, time

from cryptography import x509
from sqlalchemy import select

from app.contracts.authorities.commands import (
    KeepOutsideLists,
    NoteSigningKey,
    RefreshRevocationList,
    RevokeCertificate,
    WarnOfEndingKeys,
    WithdrawAuthority,
)
from app.contracts.authorities.errors import AlreadyRevoked, AuthorityElsewhere, CertificateUnknown, RevocationInFuture
from app.contracts.authorities.outside import keep_lists, outside_chains, withdraw_revoked
from app.contracts.authorities.own import own_authority
from app.contracts.authorities.queries import ending_keys, warning_id
from app.contracts.keys.held_keys import signing_keys
from app.contracts.keys.intake import KeyUse
from app.contracts.keys.revocation import RevocationReason, Revoked, is_stale, new_list, revoked_in
from app.contracts.keys.signing_keys import SigningKey, certificate_of, is_issued_by
from app.contracts.proof.findings import shown
from app.kernel.commands import requires
from app.kernel.errors import ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import live
from app.tasks.follow_up import close_tasks, create_task
from app.tasks.rules import TaskKind
from db.models.contracts import Contract, ContractDocument, SigningAuthority


@requires(Permission.CONTRACTS_REVOKE)
def revoke_certificate(command: RevokeCertificate, uow: UnitOfWork) -> str:
    """Put a certificate on this desk's revocation list."""
    reason, at = _reason(command.reason), _moment(command.at, uow.now)
    keys = signing_keys()
    authority = keys.authority()
    certificate = certificate_of(keys.dealer().certificate_pem)
    if command.contract_id:
        certificate = _signer(uow, command.contract_id, command.field)
    if not is_issued_by(certificate, certificate_of(authority.certificate_pem)):
        raise _not_ours(uow, certificate)
    row = _row_of(uow, authority)
    known = revoked_in(row.revocation_list.encode("ascii")) if row.revocation_list else ()
    before = next((one for one in known if one.serial == certificate.serial_number), None)
    if before is not None:
        raise AlreadyRevoked(at=shown(before.at))
    entry = Revoked(at, certificate.serial_number, reason.value)
    row.revocation_list = new_list(authority, (*known, entry), now=uow.now).decode("ascii")
    uow.reason = reason.value
    uow.record("CertificateRevoked")
    return str(certificate.serial_number)


@requires(Permission.CONTRACTS_REVOKE)
def withdraw_authority(command: WithdrawAuthority, uow: UnitOfWork) -> str:
    """Trust nothing of an authority from a time on."""
    row = live(uow.session, SigningAuthority, command.authority_id, field="authority_id")
    uow.check_revision(row, command.expected_revision)
    reason, at = _reason(command.reason), _moment(command.at, uow.now)
    if row.withdrawn_at is not None:
        raise AlreadyRevoked(at=shown(row.withdrawn_at))
    row.withdrawn_at, row.withdrawn_reason = at, reason.value
    uow.reason = reason.value
    uow.record("AuthorityWithdrawn")
    return row.id


def _reason(code: str) -> RevocationReason:
    known = next((one for one in RevocationReason if one == code), None)
    if known is None:
        raise ValueNotAllowed(field="reason", value=code)
    return known


def _moment(at: datetime | None, now: datetime) -> datetime:
    if at is not None and at > now:
        raise RevocationInFuture(field="at")
    return (at or now).replace(microsecond=0)


def _row_of(uow: UnitOfWork, authority: SigningKey) -> SigningAuthority:
    """This desk's own row; made where its authority was never published."""
    row = own_authority(uow.session)
    if row is None:
        row = uow.add(
            SigningAuthority(
                branch_id=uow.actor.branch_id,
                desk_code=uow.actor.desk_code,
                fingerprint=authority.fingerprint(),
                certificate_pem=authority.certificate_pem.decode("ascii"),
                revocation_list="",
            )
        )
    return row


def _signer(uow: UnitOfWork, contract_id: str, field: str) -> x509.Certificate:
    """Who signed a field of a sealed contract; raises CertificateUnknown."""
    from app.contracts.proof.pades_examination import signer_of

    contract = live(uow.session, Contract, contract_id, field="contract_id")
    query = select(ContractDocument.content).where(
        ContractDocument.contract_id == contract_id,
        ContractDocument.digest == contract.sealed_digest,
        ContractDocument.deleted_at.is_(None),
    )
    content = uow.session.scalars(query.limit(1)).first()
    found = signer_of(content, field) if content else None
    if found is None:
        raise CertificateUnknown(field="field")
    return found


def _not_ours(uow: UnitOfWork, certificate: x509.Certificate) -> Exception:
    query = select(SigningAuthority).where(SigningAuthority.deleted_at.is_(None))
    for row in uow.session.scalars(query):
        if is_issued_by(certificate, certificate_of(row.certificate_pem.encode("ascii"))):
            return AuthorityElsewhere(desk=row.desk_code)
    return CertificateUnknown()


@requires(Permission.CONTRACTS_SEAL)
def refresh_revocation_list(command: RefreshRevocationList, uow: UnitOfWork) -> bool:
    """Sign the list anew with the same entries, when it is missing or a month old."""
    row = own_authority(uow.session)
    if row is None:
        return False
    present = row.revocation_list.encode("ascii")
    if present and not is_stale(present, now=uow.now):
        return False
    known = revoked_in(present) if present else ()
    row.revocation_list = new_list(signing_keys().authority(), known, now=uow.now).decode("ascii")
    return True


@requires(Permission.CONTRACTS_SEAL)
def keep_outside_lists(command: KeepOutsideLists, uow: UnitOfWork) -> bool:
    """Keep the lists of the seal's chain; withdraw the desk's authority where an outside one has revoked it."""
    changed = False
    for chain in outside_chains():
        keep = keep_lists if chain.seals else withdraw_revoked
        changed = keep(uow.session, chain, command.lists) or changed
    if changed:
        uow.record("OutsideListsKept")
    return changed


@requires(Permission.CONTRACTS_REVOKE)
def note_signing_key(command: NoteSigningKey, uow: UnitOfWork) -> str:
    """Write down that another key is used; returns the id of this desk's authority."""
    use = next((one for one in KeyUse if one == command.use), None)
    if use is None:
        raise ValueNotAllowed(field="use", value=command.use)
    row = own_authority(uow.session)
    record_id = row.id if row is not None else command.fingerprint[:32]
    uow.note(
        table="signing_authority", record_id=record_id, taken=use.value, sha256=command.fingerprint,
        subject=command.subject, ends_on=command.ends_on.isoformat(),
    )  # fmt: skip
    close_tasks(uow, record_id=record_id, kind=TaskKind.SIGNING_KEY_ENDING)
    uow.record("SigningKeyTaken")
    return record_id


@requires(Permission.CONTRACTS_REVOKE)
def warn_of_ending_keys(command: WarnOfEndingKeys, uow: UnitOfWork) -> int:
    """Leave a task for each certificate that ends; returns how many there are."""
    found = ending_keys(uow.session, uow.now)
    for one in found:
        create_task(
            uow, kind=TaskKind.SIGNING_KEY_ENDING, record_table="signing_authority", record_id=one.authority_id,
            params={"subject": one.subject, "desk": one.desk_code, "day": one.ends_on.isoformat()},
            due_at=datetime.combine(one.ends_on, time(0), UTC), task_id=warning_id(one),
        )  # fmt: skip
    uow.record("EndingKeysTold")
    return len(found)
