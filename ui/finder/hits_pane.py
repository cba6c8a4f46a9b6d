"""The middle of the finder: what was understood, what was misspelt, and the hits with their pictures."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from app.finder.queries import Correction, Found, HitRow
from app.finder.rules import Question, Restriction
from app.finder.wording import restriction_text
from app.runtime.language import tr, tr_noop
from ui.finder.chips import Chips
from ui.finder.hit_list import PICTURE, HitList, HitModel
from ui.finder.words import understood_text
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.feedback import EmptyState
from ui.kit.layout import column
from ui.kit.picture_loading import load_main
from ui.kit.text import Words
from ui.kit.theme import set_role, theme

_PICTURES_AFTER_MS = 120
_NOTHING = tr_noop("No vehicle fits")
_TAKE_AWAY = tr_noop("Take a restriction away: each facet shows how many another value would leave.")


class HitsPane(QFrame):
    """`list` with its `model`, the `chips` and the line of corrections above, `beneath` below."""

    def __init__(self, context: PageContext, *, on_clear: Callable[[], None], beneath: QWidget) -> None:
        super().__init__()
        set_role(self, "plain")
        self._context = context
        self.model = HitModel()
        self.list = HitList(self.model)
        self.nothing = EmptyState(
            _NOTHING, _TAKE_AWAY, icon="search", action=Button(tr_noop("Begin anew"), on_click=on_clear),
        )  # fmt: skip
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.nothing)
        self.chips, self.correction = Chips(), Label("", role="secondary", wrap=True)
        self.correction.hide()
        layout = column(self.chips, self.correction, gap=8)
        layout.addWidget(self._stack, 1)
        layout.addWidget(beneath)
        self.setLayout(layout)

    def show_hits(self, found: Found) -> bool:
        """The hits of an answer; whether the one that was selected is still among them."""
        kept = self.list.current_row()
        self.list.selectionModel().blockSignals(True)
        self.model.show(found.hits, found.next)
        still_there = kept is not None and self.list.select_id(kept.id)
        self.list.selectionModel().blockSignals(False)
        unknown = [one.typed for one in found.corrections if not one.taken]
        hint: Words = partial(_unknown_words, unknown) if unknown else _TAKE_AWAY
        self.nothing.set_words(_NOTHING, hint)
        self._stack.setCurrentWidget(self.list if found.hits else self.nothing)
        return still_there

    def fetch_pictures(self, hits: Sequence[HitRow]) -> None:
        """Those that were not asked for yet; what is typed meanwhile goes first."""
        wanted = self.model.without_picture(hits)
        if wanted:
            size = QSize(theme().px(PICTURE[0]), theme().px(PICTURE[1])) * self.devicePixelRatioF()
            self._context.operations.run_query(
                self, load_main, "trim", wanted, size, icons=True, key="pictures", after_ms=_PICTURES_AFTER_MS,
                on_done=partial(self.model.show_pictures, wanted), on_error=lambda _error: True,
            )  # fmt: skip

    def show_understood(
        self,
        found: Found,
        question: Question,
        *,
        on_restriction: Callable[[Restriction], None],
        on_phrase: Callable[[str], None],
    ) -> None:
        """A chip for each restriction and each phrase that was understood; a click takes it away."""
        chips: list[Any] = [
            (partial(restriction_text, one, found.named), False,
             partial(on_restriction, Restriction(code=one.code)))
            for one in question.restrictions
        ]  # fmt: skip
        chips += [
            (partial(understood_text, one), bool(one.waiting_for), partial(on_phrase, one.phrase))
            for one in found.understood
        ]
        self.chips.show_chips(chips)
        self._show_corrections(found)

    def _show_corrections(self, found: Found) -> None:
        lines = [
            tr("Nothing is called “{typed}”: showing “{taken}”.", typed=one.typed, taken=_taken_words(one))
            if one.taken
            else tr("Nothing is called “{typed}”.", typed=one.typed)
            for one in found.corrections
        ]
        self.correction.set_text(" ".join(lines))
        self.correction.setVisible(bool(lines))


def _taken_words(one: Correction) -> str:
    """What a misspelt word was taken for, by name where it is one."""
    names = [str(name) for name in one.meant] or [word.strip() for word in one.taken]
    return tr(", ").join(dict.fromkeys(names))


def _unknown_words(typed: Sequence[str]) -> str:
    named = tr(", ").join(f"“{word}”" for word in typed)
    return tr("No make, series or trim is called {words}. Check the spelling, or take it away.", words=named)


def empty_catalogue(context: PageContext) -> EmptyState:
    """What to do before anything can be found."""
    return EmptyState(
        tr_noop("The catalogue is empty"),
        tr_noop("Import specifications or enter the first make: then vehicles can be found here."),
        icon="book-open",
        action=Button(tr_noop("Open the catalogue"), kind="primary",
                      on_click=lambda: context.navigator.open("catalogue")),
    )  # fmt: skip
