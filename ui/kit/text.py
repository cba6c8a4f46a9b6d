"""Words on widgets, and how they change when the language does."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.runtime.language import on_language_changed, tr

Words = str | Callable[[], str]
"""A `tr_noop` literal, translated whenever it is shown, or a callable that returns ready text."""


def words(text: Words) -> str:
    """The text to show now, in the language in use."""
    return text() if callable(text) else (tr(text) if text else "")


class Retranslated:
    """Mixin for widgets: `retranslate()` is called after each switch of the language.

    Put it before the Qt class: `class Card(Retranslated, QFrame)`.
    """

    def retranslate(self) -> None:
        """Set every text again."""

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)  # type: ignore[misc]


def follow_language(app: QApplication) -> Callable[[], None]:
    """From now on every widget hears of a switch; returns a function that ends it."""

    def tell_all() -> None:
        for widget in app.topLevelWidgets():
            QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.LanguageChange))

    return on_language_changed(tell_all)


def name_widget(widget: QWidget, name: str, description: str = "") -> None:
    """What a screen reader says; every control needs a name."""
    widget.setAccessibleName(name)
    if description:
        widget.setAccessibleDescription(description)
