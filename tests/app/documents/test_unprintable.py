"""Every door that makes paper names a character that the typeface lacks before anything is printed.

Each kind of paper is made of its own declaration: a word in every text, one entry in every list.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from app.documents.count_report import CountPaper, render_count_report
from app.documents.errors import CharactersNotPrintable
from app.documents.inspection_report import InspectionPaper, render_inspection_report
from app.documents.month_close_report import MonthClosePaper, render_month_close
from app.documents.quotation import render_quotation as draw_quotation
from app.documents.receipt import render_receipt
from app.documents.reconciliation_report import ReconciliationPaper, render_reconciliation
from app.documents.transfer_note import TransferPaper, render_transfer_note
from app.runtime.language import CHINESE
from tests.app.documents.paper_samples import QUOTATION, RECEIPT

RARE = "\U0002a6a5"
"""𪚥, of the four-dragon kind: in no font that ships."""
Render = Callable[[Any, str], Any]


def filled(kind: Any) -> Any:
    """Something of a type: a word, a number, a day, one entry."""
    plain = {str: "甲", int: 1, Decimal: Decimal("1.00"), bool: True, date: date(2026, 11, 22), float: 1.0,
             datetime: datetime(2026, 11, 22, tzinfo=UTC), bytes: b"", Any: "甲"}  # fmt: skip
    if get_origin(kind) in (Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not NoneType)
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        return (filled(inner[0]),) if inner[-1] is ... else tuple(map(filled, inner))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: filled(hints[one.name]) for one in fields(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return plain[kind]


def changed(paper: Any, path: str, text: str) -> Any:
    """The paper with a text at a place such as `lines.0.reason`."""
    head, _, rest = path.partition(".")
    if isinstance(paper, tuple):
        place = int(head)
        return (*paper[:place], changed(paper[place], rest, text) if rest else text, *paper[place + 1 :])
    return replace(paper, **{head: changed(getattr(paper, head), rest, text) if rest else text})


TYPED: list[tuple[type | Any, Render, tuple[str, ...]]] = [
    (QUOTATION, draw_quotation, ("customer.name", "salesperson", "lines.0.label.zh", "remarks", "seller.name")),
    (RECEIPT, render_receipt, ("customer.name", "cashier", "reference", "dealer.name")),
    (CountPaper, render_count_report, ("branch", "started_by", "lines.0.reason", "lines.0.model")),
    (InspectionPaper, render_inspection_report,
     ("inspector", "remark", "defects.0.description", "defects.0.repair", "groups.0.items.0.note")),
    (MonthClosePaper, render_month_close, ("branch", "closed_by", "note", "reopening")),
    (ReconciliationPaper, render_reconciliation, ("covered", "made_by", "lines.0.here", "branches.0.name")),
    (TransferPaper, render_transfer_note, ("carrier", "driver", "note", "damage", "sent_by", "target.name")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "render", "paths"), TYPED, ids=lambda one: getattr(one, "__name__", None))
def test_what_somebody_typed_is_refused_before_it_is_printed(kind: Any, render: Render, paths: tuple[str, ...]) -> None:
    paper = filled(kind) if isinstance(kind, type) else kind
    if isinstance(paper, InspectionPaper):
        paper = replace(paper, defects=(replace(paper.defects[0], pictures=()),))
    if isinstance(paper, ReconciliationPaper):
        paper = replace(paper, desks=())
    assert render(paper, CHINESE).pdf.startswith(b"%PDF")
    for path in paths:
        with pytest.raises(CharactersNotPrintable) as caught:
            render(changed(paper, path, f"李{RARE}"), CHINESE)
        assert "U+2A6A5" in str(caught.value.params["characters"]), path
