"""`python -m app.contracts.verify FILE`: does this contract hold, since when, and who says so?

FILE is an evidence package or a signed PDF. Needs no database and no network. Says everything in words and ends with
0 where everything holds, 3 where something is for the reader to compare, 1 where something does not hold, and 2 where
the file, or another one that was named, cannot be read.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from app.contracts.keys.intake import certificates_in
from app.contracts.keys.revocation import lists_of_file
from app.contracts.proof.errors import NoContractFile
from app.contracts.proof.package import LARGEST_PACKAGE, is_package, is_pdf, read_package
from app.contracts.proof.package_examination import (
    KnownFromElsewhere,
    PackageReport,
    Standing,
    examine_document,
    examine_package,
)
from app.contracts.proof.verification import Verdict
from app.documents.wording import moment_in_words
from app.kernel.errors import DomainError
from app.runtime.language import CHINESE, LANGUAGES, language, set_language, tr, tr_noop

_MARKS = {Standing.HOLDS: "✓", Standing.OPEN: "?", Standing.BROKEN: "✗"}
ENDS = {Standing.HOLDS: 0, Standing.OPEN: 3, Standing.BROKEN: 1}
UNREADABLE = 2
_SINCE = tr_noop("Proved by somebody besides the dealer since {time}.")
_NOT_SINCE = tr_noop("When it was signed rests on the signing desks' own clocks.")
_TOO_LARGE = tr_noop("“{name}” is larger than any contract. Choose the contract itself.")
_EMPTY = tr_noop("“{name}” is empty. Ask whoever gave it to you for another copy.")
_MISSING = tr_noop("There is no file “{name}”. Check its name, and the folder it is in.")
_FOLDER = tr_noop("“{name}” is a folder. Name the file itself.")
_NOT_ALLOWED = tr_noop("You may not read “{name}”. Ask whoever it belongs to, or copy it to a folder of your own.")
_NOT_READ = tr_noop("“{name}” cannot be read from its disk ({reason}). Copy it elsewhere and try again.")
_NOT_TEXT = tr_noop("“{name}” is no text in UTF-8. Write the passphrase into a plain text file.")
_BAD_KEY = tr_noop("The log's key is 64 hex digits. Copy it from what the dealer group publishes.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found; returns how it ended."""
    asked = _asked(arguments)
    set_language(asked.language)
    try:
        report = examine(_content(asked.file), _known(asked))
    except NotUsable as problem:
        print(problem, file=sys.stderr)
        return UNREADABLE
    except DomainError as error:
        print(error.message(), file=sys.stderr)
        return UNREADABLE
    print(json.dumps(as_json(report), ensure_ascii=False, indent=2) if asked.json else in_words(report))
    return end_of(report)


class NotUsable(Exception):
    """A file that was named cannot be used, in words, in the language in use."""


def end_of(report: PackageReport) -> int:
    """How the program ends."""
    return UNREADABLE if report.document.verdict is Verdict.UNREADABLE else ENDS[report.standing]


def examine(content: bytes, known: KnownFromElsewhere | None = None) -> PackageReport:
    """What a file proves. Raises EvidencePackageUnreadable, NoEvidencePackage, NoContractFile."""
    if is_package(content):
        return examine_package(read_package(content), known)
    if not is_pdf(content):
        raise NoContractFile()
    return examine_document(content, known)


def in_words(report: PackageReport) -> str:
    """The findings, a line each, in the language in use."""
    head = f"{report.number}  {report.title}".strip()
    lines = [head, ""] if head else []
    lines += [f"{_MARKS[finding.standing]} {finding.message()}" for finding in report.findings]
    lines += ["", _since(report), report.summary()] if report.document.signatures else ["", report.summary()]
    return "\n".join(lines)


def as_json(report: PackageReport) -> dict[str, Any]:
    """The same for programs."""
    return {
        "number": report.number,
        "standing": report.standing.value,
        "sha256": report.document.sha256,
        "pages": report.document.pages,
        "proved_since": report.proved_since.isoformat() if report.proved_since else None,
        "findings": [
            {"code": one.code.value, "standing": one.standing.value, "message": one.message()}
            for one in report.findings
        ],
    }


def _since(report: PackageReport) -> str:
    if report.proved_since is None:
        return tr(_NOT_SINCE)
    return tr(_SINCE, time=moment_in_words(report.proved_since, language()))


def _known(asked: argparse.Namespace) -> KnownFromElsewhere:
    return KnownFromElsewhere(
        roots=_read(asked.root, _certificates), time_roots=_read(asked.time_root, _certificates),
        log_key=_key(asked.log_key), revocation_lists=_read(asked.revoked, lists_of_file),
        passphrase=_passphrase(asked.passphrase_file),
    )  # fmt: skip


def _read(paths: Sequence[Path], parts: Callable[[bytes, str], tuple[bytes, ...]]) -> tuple[bytes, ...]:
    """What stands in the files of an option; what is none of its kind is refused, never passed over."""
    return tuple(part for path in paths for part in parts(_content(path), path.name))


def _certificates(content: bytes, name: str) -> tuple[bytes, ...]:
    return tuple(one.public_bytes(Encoding.PEM) for one in certificates_in(content, name=name))


def _passphrase(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return _content(path).decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise NotUsable(tr(_NOT_TEXT, name=path.name)) from error


def _content(path: Path) -> bytes:
    """All of a file. Raises NotUsable."""
    told = {"name": path.name or str(path)}
    try:
        if path.is_dir():
            raise NotUsable(tr(_FOLDER, **told))
        if path.stat().st_size > LARGEST_PACKAGE:
            raise NotUsable(tr(_TOO_LARGE, **told))
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise NotUsable(tr(_MISSING, **told)) from error
    except PermissionError as error:
        raise NotUsable(tr(_NOT_ALLOWED, **told)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotUsable(tr(_NOT_READ, reason=reason, **told)) from error
    if not content:
        raise NotUsable(tr(_EMPTY, **told))
    return content


def _key(text: str) -> str:
    key = text.strip().lower()
    if key and (len(key) != 64 or any(letter not in "0123456789abcdef" for letter in key)):
        raise NotUsable(tr(_BAD_KEY))
    return key


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.contracts.verify", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="an evidence package or a signed PDF")
    parser.add_argument("--root", type=Path, action="append", default=[], metavar="PEM",
                        help="root certificates you trust, from elsewhere; may be given several times")  # fmt: skip
    parser.add_argument("--time-root", type=Path, action="append", default=[], metavar="PEM",
                        help="the same for time-stamps")  # fmt: skip
    parser.add_argument("--revoked", type=Path, action="append", default=[], metavar="PEM",
                        help="a list of revoked certificates, besides those in the file")  # fmt: skip
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE",
                        help="a text file with the passphrase of the handwriting in the package")  # fmt: skip
    parser.add_argument("--log-key", default="", metavar="HEX", help="the public key of the dealer group's log")
    parser.add_argument("--language", choices=LANGUAGES, default=CHINESE, help="of the findings")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
