"""Every change of the catalogue is a version: what is in force, what waits, what is undone, at one desk and at two."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.catalog.commands import ChangeMake, ChangeModelYear, ChangeSeries, ChangeTrim, CreateTrim, RemoveEntry
from app.catalog.energies import Energy
from app.catalog.entries import get_entry
from app.catalog.history import compare_versions, list_scheduled, list_versions
from app.catalog.import_commands import ImportSpecifications, SpecificationRecord, UndoSpecificationImport
from app.catalog.inheritance import effective_parameters, lineage_of, merged
from app.catalog.queries import TrimDetail, get_trim
from app.catalog.settling import settle_catalogue
from app.catalog.version_commands import (
    ReinstateVersion,
    ReturnToVersion,
    TakeBackOverrides,
    UndoVersion,
    WithdrawVersion,
)
from app.catalog.version_errors import (
    ChangedSinceVersion,
    EffectiveDateOutOfRange,
    EntryNotEmpty,
    NothingToTakeBack,
    VersionDayPassed,
    VersionInForce,
    VersionNotWithdrawn,
    VersionsOfDifferentEntries,
    VersionWithdrawnAlready,
)
from app.catalog.version_rules import (
    Change,
    Delta,
    content_before,
    content_by,
    content_on,
    difference,
    in_force,
    in_order,
    inverse,
)
from app.catalog.versions import content_of
from app.kernel.changes import Changes
from app.kernel.clock import FixedClock, branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, RecordChangedMeanwhile
from app.kernel.permissions import Actor
from db.engine import Database
from db.models.catalog import Series, Trim
from db.models.catalogue_versions import SpecificationVersion
from tests.factories.records import Records

DAY = timedelta(days=1)


@pytest.fixture
def trim(records: Records) -> Trim:
    """An electric trim of a series that says its length."""
    series = records.series(parameters={"length": 4995, "airbags": 8})
    year = records.model_year(series, parameters={"airbags": 9})
    return records.trim(
        year, energy="electric", guide_price=Decimal("200000.00"), parameters={"motor_power": 180, "airbags": 11}
    )


def change(detail: TrimDetail, **values: Any) -> ChangeTrim:
    """The command that changes a trim in these respects only."""
    row = detail.row
    given: dict[str, Any] = {
        "trim_id": row.id, "expected_revision": row.revision, "name_zh": row.name.zh, "name_en": row.name.en,
        "energy": row.energy, "seats": row.seats, "guide_price": row.guide_price,
        "in_tax_directory": row.in_tax_directory, "parameters": detail.raw_parameters, "reason": "Maker's notice",
    }  # fmt: skip
    return ChangeTrim(**(given | values))


class Desk:
    """A trim at a desk, changed and read in short words."""

    def __init__(self, dispatcher: Dispatcher, actor: Actor, trim_id: str) -> None:
        self.dispatcher, self.actor, self.trim_id = dispatcher, actor, trim_id

    def __call__(self, command: Any) -> Any:
        return self.dispatcher.execute(command, self.actor)

    @property
    def detail(self) -> TrimDetail:
        return self.dispatcher.read(get_trim, self.actor, self.trim_id)

    @property
    def price(self) -> Decimal:
        return self.detail.row.guide_price

    @property
    def versions(self) -> list[Any]:
        return list(self.dispatcher.read(list_versions, self.actor, self.trim_id))

    def change(self, **values: Any) -> Any:
        return self(change(self.detail, **values))


@pytest.fixture
def desk(dispatcher: Dispatcher, manager: Actor, trim: Trim) -> Desk:
    return Desk(dispatcher, manager, trim.id)


@pytest.fixture
def today(dispatcher: Dispatcher) -> date:
    return branch_date(dispatcher.clock.now())


# --- inheritance ------------------------------------------------------------------------------------------------

LEVEL = st.dictionaries(st.sampled_from("abcdef"), st.one_of(st.none(), st.integers(0, 9)), max_size=6)


@given(st.lists(LEVEL, max_size=4))
def test_the_lowest_level_that_speaks_counts(levels: list[dict[str, int | None]]) -> None:
    found = merged(*levels)
    assert None not in found.values()
    for code in {code for level in levels for code in level}:
        said = next(level[code] for level in reversed(levels) if code in level)
        assert found.get(code) == said


@given(LEVEL, LEVEL, LEVEL)
def test_merging_is_one_level_after_the_other(one: Any, two: Any, three: Any) -> None:
    assert merged(one) == merged(one, {}) == merged({}, one) == merged(None, one)
    assert merged(one, one) == merged(one)
    assert merged({**one, **two}, three) == merged(one, two, three)
    full = {code: value for code, value in one.items() if value is not None}
    assert merged(merged(one), two) == merged(full, two)


def test_a_trim_inherits_overrides_and_takes_away(desk: Desk, records: Records) -> None:
    assert {row.code: (row.value, row.origin) for row in desk.detail.parameters} == {
        "motor_power": (180, ""), "length": (4995, "series"), "airbags": (11, ""),
    }  # fmt: skip
    desk.change(parameters={"length": None, "motor_power": "245 PS"})
    held = desk.dispatcher.read(effective_parameters, desk.actor, [desk.trim_id, "f" * 32])
    assert held == {desk.trim_id: {"motor_power": 180, "airbags": 9}}
    assert desk.dispatcher.read(effective_parameters, desk.actor)[desk.trim_id] == held[desk.trim_id]
    with desk.dispatcher.database.read() as session:
        lineage = lineage_of(session, desk.trim_id)
        assert lineage is not None and lineage.parameters == held[desk.trim_id]
    entry = desk.dispatcher.read(get_entry, desk.actor, "trim", desk.trim_id)
    by_code = {value.code: value for value in entry.values}
    assert by_code["length"].taken_away
    assert by_code["length"].inherited.en == "4,995 mm"
    assert by_code["airbags"].origin_name.en == "2026"
    assert not by_code["motor_power"].overrides
    assert by_code["motor_power"].own


# --- rules ------------------------------------------------------------------------------------------------------

BEGIN = date(2026, 1, 1)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
DELTAS = st.builds(
    Delta, st.dictionaries(st.sampled_from("abcd"), st.integers(0, 5), max_size=3),
    st.frozensets(st.sampled_from("abcd"), max_size=2),
)  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """Changes of one entry: made in a row, some ahead of their day, some withdrawn."""
    changes = []
    for number in range(draw(st.integers(1, 8))):
        made = MOMENT + number * DAY
        ahead = draw(st.integers(0, 5))
        changes.append(
            Change(
                f"{number:02}", number, BEGIN + (number + ahead) * DAY, made, draw(DELTAS),
                withdrawn=bool(ahead) and draw(st.booleans()),
            )
        )  # fmt: skip
    return changes


@given(histories(), st.integers(-1, 20), st.randoms())
def test_what_counts_on_a_day_is_what_the_newest_version_in_force_says(
    changes: list[Change], ahead: int, chance: Any
) -> None:
    day = BEGIN + ahead * DAY
    newest = in_force(changes, day)
    expected = {} if newest is None else content_by(changes, newest)
    assert content_on(changes, day) == expected
    shuffled = list(changes)
    chance.shuffle(shuffled)
    assert content_on(shuffled, day) == expected
    assert in_order(shuffled) == in_order(changes)


@given(histories(), st.integers(0, 12), st.integers(0, 12))
def test_days_come_one_after_the_other_or_all_at_once(changes: list[Change], first: int, more: int) -> None:
    """A desk that was switched off for days ends where the others are."""
    row: dict[str, Any] = {}
    for day in range(first + more + 1):
        row = content_on(changes, BEGIN + day * DAY)
        assert content_on(changes, BEGIN + day * DAY) == row
    assert row == content_on(changes, BEGIN + (first + more) * DAY)


@given(histories())
def test_an_undone_change_leaves_what_was_before(changes: list[Change]) -> None:
    last = in_order(changes)[-1] if in_order(changes) else None
    if last is None:
        return
    before = content_before(changes, last)
    back = inverse(last.delta, before)
    assert back.over(last.delta.over(before)) == before


@given(
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from([0, 1, True, None])),
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from([0, 1, True, None])),
)
def test_a_difference_makes_one_content_of_another(one: dict[str, Any], other: dict[str, Any]) -> None:
    delta = difference(one, other)
    made = delta.over(one)
    assert made == other
    assert {key: type(value) for key, value in made.items()} == {key: type(value) for key, value in other.items()}
    assert bool(delta) == bool(difference(other, one))
    assert Delta.from_stored(delta.stored()) == delta


# --- commands ---------------------------------------------------------------------------------------------------


def test_a_change_says_who_when_and_why(desk: Desk, manager: Actor, today: date) -> None:
    desk.change(guide_price=Decimal("198000.00"), parameters={"motor_power": 190, "airbags": 11})
    newest, first = desk.versions
    assert (newest.number, newest.state, newest.effective_from) == (2, "in_force", today)
    assert (newest.by, newest.reason) == (manager.name, "Maker's notice")
    assert [(one.label.en, one.before.en, one.after.en) for one in newest.differences] == [
        ("Guide price", "¥200,000.00", "¥198,000.00"), ("Total motor power", "180 kW", "190 kW"),
    ]  # fmt: skip
    assert (first.number, first.first, first.by, first.state) == (1, True, "", "past")
    assert first.differences[0].code == "name_zh"
    with pytest.raises(ReasonRequired) as caught:
        desk.change(seats=4, reason="  ")
    assert caught.value.field == "reason"


def test_nothing_different_makes_no_version(desk: Desk) -> None:
    outcome = desk.change()
    assert outcome.value == ""
    assert outcome.undo is None
    assert desk.versions == []


def test_every_level_can_be_changed(desk: Desk, dispatcher: Dispatcher, manager: Actor) -> None:
    row = desk.detail.row
    common = {"expected_revision": 1, "reason": "New brakes", "effective_from": None}
    names = {"name_zh": "新", "name_en": "New"}
    desk(ChangeMake(make_id=row.make_id, country="de", parameters={"warranty_years": 3}, **names, **common))
    desk(ChangeSeries(series_id=row.series_id, body="suv", parameters={"wheelbase": "2.9 m"}, **names, **common))
    desk(ChangeModelYear(model_year_id=row.model_year_id, parameters={"doors": 5}, **common))
    held = dispatcher.read(effective_parameters, manager, [desk.trim_id])[desk.trim_id]
    assert held == {"warranty_years": 3, "wheelbase": 2900, "doors": 5, "motor_power": 180, "airbags": 11}
    series = dispatcher.read(get_entry, manager, "series", row.series_id)
    assert (series.fields["body"], series.versions, series.below, series.path.en) == ("suv", 2, 1, "New New")
    with dispatcher.database.read() as session:
        assert session.get(Series, row.series_id).name_initials == "x"  # type: ignore[union-attr]


def test_a_change_ahead_waits_and_is_put_into_force(desk: Desk, today: date) -> None:
    clock = desk.dispatcher.clock
    assert isinstance(clock, FixedClock)
    entered = _sent_trims(desk)
    desk.change(guide_price=Decimal("188000.00"), effective_from=today + 3 * DAY, reason="Year end")
    assert desk.price == Decimal("200000.00")
    (coming,) = desk.dispatcher.read(list_scheduled, desk.actor, [desk.trim_id])
    assert (coming.state, coming.reason) == ("scheduled", "Year end")
    desk.change(seats=4, reason="Only four seats")
    clock.advance(2 * DAY)
    assert not settle_catalogue(desk.dispatcher.database, clock=clock)
    clock.advance(5 * DAY)
    settled = settle_catalogue(desk.dispatcher.database, clock=clock)
    assert settled.rows == {"trim": frozenset({desk.trim_id})}
    assert (desk.price, desk.detail.row.seats) == (Decimal("188000.00"), 4)
    assert not settle_catalogue(desk.dispatcher.database, clock=clock)
    assert _sent_trims(desk) == entered + 1  # the seats; what comes into force is worked out by every desk for itself


def _sent_trims(desk: Desk) -> int:
    with desk.dispatcher.database.read() as session:
        counted = "SELECT count(*) FROM outbox_operation WHERE table_name = 'trim'"
        return int(session.connection().exec_driver_sql(counted).scalar() or 0)


def test_a_scheduled_change_is_withdrawn(desk: Desk, today: date) -> None:
    version = desk.change(seats=4, effective_from=today + DAY).value
    with pytest.raises(ReasonRequired):
        desk(WithdrawVersion(version_id=version, reason=""))
    desk(WithdrawVersion(version_id=version, reason="Not after all"))
    with pytest.raises(VersionWithdrawnAlready):
        desk(WithdrawVersion(version_id=version, reason="Again"))
    desk.dispatcher.clock.advance(2 * DAY)  # type: ignore[attr-defined]
    assert not settle_catalogue(desk.dispatcher.database, clock=desk.dispatcher.clock)
    assert {row.state for row in desk.versions} == {"withdrawn", "in_force"}
    in_effect = next(row for row in desk.versions if row.state == "in_force")
    with pytest.raises(VersionInForce):
        desk(WithdrawVersion(version_id=in_effect.id, reason="Too late"))


def test_a_withdrawn_change_comes_after_all(desk: Desk, today: date) -> None:
    version = desk.change(seats=4, effective_from=today + DAY).value
    with pytest.raises(VersionNotWithdrawn):
        desk(ReinstateVersion(version_id=version, reason="Not needed"))
    withdrawn = desk(WithdrawVersion(version_id=version, reason="Not after all"))
    back = desk(withdrawn.undo)
    assert desk.versions[0].state == "scheduled"
    again = desk(back.undo)
    assert desk.versions[0].state == "withdrawn" and desk.versions[0].ahead
    with pytest.raises(ReasonRequired):
        desk(ReinstateVersion(version_id=version, reason=" "))
    desk(again.undo)
    desk.dispatcher.clock.advance(2 * DAY)  # type: ignore[attr-defined]
    settle_catalogue(desk.dispatcher.database, clock=desk.dispatcher.clock)
    assert desk.detail.row.seats == 4


def test_a_change_withdrawn_by_undo_comes_back_by_redo_until_its_day(desk: Desk, today: date) -> None:
    outcome = desk.change(seats=4, effective_from=today + DAY)
    undone = desk(outcome.undo)
    redone = desk(undone.undo)
    assert desk.versions[0].state == "scheduled"
    withdrawn = desk(redone.undo)
    desk.dispatcher.clock.advance(DAY)  # type: ignore[attr-defined]
    with pytest.raises(VersionDayPassed):
        desk(withdrawn.undo)
    assert desk.versions[0].state == "withdrawn" and not desk.versions[0].ahead


@pytest.mark.parametrize("days", [-1, 4000])
def test_the_day_is_today_or_later(desk: Desk, today: date, days: int) -> None:
    with pytest.raises(EffectiveDateOutOfRange) as caught:
        desk.change(seats=4, effective_from=today + days * DAY)
    assert caught.value.field == "effective_from"


def test_undo_and_redo_are_further_versions(desk: Desk) -> None:
    before = desk.detail
    outcome = desk.change(name_en="Changed", parameters={"motor_power": 200, "drive": "all"})
    again = desk(outcome.undo)
    assert replace(desk.detail, row=replace(desk.detail.row, revision=before.row.revision)) == before
    assert [row.reason for row in desk.versions][:2] == ["Undone: Maker's notice", "Maker's notice"]
    desk(again.undo)
    assert desk.detail.row.name.en == "Changed"
    assert desk.detail.raw_parameters == {"motor_power": 200, "drive": "all"}


def test_what_was_changed_again_is_not_undone(desk: Desk, today: date) -> None:
    outcome = desk.change(seats=4)
    desk.change(seats=6)
    with pytest.raises(ChangedSinceVersion):
        desk(outcome.undo)
    ahead = desk.change(seats=7, effective_from=today + DAY)
    desk(ahead.undo)
    assert next(row for row in desk.versions if row.number == 4).state == "withdrawn"


def test_an_override_is_taken_back(desk: Desk) -> None:
    command = TakeBackOverrides(
        level="trim", entry_id=desk.trim_id, expected_revision=1, codes=("airbags",), reason="As its year says"
    )
    outcome = desk(command)
    assert {row.code: row.value for row in desk.detail.parameters}["airbags"] == 9
    assert desk.detail.raw_parameters == {"motor_power": 180}
    with pytest.raises(RecordChangedMeanwhile):
        desk(command)
    with pytest.raises(NothingToTakeBack):
        desk(replace(command, expected_revision=desk.detail.row.revision))
    desk(outcome.undo)
    assert desk.detail.raw_parameters["airbags"] == 11


def test_an_entry_returns_to_an_earlier_version(desk: Desk) -> None:
    desk.change(seats=4, parameters={"motor_power": 200})
    first = desk.versions[-1]
    desk(ReturnToVersion(version_id=first.id, reason="It was right"))
    assert desk.detail.row.seats == 5
    assert desk.detail.raw_parameters == {"motor_power": 180, "airbags": 11}
    assert desk(ReturnToVersion(version_id=first.id, reason="Again")).value == ""


def test_two_versions_side_by_side(desk: Desk, dispatcher: Dispatcher, manager: Actor) -> None:
    desk.change(parameters={"motor_power": 200, "airbags": None})
    desk.change(seats=4)
    newest, middle, first = (row.id for row in desk.versions)
    found = dispatcher.read(compare_versions, manager, (newest, first))
    assert (found.before.number, found.after.number) == (1, 3)
    assert [(one.label.en, one.before.en, one.after.en) for one in found.differences] == [
        ("Seats", "5", "4"),
        ("Total motor power", "180 kW", "200 kW"),
        ("Airbags", "11", "None (inherited value taken away)"),
    ]
    assert len(dispatcher.read(compare_versions, manager, (middle, newest)).differences) == 1
    row = desk.detail.row
    other = desk(
        ChangeSeries(
            series_id=row.series_id, expected_revision=1, name_zh="乙", name_en="", body="", parameters={}, reason="–"
        )
    )
    with pytest.raises(VersionsOfDifferentEntries):
        dispatcher.read(compare_versions, manager, (newest, other.value))


def test_what_is_new_has_its_first_version_and_goes_with_a_last(
    desk: Desk, dispatcher: Dispatcher, manager: Actor
) -> None:
    row = desk.detail.row
    new = CreateTrim(
        model_year_id=row.model_year_id, name_zh="新", energy=Energy.PETROL, guide_price=Decimal(1), reason="List"
    )
    outcome = desk(new)
    (first,) = dispatcher.read(list_versions, manager, outcome.value)
    assert (first.number, first.reason, first.by, first.first) == (1, "List", manager.name, True)
    desk(outcome.undo)
    assert dispatcher.read(list_versions, manager, outcome.value)[0].differences[0].code == "removed"
    with pytest.raises(EntryNotEmpty):
        desk(RemoveEntry(level="make", entry_id=row.make_id, expected_revision=1, reason="–"))


def test_an_import_gives_all_its_entries_one_reason(desk: Desk, dispatcher: Dispatcher, manager: Actor) -> None:
    detail = desk.detail
    records = tuple(
        SpecificationRecord(
            make_zh=detail.row.make.zh, series_zh=detail.row.series.zh, year=detail.row.year, trim_zh=name,
            energy=Energy.ELECTRIC, guide_price=Decimal("150000.00"), parameters={"motor_power": 210},
        )
        for name in (detail.row.name.zh, "新款")
    )  # fmt: skip
    outcome = desk(ImportSpecifications(records=records, source="list.csv", reason="Price list of December"))
    assert [row.reason for row in desk.versions] == ["Price list of December", ""]
    with dispatcher.database.read() as session:
        said = session.scalars(select(SpecificationVersion.reason).where(SpecificationVersion.staff_id != "")).all()
    assert said == ["Price list of December"] * 2
    desk(UndoSpecificationImport(import_id=outcome.value.import_id))
    assert (desk.price, desk.detail.raw_parameters) == (detail.row.guide_price, detail.raw_parameters)
    assert "list.csv" in desk.versions[0].reason


def test_an_import_ahead_waits_like_any_change(desk: Desk, today: date) -> None:
    row = desk.detail.row
    record = SpecificationRecord(
        make_zh=row.make.zh, series_zh=row.series.zh, year=row.year, trim_zh=row.name.zh, guide_price=Decimal("1.00")
    )
    outcome = desk(ImportSpecifications(records=(record,), source="list.csv", effective_from=today + DAY))
    assert desk.price == row.guide_price
    assert desk.versions[0].state == "scheduled"
    desk(outcome.undo)
    assert desk.versions[0].state == "withdrawn"


def test_only_those_who_may_edit_change_versions(desk: Desk, salesperson: Actor) -> None:
    version = desk.change(seats=4).value
    for command in (
        change(desk.detail, seats=3),
        UndoVersion(version_id=version),
        WithdrawVersion(version_id=version, reason="x"),
        ReinstateVersion(version_id=version, reason="x"),
        ReturnToVersion(version_id=version, reason="x"),
        TakeBackOverrides(level="trim", entry_id=desk.trim_id, expected_revision=2, codes=("airbags",), reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            desk.dispatcher.execute(command, salesperson)
    assert desk.dispatcher.read(list_versions, salesperson, desk.trim_id)


# --- two desks --------------------------------------------------------------------------------------------------


@pytest.fixture
def other_database(desk: Desk, tmp_path: Path) -> Iterator[Database]:
    """A second desk with the same records."""
    target = tmp_path / "other.db"
    desk.dispatcher.database.backup_to(target)
    database = Database(target, bytes(range(32)))
    yield database
    database.close()


def _exchange(one: Database, other: Database) -> Changes:
    """What sync brings to `other`: the versions, and the row as the centre has it; later fields win."""
    with one.read() as source:
        rows = source.connection().exec_driver_sql("SELECT * FROM specification_version").fetchall()
        trims = source.connection().exec_driver_sql("SELECT * FROM trim").fetchall()
    with other.exclusive() as target:
        marks = ", ".join("?" * len(rows[0]))
        target.exec_driver_sql(
            f"INSERT OR REPLACE INTO specification_version VALUES ({marks})", [tuple(row) for row in rows]
        )
        marks = ", ".join("?" * len(trims[0]))
        target.exec_driver_sql(f"INSERT OR REPLACE INTO trim VALUES ({marks})", [tuple(row) for row in trims])
    return Changes(
        {"specification_version": frozenset(row[0] for row in rows), "trim": frozenset(row[0] for row in trims)}
    )


def test_changes_at_two_desks_both_count(desk: Desk, other_database: Database, manager: Actor) -> None:
    clock = desk.dispatcher.clock
    elsewhere = Desk(Dispatcher(other_database, clock=clock), manager, desk.trim_id)
    desk.change(parameters={"motor_power": 190, "airbags": 11}, reason="Here")
    clock.advance(timedelta(minutes=5))  # type: ignore[attr-defined]
    elsewhere.change(parameters={"motor_power": 180, "airbags": 12}, seats=4, reason="There")
    for one, other in ((desk, elsewhere), (elsewhere, desk)):
        arrived = _exchange(one.dispatcher.database, other.dispatcher.database)
        settle_catalogue(other.dispatcher.database, clock=clock, arrived=arrived)
    for place in (desk, elsewhere):
        assert place.detail.raw_parameters == {"motor_power": 190, "airbags": 12}
        assert place.detail.row.seats == 4
    with desk.dispatcher.database.read() as one, other_database.read() as other:
        rows = [session.get(Trim, desk.trim_id) for session in (one, other)]
        assert content_of(rows[0]) == content_of(rows[1])


def test_a_bootstrapped_desk_settles_everything(desk: Desk, today: date) -> None:
    database, clock = desk.dispatcher.database, desk.dispatcher.clock
    desk.change(seats=4)
    with database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE trim SET seats = 5")
    assert settle_catalogue(database, clock=clock, arrived=Changes(everything=True)).rows.keys() == {"trim"}
    assert desk.detail.row.seats == 4
