"""What a customer looks for: searches kept as their wishes, to be opened or compared at once."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt

from app.finder.queries import SavedSearchRow, best_hits
from app.finder.wording import question_words
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import IconButton, Label
from ui.kit.layout import boxed, row
from ui.kit.panel_form import PanelSection
from ui.kit.record_line import RecordLine


class WishSection(PanelSection):
    """One line a wish; the plus begins a new search."""

    def __init__(self, context: PageContext, customer_id: str, wishes: Sequence[SavedSearchRow]) -> None:
        self.plus = IconButton("plus", tr_noop("Find a vehicle for them"), on_click=self._open_finder)
        super().__init__(tr_noop("What they look for"), self.plus)
        self._context, self._customer_id = context, customer_id
        for wish in wishes:
            self._add_line(wish)
        if not wishes:
            hint = tr_noop("No wish is kept. Find vehicles for them and save the search as their wish.")
            self.add(Label(hint, role="secondary", wrap=True))

    def compare(self, wish: SavedSearchRow) -> None:
        """What fits best, side by side, prepared for this customer."""
        self._context.operations.run_query(self, best_hits, wish.id, on_done=self._on_best, key="best")

    def _on_best(self, trim_ids: tuple[str, ...]) -> None:
        if trim_ids:
            self._context.navigator.open("comparison", trim_ids=list(trim_ids), customer_id=self._customer_id)
        else:
            self._context.notifications.show(tr_noop("Nothing in the catalogue fits this wish at the moment."))

    def _add_line(self, wish: SavedSearchRow) -> None:
        line = RecordLine(
            lambda: wish.name, subtitle=partial(question_words, wish.question, wish.named), icon="search",
            tooltip=partial(_told, wish),
        )  # fmt: skip
        line.clicked.connect(lambda: self._context.navigator.open("finder", search_id=wish.id))
        compare = IconButton(
            "git-compare", lambda: tr("Compare what fits “{name}” best", name=wish.name),
            on_click=partial(self.compare, wish),
        )  # fmt: skip
        across = row(line, gap=4)
        across.setStretch(0, 1)
        across.addWidget(compare, 0, Qt.AlignmentFlag.AlignVCenter)
        self.add(boxed(across))

    def _open_finder(self) -> None:
        self._context.navigator.open("finder")


def _told(wish: SavedSearchRow) -> str:
    words = question_words(wish.question, wish.named)
    return f"{words}\n{tr('Kept by {name}', name=wish.staff_name)}" if wish.staff_name else words
