"""`python -m app reconcile`: hold this desk's books against the centre without a window, for people and for timers.

Status 0: both sides agree, and nothing of the month is open. 1: something is to be settled. 2: not looked at.
"""

import argparse
import getpass
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.desk.key_asking import Ask, unattended_key_of
from app.kernel.errors import DomainError
from app.kernel.months import Month
from app.kernel.permissions import Actor, Role, actor_for
from app.runtime.atomic_file import write_atomically
from app.runtime.errors import EnvironmentProblem
from app.runtime.language import LANGUAGES, language, set_language, tr, tr_noop
from app.runtime.paths import open_profile
from app.runtime.settings import load_settings
from app.wiring.desk import Desk
from db.errors import DatabaseProblem

if TYPE_CHECKING:
    from app.documents.reconciliation_report import ReconciliationPaper
    from app.month_close.queries import Checklist
    from sync.client.group_reconciliation import GroupComparison, GroupReconciler
    from sync.client.transport import HttpTransport

AGREED, UNSETTLED, NOT_LOOKED_AT = 0, 1, 2


def main(arguments: Sequence[str] | None = None, *, ask: Ask = getpass.getpass) -> int:
    """Returns the exit status; `ask(prompt)` reads a secret at a terminal."""
    chosen = _parsed(arguments)
    profile = open_profile(chosen.profile)
    set_language(chosen.language or load_settings(profile).settings.spoken_language)
    desk = Desk(profile)
    try:
        desk.open(unattended_key_of(profile, passphrase_file=chosen.passphrase_file, ask=ask))
        return _run(desk, chosen)
    except (EnvironmentProblem, DatabaseProblem, DomainError) as problem:
        message = getattr(problem, "message", None)
        print(message() if message is not None else tr(problem.text), file=sys.stderr)
        return NOT_LOOKED_AT
    finally:
        desk.close()


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m app reconcile",
        description="Hold vehicles, orders, payments and contracts of this desk against the centre. Status 0: both "
        "sides agree; 1: something is to be settled; 2: it could not be looked at.",
    )  # fmt: skip
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--branch", default="", metavar="CODE", help="this branch (default: the desk's own)")
    which.add_argument("--all", action="store_true", help="every branch this desk reads")
    parser.add_argument("--month", type=_month, metavar="YYYY-MM", help="also say what stands in the way of closing it")
    parser.add_argument("--xlsx", type=Path, metavar="FILE", help="write the report as a workbook")
    parser.add_argument("--pdf", type=Path, metavar="FILE", help="write the report as a PDF")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report for programs")
    parser.add_argument("--no-exchange", action="store_true", help="compare as things stand, without exchanging first")
    parser.add_argument("--profile", metavar="DIR", help="folder of the desk's data (default: the user's own)")
    parser.add_argument("--language", choices=LANGUAGES, help="language of the report")
    parser.add_argument(
        "--passphrase-file", default="", metavar="FILE",
        help="for runs nobody watches, where the computer has no key store: a file with the passphrase or the recovery "
        "code that only this user can read, or - for standard input",
    )  # fmt: skip
    return parser.parse_args(arguments)


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no month such as 2026-11") from None


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose desk it is, and what branches are called."""

    actor: Actor
    codes: dict[str, str]
    names: dict[str, str]


def _run(desk: Desk, chosen: argparse.Namespace) -> int:
    from sync.client.group_reconciliation import GroupReconciler

    place = _place_of(desk)
    transport = _transport(desk)
    try:
        if not chosen.no_exchange:
            _exchange(desk, transport)
        now = desk.clock.now()
        asked = GroupReconciler(desk.database, transport, by="", now=now)
        branches = _wanted(chosen, asked, place)
        found = _compared(asked, branches, chosen.month, place)
    finally:
        transport.close()
    checklist = _checklist(desk, place, chosen.month, branches)
    paper = _paper(desk, place, found, checklist, now)
    _write(paper, chosen)
    for line in _said(paper):
        print(line)
    return UNSETTLED if found.total or (checklist is not None and checklist.matters) else AGREED


def _place_of(desk: Desk) -> _Place:
    """The desk's branch, and its manager's rights: who has the key of the database reads all of it anyway."""
    with desk.database.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT id, code, name_zh, name_en FROM branch WHERE deleted_at IS NULL"
        ).fetchall()  # fmt: skip
        own, code = session.connection().exec_driver_sql("SELECT branch_id, desk_code FROM desk_state").one()
    codes = {row[0]: row[1] for row in rows}
    names = {row[0]: row[2] if language() != "en" or not row[3] else row[3] for row in rows}
    actor = actor_for(
        staff_id="", name=tr("Run without a person"), role=Role.BRANCH_MANAGER, branch_id=own or "",
        branch_code=codes.get(own, ""), desk_code=code,
    )  # fmt: skip
    return _Place(actor, codes, names)


def _transport(desk: Desk) -> "HttpTransport":
    from sync.client.credentials import SealedCredentials
    from sync.client.errors import NotEnrolled
    from sync.client.transport import HttpTransport

    with desk.database.read() as session:
        address = session.connection().exec_driver_sql("SELECT service_url FROM desk_state WHERE id = 1").scalar()
    if not address:
        raise NotEnrolled()
    return HttpTransport(str(address), SealedCredentials(desk.profile, desk.key))


def _exchange(desk: Desk, transport: "HttpTransport") -> None:
    """Exchange first, unless the window is open: it does so by itself, and two must not at once."""
    from PySide6.QtCore import QLockFile

    from sync.client.engine import SyncEngine

    lock = QLockFile(str(desk.profile.root / "forecourt.lock"))
    lock.setStaleLockTime(0)
    if not lock.tryLock(200):
        print(tr("The window is open and exchanges by itself: compared as things stand."), file=sys.stderr)
        return
    try:
        SyncEngine(desk.database, transport, clock=desk.clock).sync_once()
    finally:
        lock.unlock()


def _wanted(chosen: argparse.Namespace, asked: "GroupReconciler", place: _Place) -> list[str]:
    if chosen.all:
        return asked.branches()
    if not chosen.branch:
        return [place.actor.branch_id]
    found = next((branch_id for branch_id, code in place.codes.items() if code == chosen.branch), None)
    if found is None or found not in asked.branches():
        known = sorted(place.codes.get(one, one) for one in asked.branches())
        raise BranchNotRead(code=chosen.branch, known=", ".join(known))
    return [found]


class BranchNotRead(DomainError):
    code = "branch_not_read"
    text = tr_noop("This desk does not read branch {code}. It reads: {known}.")


def _compared(
    asked: "GroupReconciler", branches: list[str], month: Month | None, place: _Place
) -> "GroupComparison":  # fmt: skip
    from sync.client.group_reconciliation import GroupComparison

    told = _Progress()
    own = place.actor.branch_id
    if month is None or own not in branches:
        return asked.compare(branches, told, until=None if month is None else month.ends_at)
    reviewed, _run_id = asked.review(own, month, told)
    others = asked.compare([one for one in branches if one != own], told, until=month.ends_at)
    return GroupComparison(others.at, [reviewed, *others.branches])


class _Progress:
    """At a terminal, how far it has come, on one line."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def __call__(self, message: str, fraction: float | None) -> None:
        if self._shown:
            done = "" if fraction is None else f" {fraction:.0%}"
            print(f"\r{message}{done}", end="\n" if fraction == 1.0 else "", file=sys.stderr, flush=True)


def _checklist(desk: Desk, place: _Place, month: Month | None, branches: list[str]) -> "Checklist | None":
    from app.month_close.queries import get_checklist

    if month is None or place.actor.branch_id not in branches:
        return None
    checklist: Checklist = desk.dispatcher.read(get_checklist, place.actor, str(month))
    return checklist


def _paper(
    desk: Desk, place: _Place, found: "GroupComparison", checklist: Any, now: datetime
) -> "ReconciliationPaper":  # fmt: skip
    from app.desk.record_titles import find_record_titles
    from app.month_close.queries import list_late_postings
    from ui.sync.difference_words import named_records, titles_of
    from ui.sync.reconciliation_report import Made, report_of

    actor = place.actor
    wanted = sorted(named_records(found.differences))[:300]
    titles = desk.dispatcher.read(find_record_titles, actor, wanted)
    named = titles_of(found.differences) | {key[1]: one.title for key, one in titles.items() if one.title}
    late = desk.dispatcher.read(list_late_postings, actor, [one.branch_id for one in found.branches])
    made = Made(now, actor.name, f"{actor.branch_code}-{actor.desk_code}", {**place.codes, **named}, place.names)
    return report_of(found, made, checklist=checklist, late=late)


def _write(paper: "ReconciliationPaper", chosen: argparse.Namespace) -> None:
    from app.documents.reconciliation_report import reconciliation_book, reconciliation_data, render_reconciliation

    if chosen.xlsx is not None:
        write_atomically(chosen.xlsx, reconciliation_book(paper, language()), mode=0o644)
    if chosen.pdf is not None:
        write_atomically(chosen.pdf, render_reconciliation(paper, language()).pdf, mode=0o644)
    if chosen.json is not None:
        text = json.dumps(reconciliation_data(paper), ensure_ascii=False, indent=1)
        write_atomically(chosen.json, text.encode("utf-8"), mode=0o644)


def _said(paper: "ReconciliationPaper") -> list[str]:
    lines = [
        tr(
            "{code}: {vehicles} vehicles, {orders} orders, {payments} payments looked at, {n} differences",
            code=one.code,
            vehicles=one.vehicles, orders=one.orders, payments=one.payments, n=one.differences,
        )
        for one in paper.branches
    ]  # fmt: skip
    lines += [" | ".join(part for part in line.cells if part) for line in paper.lines]
    lines += [f"{paper.month} | {check} | {state}" for check, state in paper.matters]
    return [*lines, *(" | ".join((*row[:3], f"{row[3]:,.2f}", row[4])) for row in paper.late)]
