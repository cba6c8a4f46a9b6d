"""Time-stamps at the desk: which contracts get one, stored whole or not at all; and revoking certificates."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.contracts.authorities.commands import RefreshRevocationList, RevokeCertificate, WithdrawAuthority
from app.contracts.authorities.errors import AlreadyRevoked, AuthorityElsewhere, CertificateUnknown, RevocationInFuture
from app.contracts.checking import verify_contract, verify_file
from app.contracts.keys.held_keys import HeldKeys, signing_keys, use_signing_keys
from app.contracts.keys.revocation import revoked_in
from app.contracts.proof.findings import ProblemCode
from app.contracts.proof.time_proof import ProofLevel
from app.contracts.proof.verification import Verdict
from app.contracts.queries import contract_document, get_contract, list_contracts
from app.contracts.stamps.commands import PreparedStamp, StampContract
from app.contracts.stamps.errors import NotYetSealed, StampOutdated, StampRefused
from app.contracts.stamps.roots import keep_roots
from app.contracts.stamps.stamping import contracts_to_stamp, make_stamp, stamp_material
from app.contracts.stamps.time_stamping import StampAuthority
from app.kernel.clock import FixedClock
from app.kernel.errors import PermissionDenied, ValueNotAllowed
from db.capture import Author
from db.models.contracts import Contract, ContractDocument, SigningAuthority, TimeStampRoot
from sync.server.protection import immutable_field
from tests.app.contracts.stamping_samples import YEAR, LocalCentre
from tests.app.sale_desk import SaleDesk

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def centre(tmp_path: Path, clock: FixedClock) -> Iterator[LocalCentre]:
    made = LocalCentre(tmp_path, now=clock.now() + timedelta(minutes=5))
    yield made
    made.close()


@pytest.fixture
def sealed(desk: SaleDesk, centre: LocalCentre) -> str:
    """A sealed contract at a desk that knows the centre's root."""
    keep_roots(desk.dispatcher.database, centre.authority(), now=desk.clock.now())
    publish(desk)
    return desk.sealed_contract()


def publish(desk: SaleDesk, keys: HeldKeys | None = None, code: str = "D01") -> str:
    """The row of an authority, as a desk makes it with its keys."""
    authority = (keys or signing_keys()).authority()
    row = SigningAuthority(
        branch_id=desk.seller.branch_id, desk_code=code, fingerprint=authority.fingerprint(),
        certificate_pem=authority.certificate_pem.decode("ascii"),
    )  # fmt: skip
    return added(desk, row)


def added(desk: SaleDesk, row: Any) -> str:
    """A row that another desk, or the desk's own start-up, has written."""
    author = Author(desk.seller.staff_id, desk.seller.branch_id, "D02")
    with desk.dispatcher.database.transaction(now=desk.clock.now(), author=author) as transaction:
        transaction.session.add(row)
        transaction.commit(name="Elsewhere")
    return str(row.id)


def prepared(desk: SaleDesk, contract_id: str, centre: LocalCentre) -> PreparedStamp:
    return make_stamp(desk.read(stamp_material, contract_id), centre, now=desk.clock.now())


def stamp(desk: SaleDesk, contract_id: str, centre: LocalCentre) -> None:
    desk.do(RefreshRevocationList())
    desk.do(StampContract(contract_id=contract_id, prepared=prepared(desk, contract_id, centre)))


def test_a_sealed_contract_waits_and_is_stamped(desk: SaleDesk, sealed: str, centre: LocalCentre) -> None:
    assert desk.read(contracts_to_stamp) == [sealed]
    assert desk.read(get_contract, sealed).row.stamped_at is None
    before = desk.read(contract_document, sealed)
    stamp(desk, sealed, centre)
    after = desk.read(contract_document, sealed)
    assert (before.stage, after.stage) == ("sealed", "stamped")
    assert after.content.startswith(before.content) and desk.read(contracts_to_stamp) == []
    row = desk.read(list_contracts)[0]
    assert row.stamped_at == centre.now.replace(microsecond=0)
    contract = desk.row(Contract, sealed)
    assert (contract.sealed_digest, contract.stamped_digest) == (before.digest, after.digest)
    checked = desk.read(verify_contract, sealed)
    assert checked.intact and checked.report.proof.level is ProofLevel.B_LTA and not checked.report.problems


def test_every_form_of_a_contract_is_the_houses(desk: SaleDesk, sealed: str, centre: LocalCentre) -> None:
    """The customer may bring the file as it was sealed, as it is kept, or time-stamped by another desk."""
    before = desk.read(contract_document, sealed).content
    elsewhere = prepared(desk, sealed, centre).content
    stamp(desk, sealed, centre)
    for content in (before, desk.read(contract_document, sealed).content):
        checked = desk.read(verify_file, content)
        assert (checked.contract_id, checked.intact, checked.report.problems) == (sealed, True, ())
    checked = desk.read(verify_file, elsewhere)
    assert checked.intact and checked.report.codes() == {ProblemCode.OTHER_STAMPS}
    assert desk.read(verify_file, elsewhere + b"\n").report.verdict is Verdict.CHANGED


class Failing:
    """A centre whose line breaks at the request of that number."""

    def __init__(self, centre: LocalCentre, step: int) -> None:
        self._centre, self._left = centre, step

    def authority(self) -> StampAuthority:
        self._count()
        return self._centre.authority()

    def stamp(self, query: bytes) -> bytes:
        self._count()
        return self._centre.stamp(query)

    def _count(self) -> None:
        if self._left == 0:
            raise StampRefused(reason="the line is down")
        self._left -= 1


def test_interrupted_at_any_step_the_contract_stays_as_it_was(
    desk: SaleDesk, sealed: str, centre: LocalCentre
) -> None:
    """The line breaks while certificates are asked for, at the first or at the second time-stamp; later it works."""
    material = desk.read(stamp_material, sealed)
    for step in range(3):
        with pytest.raises(StampRefused):
            make_stamp(material, Failing(centre, step), now=desk.clock.now())
    assert desk.rows(ContractDocument, contract_id=sealed, stage="stamped") == []
    assert desk.read(verify_contract, sealed).intact and desk.read(contracts_to_stamp) == [sealed]
    stamp(desk, sealed, centre)
    assert desk.read(verify_contract, sealed).report.proof.level is ProofLevel.B_LTA


def test_a_stamp_that_came_second_changes_nothing(desk: SaleDesk, sealed: str, centre: LocalCentre) -> None:
    first, second = prepared(desk, sealed, centre), prepared(desk, sealed, centre)
    assert first.digest != second.digest
    desk.do(StampContract(contract_id=sealed, prepared=first))
    with pytest.raises(StampOutdated):
        desk.do(StampContract(contract_id=sealed, prepared=second))
    assert desk.row(Contract, sealed).stamped_digest == first.digest


def test_two_desks_that_stamped_at_once_keep_both(desk: SaleDesk, sealed: str, centre: LocalCentre) -> None:
    """Both documents arrive; the contract names one of them, and both are intact."""
    mine, theirs = prepared(desk, sealed, centre), prepared(desk, sealed, centre)
    desk.do(StampContract(contract_id=sealed, prepared=mine))
    (document,) = desk.rows(ContractDocument, contract_id=sealed, stage="stamped")
    arrived = ContractDocument(
        scope=document.scope, contract_id=sealed, stage="stamped", digest=theirs.digest, content=theirs.content
    )
    added(desk, arrived)
    for digest in (mine.digest, theirs.digest):
        desk.change(Contract, sealed, stamped_digest=digest)
        assert desk.read(contract_document, sealed).digest == digest
        assert desk.read(verify_contract, sealed).intact
    for content in (mine.content, theirs.content):
        assert not desk.read(verify_file, content).report.problems
    assert immutable_field("contract_document", {"stage": "stamped", "digest": "a"}, {"digest": "b"}) == "digest"


def test_bytes_that_do_not_fit_are_not_stored(desk: SaleDesk, sealed: str, centre: LocalCentre) -> None:
    made = prepared(desk, sealed, centre)
    wrong: tuple[dict[str, Any], ...] = (
        {"digest": "0" * 64}, {"before_digest": "0" * 64}, {"content": b"%PDF"}, {"contract_id": "x"},
    )  # fmt: skip
    for changes in wrong:
        with pytest.raises(StampOutdated):
            desk.do(StampContract(contract_id=sealed, prepared=replace(made, **changes)))
    assert desk.rows(ContractDocument, contract_id=sealed, stage="stamped") == []


def test_only_sealed_contracts_are_stamped(desk: SaleDesk, sealed: str, centre: LocalCentre) -> None:
    made = prepared(desk, sealed, centre)
    desk.change(Contract, sealed, state="VOIDED", void_reason="x")
    with pytest.raises(NotYetSealed):
        desk.do(StampContract(contract_id=sealed, prepared=made))
    assert desk.read(contracts_to_stamp) == []
    with pytest.raises(NotYetSealed):
        desk.read(stamp_material, desk.signed_contract())
    with pytest.raises(PermissionDenied):
        desk.do(StampContract(contract_id=sealed, prepared=made), actor=replace(desk.cashier, permissions=frozenset()))


def test_another_desk_steps_in_after_a_day(desk: SaleDesk, sealed: str, clock: FixedClock) -> None:
    elsewhere = replace(desk.seller, desk_code="D09")
    assert desk.read(contracts_to_stamp, actor=elsewhere) == []
    clock.advance(timedelta(days=2))
    assert desk.read(contracts_to_stamp, actor=elsewhere) == [sealed]


def test_the_proof_is_renewed_a_year_before_it_ends(
    desk: SaleDesk, sealed: str, centre: LocalCentre, clock: FixedClock
) -> None:
    stamp(desk, sealed, centre)
    first = desk.row(Contract, sealed)
    clock.advance(timedelta(days=4 * 365))
    assert desk.read(contracts_to_stamp) == []
    clock.advance(timedelta(days=2 * 365 - 60))
    centre.now = clock.now()
    assert desk.read(contracts_to_stamp) == [sealed]
    keep_roots(desk.dispatcher.database, centre.authority(), now=clock.now())
    stamp(desk, sealed, centre)
    second = desk.row(Contract, sealed)
    assert second.stamped_at == first.stamped_at and second.stamp_ends_at > first.stamp_ends_at + 4 * YEAR
    assert len(desk.rows(ContractDocument, contract_id=sealed, stage="stamped")) == 2
    clock.advance(timedelta(days=365))
    checked = desk.read(verify_contract, sealed)
    assert checked.intact and checked.report.proof.at == first.stamped_at


def test_roots_are_only_added(desk: SaleDesk, centre: LocalCentre) -> None:
    database, now = desk.dispatcher.database, desk.clock.now()
    assert keep_roots(database, centre.authority(), now=now) == 1
    assert keep_roots(database, centre.authority(), now=now) == 0
    about = replace(centre.authority(), roots=(b"nonsense", centre.authority().certificates[-1]))
    assert keep_roots(database, about, now=now) == 0  # neither is a root
    centre.now += timedelta(days=25 * 365)
    assert keep_roots(database, centre.authority(), now=now) == 1
    with database.read() as session:
        assert session.query(TimeStampRoot).count() == 2


# --- certificates that are good for nothing any more -------------------------------------------------------------


def test_a_revoked_seal_gets_another_key(
    desk: SaleDesk, sealed: str, centre: LocalCentre, held_keys: HeldKeys, clock: FixedClock
) -> None:
    stamp(desk, sealed, centre)
    clock.advance(timedelta(days=3))
    desk.do(RevokeCertificate(reason="keyCompromise", at=clock.now() - timedelta(days=1)), actor=desk.manager)
    checked = desk.read(verify_contract, sealed)
    assert checked.intact and checked.report.codes() == {ProblemCode.REVOKED_LATER}
    with pytest.raises(AlreadyRevoked):
        desk.do(RevokeCertificate(reason="keyCompromise"), actor=desk.manager)
    later = desk.sealed_contract()
    assert desk.read(verify_contract, later).intact
    seals = [desk.read(verify_contract, one).report.signatures[-1].certificate_sha256 for one in (sealed, later)]
    assert seals[0] == held_keys.dealer().fingerprint() != seals[1]
    (row,) = desk.rows(SigningAuthority)
    assert len(revoked_in(row.revocation_list.encode("ascii"))) == 1


def test_a_signers_certificate_can_be_revoked(desk: SaleDesk, sealed: str, clock: FixedClock) -> None:
    command = RevokeCertificate(
        reason="affiliationChanged", at=clock.now(), contract_id=sealed, field="signature_seller"
    )
    with pytest.raises(PermissionDenied):
        desk.do(command)
    serial = desk.do(command, actor=desk.manager)
    (row,) = desk.rows(SigningAuthority)
    assert [str(one.serial) for one in revoked_in(row.revocation_list.encode("ascii"))] == [serial]
    assert desk.read(verify_contract, sealed).report.codes() == {ProblemCode.CERTIFICATE_REVOKED}
    for wrong, error in (
        ({"field": "nowhere"}, CertificateUnknown), ({"reason": "mood"}, ValueNotAllowed),
        ({"at": clock.now() + timedelta(hours=1)}, RevocationInFuture),
    ):  # fmt: skip
        with pytest.raises(error):
            desk.do(replace(command, **wrong), actor=desk.manager)


def test_only_its_own_desk_revokes_a_certificate(desk: SaleDesk, sealed: str, clock: FixedClock) -> None:
    """Another desk is told whose it is; it can withdraw that desk's authority, when the desk is lost."""
    other = HeldKeys.create(organisation="杭州店", branch="HZ01", now=clock.now() - timedelta(days=1))
    (theirs,) = desk.rows(SigningAuthority)
    root = theirs.certificate_pem.encode("ascii")
    use_signing_keys(replace(other, further_roots=(root,)))
    publish(desk, other, "D02")
    command = RevokeCertificate(reason="keyCompromise", contract_id=sealed, field="seal_seller")
    with pytest.raises(AuthorityElsewhere) as refused:
        desk.do(command, actor=desk.manager)
    assert refused.value.params["desk"] == "D01"
    withdrawal = WithdrawAuthority(
        authority_id=theirs.id, expected_revision=theirs.revision, reason="keyCompromise",
        at=clock.now() - timedelta(hours=1),
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        desk.do(withdrawal)
    desk.do(withdrawal, actor=desk.manager)
    checked = desk.read(verify_contract, sealed)
    assert checked.report.verdict is Verdict.UNTRUSTED
    assert checked.report.codes() == {ProblemCode.CERTIFICATE_REVOKED}
    with pytest.raises(AlreadyRevoked):
        desk.do(replace(withdrawal, expected_revision=theirs.revision + 1), actor=desk.manager)


def test_the_list_is_signed_anew_before_it_ends(desk: SaleDesk, sealed: str, clock: FixedClock) -> None:
    assert desk.do(RefreshRevocationList()) is True
    assert desk.do(RefreshRevocationList()) is False
    desk.do(RevokeCertificate(reason="superseded"), actor=desk.manager)
    clock.advance(timedelta(days=31))
    assert desk.do(RefreshRevocationList()) is True
    (row,) = desk.rows(SigningAuthority)
    assert len(revoked_in(row.revocation_list.encode("ascii"))) == 1


def test_a_desk_that_published_nothing_signs_no_list(desk: SaleDesk) -> None:
    assert desk.do(RefreshRevocationList()) is False
