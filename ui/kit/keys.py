"""The one key map: what a key means on every page. Nothing else in the program names these keys."""

from enum import StrEnum


class Key(StrEnum):
    """Key sequences in Qt's portable notation."""

    PALETTE = "Ctrl+K"
    KEYS = "F1"
    UNDO = "Ctrl+Z"
    LOCK = "Ctrl+L"
    BACK = "Alt+Left"
    NAVIGATION = "Ctrl+B"
    NEXT_AREA = "F6"
    NOTIFICATIONS = "Ctrl+J"
    QUIT = "Ctrl+Q"
    FILTER = "Ctrl+F"
    REFRESH = "F5"
    NEW = "Ctrl+N"
    OPEN = "Return"
    EDIT = "F2"
    SAVE = "Ctrl+S"
    PRINT = "Ctrl+P"
    DELETE = "Del"
    DETAILS = "Ctrl+D"
    MORE = "Ctrl+M"
    NEXT_VIEW = "Ctrl+PgDown"
    PREVIOUS_VIEW = "Ctrl+PgUp"
    CANCEL = "Esc"


SHELL_KEYS: frozenset[str] = frozenset(
    {
        Key.PALETTE,
        Key.KEYS,
        Key.UNDO,
        Key.LOCK,
        Key.BACK,
        Key.NAVIGATION,
        Key.NEXT_AREA,
        Key.NOTIFICATIONS,
        Key.QUIT,
        *(f"Alt+{digit}" for digit in range(1, 10)),
    }
)
"""Keys that belong to the window; no page may take them."""
