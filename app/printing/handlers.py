"""Records prints. Whether a print is the original is decided here, in the transaction that writes it."""

from app.documents.fonts import require_printable
from app.kernel.commands import requires
from app.kernel.errors import require_text
from app.kernel.unit_of_work import UnitOfWork
from app.printing.commands import BeginPrints, FinishPrints, PrintStart, PrintTarget
from app.printing.errors import TooManyPapers
from app.printing.papers import coming_print, printed_paper
from app.printing.rules import MOST_PAPERS, PrintMark, PrintState
from db.models.printing import DocumentPrint, PrintChoice

_DETAIL, _PRINTER, _KIND = 200, 200, 40


@requires(None)
def begin_prints(command: BeginPrints, uow: UnitOfWork) -> tuple[PrintStart, ...]:
    """Permission is that of seeing the record, checked for each."""
    settings = command.settings.checked()
    if len(command.targets) > MOST_PAPERS:
        raise TooManyPapers(limit=MOST_PAPERS)
    _remember(command, uow)
    return tuple(_begin(target, command, uow) for target in command.targets) if settings else ()


def _begin(target: PrintTarget, command: BeginPrints, uow: UnitOfWork) -> PrintStart:
    paper = printed_paper(uow, target)
    mark, count = coming_print(uow.session, paper)
    if mark is not PrintMark.ORIGINAL:
        require_printable(uow.actor.name)
    kept = uow.add(
        DocumentPrint(
            branch_id=paper.branch_id, source=target.source, record_id=target.record_id, number=paper.number,
            stage=paper.stage, digest=target.digest, mark=mark.value, count=count, printed_at=uow.now,
            staff_id=uow.actor.staff_id, staff_name=uow.actor.name, desk_code=uow.actor.desk_code,
            copies=command.settings.copies, pages=command.settings.pages[:80],
            printer=command.settings.printer[:_PRINTER], state=PrintState.BEGUN.value,
        )
    )  # fmt: skip
    # The next target may be the same paper once more: it has to see this print.
    uow.session.flush()
    return PrintStart(
        print_id=kept.id, record_id=target.record_id, mark=mark, count=count, at=uow.now, by=uow.actor.name
    )


def _remember(command: BeginPrints, uow: UnitOfWork) -> None:
    kind = require_text(command.kind, field="kind", limit=_KIND)
    kept = uow.session.get(PrintChoice, kind)
    if kept is None:
        kept = uow.add(PrintChoice(kind=kind))
    kept.settings, kept.chosen_at = command.settings.remembered(), uow.now


@requires(None)
def finish_prints(command: FinishPrints, uow: UnitOfWork) -> None:
    """Only whoever began a print says what became of it, and once."""
    for end in command.ends:
        row = uow.get(DocumentPrint, end.print_id)
        if row.staff_id == uow.actor.staff_id and row.state == PrintState.BEGUN:
            row.state, row.sides = PrintState(end.state).value, max(0, end.sides)
            row.detail = end.detail[:_DETAIL]


