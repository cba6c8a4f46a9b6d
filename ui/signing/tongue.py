"""The language of whoever signs, which need not be the one the application speaks."""

from typing import Any

from app.runtime.language import language, tr_in


class Tongue:
    """Says English literals in one language; without a choice in the application's."""

    def __init__(self, code: str = "") -> None:
        self._code = code

    @property
    def code(self) -> str:
        """The language spoken now."""
        return self._code or language()

    @property
    def is_chosen(self) -> bool:
        """Whether somebody chose it, so that it does not follow the application."""
        return bool(self._code)

    def choose(self, code: str) -> None:
        """Speak this from now on; widgets have to be told to word themselves again."""
        self._code = code

    def __call__(self, text: str, **values: Any) -> str:
        return tr_in(self.code, text, **values)
