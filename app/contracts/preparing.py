"""Bytes made before anything is written: a draft laid out, a locked contract signed and sealed.

The commands store them after checking that nothing changed meanwhile. Whatever needs ReportLab or pyHanko is imported
where it is used.
"""

from app.contracts.commands import PreparedDraft, PreparedSeal
from app.contracts.queries import latest_document
from app.contracts.rules import CONTRACT, ContractAction, ContractState
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.quotations.calculation import live
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.desk import NumberSeries
from db.models.orders import SalesOrder
from db.models.staff import Branch


def prepare_draft(reader: Reader, order_id: str, *, template: str = "", language: str = "") -> PreparedDraft:
    """Lay out the contract of an order without writing, for `DraftContract(prepared=…)`; raises what that raises.

    A first draft is laid out under the number that the desk gives next.
    """
    from app.contracts import drafting
    from app.contracts.amended import amended_contract, amendment_of
    from app.contracts.signers.parties import co_signers

    reader.require(Permission.CONTRACTS_DRAFT)
    session = reader.session
    order = live(session, SalesOrder, order_id, field="order_id")
    drafting.require_contractable(order)
    existing = drafting.contracts_of(session, order_id)
    draft = next((contract for contract in existing if contract.state == ContractState.DRAFT), None)
    amended = amended_contract(session, draft) if draft is not None else None
    drafting.require_none_underway(existing, amended=amended)
    customer = live(session, Customer, order.customer_id, field="customer_id")
    number = draft.number if draft else coming_number(reader, drafting.NUMBER_KIND)
    others = co_signers(session, draft.id if draft else None)
    return drafting.lay_out(
        session,
        order,
        version=drafting.next_version(existing, number, amendment_of(session, draft) if draft is not None else None),
        words=drafting.words_for_sale(
            session, order, now=reader.now, template=template, co_signers=others
        ),
        language=drafting.paper_language(language, customer),
        drafted_at=reader.now,
        co_signers=others,
    )


def coming_number(reader: Reader, kind: str) -> str:
    """The number of a kind that the desk gives next."""
    prefix = f"{reader.actor.branch_code}-{reader.actor.desk_code}-{kind}"
    series = reader.session.get(NumberSeries, prefix)
    return f"{prefix}-{(series.last if series else 0) + 1:06d}"


def prepare_seal(reader: Reader, contract_id: str) -> PreparedSeal:
    """Put both signatures and the dealer's seal on the locked bytes; needs some 100 ms and writes nothing.

    The result is verified before it is returned. Uses the keys given to `keys.held_keys.use_signing_keys`.
    Raises SigningKeyMissing, SigningKeyUnusable, TransitionNotAllowed, SealNotIntact.
    """
    from app.contracts.finishing import finish

    reader.require(Permission.CONTRACTS_SEAL)
    contract = live(reader.session, Contract, contract_id, field="contract_id")
    CONTRACT.check(ContractState(contract.state), ContractAction.SEAL)
    branch = live(reader.session, Branch, contract.branch_id, field="branch_id")
    return finish(
        reader.session,
        contract,
        locked=latest_document(reader, contract_id, "locked").content,
        organisation=branch.company_zh or branch.name_zh,
        sealed_by=reader.actor.name,
        now=reader.now,
    )
