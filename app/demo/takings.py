"""Money received in the demo: what comes with an order, what comes before the car leaves, what goes back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from app.demo.loading import Loader
from app.demo.people import DemoBranch, DemoCustomer
from app.kernel.clock import branch_date
from app.kernel.money import cents, to_fen
from app.kernel.permissions import Role
from app.orders.rules import earnest_cap
from app.payments.rules import PaymentKind, PaymentMethod, PaymentState
from app.quotations.calculation import Offer
from app.quotations.rules import ChargeKind
from db.types import microseconds

_COLLECTED = (ChargeKind.PURCHASE_TAX, ChargeKind.VESSEL_TAX, ChargeKind.PLATE_FEE)
_INSURANCE = (ChargeKind.COMPULSORY_INSURANCE, ChargeKind.COMMERCIAL_INSURANCE)
_METHODS = (
    (PaymentMethod.BANK_CARD, 0.42),
    (PaymentMethod.WECHAT_PAY, 0.24),
    (PaymentMethod.ALIPAY, 0.14),
    (PaymentMethod.TRANSFER, 0.17),
    (PaymentMethod.CASH, 0.03),
)


class Takings:
    """Posts the payments of orders into the loader."""

    def __init__(self, loader: Loader, chance: Random, *, now: datetime) -> None:
        self._loader, self._chance, self._now = loader, chance, now

    def pay(
        self,
        order_id: str,
        offer: Offer,
        customer: DemoCustomer,
        branch: DemoBranch,
        *,
        at: datetime,
        handover: datetime | None,
    ) -> None:
        """The first payment with the order, the rest before the car leaves; together exactly the on-road total."""
        kind = PaymentKind.EARNEST_MONEY if self._chance.random() < 0.72 else PaymentKind.ADVANCE
        first = self.first(order_id, offer, customer, branch, at=at, kind=kind)
        if handover is None:
            return
        paid_at = min(max(at, handover - timedelta(hours=self._chance.randrange(1, 40))), self._now)
        collected = offer.on_road.total_of(*_COLLECTED)
        insurance = offer.on_road.total_of(*_INSURANCE)
        own = offer.total - collected - insurance - first
        loan = Decimal(0)
        if offer.schedule is not None and offer.terms.finance is not None:
            loan = min(own, offer.on_road.request.invoice_price - offer.terms.finance.down_payment)
        parts: Sequence[tuple[PaymentKind, Decimal, PaymentMethod | None, str]] = (
            (PaymentKind.BALANCE, own - loan, None, ""),
            (PaymentKind.BALANCE, loan, PaymentMethod.TRANSFER, "贷款放款"),
            (PaymentKind.COLLECTED_ON_BEHALF, collected, None, ""),
            (PaymentKind.INSURANCE, insurance, None, ""),
        )
        for kind, amount, method, note in parts:
            if amount > 0:
                self._payment(
                    order_id, customer, branch, at=paid_at, kind=kind, amount=amount, method=method, note=note
                )

    def first(
        self,
        order_id: str,
        offer: Offer,
        customer: DemoCustomer,
        branch: DemoBranch,
        *,
        at: datetime,
        kind: PaymentKind,
        reversed_at: datetime | None = None,
    ) -> Decimal:
        wish = Decimal(self._chance.choice((2000, 5000, 5000, 10000, 10000, 20000)))
        amount = cents(min(wish, earnest_cap(offer.on_road.request.vehicle_price, branch_date(at))))
        payment = self._payment(order_id, customer, branch, at=at, kind=kind, amount=amount, reversed_at=reversed_at)
        if reversed_at is not None:
            self._payment(
                order_id, customer, branch, at=reversed_at, kind=kind, amount=-amount, reverses_id=payment,
                note="", reason="订单取消，退还订金",
            )  # fmt: skip
        return amount

    def _payment(
        self,
        order_id: str,
        customer: DemoCustomer,
        branch: DemoBranch,
        *,
        at: datetime,
        kind: PaymentKind,
        amount: Decimal,
        method: PaymentMethod | None = None,
        note: str = "",
        reason: str = "",
        reverses_id: str | None = None,
        reversed_at: datetime | None = None,
    ) -> str:
        chosen = method or self._chance.choices([m for m, _ in _METHODS], [w for _, w in _METHODS])[0]
        age = (self._now - at).days
        state = PaymentState.RECONCILED if age > 5 else PaymentState.CONFIRMED if age >= 1 else PaymentState.RECEIVED
        if reversed_at is not None:
            state = PaymentState.REVERSED
        elif reverses_id is not None:
            state = PaymentState.CONFIRMED
        return self._loader.add(
            "payment", at=at, changed=reversed_at, scope=branch.id, branch_id=branch.id, number=branch.number("RC"),
            order_id=order_id, customer_id=customer.id, kind=kind.value, method=chosen.value, amount=to_fen(amount),
            state=state.value, received_at=microseconds(at),
            received_by_staff_id=branch.one_of(Role.CASHIER, self._chance),
            reference="" if chosen is PaymentMethod.CASH else f"{self._chance.randrange(10**11):011d}",
            reverses_id=reverses_id, reason=reason, note=note,
        )  # fmt: skip
