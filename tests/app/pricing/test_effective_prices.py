"""Which price counts: by hand, and against an oracle that looks at every rule on every day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.labels import Bilingual
from app.pricing.errors import CampaignDaysWrong, PriceDayInPast
from app.pricing.rules import (
    Formula,
    FormulaKind,
    PricedUnit,
    PriceKind,
    PriceLevel,
    PricePhase,
    PriceRule,
    Rounding,
    change_share,
    counting_price,
    explanation,
    needs_approval,
    phase_on,
    require_days,
    rounded,
    winner,
)
from app.runtime.language import CHINESE

DAY = date(2026, 12, 1)
UNIT = PricedUnit(
    unit_id="u", trim_id="t", series_id="s", entered_on=date(2026, 11, 1), list_price=Decimal("189800.00"),
    floor_price=Decimal("180000.00"), guide_price=Decimal("199800.00"),
)  # fmt: skip
_SUBJECTS = {PriceLevel.UNIT: "u", PriceLevel.TRIM: "t", PriceLevel.SERIES: "s"}


def rule(kind: PriceKind = PriceKind.LIST, level: PriceLevel = PriceLevel.TRIM, /, **values: object) -> PriceRule:
    given = {
        "id": "r", "kind": kind, "level": level, "subject_id": _SUBJECTS[level], "valid_from": date(2026, 11, 20),
        "valid_to": None, "decided_at": datetime(2026, 11, 10, tzinfo=UTC), "amount": Decimal("185800.00"),
    }  # fmt: skip
    return PriceRule(**(given | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "rounding", "expected"),
    [
        ("187043.21", Rounding.NONE, "187043.21"), ("187049.99", Rounding.TO_100, "187000.00"),
        ("187050.00", Rounding.TO_100, "187100.00"), ("187499.00", Rounding.TO_1000, "187000.00"),
        ("187043.00", Rounding.ENDING_800, "186800.00"), ("187300.00", Rounding.ENDING_800, "187800.00"),
        ("187950.00", Rounding.ENDING_900, "187900.00"), ("120.00", Rounding.ENDING_800, "800.00"),
    ],
)  # fmt: skip
def test_prices_end_where_the_house_wants(amount: str, rounding: Rounding, expected: str) -> None:
    assert rounded(Decimal(amount), rounding) == Decimal(expected)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (FormulaKind.SET, "179900", "179900.00"), (FormulaKind.BY_AMOUNT, "-5000", "184800.00"),
        (FormulaKind.BY_PERCENT, "-2.5", "185055.00"), (FormulaKind.OF_GUIDE, "95", "189810.00"),
    ],
)  # fmt: skip
def test_formulas_by_hand(kind: FormulaKind, value: str, expected: str) -> None:
    assert Formula(kind, Decimal(value)).apply(UNIT.list_price, UNIT.guide_price) == Decimal(expected)


def test_the_unit_goes_before_its_trim_and_the_trim_before_its_series() -> None:
    series = rule(PriceKind.LIST, PriceLevel.SERIES, amount=Decimal(3))
    trim = rule(PriceKind.LIST, PriceLevel.TRIM, amount=Decimal(2))
    unit = rule(PriceKind.LIST, PriceLevel.UNIT, amount=Decimal(1))
    assert winner([series, unit, trim], PriceKind.LIST, UNIT, DAY) is unit
    assert winner([series, trim], PriceKind.LIST, UNIT, DAY) is trim
    assert winner([series], PriceKind.LIST, UNIT, DAY) is series


def test_of_two_that_begin_on_one_day_the_later_approved_counts() -> None:
    early = rule(id="a", decided_at=datetime(2026, 11, 10, 1, tzinfo=UTC))
    late = rule(id="b", decided_at=datetime(2026, 11, 10, 2, tzinfo=UTC), amount=Decimal("1.00"))
    for rules in ([early, late], [late, early]):
        assert winner(rules, PriceKind.LIST, UNIT, DAY) is late


def test_what_is_approved_late_does_not_count_before_its_approval() -> None:
    late = rule(valid_from=date(2026, 11, 20), decided_at=datetime(2026, 11, 24, 17, tzinfo=UTC))  # the 25th here
    assert late.starts == date(2026, 11, 25)
    assert winner([late], PriceKind.LIST, UNIT, date(2026, 11, 24)) is None


def test_a_unit_entered_later_keeps_the_price_it_was_entered_with() -> None:
    fresh = PricedUnit(
        unit_id="u", trim_id="t", series_id="s", entered_on=date(2026, 11, 20), list_price=Decimal("190000.00"),
        floor_price=Decimal("1.00"), guide_price=Decimal("1.00"),
    )  # fmt: skip
    assert counting_price([rule()], fresh, DAY).list_price == Decimal("190000.00")
    assert counting_price([rule(valid_from=date(2026, 11, 21))], fresh, DAY).list_price == Decimal("185800.00")


def campaign(**values: object) -> PriceRule:
    given = {
        "amount": None, "formula": Formula(FormulaKind.BY_AMOUNT, Decimal(-5000)), "valid_to": date(2026, 12, 12),
        "name": Bilingual("双十二", "Double 12"),
    }  # fmt: skip
    return rule(PriceKind.CAMPAIGN, PriceLevel.SERIES, **(given | values))


def test_a_campaign_is_told_in_words() -> None:
    price = counting_price([campaign()], UNIT, DAY)
    assert (price.asked, price.cut) == (Decimal("184800.00"), Decimal("5000.00"))
    said = explanation(price)[0]
    assert str(said) == "Campaign “Double 12” until 2026-12-12: -5,000.00 from list 189,800.00"
    assert said.in_language(CHINESE) == "活动“双十二”至 2026-12-12：标价 189,800.00 减 5,000.00"
    assert counting_price([campaign()], UNIT, date(2026, 12, 13)).campaign is None


def test_a_campaign_holds_the_floor_unless_it_was_approved_below_it() -> None:
    deep = Formula(FormulaKind.BY_AMOUNT, Decimal(-20000))
    held = counting_price([campaign(formula=deep)], UNIT, DAY)
    assert held.asked == held.lowest == Decimal("180000.00")
    freed = counting_price([campaign(formula=deep, below_floor=True)], UNIT, DAY)
    assert freed.asked == freed.lowest == Decimal("169800.00")
    dearer = counting_price([campaign(formula=Formula(FormulaKind.BY_AMOUNT, Decimal(9)))], UNIT, DAY)
    assert (dearer.asked, dearer.campaign) == (UNIT.list_price, None)


def test_phases_follow_the_days() -> None:
    first, last = date(2026, 12, 1), date(2026, 12, 12)
    assert phase_on("APPROVED", first, last, date(2026, 11, 30)) is PricePhase.SCHEDULED
    assert phase_on("APPROVED", first, last, last) is PricePhase.IN_FORCE
    assert phase_on("APPROVED", first, last, date(2026, 12, 13)) is PricePhase.ENDED
    assert phase_on("REJECTED", first, last, last) is PricePhase.REJECTED


def test_days_and_limits() -> None:
    with pytest.raises(PriceDayInPast):
        require_days(PriceKind.LIST, valid_from=DAY - timedelta(1), valid_to=None, today=DAY)
    with pytest.raises(CampaignDaysWrong):
        require_days(PriceKind.CAMPAIGN, valid_from=DAY, valid_to=None, today=DAY)
    assert change_share(Decimal("189800.00"), Decimal("184800.00")) == Decimal("2.6")
    assert not needs_approval(Decimal("2.0"), below_floor=False, on_date=DAY)
    assert needs_approval(Decimal("2.1"), below_floor=False, on_date=DAY)
    assert needs_approval(Decimal("0.1"), below_floor=True, on_date=DAY)


# --- against an oracle ---------------------------------------------------------------------------

FIRST = date(2026, 11, 1)
_days = st.integers(0, 25).map(lambda n: FIRST + timedelta(days=n))
_moments = st.integers(0, 25 * 24).map(lambda n: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=n))
_formulas = st.builds(
    Formula,
    st.sampled_from(FormulaKind),
    st.integers(-30, 120).map(Decimal),
    st.sampled_from(Rounding),
)


@st.composite
def _rules(draw: st.DrawFn) -> list[PriceRule]:
    found = []
    for number in range(draw(st.integers(0, 9))):
        kind = draw(st.sampled_from([PriceKind.LIST, PriceKind.FLOOR, PriceKind.CAMPAIGN]))
        level = draw(st.sampled_from(PriceLevel))
        first = draw(_days)
        absolute = kind is not PriceKind.CAMPAIGN or draw(st.booleans())
        found.append(
            PriceRule(
                id=f"{number}", kind=kind, level=level, subject_id=draw(st.sampled_from([_SUBJECTS[level], "other"])),
                valid_from=first,
                valid_to=first + timedelta(draw(st.integers(0, 12))) if kind is PriceKind.CAMPAIGN else None,
                decided_at=draw(_moments), amount=Decimal(draw(st.integers(1, 400)) * 1000) if absolute else None,
                formula=None if absolute else draw(_formulas), below_floor=draw(st.booleans()),
            )
        )  # fmt: skip
    return found


def _oracle(rules: list[PriceRule], kind: PriceKind, day: date) -> PriceRule | None:
    """Level by level, looking at every rule; of several, each is compared with every other one."""
    for level in (PriceLevel.UNIT, PriceLevel.TRIM, PriceLevel.SERIES):
        here = []
        for one in rules:
            first = one.valid_from
            local = (one.decided_at + timedelta(hours=8)).date()
            while first < local:
                first += timedelta(days=1)
            begun = first <= day and (one.valid_to is None or day <= one.valid_to)
            late_unit = kind is not PriceKind.CAMPAIGN and level is not PriceLevel.UNIT and first <= UNIT.entered_on
            if one.kind is kind and one.level is level and one.subject_id == _SUBJECTS[level] and begun:
                here += [] if late_unit else [(first, one.decided_at, one.id, one)]
        if here:
            best = [a for a in here if all(a[:3] >= b[:3] for b in here)]
            assert len(best) == 1, "two winners"
            return best[0][3]
    return None


@given(rules=_rules(), day=_days, shuffle=st.randoms(use_true_random=False))
def test_prices_against_the_oracle(rules: list[PriceRule], day: date, shuffle: object) -> None:
    price = counting_price(rules, UNIT, day)
    for kind, found in ((PriceKind.LIST, price.list_rule), (PriceKind.FLOOR, price.floor_rule)):
        assert found is _oracle(rules, kind, day)
    expected = _oracle(rules, PriceKind.LIST, day)
    assert price.list_price == (UNIT.list_price if expected is None else expected.amount)
    # No gap: there is a price on every day; the floor holds; a campaign only ever lowers.
    assert Decimal(0) <= price.asked <= price.list_price
    assert price.floor_price <= price.list_price
    running = _oracle(rules, PriceKind.CAMPAIGN, day)
    if price.campaign is not None:
        assert price.campaign is running
    if running is None or not running.below_floor:
        assert price.asked >= price.floor_price
    if running is None:
        assert price.asked == price.list_price
    # The order in which records arrive plays no part.
    mixed = list(rules)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    assert counting_price(mixed, UNIT, day) == price


@given(rules=_rules(), day=_days)
def test_prices_written_into_units_stay_what_they_are(rules: list[PriceRule], day: date) -> None:
    from dataclasses import replace

    once = counting_price(rules, UNIT, day)
    written = replace(UNIT, list_price=once.list_price, floor_price=once.floor_price)
    again = counting_price(rules, written, day)
    assert (again.list_price, again.floor_price, again.asked) == (once.list_price, once.floor_price, once.asked)
