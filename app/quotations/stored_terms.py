"""The terms of an offer as a quotation keeps them: JSON with amounts in fen, rates as text, days in ISO form."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.kernel.money import from_fen, to_fen
from app.quotations.commands import ExtraTerms, FinanceTerms, InsuranceTerms, QuotationTerms


def stored_terms(terms: QuotationTerms) -> dict[str, Any]:
    """What of the terms differs from the usual; the unit has a column of its own. Terms were calculated before."""
    stored: dict[str, Any] = {
        "price_fen": _fen(terms.price),
        "discount_fen": _fen(terms.discount),
        "subsidy_fen": _fen(terms.subsidy),
        "subsidy_by_house": terms.subsidy_by_house,
        "options": [_extra(extra) for extra in terms.options],
        "services": [_extra(extra) for extra in terms.services],
        "insurance": _insurance(terms.insurance),
        "plate_fee_fen": _fen(terms.plate_fee),
        "vessel_tax_fen": _fen(terms.vessel_tax),
        "finance": None if terms.finance is None else _finance(terms.finance),
        "valid_until": None if terms.valid_until is None else terms.valid_until.isoformat(),
    }
    return {key: value for key, value in stored.items() if value is not None and value is not False and value != []}


def _fen(amount: Decimal | None) -> int | None:
    return None if amount is None else to_fen(Decimal(amount))


def _extra(extra: ExtraTerms) -> dict[str, Any]:
    return {
        "name_zh": extra.name_zh, "name_en": extra.name_en, "amount_fen": _fen(extra.amount),
        "on_invoice": extra.on_invoice,
    }  # fmt: skip


def _insurance(terms: InsuranceTerms) -> dict[str, Any]:
    return {
        "compulsory": terms.compulsory,
        "compulsory_factor": f"{terms.compulsory_factor:f}",
        "compulsory_premium_fen": _fen(terms.compulsory_premium),
        "vehicle_damage": terms.vehicle_damage,
        "third_party_limit_fen": _fen(terms.third_party_limit),
        "occupants": terms.occupants,
        "commercial_premium_fen": _fen(terms.commercial_premium),
    }


def _finance(terms: FinanceTerms) -> dict[str, Any]:
    return {
        "method": terms.method, "down_payment_fen": _fen(terms.down_payment), "months": terms.months,
        "annual_rate": f"{terms.annual_rate:f}", "product_code": terms.product_code,
    }  # fmt: skip


def terms_from(stored: Mapping[str, Any], *, vehicle_unit_id: str) -> QuotationTerms:
    """The terms that were stored."""
    insurance, finance = stored.get("insurance") or {}, stored.get("finance")
    day = stored.get("valid_until")
    return QuotationTerms(
        vehicle_unit_id=vehicle_unit_id,
        price=_amount(stored, "price_fen"),
        discount=from_fen(stored.get("discount_fen") or 0),
        subsidy=from_fen(stored.get("subsidy_fen") or 0),
        subsidy_by_house=bool(stored.get("subsidy_by_house")),
        options=tuple(_extra_from(extra) for extra in stored.get("options") or ()),
        services=tuple(_extra_from(extra) for extra in stored.get("services") or ()),
        insurance=_insurance_from(insurance),
        plate_fee=_amount(stored, "plate_fee_fen"),
        vessel_tax=_amount(stored, "vessel_tax_fen"),
        finance=None if not finance else _finance_from(finance),
        valid_until=None if not day else date.fromisoformat(day),
    )


def _amount(stored: Mapping[str, Any], name: str) -> Decimal | None:
    fen = stored.get(name)
    return None if fen is None else from_fen(fen)


def _extra_from(stored: Mapping[str, Any]) -> ExtraTerms:
    return ExtraTerms(
        name_zh=stored["name_zh"],
        name_en=stored["name_en"],
        amount=from_fen(stored["amount_fen"]),
        on_invoice=stored["on_invoice"],
    )


def _insurance_from(stored: Mapping[str, Any]) -> InsuranceTerms:
    usual = InsuranceTerms()
    if not stored:
        return usual
    return replace(
        usual,
        compulsory=stored["compulsory"],
        compulsory_factor=Decimal(stored["compulsory_factor"]),
        compulsory_premium=_amount(stored, "compulsory_premium_fen"),
        vehicle_damage=stored["vehicle_damage"],
        third_party_limit=_amount(stored, "third_party_limit_fen"),
        occupants=stored["occupants"],
        commercial_premium=_amount(stored, "commercial_premium_fen"),
    )


def _finance_from(stored: Mapping[str, Any]) -> FinanceTerms:
    return FinanceTerms(
        method=stored["method"],
        down_payment=from_fen(stored["down_payment_fen"]),
        months=stored["months"],
        annual_rate=Decimal(stored["annual_rate"]),
        product_code=stored["product_code"],
    )
