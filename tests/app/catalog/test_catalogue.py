"""The catalogue through its handlers and queries."""

from decimal import Decimal

import pytest

from app.catalog.commands import (
    ChangeTrim,
    CreateMake,
    CreateModelYear,
    CreateSeries,
    CreateTrim,
    ImportSpecifications,
    RemoveEntry,
    RemoveTrim,
    RestoreEntry,
    SpecificationRecord,
)
from app.catalog.energies import Energy
from app.catalog.entries import get_entry
from app.catalog.errors import (
    NameTaken,
    NotNewEnergy,
    SeatsOutOfRange,
    SpecificationOutOfRange,
    SpecificationUnknown,
    TrimInUse,
    TrimWanted,
    YearOutOfRange,
)
from app.catalog.history import list_versions
from app.catalog.queries import TrimRow, get_trim, list_makes, list_series, list_trims
from app.catalog.version_errors import EntryAboveRemoved, EntryNotRemoved
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, RecordChangedMeanwhile, RecordNotFound
from app.kernel.permissions import Actor
from db.models.wishes import UnitWish
from tests.factories.records import Records


def create_all(dispatcher: Dispatcher, actor: Actor) -> str:
    make = dispatcher.execute(CreateMake(name_zh="比亚迪", name_en="BYD", country="cn"), actor).value
    series = dispatcher.execute(CreateSeries(make_id=make, name_zh="汉", name_en="Han", body="sedan"), actor).value
    year = dispatcher.execute(CreateModelYear(series_id=series, year=2026), actor).value
    assert dispatcher.execute(CreateModelYear(series_id=series, year=2026), actor).value == year
    return dispatcher.execute(trim_command(year), actor).value


def trim_command(year_id: str, /, **values: object) -> CreateTrim:
    given = {
        "model_year_id": year_id, "name_zh": "EV 605KM 尊贵型", "name_en": "EV 605 km Premium",
        "energy": Energy.ELECTRIC, "guide_price": Decimal("189800.00"), "in_tax_directory": True,
        "parameters": {"length": "4.98 m", "wheelbase": 2920},
    }  # fmt: skip
    return CreateTrim(**(given | values))  # type: ignore[arg-type]


def test_the_tree_from_make_to_trim(dispatcher: Dispatcher, manager: Actor, salesperson: Actor) -> None:
    trim_id = create_all(dispatcher, manager)
    (make,) = dispatcher.read(list_makes, salesperson)
    assert (make.name.en, make.initials, make.country, make.trims) == ("BYD", "byd", "CN", 1)
    (series,) = dispatcher.read(list_series, salesperson, make_id=make.id)
    assert (series.years, series.trims, series.body) == ((2026,), 1, "sedan")
    (row,) = dispatcher.read(list_trims, salesperson, series_id=series.id)
    assert row.full_name.zh == "比亚迪 汉 2026款 EV 605KM 尊贵型"
    detail = dispatcher.read(get_trim, salesperson, trim_id)
    assert {p.code: (p.label.zh, p.text.en, p.value) for p in detail.parameters} == {
        "length": ("长度", "4,980 mm", 4980),
        "wheelbase": ("轴距", "2,920 mm", 2920),
    }


@pytest.mark.parametrize("text", ["汉", "han", "byd 尊贵", "2026", "h 605"])
def test_trims_are_found_by_words(dispatcher: Dispatcher, manager: Actor, text: str) -> None:
    create_all(dispatcher, manager)
    assert len(dispatcher.read(list_trims, manager, text=text)) == 1
    assert dispatcher.read(list_trims, manager, text=f"{text} 不存在") == ()


@pytest.mark.parametrize(
    ("values", "error", "field"),
    [
        ({"parameters": {"wings": 2}}, SpecificationUnknown, "parameters.wings"),
        ({"parameters": {"length": "90 m"}}, SpecificationOutOfRange, "parameters.length"),
        ({"energy": Energy.PETROL}, NotNewEnergy, "in_tax_directory"),
        ({"seats": 0}, SeatsOutOfRange, "seats"),
        ({"name_zh": "EV 605KM 尊贵型"}, NameTaken, "name_zh"),
    ],
)
def test_what_is_wrong_with_a_trim(
    dispatcher: Dispatcher, manager: Actor, values: dict[str, object], error: type, field: str
) -> None:
    trim_id = create_all(dispatcher, manager)
    year = dispatcher.read(get_trim, manager, trim_id).row.model_year_id
    with pytest.raises(error) as caught:
        dispatcher.execute(trim_command(year, **({"name_zh": "新"} | values)), manager)
    assert caught.value.field == field


def test_years_and_names_are_checked(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    series = records.series()
    with pytest.raises(YearOutOfRange):
        dispatcher.execute(CreateModelYear(series_id=series.id, year=1899), manager)
    with pytest.raises(NameTaken):
        dispatcher.execute(CreateMake(name_zh="大众"), manager)
    with pytest.raises(NameTaken):
        dispatcher.execute(CreateSeries(make_id=series.make_id, name_zh="朗逸"), manager)


def test_changing_a_trim_can_be_undone(dispatcher: Dispatcher, manager: Actor) -> None:
    trim_id = create_all(dispatcher, manager)
    detail = dispatcher.read(get_trim, manager, trim_id)
    command = ChangeTrim(
        trim_id=trim_id, expected_revision=detail.row.revision, name_zh="改", name_en="Changed",
        energy=Energy.PLUG_IN_HYBRID, seats=7, guide_price=Decimal("1.00"), in_tax_directory=False, parameters={},
        reason="Renamed by the maker",
    )  # fmt: skip
    outcome = dispatcher.execute(command, manager)
    assert dispatcher.read(get_trim, manager, trim_id).row.name.zh == "改"
    with pytest.raises(RecordChangedMeanwhile):
        dispatcher.execute(command, manager)
    dispatcher.execute(outcome.undo, manager)  # type: ignore[arg-type]
    restored = dispatcher.read(get_trim, manager, trim_id)
    assert (restored.row.name, restored.raw_parameters) == (detail.row.name, detail.raw_parameters)


def test_a_trim_with_units_stays(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    used, unused = records.trim(), records.trim(name_zh="2.0T")
    records.unit(used)
    with pytest.raises(TrimInUse):
        dispatcher.execute(RemoveTrim(trim_id=used.id, expected_revision=1, reason="–"), manager)
    dispatcher.execute(RemoveTrim(trim_id=unused.id, expected_revision=1, reason="No longer built"), manager)
    with pytest.raises(RecordNotFound):
        dispatcher.read(get_trim, manager, unused.id)


def test_a_trim_somebody_waits_for_stays(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    trim, customer = records.trim(), records.customer()
    branch, seller = manager.branch_id, manager.staff_id
    records.save(UnitWish(branch_id=branch, trim_id=trim.id, customer_id=customer.id, salesperson_id=seller, rank="a"))
    with pytest.raises(TrimWanted) as refused:
        dispatcher.execute(RemoveTrim(trim_id=trim.id, expected_revision=1, reason="–"), manager)
    assert refused.value.params["wishes"] == 1


def test_removing_asks_why_is_a_version_and_is_undone(
    dispatcher: Dispatcher, manager: Actor, records: Records
) -> None:
    trim = records.trim()
    with pytest.raises(ReasonRequired):
        dispatcher.execute(RemoveTrim(trim_id=trim.id, expected_revision=1, reason="  "), manager)
    before = dispatcher.read(get_entry, manager, "trim", trim.id)
    gone = dispatcher.execute(RemoveTrim(trim_id=trim.id, expected_revision=1, reason="No longer built"), manager)
    last = dispatcher.read(list_versions, manager, trim.id)[0]
    assert (last.by, last.reason, last.differences[0].code) == (manager.name, "No longer built", "removed")
    back = dispatcher.execute(gone.undo, manager)  # type: ignore[arg-type]
    after = dispatcher.read(get_entry, manager, "trim", back.value)
    assert (after.fields, after.own, after.path) == (before.fields, before.own, before.path)
    reasons = [version.reason for version in dispatcher.read(list_versions, manager, back.value)]
    assert reasons == ["Undone: No longer built", "No longer built", ""], "its history goes with it"
    again = dispatcher.execute(back.undo, manager)  # type: ignore[arg-type]
    assert again.undo is not None
    with pytest.raises(RecordNotFound):
        dispatcher.read(get_trim, manager, back.value)


def test_levels_are_put_back_from_above_and_under_a_free_name(
    dispatcher: Dispatcher, manager: Actor, records: Records
) -> None:
    make = records.make()
    series = records.series(make)
    first = dispatcher.execute(removal("series", series.id), manager)
    second = dispatcher.execute(removal("make", make.id), manager)
    assert first.undo is not None and second.undo is not None
    with pytest.raises(EntryAboveRemoved):
        dispatcher.execute(first.undo, manager)
    make_id = dispatcher.execute(second.undo, manager).value
    with pytest.raises(EntryNotRemoved):
        dispatcher.execute(RestoreEntry(level="make", entry_id=make_id, reason="–"), manager)
    with pytest.raises(NameTaken):
        dispatcher.execute(second.undo, manager)
    other = dispatcher.execute(CreateSeries(make_id=make_id, name_zh=series.name_zh), manager)
    with pytest.raises(NameTaken):
        dispatcher.execute(first.undo, manager)
    dispatcher.execute(other.undo, manager)  # type: ignore[arg-type]
    series_id = dispatcher.execute(first.undo, manager).value
    assert dispatcher.read(get_entry, manager, "series", series_id).parent_id == make_id


def removal(level: str, entry_id: str) -> RemoveEntry:
    return RemoveEntry(level=level, entry_id=entry_id, expected_revision=1, reason="–")


def test_salespeople_look_but_do_not_touch(dispatcher: Dispatcher, salesperson: Actor, records: Records) -> None:
    trim_id = records.trim().id
    for command in (
        CreateMake(name_zh="新"),
        RemoveTrim(trim_id=trim_id, expected_revision=1, reason="–"),
        RemoveEntry(level="make", entry_id=trim_id, expected_revision=1, reason="–"),
        RestoreEntry(level="trim", entry_id=trim_id, reason="–"),
    ):
        with pytest.raises(PermissionDenied):
            dispatcher.execute(command, salesperson)


def record(**values: object) -> SpecificationRecord:
    given = {
        "make_zh": "小鹏", "series_zh": "P7", "year": 2026, "trim_zh": "702 Pro", "energy": Energy.ELECTRIC,
        "guide_price": Decimal("239900.00"), "parameters": {"length": "192.1 in"},
    }  # fmt: skip
    return SpecificationRecord(**(given | values))  # type: ignore[arg-type]


def test_imports_add_what_is_missing_and_update_what_is_there(dispatcher: Dispatcher, manager: Actor) -> None:
    first = ImportSpecifications(records=(record(), record(trim_zh="586"), record(year=2025)), source="test")
    result = dispatcher.execute(first, manager).value
    assert (result.makes, result.series, result.model_years, result.trims_added) == (1, 1, 2, 3)
    again = ImportSpecifications(records=(record(), record(trim_zh="586", seats=4)), source="test")
    result = dispatcher.execute(again, manager).value
    assert (result.makes, result.trims_added, result.trims_changed) == (0, 0, 1)
    (row,) = dispatcher.read(list_trims, manager, text="702 2026")
    assert dispatcher.read(get_trim, manager, row.id).raw_parameters == {"length": 4879}


def test_a_source_without_prices_leaves_them_alone(dispatcher: Dispatcher, manager: Actor) -> None:
    for price in ("239900.00", "0.00"):
        command = ImportSpecifications(records=(record(guide_price=Decimal(price)),), source="test")
        result = dispatcher.execute(command, manager).value
    assert result.trims_changed == 0
    (row,) = dispatcher.read(list_trims, manager, text="702")
    assert row.guide_price == Decimal("239900.00")


def test_one_bad_record_stops_the_whole_import(dispatcher: Dispatcher, manager: Actor) -> None:
    command = ImportSpecifications(records=(record(), record(trim_zh="x", parameters={"length": "1 mm"})), source="t")
    with pytest.raises(SpecificationOutOfRange):
        dispatcher.execute(command, manager)
    assert dispatcher.read(list_makes, manager) == ()


def test_trims_stand_by_model_newest_year_and_price_page_by_page(
    records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    make = records.make(name_zh="比亚迪", name_en="BYD", name_initials="byd")
    for name in ("Tang", "Han"):
        series = records.series(make, name_zh=name, name_en=name, name_initials=name[0].lower())
        for year in (2025, 2026):
            model_year = records.model_year(series, year=year)
            for price in ("260000.00", "210000.00", "210000.00"):
                records.trim(model_year, guide_price=Decimal(price))
    whole = dispatcher.read(list_trims, manager)
    assert [(row.series.en, row.year, int(row.guide_price)) for row in whole] == [
        (series, year, price)
        for series in ("Han", "Tang") for year in (2026, 2025) for price in (210000, 210000, 260000)
    ]  # fmt: skip
    pieces: list[TrimRow] = []
    for _page in range(3):
        pieces += dispatcher.read(list_trims, manager, limit=5, after=pieces[-1].id if pieces else None)
    assert pieces == list(whole)
    assert dispatcher.read(list_trims, manager, after="gone") == ()
