"""Handler of amending. Imported before a transaction begins, so that nobody waits for ReportLab in one."""

from app.contracts.after_signing.amendment_commands import AmendContract
from app.contracts.amended import UNDER_WAY, amendments_of
from app.contracts.commands import ContractDrafted, DraftContract
from app.contracts.documents.commands import DraftDocument
from app.contracts.documents.handlers import draft_document
from app.contracts.errors import AmendmentUnderway
from app.contracts.handlers import draft_contract
from app.contracts.kinds.registry import SALE, kind_of
from app.contracts.rules import CONTRACT, ContractAction, ContractState
from app.contracts.signers.parties import copy_parties
from app.documents.fonts import require_printable
from app.kernel.commands import requires
from app.kernel.errors import require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import live
from db.models.contracts import Contract

CHANGES_LIMIT = 400


@requires(Permission.CONTRACTS_SIGN)
def amend_contract(command: AmendContract, uow: UnitOfWork) -> ContractDrafted:
    """Draft the amendment of a contract in force."""
    amended = live(uow.session, Contract, command.contract_id, field="contract_id")
    kind = kind_of(amended.template_code)
    uow.require(kind.permission)
    CONTRACT.check(ContractState(amended.state), ContractAction.SUPERSEDE)
    changes = " ".join(require_text(command.changes, field="changes", limit=CHANGES_LIMIT).split())
    require_printable(changes, field="changes")
    draft = _draft_row(uow, amended)
    draft.amendment_changes = changes
    uow.session.flush()
    language = command.language or amended.paper_language
    if kind.code == SALE:
        return draft_contract(DraftContract(order_id=amended.order_id, language=language), uow)
    entries = dict(command.entries) or dict(amended.form_entries or {})
    return draft_document(
        DraftDocument(
            kind=kind.code, customer_id=amended.customer_id, order_id=amended.order_id or None,
            unit_id=amended.vehicle_unit_id, payment_id=amended.payment_id,
            customer_vehicle_id=amended.customer_vehicle_id, entries=entries, language=language, contract_id=draft.id,
        ),
        uow,
    )  # fmt: skip


def _draft_row(uow: UnitOfWork, amended: Contract) -> Contract:
    """The row of the amendment: the draft there is, or a new one with the same parties. Raises AmendmentUnderway."""
    known = amendments_of(uow.session, amended.id)
    underway = next((one for one in known if one.state in UNDER_WAY), None)
    if underway is not None:
        raise AmendmentUnderway(contract=underway.number)
    draft = next((one for one in known if one.state == ContractState.DRAFT), None)
    if draft is not None:
        return draft
    draft = uow.add(
        Contract(
            branch_id=amended.branch_id, number=uow.next_number(kind_of(amended.template_code).number_kind),
            order_id=amended.order_id, customer_id=amended.customer_id, vehicle_unit_id=amended.vehicle_unit_id,
            customer_vehicle_id=amended.customer_vehicle_id, payment_id=amended.payment_id,
            state=ContractState.DRAFT.value, template_code=amended.template_code,
            template_version=amended.template_version, amends_id=amended.id,
        )
    )  # fmt: skip
    copy_parties(uow, amended, draft)
    return draft
