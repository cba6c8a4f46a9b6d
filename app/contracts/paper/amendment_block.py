"""What stands at the head of an amendment: which sealed contract it amends, from when on, and what changes."""

from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Gap, columns, notice
from app.documents.paper_data import PaperAmendment, Words
from app.documents.sale_blocks import Tongue
from app.documents.styles import BODY, GRID, INK, MUTED, TextStyle
from app.documents.text_block import TextBlock
from app.documents.text_runs import Run
from app.documents.wording import day_in_words
from app.runtime.language import CHINESE

_GUTTER = 2.5 * GRID
_WHICH = Words(
    "本合同系对合同 {number}（{day}签章生效，签章文件 SHA-256：{digest}）的变更。"
    "自本合同经各方签署并加盖电子签章之日起，以本合同全文取代原合同；此前原合同继续有效。",
    "This contract amends contract {number}, sealed on {day} (SHA-256 of the sealed file: {digest}). From the day all "
    "parties have signed it and it is sealed, it takes the place of that contract as a whole; until then that contract "
    "stays in force.",
)
_WHAT = Words("变更内容：", "What changes: ")
_PIECE = 16
"""Hex digits of the digest between two blanks, so that a column can break it."""


def amendment_block(amends: PaperAmendment, *, tongue: Tongue, width: float) -> list[Flowable]:
    """A box with both languages beside each other; `width` in points."""
    inner = width - 3 * GRID
    half = (inner - _GUTTER) / 2 if tongue.second else inner
    languages = [tongue.first, *([tongue.second] if tongue.second else [])]
    cells: list[list[Flowable] | str] = []
    for code in languages:
        cells += [_told(amends, code, leads=code == tongue.first), ""]
    widths = [half, _GUTTER, half] if tongue.second else [half]
    return [notice([columns([cells[:-1]], widths)], width=width, tone="accent"), Gap(GRID)]


def _told(amends: PaperAmendment, language: str, *, leads: bool) -> list[Flowable]:
    style = TextStyle(size=8.5, leading=12.5) if language == CHINESE else TextStyle(size=7.6, leading=11)
    digest = " ".join(amends.digest[start : start + _PIECE] for start in range(0, len(amends.digest), _PIECE))
    which = _WHICH.in_language(language).format(
        number=amends.number, day=day_in_words(amends.sealed_on, language), digest=digest
    )
    what = [Run(_WHAT.in_language(language), bold=True), Run(amends.changes)]
    ink = INK if leads or language == CHINESE else MUTED
    return [TextBlock(which, style.but(color=ink)), TextBlock(what, BODY.but(size=9, leading=14))]
