"""The bundled fonts, so that Chinese is readable on a machine that has no Chinese font."""

from PySide6.QtGui import QFontDatabase

from ui.kit.theme import RESOURCES

_added: list[int] = []


def add_fonts() -> None:
    """Register the bundled fonts once per application. Raises RuntimeError where a file cannot be used."""
    if _added:
        return
    for file in sorted((RESOURCES / "fonts").glob("NotoSansSC-*.ttf")):
        number = QFontDatabase.addApplicationFont(str(file))
        if number < 0:
            raise RuntimeError(f"font cannot be used: {file.name}")
        _added.append(number)
