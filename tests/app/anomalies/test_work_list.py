"""The work list on the real database: found, put aside with a reason, back after a change, refused to others."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import true

from app.anomalies import queries, units_to_look_at
from app.anomalies.commands import DismissFindings, FoundRight
from app.anomalies.findings import Finding, Rule
from app.anomalies.queries import (
    FindingRow,
    Standing,
    check_trims,
    count_by_rule,
    count_findings,
    get_finding,
    list_findings,
)
from app.anomalies.unit_rules import check_unit
from app.catalog.commands import ImportSpecifications, SpecificationRecord
from app.catalog.energies import Energy
from app.kernel.clock import branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, RecordNotFound
from app.kernel.permissions import Actor
from app.kernel.reading import ReadStopped, Stop, stoppable
from app.kernel.unit_of_work import Reader
from db.engine import Database
from db.models.catalog import Trim
from tests.factories.records import Records
from tests.factories.vins import vin_number

ODD_VALUES: dict[str, tuple[Any, ...]] = {
    "energy": ("electric",),
    "list_price": (Decimal("195000.01"), Decimal("104999.99"), Decimal("195000.00"), Decimal(0)),
    "floor_price": (Decimal("150000.01"), Decimal("150000.00")), "cost": (Decimal("165000.01"), Decimal("165000.00")),
    "exterior_colour": ("未知", " N/A ", "", "Unknown"), "engine_number": ("", "  "),
    "manufactured_on": (date(2027, 3, 1), date(2023, 12, 31), date(2024, 1, 1), None, date(2028, 1, 1)),
    "stock_state": ("IN_TRANSIT", "LENT"),
}  # fmt: skip


def test_nobody_waits_for_checks_nobody_wants(dispatcher: Dispatcher, manager: Actor, wrong: Trim) -> None:
    stop = Stop()
    stop.set()
    with stoppable(stop), pytest.raises(ReadStopped):
        rows(dispatcher, manager)
    assert rows(dispatcher, manager), "the next one who asks gets them"


def test_asked_for_by_several_at_once_they_are_made_once(
    dispatcher: Dispatcher, manager: Actor, wrong: Trim, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def counted(trims: Sequence[Any]) -> list[Finding]:
        made.append(len(trims))
        return check_trims(trims)

    monkeypatch.setattr(queries, "check_trims", counted)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _n: len(rows(dispatcher, manager)), range(4)))
    assert (found, made) == ([1] * 4, [1])


@pytest.fixture
def wrong(records: Records) -> Trim:
    """A trim whose wheelbase is longer than the car."""
    return records.trim(parameters={"length": 4000, "wheelbase": 4200})


def dismissal(row: FindingRow, reason: str) -> DismissFindings:
    found = row.finding
    right = FoundRight(
        subject_table=found.subject_table, subject_id=found.subject_id, key=found.key, fingerprint=found.fingerprint
    )
    return DismissFindings(findings=(right,), reason=reason)


def rows(dispatcher: Dispatcher, actor: Actor, **filters: Any) -> tuple[FindingRow, ...]:
    return dispatcher.read(list_findings, actor, **filters).rows


def test_put_aside_and_back_after_a_change(dispatcher: Dispatcher, manager: Actor, wrong: Trim) -> None:
    (row,) = rows(dispatcher, manager)
    assert (row.rule, row.standing) == (Rule.LENGTH_WHEELBASE, Standing.OPEN)
    with pytest.raises(ReasonRequired):
        dispatcher.execute(dismissal(row, "  "), manager)
    outcome = dispatcher.execute(dismissal(row, "A prototype on show"), manager)
    assert rows(dispatcher, manager) == ()
    (kept,) = rows(dispatcher, manager, standing="dismissed")
    assert (kept.reason, kept.dismissed_by) == ("A prototype on show", manager.name)
    assert dispatcher.read(count_findings, manager) == (0, 0)
    changed = SpecificationRecord(
        make_zh="大众", series_zh="朗逸", year=2026, trim_zh=wrong.name_zh, parameters={"wheelbase": 4300}
    )
    dispatcher.execute(ImportSpecifications(records=(changed,), source="x"), manager)
    (back,) = rows(dispatcher, manager)
    assert back.id == row.id and "4,300 mm" in str(back.note)
    mended = SpecificationRecord(
        make_zh="大众", series_zh="朗逸", year=2026, trim_zh=wrong.name_zh, parameters={"wheelbase": 2500}
    )
    dispatcher.execute(ImportSpecifications(records=(mended,), source="x"), manager)
    assert rows(dispatcher, manager, standing="all") == ()
    with pytest.raises(RecordNotFound):
        dispatcher.read(get_finding, manager, row.id)
    assert outcome.undo is not None


def test_a_dismissal_can_be_taken_back(dispatcher: Dispatcher, manager: Actor, wrong: Trim) -> None:
    (row,) = rows(dispatcher, manager)
    outcome = dispatcher.execute(dismissal(row, "Right"), manager)
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, manager)
    assert [one.standing for one in rows(dispatcher, manager)] == [Standing.OPEN]
    again = dispatcher.execute(dismissal(row, "Still right"), manager)
    assert len(again.value) == 1 and rows(dispatcher, manager) == ()


def test_who_may_not_edit_may_not_dismiss(
    dispatcher: Dispatcher, manager: Actor, salesperson: Actor, wrong: Trim
) -> None:
    (row,) = rows(dispatcher, manager)
    with pytest.raises(PermissionDenied):
        dispatcher.execute(dismissal(row, "Right"), salesperson)


def test_units_against_their_trim(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    trim = records.trim(guide_price=Decimal("150000.00"))
    sound = records.unit(trim)
    assert sound.id not in {row.finding.subject_id for row in rows(dispatcher, manager, subject="vehicle_unit")}
    odd = records.unit(
        trim, energy="electric", list_price=Decimal("240000.00"), floor_price=Decimal("250000.00"),
        cost=Decimal("280000.00"), exterior_colour="未知", engine_number="", manufactured_on=date(2027, 1, 5),
        arrived_on=date(2026, 11, 1), vin="LSVAB4BR8AN000000",
    )  # fmt: skip
    found = {row.rule for row in rows(dispatcher, manager) if row.finding.subject_id == odd.id}
    assert found >= {
        Rule.UNIT_ENERGY, Rule.LIST_PRICE, Rule.PRICE_ORDER, Rule.COLOUR, Rule.ENGINE_NUMBER, Rule.DATES,
    }  # fmt: skip
    assert dispatcher.read(count_by_rule, manager)["price_order"] == 2


def test_the_database_leaves_out_nothing_a_check_would_find(
    database: Database, dispatcher: Dispatcher, manager: Actor, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, trim = Random(3), records.trim(guide_price=Decimal("150000.00"))
    for number in range(40):
        odd: dict[str, Any] = {}
        for name, values in ODD_VALUES.items():
            if chance.random() < 0.15:
                odd[name] = chance.choice(values)
        letter = chance.choice("TTTTSVWFR")
        records.unit(trim, vin=vin_number(number, year=letter), **odd)
    chosen = dispatcher.read(unit_findings, manager)
    monkeypatch.setattr(units_to_look_at, "or_", lambda *_conditions: true())
    every = dispatcher.read(unit_findings, manager)
    assert chosen == every and len({finding.rule for finding in every}) >= 7


def unit_findings(reader: Reader) -> list[Finding]:
    today = branch_date(reader.now)
    units = units_to_look_at.units_to_look_at(reader, today=today)
    return [finding for unit in units for finding in check_unit(unit, today=today)]


def test_the_year_in_the_vin(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    from app.catalog.vin import check_digit

    vin = "LSVAB4BR0FN000123"  # F at place 10: 2015
    vin = vin[:8] + check_digit(vin) + vin[9:]
    unit = records.unit(records.trim(), vin=vin, engine_number="E1")
    (row,) = [one for one in rows(dispatcher, manager) if one.finding.subject_id == unit.id]
    assert row.rule is Rule.VIN_YEAR and "2015" in str(row.note)


def test_filters_pages_and_search(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    for number in range(5):
        records.trim(name_zh=f"车型{number}", name_en=f"Trim {number}", energy=Energy.ELECTRIC.value,
                     parameters={"displacement": 1.5, "length": 4000, "wheelbase": 4200})  # fmt: skip
    page = dispatcher.read(list_findings, manager, limit=4)
    more = dispatcher.read(list_findings, manager, limit=20, after=page.next)
    assert (len(page.rows), len(more.rows), more.next) == (4, 6, None)
    assert len(rows(dispatcher, manager, rule=["energy"])) == 5
    assert {row.name.zh[-3:] for row in rows(dispatcher, manager, text="trim 3")} == {"车型3"}
    assert rows(dispatcher, manager, subject="vehicle_unit") == ()
    assert len(rows(dispatcher, manager, severity=["impossible"])) == 10
