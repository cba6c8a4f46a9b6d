"""What a sealed privacy consent leaves in the customer's file."""

from collections.abc import Callable
from typing import Any

import pytest

from app.contracts.commands import ContractDrafted, VoidContract
from app.contracts.documents.commands import DraftDocument
from app.contracts.paper.samples import ENTRIES
from app.contracts.queries import get_contract
from app.customers.commands import GiveConsent, WithdrawConsent
from app.customers.queries import ConsentRow, list_consents
from db.models.contracts import ContractSignature
from tests.app.contracts.signed_documents import complete, lock, seal, sign_by_all
from tests.app.contracts.test_termination import end
from tests.app.sale_desk import SaleDesk

INSURER, BANK = "示例财产保险股份有限公司", "示例汽车金融有限公司"


def drafted(desk: SaleDesk, **answers: Any) -> ContractDrafted:
    """A privacy consent of the desk's customer: yes to everything but marketing, or as said."""
    entries = {**ENTRIES["privacy_consent"], **answers}
    made: ContractDrafted = desk.do(
        DraftDocument(kind="privacy_consent", customer_id=desk.customer.id, entries=entries), desk.manager
    )
    return made


def void(desk: SaleDesk, contract_id: str) -> None:
    revision = desk.read(get_contract, contract_id, actor=desk.manager).row.revision
    desk.do(VoidContract(contract_id=contract_id, expected_revision=revision, reason="重新征询"), desk.manager)


def consents(desk: SaleDesk) -> tuple[ConsentRow, ...]:
    rows: tuple[ConsentRow, ...] = desk.read(list_consents, desk.customer.id, actor=desk.manager)
    return rows


def holding(desk: SaleDesk) -> set[tuple[str, str]]:
    return {(one.purpose, one.recipient) for one in consents(desk) if one.holds}


def test_sealing_records_purpose_recipient_day_and_document(desk: SaleDesk) -> None:
    made = drafted(desk)
    lock(desk, made, desk.manager)
    sign_by_all(desk, made.contract_id, desk.manager)
    assert not consents(desk)  # a signature alone is not yet a file that proves it
    seal(desk, made.contract_id, desk.manager)
    assert holding(desk) == {("sensitive_identity", ""), ("share_with_insurer", INSURER), ("share_with_bank", BANK)}
    (signature,) = desk.rows(ContractSignature, contract_id=made.contract_id, party="customer")
    for one in consents(desk):
        assert (one.contract_id, one.document, one.given_at) == (made.contract_id, made.number, signature.signed_at)
        assert (one.notice_version, one.channel) == ("privacy_consent/1", "in_person")


def test_a_consent_given_in_a_document_is_withdrawn_like_any_other(desk: SaleDesk) -> None:
    complete(desk, drafted(desk), desk.manager)
    bank = next(one for one in consents(desk) if one.purpose == "share_with_bank")
    desk.do(WithdrawConsent(consent_id=bank.id), desk.manager)
    assert holding(desk) == {("sensitive_identity", ""), ("share_with_insurer", INSURER)}


@pytest.mark.parametrize(("answer", "left"), [("no", False), ("yes", True)])
def test_the_newest_word_counts_for_each_purpose(desk: SaleDesk, answer: str, left: bool) -> None:
    for purpose, recipient in (("marketing", ""), ("share_with_insurer", "别家保险")):
        desk.do(
            GiveConsent(customer_id=desk.customer.id, purpose=purpose, recipient=recipient, channel="phone"),
            desk.manager,
        )
    made = drafted(desk, marketing=answer, share_insurer="no", insurer="")
    complete(desk, made, desk.manager)
    assert (("marketing", "") in holding(desk)) is left
    assert not any(purpose == "share_with_insurer" for purpose, _ in holding(desk))
    assert {one.document for one in consents(desk) if one.holds} == {made.number}
    assert len([one for one in consents(desk) if one.purpose == "marketing"]) == (2 if left else 1)


def terminate(desk: SaleDesk, contract_id: str) -> None:
    desk.do(end(desk, contract_id, reason="客户要求终止"), desk.manager)


@pytest.mark.parametrize("take_out_of_force", [void, terminate])
def test_a_document_out_of_force_takes_its_consents_along(
    desk: SaleDesk, take_out_of_force: Callable[[SaleDesk, str], None]
) -> None:
    made = drafted(desk)
    complete(desk, made, desk.manager)
    desk.do(GiveConsent(customer_id=desk.customer.id, purpose="marketing", channel="phone"), desk.manager)
    take_out_of_force(desk, made.contract_id)
    assert holding(desk) == {("marketing", "")}
    assert len(consents(desk)) == 4
