"""The catalogue at two desks: a change travels as a version, changes of both desks count, days come by themselves."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.catalog.commands import ChangeTrim, CreateTrim, RemoveTrim
from app.catalog.history import VersionRow, compare_versions, list_versions
from app.catalog.queries import TrimDetail, get_trim
from app.kernel.clock import Clock, branch_date
from app.orders.queries import get_order
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.journeys.centre import Centre
from tests.journeys.test_two_desks import centre, do, exchange, one, page, pair, sale  # noqa: F401  (a fixture)
from ui.catalog.catalogue_page import CataloguePage
from ui.catalog.entry_pane import EntryPane

Start = Callable[..., Application]
AHEAD = timedelta(days=3)


class LaterClock:
    """The clock of a desk some days on."""

    def __init__(self, before: Clock, ahead: timedelta) -> None:
        self._before, self._ahead = before, ahead

    def now(self) -> datetime:
        """Now, that much later."""
        return self._before.now() + self._ahead


def trim_of(desk: Application) -> TrimDetail:
    """The only trim, as this desk has it."""
    return desk.desk.read(get_trim, str(one(desk, "SELECT id FROM trim")))


def change(desk: Application, own: Mapping[str, Any], *, reason: str, day: date | None = None, **fields: Any) -> str:
    """Give the trim these values of its own, besides those it has, as a page does."""
    detail = trim_of(desk)
    row = detail.row
    said = {
        "name_zh": row.name.zh, "name_en": row.name.en, "energy": row.energy, "seats": row.seats,
        "guide_price": row.guide_price, "in_tax_directory": row.in_tax_directory,
    }  # fmt: skip
    command = ChangeTrim(
        trim_id=row.id, expected_revision=row.revision, parameters={**detail.raw_parameters, **own}, reason=reason,
        effective_from=day, **(said | fields),
    )  # fmt: skip
    return str(do(desk, command))


def versions(desk: Application) -> tuple[VersionRow, ...]:
    """The trim's versions at this desk, the first one first."""
    return tuple(reversed(desk.desk.read(list_versions, trim_of(desk).row.id)))


def in_step(first: Application, second: Application, hands: Hands) -> None:
    """What each desk did reaches the other, and what follows from it has settled."""
    for desk in (first, second, first):
        exchange(desk, hands)
    for desk in (first, second):
        hands.wait(lambda desk=desk: desk.operations.settled(), "what arrived is put into force")


def last_operation(desk: Application) -> int:
    """The number of the newest change this desk made for the others."""
    return int(one(desk, "SELECT max(n) FROM outbox_operation"))


def test_changes_of_both_desks_count_and_a_day_comes_by_itself(
    start_application: Start, hands: Hands, centre: Centre  # noqa: F811
) -> None:  # fmt: skip
    first, second = pair(start_application, hands, centre)
    today = branch_date(first.desk.clock.now())
    scheduled = change(first, {"airbags": 10}, reason="Next model run", day=today + AHEAD)
    in_step(first, second, hands)
    assert "airbags" not in trim_of(second).raw_parameters
    seen = page(second, "catalogue", CataloguePage, trim_id=trim_of(second).row.id)
    hands.wait(lambda: seen.entry is not None and bool(seen.entry.coming), "the other desk sees what is coming")
    assert [(one.reason, one.effective_from) for one in seen.entry.coming] == [("Next model run", today + AHEAD)]

    centre.service.kill()
    change(first, {"length": 4700, "seats": 5}, reason="Measured here")
    change(second, {"wheelbase": 2800, "seats": 7}, reason="Measured there")
    centre.service.start()
    in_step(first, second, hands)
    own = [trim_of(desk).raw_parameters for desk in (first, second)]
    assert own[0] == own[1] == {"displacement": 1.5, "length": 4700, "wheelbase": 2800, "seats": 7}
    reasons = [[version.reason for version in versions(desk)] for desk in (first, second)]
    assert reasons[0] == reasons[1] == ["", "Measured here", "Measured there", "Next model run"]
    assert sorted(centre.ids("specification_version")) == sorted(version.id for version in versions(first))
    ids = (versions(first)[1].id, versions(first)[2].id)
    compared = [desk.desk.read(compare_versions, ids).differences for desk in (first, second)]
    assert compared[0] == compared[1] and {one.code for one in compared[0]} == {"wheelbase", "seats"}

    before = [(trim_of(desk).row.revision, last_operation(desk)) for desk in (first, second)]
    for desk in (first, second):
        _days_later(desk, AHEAD)
        hands.wait(lambda desk=desk: trim_of(desk).raw_parameters.get("airbags") == 10, "the day has come")
    for desk, (revision, operation) in zip((first, second), before, strict=True):
        assert trim_of(desk).row.revision > revision
        assert last_operation(desk) == operation, "nothing of it travels: each desk works it out"
    assert {version.id: version.state for version in versions(second)}[scheduled] == "in_force"
    assert isinstance(seen.pane, EntryPane)
    hands.wait(lambda: seen.entry is not None and not seen.entry.coming, "the page that stands open shows it")
    assert centre.findings() == []


def test_an_order_keeps_its_version_and_a_removal_travels(
    start_application: Start, hands: Hands, centre: Centre  # noqa: F811
) -> None:  # fmt: skip
    first, second = pair(start_application, hands, centre)
    change(first, {"airbags": 8}, reason="As built")
    in_step(first, second, hands)
    unit_id, customer_id = (str(one(first, f"SELECT id FROM {name} LIMIT 1")) for name in ("vehicle_unit", "customer"))
    order_id = do(first, sale(unit_id, customer_id)).order_id
    change(second, {"airbags": 6}, reason="Cheaper", guide_price=Decimal("99999.00"))
    in_step(first, second, hands)
    for desk in (first, second):
        assert trim_of(desk).raw_parameters["airbags"] == 6
        kept = desk.desk.read(get_order, order_id).specification
        assert kept is not None and (kept.number, kept.parameters["airbags"]) == (2, 8)
        assert {one.code for one in kept.changed} == {"airbags", "guide_price"}
    _a_trim_is_removed_and_comes_back(first, second, hands)


def _a_trim_is_removed_and_comes_back(first: Application, second: Application, hands: Hands) -> None:
    row = trim_of(first).row
    further = do(
        first,
        CreateTrim(model_year_id=row.model_year_id, name_zh="临时", energy=row.energy, guide_price=Decimal(1)),
    )
    in_step(first, second, hands)
    revision = second.desk.read(get_trim, further).row.revision
    gone = second.desk.dispatcher.execute(
        RemoveTrim(trim_id=further, expected_revision=revision, reason="Entered by mistake"), second.desk.actor
    )
    second.operations.publish(gone.changes)
    in_step(first, second, hands)
    alive = "SELECT count(*) FROM trim WHERE deleted_at IS NULL"
    assert [one(desk, alive) for desk in (first, second)] == [1, 1]
    (last,) = [version for version in first.desk.read(list_versions, further) if version.state == "in_force"]
    assert last.reason == "Entered by mistake"
    assert gone.undo is not None
    do(second, gone.undo)
    in_step(first, second, hands)
    assert [one(desk, alive) for desk in (first, second)] == [2, 2]


def _days_later(desk: Application, ahead: timedelta) -> None:
    """The desk's clock goes on; its keeper looks, as it does every minute."""
    desk.desk.clock = desk.desk.dispatcher.clock = LaterClock(desk.desk.clock, ahead)
    desk._catalogue.look()
