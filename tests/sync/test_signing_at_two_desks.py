"""A contract begun at one desk and finished at another, through a real exchange; and both going on apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.contracts.checking import verify_contract
from app.contracts.commands import ContractSigned
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.keys.revocation import new_list
from app.contracts.keys.signing_keys import fingerprint_of
from app.contracts.queries import contract_document, get_contract
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError
from app.kernel.permissions import Role
from db.models.contracts import ContractSignature, SigningAuthority
from tests.app.sale_desk import SaleDesk
from tests.sync.conftest import Group
from tests.sync.desks import Desk


@dataclass
class Counter:
    """A desk that sells and signs, with keys of its own that the other one knows from the exchange."""

    desk: Desk
    sale: SaleDesk
    keys: HeldKeys

    @classmethod
    def at(cls, desk: Desk) -> "Counter":
        keys = HeldKeys.create(organisation="上海测试店汽车销售有限公司", branch=desk.name, now=desk.clock.now())
        pem = keys.authority_key.certificate_pem
        revoked = new_list(keys.authority_key, (), now=desk.clock.now()).decode("ascii")
        desk.do(
            lambda uow: uow.add(
                SigningAuthority(
                    branch_id=desk.branch.id, desk_code=desk.name, fingerprint=fingerprint_of(pem),
                    certificate_pem=pem.decode("ascii"), revocation_list=revoked,
                )
            ) and None
        )  # fmt: skip
        sale = SaleDesk.reopened(desk.database, desk.clock)
        sale.dispatcher = Dispatcher(desk.database, clock=desk.clock)
        sale.seller, sale.records = desk.actor(Role.SALESPERSON), desk.records
        return cls(desk, sale, keys)

    @contextmanager
    def signing(self) -> Iterator[SaleDesk]:
        """Work at this desk, with its keys and with the roots that its database knows."""
        roots = tuple(pem.encode("ascii") for (pem,) in self.desk.rows("SELECT certificate_pem FROM signing_authority"))
        use_signing_keys(HeldKeys(
            authority_key=self.keys.authority_key, dealer_key=self.keys.dealer_key, further_roots=roots,
        ))  # fmt: skip
        try:
            yield self.sale
        finally:
            use_signing_keys(None)


@pytest.fixture
def counters(small_group: Group) -> tuple[Counter, Counter]:
    """D01 and D02 of one branch, three days ago, each with what the other has."""
    desks = [small_group.desk(name) for name in ("D01", "D02")]
    for desk in desks:
        desk.clock.advance(timedelta(days=-3))
    first, second = (Counter.at(desk) for desk in desks)
    first.sale.trim = first.desk.records.trim(parameters={"displacement": 1.5})
    first.sale.customer = first.desk.records.customer()
    meet(first, second)
    return first, second


def meet(first: Counter, second: Counter) -> None:
    """Both tell the centre what they have, and hear what the other told."""
    for counter in (first, second, first):
        counter.desk.sync()


def later(*counters: Counter, **span: int) -> None:
    """Time passes at all desks."""
    for counter in counters:
        counter.desk.clock.advance(timedelta(**span))


def begun(counter: Counter) -> str:
    """A locked contract that the buyer has signed."""
    with counter.signing() as sale:
        contract_id = sale.locked_contract()
        assert isinstance(sale.do(sale.signature(contract_id, "buyer")), ContractSigned)
    return contract_id


def detail(counter: Counter, contract_id: str) -> Any:
    return counter.sale.read(get_contract, contract_id)


def test_what_one_desk_began_another_continues_and_seals(counters: tuple[Counter, Counter]) -> None:
    here, there = counters
    contract_id = begun(here)
    began = detail(here, contract_id)
    meet(here, there)
    later(here, there, days=2, hours=20)

    found = detail(there, contract_id)
    assert (found.row.state, found.missing) == ("PARTIALLY_SIGNED", ("dealer",))
    assert found.waiting_since == began.waiting_since and found.shown_digest == began.shown_digest
    assert there.sale.read(contract_document, contract_id) == here.sale.read(contract_document, contract_id)
    with there.signing() as sale:
        sale.do(sale.signature(contract_id, "dealer"))
        sale.do(sale.seal(contract_id))
        sealed = sale.read(verify_contract, contract_id)
    assert sealed.intact, sealed.report.problems

    meet(there, here)
    with here.signing() as sale:
        report = sale.read(verify_contract, contract_id)
    assert report.intact, report.report.problems
    assert report.state == "SEALED" and detail(here, contract_id).missing == ()
    assert here.sale.read(contract_document, contract_id) == there.sale.read(contract_document, contract_id)
    assert {row.party for row in here.sale.rows(ContractSignature, contract_id=contract_id)} == {
        "buyer", "dealer", "seal",
    }  # fmt: skip


def test_a_desk_that_has_not_heard_of_the_seal_cannot_spoil_it(counters: tuple[Counter, Counter]) -> None:
    here, there = counters
    contract_id = begun(here)
    meet(here, there)
    later(here, there, days=1)
    with there.signing() as sale:
        sale.do(sale.signature(contract_id, "dealer"))
        sale.do(sale.seal(contract_id))
        first = sale.read(contract_document, contract_id).digest
    there.desk.sync()
    later(here, there, hours=1)
    with here.signing() as sale:  # offline, it does not know
        sale.do(sale.signature(contract_id, "dealer"))
        sale.do(sale.seal(contract_id))
    meet(here, there)
    here.desk.sync()
    there.desk.sync()
    documents = []
    for counter in (here, there):
        assert detail(counter, contract_id).row.state == "SEALED"
        with counter.signing() as sale:
            report = sale.read(verify_contract, contract_id)
        assert report.intact, (counter.desk.name, report.report.problems)
        documents.append(counter.sale.read(contract_document, contract_id).digest)
        with counter.signing() as sale, pytest.raises(DomainError):
            sale.do(sale.signature(contract_id, "dealer"))
    assert documents == [first, first], "the seal that reached the centre first"
    assert len(there.sale.rows(ContractSignature, contract_id=contract_id, party="seal")) == 1
    assert here.desk.statuses[-1].rejected > 0, "the desk says that something of it was not taken"
