"""A desk killed at any moment of sealing leaves each contract signed or sealed, never half."""

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from app.contracts.checking import verify_contract
from app.contracts.keys.held_keys import HeldKeys
from app.kernel.clock import FixedClock
from db.engine import Database
from db.models.contracts import Contract, ContractDocument, ContractSignature
from tests.app.sale_desk import SaleDesk
from tests.factories.databases import KEY

KILLS = 3
CONTRACTS = 3
ROOT = Path(__file__).resolve().parents[3]


def test_killed_while_sealing(desk: SaleDesk, held_keys: HeldKeys, tmp_path: Path, clock: FixedClock) -> None:
    """Killed at random points of a run of seals: what was acknowledged stands, what was not is still to be sealed."""
    signed = [desk.signed_contract() for _ in range(CONTRACTS)]
    keys = tmp_path / "keys.json"
    keys.write_text(held_keys.to_text(), encoding="ascii")
    kept = tmp_path / "signed.db"
    desk.dispatcher.database.backup_to(kept)
    chance = random.Random(20261122)
    for number in range(KILLS):
        file = tmp_path / f"killed-{number}.db"
        shutil.copyfile(kept, file)
        acknowledged = seal_and_kill(file, keys, after=chance.uniform(0.0, 0.9))
        database = Database(file, KEY)
        try:
            check(SaleDesk.reopened(database, clock), signed, acknowledged)
            database.check_integrity()
        finally:
            database.close()


def seal_and_kill(file: Path, keys: Path, *, after: float) -> set[str]:
    """The contracts whose seal the killed process had acknowledged."""
    command = [sys.executable, "-m", "tests.app.contracts.sealing_process", str(file), str(keys)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        return {line.strip() for line in process.stdout if line.endswith("\n")}


def check(desk: SaleDesk, signed: list[str], acknowledged: set[str]) -> None:
    for contract_id in signed:
        contract = desk.row(Contract, contract_id)
        documents = desk.rows(ContractDocument, contract_id=contract_id, stage="sealed")
        seals = desk.rows(ContractSignature, contract_id=contract_id, party="seal")
        if contract.state == "SEALED":
            assert len(documents) == len(seals) == 1
            assert desk.read(verify_contract, contract_id).intact
        else:
            assert contract.state == "SIGNED"
            assert (documents, seals, contract.sealed_digest) == ([], [], "")
            assert contract_id not in acknowledged
            desk.do(desk.seal(contract_id))
