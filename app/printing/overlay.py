"""What a print has over the stored pages: how far it counts ("void", …), and which print it is. The bytes stay."""

from app.documents.paper_data import Watermark
from app.documents.wording import moment_in_words
from app.printing.commands import PrintStart
from app.printing.rules import PrintMark
from app.runtime.language import CHINESE, ENGLISH, language, tr_in, tr_noop

_MARKS = {
    PrintMark.COPY: Watermark.COPY, PrintMark.DRAFT: Watermark.DRAFT, PrintMark.VOID: Watermark.VOID,
    PrintMark.SUPERSEDED: Watermark.SUPERSEDED, PrintMark.TERMINATED: Watermark.TERMINATED,
}  # fmt: skip


def overlay_page(start: PrintStart, page_size: tuple[float, float]) -> bytes:
    """The page laid over each page of that size (points); empty for an original. Raises CharactersNotPrintable."""
    mark = _MARKS.get(start.mark)
    if mark is None:
        return b""
    # ReportLab costs a tenth of a second; whoever prints an original does not pay for it.
    from app.documents.watermarks import render_overlay

    languages = (CHINESE, ENGLISH)
    return render_overlay(mark, languages=languages, line=print_line(start), page_size=page_size)


def print_line(start: PrintStart) -> str:
    """Which print it is, when and by whom, in both languages."""
    lead = language()
    languages = (lead, ENGLISH if lead == CHINESE else CHINESE)
    text = tr_noop("Print no. {count}")
    numbers = " · ".join(tr_in(code, text, count=start.count) for code in languages)
    return f"{numbers} · {moment_in_words(start.at, lead)} · {start.by}"
