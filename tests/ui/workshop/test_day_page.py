"""The workshop's day on the real database: seen, moved through, booked into, and refused where there is no room."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.kernel.changes import Changes
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.runtime.language import set_language
from app.workshop.commands import BookAppointment
from app.workshop.queries import get_day_view
from db.models.customers import Customer, CustomerVehicle
from tests.factories.documents import make_appointment
from tests.factories.records import Records
from tests.ui.workplaces import MemoryDrafts, Travels
from ui.kit.controls import Button
from ui.kit.editors import Unreadable
from ui.kit.record_line import RecordLine
from ui.workshop.appointment_details import AppointmentDetails
from ui.workshop.day_page import DayPage

Settle = Callable[[], None]
At = Callable[..., datetime]
Open = Callable[..., DayPage]


def _details(page: DayPage) -> AppointmentDetails:
    content = page.panel.content()
    assert isinstance(content, AppointmentDetails)
    return content


def _click_free(page: DayPage, qtbot: QtBot, lane: int, slot: int) -> None:
    layout = page.board.layout_shown
    assert layout is not None
    where = layout.slot_rect(lane, slot).center().toPoint()
    qtbot.mouseClick(page.board.canvas, Qt.MouseButton.LeftButton, pos=QPoint(where.x(), where.y()))


def test_the_day_shows_blocks_free_bays_and_the_present(
    open_page: Open, records: Records, customer: Customer, vehicle: CustomerVehicle, at: At
) -> None:
    make_appointment(records, customer, vehicle, starts_at=at(13), duration_minutes=90, work="首保")
    make_appointment(records, starts_at=at(13), state="CANCELLED")
    page = open_page()
    assert page._subtitle.text() == "Today, Sunday 22 November 2026 · 1 appointment"
    (block,) = page.board.canvas.blocks()
    assert block.accessibleName() == "13:00–14:30, 张伟, 沪A12345, 首保, Confirmed, Maintenance and repair"
    layout = page.board.layout_shown
    assert layout is not None and block.geometry().height() == pytest.approx(3 * layout.slot_height, abs=3)
    assert page.view is not None
    free = {f"{slot.starts_at:%H:%M}": slot.free("general") for slot in page.view.slots}
    assert (free["12:30"], free["13:00"], free["14:30"]) == (2, 1, 2)
    line = page.board.canvas._now_line
    assert line.isVisible() and line.geometry().center().y() == pytest.approx(layout.y_of(at(12)), abs=2)
    assert page.bar.dropped.isVisible() and page.bar.dropped.text() == "1 not kept"
    set_language("zh_CN")
    assert block.accessibleName() == "13:00–14:30，张伟，沪A12345，首保，已确认，机修保养"
    assert page._subtitle.text() == "今天，2026年11月22日 星期日 · 1 个预约"


def test_time_passes_on_the_board(open_page: Open, clock: FixedClock, at: At) -> None:
    page = open_page()
    layout = page.board.layout_shown
    assert layout is not None
    clock.advance(timedelta(hours=2))
    page.board.tick()
    assert page.board.canvas._now_line.geometry().center().y() == pytest.approx(layout.y_of(at(14)), abs=2)
    clock.advance(timedelta(hours=6))
    page.board.tick()
    assert not page.board.canvas._now_line.isVisible()


def test_arrow_keys_walk_and_say_what_is_there(
    open_page: Open, records: Records, customer: Customer, vehicle: CustomerVehicle, at: At, qtbot: QtBot
) -> None:
    make_appointment(records, customer, vehicle, starts_at=at(12, 30), duration_minutes=60)
    page = open_page()
    canvas = page.board.canvas
    assert canvas.hasFocus()
    assert canvas.accessibleDescription() == "12:00, Maintenance and repair, bay 1: free, 2 bays of this kind"
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.accessibleDescription().startswith("12:30–13:30, 张伟")
    qtbot.keyClick(canvas, Qt.Key.Key_Down)  # past the whole block, not half way through it
    assert canvas.accessibleDescription() == "13:30, Maintenance and repair, bay 1: free, 2 bays of this kind"
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.accessibleDescription().startswith("12:00")
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)  # the last bay: stays
    assert canvas.accessibleDescription() == "12:00, Bodywork, bay 1: free, 1 bay of this kind"
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.accessibleDescription().endswith(": past")
    qtbot.keyClick(canvas, Qt.Key.Key_Return)  # what is past cannot be booked
    assert page.booking is None


def test_days_by_keys_and_by_date(open_page: Open, settle: Settle, qtbot: QtBot) -> None:
    page = open_page()
    qtbot.keyClick(page, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert page.view is not None and page.view.day == date(2026, 11, 23)
    qtbot.keyClick(page.board.canvas, Qt.Key.Key_PageDown)
    settle()
    assert page.view.day == date(2026, 11, 24)
    qtbot.keyClick(page, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert page.view.day == date(2026, 11, 23) and page._subtitle.text().startswith("Tomorrow, Monday 23 November")
    qtbot.keyClick(page, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    jump = page.bar.jump.focus_widget()
    assert jump.hasFocus()
    page.bar.jump.line.clear()
    qtbot.keyClicks(jump, "+9")
    qtbot.keyClick(jump, Qt.Key.Key_Return)
    settle()
    assert page.view.day == date(2026, 12, 1) and page.bar.jump.text() == "2026-12-01"
    page.bar.jump.line.setText("nonsense")
    qtbot.keyClick(jump, Qt.Key.Key_Return)
    with pytest.raises(Unreadable):
        page.bar.jump.value()
    qtbot.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert page.view.day == date(2026, 11, 22)


def test_a_free_place_is_booked_beside_the_day(
    open_page: Open, dispatcher: Dispatcher, actor: Actor, customer: Customer, vehicle: CustomerVehicle,
    at: At, settle: Settle, qtbot: QtBot, drafts: MemoryDrafts,
) -> None:  # fmt: skip
    page = open_page()
    _click_free(page, qtbot, 0, 12)
    settle()
    assert page.booking is not None and page.panel.isVisible()
    form = page.booking.form
    assert form.value("bay_type") == "general" and form.value("starts_at") == at(14, 30)
    assert form.cell("starts_at").message() == "2 of 2 bays free"
    lookup = form.editor("customer_id")
    assert lookup.line.hasFocus()
    qtbot.keyClicks(lookup.line, "zw")
    qtbot.waitUntil(lambda: lookup._completer.popup().isVisible())
    qtbot.keyClick(lookup._completer.popup(), Qt.Key.Key_Return)
    settle()
    assert form.value("customer_id") == customer.id
    assert form.value("customer_vehicle_id") == vehicle.id  # the only one is chosen
    form.editor("work").box.setPlainText("首次保养")
    qtbot.keyClick(form.editor("work").box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert page.booking is None and "workshop.booking" not in drafts.kept
    view = dispatcher.read(get_day_view, actor, day="2026-11-22")
    (row,) = view.lanes[0].appointments
    assert (row.starts_at, row.duration_minutes, row.work) == (at(14, 30), 60, "首次保养")
    assert _details(page).row.id == row.id and page.board.canvas.current_appointment() == row
    assert page.context.operations.undo_step is not None


def test_a_new_vehicle_is_entered_with_the_booking(
    open_page: Open, dispatcher: Dispatcher, actor: Actor, customer: Customer, at: At, settle: Settle
) -> None:
    page = open_page(customer_id=customer.id)
    assert page.booking is not None
    form = page.booking.form
    assert form.value("customer_vehicle_id") == "new" and form.cell("plate").isVisible()
    form.editor("plate").line.setText("沪B77777")
    form.set_value("work", "换轮胎")
    form.set_value("starts_at", at(8, 30))
    page.booking.book()
    settle()
    assert form.problems() == {"starts_at": "This time has passed. Choose a later one."}
    assert form.value("customer_vehicle_id") != "new"  # the vehicle is stored; the second attempt takes it
    form.set_value("starts_at", at(15))
    page.booking.book()
    settle()
    (row,) = dispatcher.read(get_day_view, actor, day="2026-11-22").lanes[0].appointments
    assert row.plate == "沪B77777" and row.customer_id == customer.id


def test_what_is_refused_stands_beside_its_field(
    open_page: Open, records: Records, customer: Customer, vehicle: CustomerVehicle, at: At, settle: Settle
) -> None:
    for _ in range(2):
        make_appointment(records, starts_at=at(14), duration_minutes=60)
    page = open_page(customer_id=customer.id)
    assert page.booking is not None
    form = page.booking.form
    page.booking.take_slot("general", at(14))
    settle()
    assert form.cell("starts_at").message() == "No bay free; next at 15:00"
    form.set_value("work", "保养")
    page.booking.book()
    settle()
    assert form.problems() == {
        "starts_at": "All 2 bays for “Maintenance and repair” are taken then. Next free time: 2026-11-22 15:00."
    }
    page.booking.take_slot("general", at(20))
    page.booking.book()
    settle()
    assert form.problems() == {"starts_at": "The workshop is open from 08:30 to 17:30. Choose a time within."}
    make_appointment(records, customer, vehicle, starts_at=at(15), duration_minutes=60)
    page.booking.take_slot("body", at(15))
    page.booking.book()
    settle()
    assert list(form.problems()) == ["customer_vehicle_id"]
    form.clear()
    page.booking.book()
    assert {"customer_id", "work"} <= set(form.problems())


def test_another_free_place_changes_only_where_and_when(
    open_page: Open, customer: Customer, vehicle: CustomerVehicle, at: At, settle: Settle, qtbot: QtBot
) -> None:
    page = open_page(customer_id=customer.id)
    assert page.booking is not None
    page.booking.form.set_value("work", "保养")
    booking = page.booking
    _click_free(page, qtbot, 2, 14)
    settle()
    assert page.booking is booking
    values = booking.form.values()
    assert (values["bay_type"], values["starts_at"]) == ("body", at(15, 30))
    assert (values["customer_id"], values["work"]) == (customer.id, "保养")
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.booking is None and page.board.canvas.hasFocus()


def test_arrived_not_come_and_confirmed(
    open_page: Open, records: Records, clock: FixedClock, at: At, settle: Settle, qtbot: QtBot
) -> None:
    first = make_appointment(records, starts_at=at(11, 30), state="REQUESTED")
    page = open_page(appointment_id=first.id)
    row = page.current()
    assert row is not None and row.id == first.id
    assert [button.text() for button in page.panel.findChildren(Button)][-2:] == ["Confirm", "Reschedule"]
    page.context.actions.run("workshop.confirm")
    settle()
    assert _details(page).row.state == "CONFIRMED"
    qtbot.keyClick(page, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert _details(page).row.state == "ARRIVED"
    later = make_appointment(records, starts_at=at(11, 30))
    page.go_to_appointment(later.id)
    settle()
    page.context.actions.run("workshop.missed")
    settle()
    assert page.view is not None and [row.id for row in page.view.without_bay] == [later.id]
    page.bar.dropped.click()
    assert page.panel.isVisible()


def test_moved_with_the_room_said(
    open_page: Open, records: Records, at: At, settle: Settle, qtbot: QtBot, dispatcher: Dispatcher, actor: Actor
) -> None:
    appointment = make_appointment(records, starts_at=at(13))
    page = open_page(appointment_id=appointment.id)
    qtbot.keyClick(page, Qt.Key.Key_F2)
    question = _details(page).question
    assert question is not None
    assert question.form.cell("starts_at").message() == "2 of 2 bays free"  # it does not stand in its own way
    _click_free(page, qtbot, 2, 16)
    assert question.form.value("starts_at") == at(16, 30) and question.form.value("bay_type") == "body"
    question.form.set_value("duration_minutes", 90)
    question.submit()
    settle()
    assert "open from 08:30" in question.form.problems()["starts_at"]
    question.form.set_value("starts_at", at(10, day=24))
    question.submit()
    settle()
    assert page.day == date(2026, 11, 24)
    moved = _details(page).row
    assert (moved.starts_at, moved.bay_type, moved.state) == (at(10, day=24), "body", "RESCHEDULED")


def test_cancelled_with_a_reason_and_changed(
    open_page: Open, records: Records, at: At, settle: Settle, qtbot: QtBot
) -> None:
    appointment = make_appointment(records, starts_at=at(13))
    page = open_page(appointment_id=appointment.id)
    page.context.actions.run("workshop.change")
    question = _details(page).question
    assert question is not None
    question.form.set_value("note", "带走旧件")
    question.submit()
    settle()
    assert _details(page).row.note == "带走旧件"
    page.board.canvas.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_Delete)
    question = _details(page).question
    assert question is not None
    question.submit()
    assert question.form.problems() == {"reason": "Fill in this field."}
    question.form.set_value("reason", "客户改期")
    question.submit()
    settle()
    assert page.board.canvas.blocks() == [] or not page.board.canvas.blocks()[0].isVisible()
    assert page.view is not None and page.view.without_bay[0].state == "CANCELLED"


def test_another_desks_booking_appears_by_itself(
    open_page: Open, records: Records, context: Any, at: At, settle: Settle
) -> None:
    page = open_page()
    appointment = make_appointment(records, starts_at=at(16))
    context.operations.publish(Changes({"service_appointment": frozenset({appointment.id})}))
    settle()
    assert [block.row.id for block in page.board.canvas.blocks()] == [appointment.id]
    page.hide()
    second = make_appointment(records, starts_at=at(9, day=23))
    page.on_changes(Changes({"service_appointment": frozenset({second.id})}), None)
    page.show()
    page.activate({"day": "2026-11-23"})
    settle()
    assert [block.row.id for block in page.board.canvas.blocks()] == [second.id]


def test_found_on_any_day(
    open_page: Open, records: Records, customer: Customer, vehicle: CustomerVehicle, at: At, settle: Settle,
    qtbot: QtBot, navigator: Travels,
) -> None:  # fmt: skip
    appointment = make_appointment(records, customer, vehicle, starts_at=at(10, day=25))
    page = open_page()
    qtbot.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(page.filters.search, "12345")
    qtbot.keyClick(page.filters.search, Qt.Key.Key_Return)
    settle()
    (line,) = page.panel.findChildren(RecordLine)
    assert line.accessibleName().startswith("张伟 · 沪A12345")
    line.click()
    settle()
    assert page.day == date(2026, 11, 25) and _details(page).row.id == appointment.id
    _details(page).findChildren(RecordLine)[0].click()
    assert navigator.went == [("customers", {"customer_id": customer.id})]


def test_two_desks_that_booked_apart_show_as_overbooked(open_page: Open, records: Records, at: At) -> None:
    for _ in range(3):
        make_appointment(records, starts_at=at(14), duration_minutes=60)
    page = open_page()
    layout = page.board.layout_shown
    assert layout is not None
    assert [lane.row.overbooked for lane in layout.lanes] == [False, False, True, False]
    assert len(page.board.canvas.blocks()) == 3
    page.grab()


def test_only_some_kinds_of_work(open_page: Open, records: Records, at: At, settle: Settle) -> None:
    make_appointment(records, starts_at=at(13), bay_type="body")
    make_appointment(records, starts_at=at(13))
    page = open_page()
    page.filters.chip("bay_type").choose("body")
    layout = page.board.layout_shown
    assert layout is not None and [lane.row.bay_type for lane in layout.lanes] == ["body"]
    assert [block.row.bay_type for block in page.board.canvas.blocks()] == ["body"]
    page.filters.clear()
    assert len(page.board.canvas.blocks()) == 2


def test_a_booking_for_the_slot_that_has_begun_starts_soon(open_page: Open, clock: FixedClock, at: At) -> None:
    clock.advance(timedelta(minutes=12))
    page = open_page()
    slot = page.board.canvas.current_slot()
    assert slot is not None and slot[1] == at(12, 15)


class TestParts:
    """The parts clerk looks; booking is not theirs."""

    @pytest.fixture
    def actor(self, actor_with: Callable[..., Actor]) -> Actor:
        from app.kernel.permissions import Role

        return actor_with(Role.PARTS_CLERK)

    def test_looks_but_does_not_book(
        self, open_page: Open, records: Records, at: At, qtbot: QtBot, customer: Customer
    ) -> None:
        appointment = make_appointment(records, starts_at=at(13))
        page = open_page(appointment_id=appointment.id, customer_id=customer.id)
        assert page.booking is None and page.header_button("workshop.book") is None
        assert not page.context.actions.run("workshop.arrived")
        _click_free(page, qtbot, 1, 14)
        assert page.booking is None
        assert isinstance(page.panel.content(), AppointmentDetails)

    def test_books_nothing_even_by_command(self, dispatcher: Dispatcher, actor: Actor, at: At) -> None:
        from app.kernel.errors import PermissionDenied

        command = BookAppointment(
            customer_id="c",
            customer_vehicle_id="v",
            bay_type="general",
            starts_at=at(14),
            duration_minutes=60,
            work="x",
        )
        with pytest.raises(PermissionDenied):
            dispatcher.execute(command, actor)


def test_a_branch_without_bays_says_what_to_do(open_page: Open, dispatcher: Dispatcher, administrator: Actor) -> None:
    from app.staff.commands import ChangeBranch
    from app.staff.queries import get_branch

    branch = dispatcher.read(get_branch, administrator)
    dispatcher.execute(
        ChangeBranch(branch_id=branch.id, expected_revision=branch.revision, work_bays={}), administrator
    )
    page = open_page()
    assert page._empty is not None and page._empty.isVisible()
