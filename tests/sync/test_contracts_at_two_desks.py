"""A contract goes on at another desk than where it was begun, and two desks that amend one contract hear of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.contracts.after_signing.amendment_commands import AmendContract
from app.contracts.after_signing.termination_commands import TerminateContract
from app.contracts.checking import verify_contract
from app.contracts.commands import LockContract, VoidContract
from app.contracts.documents.commands import DraftDocument
from app.contracts.errors import AmendedContractEnded, SignatureAlreadyGiven
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.queries import contract_document, get_contract
from app.contracts.signers.identity_commands import CheckIdentityDocument
from app.contracts.signers.party_commands import TendContracts
from app.kernel.clock import branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from app.tasks.rules import TaskKind, TaskState
from db.models.contracts import Contract, ContractDocument, ContractSignature
from db.models.signing import IdentityStep
from db.models.tasks import Task
from sync.server.store import Store
from tests.app.sale_desk import DELIVERY, SaleDesk
from tests.factories.records import Records
from tests.sync.desks import Desk
from tests.sync.lease_desks import Centre

CHANGES = "交车日期改为2026年12月20日"


@dataclass
class Seat:
    """Somebody who sells at a desk, with the keys of that desk."""

    desk: Desk
    sale: SaleDesk
    keys: HeldKeys

    def sit(self) -> SaleDesk:
        """From now on this desk's keys sign."""
        use_signing_keys(self.keys)
        return self.sale

    def sync(self) -> None:
        self.desk.sync()


@pytest.fixture(scope="module")
def keys() -> tuple[HeldKeys, HeldKeys]:
    """Each desk has an authority of its own, and knows the other's certificate."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    one, two = (HeldKeys.create(organisation="上海测试店汽车销售有限公司", branch="SH01", now=begin) for _ in range(2))
    return (replace(one, further_roots=(two.authority_key.certificate_pem,)),
            replace(two, further_roots=(one.authority_key.certificate_pem,)))  # fmt: skip


@pytest.fixture
def seats(
    tmp_path: Path, database_template: Path, keys: tuple[HeldKeys, HeldKeys]
) -> Iterator[tuple[Seat, Seat, Centre]]:
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    centre = Centre(store)
    first, second = (centre.desk(database_template, tmp_path, name) for name in ("D01", "D02"))
    records = Records(first.database, clock=first.clock, actor=first.actor(Role.SALESPERSON))
    sells = SaleDesk(Dispatcher(first.database, clock=first.clock), records, first.clock)
    goes_on = SaleDesk.reopened(second.database, second.clock)
    for seat, desk in ((sells, first), (goes_on, second)):
        seat.seller, seat.manager = desk.actor(Role.SALESPERSON), desk.actor(Role.BRANCH_MANAGER)
    first.sync()
    second.sync()
    yield Seat(first, sells, keys[0]), Seat(second, goes_on, keys[1]), centre
    use_signing_keys(None)
    centre.close()


def exchange(*seats: Seat) -> None:
    """Everybody has everything."""
    for seat in (*seats, *seats):
        seat.sync()


def revision(sale: SaleDesk, contract_id: str) -> int:
    return int(sale.row(Contract, contract_id).revision)


def state(sale: SaleDesk, contract_id: str) -> str:
    return str(sale.row(Contract, contract_id).state)


def amend_and_seal(seat: Seat, contract_id: str, changes: str = CHANGES) -> str:
    """A sealed amendment made at this desk."""
    amendment = signed_amendment(seat, contract_id, changes)
    sale = seat.sit()
    sale.do(sale.seal(amendment))
    return amendment


def signed_amendment(seat: Seat, contract_id: str, changes: str = CHANGES) -> str:
    """An amendment that everybody has signed at this desk."""
    sale = seat.sit()
    drafted = sale.do(AmendContract(contract_id=contract_id, changes=changes))
    sale.do(LockContract(contract_id=drafted.contract_id, expected_revision=drafted.revision,
                         shown_digest=drafted.digest))  # fmt: skip
    for party in ("buyer", "dealer"):
        sale.do(sale.signature(drafted.contract_id, party))
    return str(drafted.contract_id)


def open_tasks(sale: SaleDesk, kind: TaskKind) -> list[Task]:
    return sale.rows(Task, kind=kind.value, state=TaskState.OPEN.value)


def test_a_partly_signed_contract_is_finished_at_another_desk(seats: tuple[Seat, Seat, Centre]) -> None:
    first, second, centre = seats
    sale = first.sit()
    contract_id = sale.locked_contract()
    sale.do(CheckIdentityDocument(contract_id=contract_id, party="buyer", name="张伟", number="11010519491231002X"))
    sale.do(sale.signature(contract_id, "buyer"))
    exchange(first, second)
    centre.wait(timedelta(days=3))

    there = second.sit()
    detail = there.read(get_contract, contract_id)
    assert (detail.row.state, detail.missing) == ("PARTIALLY_SIGNED", ("dealer",))
    assert there.read(contract_document, contract_id).digest == detail.shown_digest
    steps = [len(one.rows(IdentityStep, contract_id=contract_id)) for one in (sale, there)]
    assert steps[0] == steps[1] > 0
    with pytest.raises(SignatureAlreadyGiven):
        there.do(there.signature(contract_id, "buyer"))
    there.do(there.signature(contract_id, "dealer"))
    there.do(there.seal(contract_id))
    assert there.read(verify_contract, contract_id).intact
    exchange(second, first)

    back = first.sit()
    assert state(back, contract_id) == "SEALED"
    assert back.read(verify_contract, contract_id).intact, "sealed by another desk's key, and trusted here"
    kept = {row.party: row.evidence for row in back.rows(ContractSignature, contract_id=contract_id)}
    assert set(kept) == {"buyer", "dealer", "seal"}
    assert (kept["buyer"]["device"]["desk_code"], kept["dealer"]["device"]["desk_code"]) == ("D01", "D02")
    stages = [row.stage for row in back.rows(ContractDocument, contract_id=contract_id)]
    assert sorted(stages) == ["locked", "sealed"]
    assert open_tasks(back, TaskKind.CONTRACT_DELIVERY_DUE)


def test_both_sign_at_two_desks_without_knowing_of_each_other(seats: tuple[Seat, Seat, Centre]) -> None:
    """The buyer signs here, and at the same time there: one of both signatures counts, none is lost."""
    first, second, _centre = seats
    contract_id = first.sit().locked_contract()
    exchange(first, second)
    first.sale.do(first.sale.signature(contract_id, "buyer"))
    second.sit().do(second.sale.signature(contract_id, "buyer"))
    exchange(first, second)
    for seat in (first, second):
        detail = seat.sale.read(get_contract, contract_id)
        assert detail.missing == ("dealer",) and detail.row.state == "PARTIALLY_SIGNED"
        assert len(seat.sale.rows(ContractSignature, contract_id=contract_id, party="buyer")) == 2
    sale = first.sit()
    sale.do(sale.signature(contract_id, "dealer"))
    sale.do(sale.seal(contract_id))
    exchange(first, second)
    assert second.sit().read(verify_contract, contract_id).intact


def test_an_amendment_is_begun_here_and_sealed_there(seats: tuple[Seat, Seat, Centre]) -> None:
    first, second, _centre = seats
    contract_id = first.sit().sealed_contract()
    amendment = signed_amendment(first, contract_id)
    exchange(first, second)
    there = second.sit()
    there.do(there.seal(amendment))
    exchange(second, first)
    assert (state(first.sale, contract_id), state(first.sale, amendment)) == ("SUPERSEDED", "SEALED")
    assert first.sit().read(verify_contract, amendment).intact


def test_two_desks_amend_one_contract_and_a_person_settles_it(seats: tuple[Seat, Seat, Centre]) -> None:
    first, second, _centre = seats
    contract_id = first.sit().sealed_contract()
    exchange(first, second)
    here = amend_and_seal(first, contract_id, "交车日期改为2026年12月20日")
    second.desk.clock.advance(timedelta(minutes=5))
    there = amend_and_seal(second, contract_id, "交车日期改为2026年12月28日")
    exchange(first, second)
    for seat in (first, second):
        sale = seat.sale
        assert [state(sale, one) for one in (here, there)] == ["SEALED", "SEALED"], "nothing is lost"
        assert sale.row(Contract, contract_id).replaced_by_id == there, "the later one has the place meanwhile"
        sale.do(TendContracts())
    exchange(first, second)
    for seat in (first, second):
        (task,) = open_tasks(seat.sale, TaskKind.SETTLE_AMENDMENTS)
        assert task.record_id == here, "told once, although both desks noticed"
    first.sale.do(VoidContract(contract_id=there, expected_revision=revision(first.sale, there), reason="以第一份为准"),
                  first.sale.manager)  # fmt: skip
    first.sale.do(TendContracts())
    exchange(first, second)
    for seat in (first, second):
        row = seat.sale.row(Contract, contract_id)
        assert (row.state, row.replaced_by_id) == ("SUPERSEDED", here)
        assert not open_tasks(seat.sale, TaskKind.SETTLE_AMENDMENTS)


def test_terminated_here_and_amended_there_is_told(seats: tuple[Seat, Seat, Centre]) -> None:
    first, second, _centre = seats
    contract_id = first.sit().sealed_contract()
    exchange(first, second)
    amendment = amend_and_seal(second, contract_id)
    sale = first.sit()
    first.desk.clock.advance(timedelta(minutes=5))
    sale.do(
        TerminateContract(
            contract_id=contract_id, expected_revision=revision(sale, contract_id), ground="agreement",
            reason="双方协商一致", terminated_on=branch_date(sale.clock.now()),
        ),
        sale.manager,
    )  # fmt: skip
    exchange(first, second)
    second.sale.do(TendContracts())
    exchange(first, second)
    for seat in (first, second):
        assert (state(seat.sale, contract_id), state(seat.sale, amendment)) == ("TERMINATED", "SEALED")
        (task,) = open_tasks(seat.sale, TaskKind.SETTLE_AMENDMENTS)
        assert task.record_id == amendment


def test_an_amendment_signed_here_of_what_was_amended_there_is_refused_and_kept(
    seats: tuple[Seat, Seat, Centre],
) -> None:
    first, second, _centre = seats
    contract_id = first.sit().sealed_contract()
    exchange(first, second)
    late = signed_amendment(first, contract_id)
    amend_and_seal(second, contract_id)
    exchange(second, first)
    sale = first.sit()
    with pytest.raises(AmendedContractEnded):
        sale.do(sale.seal(late))
    assert state(sale, late) == "SIGNED"
    sale.do(VoidContract(contract_id=late, expected_revision=revision(sale, late), reason="已由另一台终端变更"),
            sale.manager)  # fmt: skip
    exchange(first, second)
    assert state(second.sale, late) == "VOIDED" and state(second.sale, contract_id) == "SUPERSEDED"


def test_another_kind_of_document_goes_on_at_another_desk(seats: tuple[Seat, Seat, Centre]) -> None:
    first, second, _centre = seats
    sale = first.sit()
    drafted = sale.do(
        DraftDocument(kind="vehicle_order", order_id=sale.paid_order(), entries={"contract_by": DELIVERY})
    )
    sale.do(LockContract(contract_id=drafted.contract_id, expected_revision=revision(sale, drafted.contract_id),
                         shown_digest=drafted.digest))  # fmt: skip
    exchange(first, second)
    there = second.sit()
    for party in there.read(get_contract, drafted.contract_id).missing:
        there.do(there.signature(drafted.contract_id, party))
    there.do(there.seal(drafted.contract_id))
    exchange(second, first)
    assert first.sit().read(verify_contract, drafted.contract_id).intact
