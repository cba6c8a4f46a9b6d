"""A desk that seals with a bought key learns what its authority has revoked, and what it sealed proves it for years."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from app.contracts.authorities.queries import SealRow, get_authority, list_authorities
from app.contracts.checking import verify_contract
from app.contracts.keys.errors import SealCertificateRevoked
from app.contracts.keys.held_keys import use_signing_keys
from app.contracts.keys.revocation import lists_in
from app.contracts.keys.signing_keys import fingerprint_of
from app.contracts.proof.findings import ProblemCode
from app.contracts.proof.time_proof import ProofLevel
from app.contracts.proof.verification import Verdict, verify
from app.contracts.queries import contract_document
from app.contracts.stamps.stamping import RENEWED_BEFORE, contracts_to_stamp
from app.kernel.clock import FixedClock
from app.kernel.permissions import Actor
from app.runtime.language import CHINESE, set_language
from app.runtime.paths import Profile
from app.wiring.contract_stamps import ContractStamps
from app.wiring.desk import Desk
from app.wiring.key_desk import KeyDesk
from app.wiring.outside_lists import AFTER_TROUBLE_SECONDS, ASKED_SECONDS, OutsideListKeeper
from app.wiring.signing import give_signing_keys
from db.models.contracts import Contract, SigningAuthority, TimeStampRoot
from sync.client.credentials import KeptCredentials
from sync.client.errors import ServiceUnreachable
from sync.client.transport import HttpTransport
from sync.server.devices import digest, make_code
from sync.server.outside_list_endpoints import LIST_NETWORKS
from sync.server.store import Store
from sync.server.web import make_app
from tests.app.sale_desk import SaleDesk
from tests.factories.databases import KEY
from tests.factories.outside_authority import PASSWORD, OutsideAuthority, outside_authority
from tests.factories.records import Records
from tests.sync.served_app import served
from ui.signing_keys.ports import BroughtKey


@pytest.fixture
def outside() -> Iterator[OutsideAuthority]:
    with outside_authority() as made:
        yield made


@pytest.fixture
def desk(
    database_template: Path, tmp_path: Path, administrator: Actor, outside: OutsideAuthority
) -> Iterator[Desk]:
    """A desk that seals with the outside authority's key."""
    profile = Profile(tmp_path / "profile").prepare()
    shutil.copyfile(database_template, profile.database_path)
    profile.key_slots_path.write_text("{}", encoding="utf-8")
    opened = Desk(profile, clock=FixedClock(datetime.now(UTC)))
    opened.open(KEY)
    opened.take_seat(administrator)
    give_signing_keys(opened)
    KeyDesk(opened).take(
        BroughtKey(use="seal", name="seal.p12", content=outside.container(), passphrase=PASSWORD)
    )  # fmt: skip
    yield opened
    use_signing_keys(None)
    opened.close()


@pytest.fixture
def sales(desk: Desk, salesperson: Actor) -> SaleDesk:
    clock = desk.clock
    assert isinstance(clock, FixedClock)
    return SaleDesk(desk.dispatcher, Records(desk.database, clock=clock, actor=salesperson), clock)


@contextmanager
def online(desk: Desk, folder: Path) -> Iterator[list[Any]]:
    """A service that has asked nobody yet; gives what a desk does after an exchange, in its order."""
    store = Store(f"sqlite:///{folder / 'centre.db'}", pool=4)
    store.ensure_schema()
    with served(make_app(store, extra={LIST_NETWORKS: "127.0.0.0/8"})) as (host, port):
        code = make_code(
            store, tenant="main", branch_code="SH01", desk_code="D01", scopes="*", role="sales",
            now=time.time_ns() // 1000, seconds=600,
        )  # fmt: skip
        transport = HttpTransport(f"http://{host}:{port}", KeptCredentials(), read_seconds=20.0)
        transport.enrol(code=code, branch_id=digest("SH01")[:32], after_n=0, after_hash="")
        kinds = (OutsideListKeeper, ContractStamps)
        yield [kind(desk, transport, on_changes=lambda _changes: None) for kind in kinds]
        transport.close()
    store.close()


def exchange(desk: Desk, folder: Path) -> None:
    with online(desk, folder) as followers:
        for one in followers:
            one.follow_up()


def seal_of(desk: Desk) -> SealRow:
    own = next(one for one in desk.read(list_authorities) if one.own)
    found = desk.read(get_authority, own.id).seal
    assert isinstance(found, SealRow)
    return found


def time_roots(sales: SaleDesk) -> list[bytes]:
    with sales.dispatcher.database.read() as session:
        return [one.certificate_pem.encode() for one in session.query(TimeStampRoot)]


def test_lists_get_into_the_proof_of_what_was_sealed_offline(
    desk: Desk, sales: SaleDesk, outside: OutsideAuthority, tmp_path: Path
) -> None:
    contract_id = sales.sealed_contract()
    assert seal_of(desk).told_at is None and seal_of(desk).tells
    exchange(desk, tmp_path)
    checked = sales.read(verify_contract, contract_id)
    assert checked.intact and checked.report.proof.level is ProofLevel.B_LTA
    assert seal_of(desk).told_at == outside.now - timedelta(minutes=10) and seal_of(desk).revoked is None
    (row,) = sales.rows(SigningAuthority, fingerprint=fingerprint_of(outside.chain[2].encode()))
    assert len(lists_in(row.revocation_list)) == 2
    assert desk.read(contracts_to_stamp) == []
    # Somebody who knows but the two roots finds everything else in the file: years later, and without any network.
    pdf = sales.read(contract_document, contract_id).content
    roots = [one.certificate_pem.encode() for one in sales.rows(SigningAuthority)]
    later = verify(pdf, roots, time_roots=time_roots(sales), now=datetime.now(UTC) + timedelta(days=700))
    assert (later.verdict, later.proof.level) == (Verdict.INTACT, ProofLevel.B_LTA)


def test_a_revoked_seal_is_named_and_seals_nothing_more(
    desk: Desk, sales: SaleDesk, outside: OutsideAuthority, tmp_path: Path
) -> None:
    proved, offline = sales.sealed_contract(), sales.signed_contract()
    exchange(desk, tmp_path)
    lost = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)  # a list tells whole seconds
    time.sleep((lost - datetime.now(UTC)).total_seconds() + 0.01)  # the centre's clock is the machine's
    clock = desk.clock
    assert isinstance(clock, FixedClock)
    clock.advance(datetime.now(UTC) - clock.now())
    late = sales.sealed_contract()  # after it was revoked, before anybody here knows
    outside.publish(revoked={"seal": (lost, "keyCompromise")}, at=outside.now + timedelta(minutes=1), number=2)
    exchange(desk, tmp_path)
    seal = seal_of(desk)
    assert seal.revoked is not None and seal.revoked.reason == "keyCompromise"
    assert seal.revoked_subject == "上海云驰汽车销售有限公司"
    with pytest.raises(SealCertificateRevoked) as refused:
        sales.do(sales.seal(offline))
    assert "“真实机构” has revoked" in refused.value.message()
    set_language(CHINESE)
    try:
        assert refused.value.message().startswith("“真实机构”已自") and "密钥可能" in refused.value.message()
    finally:
        set_language("en")
    assert sales.row(Contract, offline).state == "SIGNED"
    before = sales.read(verify_contract, proved)
    assert before.intact and before.report.codes() == {ProblemCode.REVOKED_LATER}
    after = sales.read(verify_contract, late)
    assert not after.intact and ProblemCode.CERTIFICATE_REVOKED in after.report.codes()
    roots = [one.certificate_pem.encode() for one in sales.rows(SigningAuthority)]
    stranger = verify(sales.read(contract_document, late).content, roots, time_roots=time_roots(sales))
    assert stranger.codes() == {ProblemCode.CERTIFICATE_REVOKED}, "the file itself says so"


def test_an_authority_between_that_was_revoked_counts_like_the_seals_own(
    desk: Desk, sales: SaleDesk, outside: OutsideAuthority, tmp_path: Path
) -> None:
    offline = sales.signed_contract()
    outside.publish(revoked={"middle": (outside.now - timedelta(days=1), "cessationOfOperation")})
    exchange(desk, tmp_path)
    assert seal_of(desk).revoked_subject == "真实机构"
    with pytest.raises(SealCertificateRevoked):
        sales.do(sales.seal(offline))


def test_an_authority_of_the_house_that_was_revoked_outside_is_withdrawn(
    desk: Desk, sales: SaleDesk, outside: OutsideAuthority, tmp_path: Path
) -> None:
    KeyDesk(desk).take(
        BroughtKey(use="authority", name="middle.p12", content=outside.container("middle"), passphrase=PASSWORD)
    )  # fmt: skip
    offline = sales.signed_contract()
    outside.publish(revoked={"middle": (outside.now - timedelta(days=1), "keyCompromise")})
    exchange(desk, tmp_path)
    (row,) = sales.rows(SigningAuthority, fingerprint=fingerprint_of(outside.chain[1].encode()))
    assert (row.withdrawn_at, row.withdrawn_reason) == (outside.now - timedelta(days=1), "keyCompromise")
    with pytest.raises(SealCertificateRevoked):
        sales.do(sales.seal(offline))


def test_a_list_that_cannot_be_had_comes_later(
    desk: Desk, sales: SaleDesk, outside: OutsideAuthority, tmp_path: Path
) -> None:
    """The time is proved at once, and the lists follow with another time-stamp."""
    contract_id = sales.sealed_contract()
    kept, outside.answers = outside.answers, {}
    exchange(desk, tmp_path)
    checked = sales.read(verify_contract, contract_id)
    assert checked.intact and checked.report.proof.level is ProofLevel.B_T
    contract = sales.row(Contract, contract_id)
    due = contract.stamp_ends_at - RENEWED_BEFORE
    assert timedelta(hours=23) < due - datetime.now(UTC) < timedelta(hours=25) and desk.read(contracts_to_stamp) == []
    outside.answers = kept
    clock = desk.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=1, minutes=1))
    assert desk.read(contracts_to_stamp) == [contract_id]
    exchange(desk, tmp_path)
    checked = sales.read(verify_contract, contract_id)
    assert checked.intact and checked.report.proof.level is ProofLevel.B_LTA and desk.read(contracts_to_stamp) == []


class Counting:
    """A line to a centre that says that every list is out of reach, or is down."""

    def __init__(self, reason: str) -> None:
        self.reason, self.asked = reason, 0

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        assert question == "outside-lists" and len(message["certificates"]) == 3
        self.asked += 1
        if not self.reason:
            raise ServiceUnreachable(address="nowhere")
        return {"lists": [{"certificate": "c", "list": "", "address": "", "reason": self.reason}]}


@pytest.mark.parametrize(
    ("reason", "pause"), [("", AFTER_TROUBLE_SECONDS), ("status", AFTER_TROUBLE_SECONDS), ("none", ASKED_SECONDS)]
)
def test_nobody_is_asked_all_the_time(desk: Desk, reason: str, pause: float) -> None:
    line, now = Counting(reason), [0.0]
    keeper = OutsideListKeeper(desk, line, on_changes=lambda _changes: None, monotonic=lambda: now[0])
    for _turn in range(3):
        keeper.follow_up()
    assert line.asked == 1
    now[0] += pause - 1
    keeper.follow_up()
    assert line.asked == 1
    now[0] += 2
    keeper.follow_up()
    assert line.asked == 2


def test_lists_of_others_are_passed_over(desk: Desk, sales: SaleDesk) -> None:
    with outside_authority() as namesake:
        forged = namesake.list_of("middle", {"seal": (namesake.now, "keyCompromise")}, at=namesake.now)

        class Forging:
            def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
                pem = forged.public_bytes(Encoding.PEM).decode("ascii")
                return {"lists": [{"certificate": "c", "list": pem, "address": "", "reason": ""}]}

        OutsideListKeeper(desk, Forging(), on_changes=lambda _changes: None).follow_up()
    assert seal_of(desk).told_at is None and sales.sealed_contract()
