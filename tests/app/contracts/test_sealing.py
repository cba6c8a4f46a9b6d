"""Locking, signing and sealing: what is refused, what is bound to what, and how large it becomes."""

import hashlib
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from app.contracts.keys.errors import SigningKeyUnusable
from app.contracts.keys.signing_keys import (
    EVIDENCE_URN,
    SigningKey,
    certificate_of,
    check_key,
    create_authority,
    create_dealer_key,
    from_pkcs12,
    to_pkcs12,
)
from app.contracts.paper.sale_paper import RenderedContract
from app.contracts.sealing.errors import (
    AcknowledgementsIncomplete,
    EvidenceForOtherDocument,
    EvidenceUnreadable,
    SignatureBoxMissing,
    SignatureBoxTaken,
    SignaturesMissing,
    SignatureTooLong,
    SignatureTooShort,
)
from app.contracts.sealing.evidence import SignerRole, evidence_from_json, strokes_from
from app.contracts.sealing.steps import LockedDocument, SignedDocument, lock, locked_length, seal, sign_by_hand
from app.documents.handwriting import StrokePoint, ink_length, seal_picture, signature_picture
from app.documents.receipt import render_receipt
from tests.app.contracts.signing_samples import evidence_for, hand, sample_contract, seal_evidence
from tests.app.documents.paper_samples import NOON, RECEIPT, SELLER
from tests.app.documents.reading import text_of


class Desk(NamedTuple):
    """What a desk has at hand when somebody signs."""

    contract: RenderedContract
    locked: LockedDocument
    authority: SigningKey
    dealer: SigningKey


@pytest.fixture(scope="module")
def desk() -> Desk:
    contract = sample_contract()
    authority = create_authority(organisation=SELLER.name, now=NOON)
    dealer = create_dealer_key(authority, organisation=SELLER.name, branch="浦东店", now=NOON)
    return Desk(contract, lock(contract.pdf), authority, dealer)


def fields_of(pdf: bytes) -> list[Any]:
    fields = PdfFileReader(io.BytesIO(pdf)).root["/AcroForm"]["/Fields"]
    return [fields[index] for index in range(len(fields))]


def signed(desk: Desk, pdf: bytes, role: SignerRole) -> SignedDocument:
    return sign_by_hand(pdf, evidence=evidence_for(desk.contract, desk.locked.sha256, role), authority=desk.authority)


@pytest.fixture(scope="module")
def both(desk: Desk) -> tuple[SignedDocument, SignedDocument]:
    first = signed(desk, desk.locked.pdf, SignerRole.BUYER)
    return first, signed(desk, first.pdf, SignerRole.SELLER)


def sealed(desk: Desk, both: tuple[SignedDocument, SignedDocument]) -> SignedDocument:
    evidence = seal_evidence(desk.locked.sha256, *(one.evidence_sha256 for one in both))
    return seal(
        both[1].pdf,
        evidence=evidence,
        key=desk.dealer,
        authority_pem=desk.authority.certificate_pem,
        organisation=SELLER.name,
    )


def test_lock_is_the_digest_of_the_bytes(desk: Desk) -> None:
    assert desk.locked.pdf is desk.contract.pdf
    assert desk.locked.sha256 == hashlib.sha256(desk.contract.pdf).hexdigest()


def test_every_signature_only_adds(desk: Desk, both: tuple[SignedDocument, SignedDocument]) -> None:
    buyer, seller = both
    last = sealed(desk, both)
    assert buyer.pdf.startswith(desk.locked.pdf)
    assert seller.pdf.startswith(buyer.pdf)
    assert last.pdf.startswith(seller.pdf)
    assert locked_length(last.pdf, desk.locked.sha256) == len(desk.locked.pdf)
    assert locked_length(last.pdf, buyer.sha256) == len(buyer.pdf)
    assert locked_length(last.pdf, "0" * 64) is None


def test_signatures_are_small_because_only_a_few_glyphs_go_in(both: tuple[SignedDocument, SignedDocument]) -> None:
    buyer, seller = both
    assert len(seller.pdf) - len(buyer.pdf) < 40_000


def test_names_and_time_stand_in_the_boxes(desk: Desk, both: tuple[SignedDocument, SignedDocument]) -> None:
    fields = {str(field["/T"]): field for field in fields_of(sealed(desk, both).pdf)}
    assert "/AP" in fields["signature_buyer"]
    signature = fields["signature_buyer"]["/V"]
    assert signature["/Name"] == "欧阳䶮"
    assert signature["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature["/M"].startswith("D:20261122041006")
    picture = signature_picture(strokes_from(hand(1)), size=(200, 88), captions=["欧阳䶮  2026年11月22日 12:10"])
    assert "欧阳䶮2026年11月22日12:10" in text_of(picture)
    assert "电子签章" in text_of(seal_picture(size=(88, 88), name=SELLER.name, lines=["电子签章", "2026-11-22"]))


def test_buyers_ticks_are_in_the_buyers_own_revision(desk: Desk, both: tuple[SignedDocument, SignedDocument]) -> None:
    def ticks(pdf: bytes) -> set[str]:
        return {str(field["/V"]) for field in fields_of(pdf) if field["/T"].startswith("acknowledge_")}

    assert ticks(desk.locked.pdf) == {"/Off"}
    assert ticks(both[0].pdf) == {"/Yes"}


def test_one_off_certificate_names_signer_and_evidence(both: tuple[SignedDocument, SignedDocument]) -> None:
    buyer, _ = both
    certificate = certificate_of(buyer.certificate_pem)
    assert "欧阳䶮" in certificate.subject.rfc4514_string()
    (names,) = [e.value for e in certificate.extensions if e.oid._name == "subjectAltName"]
    assert names.get_values_for_type(type(names[0])) == [EVIDENCE_URN + buyer.evidence_sha256]
    assert hashlib.sha256(buyer.evidence).hexdigest() == buyer.evidence_sha256


def test_two_signatures_of_one_person_have_two_keys(desk: Desk) -> None:
    first = signed(desk, desk.locked.pdf, SignerRole.BUYER)
    second = signed(desk, desk.locked.pdf, SignerRole.BUYER)
    keys = {certificate_of(one.certificate_pem).public_key().public_numbers() for one in (first, second)}  # type: ignore[union-attr]
    assert len(keys) == 2


def test_evidence_survives_being_kept(desk: Desk) -> None:
    evidence = evidence_for(desk.contract, desk.locked.sha256, SignerRole.BUYER)
    assert evidence_from_json(evidence.canonical()).with_strokes(evidence.strokes).sha256() == evidence.sha256()
    with pytest.raises(EvidenceUnreadable):
        evidence_from_json(evidence.canonical().replace("欧".encode(), "区".encode())[:-1])
    with pytest.raises(EvidenceUnreadable):
        evidence_from_json(b" " + evidence.canonical())


def test_evidence_for_another_document_is_refused(desk: Desk) -> None:
    evidence = evidence_for(desk.contract, "0" * 64, SignerRole.BUYER)
    with pytest.raises(EvidenceForOtherDocument):
        sign_by_hand(desk.locked.pdf, evidence=evidence, authority=desk.authority)


@pytest.mark.parametrize("kept", [0, 5])
def test_every_limiting_clause_is_acknowledged_or_nobody_signs(desk: Desk, kept: int) -> None:
    evidence = evidence_for(desk.contract, desk.locked.sha256, SignerRole.BUYER)
    short = replace(evidence, acknowledgements=evidence.acknowledgements[:kept])
    with pytest.raises(AcknowledgementsIncomplete) as caught:
        sign_by_hand(desk.locked.pdf, evidence=short, authority=desk.authority)
    assert "6" in caught.value.params["numbers"]


def test_acknowledging_a_clause_that_is_not_there_is_refused(desk: Desk) -> None:
    evidence = evidence_for(desk.contract, desk.locked.sha256, SignerRole.BUYER)
    extra = replace(evidence.acknowledgements[0], number=99)
    with pytest.raises(AcknowledgementsIncomplete):
        sign_by_hand(
            desk.locked.pdf,
            evidence=replace(evidence, acknowledgements=(*evidence.acknowledgements, extra)),
            authority=desk.authority,
        )


@pytest.mark.parametrize(
    "strokes",
    [
        (),
        ((StrokePoint(0, 100, 100),),),
        (tuple(StrokePoint(i, 100, 100) for i in range(40)),),
        (tuple(StrokePoint(i, 100 + 10 * i, 100) for i in range(40)),),
    ],
)
def test_a_dot_or_a_dash_is_no_signature(desk: Desk, strokes: tuple[tuple[StrokePoint, ...], ...]) -> None:
    evidence = replace(evidence_for(desk.contract, desk.locked.sha256, SignerRole.SELLER), strokes=strokes)
    with pytest.raises(SignatureTooShort):
        sign_by_hand(desk.locked.pdf, evidence=evidence, authority=desk.authority)


def test_endless_ink_is_refused(desk: Desk) -> None:
    strokes = (tuple(StrokePoint(i, i % 700, i % 311) for i in range(50_001)),)
    evidence = replace(evidence_for(desk.contract, desk.locked.sha256, SignerRole.SELLER), strokes=strokes)
    with pytest.raises(SignatureTooLong):
        sign_by_hand(desk.locked.pdf, evidence=evidence, authority=desk.authority)


def test_ink_length_tells_a_name_from_a_dash() -> None:
    assert ink_length(strokes_from(hand(1))) > 2
    assert ink_length(((StrokePoint(0, 0, 0), StrokePoint(1, 1000, 0)),)) == pytest.approx(1)


def test_nobody_signs_twice(desk: Desk, both: tuple[SignedDocument, SignedDocument]) -> None:
    with pytest.raises(SignatureBoxTaken):
        signed(desk, both[1].pdf, SignerRole.BUYER)


def test_a_receipt_has_no_place_for_a_contract_signature(desk: Desk) -> None:
    locked = lock(render_receipt(RECEIPT, "en").pdf)
    evidence = evidence_for(desk.contract, locked.sha256, SignerRole.SELLER)
    with pytest.raises(SignatureBoxMissing):
        sign_by_hand(locked.pdf, evidence=evidence, authority=desk.authority)


def test_seal_comes_last(desk: Desk, both: tuple[SignedDocument, SignedDocument]) -> None:
    with pytest.raises(SignaturesMissing):
        sealed(desk, (both[0], both[0]))
    once = sealed(desk, both)
    with pytest.raises(SignatureBoxTaken):
        sealed(desk, (both[0], once))


def test_seal_with_a_key_of_somebody_else_is_refused(desk: Desk, both: tuple[SignedDocument, SignedDocument]) -> None:
    stranger = create_authority(organisation="陌生人", now=NOON)
    for key in (
        create_dealer_key(stranger, organisation="x", branch="y", now=NOON),
        SigningKey(certificate_pem=desk.dealer.certificate_pem, key_pem=stranger.key_pem),
    ):
        with pytest.raises(SigningKeyUnusable):
            sealed(desk._replace(dealer=key), both)


def test_key_holds_only_in_its_time(desk: Desk) -> None:
    root = desk.authority.certificate_pem
    check_key(desk.dealer, authority_pem=root, now=NOON)
    for moment in (NOON - timedelta(days=1), NOON + timedelta(days=4000)):
        with pytest.raises(SigningKeyUnusable):
            check_key(desk.dealer, authority_pem=root, now=moment)


def test_key_travels_in_an_encrypted_container(desk: Desk) -> None:
    container = to_pkcs12(desk.dealer, authority_pem=desk.authority.certificate_pem, passphrase="通行证".encode())
    assert from_pkcs12(container, passphrase="通行证".encode()) == desk.dealer
    for wrong in (b"x", b""):
        with pytest.raises(SigningKeyUnusable):
            from_pkcs12(container, passphrase=wrong)
    with pytest.raises(SigningKeyUnusable):
        from_pkcs12(b"nonsense", passphrase=b"x")


@pytest.mark.parametrize("pem", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_damaged_key_is_named_as_such(desk: Desk, pem: bytes) -> None:
    with pytest.raises(SigningKeyUnusable):
        create_dealer_key(replace(desk.authority, key_pem=pem), organisation="x", branch="y", now=NOON)


def test_keys_fit_any_keyring(desk: Desk) -> None:
    """The smallest keyring in use (Windows) takes 1,280 characters."""
    assert len(desk.dealer.key_pem) < 400
    assert len(desk.authority.key_pem) < 400


def test_long_names_fit_a_certificate() -> None:
    key = create_authority(organisation="特别特别长的名字" * 12, now=NOON)
    assert certificate_of(key.certificate_pem).subject
