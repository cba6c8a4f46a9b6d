"""One sale from the held unit to the verified contract, as three people do it in a day."""

import json
from datetime import timedelta
from decimal import Decimal

from app.contracts.checking import verify_file
from app.contracts.commands import DraftContract, LockContract
from app.contracts.preparing import prepare_draft
from app.contracts.queries import contract_document, get_contract
from app.inventory.commands import HoldUnit
from app.orders.commands import PlaceOrder
from app.orders.queries import get_order, list_orders
from app.payments.commands import ConfirmPayment, ReceivePayment
from app.payments.queries import get_payment_standing, get_receipt, receipt_pdf
from app.quotations.commands import (
    AcceptQuotation,
    ApproveQuotation,
    DraftQuotation,
    ExtraTerms,
    FinanceTerms,
    PresentQuotation,
)
from app.quotations.queries import get_quotation, preview_quotation, quotation_pdf
from db.models.inventory import VehicleUnit
from tests.app.sale_desk import DELIVERY, SaleDesk


def test_a_whole_sale(desk: SaleDesk) -> None:
    unit = desk.unit()
    desk.do(HoldUnit(unit_id=unit.id, customer_id=desk.customer.id))

    terms = desk.terms(
        unit,
        discount=Decimal("12000.00"),
        options=(ExtraTerms(name_zh="全车贴膜", name_en="Window film", amount=Decimal("2800.00")),),
        finance=FinanceTerms(
            method="equal_principal",
            down_payment=Decimal("60000.00"),
            months=36,
            annual_rate=Decimal("0.0428"),
            product_code="bank_equal_principal",
        ),
    )
    preview = desk.read(preview_quotation, terms, customer_id=desk.customer.id)
    assert preview.below_floor
    drafted = desk.do(DraftQuotation(customer_id=desk.customer.id, terms=terms, approval_reason="清库存"))
    desk.do(ApproveQuotation(quotation_id=drafted.quotation_id, expected_revision=1), desk.manager)
    assert desk.read(quotation_pdf, drafted.quotation_id).startswith(b"%PDF")
    desk.do(PresentQuotation(quotation_id=drafted.quotation_id, expected_revision=2))
    desk.do(AcceptQuotation(quotation_id=drafted.quotation_id, expected_revision=3))

    placed = desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=4, planned_delivery=DELIVERY))
    assert desk.row(VehicleUnit, unit.id).allocation_state == "ALLOCATED"
    kinds = [json.loads(body)["fields"].get("kind") for body in desk.operations("claim")]
    assert kinds == ["hold", "order"]

    received = desk.do(
        ReceivePayment(
            order_id=placed.order_id,
            kind="earnest_money",
            method="wechat_pay",
            amount=Decimal("20000.00"),
            reference="4200001",
        )
    )
    payment_id = received.payment_ids[0]
    assert desk.read(get_receipt, payment_id).amount_in_words == "贰万元整"
    assert desk.read(receipt_pdf, payment_id).startswith(b"%PDF")
    desk.do(ConfirmPayment(payment_id=payment_id, expected_revision=1), desk.cashier)

    prepared = desk.read(prepare_draft, placed.order_id)
    contract = desk.do(DraftContract(order_id=placed.order_id, prepared=prepared))
    shown = desk.read(contract_document, contract.contract_id)
    desk.do(
        LockContract(contract_id=contract.contract_id, expected_revision=contract.revision, shown_digest=shown.digest)
    )
    for party in ("buyer", "dealer"):
        desk.clock.advance(timedelta(minutes=1))
        desk.do(desk.signature(contract.contract_id, party))
    desk.do(desk.seal(contract.contract_id))
    sealed = desk.read(contract_document, contract.contract_id)
    assert desk.read(verify_file, sealed.content).intact

    (row,) = desk.read(list_orders, text="张伟", payment_state="PARTIAL", claim_state="provisional")
    detail = desk.read(get_order, row.id)
    assert (detail.row.vin, detail.row.on_road_total) == (unit.vin, preview.on_road_total)
    assert [entry.state for entry in detail.contracts] == ["SEALED"]
    assert [entry.state for entry in detail.payments] == ["CONFIRMED"]
    assert desk.read(get_quotation, drafted.quotation_id).order_id == placed.order_id
    assert desk.read(get_payment_standing, placed.order_id).earnest_room > 0
    assert desk.read(get_contract, contract.contract_id).row.order_number == placed.number
