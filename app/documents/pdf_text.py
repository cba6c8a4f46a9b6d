"""The words on the pages of a PDF, in the order they were set, as they are looked for and quoted."""

import re
import threading

_LOCK = threading.Lock()
"""PDFium may be called from one thread at a time."""
_MOST_PAGES = 60
_HAN = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff"
_BETWEEN_CHARACTERS = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_BLANKS = re.compile(r"\s+")


def words_on_paper(pdf: bytes) -> str:
    """Everything that stands on the pages, in one line; empty for what cannot be read as a PDF.

    Lines are joined again: Chinese without anything between, because lines end within words, and justified lines have
    blanks between characters.
    """
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError:
            return ""
        try:
            pages = [_text_of(document, number) for number in range(min(len(document), _MOST_PAGES))]
        finally:
            document.close()
    return in_one_line(" ".join(pages))


def in_one_line(text: str) -> str:
    """A text with its lines joined."""
    return _BLANKS.sub(" ", _BETWEEN_CHARACTERS.sub("", text)).strip()


def _text_of(document: object, number: int) -> str:
    page = document[number]  # type: ignore[index]
    try:
        text = page.get_textpage()
        try:
            return str(text.get_text_bounded())
        finally:
            text.close()
    finally:
        page.close()
