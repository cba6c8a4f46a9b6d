"""Everything that proves one contract in one file, for whoever has to be convinced without this house's database.

A ZIP whose parts are stored, not compressed, always in the same order and with the same dates: the parts determine
every byte of it, so that a changed byte anywhere is noticed (`read_package` writes it again and compares). It holds the
document, the evidence of each signature as it was signed, certificates of authorities, and proofs of the log. What
binds them together are the signatures, not the container.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.contracts.proof.errors import EvidencePackageUnreadable, NoEvidencePackage
from app.documents.drafted_data import canonical_json
from app.runtime.language import CHINESE, ENGLISH, tr_in, tr_noop

PACKAGE_FORM = "forecourt-evidence/1"
PACKAGE_SUFFIX = ".evidence.zip"
LARGEST_PACKAGE = 64 * 1024 * 1024
"""Bytes."""
_ABOUT, _README, _DOCUMENT = "about.json", "README.txt", "document.pdf"
_EVIDENCE = re.compile(r"evidence/([a-z0-9_]{1,40})\.json")
_HANDWRITING = re.compile(r"handwriting/([a-z0-9_]{1,40})\.sealed")
_CERTIFICATE = re.compile(r"certificates/(authority|time-stamp)-(\d{1,2})\.pem")
_PROOF = re.compile(r"log/([0-9a-f]{64})\.json")
_MOST_PARTS = 80
_LONGEST_ENTRY, _END_RECORD = 400, 22
"""Bytes of a part's line in the directory, and of the record behind it."""
_PDF, _PDF_WITHIN = b"%PDF-", 1024
"""A PDF may begin with so many bytes of something else (ISO 32000)."""
_LOCKED = 1
"""The flag of a part that is encrypted."""
_LONGEST_ABOUT = 64 * 1024
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_README_WORDS = tr_noop(
    "Evidence of document {number}\n\n"
    "document.pdf is the signed document; any PDF reader shows its signatures. The other parts prove who signed it,"
    " how, and when. To check everything, open this file in Forecourt (Contracts, Check a file), or run\n\n"
    "    python -m app.contracts.verify FILE\n\n"
    "The evidence contains personal data: keep it as you keep the contract, and pass it on only to whoever has to"
    " decide about it. How the pens moved is in it only by digests, or under a passphrase that was told apart.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageAbout:
    """What the package says of itself; none of it is proved by anything but the parts it names.

    `locked` and `sealed` are the SHA-256 of the text that was signed and of the file as it was sealed.
    """

    number: str
    kind: str
    title: str
    locked: str
    sealed: str
    exported_at: datetime
    exported_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePackage:
    """The parts. `evidence` is by signature field, as canonical bytes; certificates are PEM; `proofs` by digest.

    `handwriting` is by field too, sealed under a passphrase: the strokes, or all of the evidence where an earlier
    version of it has the strokes in it.
    """

    about: PackageAbout
    readme: bytes
    document: bytes
    evidence: Mapping[str, bytes] = field(default_factory=dict)
    authorities: tuple[bytes, ...] = ()
    time_stamp_authorities: tuple[bytes, ...] = ()
    proofs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    handwriting: Mapping[str, bytes] = field(default_factory=dict)


def readme_of(number: str) -> bytes:
    """What a person reads first, in both languages."""
    return "\n".join(tr_in(language, _README_WORDS, number=number) for language in (CHINESE, ENGLISH)).encode("utf-8")


def write_package(package: EvidencePackage) -> bytes:
    """The file; the same parts give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as container:
        for name, content in _parts(package):
            part = zipfile.ZipInfo(name, date_time=_DATE)
            part.create_system = _UNIX
            container.writestr(part, content)
    return target.getvalue()


def is_package(data: bytes) -> bool:
    """Whether a file looks like one: it begins as a ZIP does."""
    return data.startswith(b"PK\x03\x04")


def is_pdf(data: bytes) -> bool:
    """Whether a file says that it is a PDF, at its beginning or soon after."""
    return _PDF in data[:_PDF_WITHIN]


def read_package(data: bytes) -> EvidencePackage:
    """The parts of a file, which are then exactly what it was written from. Raises EvidencePackageUnreadable or
    NoEvidencePackage."""
    try:
        package = _read(data)
        whole = write_package(package) == data
    except (EvidencePackageUnreadable, NoEvidencePackage):
        raise
    except Exception as error:
        # Hostile or damaged bytes make a reader fail in any way there is; all of them mean the same here.
        raise EvidencePackageUnreadable(field="content", detail=type(error).__name__) from error
    if not whole:
        raise EvidencePackageUnreadable(field="content", detail="container")
    return package


def _parts(package: EvidencePackage) -> Iterator[tuple[str, bytes]]:
    yield _README, package.readme
    yield _ABOUT, canonical_json({"form": PACKAGE_FORM, "about": package.about})
    yield _DOCUMENT, package.document
    for name, content in sorted(package.evidence.items()):
        yield f"evidence/{name}.json", content
    for name, content in sorted(package.handwriting.items()):
        yield f"handwriting/{name}.sealed", content
    for kind, certificates in (
        ("authority", package.authorities), ("time-stamp", package.time_stamp_authorities),
    ):  # fmt: skip
        for number, certificate in enumerate(certificates, start=1):
            yield f"certificates/{kind}-{number}.pem", certificate
    for digest, proof in sorted(package.proofs.items()):
        yield f"log/{digest}.json", canonical_json(proof)


def _read(data: bytes) -> EvidencePackage:
    if len(data) > LARGEST_PACKAGE:
        raise EvidencePackageUnreadable(field="content", detail="size")
    _require_short_directory(data)
    evidence: dict[str, bytes] = {}
    handwriting: dict[str, bytes] = {}
    proofs: dict[str, dict[str, Any]] = {}
    certificates: dict[str, list[bytes]] = {"authority": [], "time-stamp": []}
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        parts = container.infolist()
        if _ABOUT not in container.namelist() or any(part.flag_bits & _LOCKED for part in parts):
            raise NoEvidencePackage(field="content")
        # Nothing is compressed, so that no part is larger than the file itself.
        if len(parts) > _MOST_PARTS or any(part.compress_type != zipfile.ZIP_STORED for part in parts):
            raise EvidencePackageUnreadable(field="content", detail="parts")
        if container.getinfo(_ABOUT).file_size > _LONGEST_ABOUT:
            raise EvidencePackageUnreadable(field="content", detail=_ABOUT)
        about = _about(json.loads(container.read(_ABOUT)))
        readme, document = container.read(_README), container.read(_DOCUMENT)
        for part in parts:
            if found := _EVIDENCE.fullmatch(part.filename):
                evidence[found[1]] = container.read(part)
            elif found := _HANDWRITING.fullmatch(part.filename):
                handwriting[found[1]] = container.read(part)
            elif found := _CERTIFICATE.fullmatch(part.filename):
                certificates[found[1]].append(container.read(part))
            elif found := _PROOF.fullmatch(part.filename):
                proofs[found[1]] = dict(json.loads(container.read(part)))
    return EvidencePackage(
        about=about, readme=readme, document=document, evidence=evidence, authorities=tuple(certificates["authority"]),
        time_stamp_authorities=tuple(certificates["time-stamp"]), proofs=proofs,
        handwriting=handwriting,
    )  # fmt: skip


def _require_short_directory(data: bytes) -> None:
    """A directory of parts that no package has is not read: it could name a million of them. The record at the end says
    how long it is; where there is none of ours, the reader says what is wrong."""
    end = data[-_END_RECORD:]
    if end.startswith(b"PK\x05\x06") and int.from_bytes(end[12:16], "little") > _MOST_PARTS * _LONGEST_ENTRY:
        raise NoEvidencePackage(field="content")


def _about(told: Mapping[str, Any]) -> PackageAbout:
    if told["form"] != PACKAGE_FORM:
        raise EvidencePackageUnreadable(field="content", detail="form")
    said = told["about"]
    return PackageAbout(**said | {"exported_at": datetime.fromisoformat(said["exported_at"])})
