"""One contract sealed, time-stamped and packed, for forgers; and what a checker who knows the dealer says of a file."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contracts.keys.revocation import new_list
from app.contracts.proof.package import EvidencePackage, PackageAbout, readme_of
from app.contracts.proof.package_examination import KnownFromElsewhere, PackageReport
from app.contracts.stamps.time_stamping import stamp
from app.contracts.verify import ENDS, UNREADABLE, as_json, examine
from app.kernel.errors import DomainError
from app.runtime.language import CHINESE, ENGLISH, set_language
from sync.protocol.document_log import LogHead, LogProof, key_id_of, leaf_of
from sync.protocol.merkle import leaf_hash, node_hash
from tests.app.contracts.sealed_samples import Sealed, sealed_sample
from tests.app.contracts.stamping_samples import LocalCentre
from tests.app.documents.paper_samples import NOON

ENTERED = NOON + timedelta(hours=30)
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_LOG_KEY = LOG_KEY.public_key().public_bytes_raw().hex()


@dataclass(frozen=True)
class Case:
    """Everything of one contract, another contract of the same dealer, and the centre that stamped it."""

    sealed: Sealed
    other: Sealed
    stamped: bytes
    time_roots: tuple[bytes, ...]

    @property
    def package(self) -> EvidencePackage:
        return package_of(self.sealed, document=self.stamped, time_stamp_authorities=self.time_roots)


def case_of(folder: Path) -> Case:
    """The contract of the samples with everything that can be had of it."""
    sealed = sealed_sample()
    other = sealed_sample("PD01-D2-CT-000124", authority=sealed.authority)
    centre = LocalCentre(folder)
    lists = [new_list(sealed.authority, (), now=NOON)]
    made = stamp(sealed.seal.pdf, centre, authorities=[sealed.root], revocation_lists=lists)
    roots = centre.roots
    centre.close()
    return Case(sealed=sealed, other=other, stamped=made.pdf, time_roots=roots)


def proof_of(digest: str, *, key: Ed25519PrivateKey = LOG_KEY, at: datetime = ENTERED) -> LogProof:
    """The second entry of a log of two."""
    entered = int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    first = leaf_hash(leaf_of("00" * 32, entered - 1))
    public = key.public_key().public_bytes_raw().hex()
    root = node_hash(first, leaf_hash(leaf_of(digest, entered))).hex()
    head = LogHead(
        log="ab" * 16, epoch="1", size=2, root=root, at=entered + 5, key_id=key_id_of(public), signature="00"
    )
    head = replace(head, signature=key.sign(head.signed_bytes()).hex())
    return LogProof(digest=digest, at=entered, index=1, path=(first,), head=head, public_key=public)


def package_of(sealed: Sealed, **changes: Any) -> EvidencePackage:
    """The package of a sealed contract."""
    about = PackageAbout(
        number="PD01-D2-CT-000123", kind="vehicle_sale", title="汽车买卖合同", locked=sealed.locked.sha256,
        sealed=sealed.seal.sha256, exported_at=NOON, exported_by="林晓雯", reason="法院调取",
    )  # fmt: skip
    parts: dict[str, Any] = {
        "about": about,
        "readme": readme_of("PD01-D2-CT-000123"),
        "document": sealed.seal.pdf,
        "evidence": {one.field: one.evidence for one in (sealed.buyer, sealed.seller, sealed.seal)},
        "authorities": (sealed.root,),
        "proofs": {sealed.seal.sha256: proof_of(sealed.seal.sha256).as_json()},
    }
    return EvidencePackage(**(parts | changes))


@dataclass(frozen=True)
class Said:
    """What the stand-alone verifier says of a file: how it ends, and every finding's code, standing and sentences."""

    status: int
    findings: tuple[tuple[str, str, str, str], ...] = ()
    refusal: str = ""
    report: PackageReport | None = None

    def sentences(self, standing: str) -> list[tuple[str, str]]:
        """In English and in Chinese, of the findings that stand so."""
        return [(english, chinese) for _, how, english, chinese in self.findings if how == standing]

    def codes(self, standing: str) -> set[str]:
        return {code for code, how, _, _ in self.findings if how == standing}


class Checker:
    """Somebody with the dealer's published certificates and the log's key."""

    def __init__(self, case: Case) -> None:
        self.known = KnownFromElsewhere(
            roots=(case.sealed.root,), time_roots=case.time_roots, log_key=PUBLIC_LOG_KEY
        )

    def check(self, content: bytes) -> Said:
        """What the verifier says of these bytes, in both languages."""
        try:
            report = examine(content, self.known)
        except DomainError as error:
            return Said(UNREADABLE, refusal=error.message())
        told = []
        for language in (CHINESE, ENGLISH):  # and English stays in use
            set_language(language)
            told.append(as_json(report)["findings"])
        chinese, english = told
        return Said(ENDS[report.standing], tuple(
            (one["code"], one["standing"], one["message"], other["message"])
            for one, other in zip(english, chinese, strict=True)
        ), report=report)  # fmt: skip
