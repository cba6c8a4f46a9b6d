"""Contracts from draft to seal, on the real database through the dispatcher."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.contracts.commands import (
    ArchiveContract,
    ClauseAcknowledgement,
    DeclineContract,
    DraftContract,
    LockContract,
    VoidContract,
)
from app.contracts.errors import (
    ContractAlreadyUnderway,
    ContractOutdated,
    DeliveryDayMissing,
    OrderNotConfirmed,
    PartyOutOfTurn,
    SealOutdated,
    ShownDocumentDiffers,
    SignatureAlreadyGiven,
    SigningKeyMissing,
)
from app.contracts.keys.held_keys import use_signing_keys
from app.contracts.preparing import prepare_draft, prepare_seal
from app.contracts.queries import contract_document, get_contract, list_contracts
from app.contracts.rules import CONTRACT, ContractAction, ContractState
from app.kernel.errors import DomainError, ReasonRequired, RecordChangedMeanwhile, RecordNotFound
from app.kernel.state_machine import TransitionNotAllowed
from app.orders.commands import CancelOrder, PlanDelivery
from app.orders.errors import ContractStillBinding, SaleInConflict
from db.models.contracts import Contract, ContractDocument, ContractSignature
from db.models.orders import SalesOrder
from tests.app.sale_desk import SaleDesk


def test_a_contract_goes_from_draft_to_archive(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    drafted = desk.draft_contract(order_id)
    assert drafted.number == "SH01-D01-CT-000001"
    document = desk.read(contract_document, drafted.contract_id)
    assert (document.stage, document.digest) == ("draft", hashlib.sha256(document.content).hexdigest())
    desk.do(LockContract(contract_id=drafted.contract_id, expected_revision=1, shown_digest=document.digest))
    contract = desk.row(Contract, drafted.contract_id)
    assert (contract.state, contract.document_digest, contract.locked_at) == (
        "LOCKED",
        document.digest,
        desk.clock.now(),
    )
    assert desk.read(contract_document, contract.id).stage == "locked"
    assert desk.do(desk.signature(contract.id, "buyer")).state == "PARTIALLY_SIGNED"
    desk.clock.advance(timedelta(minutes=1))
    assert desk.do(desk.signature(contract.id, "dealer")).state == "SIGNED"
    desk.clock.advance(timedelta(minutes=1))
    desk.do(desk.seal(contract.id))
    sealed = desk.row(Contract, contract.id)
    assert (sealed.state, sealed.sealed_at) == ("SEALED", desk.clock.now())
    final = desk.read(contract_document, contract.id)
    assert (final.stage, final.digest) == ("sealed", sealed.sealed_digest)
    assert final.content.startswith(document.content)
    desk.do(ArchiveContract(contract_id=contract.id, expected_revision=sealed.revision))
    assert desk.row(Contract, contract.id).state == "ARCHIVED"


def test_the_evidence_is_kept_beside_the_document(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    contract = desk.row(Contract, contract_id)
    kept = {row.party: row for row in desk.rows(ContractSignature, contract_id=contract_id)}
    assert set(kept) == {"buyer", "dealer", "seal"}
    buyer = kept["buyer"].evidence
    assert buyer["document_sha256"] == contract.document_digest
    assert buyer["signer"]["identity"] == "110105********002X"
    assert buyer["signer"]["identity_check"] == "identity card seen"
    assert buyer["device"]["pen"] == "pen" and buyer["device"]["desk_code"] == "D01"
    assert [item["number"] for item in buyer["acknowledgements"]] == [1, 2, 3, 4, 5, 6]
    assert kept["seal"].evidence["signature_evidence"] == [
        kept["buyer"].evidence_digest,
        kept["dealer"].evidence_digest,
    ]
    detail = desk.read(get_contract, contract_id)
    assert [signature.party for signature in detail.signatures] == ["buyer", "dealer"]
    assert not hasattr(detail.signatures[0], "strokes")
    with desk.dispatcher.database.read() as session:
        audit = session.connection().exec_driver_sql("SELECT changes FROM audit_entry").scalars()
        assert not any("strokes" in entry for entry in audit)


def test_a_provisional_sale_is_said_on_the_paper_until_the_centre_agrees(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    provisional = desk.draft_contract(order_id)
    assert desk.row(Contract, provisional.contract_id).provisional
    desk.change(SalesOrder, order_id, claim_state="confirmed")
    detail = desk.read(get_contract, provisional.contract_id)
    assert detail.outdated and "lock" not in detail.actions and "redraft" in detail.actions
    lock = LockContract(contract_id=provisional.contract_id, expected_revision=1, shown_digest=provisional.digest)
    with pytest.raises(ContractOutdated):
        desk.do(lock)
    again = desk.draft_contract(order_id)
    assert (again.contract_id, again.number) == (provisional.contract_id, provisional.number)
    assert again.digest != provisional.digest
    assert not desk.row(Contract, again.contract_id).provisional
    assert not desk.read(get_contract, again.contract_id).outdated
    desk.do(replace(lock, expected_revision=again.revision, shown_digest=again.digest))


def test_whatever_changes_on_the_order_makes_a_draft_outdated(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    drafted = desk.draft_contract(order_id)
    assert not desk.read(get_contract, drafted.contract_id).outdated
    desk.pay(order_id, "500.00")
    assert desk.read(get_contract, drafted.contract_id).outdated
    assert "lock" in desk.read(get_contract, desk.draft_contract(order_id).contract_id).actions


def test_only_the_document_that_was_shown_is_locked_and_signed(desk: SaleDesk) -> None:
    drafted = desk.draft_contract(desk.paid_order())
    lock = LockContract(contract_id=drafted.contract_id, expected_revision=1, shown_digest="0" * 64)
    with pytest.raises(ShownDocumentDiffers):
        desk.do(lock)
    desk.do(replace(lock, shown_digest=drafted.digest))
    with pytest.raises(ShownDocumentDiffers):
        desk.do(desk.signature(drafted.contract_id, shown_digest="0" * 64))
    assert desk.rows(ContractSignature) == []


def test_a_prepared_draft_is_stored_as_it_was_laid_out(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    prepared = desk.read(prepare_draft, order_id, language="en")
    desk.clock.advance(timedelta(seconds=3))
    drafted = desk.draft_contract(order_id, language="en", prepared=prepared)
    assert drafted.digest == prepared.digest
    assert not desk.read(get_contract, drafted.contract_id).outdated


@pytest.mark.parametrize("change", ["payment", "number", "language", "bytes"])
def test_a_prepared_draft_that_no_longer_fits_is_laid_out_anew(desk: SaleDesk, change: str) -> None:
    order_id = desk.paid_order()
    prepared = desk.read(prepare_draft, order_id)
    language = ""
    if change == "payment":
        desk.pay(order_id, "500.00")
    elif change == "number":
        desk.draft_contract(desk.paid_order())
    elif change == "language":
        language = "en"
    else:
        prepared = replace(prepared, content=prepared.content + b"%")
    drafted = desk.draft_contract(order_id, language=language, prepared=prepared)
    assert drafted.digest != hashlib.sha256(prepared.content).hexdigest()
    assert not desk.read(get_contract, drafted.contract_id).outdated


def test_a_redraft_is_prepared_under_its_own_number(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    first = desk.draft_contract(order_id)
    desk.pay(order_id, "500.00")
    prepared = desk.read(prepare_draft, order_id)
    assert prepared.number == first.number
    assert desk.draft_contract(order_id, prepared=prepared).digest == prepared.digest


def test_orders_without_a_day_in_review_or_in_conflict_get_no_contract(desk: SaleDesk) -> None:
    undated, in_review, lost = (desk.order().order_id for _ in range(3))
    desk.do(PlanDelivery(order_id=undated, expected_revision=1, planned_delivery=None))
    desk.change(SalesOrder, in_review, state="MANAGER_REVIEW")
    desk.lose_claim(lost)
    for order_id, error in ((undated, DeliveryDayMissing), (in_review, OrderNotConfirmed), (lost, SaleInConflict)):
        for act in (lambda o=order_id: desk.draft_contract(o), lambda o=order_id: desk.read(prepare_draft, o)):
            with pytest.raises(error):
                act()
    assert desk.rows(Contract) == []


BAD_DRAFTS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"order_id": "0" * 32}, "record_not_found", "order_id"),
    ({"template_code": "../secrets"}, "document_kind_unknown", "kind"),
    ({"template_code": "loan"}, "document_kind_unknown", "kind"),
    ({"language": "fr"}, "value_not_allowed", "language"),
]


def test_bad_drafts_are_refused_by_field(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    for changes, code, field in BAD_DRAFTS:
        with pytest.raises(DomainError) as caught:
            desk.do(DraftContract(**({"order_id": order_id} | changes)))
        assert (caught.value.code, caught.value.field) == (code, field), changes


def test_bad_signatures_are_refused_by_field(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    good = desk.signature(contract_id)
    stranger = ClauseAcknowledgement(clause_id="no.such", at=desk.clock.now())
    bad: list[tuple[dict[str, Any], str, str]] = [
        ({"party": "witness"}, "value_not_allowed", "party"),
        ({"signer_name": "  "}, "value_required", "signer_name"),
        ({"signer_name": "名" * 61}, "value_too_long", "signer_name"),
        ({"identity_check": "x" * 121}, "value_too_long", "identity_check"),
        ({"pen": "crayon"}, "value_not_allowed", "pen"),
        ({"strokes": []}, "signature_too_short", "strokes"),
        ({"strokes": [[(0, 1, 1, 0.5)] * 3]}, "signature_too_short", "strokes"),
        ({"strokes": [[(t, t % 90, t % 70, 0.5) for t in range(50_001)]]}, "signature_too_long", "strokes"),
        ({"acknowledgements": ()}, "clauses_not_acknowledged", "acknowledgements"),
        ({"acknowledgements": good.acknowledgements[1:]}, "clauses_not_acknowledged", "acknowledgements"),
        ({"acknowledgements": (*good.acknowledgements, stranger)}, "clause_unknown", "acknowledgements"),
        ({"shown_digest": ""}, "shown_document_differs", "shown_digest"),
        ({"contract_id": "0" * 32}, "record_not_found", "contract_id"),
    ]
    for changes, code, field in bad:
        with pytest.raises(DomainError) as caught:
            desk.do(replace(good, **changes))
        assert (caught.value.code, caught.value.field) == (code, field), changes
    missing = good.acknowledgements[:2] + good.acknowledgements[3:]
    with pytest.raises(DomainError) as caught:
        desk.do(replace(good, acknowledgements=missing))
    assert "4.3" in caught.value.message()
    assert desk.rows(ContractSignature) == []
    desk.do(good)


def test_nobody_signs_twice(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    with pytest.raises(PartyOutOfTurn):
        desk.do(desk.signature(contract_id, "dealer"))
    desk.do(desk.signature(contract_id, "buyer"))
    with pytest.raises(SignatureAlreadyGiven) as caught:
        desk.do(desk.signature(contract_id, "buyer"))
    assert "张伟" in caught.value.message()
    assert desk.read(get_contract, contract_id).missing == ("dealer",)
    desk.do(desk.signature(contract_id, "dealer"))
    with pytest.raises(TransitionNotAllowed):
        desk.do(desk.signature(contract_id, "buyer"))


def test_two_desks_cannot_sign_the_same_revision(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    buyer, dealer = desk.signature(contract_id, "buyer"), desk.signature(contract_id, "dealer")
    desk.do(buyer)
    with pytest.raises(RecordChangedMeanwhile):
        desk.do(dealer)


def test_a_lost_or_cancelled_sale_is_not_signed(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    (order,) = desk.rows(SalesOrder)
    desk.lose_claim(order.id)
    with pytest.raises(SaleInConflict):
        desk.do(desk.signature(contract_id))


def test_a_seal_made_before_a_change_is_not_stored(desk: SaleDesk) -> None:
    contract_id = desk.signed_contract()
    good = desk.seal(contract_id)
    other = desk.seal(desk.signed_contract()).prepared
    tampered = [
        other,
        replace(good.prepared, content=good.prepared.content + b"\n"),
        replace(good.prepared, locked_digest="0" * 64),
        replace(good.prepared, evidence_digests=good.prepared.evidence_digests[:1]),
    ]
    for prepared in tampered:
        with pytest.raises(SealOutdated):
            desk.do(replace(good, prepared=prepared))
    (buyer,) = desk.rows(ContractSignature, contract_id=contract_id, party="buyer")
    desk.change(ContractSignature, buyer.id, evidence={**buyer.evidence, "place": "elsewhere"})
    with pytest.raises(SealOutdated):
        desk.do(good)
    assert desk.row(Contract, contract_id).state == "SIGNED"
    assert desk.rows(ContractDocument, contract_id=contract_id, stage="sealed") == []


def test_nothing_is_sealed_before_both_have_signed_or_twice(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    with pytest.raises(TransitionNotAllowed):
        desk.read(prepare_seal, contract_id)
    sealed = desk.sealed_contract()
    with pytest.raises(TransitionNotAllowed):
        desk.read(prepare_seal, sealed)


def test_a_desk_without_keys_says_so(desk: SaleDesk) -> None:
    contract_id = desk.signed_contract()
    use_signing_keys(None)
    with pytest.raises(SigningKeyMissing):
        desk.read(prepare_seal, contract_id)


def test_after_voiding_a_new_contract_replaces_the_old_one(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    contract_id = desk.locked_contract(order_id)
    with pytest.raises(ContractAlreadyUnderway):
        desk.draft_contract(order_id)
    with pytest.raises(ReasonRequired):
        desk.do(VoidContract(contract_id=contract_id, expected_revision=2, reason=""), desk.manager)
    desk.do(VoidContract(contract_id=contract_id, expected_revision=2, reason="颜色写错"), desk.manager)
    drafted = desk.draft_contract(order_id)
    assert drafted.number == "SH01-D01-CT-000002"
    old = desk.read(get_contract, contract_id)
    assert (old.row.state, old.void_reason, old.replaced_by_id) == ("VOIDED", "颜色写错", drafted.contract_id)
    assert old.actions == ()
    assert not desk.read(get_contract, drafted.contract_id).outdated


def test_a_declined_contract_says_why(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    with pytest.raises(ReasonRequired):
        desk.do(DeclineContract(contract_id=contract_id, expected_revision=2, reason=" "))
    desk.do(DeclineContract(contract_id=contract_id, expected_revision=2, reason="家人不同意"))
    assert desk.row(Contract, contract_id).state == "DECLINED"
    with pytest.raises(TransitionNotAllowed):
        desk.do(desk.signature(contract_id, shown_digest=desk.row(Contract, contract_id).document_digest))


def test_an_order_under_a_signed_contract_is_not_cancelled(desk: SaleDesk) -> None:
    contract_id = desk.signed_contract()
    (order,) = desk.rows(SalesOrder)
    cancel = CancelOrder(order_id=order.id, expected_revision=order.revision, reason="x")
    with pytest.raises(ContractStillBinding):
        desk.do(cancel, desk.manager)
    desk.do(VoidContract(contract_id=contract_id, expected_revision=4, reason="协商解除"), desk.manager)
    desk.do(cancel, desk.manager)


STEPS = ("lock", "buyer", "dealer", "seal", "archive", "decline", "void")


@pytest.mark.parametrize(
    "order",
    [
        ("seal", "lock", "buyer", "seal", "dealer", "lock", "decline", "seal", "archive", "void", "archive"),
        ("buyer", "archive", "lock", "dealer", "archive", "decline", "buyer", "void"),
        ("void", "decline", "lock", "void", "lock", "buyer", "seal"),
        ("lock", "dealer", "dealer", "buyer", "void", "seal"),
    ],
)
def test_the_stored_state_follows_the_lifecycle(desk: SaleDesk, order: tuple[str, ...]) -> None:
    """Steps in any order: each succeeds exactly where the lifecycle offers it, else nothing changes."""
    contract_id = desk.draft_contract(desk.paid_order()).contract_id
    signed: set[str] = set()
    for step in order:
        state = ContractState(desk.row(Contract, contract_id).state)
        action = _action(step, signed)
        in_turn = step != "dealer" or "buyer" in signed
        allowed = CONTRACT.may(state, action) and step not in signed and in_turn
        try:
            _take(desk, contract_id, step)
        except DomainError:
            assert not allowed, (state, step)
            assert desk.row(Contract, contract_id).state == state
        else:
            assert allowed, (state, step)
            signed |= {step} & {"buyer", "dealer"}
            assert desk.row(Contract, contract_id).state == CONTRACT.next_state(state, action)


def _action(step: str, signed: set[str]) -> ContractAction:
    if step in ("buyer", "dealer"):
        return ContractAction.SIGN_LAST if signed - {step} else ContractAction.SIGN
    return ContractAction(step)


def _take(desk: SaleDesk, contract_id: str, step: str) -> None:
    detail = desk.read(get_contract, contract_id)
    common = {"contract_id": contract_id, "expected_revision": detail.row.revision}
    if step in ("buyer", "dealer"):
        desk.do(desk.signature(contract_id, step))
    elif step == "seal":
        desk.do(desk.seal(contract_id))
    elif step == "lock":
        desk.do(LockContract(**common, shown_digest=detail.shown_digest))
    elif step == "archive":
        desk.do(ArchiveContract(**common))
    else:
        command = DeclineContract if step == "decline" else VoidContract
        desk.do(command(**common, reason="x"), desk.manager)


def test_contracts_are_listed_and_found(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    drafted = desk.draft_contract(order_id)
    for filters in ({"text": "CT-000001"}, {"text": "zw"}, {"state": "DRAFT"}, {"order_id": order_id}):
        assert [row.id for row in desk.read(list_contracts, **filters)] == [drafted.contract_id], filters
    assert desk.read(list_contracts, state=["SEALED"]) == []
    for query in (get_contract, contract_document, prepare_seal):
        with pytest.raises(RecordNotFound):
            desk.read(query, "0" * 32)
    with pytest.raises(RecordNotFound):
        desk.read(contract_document, drafted.contract_id, stage="sealed")
