"""`docs/faults.md` names every fault the exchange has to survive, and tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.sync.service_process import ROOT

PAGE = ROOT / "docs" / "faults.md"
FAULTS = (
    "desk killed before the local commit", "desk killed after the local commit", "desk killed mid-request",
    "desk killed after the answer, before the acknowledgement", "desk killed mid-page", "desk killed mid-bootstrap",
    "desk killed mid-migration", "service killed before commit", "service killed after commit, before the answer",
    "lost request", "lost answer", "doubled request", "delayed answer", "delayed request", "truncated answer",
    "reordered answers", "changed bytes", "byte by byte", "connection closed at the wrong moment",
    "concurrent retries of one batch", "one-way partition", "flapping partition", "latency and loss",
    "failed upload retried without a new write", "idle transaction", "rolled-back transaction",
    "several scopes at once", "two desks selling one vehicle", "three desks selling one vehicle",
    "lease that expires offline", "cancel against sell", "transfer against sale", "removal against sale",
    "paid offline while the centre holds a draft", "poison operation", "desk restored from backup", "cloned disk",
    "two processes on one file", "clock a year off", "clock jumping back", "equal clocks", "delete against edit",
    "scope gained", "scope lost", "scope moved", "old client, new service", "new client, old service",
    "expired token", "revoked device", "operation for another branch", "corrupt compressed body",
    "explosive compressed body", "disk full at the desk", "disk full at the service", "wrong key", "lost WAL",
    "service restored from backup", "service restored and nobody told it",
    "desk that says again and again that the centre lost something", "checksum mismatch",
    "30 days offline with 50,000 operations", "40 branches reconnecting at once", "compaction past a desk",
    "one group moved to another database", "worker killed", "log of sealed documents rewritten",
    "log of sealed documents cut off", "log of sealed documents forked", "log signed with another key",
    "phone loses the network while signing", "desk dies between the phone's signature and storing it",
    "QR code photographed by somebody else", "the centre's database is stolen",
)  # fmt: skip
"""Every fault the design lists, and those found since."""

_ROW = re.compile(r"^\| (?P<fault>[^|]+?) \| (?P<what>[^|]+?) \| (?P<tests>[^|]+?) \|$", re.MULTILINE)
_TEST = re.compile(r"`(?P<path>tests/[\w/]+\.py)::(?P<name>test_\w+)`")


@cache
def functions_in(path: Path) -> frozenset[str]:
    """The test functions of a file, also those in classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def rows() -> dict[str, str]:
    """The page's faults with the column of their tests."""
    found = {match["fault"]: match["tests"] for match in _ROW.finditer(PAGE.read_text(encoding="utf-8"))}
    return {fault: tests for fault, tests in found.items() if fault not in ("fault", "---")}


def test_every_fault_is_on_the_page_and_nothing_else() -> None:
    assert set(rows()) == set(FAULTS)


def test_every_fault_has_a_test_and_every_test_exists() -> None:
    for fault, told in rows().items():
        named = [(match["path"], match["name"]) for match in _TEST.finditer(told)]
        assert named, f"no test is named for “{fault}”"
        for path, name in named:
            assert (ROOT / path).exists(), f"“{fault}”: {path} is not there"
            assert name in functions_in(ROOT / path), f"“{fault}”: {path} has no {name}"
