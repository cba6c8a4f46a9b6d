"""What the papers that prints are recorded of are, as their rows stand now: kind, stage, whether they still count."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.drafting import ENDED
from app.contracts.queries import STAGES
from app.contracts.rules import ContractState
from app.kernel.errors import ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader, UnitOfWork
from app.payments.rules import PaymentState
from app.printing.commands import PrintTarget
from app.printing.errors import PrintedDocumentDiffers
from app.printing.rules import PrintMark, PrintSource, mark_of, may_be_on_paper
from app.quotations.calculation import live
from db.models.contracts import Contract, ContractDocument
from db.models.payments import Payment
from db.models.printing import DocumentPrint

ISSUED = "issued"
_DRAFT = "draft"
VIEWS = {PrintSource.CONTRACT: Permission.CONTRACTS_VIEW, PrintSource.RECEIPT: Permission.PAYMENTS_VIEW}
"""Who may see a record may print it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedPaper:
    """A paper as far as printing it is concerned; `stage` is that of its bytes."""

    source: PrintSource
    record_id: str
    branch_id: str
    number: str
    stage: str
    ended: PrintMark | None
    """How it went out of force; None for what counts."""


def printed_paper(scope: UnitOfWork | Reader, target: PrintTarget) -> PrintedPaper:
    """The paper of a target; checks that its record may be seen.

    Raises RecordNotFound, PermissionDenied, and PrintedDocumentDiffers where the record has no such bytes.
    """
    if target.source not in set(PrintSource):
        raise ValueNotAllowed(field="source", value=target.source[:40])
    source = PrintSource(target.source)
    scope.require(VIEWS[source])
    if source is PrintSource.RECEIPT:
        payment = live(scope.session, Payment, target.record_id, field="record_id")
        return PrintedPaper(
            source=source, record_id=payment.id, branch_id=payment.branch_id,
            number=payment.number, stage=ISSUED,
            ended=PrintMark.VOID if payment.state == PaymentState.REVERSED else None,
        )  # fmt: skip
    contract = live(scope.session, Contract, target.record_id, field="record_id")
    return PrintedPaper(
        source=source, record_id=contract.id, branch_id=contract.branch_id, number=contract.number,
        stage=_stage(scope.session, contract, target.digest), ended=_ended(contract),
    )  # fmt: skip


def _ended(contract: Contract) -> PrintMark | None:
    if contract.state not in ENDED:
        return None
    return {ContractState.SUPERSEDED: PrintMark.SUPERSEDED, ContractState.TERMINATED: PrintMark.TERMINATED}.get(
        ContractState(contract.state), PrintMark.VOID
    )


def _stage(session: Session, contract: Contract, digest: str) -> str:
    """The last stage that has these bytes: what is locked is the draft, byte for byte."""
    query = select(ContractDocument.stage).where(
        ContractDocument.contract_id == contract.id, ContractDocument.digest == digest,
        ContractDocument.deleted_at.is_(None),
    )  # fmt: skip
    kept = set(session.scalars(query))
    if not kept:
        raise PrintedDocumentDiffers(field="digest")
    return next((stage for stage in STAGES if stage in kept), _DRAFT)


def coming_print(session: Session, paper: PrintedPaper) -> tuple[PrintMark, int]:
    """What the next print of a paper is, and which one of this stage: 1 for the first."""
    query = select(DocumentPrint.state, DocumentPrint.sides).where(
        DocumentPrint.record_id == paper.record_id, DocumentPrint.source == paper.source.value,
        DocumentPrint.stage == paper.stage, DocumentPrint.deleted_at.is_(None),
    )  # fmt: skip
    earlier = sum(may_be_on_paper(state, sides) for state, sides in session.execute(query))
    return mark_of(fixed=paper.stage != _DRAFT, ended=paper.ended, earlier=earlier), earlier + 1


