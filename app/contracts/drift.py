"""What an order says otherwise than the sales contract that was sealed over it: an amendment is needed, and what it
would say.

Beside each sales contract stands what of the order it was drafted from (`Contract.form_entries`), as far as an
amendment is about it: vehicle, lines and total, payment by loan, day of delivery. What becomes known later anyhow
(payments, the centre's answer, a customer's new phone) asks for no amendment.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.contracts.kinds.registry import SALE
from app.contracts.rules import IN_FORCE
from app.documents.paper_data import Words
from app.documents.wording import branch_date, day_in_words, money
from app.kernel.labels import Bilingual
from app.orders.rules import LIVE_STATES
from app.orders.ties import order_lines
from app.quotations.paper_facts import paper_lines, paper_plan
from app.runtime.language import CHINESE, ENGLISH
from db.models.contracts import Contract
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder

_JOINTS = {CHINESE: "；", ENGLISH: "; "}
_CHANGED = Words("{what}由{before}改为{after}", "{what} from {before} to {after}")
_TAKEN_OUT = Words("取消{what}（{before}）", "without {what} ({before})")
_ADDED = Words("增加{what}（{after}）", "with {what} ({after})")
_NO_DAY, _NO_LOAN = Words("未定", "no day"), Words("全款", "payment in full")
_VEHICLE, _EXTERIOR, _INTERIOR = Words("车辆", "vehicle"), Words("外观颜色", "exterior"), Words("内饰颜色", "interior")
_TOTAL, _DELIVERY = Words("合计金额", "total"), Words("交车日期", "delivery")
_PAYING = Words("付款方式", "payment")
_LOAN = Words("{lender}贷款{principal}、{months}期", "loan of {principal} from {lender} in {months} instalments")


def agreed_facts(session: Session, order: SalesOrder) -> dict[str, Any]:
    """What the order says now, as texts: `vin`, `exterior`, `interior`, `delivery_on` (ISO or empty), `total`,
    `lines` (`[[zh, en, amount]]`) and `loan` (`{lender, principal, months}` or None)."""
    unit = session.get(VehicleUnit, order.vehicle_unit_id)
    plan = paper_plan(order.finance, quoted_on=branch_date(order.ordered_at))
    return {
        "vin": unit.vin if unit is not None else "",
        "exterior": unit.exterior_colour if unit is not None else "",
        "interior": unit.interior_colour if unit is not None else "",
        "delivery_on": order.planned_delivery_on.isoformat() if order.planned_delivery_on is not None else "",
        "total": str(order.on_road_total),
        "lines": [[one.label.zh, one.label.en, str(one.amount)] for one in paper_lines(order_lines(session, order.id))],
        "loan": None
        if plan is None
        else {"lender": plan.lender, "principal": str(plan.principal), "months": plan.months},
    }


def drift_of(session: Session, contract: Contract) -> tuple[Words, ...]:
    """What a live order says otherwise than its contract in force, change by change; nothing for other documents, and
    for contracts beside which the facts were not kept yet."""
    kept = contract.form_entries
    if contract.template_code != SALE or contract.state not in IN_FORCE or not kept:
        return ()
    order = session.get(SalesOrder, contract.order_id)
    if order is None or order.deleted_at is not None or order.state not in LIVE_STATES:
        return ()
    try:
        return tuple(differences(kept, agreed_facts(session, order)))
    except (KeyError, TypeError, ValueError, ArithmeticError):  # kept by a version that says it otherwise
        return ()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Words]:
    """What changed from one set of facts to another, in both languages."""
    for name, what in (("vin", _VEHICLE), ("exterior", _EXTERIOR), ("interior", _INTERIOR)):
        if before[name] != after[name]:
            yield _said(_CHANGED, what, before=_colour(before[name]), after=_colour(after[name]))
    yield from _lines_changed(before["lines"], after["lines"])
    if Decimal(before["total"]) != Decimal(after["total"]):
        yield _said(_CHANGED, _TOTAL, before=_money(before["total"]), after=_money(after["total"]))
    if before["loan"] != after["loan"]:
        yield _said(_CHANGED, _PAYING, before=_loan(before["loan"]), after=_loan(after["loan"]))
    if before["delivery_on"] != after["delivery_on"]:
        yield _said(_CHANGED, _DELIVERY, before=_day(before["delivery_on"]), after=_day(after["delivery_on"]))


def proposed_changes(changes: Sequence[Words], language: str, *, limit: int) -> str:
    """The changes in one language as one text of at most so many characters: as many of them, whole, as fit."""
    text = ""
    for change in changes:
        longer = _JOINTS[language].join(part for part in (text, change.in_language(language)) if part)
        if len(longer) > limit:
            break
        text = longer
    return text


def _lines_changed(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> Iterator[Words]:
    """Line by line; lines of one name count together."""
    names = {zh: Words(zh, en) for zh, en, _ in (*before, *after)}
    old, new = _sums(before), _sums(after)
    for zh, what in names.items():
        was, now = old.get(zh), new.get(zh)
        if was == now:
            continue
        form = _TAKEN_OUT if now is None else _ADDED if was is None else _CHANGED
        yield _said(form, what, before=_money(was), after=_money(now))


def _sums(lines: Sequence[Sequence[str]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for zh, _, amount in lines:
        sums[zh] = sums.get(zh, Decimal(0)) + Decimal(amount)
    return sums


def _said(form: Words, what: Words, *, before: Words, after: Words) -> Words:
    def in_language(code: str) -> str:
        parts = {"what": what, "before": before, "after": after}
        return form.in_language(code).format(**{name: part.in_language(code) for name, part in parts.items()})

    return Words(in_language(CHINESE), in_language(ENGLISH))


def _money(amount: Decimal | str | None) -> Words:
    return Words(money(Decimal(amount)) if amount is not None else "")


def _colour(stored: str) -> Words:
    """A VIN, or a colour in both languages."""
    name = Bilingual.from_stored(stored or "—")
    return Words(name.zh, name.en)


def _day(stored: str) -> Words:
    if not stored:
        return _NO_DAY
    day = date.fromisoformat(stored)
    return Words(day_in_words(day, CHINESE), day_in_words(day, ENGLISH))


def _loan(loan: Mapping[str, Any] | None) -> Words:
    if loan is None:
        return _NO_LOAN
    told = {"lender": loan["lender"], "principal": money(Decimal(loan["principal"])), "months": loan["months"]}
    return Words(_LOAN.zh.format(**told), _LOAN.en.format(**told))
