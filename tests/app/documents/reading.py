"""Reads finished paper with a program that did not write it: Qt's PDF engine."""

import re

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtPdf import QPdfDocument


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page, without blanks: lines break where they like."""
    data = QByteArray(pdf)
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    try:
        assert document.status() is QPdfDocument.Status.Ready, document.status()
        return [re.sub(r"\s+", "", document.getAllText(page).text()) for page in range(document.pageCount())]
    finally:
        document.close()
        buffer.close()


def text_of(pdf: bytes) -> str:
    """All pages together."""
    return "".join(page_texts(pdf))
