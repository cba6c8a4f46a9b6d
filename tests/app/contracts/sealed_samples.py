"""The contract of the samples at every step to its seal."""

from typing import NamedTuple

from app.contracts.keys.signing_keys import SigningKey, create_authority, create_dealer_key
from app.contracts.paper.sale_paper import RenderedContract
from app.contracts.proof.verification import ExpectedDocument
from app.contracts.sealing.evidence import SignerRole
from app.contracts.sealing.steps import LockedDocument, SignedDocument, lock, seal, sign_by_hand
from tests.app.contracts.signing_samples import evidence_for, sample_contract, seal_evidence
from tests.app.documents.paper_samples import NOON, SELLER

ALL_FIELDS = ("signature_buyer", "signature_seller", "seal_seller")


class Sealed(NamedTuple):
    """A contract at every step."""

    contract: RenderedContract
    locked: LockedDocument
    buyer: SignedDocument
    seller: SignedDocument
    seal: SignedDocument
    authority: SigningKey

    @property
    def root(self) -> bytes:
        return self.authority.certificate_pem

    @property
    def expected(self) -> ExpectedDocument:
        return ExpectedDocument(
            signed_fields=ALL_FIELDS,
            locked_sha256=self.locked.sha256,
            file_sha256=self.seal.sha256,
            evidence={one.field: one.evidence_sha256 for one in (self.buyer, self.seller, self.seal)},
        )


def sealed_sample(number: str = "PD01-D2-CT-000123", *, authority: SigningKey | None = None) -> Sealed:
    """A contract under that number, signed by both and sealed."""
    contract = sample_contract(number=number)
    locked = lock(contract.pdf)
    authority = authority or create_authority(organisation=SELLER.name, now=NOON)
    dealer = create_dealer_key(authority, organisation=SELLER.name, branch="浦东店", now=NOON)
    buyer = sign_by_hand(
        locked.pdf, evidence=evidence_for(contract, locked.sha256, SignerRole.BUYER), authority=authority
    )
    seller = sign_by_hand(
        buyer.pdf, evidence=evidence_for(contract, locked.sha256, SignerRole.SELLER), authority=authority
    )
    last = seal(
        seller.pdf,
        evidence=seal_evidence(locked.sha256, buyer.evidence_sha256, seller.evidence_sha256),
        key=dealer,
        authority_pem=authority.certificate_pem,
        organisation=SELLER.name,
    )
    return Sealed(contract, locked, buyer, seller, last, authority)
