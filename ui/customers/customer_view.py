"""All about one customer: narrow in the detail panel, wide in the place of the table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.customers.queries import CustomerDetails, HistoryRow, get_customer, list_customer_history
from app.finder.queries import SavedSearchRow, list_saved_searches
from app.kernel.permissions import Permission
from ui.customers.consent_section import ConsentSection
from ui.customers.history_section import FIRST_ROWS, HistorySection
from ui.customers.personal_section import PersonalSection
from ui.customers.vehicle_section import VehicleSection
from ui.customers.wish_section import WishSection
from ui.kit.context import PageContext
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.theme import set_role

S = TypeVar("S", bound=PanelSection)


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A customer with the newest of what happened, and what they look for (None for those who may not see it)."""

    details: CustomerDetails
    history: Sequence[HistoryRow]
    wishes: Sequence[SavedSearchRow] | None = None

    @property
    def id(self) -> str:
        """The customer's id."""
        return self.details.id


def read_customer(reader: Any, customer_id: str) -> CustomerFile:
    """The customer's file; raises RecordNotFound."""
    history = list_customer_history(reader, customer_id, limit=FIRST_ROWS)
    details = get_customer(reader, customer_id)
    may = reader.actor.may(Permission.CATALOG_VIEW) and reader.actor.may(Permission.INVENTORY_VIEW)
    return CustomerFile(details, history, list_saved_searches(reader, customer_id=customer_id) if may else None)


class CustomerView(QWidget):
    """The sections, one below the other, or (`wide`) in two columns of cards."""

    def __init__(self, context: PageContext, file: CustomerFile, *, wide: bool = False) -> None:
        super().__init__()
        set_role(self, "plain")
        self._context = context
        self.file = file
        self.personal = PersonalSection(context, file.details)
        self.consents = ConsentSection(context, file.details)
        self.vehicles = VehicleSection(context, file.details)
        self.history = HistorySection(context, file.details.id, file.history)
        self.wishes = WishSection(context, file.details.id, file.wishes or ())
        wished = [] if file.wishes is None else [self.wishes]
        if file.wishes is None:
            self.wishes.setParent(self)
            self.wishes.hide()
        if wide:
            self._arrange_wide(wished)
        else:
            stack = column(self.personal, gap=12)
            for section in (*wished, self.history, self.vehicles, self.consents):
                stack.addWidget(Divider())
                stack.addWidget(section)
            self.setLayout(stack)

    def show_file(self, file: CustomerFile) -> None:
        """The same customer as they are now: only sections that differ are made anew, so that nothing jumps.

        A section in which something is being asked stays as it is.
        """
        old, new = self.file, file
        self.file = file
        if _person(old.details) != _person(new.details):
            self.personal = self._replaced(self.personal, lambda: PersonalSection(self._context, new.details))
        if old.details.consents != new.details.consents:
            self.consents = self._replaced(self.consents, lambda: ConsentSection(self._context, new.details))
        if old.details.vehicles != new.details.vehicles:
            self.vehicles = self._replaced(self.vehicles, lambda: VehicleSection(self._context, new.details))
        if old.history != new.history:
            made = lambda: HistorySection(self._context, new.id, new.history)  # noqa: E731
            self.history = self._replaced(self.history, made)
        if old.wishes != new.wishes:
            self.wishes = self._replaced(self.wishes, lambda: WishSection(self._context, new.id, new.wishes or ()))

    def _replaced(self, section: S, make: Callable[[], S]) -> S:
        holder = section.parentWidget()
        layout = holder.layout() if holder is not None else None
        if section.question is not None or layout is None:
            return section
        fresh = make()
        layout.replaceWidget(section, fresh)
        section.hide()
        section.deleteLater()
        return fresh

    def questions(self) -> list[PanelForm]:
        """What is being asked in any section."""
        sections = (self.personal, self.consents, self.vehicles, self.history, self.wishes)
        return [section.question for section in sections if section.question is not None]

    def _arrange_wide(self, wished: Sequence[QWidget]) -> None:
        left = column(_card(self.personal), *map(_card, wished), _card(self.vehicles), STRETCH, gap=16)
        right = column(_card(self.history), _card(self.consents), STRETCH, gap=16)
        columns = row(left, right, gap=16)
        columns.setStretch(0, 1)
        columns.setStretch(1, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(boxed(columns))
        self.setLayout(column(scroll))


def _person(details: CustomerDetails) -> CustomerDetails:
    """Without what other sections show, and without what changes each time."""
    return replace(details, consents=(), vehicles=(), updated_at=details.created_at, revision=0)


def _card(section: QWidget) -> QWidget:
    return boxed(column(section, margins=16), role="card")
