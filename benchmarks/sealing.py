"""Two handwritten signatures and the dealer's seal put into a locked contract of four pages (PAdES, ECDSA P-256).

The floor in the same run is what pyHanko alone needs for three bare signatures on the same bytes: no picture, no
one-off certificate, no evidence, no ticks. Both sides take turns in one warm process, so that the ratio tells what
our own additions cost whatever the machine does. The check of the finished file, which a desk makes before it stores
anything, is measured apart.
"""

import io
import time
from dataclasses import dataclass
from datetime import timedelta

from app.contracts.keys.signing_keys import SigningKey, create_authority, create_dealer_key
from app.contracts.proof.verification import Verdict, verify
from app.contracts.sealing.evidence import SignatureEvidence, SignerRole
from app.contracts.sealing.steps import SEAL_FIELD, LockedDocument, lock, seal, sign_by_hand
from benchmarks.figures import Figure, percentile
from tests.app.contracts.signing_samples import evidence_for, sample_contract, seal_evidence
from tests.app.documents.paper_samples import NOON, SELLER

REPEATS = 15
WARM_UP = 2
PAGES = 4
GOAL_SECONDS = 0.2
_ROLES = (SignerRole.BUYER, SignerRole.SELLER)
_FIELDS = ("signature_buyer", "signature_seller", SEAL_FIELD)


@dataclass(frozen=True, slots=True)
class _Case:
    locked: LockedDocument
    evidence: tuple[SignatureEvidence, ...]
    authority: SigningKey
    dealer: SigningKey


def run() -> list[Figure]:
    """The median wall time of two signatures and the seal, and of checking the result."""
    case = _case()
    ours, bare, checks = [], [], []
    for number in range(WARM_UP + REPEATS):
        began = time.perf_counter()
        sealed = _sealed(case)
        done = time.perf_counter()
        report = verify(sealed, [case.authority.certificate_pem], now=NOON + timedelta(days=1))
        checked = time.perf_counter()
        if report.verdict is not Verdict.INTACT or len(report.signatures) != len(_FIELDS):
            raise RuntimeError(f"the sealed contract is {report.verdict}: {report.problems}")
        _signed_bare(case)
        if number >= WARM_UP:
            ours.append(done - began)
            checks.append(checked - done)
            bare.append(time.perf_counter() - checked)
    median, floor, check = (percentile(times, 0.5) for times in (ours, bare, checks))
    return [
        Figure(
            name="sealing", value=median * 1000, unit="ms",
            peer=f"pyHanko, three bare signatures: {floor * 1000:.0f} ms; best of ours {min(ours) * 1000:.0f} ms",
            ratio=median / floor, goal=f"≤ {GOAL_SECONDS * 1000:g} ms", holds=median <= GOAL_SECONDS,
        ),
        Figure(
            name="sealing, check of the file", value=check * 1000, unit="ms", peer="three signatures verified",
            ratio=None, goal="none", holds=None,
        ),
    ]  # fmt: skip


def _case() -> _Case:
    contract = sample_contract()
    if contract.pages != PAGES:
        raise RuntimeError(f"the contract has {contract.pages} pages, not {PAGES}")
    locked = lock(contract.pdf)
    authority = create_authority(organisation=SELLER.name, now=NOON)
    return _Case(
        locked=locked,
        evidence=tuple(evidence_for(contract, locked.sha256, role) for role in _ROLES),
        authority=authority,
        dealer=create_dealer_key(authority, organisation=SELLER.name, branch="浦东店", now=NOON),
    )


def _sealed(case: _Case) -> bytes:
    content = case.locked.pdf
    for evidence in case.evidence:
        content = sign_by_hand(content, evidence=evidence, authority=case.authority).pdf
    closing = seal_evidence(case.locked.sha256, *(evidence.sha256() for evidence in case.evidence))
    root = case.authority.certificate_pem
    return seal(content, evidence=closing, key=case.dealer, authority_pem=root, organisation=SELLER.name).pdf


def _signed_bare(case: _Case) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

    from app.contracts.sealing.pades import pades_signer

    content = case.locked.pdf
    for field in _FIELDS:
        # The seal's field allows no change after it: whoever signs there has to say the same.
        allowed = MDPPerm.NO_CHANGES if field == SEAL_FIELD else MDPPerm.FILL_FORMS
        metadata = PdfSignatureMetadata(
            field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, docmdp_permissions=allowed
        )
        signer = PdfSigner(metadata, signer=pades_signer(case.dealer))
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        content = bytes(signer.sign_pdf(writer, existing_fields_only=True).getvalue())
    return content
