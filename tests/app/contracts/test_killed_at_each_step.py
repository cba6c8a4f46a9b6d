"""Killed at every moment from the draft to the proof: each step is done or not begun, and goes on after."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from app.contracts.checking import verify_contract
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.proof.verification import Verdict
from db.models.contracts import Contract, ContractDocument, ContractSignature
from db.models.document_log import DocumentProof
from tests.app.contracts.sealing_steps import NOW, SERVICE_KEY, STEPS, Post
from tests.app.contracts.stamping_samples import LocalCentre
from tests.app.sale_desk import SaleDesk

ROOT = Path(__file__).resolve().parents[3]
BOTH, SEALED, STAMPED = ("buyer", "dealer"), ("locked", "sealed"), ("locked", "sealed", "stamped")
ALL = (*BOTH, "seal")
STANDS = (
    ("DRAFT", ("draft",), ()),
    ("LOCKED", ("locked",), ()),
    ("PARTIALLY_SIGNED", ("locked",), ("buyer",)),
    ("SIGNED", ("locked",), BOTH),
    ("SIGNED", ("locked",), BOTH),
    ("SEALED", SEALED, ALL),
    ("SEALED", SEALED, ALL),
    ("SEALED", SEALED, ALL),
    ("SEALED", STAMPED, ALL),
    ("SEALED", STAMPED, ALL),
    ("ARCHIVED", STAMPED, ALL),
)
"""State, documents and signatures before each step, and after the last."""


FINISHED_AFTER = (0, 4, 7)
"""From the lock, the seal and the time-stamp on, everything that is left is done too."""
MADE_ONLY = {"make the seal", "make the time-stamps"}
"""Steps that store nothing."""


@pytest.fixture
def folder(desk: SaleDesk, held_keys: HeldKeys, tmp_path: Path) -> Path:
    """A desk with a draft, its keys, and a centre."""
    (tmp_path / "keys.json").write_text(held_keys.to_text(), encoding="ascii")
    (tmp_path / "centre").mkdir()
    centre = LocalCentre(tmp_path / "centre", now=NOW, key=SERVICE_KEY)
    centre.authority()
    centre.close()
    return tmp_path


def left_behind(folder: Path, contract_id: str) -> list[dict[str, object]]:
    """What each killed process left behind."""
    command = [sys.executable, "-m", "tests.app.contracts.killing_process", str(folder), contract_id]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_killed_at_every_moment_of_every_step(desk: SaleDesk, folder: Path, held_keys: HeldKeys) -> None:
    contract_id = desk.draft_contract(desk.paid_order()).contract_id
    desk.dispatcher.database.backup_to(folder / "base.db")
    killed = left_behind(folder, contract_id)
    moments = {step: [one["moment"] for one in killed if one["step"] == at] for at, step in enumerate(STEPS)}
    assert all(names[-1] == "done" for names in moments.values()), moments
    assert {step for step, names in moments.items() if "COMMIT" not in names} == MADE_ONLY
    assert moments["make the seal"].count("PDF") >= 8, "two signatures, the seal and the check, before and after each"
    assert moments["make the time-stamps"].count("PDF") >= 8, "both time-stamps, the store between, and the check"
    verified: set[tuple[str, ...]] = set()
    for one in killed:
        step, post = int(str(one["step"])), Post.at(folder / str(one["file"]), contract_id, folder)
        try:
            stands_before_or_after(post, step, one, verified)
            if one["moment"] in ("COMMIT", "PDF") and one["last"]:
                list(STEPS.values())[step](post)
                assert state_of(post.desk, contract_id) == STANDS[step + 1], one
            if one["moment"] == "done" and step in FINISHED_AFTER:
                for further in list(STEPS.values())[step + 1 :]:
                    further(post)
                assert state_of(post.desk, contract_id) == STANDS[-1]
                stands_before_or_after(post, len(STEPS) - 1, one, set())
        finally:
            post.close()
    use_signing_keys(held_keys)


def stands_before_or_after(post: Post, step: int, killed: dict[str, object], verified: set[tuple[str, ...]]) -> None:
    """That the step is done or not begun; every half of it is an error. Bytes are checked once a state."""
    found = state_of(post.desk, post.contract_id)
    done = killed["moment"] == "done"
    assert found == STANDS[step + done] if done else found in STANDS[step : step + 2], (killed, found)
    post.desk.dispatcher.database.check_integrity()
    contract = post.desk.row(Contract, post.contract_id)
    sealed, stamped = "sealed" in found[1], "stamped" in found[1]
    assert (contract.sealed_digest != "") == sealed == (contract.sealed_at is not None)
    assert (contract.stamped_digest != "") == stamped == (contract.stamped_at is not None)
    with post.desk.dispatcher.database.read() as session:
        proofs = list(session.scalars(select(DocumentProof.digest)))
    assert proofs == ([contract.sealed_digest] if sealed else [])
    sent = [json.loads(body) for body in post.desk.operations("put")]
    told = [one["fields"] for one in sent if one["id"] == post.contract_id]
    for field, value in (("document_digest", contract.document_digest), ("sealed_digest", contract.sealed_digest),
                         ("stamped_digest", contract.stamped_digest)):  # fmt: skip
        assert any(one.get(field) == value for one in told) or not value, (killed, field)
    assert told[-1].get("state", found[0]) == found[0], "what travels to the centre is what stands here"
    if (found[0], *found[1], str(contract.stamped_digest)) not in verified:
        verified.add((found[0], *found[1], str(contract.stamped_digest)))
        verdict = post.desk.read(verify_contract, post.contract_id).report.verdict
        assert verdict is (Verdict.INTACT if sealed else Verdict.UNSIGNED)


def state_of(desk: SaleDesk, contract_id: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The contract's state, the stages of its documents and who has signed."""
    documents = desk.rows(ContractDocument, contract_id=contract_id)
    signatures = desk.rows(ContractSignature, contract_id=contract_id)
    return (
        desk.row(Contract, contract_id).state,
        tuple(sorted(document.stage for document in documents)),
        tuple(sorted(signature.party for signature in signatures)),
    )
