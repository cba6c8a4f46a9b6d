"""A sealed contract, and a centre that time-stamps it at whatever time a test says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.contracts.keys.revocation import new_list
from app.contracts.keys.signing_keys import SigningKey, create_authority, create_dealer_key
from app.contracts.proof.verification import ExpectedDocument, VerificationReport, verify
from app.contracts.sealing.evidence import SignerRole
from app.contracts.sealing.steps import lock, seal, sign_by_hand
from app.contracts.stamps.time_stamping import StampAuthority, StampedDocument, stamp
from sync.server.service_key import ServiceKey, passing_key
from sync.server.store import Store
from sync.server.time_stamp_keys import Revoked, StampKeys
from sync.server.time_stamps import TimeStamps
from tests.app.contracts.signing_samples import evidence_for, sample_contract, seal_evidence
from tests.app.documents.paper_samples import NOON, SELLER

YEAR = timedelta(days=365)


class LocalCentre:
    """The service's own time-stamp authority on a database of its own; `now` is what its clock tells."""

    def __init__(
        self, folder: Path, *, now: datetime = NOON + timedelta(hours=1), key: ServiceKey | None = None
    ) -> None:
        self.store = Store(f"sqlite:///{folder / 'centre.db'}", pool=2)
        self.store.ensure_schema()
        self._keys = StampKeys(self.store, key or passing_key())
        self._stamps = TimeStamps(self.store, self._keys)
        self.now = now
        self.asked = 0

    def authority(self) -> StampAuthority:
        known = self._keys.authority(now=self.now)
        return StampAuthority(
            roots=tuple(one.certificate.encode("ascii") for one in known.roots),
            certificates=tuple(one.certificate.encode("ascii") for one in known.signers),
            revocation_lists=tuple(self._keys.revocation_lists(now=self.now)),
        )

    def stamp(self, query: bytes) -> bytes:
        self.asked += 1
        return self._stamps.reply(query, now_ms=int(self.now.timestamp() * 1000))

    def replace_key(self, reason: Revoked) -> None:
        """Revoke the key in use, at the centre's present time."""
        self._keys.replace_signer(now=self.now, reason=reason)

    @property
    def roots(self) -> tuple[bytes, ...]:
        return self.authority().roots

    def close(self) -> None:
        self.store.close()


@dataclass(frozen=True)
class SealedSample:
    """A sealed document and the keys behind it."""

    pdf: bytes
    sha256: str
    locked_sha256: str
    authority: SigningKey
    dealer: SigningKey
    revocation_list: bytes

    @property
    def root(self) -> bytes:
        return self.authority.certificate_pem

    @property
    def expected(self) -> ExpectedDocument:
        return ExpectedDocument(
            signed_fields=("signature_buyer", "signature_seller", "seal_seller"),
            locked_sha256=self.locked_sha256,
            file_sha256=self.sha256,
        )

    def stamped(self, centre: LocalCentre, *, pdf: bytes | None = None) -> StampedDocument:
        """With time-stamps of the centre."""
        return stamp(
            self.pdf if pdf is None else pdf, centre, authorities=[self.root],
            revocation_lists=[self.revocation_list],
        )  # fmt: skip

    def checked(
        self, pdf: bytes, centre: LocalCentre, *, now: datetime = NOON + timedelta(days=1),
        lists: tuple[bytes, ...] = (), roots: tuple[bytes, ...] | None = None,
    ) -> VerificationReport:  # fmt: skip
        """Verified by somebody who knows nothing of the contract but whom to trust."""
        trusted = (self.root,) if roots is None else roots
        return verify(pdf, trusted, time_roots=centre.roots, revocation_lists=lists, now=now)


def sealed_sample(
    *, authority: SigningKey | None = None, dealer: SigningKey | None = None, at: datetime = NOON
) -> SealedSample:
    """Signed by both and sealed, at NOON and the minutes after it."""
    contract = sample_contract()
    locked = lock(contract.pdf)
    certifying = authority or create_authority(organisation=SELLER.name, now=at)
    key = dealer or create_dealer_key(certifying, organisation=SELLER.name, branch="浦东店", now=at)
    content, digests = locked.pdf, []
    for role in (SignerRole.BUYER, SignerRole.SELLER):
        evidence = evidence_for(contract, locked.sha256, role)
        content = sign_by_hand(content, evidence=evidence, authority=certifying).pdf
        digests.append(evidence.sha256())
    closing = seal_evidence(locked.sha256, *digests)
    issuer = key.chain[0] if key.chain else certifying.certificate_pem
    done = seal(content, evidence=closing, key=key, authority_pem=issuer, organisation=SELLER.name)
    return SealedSample(
        pdf=done.pdf, sha256=done.sha256, locked_sha256=locked.sha256, authority=certifying, dealer=key,
        revocation_list=new_list(certifying, (), now=at),
    )  # fmt: skip
