"""A desk and a real centre: what was sealed, also offline, is time-stamped after the next exchange."""

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.contracts.checking import verify_contract
from app.contracts.keys.held_keys import use_signing_keys
from app.contracts.keys.signing_keys import SigningKey, certificate_of
from app.contracts.proof.time_proof import ProofLevel
from app.kernel.changes import Changes
from app.kernel.clock import FixedClock
from app.kernel.permissions import Actor
from app.runtime.paths import Profile
from app.wiring.contract_stamps import AFTER_TROUBLE_SECONDS, ContractStamps
from app.wiring.desk import Desk
from app.wiring.signing import DeskKeys, give_signing_keys, signing_keys_are_there
from app.wiring.sync_link import SyncLink
from db.models.contracts import Contract, SigningAuthority, TimeStampRoot
from sync.client.errors import ServiceUnreachable
from tests.app.sale_desk import SaleDesk
from tests.factories.databases import KEY
from tests.factories.records import Records
from tests.sync.service_process import ServiceProcess
from ui.sync.ports import StatusFeed

PATIENCE = 30.0


@pytest.fixture
def desk(database_template: Path, tmp_path: Path, administrator: Actor) -> Iterator[Desk]:
    """An open desk with keys, and the real time."""
    profile = Profile(tmp_path / "profile").prepare()
    shutil.copyfile(database_template, profile.database_path)
    profile.key_slots_path.write_text("{}", encoding="utf-8")
    opened = Desk(profile, clock=FixedClock(datetime.now(UTC)))
    opened.open(KEY)
    opened.take_seat(administrator)
    give_signing_keys(opened)
    yield opened
    use_signing_keys(None)
    opened.close()


@pytest.fixture
def sales(desk: Desk, salesperson: Actor) -> SaleDesk:
    clock = desk.clock
    assert isinstance(clock, FixedClock)
    return SaleDesk(desk.dispatcher, Records(desk.database, clock=clock, actor=salesperson), clock)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path_factory.mktemp("service")) as running:
        yield running


def wait(condition: Callable[[], object], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"waited for: {what}"
        time.sleep(0.02)


def test_what_was_sealed_offline_is_stamped_after_the_exchange(
    desk: Desk, sales: SaleDesk, service: ServiceProcess
) -> None:
    contract_id = sales.sealed_contract()
    heard: list[Changes] = []
    link = SyncLink(desk, feed=StatusFeed(), on_changes=heard.append)
    try:
        link.connect(service.url, service.enrol())
        wait(lambda: sales.row(Contract, contract_id).stamped_at is not None, "the time-stamp")
    finally:
        link.stop()
    stamped_at = sales.row(Contract, contract_id).stamped_at
    assert abs(stamped_at - datetime.now(UTC)) < timedelta(minutes=2)
    assert any(contract_id in changes.ids("contract") for changes in heard)
    checked = sales.read(verify_contract, contract_id)
    assert checked.intact and checked.report.proof.level is ProofLevel.B_LTA
    with desk.database.read() as session:
        assert session.query(TimeStampRoot).count() == 1
        assert session.query(SigningAuthority).one().revocation_list.startswith("-----BEGIN X509 CRL")


class Broken:
    """A connection that is down, and says how often it was tried."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        self.asked += 1
        raise ServiceUnreachable(address="nowhere")

    def time_stamp(self, query: bytes) -> bytes:
        raise AssertionError("nobody comes so far")


def test_a_centre_that_does_not_answer_is_left_alone_for_a_while(desk: Desk, sales: SaleDesk) -> None:
    sales.sealed_contract()
    broken, now = Broken(), [0.0]
    stamps = ContractStamps(desk, broken, on_changes=lambda changes: None, monotonic=lambda: now[0])
    stamps.follow_up()
    stamps.follow_up()
    assert broken.asked == 1
    now[0] += AFTER_TROUBLE_SECONDS + 1
    stamps.follow_up()
    assert broken.asked == 2


def test_nobody_signed_in_asks_nothing(desk: Desk) -> None:
    broken = Broken()
    desk.take_seat(None)
    ContractStamps(desk, broken, on_changes=lambda changes: None).follow_up()
    assert broken.asked == 0 and not signing_keys_are_there(desk)


def test_the_seal_gets_another_key_that_stays(desk: Desk) -> None:
    keys = DeskKeys(desk)
    before, authority = keys.dealer(), keys.authority()
    after = keys.renew_dealer(now=desk.clock.now())
    again = DeskKeys(desk)
    assert before != after == again.dealer() and again.authority() == authority


def test_a_key_from_a_container_is_kept_and_published(desk: Desk) -> None:
    from app.contracts.keys.signing_keys import create_authority, to_pkcs12

    keys = DeskKeys(desk)
    keys.authority()
    bought: SigningKey = create_authority(organisation="真实机构", now=desk.clock.now())
    container = to_pkcs12(bought, authority_pem=bought.certificate_pem, passphrase="通行证".encode())
    assert keys.take(container, passphrase="通行证".encode()) == bought.fingerprint()
    again = DeskKeys(desk)
    assert again.authority().certificate_pem == bought.certificate_pem
    certificate_of(again.dealer().certificate_pem).verify_directly_issued_by(certificate_of(bought.certificate_pem))
    with desk.database.read() as session:
        assert session.query(SigningAuthority).filter_by(fingerprint=bought.fingerprint()).count() == 1
