"""reconcile: whether the centre's own books agree, branch by branch, without any desk."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.runtime.atomic_file import write_atomically
from app.runtime.language import CHINESE, ENGLISH, speaking
from sync.server.commands.declaring import Subcommands, now, with_store
from sync.server.store import Store

if TYPE_CHECKING:
    from app.documents.reconciliation_report import ReconciliationPaper


def add(to: Subcommands) -> None:
    parser = to.command(
        "reconcile", with_store(_reconcile), tenant=True,
        help="hold claims, orders, vehicles, owners and payments of each branch against each other; 1 if any differ",
    )  # fmt: skip
    parser.add_argument("--branch", default="", metavar="CODE", help="only this branch, such as SH01")
    parser.add_argument("--xlsx", type=Path, metavar="FILE", help="write the report as a workbook")
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="write the report as a PDF")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report for programs")
    parser.add_argument("--language", choices=(ENGLISH, CHINESE), default=ENGLISH, help="language of the report")


def _reconcile(store: Store, asked: argparse.Namespace) -> int:
    from sync.server.book_report import paper_of, said  # rules and paper, which the other commands do without
    from sync.server.books import reconcile_books

    at = now()
    found = reconcile_books(
        store, asked.tenant, now=at, branch_code=asked.branch, tell=lambda said: print(said, file=sys.stderr)
    )
    with speaking(asked.language):
        paper = paper_of(found, at=at, tenant=asked.tenant)
    for path, content in _files(asked, paper):
        write_atomically(path, content, mode=0o644)
    for line in said(paper):
        print(line)
    unsettled = sum(one.total + one.quarantined for one in found)
    return 1 if unsettled else 0


def _files(asked: argparse.Namespace, paper: "ReconciliationPaper") -> list[tuple[Path, bytes]]:
    from app.documents.reconciliation_report import reconciliation_book, reconciliation_data, render_reconciliation

    made: list[tuple[Path, bytes]] = []
    if asked.xlsx is not None:
        made.append((asked.xlsx, reconciliation_book(paper, asked.language)))
    if asked.pdf is not None:
        made.append((asked.pdf, render_reconciliation(paper, asked.language).pdf))
    if asked.json is not None:
        text = json.dumps(reconciliation_data(paper), ensure_ascii=False, indent=1)
        made.append((asked.json, text.encode("utf-8")))
    return made
