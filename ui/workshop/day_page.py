"""The workshop's day: who comes when, into which bay, and what is still free."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from app.kernel.changes import Changes
from app.kernel.clock import branch_date
from app.kernel.commands import Command
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from app.workshop.commands import ConfirmAppointment, MarkArrived, MarkNoShow
from app.workshop.queries import AppointmentRow, DayView, LaneRow, get_appointment, get_day_view, list_appointments
from app.workshop.rules import AppointmentAction
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.filters import Facet
from ui.kit.keys import Key
from ui.kit.page import Page
from ui.kit.text import Words
from ui.workshop.appointment_details import QUIET_ORDER, VERBS, AppointmentDetails, span_words
from ui.workshop.appointment_lines import AppointmentLines
from ui.workshop.booking_form import BookingForm
from ui.workshop.day_bar import NEXT_KEY, PREVIOUS_KEY, TODAY_KEY, DayBar
from ui.workshop.day_board import DayBoard, no_bays
from ui.workshop.words import day_words, kind_option

WATCHED = ("service_appointment", "customer", "customer_vehicle", "branch")
FOUND_MOST = 40


class DayPage(Page):
    """Params: `day` (ISO), `appointment_id` (goes to its day), `customer_id` (opens a booking for them)."""

    title = tr_noop("Appointments")
    scope = "workshop"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.day = branch_date(context.clock.now())
        self.view: DayView | None = None
        self.booking: BookingForm | None = None
        self._awaited: str | None = None
        self._stale = False
        self.bar = DayBar(context.clock)
        self.board = DayBoard(context.clock)
        self.set_body(self.board)
        self.filters.search.set_words(tr_noop("Customer, plate or number"))
        self.filters.add_facet(Facet("bay_type", tr_noop("Kind of work")))
        self.filters.add_widget(self.bar)
        self.filters.show()
        self._sought = ""
        self.bar.jump.set_name(tr("Go to a day"))
        self.bar.turned.connect(self.turn)
        self.bar.day_chosen.connect(self.open_day)
        self.bar.today_wanted.connect(self.open_today)
        self.filters.changed.connect(self._on_filters_changed)
        self.bar.dropped_wanted.connect(self._show_dropped)
        self.board.day_turned.connect(self.turn)
        self.board.canvas.slot_chosen.connect(self._on_slot_chosen)
        self.board.canvas.appointment_chosen.connect(self.show_appointment)
        self.board.canvas.moved.connect(self._on_cursor_moved)
        self.panel.closed.connect(self._on_panel_closed)
        self._add_actions()

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        if params.get("day"):
            self.day = date.fromisoformat(str(params["day"]))
        if params.get("appointment_id"):
            self.go_to_appointment(str(params["appointment_id"]))
        elif self.view is None or self.view.day != self.day or self._stale:
            self._fetch()
        if params.get("customer_id"):
            self.book_for(str(params["customer_id"]))
        else:
            self.board.canvas.setFocus()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        if not changes.touches(*WATCHED):
            return
        if self.isVisible():
            self._fetch()
        else:
            self._stale = True

    def retranslate(self) -> None:
        super().retranslate()
        bar = getattr(self, "bar", None)
        if bar is not None:
            bar.jump.set_name(tr("Go to a day"))

    # --- days ------------------------------------------------------------------------------------

    def open_day(self, day: date) -> None:
        """Show another day."""
        self.day = day
        self.bar.show_day(day)
        self._fetch()

    def open_today(self) -> None:
        """Show today."""
        self.open_day(branch_date(self.context.clock.now()))

    def turn(self, days: int) -> None:
        """Go days forward or back."""
        self.open_day(self.day + timedelta(days=days))

    def go_to_appointment(self, appointment_id: str) -> None:
        """Show the day an appointment is on, and the appointment."""

        def arrived(row: AppointmentRow) -> None:
            self._awaited = row.id
            self.open_day(branch_date(row.starts_at))

        self.context.operations.run_query(self, get_appointment, appointment_id, on_done=arrived, key="go")

    def _fetch(self) -> None:
        self._stale = False
        self.set_loading(self.view is None)
        self.context.operations.run_query(
            self, get_day_view, day=self.day, on_done=self._show_day, on_error=self._on_fetch_failed, key="day"
        )

    def _on_fetch_failed(self, _error: BaseException) -> bool:
        self.set_loading(False)
        return False

    def _show_day(self, view: DayView) -> None:
        self.view = view
        self.set_loading(False)
        self.bar.show_day(view.day)
        self.bar.show_dropped(len(view.without_bay))
        number = sum(len(lane.appointments) for lane in view.lanes)
        self.set_subtitle(lambda: self._describe(view.day, number))
        self.set_empty(None if view.lanes else no_bays())
        kinds = dict.fromkeys(lane.bay_type for lane in view.lanes)
        self.filters.set_options("bay_type", [kind_option(kind) for kind in kinds])
        self.board.show_day(view)
        if self.booking is not None:
            self.booking.use_view(view)
        self._refresh_details()

    def _describe(self, day: date, number: int) -> str:
        today = branch_date(self.context.clock.now())
        return f"{day_words(day, today)} · {trn('{n} appointment', '{n} appointments', number)}"

    # --- booking ---------------------------------------------------------------------------------

    def book(self) -> None:
        """A booking at the cursor, or at the first free place of the day."""
        free = self.board.canvas.current_slot()
        layout = self.board.layout_shown
        if free is None and layout is not None:
            first = layout.first_free(self.context.clock.now())
            if first is not None:
                free = self.board.canvas.slot_at(*first)
                self.board.canvas.select_slot(*first)
        self._open_booking()
        if self.booking is not None:
            if free is not None:
                self.booking.take_slot(free[0].bay_type, free[1])
            self.booking.take_focus()

    def book_for(self, customer_id: str) -> None:
        """A booking for a customer who is known already."""
        if not self.context.may(Permission.WORKSHOP_BOOK):
            return
        self.book()
        if self.booking is not None:
            self.booking.take_customer(customer_id)
            self.booking.form.focus_field("work")

    def _open_booking(self) -> None:
        if self.booking is not None:
            return
        self.booking = BookingForm(self.context)
        self.booking.booked.connect(self._on_booked)
        self.panel.show_content(
            tr_noop("Book an appointment"), self.booking,
            subtitle=tr_noop("Choose another free place in the day at any time."),
            actions=[self.booking.book_button, Button(tr_noop("Not now"), kind="quiet", on_click=self._leave_booking)],
        )  # fmt: skip
        self.board.canvas.pin(True)
        if self.view is not None:
            self.booking.use_view(self.view)

    def _leave_booking(self) -> None:
        self._end_booking()
        self.panel.close_panel()

    def _end_booking(self) -> None:
        """The form goes; what is half typed stays in its draft."""
        if self.booking is not None:
            self.booking.form.save_draft_if_due()
        self.booking = None
        self.board.canvas.pin(False)

    def _on_booked(self, appointment_id: str) -> None:
        self._end_booking()
        self.go_to_appointment(appointment_id)

    def _on_slot_chosen(self, lane: LaneRow, starts_at: datetime) -> None:
        if not self.context.may(Permission.WORKSHOP_BOOK):
            return
        details = self._details()
        if details is not None and details.question is not None and "starts_at" in details.question.form.values():
            details.question.form.set_value("starts_at", starts_at)
            details.question.form.set_value("bay_type", lane.bay_type)
            details.question.form.changed.emit("starts_at")
            return
        self._open_booking()
        if self.booking is not None:
            self.booking.take_slot(lane.bay_type, starts_at)
            self.booking.take_focus()

    # --- one appointment -------------------------------------------------------------------------

    def current(self) -> AppointmentRow | None:
        """What the appointment actions act on: the one in the panel, else the one under the cursor."""
        details = self._details()
        return details.row if details is not None else self.board.canvas.current_appointment()

    def show_appointment(self, row: AppointmentRow) -> None:
        """Show it in the panel; a booking half typed stays in its draft."""
        self._end_booking()
        details = AppointmentDetails(self.context, row)
        chosen = [name for name in self._panel_order(row) if details.offers(VERBS[name][1])][:2]
        offered = [name for name in QUIET_ORDER if name not in chosen and details.offers(VERBS[name][1])]
        get = self.context.actions.get
        verbs = [details.verb(get(f"workshop.{name}"), kind="quiet") for name in offered]
        if self.context.may(Permission.WORKSHOP_BOOK):
            verbs.insert(0, details.verb(get("workshop.change"), kind="quiet"))
        details.add_verbs(verbs)
        buttons = [
            details.verb(get(f"workshop.{name}"), kind="secondary" if place else "primary")
            for place, name in enumerate(chosen)
        ]
        self.panel.show_content(
            lambda: span_words(row), details, actions=buttons,
            subtitle=lambda: day_words(branch_date(row.starts_at), branch_date(self.context.clock.now())),
        )  # fmt: skip

    def _panel_order(self, row: AppointmentRow) -> tuple[str, ...]:
        """Who is expected today may arrive; a later appointment is rather confirmed or moved."""
        today = branch_date(row.starts_at) <= branch_date(self.context.clock.now())
        return ("arrived", "confirm", "reschedule") if today else ("confirm", "reschedule")

    def _details(self) -> AppointmentDetails | None:
        content = self.panel.content() if not self.panel.isHidden() else None
        return content if isinstance(content, AppointmentDetails) else None

    def _refresh_details(self) -> None:
        details, awaited = self._details(), self._awaited
        if awaited is not None:
            self._awaited = None
            self._show_by_id(awaited)
            return
        if details is None or details.question is not None:
            return
        found = self._find(details.row.id)
        if found is None:
            self.panel.close_panel()
        elif found != details.row:
            self.show_appointment(found)

    def _show_by_id(self, appointment_id: str) -> None:
        found = self._find(appointment_id)
        if found is not None:
            self.board.canvas.setFocus()
            self.board.select_appointment(appointment_id)
            self.show_appointment(found)

    def _find(self, appointment_id: str) -> AppointmentRow | None:
        found = self.board.appointment(appointment_id)
        if found is None and self.view is not None:
            found = next((row for row in self.view.without_bay if row.id == appointment_id), None)
        return found

    def _on_cursor_moved(self) -> None:
        details, current = self._details(), self.board.canvas.current_appointment()
        if details is not None and details.question is None and current is not None and current.id != details.row.id:
            self.show_appointment(current)

    def _on_panel_closed(self) -> None:
        self._end_booking()
        self.board.canvas.setFocus()

    def _take(self, make: Callable[[str], Command], name: Words) -> None:
        row = self.current()
        if row is not None:
            self.context.operations.run_command(self, make(row.id), name=name)

    def _ask(self, ask: Callable[[AppointmentDetails], None]) -> None:
        row = self.current()
        if row is None:
            return
        details = self._details()
        if details is None:
            self.show_appointment(row)
            details = self._details()
        if details is not None:
            ask(details)

    def _after_question(self, _value: object = None) -> None:
        self._fetch()
        self.board.canvas.setFocus()

    def _reschedule(self) -> None:
        bays = self.view.bay_types if self.view is not None else ()
        self._ask(lambda details: details.ask_move(self.view, bays, self.go_to_appointment))

    # --- lists in the panel ----------------------------------------------------------------------

    def _on_filters_changed(self, values: Mapping[str, Any]) -> None:
        self.board.show_kinds(values.get("bay_type", ()))
        text = str(values.get("text", ""))
        if text != self._sought:
            self._sought = text
            self._search(text)

    def _focus_search(self) -> None:
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    def _search(self, text: str) -> None:
        if not text:
            return
        self.context.operations.run_query(
            self, list_appointments, text=text, limit=FOUND_MOST, branch_id=self.context.actor.branch_id,
            on_done=lambda rows: self._show_list(tr_noop("Appointments found"), rows), key="search",
        )  # fmt: skip

    def _show_dropped(self) -> None:
        if self.view is not None:
            self._show_list(tr_noop("Cancelled or missed"), self.view.without_bay)

    def _show_list(self, title: Words, rows: Sequence[AppointmentRow]) -> None:
        self._end_booking()
        self.panel.show_content(title, AppointmentLines(rows, on_open=self.go_to_appointment))

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        book = Permission.WORKSHOP_BOOK

        def add(name: str, text: str, handler: Callable[[], object], key: str | None = None, icon: str = "",
                permission: Permission | None = None, **options: Any) -> None:  # fmt: skip
            enabled = options.pop("enabled", None)
            action = Action(f"workshop.{name}", text, handler, key=key, icon=icon or None, permission=permission,
                            enabled=enabled)  # fmt: skip
            self.add_action(action, **options)

        add("book", tr_noop("Book an appointment"), self.book, Key.NEW, "calendar-plus", book, primary=True)
        add("previous_day", tr_noop("Previous day"), lambda: self.turn(-1), PREVIOUS_KEY, "chevron-left")
        add("next_day", tr_noop("Next day"), lambda: self.turn(1), NEXT_KEY, "chevron-right")
        add("today", tr_noop("Today"), self.open_today, TODAY_KEY, "calendar")
        add("go_to_day", tr_noop("Go to a day"), self.bar.jump.focus_widget().setFocus, "Ctrl+G", "calendar")
        add("find", tr_noop("Find an appointment"), self._focus_search, Key.FILTER, "search")
        add("refresh", tr_noop("Fetch again"), self._fetch, Key.REFRESH, "refresh-cw")
        add("details", tr_noop("Show or hide details"), self._toggle_panel, Key.DETAILS, "panel-right")
        for name, (text, action, key, icon) in VERBS.items():
            handler = self._handler(name)
            enabled = self._offers(action)
            add(name, text, handler, key, icon, book, enabled=enabled)
        add("change", tr_noop("Change work or note"), lambda: self._ask(lambda d: d.ask_change(self._after_question)),
            "Ctrl+E", "pencil", book, enabled=lambda: self.current() is not None)  # fmt: skip

    def _handler(self, name: str) -> Callable[[], object]:
        return {
            "confirm": lambda: self._take(lambda i: ConfirmAppointment(appointment_id=i), tr_noop("Confirm")),
            "arrived": lambda: self._take(lambda i: MarkArrived(appointment_id=i), tr_noop("Mark as arrived")),
            "missed": lambda: self._take(lambda i: MarkNoShow(appointment_id=i), tr_noop("Mark as not come")),
            "reschedule": self._reschedule,
            "cancel": lambda: self._ask(lambda details: details.ask_cancel(self._after_question)),
        }[name]

    def _offers(self, action: AppointmentAction) -> Callable[[], bool]:
        def offered() -> bool:
            row = self.current()
            return row is not None and action in row.actions

        return offered

    def _toggle_panel(self) -> None:
        row = self.board.canvas.current_appointment()
        if not self.panel.isHidden():
            self.panel.close_panel()
        elif row is not None:
            self.show_appointment(row)

    def _on_escape(self) -> None:
        details = self._details()
        if details is not None and details.question is not None:
            details.question.leave()
        else:
            super()._on_escape()
