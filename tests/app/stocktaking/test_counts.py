"""Stock counts: frozen list, scans of several people, movements meanwhile, decisions, sign-off and what it posts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.custody.commands import AddPlace
from app.inventory.commands import MoveUnit, SetStock
from app.inventory.places import PlaceKind
from app.inventory.queries import UnitFilter
from app.inventory.rules import StockAction
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, ValueNotAllowed
from app.kernel.permissions import Actor, Role
from app.runtime.language import CHINESE, ENGLISH
from app.stocktaking.commands import (
    AbandonCount,
    BeginRecount,
    DecideDifference,
    RecordScan,
    RecordScans,
    SignOff,
    StartCount,
    WithdrawScan,
)
from app.stocktaking.errors import (
    AdjustmentImpossible,
    CountClosed,
    CountNotReady,
    CountUnderWay,
    NothingChosen,
    NothingToCount,
    NothingToDecide,
    NumberNotReadable,
    ReasonDoesNotFit,
    SignedByCounter,
    TailNotClear,
    TailUnknown,
)
from app.stocktaking.queries import (
    count_result_pdf,
    count_table,
    find_candidates,
    get_count,
    list_counts,
    list_scans,
    list_verdicts,
)
from app.stocktaking.rules import (
    DIFFERENCES,
    Book,
    Expected,
    Outcome,
    Seen,
    judge,
    latest,
    same_place,
    tally,
)
from app.stocktaking.scope import find_chosen, find_filtered, list_count_places, place_names, spot_names
from db.models.inventory import VehicleUnit
from tests.factories.people import HANGZHOU, actor_of, staff_of
from tests.factories.records import Records

STRANGER = "LSVAA4182E2184847"


class Yard:
    """A branch with four vehicles, and people who count them."""

    def __init__(self, dispatcher: Dispatcher, records: Records, clock: FixedClock) -> None:
        self.dispatcher, self.records, self.clock = dispatcher, records, clock
        trim = records.trim()
        self.units = [records.unit(trim, location=place) for place in ("A-01", "A-02", "B-01", "B-02")]
        self.seller = actor_of(staff_of(Role.SALESPERSON))
        self.clerk = actor_of(staff_of(Role.PARTS_CLERK))
        self.manager = actor_of(staff_of(Role.BRANCH_MANAGER))

    def do(self, command: Any, actor: Actor | None = None) -> Any:
        self.clock.advance(timedelta(seconds=1))
        return self.dispatcher.execute(command, actor or self.seller).value

    def start(self, **values: Any) -> str:
        return str(self.do(StartCount(**values)))

    def scan(self, count: str, text: str, location: str = "", actor: Actor | None = None, **values: Any) -> Any:
        return self.do(RecordScan(count_id=count, text=text, location=location, **values), actor)

    def detail(self, count: str, actor: Actor | None = None) -> Any:
        return self.dispatcher.read(get_count, actor or self.manager, count)

    def outcomes(self, count: str) -> dict[str, str]:
        return {row.vin: row.outcome for row in self.dispatcher.read(list_verdicts, self.manager, count)}

    def decide(self, count: str, vin: str, reason: str, **values: Any) -> None:
        self.do(DecideDifference(count_id=count, vin=vin, reason=reason, **values), self.clerk)

    def recount(self, count: str) -> None:
        self.do(BeginRecount(count_id=count, expected_revision=self.detail(count).row.revision))

    def sign(self, count: str, actor: Actor | None = None) -> None:
        revision = self.detail(count).row.revision
        self.do(SignOff(count_id=count, expected_revision=revision), actor or self.manager)

    def unit(self, place: int) -> VehicleUnit:
        with self.dispatcher.database.read() as session:
            return session.get_one(VehicleUnit, self.units[place].id)


@pytest.fixture
def yard(dispatcher: Dispatcher, records: Records, clock: FixedClock) -> Yard:
    return Yard(dispatcher, records, clock)


def test_a_place_is_understood_by_its_name_and_any_text_is_kept(yard: Yard) -> None:
    yard.do(AddPlace(code="A", name_zh="东院", name_en="East yard", kind=PlaceKind.YARD, capacity=0), yard.manager)
    assert {"A", "B", "East yard"} <= set(yard.dispatcher.read(place_names, yard.manager))
    assert "B-02" in yard.dispatcher.read(spot_names, yard.manager)
    count = yard.start()
    first, second, third = (unit.vin for unit in yard.units[:3])
    told = yard.scan(count, first, "东院-01")
    assert (told.outcome, told.found_location) == (Outcome.MATCHED, "A-01")
    assert yard.scan(count, second, "east yard").found_location == "A"
    told = yard.scan(count, third, "behind the hall")
    assert (told.outcome, told.found_location) == (Outcome.WRONG_PLACE, "behind the hall")


def test_the_list_is_frozen_and_several_people_count_it(yard: Yard) -> None:
    count = yard.start(note="月末盘点")
    first, second, third, fourth = (unit.vin for unit in yard.units)
    late = yard.records.unit(location="A-09")
    told = yard.scan(count, f"  {first.lower()} ", "A-01")
    assert (told.outcome, told.again) == (Outcome.MATCHED, False)
    assert yard.scan(count, first, "A-01", yard.clerk).again
    assert yard.scan(count, second, "A", yard.clerk).outcome == Outcome.MATCHED  # the zone will do
    assert yard.scan(count, third, "C-07").outcome == Outcome.WRONG_PLACE
    assert yard.scan(count, STRANGER, "C-07").outcome == Outcome.UNKNOWN
    assert yard.scan(count, late.vin, "A-09").outcome == Outcome.EXPLAINED
    assert yard.outcomes(count)[fourth] == Outcome.MISSING
    detail = yard.detail(count)
    assert (detail.expected, detail.scanned, detail.undecided) == (4, 5, 3)
    assert detail.counters == ("孙磊", "王芳") and not detail.counted_by_me
    assert [row.vin for row in yard.dispatcher.read(list_scans, yard.seller, count)][:2] == [late.vin, STRANGER]


def test_numbers_come_in_many_forms(yard: Yard) -> None:
    unit = yard.units[0]
    yard.records.unit(vin=f"LSVAA4182E218{unit.vin[-4:]}")
    count = yard.start()
    assert yard.scan(count, unit.stock_number).vin == unit.vin
    assert yard.scan(count, f"https://x.example/v/{unit.vin}").vin == unit.vin
    assert yard.scan(count, unit.vin[-6:], method="TAIL").vin == unit.vin
    assert yard.dispatcher.read(find_candidates, yard.seller, count, unit.vin[-5:])[0].vin == unit.vin
    with pytest.raises(TailUnknown):
        yard.scan(count, "9999Z9")
    with pytest.raises(TailNotClear):
        yard.scan(count, unit.vin[-4:])
    with pytest.raises(NumberNotReadable):
        yard.scan(count, "?")
    with pytest.raises(ValueNotAllowed):
        yard.scan(count, unit.vin, method="TELEPATHY")
    pasted = yard.do(
        RecordScans(count_id=count, lines=(yard.units[1].vin, "", "nonsense", yard.units[2].vin), location="A")
    )
    assert (pasted.taken, pasted.left_out) == (2, ("nonsense",))


def test_a_scan_can_be_taken_back_and_a_recount_has_the_last_word(yard: Yard) -> None:
    count = yard.start()
    vin = yard.units[0].vin
    wrong = yard.scan(count, vin, "B-09")
    yard.do(WithdrawScan(count_id=count, scan_id=wrong.scan_id))
    assert yard.outcomes(count)[vin] == Outcome.MISSING
    yard.scan(count, vin, "B-09")
    yard.recount(count)
    assert yard.scan(count, vin, "A-01").outcome == Outcome.MATCHED
    assert yard.outcomes(count)[vin] == Outcome.MATCHED


def test_movements_meanwhile_are_explained_and_not_missing(yard: Yard) -> None:
    count = yard.start()
    first, second, third, fourth = yard.units
    yard.do(SetStock(unit_id=first.id, action=StockAction.LEND), yard.manager)
    yard.do(MoveUnit(unit_id=second.id, location="C-01"), yard.manager)
    with yard.dispatcher.database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE vehicle_unit SET stock_state = 'OUT', allocation_state = 'DELIVERED' WHERE id = ?", (third.id,)
        )
        connection.exec_driver_sql(
            "UPDATE vehicle_unit SET deleted_at = 1, branch_id = ?, scope = ? WHERE id = ?",
            (HANGZHOU.id, HANGZHOU.id, fourth.id),
        )
    assert yard.scan(count, second.vin, "C-01").outcome == Outcome.MATCHED
    rows = {row.vin: row for row in yard.dispatcher.read(list_verdicts, yard.manager, count)}
    assert (rows[first.vin].outcome, rows[first.vin].why) == (Outcome.EXPLAINED, "lent out meanwhile")
    assert rows[third.vin].why == "delivered meanwhile"
    assert rows[fourth.vin].why == "on its way to another branch"
    assert yard.detail(count).undecided == 0


def test_vehicles_are_chosen_by_numbers_and_by_a_filter_of_the_stock(yard: Yard) -> None:
    first, second, third, _ = yard.units
    text = f"{first.vin}\n {second.stock_number.lower()}, {STRANGER}；VIN: {first.vin}"
    chosen = yard.dispatcher.read(find_chosen, yard.seller, text)
    assert (chosen.unit_ids, chosen.left_out) == ((first.id, second.id), (STRANGER,))
    yard.do(SetStock(unit_id=third.id, action=StockAction.LEND), yard.manager)
    listed = yard.dispatcher.read(find_filtered, yard.seller, UnitFilter())
    assert set(listed.unit_ids) == {yard.units[0].id, yard.units[1].id, yard.units[3].id}, "what stands here"
    with pytest.raises(NothingChosen):
        yard.start(coverage="SELECTION", unit_ids=(third.id,))


def test_places_and_selections_are_counted_by_themselves(yard: Yard) -> None:
    places = yard.dispatcher.read(list_count_places, yard.seller)
    assert [(place.code, str(place.name), place.units) for place in places] == [("A", "", 2), ("B", "", 2)]
    count = yard.start(coverage="PLACES", places=("A",))
    assert yard.detail(count).expected == 2
    strange = yard.scan(count, yard.units[2].vin, "A-05")
    assert (strange.outcome, strange.expected_location) == (Outcome.WRONG_PLACE, "B-01")
    chosen = yard.start(coverage="SELECTION", unit_ids=(yard.units[3].id,))
    assert yard.detail(chosen).expected == 1
    with pytest.raises(NothingToCount):
        yard.start(coverage="PLACES", places=("Z",))
    yard.start()
    with pytest.raises(CountUnderWay):
        yard.start()


def test_sign_off_posts_every_decision_at_once(yard: Yard) -> None:
    first, second, third, fourth = yard.units
    here = yard.records.unit(stock_state="IN_TRANSIT", location="")
    lent = yard.records.unit(stock_state="LENT", location="A-07")
    foreign = yard.records.unit(branch_id=HANGZHOU.id)
    count = yard.start()
    for vin, place in ((first.vin, "A-01"), (second.vin, "C-02"), (here.vin, "D-01"), (lent.vin, "A-07")):
        yard.scan(count, vin, place)
    yard.scan(count, foreign.vin, "A-08", yard.clerk)
    yard.scan(count, STRANGER, "A-08", yard.clerk)
    with pytest.raises(CountNotReady, match="looked for a second time"):
        yard.sign(count)
    yard.recount(count)
    yard.decide(count, second.vin, "PLACE_CORRECTED")
    yard.decide(count, third.vin, "LOST", note="找不到")
    yard.decide(count, fourth.vin, "FOUND", note="在维修车间", location="W-01")
    yard.decide(count, here.vin, "ARRIVED_UNBOOKED")
    yard.decide(count, lent.vin, "RETURNED_UNBOOKED")
    yard.decide(count, foreign.vin, "OTHER_BRANCH")
    with pytest.raises(CountNotReady, match="not decided"):
        yard.sign(count)
    yard.decide(count, STRANGER, "TO_BE_ENTERED")
    yard.sign(count)
    assert yard.unit(1).location == "C-02" and yard.unit(3).location == "W-01"
    assert yard.unit(2).quality_state == "FROZEN"
    with yard.dispatcher.database.read() as session:
        assert session.get_one(VehicleUnit, here.id).stock_state == "IN_STOCK"
        assert session.get_one(VehicleUnit, here.id).location == "D-01"
        assert session.get_one(VehicleUnit, lent.id).stock_state == "IN_STOCK"
        kinds = {row[0] for row in session.connection().exec_driver_sql("SELECT kind FROM task")}
        one_entry = session.connection().exec_driver_sql("SELECT count(*) FROM audit_entry WHERE command = 'SignOff'")
        assert one_entry.scalar() == 1
    assert kinds == {"vehicle_lost", "arrange_transfer", "enter_vehicle"}
    detail = yard.detail(count)
    assert (detail.row.state, detail.row.differences) == ("SIGNED", 7)
    assert detail.by == {
        "MATCHED": 1, "WRONG_PLACE": 1, "MISSING": 2, "SURPLUS": 3, "UNKNOWN": 1, "EXPLAINED": 0
    }  # fmt: skip
    listed = yard.dispatcher.read(list_verdicts, yard.manager, count)
    assert {row.vin: (row.outcome, row.reason) for row in listed if row.reason} == {
        second.vin: ("WRONG_PLACE", "PLACE_CORRECTED"), third.vin: ("MISSING", "LOST"),
        fourth.vin: ("MISSING", "FOUND"), here.vin: ("SURPLUS", "ARRIVED_UNBOOKED"),
        lent.vin: ("SURPLUS", "RETURNED_UNBOOKED"), foreign.vin: ("SURPLUS", "OTHER_BRANCH"),
        STRANGER: ("UNKNOWN", "TO_BE_ENTERED"),
    }, "what was posted does not change what was signed"  # fmt: skip
    assert yard.detail(count).by["MATCHED"] == sum(row.outcome == Outcome.MATCHED for row in listed)
    for command in (
        RecordScan(count_id=count, text=first.vin), DecideDifference(count_id=count, vin=first.vin, reason="FOUND"),
        AbandonCount(count_id=count, expected_revision=9, reason="x"),
    ):  # fmt: skip
        with pytest.raises(CountClosed):
            yard.do(command, yard.manager)


def test_a_second_person_signs_and_only_who_may(yard: Yard) -> None:
    count = yard.start(coverage="SELECTION", unit_ids=(yard.units[0].id,))
    yard.scan(count, yard.units[0].vin, "A-01", yard.manager)
    with pytest.raises(SignedByCounter):
        yard.sign(count)
    with pytest.raises(PermissionDenied):
        yard.sign(count, yard.seller)
    with pytest.raises(PermissionDenied):
        yard.do(StartCount(), actor_of(staff_of(Role.CASHIER)))
    yard.sign(count, actor_of(staff_of(Role.ADMINISTRATOR)))
    assert yard.detail(count).row.signed_by == "周涛"


def test_decisions_have_to_fit_and_to_say_enough(yard: Yard) -> None:
    count = yard.start()
    vin = yard.units[0].vin
    with pytest.raises(ReasonDoesNotFit):
        yard.decide(count, vin, "PLACE_CORRECTED")
    with pytest.raises(ReasonRequired):
        yard.decide(count, vin, "LOST")
    with pytest.raises(ValueNotAllowed):
        yard.decide(count, vin, "WHATEVER")
    yard.decide(count, vin, "LOST", note="找不到")
    yard.scan(count, vin, "A-01")
    with pytest.raises(NothingToDecide):
        yard.decide(count, vin, "LOST", note="找不到")
    assert yard.detail(count).undecided == 3  # the decision on what is no difference any more does not count


def test_what_cannot_be_posted_keeps_the_whole_count_open(yard: Yard) -> None:
    count = yard.start(coverage="SELECTION", unit_ids=(yard.units[0].id, yard.units[1].id))
    yard.recount(count)
    yard.decide(count, yard.units[0].vin, "LOST", note="找不到")
    yard.decide(count, yard.units[1].vin, "MISTAKEN_ENTRY", note="录错")
    with yard.dispatcher.database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE vehicle_unit SET allocation_state = 'ALLOCATED' WHERE id = ?", (yard.units[1].id,)
        )
    with pytest.raises(AdjustmentImpossible, match=yard.units[1].vin):
        yard.sign(count)
    assert yard.unit(0).quality_state == "NORMAL" and yard.detail(count).row.state == "RECOUNTING"
    revision = yard.detail(count).row.revision
    yard.do(AbandonCount(count_id=count, expected_revision=revision, reason="重新盘点"), yard.manager)
    assert yard.dispatcher.read(list_counts, yard.seller)[0].abandon_reason == "重新盘点"


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_the_result_on_paper_and_as_a_table(yard: Yard, language: str) -> None:
    count = yard.start()
    yard.scan(count, yard.units[0].vin, "B-07")
    yard.scan(count, STRANGER)
    assert yard.dispatcher.read(count_result_pdf, yard.manager, count, language=language).startswith(b"%PDF")
    head, rows = yard.dispatcher.read(count_table, yard.manager, count)
    assert len(head) == len(rows[0]) and len(rows) == 5


# --- the rules by themselves ----------------------------------------------------------------------

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
vins = st.sampled_from([f"LSVAA4182E218484{digit}" for digit in range(5)])
places = st.sampled_from(["A-01", "A-02", "B-01", "A", ""])
scans = st.builds(
    lambda number, vin, place, round, minute, withdraws: Seen(
        f"s{number}", vin, None, place, NOW + timedelta(minutes=minute), round, withdraws
    ),
    st.integers(0, 6), vins, places, st.integers(1, 2), st.integers(0, 50),
    st.one_of(st.none(), st.none(), st.integers(0, 6).map(lambda number: f"s{number}")),
)  # fmt: skip
lines = st.lists(st.builds(Expected, vins, st.just("u"), places), unique_by=lambda line: line.vin)
books = st.dictionaries(
    vins,
    st.builds(Book, st.just("u"), st.sampled_from(["here", "there"]),
              st.sampled_from(["IN_STOCK", "LENT", "OUT", "IN_TRANSIT"]), places, st.booleans()),
)  # fmt: skip


@given(lines, st.lists(scans, unique_by=lambda scan: scan.id), books, st.randoms())
def test_every_vehicle_gets_one_verdict_in_whatever_order_scans_arrive(
    expected: list[Expected], seen: list[Seen], known: dict[str, Book], chance: Any
) -> None:
    def judged(given: list[Seen]) -> list[Any]:
        return judge(expected, given, books=known, branch_id="here", began=NOW)

    verdicts = judged(seen)
    shuffled = list(seen)
    chance.shuffle(shuffled)
    assert judged(shuffled) == verdicts
    assert judged(seen + seen[:2]) == verdicts  # the same entry arriving twice changes nothing
    names = [verdict.vin for verdict in verdicts]
    assert len(names) == len(set(names)) and set(names) == {line.vin for line in expected} | set(latest(seen))
    figures = tally(verdicts)
    assert sum(figures.by.values()) == len(verdicts)
    assert figures.differences == sum(verdict.outcome in DIFFERENCES for verdict in verdicts)
    for verdict in verdicts:
        assert (verdict.outcome is Outcome.MISSING) <= (verdict.seen is None)


def test_a_zone_is_enough_where_only_the_zone_is_named() -> None:
    said: Callable[[str, str], bool] = same_place
    assert said("A-01", "a") and said("A-01", "") and said("A-01", "A-01") and not said("A-01", "A-02")
    assert not said("A-01", "B")
