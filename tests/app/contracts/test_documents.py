"""Documents of every kind from the rows of a desk: drafted, outdated, locked, listed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.contracts.checking import verify_contract
from app.contracts.commands import (
    ContractDrafted,
    DraftContract,
    LockContract,
    VoidContract,
)
from app.contracts.documents.commands import DraftDocument
from app.contracts.documents.queries import document_form, drafted_kinds, prepare_document, redraft_form, vehicles_of
from app.contracts.documents.reading import About
from app.contracts.kinds.registry import KINDS, SALE
from app.contracts.lineage import AGREEMENT
from app.contracts.paper.samples import ENTRIES
from app.contracts.queries import contract_document, count_contracts, get_contract, list_contracts
from app.kernel.errors import DomainError, PermissionDenied
from app.kernel.permissions import Role
from app.orders.commands import CancelOrder
from app.runtime.language import CHINESE, ENGLISH
from db.models.contracts import Contract, ContractDocument
from db.models.inspections import Inspection, InspectionDefect
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from tests.app.contracts.signed_documents import lock, seal, sign_by_all
from tests.app.documents.reading import text_of
from tests.app.sale_desk import DELIVERY, SaleDesk
from tests.factories.people import actor_of, staff_of

OTHERS = [code for code in KINDS if code != SALE]
PLAN = {
    "method": "equal_instalment", "product": "own_36", "down_payment_fen": 6_000_000, "principal_fen": 9_000_000,
    "annual_rate": "0.045", "months": 36, "first_fen": 267_722, "interest_fen": 637_992,
}  # fmt: skip


@dataclass(frozen=True)
class House:
    """A desk with an order that is paid on, a repaired unit, a workshop customer's vehicle."""

    desk: SaleDesk
    order_id: str
    unit_id: str
    payment_id: str
    vehicle_id: str

    @property
    def about(self) -> dict[str, str]:
        """Everything a kind may ask for."""
        return {
            "order_id": self.order_id, "unit_id": self.unit_id, "payment_id": self.payment_id,
            "customer_vehicle_id": self.vehicle_id, "customer_id": self.desk.customer.id,
        }  # fmt: skip

    def named(self, code: str) -> dict[str, str]:
        """The ids a kind asks for."""
        names = {"order": "order_id", "customer": "customer_id", "unit": "unit_id", "payment": "payment_id",
                 "customer_vehicle": "customer_vehicle_id"}  # fmt: skip
        return {names[subject.value]: self.about[names[subject.value]] for subject in KINDS[code].about}

    def draft(self, code: str, entries: Mapping[str, Any] | None = None, **more: Any) -> ContractDrafted:
        """Draft one of a kind with the sample's entries."""
        given = {**self.entries(code), **(entries or {})}
        command = DraftDocument(kind=code, entries=given, **(self.named(code) | more))
        return self.desk.do(command, self.desk.manager)

    def ready_for(self, code: str) -> None:
        """What has to have happened before such a document can be drafted."""
        if code != AGREEMENT:
            return
        order = self.desk.row(SalesOrder, self.order_id)
        self.desk.records.save(
            Contract(
                branch_id=order.branch_id, order_id=order.id, customer_id=order.customer_id, state="SEALED",
                number="SH01-D01-CT-000009", template_code=SALE, template_version="1", sealed_digest="a" * 64,
                sealed_at=self.desk.clock.now(),
            )
        )  # fmt: skip

    def entries(self, code: str) -> dict[str, Any]:
        """What the samples fill in, on this house's days."""
        given = dict(ENTRIES[code])
        today = self.desk.clock.now().date()
        for name, value in given.items():
            if isinstance(value, date):
                given[name] = value + (today - date(2026, 11, 23))
        return given

    def read(self, function: Any, *args: Any, **more: Any) -> Any:
        return self.desk.read(function, *args, actor=self.desk.manager, **more)


@pytest.fixture
def house(desk: SaleDesk) -> House:
    order_id = desk.paid_order()
    desk.change(SalesOrder, order_id, finance=PLAN, planned_delivery_on=DELIVERY)
    order = desk.row(SalesOrder, order_id)
    unit = desk.row(VehicleUnit, order.vehicle_unit_id)
    records = desk.records
    now = desk.clock.now()
    inspection = Inspection(
        scope=unit.branch_id, branch_id=unit.branch_id, unit_id=unit.id, checklist="none", energy="petrol",
        state="PASSED", inspector_staff_id=desk.seller.staff_id, started_at=now - timedelta(hours=2),
        finished_at=now - timedelta(hours=1), odometer_km=9,
    )  # fmt: skip
    defect = InspectionDefect(
        scope=unit.branch_id, branch_id=unit.branch_id, inspection_id=inspection.id, unit_id=unit.id, item="paint",
        severity="SAFETY", description="右后门划痕", state="CLEARED", repair="补漆", repaired_at=now,
        repaired_by="钣喷",
    )  # fmt: skip
    records.save(inspection)
    records.save(defect)
    vehicle = records.customer_vehicle(desk.customer, plate="沪A12345", vin="LSVFA49J232037048")
    return House(desk, order_id, unit.id, desk.rows(Payment, order_id=order_id)[0].id, vehicle.id)


@pytest.mark.parametrize("code", OTHERS)
def test_every_kind_is_drafted_from_rows_and_entries_in_both_languages(house: House, code: str) -> None:
    house.ready_for(code)
    chinese = house.draft(code, language=CHINESE)
    row = house.desk.row(Contract, chinese.contract_id)
    assert row.number == f"SH01-D01-{KINDS[code].number_kind}-000001" == chinese.number
    assert (row.state, row.template_code, row.customer_id) == ("DRAFT", code, house.desk.customer.id)
    assert row.handled_by_staff_id == house.desk.manager.staff_id
    said = text_of(house.read(contract_document, chinese.contract_id).content)
    assert house.desk.customer.name in said and KINDS[code].title.zh in said
    detail = house.read(get_contract, chinese.contract_id)
    assert not detail.outdated and "lock" in detail.actions and detail.row.kind == code
    english = house.draft(code, language=ENGLISH, contract_id=chinese.contract_id)
    assert (english.contract_id, english.number) == (chinese.contract_id, chinese.number)
    assert english.digest != chinese.digest
    assert KINDS[code].title.en.replace(" ", "") in text_of(house.read(contract_document, english.contract_id).content)


@pytest.mark.parametrize("code", OTHERS)
def test_what_was_laid_out_for_a_look_is_what_is_kept(house: House, code: str) -> None:
    house.ready_for(code)
    about = About(**house.named(code))
    prepared = house.read(prepare_document, code, about, entries=house.entries(code))
    drafted = house.draft(code, prepared=prepared)
    assert (drafted.number, drafted.digest, drafted.pages) == (prepared.number, prepared.digest, prepared.pages)
    house.desk.do(
        LockContract(contract_id=drafted.contract_id, expected_revision=drafted.revision, shown_digest=drafted.digest),
        house.desk.manager,
    )
    assert house.desk.row(Contract, drafted.contract_id).state == "LOCKED"
    assert [one.stage for one in house.desk.rows(ContractDocument, contract_id=drafted.contract_id)] == ["locked"]


@pytest.mark.parametrize("code", OTHERS)
def test_the_form_begins_with_what_the_rows_know_and_a_draft_opens_as_it_was(house: House, code: str) -> None:
    house.ready_for(code)
    form = house.read(document_form, code, About(**house.named(code)))
    assert form.customer_name == house.desk.customer.name and set(form.entries) <= KINDS[code].entry_names
    drafted = house.draft(code)
    again = house.read(redraft_form, drafted.contract_id)
    assert again.contract_id == drafted.contract_id
    assert house.draft(code, again.entries, contract_id=again.contract_id).digest


def test_forms_know_the_vehicle_the_money_received_and_the_odometer(house: House) -> None:
    begun = {code: house.read(document_form, code, About(**house.named(code))).entries for code in OTHERS}
    assert begun["earnest_money"]["amount"] == Decimal("20000.00")
    assert begun["repair_authorisation"]["plate"] == "沪A12345"
    assert begun["delivery_note"]["keys"] == "2" and len(begun["delivery_note"]["handed_over"]) > 3
    assert begun["loan_intent"]["lender"]
    (vehicle,) = house.read(vehicles_of, house.desk.customer.id)
    assert vehicle.title.startswith("沪A12345")


CHANGES: list[tuple[str, type[Any], str, dict[str, Any]]] = [
    ("vehicle_order", SalesOrder, "order_id", {"planned_delivery_on": DELIVERY + timedelta(days=1)}),
    ("earnest_money", Payment, "payment_id", {"amount": Decimal("19000.00")}),
    ("loan_intent", SalesOrder, "order_id", {"finance": PLAN | {"months": 24}}),
    ("delivery_note", SalesOrder, "order_id", {"on_road_total": Decimal("999999.00")}),
    ("test_drive", VehicleUnit, "unit_id", {"exterior_colour": "红 / Red"}),
    ("pdi_repair_disclosure", VehicleUnit, "unit_id", {"engine_number": "X1"}),
    ("receipt", Payment, "payment_id", {"method": "cash"}),
]


@pytest.mark.parametrize(("code", "model", "field", "change"), CHANGES, ids=[one[0] for one in CHANGES])
def test_a_row_that_changed_makes_the_draft_outdated(
    house: House, code: str, model: type[Any], field: str, change: dict[str, Any]
) -> None:
    if code == "receipt":
        house.desk.change(Payment, house.payment_id, method="transfer")
    drafted = house.draft(code)
    assert not house.read(get_contract, drafted.contract_id).outdated
    house.desk.change(model, house.about[field], **change)
    detail = house.read(get_contract, drafted.contract_id)
    assert detail.outdated and "lock" not in detail.actions and "redraft" in detail.actions
    locking = LockContract(
        contract_id=drafted.contract_id, expected_revision=drafted.revision, shown_digest=drafted.digest
    )
    with pytest.raises(DomainError) as caught:
        house.desk.do(locking, house.desk.manager)
    assert caught.value.code == "document_outdated"
    again = house.draft(code, contract_id=drafted.contract_id)
    house.desk.do(replace(locking, expected_revision=again.revision, shown_digest=again.digest), house.desk.manager)


def test_a_kind_of_which_one_is_enough_replaces_its_draft_and_refuses_a_second(house: House) -> None:
    first, second = house.draft("vehicle_order"), house.draft("vehicle_order", {"wishes": "贴膜"})
    assert first.contract_id == second.contract_id
    lock(house.desk, second, house.desk.manager)
    with pytest.raises(DomainError) as caught:
        house.draft("vehicle_order")
    assert caught.value.code == "contract_already_underway"
    revision = house.desk.row(Contract, second.contract_id).revision
    house.desk.do(
        VoidContract(contract_id=second.contract_id, expected_revision=revision, reason="客户改色"), house.desk.manager
    )
    third = house.draft("vehicle_order")
    assert third.number.endswith("000002")
    assert house.desk.row(Contract, second.contract_id).replaced_by_id == third.contract_id
    assert second.number in text_of(house.read(contract_document, third.contract_id).content)


def test_a_vehicle_may_have_several_repairs_at_once(house: House) -> None:
    first, second = house.draft("repair_authorisation"), house.draft("repair_authorisation")
    assert first.contract_id != second.contract_id and second.number.endswith("000002")
    assert house.draft("repair_authorisation", contract_id=first.contract_id).contract_id == first.contract_id


def test_documents_do_not_stand_in_the_way_of_the_order_and_its_contract(house: House) -> None:
    drafted = house.draft("vehicle_order")
    lock(house.desk, drafted, house.desk.manager)
    house.desk.change(Contract, drafted.contract_id, state="SEALED")
    contract = house.desk.do(DraftContract(order_id=house.order_id))
    assert contract.number == "SH01-D01-CT-000001"
    revision = house.desk.row(SalesOrder, house.order_id).revision
    cancel = CancelOrder(order_id=house.order_id, expected_revision=revision, reason="客户取消")
    house.desk.do(cancel, house.desk.manager)
    assert house.desk.row(SalesOrder, house.order_id).state == "CANCELLED"


def test_a_sales_contract_command_drafts_other_kinds_about_its_order(house: House) -> None:
    command = DraftContract(
        order_id=house.order_id, template_code="vehicle_order", entries=house.entries("vehicle_order")
    )
    drafted = house.desk.do(command)
    assert house.desk.row(Contract, drafted.contract_id).order_id == house.order_id
    with pytest.raises(DomainError) as caught:
        house.desk.do(DraftDocument(kind=SALE, order_id=house.order_id))
    assert (caught.value.code, caught.value.field) == ("document_own_command_needed", "kind")


def test_lists_show_kinds_and_filter_by_them(house: House) -> None:
    for code in ("vehicle_order", "repair_authorisation", "privacy_consent"):
        house.draft(code)
    rows = house.read(list_contracts)
    assert [row.kind for row in rows] == ["privacy_consent", "repair_authorisation", "vehicle_order"]
    assert {row.order_number != "" for row in rows if row.kind == "vehicle_order"} == {True}
    assert [row.order_id for row in rows if row.kind == "privacy_consent"] == [""]
    assert [row.kind for row in house.read(list_contracts, kind=["vehicle_order"])] == ["vehicle_order"]
    assert house.read(count_contracts, kind="repair_authorisation") == (1, 3)


def test_who_may_make_and_see_which_kind(house: House) -> None:
    desk, advisor = house.desk, actor_of(staff_of(Role.SERVICE_ADVISOR))
    order = house.draft("vehicle_order")
    repair = house.draft("repair_authorisation")
    assert [row.id for row in desk.read(list_contracts, actor=advisor)] == [repair.contract_id]
    with pytest.raises(PermissionDenied):
        desk.read(get_contract, order.contract_id, actor=advisor)
    with pytest.raises(PermissionDenied):
        desk.read(contract_document, order.contract_id, actor=advisor)
    for actor, code, allowed in (
        (advisor, "repair_authorisation", True), (advisor, "vehicle_order", False), (advisor, "receipt", False),
        (desk.cashier, "receipt", True), (desk.cashier, "earnest_money", False), (desk.seller, "test_drive", True),
        (desk.seller, "settlement_statement", False),
    ):  # fmt: skip
        command = DraftDocument(kind=code, entries=house.entries(code), **house.named(code))
        if allowed:
            assert desk.do(command, actor).contract_id
        else:
            with pytest.raises(PermissionDenied):
                desk.do(command, actor)
    locking = LockContract(contract_id=order.contract_id, expected_revision=order.revision, shown_digest=order.digest)
    with pytest.raises(PermissionDenied):
        desk.do(locking, advisor)
    offered = desk.read(drafted_kinds, About(**house.about), actor=advisor)
    assert {kind.code for kind in offered} == {"repair_authorisation", "settlement_statement", "privacy_consent"}


def test_a_reversed_payment_and_a_strangers_vehicle_have_no_document(house: House) -> None:
    desk = house.desk
    other = desk.records.customer(name="李四", phone="13900139000", identity_number="")
    vehicle = desk.records.customer_vehicle(other, plate="沪B54321", vin="")
    with pytest.raises(DomainError) as caught:
        house.draft("trade_in", customer_vehicle_id=vehicle.id, customer_id=desk.customer.id)
    assert (caught.value.code, caught.value.field) == ("document_subjects_disagree", "customer_id")
    with pytest.raises(DomainError) as caught:
        desk.do(DraftDocument(kind="test_drive", customer_id=desk.customer.id), desk.manager)
    assert (caught.value.code, caught.value.field) == ("document_subject_missing", "unit_id")
    payment = desk.row(Payment, house.payment_id)
    desk.change(Payment, payment.id, state="REVERSED")
    with pytest.raises(DomainError) as caught:
        house.draft("receipt")
    assert (caught.value.code, caught.value.field) == ("document_payment_given_back", "payment_id")


def test_what_was_filled_in_is_kept_and_masked_in_the_audit_trail(house: House) -> None:
    drafted = house.draft("test_drive")
    row = house.desk.row(Contract, drafted.contract_id)
    assert row.form_entries["licence_number"] == "310105199001011234"
    assert row.form_entries["starts_on"] and row.form_entries["passengers"] == 1
    with house.desk.dispatcher.database.read() as session:
        trail = list(session.connection().exec_driver_sql("SELECT changes FROM audit_entry").scalars())
    assert trail and not any("310105199001011234" in str(entry) for entry in trail)


def test_the_repairs_of_an_inspection_stand_in_the_disclosure(house: House) -> None:
    drafted = house.draft("pdi_repair_disclosure")
    said = text_of(house.read(contract_document, drafted.contract_id).content)
    assert "右后门划痕" in said and "补漆·钣喷" in said and "与行驶安全有关" in said


@pytest.mark.parametrize("code", ["repair_authorisation", "receipt", "privacy_consent", "loan_intent"])
def test_documents_are_signed_by_their_roles_and_sealed(house: House, code: str) -> None:
    drafted = house.draft(code)
    desk, contract_id = house.desk, drafted.contract_id
    lock(desk, drafted, desk.manager)
    assert list(house.read(get_contract, contract_id).missing) == [
        role.code for role in KINDS[code].roles if role.least
    ]
    sign_by_all(desk, contract_id, desk.manager)
    seal(desk, contract_id, desk.manager)
    assert desk.row(Contract, contract_id).state == "SEALED"
    assert house.read(verify_contract, contract_id).intact
