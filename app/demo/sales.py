"""Two years of sales: quotations, orders, payments, and what is open today.

Every offer is calculated by the same rules as a salesperson's, so that the demo's figures are what the program says.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any, cast

from app.catalog.inheritance import Lineage
from app.customers.choices import ConsentPurpose
from app.demo.loading import Loader
from app.demo.people import CustomerMaker, DemoBranch, DemoCustomer
from app.demo.stock import DemoUnit, TrimChooser, UnitMaker, at_time
from app.demo.takings import Takings
from app.finance.rules import loan_products
from app.inventory.rules import AllocationState, CertificateState, PdiState, StockState
from app.kernel.clock import branch_date
from app.kernel.money import add_up, cents, from_fen, to_fen
from app.kernel.permissions import Role
from app.orders.rules import ClaimState, OrderState
from app.payments.rules import PaymentKind
from app.quotations.calculation import Offer, calculate_offer
from app.quotations.commands import ExtraTerms, FinanceTerms, InsuranceTerms, QuotationTerms
from app.quotations.drafting import stored_source
from app.quotations.rules import QuotationState
from app.quotations.stored_terms import stored_terms
from app.tasks.rules import TaskKind
from db.models.catalog import Trim
from db.models.inventory import VehicleUnit
from db.types import microseconds

_LIMITS = (Decimal("1000000.00"), Decimal("2000000.00"), Decimal("3000000.00"))
_SERVICES = (
    ("上牌代办服务", "Registration service", 800), ("延长保修两年", "Two more years of warranty", 3600),
    ("基础保养套餐", "Maintenance package", 1800),
)  # fmt: skip
_CANCEL_REASONS = ("客户资金安排有变", "客户改购其他品牌", "贷款未获批准", "家人意见不一致")
_LOST_REASONS = ("价格高于竞品", "等待新款上市", "已在其他门店订车", "暂缓购车计划")
_APPROVAL_REASONS = ("库龄较长，清理库存", "老客户增购", "竞店同款报价更低", "批量采购")


@dataclass(slots=True)
class Sold:
    """A delivered unit and its owner, for the workshop."""

    unit: DemoUnit
    customer: DemoCustomer
    delivered_on: date


@dataclass(slots=True)
class SalesHistory:
    """What the two years left behind."""

    orders: int = 0
    sold: list[Sold] = field(default_factory=list)


class Sales:
    """Plays the trade of two years, day by day."""

    def __init__(
        self,
        loader: Loader,
        chance: Random,
        *,
        customers: CustomerMaker,
        units: UnitMaker,
        trims: TrimChooser,
        now: datetime,
    ) -> None:
        self._loader, self._chance = loader, chance
        self._customers, self._units, self._trims = customers, units, trims
        self._now, self._today = now, branch_date(now)
        self._takings = Takings(loader, chance, now=now)
        self._returned: dict[str, deque[DemoUnit]] = {}
        self._recent: dict[str, deque[DemoUnit]] = {}
        self._finals: dict[tuple[str, int], int] = {}
        self.history = SalesHistory()

    # --- one order ---------------------------------------------------------------------------------

    def order(self, day: date, branch: DemoBranch, *, share: float) -> None:
        """One order of a day; `share` is how far the two years have gone."""
        at = at_time(day, self._chance.randrange(9, 19), self._chance.randrange(60))
        if at > self._now:
            at = self._now - timedelta(minutes=self._chance.randrange(5, 90))
        customer = self._buyer(branch, at)
        unit = self._unit(branch, day, share)
        offer, reason = self._offer(unit, customer, day, final=True)
        quoted_at = max(customer.since, at - timedelta(minutes=self._chance.choice((20, 45, 600, 1800, 4300))))
        quotation = self._quotation(
            offer, customer, unit, at=quoted_at, changed=at, state=QuotationState.CONVERTED, reason=reason
        )
        self._order(offer, customer, unit, at=at, quotation_id=quotation)

    def _buyer(self, branch: DemoBranch, at: datetime) -> DemoCustomer:
        if self._chance.random() < 0.19:
            known = self._customers.known(branch, before=at - timedelta(days=2))
            if known is not None:
                return known
        return self._customers.make(branch, at - timedelta(minutes=self._chance.randrange(30, 20_000)))

    def _unit(self, branch: DemoBranch, day: date, share: float) -> DemoUnit:
        returned = self._returned.get(branch.id)
        if returned:
            return returned.popleft()
        age = min(int(self._chance.expovariate(1 / 38)), 300)
        unit = self._units.make(self._trims.choose(share), branch, day - timedelta(days=age), today=self._today)
        self._recent.setdefault(branch.id, deque(maxlen=60)).append(unit)
        return unit

    def _order(self, offer: Offer, customer: DemoCustomer, unit: DemoUnit, *, at: datetime, quotation_id: str) -> None:
        day, branch = branch_date(at), unit.branch
        lag = self._chance.randrange(2, 20)
        planned = day + timedelta(days=lag)
        cancelled = self._chance.random() < 0.04 and (self._today - day).days > 8
        delivered = not cancelled and planned < self._today
        state = self._state(planned, delivered=delivered, cancelled=cancelled)
        delivered_at = at_time(planned, self._chance.randrange(10, 18)) if delivered else None
        cancelled_at = at + timedelta(days=self._chance.randrange(1, 6)) if cancelled else None
        self.history.orders += 1
        order_id = self._loader.add(
            "sales_order", at=at, changed=delivered_at or cancelled_at, scope=branch.id, branch_id=branch.id,
            number=branch.number("SO"), final_number=self._final_number(branch, day), state=state.value,
            claim_state=(ClaimState.RELEASED if cancelled else ClaimState.CONFIRMED).value,
            customer_id=customer.id, vehicle_unit_id=unit.id, quotation_id=quotation_id,
            salesperson_id=branch.one_of(Role.SALESPERSON, self._chance), make_id=unit.trim.make_id,
            vehicle_price=to_fen(offer.on_road.request.vehicle_price), on_road_total=to_fen(offer.total),
            unit_cost=to_fen(unit.cost), finance=offer.stored_finance(), ordered_at=microseconds(at),
            planned_delivery_on=planned.isoformat(), delivered_at=_stored(delivered_at),
            cancelled_at=_stored(cancelled_at),
            cancel_reason=self._chance.choice(_CANCEL_REASONS) if cancelled else "",
        )  # fmt: skip
        self._lines("sales_order_line", "order_id", order_id, offer, at=at, scope=branch.id)
        if cancelled_at is not None:
            self._cancel(order_id, offer, customer, unit, at=at, cancelled_at=cancelled_at)
        else:
            paid = delivered or state is OrderState.DELIVERY_CONFIRMING
            self._takings.pay(order_id, offer, customer, branch, at=at, handover=at_time(planned, 9) if paid else None)
            self._hand_over(order_id, unit, customer, at=at, delivered_at=delivered_at)

    def _state(self, planned: date, *, delivered: bool, cancelled: bool) -> OrderState:
        if cancelled:
            return OrderState.CANCELLED
        if delivered:
            return OrderState.COMPLETED if (self._today - planned).days > 10 else OrderState.DELIVERED
        return OrderState.DELIVERY_CONFIRMING if (planned - self._today).days <= 1 else OrderState.CONFIRMED

    def _final_number(self, branch: DemoBranch, day: date) -> str:
        key = (branch.plan.code, day.year)
        self._finals[key] = self._finals.get(key, 0) + 1
        return f"{branch.plan.code}-SO-{day.year}-{self._finals[key]:06d}"

    def _hand_over(
        self, order_id: str, unit: DemoUnit, customer: DemoCustomer, *, at: datetime, delivered_at: datetime | None
    ) -> None:
        if delivered_at is None:
            unit.becomes(at=at, allocation_state=AllocationState.ALLOCATED.value, order_id=order_id)
            return
        unit.becomes(
            at=delivered_at, allocation_state=AllocationState.DELIVERED.value, stock_state=StockState.OUT.value,
            order_id=order_id, pdi_state=PdiState.PASS.value, certificate_state=CertificateState.ISSUED.value,
            location="",
        )  # fmt: skip
        self.history.sold.append(Sold(unit, customer, branch_date(delivered_at)))

    def _cancel(
        self,
        order_id: str,
        offer: Offer,
        customer: DemoCustomer,
        unit: DemoUnit,
        *,
        at: datetime,
        cancelled_at: datetime,
    ) -> None:
        """An advance goes back by a contra entry, earnest money stays; the unit is free for the next buyer."""
        self._takings.first(
            order_id, offer, customer, unit.branch, at=at, kind=PaymentKind.ADVANCE, reversed_at=cancelled_at
        )
        self._returned.setdefault(unit.branch.id, deque()).append(unit)

    # --- offers ------------------------------------------------------------------------------------

    def _offer(self, unit: DemoUnit, customer: DemoCustomer, day: date, *, final: bool) -> tuple[Offer, str]:
        """A calculated offer, and why a price below the floor was allowed (empty where it is not below)."""
        chance = self._chance
        aged = (day - unit.arrived_on).days > 90
        wish = max(0.0, chance.gauss(0.052 if aged else 0.040, 0.016)) + (0.01 if day.month in (6, 12) else 0)
        discount = cents(Decimal(round(float(unit.list_price) * wish / 100) * 100))
        below = unit.list_price - discount < unit.floor_price
        reason = chance.choice(_APPROVAL_REASONS) if below and chance.random() < 0.3 else ""
        if below and not reason:
            discount = unit.list_price - unit.floor_price
        terms = self._terms(unit, customer, day, discount)
        return self._calculated(unit, terms, customer, day), reason

    def _calculated(self, unit: DemoUnit, terms: QuotationTerms, customer: DemoCustomer, day: date) -> Offer:
        """An offer of what is not written yet; no campaign counts, for the demo's run later than its sales."""
        lineage = Lineage(cast(Trim, unit.trim), None, None, None)  # a trim of the demo says all itself
        company = customer.company
        return calculate_offer(terms, unit=cast(VehicleUnit, unit), lineage=lineage, company=company, today=day)

    def _terms(self, unit: DemoUnit, customer: DemoCustomer, day: date, discount: Decimal) -> QuotationTerms:
        chance = self._chance
        services = [item for item in _SERVICES if chance.random() < 0.35]
        options = tuple(
            ExtraTerms(name_zh=o["name_zh"], name_en=o["name_en"], amount=from_fen(o["price_fen"]))
            for o in unit.row["options"] or ()
        )
        financed = not customer.company and chance.random() < 0.54
        price = unit.list_price - discount + add_up(option.amount for option in options)
        return QuotationTerms(
            vehicle_unit_id=unit.id,
            discount=discount,
            options=options,
            services=tuple(ExtraTerms(name_zh=zh, name_en=en, amount=Decimal(f"{fee}.00")) for zh, en, fee in services),
            insurance=InsuranceTerms(third_party_limit=chance.choice(_LIMITS), occupants=chance.random() < 0.4),
            finance=self._finance(day, price) if financed else None,
        )

    def _finance(self, day: date, price: Decimal) -> FinanceTerms:
        product = self._chance.choice(loan_products(day))
        months = self._chance.choice(list(product.annual_rates))
        share = max(product.smallest_down_share + Decimal("0.02"), Decimal(self._chance.choice((30, 40, 50))) / 100)
        down = price * share / 1000
        return FinanceTerms(
            method=product.method.value,
            down_payment=cents(down.to_integral_value() * 1000 + 1000),
            months=months,
            annual_rate=product.annual_rates[months],
            product_code=product.code,
        )

    def _quotation(
        self,
        offer: Offer,
        customer: DemoCustomer,
        unit: DemoUnit,
        *,
        at: datetime,
        state: QuotationState,
        changed: datetime | None = None,
        reason: str = "",
        seller: str = "",
    ) -> str:
        branch, request = unit.branch, offer.on_road.request
        decided = bool(reason) and state is not QuotationState.PENDING_APPROVAL
        quotation_id = self._loader.add(
            "quotation", at=at, changed=changed, scope=branch.id, branch_id=branch.id, number=branch.number("QT"),
            state=state.value, customer_id=customer.id, vehicle_unit_id=unit.id,
            salesperson_id=seller or branch.one_of(Role.SALESPERSON, self._chance),
            vehicle_price=to_fen(request.vehicle_price), list_price=to_fen(unit.list_price),
            floor_price=to_fen(unit.floor_price), discount=to_fen(request.discount), on_road_total=to_fen(offer.total),
            finance=offer.stored_finance(), terms=stored_terms(offer.terms),
            valid_until=offer.on_road.valid_until.isoformat(), approval_reason=reason,
            decided_by_staff_id=branch.one_of(Role.BRANCH_MANAGER, self._chance) if decided else None,
            decided_at=microseconds(at + timedelta(minutes=15)) if decided else None,
            decision_note=self._chance.choice(_LOST_REASONS) if state is QuotationState.LOST else "",
        )  # fmt: skip
        self._lines("quotation_line", "quotation_id", quotation_id, offer, at=at, scope=branch.id)
        if offer.schedule is not None and state is QuotationState.CONVERTED:
            self._customers.consent(customer, ConsentPurpose.SHARE_WITH_BANK, at, recipient="合作银行 / Partner bank")
        return quotation_id

    def _lines(self, table: str, owner: str, owner_id: str, offer: Offer, *, at: datetime, scope: str) -> None:
        of: dict[str, Any] = {owner: owner_id}
        for position, line in enumerate(offer.lines, start=1):
            self._loader.add(
                table, at=at, scope=scope, position=position, kind=line.kind.value, label_zh=line.label.zh[:120],
                label_en=line.label.en[:120], amount=to_fen(line.amount), source=_source(line.source),
                **of,
            )  # fmt: skip

    # --- offers without an order ---------------------------------------------------------------------

    def lost_offer(self, day: date, branch: DemoBranch) -> None:
        """Somebody looked, had a price, and did not buy."""
        recent = self._recent.get(branch.id)
        at = at_time(day, self._chance.randrange(9, 19), self._chance.randrange(60))
        if not recent or at > self._now - timedelta(days=8):
            return
        customer = self._customers.make(branch, at - timedelta(minutes=self._chance.randrange(20, 400)))
        unit = self._chance.choice(recent)
        offer, reason = self._offer(unit, customer, day, final=False)
        state = self._chance.choices((QuotationState.EXPIRED, QuotationState.LOST), (6, 4))[0]
        self._quotation(offer, customer, unit, at=at, changed=at + timedelta(days=7), state=state, reason=reason)

    def open_offers(self, free: Sequence[DemoUnit], count: int) -> None:
        """What lies on the desks today: drafts, presented offers, prices that wait for a manager."""
        states = (
            QuotationState.PRESENTED, QuotationState.PRESENTED, QuotationState.DRAFT, QuotationState.PENDING_APPROVAL,
            QuotationState.PRESENTED, QuotationState.ACCEPTED, QuotationState.DRAFT, QuotationState.REJECTED,
        )  # fmt: skip
        for position, unit in enumerate(self._chance.sample(list(free), min(count, len(free)))):
            at = self._now - timedelta(minutes=self._chance.randrange(30, 5 * 24 * 60))
            customer = self._customers.make(unit.branch, at - timedelta(minutes=20))
            self._open_offer(unit, customer, at, states[position % len(states)])

    def _open_offer(self, unit: DemoUnit, customer: DemoCustomer, at: datetime, state: QuotationState) -> None:
        day = branch_date(at)
        if state in (QuotationState.PENDING_APPROVAL, QuotationState.REJECTED):
            gap = Decimal(self._chance.randrange(5, 40) * 100)
            terms = self._terms(unit, customer, day, unit.list_price - unit.floor_price + gap)
            offer = self._calculated(unit, terms, customer, day)
            reason = self._chance.choice(_APPROVAL_REASONS)
            quotation = self._quotation(offer, customer, unit, at=at, state=state, reason=reason)
            if state is QuotationState.PENDING_APPROVAL:
                number = self._loader.rows["quotation"][-1]["number"]
                params = {"number": number, "customer": customer.name, "gap_fen": to_fen(gap)}
                self._task(TaskKind.APPROVE_QUOTATION, unit.branch, at, "quotation", quotation, params)
            return
        offer, _ = self._offer(unit, customer, day, final=False)
        floored = unit.list_price - offer.on_road.request.discount < unit.floor_price
        self._quotation(offer, customer, unit, at=at, state=QuotationState.DRAFT if floored else state)
        if state is QuotationState.PRESENTED and self._chance.random() < 0.4:
            seller = self._loader.rows["quotation"][-1]["salesperson_id"]
            self._task(
                TaskKind.FOLLOW_UP, unit.branch, at, "customer", customer.id, {"customer": customer.name},
                assignee=seller, due=self._now + timedelta(hours=self._chance.randrange(-20, 70)),
            )  # fmt: skip

    def _task(
        self,
        kind: TaskKind,
        branch: DemoBranch,
        at: datetime,
        table: str,
        record_id: str,
        params: dict[str, Any],
        *,
        assignee: str | None = None,
        due: datetime | None = None,
    ) -> None:
        self._loader.add(
            "task", at=at, scope=branch.id, branch_id=branch.id, kind=kind.value, assignee_staff_id=assignee,
            record_table=table, record_id=record_id, params=params, due_at=_stored(due),
        )  # fmt: skip


_source = lru_cache(maxsize=4096)(stored_source)


def _stored(instant: datetime | None) -> int | None:
    return None if instant is None else microseconds(instant)
