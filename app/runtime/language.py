"""The language people read: English texts are the keys, Chinese is looked up in `resources/translations`.

Works without Qt, so that rules, paper and the service speak the same words as the window.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

ENGLISH = "en"
CHINESE = "zh_CN"
LANGUAGES: tuple[str, ...] = (CHINESE, ENGLISH)

_TRANSLATIONS = Path(__file__).resolve().parents[2] / "resources" / "translations"
_state = {"language": ENGLISH}
_listeners: list[Callable[[], None]] = []
_lock = threading.Lock()
_spoken: ContextVar[str] = ContextVar("spoken", default="")


@cache
def catalogue(language_code: str) -> dict[str, str]:
    """All translations of one language, English text to translated text; empty for English."""
    merged: dict[str, str] = {}
    if language_code == ENGLISH:
        return merged
    for file in sorted((_TRANSLATIONS / language_code).glob("*.json")):
        merged.update(json.loads(file.read_text(encoding="utf-8")))
    return merged


def language() -> str:
    """The code of the language in use: "en" or "zh_CN"."""
    return _spoken.get() or _state["language"]


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Say everything in this language, in this thread and for so long: for paper in another one than the window's.

    Raises ValueError for a language the application does not speak.
    """
    if code not in LANGUAGES:
        raise ValueError(f"unknown language {code!r}; known are {', '.join(LANGUAGES)}")
    token = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(token)


def set_language(code: str) -> None:
    """Switch the language for the whole process and tell everyone who listens.

    Raises ValueError for a language the application does not speak.
    """
    if code not in LANGUAGES:
        raise ValueError(f"unknown language {code!r}; known are {', '.join(LANGUAGES)}")
    if code == _state["language"]:
        return
    _state["language"] = code
    with _lock:
        listeners = list(_listeners)
    for listener in listeners:
        listener()


def on_language_changed(listener: Callable[[], None]) -> Callable[[], None]:
    """Call `listener` after every switch; returns a function that stops it."""
    with _lock:
        _listeners.append(listener)

    def stop() -> None:
        with _lock:
            if listener in _listeners:
                _listeners.remove(listener)

    return stop


def tr_noop(text: str) -> str:
    """Mark a literal that is translated later, where it is shown."""
    return text


def tr_in(language_code: str, text: str, /, **values: object) -> str:
    """The text in a given language, with `{name}` placeholders filled; for paper in the customer's language."""
    translated = text if language_code == ENGLISH else catalogue(language_code).get(text, text)
    return translated.format(**values) if values else translated


def tr(text: str, /, **values: object) -> str:
    """The text in the language in use, with `{name}` placeholders filled."""
    return tr_in(language(), text, **values)


def trn(singular: str, plural: str, n: int, /, **values: object) -> str:
    """The singular or plural text for a count, which fills the placeholder `{n}`."""
    return tr(singular if n == 1 else plural, n=n, **values)


def pick(zh: str | None, en: str | None) -> str:
    """Of a name kept in both languages, the one to show now; the other where one is missing."""
    first, second = (zh, en) if language() == CHINESE else (en, zh)
    return first or second or ""
