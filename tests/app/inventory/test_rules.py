"""Stock: holds, and when a unit may be sold or handed over."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inventory.errors import (
    HoldInPast,
    HoldTooLong,
    VehicleAlreadyDelivered,
    VehicleAlreadySold,
    VehicleHeldByOther,
    VehicleNotForSale,
)
from app.inventory.rules import (
    AllocationState,
    CertificateState,
    HoldPolicy,
    PdiState,
    QualityState,
    StockState,
    UnitStanding,
    effective_allocation,
    handover_obstacles,
    hold_policy,
    hold_time_left,
    hold_until,
    require_available,
    sale_obstacles,
)

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HELD = UnitStanding(
    allocation=AllocationState.HELD,
    held_until=NOW + timedelta(hours=2),
    held_by_staff_id="mine",
    held_for_customer_id="customer",
)


def test_the_house_s_hold() -> None:
    policy = hold_policy(date(2026, 11, 22))
    assert policy == HoldPolicy(timedelta(hours=24), timedelta(hours=72))
    assert hold_until(NOW) == NOW + timedelta(hours=24)
    assert hold_until(NOW, NOW + timedelta(hours=72)) == NOW + timedelta(hours=72)


def test_a_hold_is_neither_over_nor_endless() -> None:
    with pytest.raises(HoldInPast):
        hold_until(NOW, NOW)
    with pytest.raises(HoldTooLong) as caught:
        hold_until(NOW, NOW + timedelta(hours=72, microseconds=1))
    assert caught.value.field == "until"
    assert "72 hours" in caught.value.message()


@given(st.timedeltas(timedelta(days=-10), timedelta(days=10)))
def test_a_hold_is_over_at_its_very_instant(after: timedelta) -> None:
    now = NOW + after
    running = now < NOW + timedelta(hours=2)
    assert effective_allocation(HELD, now) is (AllocationState.HELD if running else AllocationState.FREE)
    left = hold_time_left(HELD, now)
    assert (left is not None) == running
    assert left is None or left > timedelta(0)


def test_a_hold_without_an_end_lasts() -> None:
    endless = replace(HELD, held_until=None)
    assert effective_allocation(endless, NOW + timedelta(days=400)) is AllocationState.HELD
    assert hold_time_left(endless, NOW) is None


def test_a_hold_binds_everybody_else() -> None:
    require_available(HELD, now=NOW, staff_id="mine")
    require_available(HELD, now=NOW, staff_id="other", customer_id="customer")
    require_available(HELD, now=NOW + timedelta(hours=2), staff_id="other")
    for customer in (None, "somebody"):
        with pytest.raises(VehicleHeldByOther) as caught:
            require_available(HELD, now=NOW, staff_id="other", customer_id=customer)
        assert "2026-11-22 14:00" in caught.value.message()
        assert caught.value.field == "vehicle_unit_id"
    with pytest.raises(VehicleHeldByOther):
        require_available(replace(HELD, held_until=None), now=NOW, staff_id="other")


def test_what_is_sold_is_sold() -> None:
    sold = UnitStanding(allocation=AllocationState.ALLOCATED, order="SH01-D01-SO-000123")
    with pytest.raises(VehicleAlreadySold) as caught:
        require_available(sold, now=NOW, staff_id="mine")
    assert "SH01-D01-SO-000123" in caught.value.message()
    with pytest.raises(VehicleAlreadySold):
        require_available(replace(sold, order=""), now=NOW, staff_id="mine")
    with pytest.raises(VehicleAlreadyDelivered):
        require_available(replace(sold, allocation=AllocationState.DELIVERED), now=NOW, staff_id="mine")


@pytest.mark.parametrize("stock", [StockState.LENT, StockState.OUT])
@pytest.mark.parametrize("quality", [QualityState.DAMAGED, QualityState.FROZEN])
def test_what_is_away_or_damaged_is_not_sold(stock: StockState, quality: QualityState) -> None:
    unit = UnitStanding(stock=stock, quality=quality)
    assert len(sale_obstacles(unit)) == 2
    with pytest.raises(VehicleNotForSale) as caught:
        require_available(unit, now=NOW, staff_id="mine")
    assert stock.label in caught.value.message()
    assert quality.label in caught.value.message()


def test_a_car_on_its_way_can_be_sold() -> None:
    require_available(UnitStanding(stock=StockState.IN_TRANSIT), now=NOW, staff_id="mine")


ready = UnitStanding(pdi=PdiState.PASS, certificate=CertificateState.IN_SAFE, allocation=AllocationState.ALLOCATED)


def test_what_is_ready_is_handed_over() -> None:
    assert handover_obstacles(ready) == ()
    assert handover_obstacles(replace(ready, certificate=CertificateState.ISSUED)) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"stock": StockState.IN_TRANSIT},
        {"quality": QualityState.DAMAGED},
        {"pdi": PdiState.UNCHECKED},
        {"pdi": PdiState.FAIL},
        {"certificate": CertificateState.AT_BANK},
        {"certificate": CertificateState.PENDING_SCAN},
    ],
)
def test_each_axis_alone_keeps_the_car_back(change: dict[str, object]) -> None:
    assert len(handover_obstacles(replace(ready, **change))) == 1  # type: ignore[arg-type]


@given(
    st.builds(
        UnitStanding,
        stock=st.sampled_from(StockState),
        allocation=st.sampled_from(AllocationState),
        pdi=st.sampled_from(PdiState),
        quality=st.sampled_from(QualityState),
        certificate=st.sampled_from(CertificateState),
        held_until=st.none() | st.just(NOW + timedelta(hours=1)) | st.just(NOW),
        held_by_staff_id=st.sampled_from(["mine", "other", None]),
    )
)
def test_a_unit_that_is_available_is_free_or_held_for_me(unit: UnitStanding) -> None:
    try:
        require_available(unit, now=NOW, staff_id="mine")
    except (VehicleAlreadyDelivered, VehicleAlreadySold, VehicleHeldByOther, VehicleNotForSale) as error:
        assert error.message()
    else:
        allocation = effective_allocation(unit, NOW)
        assert allocation is AllocationState.FREE or unit.held_by_staff_id == "mine"
        assert unit.quality is QualityState.NORMAL
