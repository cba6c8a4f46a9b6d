"""Choosing whole trims and series for a price change."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.pricing.model_names import find_models
from app.pricing.rules import PriceLevel
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.fields import LookupField, Section
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.theme import set_role


class ModelChoice(QFrame):
    """`changed` once a trim or series is added or all are forgotten. A choice's value is (level, id)."""

    changed = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        set_role(self, "plain")
        self.models: list[Choice] = []
        self.form = Form(
            context,
            [Section("", [
                LookupField("model", tr_noop("Series or trim"), search=_found, span=2,
                            placeholder=tr_noop("Type a make, series or trim")),
            ])],
        )  # fmt: skip
        self._words = Label("", role="body", wrap=True)
        self._forget = Button(tr_noop("Choose anew"), kind="quiet", icon="x", on_click=self._forget_all)
        self._forget.hide()
        self.setLayout(column(self.form, row(self._words, STRETCH, self._forget)))
        self.form.changed.connect(lambda _name: self._on_chosen())

    def choose(self, choices: Sequence[Choice]) -> None:
        """Have these and no others, without a signal."""
        self.models = list(choices)
        self._say()

    def chosen_of(self, level: PriceLevel) -> tuple[str, ...]:
        """The ids of a level."""
        return tuple(one.value[1] for one in self.models if one.value[0] is level)

    def _on_chosen(self) -> None:
        choice = self.form.editor("model").chosen
        if choice is None:
            return
        if choice.value not in [one.value for one in self.models]:
            self.models.append(choice)
        self.form.clear()
        self._say()
        self.changed.emit()

    def _forget_all(self) -> None:
        self.models = []
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        names = [one.label for one in self.models]
        self._words.set_words(lambda: ", ".join(name() if callable(name) else tr(name) for name in names))
        self._forget.setVisible(bool(names))


def _found(reader: Any, text: str) -> list[Choice]:
    return [
        Choice((one.level, one.id), lambda name=one.name: str(name), one.level.label)  # type: ignore[misc]
        for one in find_models(reader, text)
    ]
