"""Insurance: the compulsory premium, the first estimate of commercial cover, policy periods."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insurance.errors import CoverLimitUnknown, PremiumFactorWrong, PremiumNegative, SeatsUnknown
from app.insurance.rules import (
    CoverKind,
    VehicleUse,
    commercial_total,
    compulsory_charge,
    estimate_commercial,
    one_year_from,
    third_party_limits,
    with_premium,
)
from app.kernel.money import ZERO
from app.kernel.reference_data import bundled_reference

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("seats", "use", "premium"),
    [
        (5, VehicleUse.PRIVATE, "950.00"),
        (2, VehicleUse.PRIVATE, "950.00"),
        (6, VehicleUse.PRIVATE, "1100.00"),
        (7, VehicleUse.PRIVATE, "1100.00"),
        (5, VehicleUse.COMPANY, "1000.00"),
        (7, VehicleUse.COMPANY, "1130.00"),
    ],
)
def test_compulsory_premium_by_seats_and_use(seats: int, use: VehicleUse, premium: str) -> None:
    charge = compulsory_charge(seats=seats, use=use, on_date=TODAY)
    assert charge.amount == Decimal(premium)
    assert charge.source.zh


@given(st.integers(min_value=1, max_value=100), st.sampled_from(VehicleUse))
def test_every_number_of_seats_has_exactly_one_premium(seats: int, use: VehicleUse) -> None:
    premiums = bundled_reference().at("compulsory_insurance", TODAY).values["premiums"]
    fitting = [
        band for band in premiums if band["use"] == use and band["seats_from"] <= seats <= (band["seats_to"] or seats)
    ]
    assert len(fitting) == 1
    assert compulsory_charge(seats=seats, use=use, on_date=TODAY).amount == Decimal(fitting[0]["premium"])


def test_a_record_factor_scales_the_premium() -> None:
    assert compulsory_charge(seats=5, on_date=TODAY, factor=Decimal("0.7")).amount == Decimal("665.00")


def test_no_seats_have_no_premium() -> None:
    with pytest.raises(SeatsUnknown) as caught:
        compulsory_charge(seats=0, on_date=TODAY)
    assert caught.value.field == "seats"


def test_the_record_factor_stays_in_its_range() -> None:
    assert compulsory_charge(seats=5, on_date=TODAY).amount == Decimal("950.00")
    assert compulsory_charge(seats=7, on_date=TODAY, factor=Decimal("1.30")).amount == Decimal("1430.00")
    for factor in (Decimal("0.49"), Decimal("1.31")):
        with pytest.raises(PremiumFactorWrong) as caught:
            compulsory_charge(seats=5, on_date=TODAY, factor=factor)
        assert caught.value.field == "factor"


def test_the_estimate_is_marked_as_one_and_adds_up() -> None:
    lines = estimate_commercial(vehicle_price=Decimal("200000.00"), seats=5, on_date=TODAY)
    assert [line.kind for line in lines] == [CoverKind.VEHICLE_DAMAGE, CoverKind.THIRD_PARTY, CoverKind.OCCUPANTS]
    assert [str(line.premium) for line in lines] == ["3099.00", "1529.00", "145.00"]
    assert all(line.estimated and line.source.zh for line in lines)
    assert commercial_total(lines) == Decimal("4773.00")
    assert commercial_total(()) == ZERO


def test_every_listed_limit_has_a_premium() -> None:
    for limit in third_party_limits(TODAY):
        lines = estimate_commercial(vehicle_price=Decimal("200000"), seats=5, on_date=TODAY, third_party_limit=limit)
        assert lines[1].limit == limit
    with pytest.raises(CoverLimitUnknown):
        estimate_commercial(
            vehicle_price=Decimal("200000"), seats=5, on_date=TODAY, third_party_limit=Decimal("123.00")
        )


def test_the_insurer_s_figure_replaces_the_estimate() -> None:
    line = estimate_commercial(vehicle_price=Decimal("200000.00"), seats=5, on_date=TODAY)[0]
    replaced = with_premium(line, Decimal("2888"))
    assert (replaced.premium, replaced.estimated, replaced.source.en) == (Decimal("2888.00"), False, "Insurer's quote")
    with pytest.raises(PremiumNegative):
        with_premium(line, Decimal("-0.01"))


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_a_policy_year_ends_the_day_before_its_anniversary(start: date) -> None:
    period = one_year_from(start)
    assert (period.ends_on - period.starts_on).days in (364, 365)
    assert period.covers(start)
    assert period.covers(period.ends_on)
    assert not period.covers(period.ends_on + timedelta(days=1))
    assert not period.covers(start - timedelta(days=1))
    assert period.days_left(period.ends_on) == 0


def test_a_leap_day_s_policy_ends_with_february() -> None:
    assert one_year_from(date(2028, 2, 29)).ends_on == date(2029, 2, 28)
