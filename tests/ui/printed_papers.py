"""Printing in tests: into PDF files that are read back, with a dialog driven as a person does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from app.printing.rules import PrintSettings
from ui.kit.print_dialog import INTO_FILE, PrintDialog
from ui.kit.printing import Spooled, SpoolPaper, load_pdf, render_page, spool


def silent(_message: str, _share: float | None = None) -> None:
    """Progress nobody looks at."""


def spooled_file(target: Path, papers: list[SpoolPaper], **settings: Any) -> tuple[tuple[Spooled, ...], Any]:
    """Print into a file; what became of each, and the document that came out."""
    more = {name: settings.pop(name) for name in ("offset", "as_fed", "progress") if name in settings}
    result = spool(papers, PrintSettings(**settings), title="test", into=target, **{"progress": silent, **more})
    return result, load_pdf(target.read_bytes()) if target.exists() else None


def dots_of(document: Any, page: int = 1, *, dots: float = 72) -> np.ndarray:
    """Lightness of a page, one value a dot, rows from above."""
    return lightness(render_page(document, page, dots=dots))


def lightness(picture: QImage) -> np.ndarray:
    """Lightness of a picture, rows from above."""
    grey = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), dtype=np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].copy()


def opened_dialog(owner: Any, settle: Callable[[], None]) -> PrintDialog:
    """The dialog for printing that a page opened, once its papers are ready."""
    settle()
    (dialog,) = [one for one in owner.findChildren(PrintDialog) if one.isVisible()]
    return dialog


def print_into(dialog: PrintDialog, target: Path, settle: Callable[[], None], **values: Any) -> None:
    """Choose, print into a file, wait."""
    dialog.form.set_values({"printer": INTO_FILE, **values})
    dialog.print_into(target)
    settle()
