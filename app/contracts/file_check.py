"""Any file somebody hands in, checked with all this desk knows: a signed PDF, or an evidence package.

What it is, its content says, not its name. A package is examined like everywhere else, and besides compared with this
desk's own records: whether the contract is kept here, in which state it is, and whether the log the package was proved
against is the log this desk is shown.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.contracts.checking import LARGEST_DOCUMENT_MB, VerificationRow, verify_file
from app.contracts.proof.errors import NoContractFile
from app.contracts.proof.package import LARGEST_PACKAGE, EvidencePackage, is_package, is_pdf, read_package
from app.contracts.sealing.steps import SEAL_FIELD
from app.document_log.queries import KnownLog, known_head
from app.kernel.unit_of_work import Reader
from sync.protocol.document_log import LogFault, LogHead, read_travelling_head

if TYPE_CHECKING:
    from app.contracts.proof.package_examination import PackageReport


class Records(StrEnum):
    """How a package stands to what this desk keeps."""

    SAME = "same"
    OTHER_BYTES = "other_bytes"
    """The contract is kept here under this number, with another text or another seal."""
    UNKNOWN = "unknown"
    """No contract that is kept here: perhaps another branch's."""


class LogStands(StrEnum):
    """How the log a package was proved against stands to the one this desk has checked."""

    SAME = "same"
    FORKED = "forked"
    """Another log of the same size, signed with the same key: the centre has shown two."""
    OTHER_KEY = "other_key"
    OTHER_SIZE = "other_size"
    """Whether the one continues the other only the centre can prove."""
    NOT_KNOWN = "not_known"
    """This desk has not seen the log yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHead:
    """A signed head of the log that came with a package, and the key it names."""

    head: LogHead
    public_key: str
    stands: LogStands


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """What was found. `pdf` is the document itself; `package` and what follows only where it is an evidence package."""

    pdf: bytes
    document: VerificationRow
    package: "PackageReport | None" = None
    records: Records = Records.UNKNOWN
    heads: tuple[ShownHead, ...] = ()


def check_file(reader: Reader, content: bytes) -> FileCheck:
    """Check a file. Raises NoContractFile, EvidencePackageUnreadable, NoEvidencePackage, DocumentTooLarge (field
    `content`); every other input gives a verdict."""
    if not is_package(content):
        if not is_pdf(content):
            raise NoContractFile(field="content")
        return FileCheck(pdf=content, document=verify_file(reader, content))
    from app.contracts.keys.held_keys import known_roots
    from app.contracts.proof.package_examination import KnownFromElsewhere, examine_package
    from app.contracts.proof.trust import time_trust

    package = read_package(content)
    document = verify_file(reader, package.document)
    trust, known = time_trust(reader.session), known_head(reader.session)
    report = examine_package(
        package,
        KnownFromElsewhere(
            roots=tuple(known_roots()), time_roots=trust.time_roots, revocation_lists=trust.revocation_lists,
            log_key=known.public_key if known is not None else "",
        ),
    )  # fmt: skip
    return FileCheck(
        pdf=package.document, document=document, package=report, records=_records(document, package),
        heads=tuple(
            ShownHead(head=head, public_key=key, stands=_stands(head, key, known)) for head, key in _heads(package)
        ),
    )  # fmt: skip


def largest_bytes(beginning: bytes) -> int:
    """How large a file that begins so may be."""
    return LARGEST_PACKAGE if is_package(beginning) else LARGEST_DOCUMENT_MB * 1_000_000


def _records(document: VerificationRow, package: EvidencePackage) -> Records:
    if document.contract_id is None:
        return Records.UNKNOWN
    differs = document.number != package.about.number or "file_differs" in document.report.codes()
    return Records.OTHER_BYTES if differs else Records.SAME


def _heads(package: EvidencePackage) -> Iterator[tuple[LogHead, str]]:
    """The signed heads in a package: of its proofs, and the one the sealing desk knew. What is none or is not signed is
    said among the findings."""
    told = [*package.proofs.values(), *_of_seal(package.evidence.get(SEAL_FIELD, b""))]
    for one in told:
        try:
            yield read_travelling_head(one)
        except LogFault:
            continue


def _of_seal(evidence: bytes) -> Iterator[Any]:
    try:
        said = json.loads(evidence)
    except ValueError:
        return
    if isinstance(said, dict):
        yield said.get("log")


def _stands(head: LogHead, key: str, known: KnownLog | None) -> LogStands:
    if known is None:
        return LogStands.NOT_KNOWN
    if key != known.public_key:
        return LogStands.OTHER_KEY
    if head.size != known.head.size:
        return LogStands.OTHER_SIZE
    return LogStands.SAME if head.root == known.head.root else LogStands.FORKED
