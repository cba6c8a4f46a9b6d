"""A contract from its rows to the verdict: laid out on four pages, signed by two, sealed, stored and verified.

What a customer waits for at the desk: drafting, locking, two signatures with evidence, both signatures and the seal put
into the PDF (PAdES, ECDSA), everything committed to the encrypted database, and the check of the stored bytes.
Libraries are loaded before, as they are at a desk that has been open for a minute.
"""

import math
import tempfile
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from app.contracts.checking import verify_contract
from app.contracts.commands import (
    ClauseAcknowledgement,
    DraftContract,
    LockContract,
    SealContract,
    SignContract,
)
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.preparing import prepare_draft, prepare_seal
from app.contracts.queries import get_contract
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.payments.commands import RecordSale
from app.quotations.commands import FinanceTerms, InsuranceTerms, QuotationTerms
from benchmarks.figures import Figure, percentile
from tests.factories.databases import build_template, open_copy
from tests.factories.people import actor_of, staff_of
from tests.factories.records import Records

CONTRACTS = 12
WARM_UP = 2
PAGES = 4
GOAL_SECONDS = 1.0
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def run() -> list[Figure]:
    """The median wall time of one whole contract."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as folder:
        times, pages = _contracts(Path(folder))
    median = percentile(times, 0.5)
    return [
        Figure(
            name="contract",
            value=median * 1000,
            unit="ms",
            peer=f"the clock: {pages} pages made, signed by two, sealed, stored, verified",
            ratio=median / GOAL_SECONDS,
            goal=f"≤ {GOAL_SECONDS:g} s",
            holds=median <= GOAL_SECONDS and pages >= PAGES,
        )
    ]


def _contracts(folder: Path) -> tuple[list[float], int]:
    clock, actor = FixedClock(NOON), actor_of(staff_of(Role.SALESPERSON))
    database = open_copy(build_template(folder / "template.db"), folder / "desk.db")
    try:
        use_signing_keys(HeldKeys.create(organisation="上海测试店汽车销售有限公司", branch="SH01", now=clock.now()))
        dispatcher = Dispatcher(database, clock=clock)
        records = Records(database, clock=clock, actor=actor)
        trim, customer = records.trim(parameters={"displacement": 1.5}), records.customer()
        times, pages = [], PAGES
        for _ in range(WARM_UP + CONTRACTS):
            sale = dispatcher.execute(sale_of(customer.id, records.unit(trim).id), actor).value
            began = time.perf_counter()
            pages = min(pages, whole_contract(dispatcher, actor, sale.order_id))
            times.append(time.perf_counter() - began)
        return times[WARM_UP:], pages
    finally:
        use_signing_keys(None)
        database.close()


def sale_of(customer_id: str, unit_id: str) -> RecordSale:
    """A sale with a loan, insurance and earnest money: everything a contract can speak of."""
    loan = FinanceTerms(
        method="equal_instalment", down_payment=Decimal("60000.00"), months=36, annual_rate=Decimal("0.0428")
    )
    terms = QuotationTerms(
        vehicle_unit_id=unit_id,
        discount=Decimal("5000.00"),
        insurance=InsuranceTerms(third_party_limit=Decimal("2000000.00")),
        finance=loan,
    )
    return RecordSale(
        customer_id=customer_id,
        terms=terms,
        earnest_amount=Decimal("20000.00"),
        method="cash",
        planned_delivery=date(2026, 12, 6),
    )


def whole_contract(dispatcher: Dispatcher, actor: Actor, order_id: str) -> int:
    """Everything from the order's rows to the verdict; returns the pages. Raises RuntimeError unless it is intact."""
    prepared = dispatcher.read(prepare_draft, actor, order_id)
    drafted = dispatcher.execute(DraftContract(order_id=order_id, prepared=prepared), actor).value
    contract_id = drafted.contract_id
    lock = LockContract(contract_id=contract_id, expected_revision=drafted.revision, shown_digest=drafted.digest)
    dispatcher.execute(lock, actor)
    detail = dispatcher.read(get_contract, actor, contract_id)
    revision = detail.row.revision
    for party, name, seed in (("buyer", detail.buyer_name, 1), ("dealer", detail.dealer_name, 4)):
        seen = tuple(ClauseAcknowledgement(clause_id=clause.id, at=NOON) for clause in detail.clauses)
        sign = SignContract(
            contract_id=contract_id,
            expected_revision=revision,
            party=party,
            signer_name=name,
            strokes=_hand(seed),
            acknowledgements=seen if party == "buyer" else (),
            shown_digest=detail.shown_digest,
            identity_check="identity card seen",
            pen="pen",
        )
        revision = dispatcher.execute(sign, actor).value.revision
    sealed = dispatcher.read(prepare_seal, actor, contract_id)
    dispatcher.execute(SealContract(contract_id=contract_id, expected_revision=revision, prepared=sealed), actor)
    if not dispatcher.read(verify_contract, actor, contract_id).intact:
        raise RuntimeError("the contract is not intact")
    return drafted.pages


def _hand(seed: int) -> list[list[tuple[float, float, float, float]]]:
    """Something that moves like a pen: six loops of forty points."""
    return [[_point(index, number=number, seed=seed) for index in range(40)] for number in range(6)]


def _point(index: int, *, number: int, seed: int) -> tuple[float, float, float, float]:
    turn = index / 39 * (3 + (seed + number) % 4) * math.pi / 2
    return (number * 400 + 8 * index, 20 + 42 * number + index + 11 * math.cos(turn), 60 + 28 * math.sin(turn), 0.6)
