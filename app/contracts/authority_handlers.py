"""Revoking certificates and withdrawing authorities."""

from datetime import datetime

from cryptography import x509
from sqlalchemy import select

from app.contracts.authority_commands import RevokeCertificate, WithdrawAuthority
from app.contracts.findings import shown
from app.contracts.keys import signing_keys
from app.contracts.revocation import RevocationReason, Revoked, new_list, revoked_in
from app.contracts.signing_keys import SigningKey, certificate_of, is_issued_by
from app.contracts.stamp_errors import AlreadyRevoked, AuthorityElsewhere, CertificateUnknown, RevocationInFuture
from app.contracts.stamping import own_authority
from app.kernel.commands import requires
from app.kernel.errors import ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import live
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
    from app.contracts.pades_examination import signer_of

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
