"""Customers through the dispatcher on the encrypted database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.customers.commands import (
    AddCustomerVehicle,
    ChangeCustomer,
    ChangeCustomerVehicle,
    CreateCustomer,
    GiveConsent,
    RemoveCustomer,
    RemoveCustomerVehicle,
    RestoreCustomer,
    RevealPersonalData,
    WithdrawConsent,
)
from app.customers.queries import (
    find_duplicates,
    get_customer,
    list_consents,
    list_customers,
    list_reveals,
)
from app.kernel.clock import FixedClock
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError, RecordChangedMeanwhile, RecordNotFound
from app.kernel.permissions import Actor, Role
from db.models.customers import Customer, CustomerVehicle
from tests.factories.documents import make_appointment
from tests.factories.records import Records

PERSON = CreateCustomer(kind="person", name="王小明", phone="138 1234 5678", identity_number="11010519491231002x")
COMPANY = CreateCustomer(
    kind="company",
    name="上海远途科技有限公司",
    phone="021-65551234",
    identity_number="91110108MA01YBNX62",
    contact_name="李雷",
)


def run(dispatcher: Dispatcher, command: Command, actor: Actor) -> Any:
    return dispatcher.execute(command, actor).value


def stored(dispatcher: Dispatcher, customer_id: str) -> Customer:
    with dispatcher.database.read() as session:
        return session.get_one(Customer, customer_id)


def test_a_person_is_stored_in_one_form_and_findable_by_pinyin(dispatcher: Dispatcher, salesperson: Actor) -> None:
    customer = stored(dispatcher, run(dispatcher, PERSON, salesperson))
    assert (customer.phone, customer.identity_number) == ("13812345678", "11010519491231002X")
    assert (customer.identity_kind, customer.name_initials, customer.name_pinyin) == (
        "identity_card", "wxm", "wang xiao ming",
    )  # fmt: skip
    assert customer.branch_id == customer.scope == salesperson.branch_id
    for text in ("王小", "小明", "wxm", "wangxiao", "xiao", "5678", "1238", "002X"):
        found = dispatcher.read(list_customers, salesperson, text=text)
        assert [row.name for row in found] == (["王小明"] if text != "1238" else []), text


def test_a_company_is_known_by_its_code_and_the_person_who_acts(dispatcher: Dispatcher, salesperson: Actor) -> None:
    customer = stored(dispatcher, run(dispatcher, COMPANY, salesperson))
    assert (customer.identity_kind, customer.phone) == ("company_code", "021-65551234")
    assert customer.name_pinyin.startswith("shang hai yuan tu")


def test_who_acts_for_a_company_is_kept_with_their_card_masked(dispatcher: Dispatcher, salesperson: Actor) -> None:
    command = replace(COMPANY, legal_representative="韩雪", contact_identity_number="11010519491231002x")
    customer_id = run(dispatcher, command, salesperson)
    details = dispatcher.read(get_customer, salesperson, customer_id)
    assert (details.legal_representative, details.contact_identity_number) == ("韩雪", "110105********002X")
    assert "contact_identity_number" in details.revealable and "194912" not in repr(details) + repr(command)
    asked = RevealPersonalData(customer_id=customer_id, field="contact_identity_number", reason="核对授权书")
    assert run(dispatcher, asked, salesperson) == "11010519491231002X"


def test_at_most_six_fields_are_required(dispatcher: Dispatcher, salesperson: Actor) -> None:
    run(dispatcher, CreateCustomer(kind="person", name="赵四", phone="13900000001"), salesperson)
    run(dispatcher, CreateCustomer(kind="company", name="四海", phone="13900000002", contact_name="赵四"), salesperson)


BAD_INPUT = [
    ({"kind": "robot"}, "kind", "value_not_allowed"),
    ({"name": "  "}, "name", "value_required"),
    ({"name": "王" * 121}, "name", "value_too_long"),
    ({"phone": ""}, "phone", "value_required"),
    ({"phone": "12345"}, "phone", "phone_wrong"),
    ({"phone": "138****5678"}, "phone", "phone_wrong"),
    ({"phone": "1" * 30_000_000}, "phone", "value_too_long"),
    ({"second_phone": "13x"}, "second_phone", "phone_wrong"),
    ({"identity_number": "110105194912310021"}, "identity_number", "identity_check_digit_wrong"),
    ({"identity_number": "1101051949123100"}, "identity_number", "identity_length_wrong"),
    ({"identity_kind": "company_code"}, "identity_kind", "identity_kind_wrong"),
    ({"identity_kind": "library_card"}, "identity_kind", "value_not_allowed"),
    ({"identity_kind": "passport", "identity_number": "1"}, "identity_number", "passport_wrong"),
    ({"email": "nobody"}, "email", "email_wrong"),
    ({"email": "x" * 200 + "@example.com"}, "email", "email_wrong"),
    ({"region_code": "31"}, "region_code", "region_wrong"),
    ({"address": "路" * 201}, "address", "value_too_long"),
    ({"paper_language": "fr"}, "paper_language", "value_not_allowed"),
    ({"source": "sky"}, "source", "value_not_allowed"),
    ({"owner_staff_id": "f" * 32}, "owner_staff_id", "record_not_found"),
    ({"note": "x" * 2001}, "note", "value_too_long"),
]


@pytest.mark.parametrize(("values", "field", "code"), BAD_INPUT)
def test_bad_input_is_refused_beside_its_field(
    dispatcher: Dispatcher, salesperson: Actor, values: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(replace(PERSON, **values), salesperson)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert dispatcher.read(list_customers, salesperson) == ()


def test_a_company_needs_somebody_who_acts_and_a_valid_code(dispatcher: Dispatcher, salesperson: Actor) -> None:
    for values, field, code in (
        ({"contact_name": " "}, "contact_name", "value_required"),
        ({"identity_number": "91110108MA01YBNX63"}, "identity_number", "company_code_check_digit_wrong"),
        ({"identity_kind": "identity_card"}, "identity_kind", "identity_kind_wrong"),
        ({"contact_identity_number": "110105194912310021"}, "contact_identity_number", "identity_check_digit_wrong"),
        ({"legal_representative": "李" * 61}, "legal_representative", "value_too_long"),
    ):
        with pytest.raises(DomainError) as refused:
            dispatcher.execute(replace(COMPANY, **values), salesperson)
        assert (refused.value.field, refused.value.code) == (field, code)


def test_the_same_phone_or_identity_is_refused_unless_insisted(dispatcher: Dispatcher, salesperson: Actor) -> None:
    run(dispatcher, PERSON, salesperson)
    same_phone = CreateCustomer(kind="person", name="王大明", phone="+86 138-1234-5678")
    same_identity = CreateCustomer(
        kind="person", name="王大明", phone="13900000009", identity_number="11010519491231002X"
    )
    for command, field in ((same_phone, "phone"), (same_identity, "identity_number")):
        with pytest.raises(DomainError) as refused:
            dispatcher.execute(command, salesperson)
        assert (refused.value.code, refused.value.field) == ("customer_duplicate", field)
        assert "王小明" in refused.value.message()
        run(dispatcher, replace(command, despite_duplicate=True), salesperson)


def test_duplicates_are_hinted_while_typing(dispatcher: Dispatcher, salesperson: Actor) -> None:
    customer_id = run(dispatcher, replace(PERSON, second_phone="13700000001"), salesperson)
    read = lambda **given: dispatcher.read(find_duplicates, salesperson, **given)  # noqa: E731
    for given in ({"phone": "1381234"}, {"phone": ""}, {"identity": "1101"}, {}):
        assert read(**given) == ()
    for given, matched in (
        ({"phone": "138-1234-5678"}, "phone"),
        ({"phone": "13700000001"}, "phone"),
        ({"identity": "110105 19491231 002x"}, "identity number"),
    ):
        (row,) = read(**given)
        assert (row.id, row.matched, row.phone) == (customer_id, matched, "138****5678")
    assert read(phone="13812345678", ignore_id=customer_id) == ()


def test_a_change_keeps_what_is_not_named_and_is_undone(dispatcher: Dispatcher, salesperson: Actor) -> None:
    customer_id = run(dispatcher, PERSON, salesperson)
    outcome = dispatcher.execute(
        ChangeCustomer(customer_id=customer_id, expected_revision=1, name="王晓明", address="南京东路1号"), salesperson
    )
    changed = stored(dispatcher, customer_id)
    assert (changed.name, changed.name_pinyin, changed.phone) == ("王晓明", "wang xiao ming", "13812345678")
    assert outcome.changes.ids("customer") == {customer_id}
    assert outcome.undo is not None
    run(dispatcher, outcome.undo, salesperson)
    undone = stored(dispatcher, customer_id)
    assert (undone.name, undone.address, undone.revision) == ("王小明", "", 3)


def test_a_change_of_nothing_is_no_change(dispatcher: Dispatcher, salesperson: Actor) -> None:
    customer_id = run(dispatcher, PERSON, salesperson)
    outcome = dispatcher.execute(
        ChangeCustomer(customer_id=customer_id, expected_revision=1, name="王小明"), salesperson
    )
    assert not outcome.changes
    assert outcome.undo is None


def test_a_colleagues_change_is_not_overwritten(dispatcher: Dispatcher, salesperson: Actor) -> None:
    customer_id = run(dispatcher, PERSON, salesperson)
    run(dispatcher, ChangeCustomer(customer_id=customer_id, expected_revision=1, note="先"), salesperson)
    with pytest.raises(RecordChangedMeanwhile) as refused:
        dispatcher.execute(ChangeCustomer(customer_id=customer_id, expected_revision=1, note="后"), salesperson)
    assert isinstance(refused.value.current, Customer)
    assert refused.value.current.note == "先"


def test_the_owner_can_be_given_and_taken_away(dispatcher: Dispatcher, salesperson: Actor) -> None:
    customer_id = run(dispatcher, PERSON, salesperson)
    given = ChangeCustomer(customer_id=customer_id, expected_revision=1, owner_staff_id=salesperson.staff_id)
    outcome = dispatcher.execute(given, salesperson)
    assert dispatcher.read(get_customer, salesperson, customer_id).owner_name == "王芳"
    assert outcome.undo is not None
    run(dispatcher, outcome.undo, salesperson)
    assert stored(dispatcher, customer_id).owner_staff_id is None


def test_an_entry_by_mistake_is_taken_back_and_brought_again(dispatcher: Dispatcher, salesperson: Actor) -> None:
    outcome = dispatcher.execute(PERSON, salesperson)
    assert isinstance(outcome.undo, RemoveCustomer)
    removed = dispatcher.execute(outcome.undo, salesperson)
    assert dispatcher.read(list_customers, salesperson, text="wxm") == ()
    with pytest.raises(RecordNotFound):
        dispatcher.read(get_customer, salesperson, outcome.value)
    assert isinstance(removed.undo, RestoreCustomer)
    run(dispatcher, removed.undo, salesperson)
    assert [row.id for row in dispatcher.read(list_customers, salesperson, text="wxm")] == [outcome.value]


def test_a_customer_with_documents_stays(dispatcher: Dispatcher, salesperson: Actor, records: Records) -> None:
    customer = records.customer()
    make_appointment(records, customer)
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(RemoveCustomer(customer_id=customer.id, reason="重复录入"), salesperson)
    assert refused.value.code == "customer_has_documents"
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(RemoveCustomer(customer_id=records.customer().id, reason=" "), salesperson)
    assert (refused.value.code, refused.value.field) == ("reason_required", "reason")


def test_everything_personal_is_masked(dispatcher: Dispatcher, salesperson: Actor) -> None:
    command = replace(
        PERSON, email="wang@example.com", address="上海市浦东新区世纪大道100号", second_phone="010-65551234"
    )
    customer_id = run(dispatcher, command, salesperson)
    details = dispatcher.read(get_customer, salesperson, customer_id)
    assert details.identity_number == "110105********002X"
    assert details.phone == "138****5678"
    assert details.email == "w***@example.com"
    assert details.revealable == {"identity_number", "phone", "second_phone", "email", "address"}
    (row,) = dispatcher.read(list_customers, salesperson)
    shown = repr(details) + repr(row) + repr(command)
    for secret in ("13812345678", "194912", "wang@", "世纪大道", "65551234"):
        assert secret not in shown


def test_a_reveal_needs_a_reason_and_is_recorded(dispatcher: Dispatcher, salesperson: Actor, manager: Actor) -> None:
    customer_id = run(dispatcher, PERSON, salesperson)
    for field, reason, where, code in (
        ("phone", "  ", "reason", "reason_required"),
        ("phone", "x" * 401, "reason", "value_too_long"),
        ("note", "只是看看", "field", "value_not_allowed"),
    ):
        with pytest.raises(DomainError) as refused:
            dispatcher.execute(RevealPersonalData(customer_id=customer_id, field=field, reason=reason), salesperson)
        assert (refused.value.field, refused.value.code) == (where, code)
    assert dispatcher.read(list_reveals, manager) == ()

    asked = RevealPersonalData(customer_id=customer_id, field="identity_number", reason="办理上牌")
    assert run(dispatcher, asked, salesperson) == "11010519491231002X"
    (reveal,) = dispatcher.read(list_reveals, manager, customer_id=customer_id)
    assert (reveal.field, reveal.reason, reveal.staff_name) == ("identity_number", "办理上牌", "王芳")
    assert (reveal.customer_id, reveal.desk_code) == (customer_id, "D01")
    assert dispatcher.read(list_reveals, manager) == (reveal,)
    assert dispatcher.read(list_reveals, manager, after=reveal.cursor) == ()


def test_a_consent_is_given_once_and_withdrawn_without_a_reason(
    dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock
) -> None:
    customer_id = run(dispatcher, PERSON, salesperson)
    outcome = dispatcher.execute(GiveConsent(customer_id=customer_id, purpose="marketing"), salesperson)
    again = dispatcher.execute(GiveConsent(customer_id=customer_id, purpose="marketing"), salesperson)
    assert again.value == outcome.value
    assert not again.changes.rows
    assert dispatcher.read(get_customer, salesperson, customer_id).agrees_to("marketing")
    assert outcome.undo == WithdrawConsent(consent_id=outcome.value)
    clock.advance(timedelta(days=1))
    withdrawn = dispatcher.execute(WithdrawConsent(consent_id=outcome.value), salesperson)
    assert withdrawn.undo is None
    (row,) = dispatcher.read(list_consents, salesperson, customer_id)
    assert (row.holds, row.withdrawn_at) == (False, clock.now())
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(WithdrawConsent(consent_id=outcome.value), salesperson)
    assert refused.value.code == "consent_already_withdrawn"
    run(dispatcher, GiveConsent(customer_id=customer_id, purpose="marketing"), salesperson)
    assert len(dispatcher.read(list_consents, salesperson, customer_id)) == 2


def test_sharing_names_its_recipient(dispatcher: Dispatcher, salesperson: Actor) -> None:
    customer_id = run(dispatcher, PERSON, salesperson)
    for values, field, code in (
        ({"purpose": "world_peace"}, "purpose", "value_not_allowed"),
        ({"purpose": "share_with_bank"}, "recipient", "recipient_required"),
        ({"purpose": "marketing", "channel": "pigeon"}, "channel", "value_not_allowed"),
    ):
        with pytest.raises(DomainError) as refused:
            dispatcher.execute(GiveConsent(customer_id=customer_id, **values), salesperson)
        assert (refused.value.field, refused.value.code) == (field, code)
    for bank in ("工商银行", "建设银行"):
        run(dispatcher, GiveConsent(customer_id=customer_id, purpose="share_with_bank", recipient=bank), salesperson)
    recipients = {row.recipient for row in dispatcher.read(list_consents, salesperson, customer_id)}
    assert recipients == {"工商银行", "建设银行"}


def test_a_vehicle_is_known_by_plate_or_vin(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    customer = records.customer()
    add = AddCustomerVehicle(customer_id=customer.id, plate="沪a·12345", vin="ldc613p23a1305189", odometer_km=52_000)
    outcome = dispatcher.execute(add, advisor)
    (vehicle,) = dispatcher.read(get_customer, advisor, customer.id).vehicles
    assert (vehicle.plate, vehicle.vin) == ("沪A12345", "LDC613P23A1305189")
    for values, field, code in (
        ({"plate": "", "vin": ""}, "plate", "value_required"),
        ({"plate": "沪"}, "plate", "plate_wrong"),
        ({"vin": "LDC613P23A13O5189"}, "vin", "vin_misread"),
        ({"vin": "LDC613P23AI3Ä5189"}, "vin", "vin_characters_wrong"),
        ({"odometer_km": -1}, "odometer_km", "odometer_wrong"),
        ({"description": "x" * 161}, "description", "value_too_long"),
        ({"plate": "沪B11111"}, "vin", "vehicle_already_entered"),
        ({"vin": ""}, "plate", "vehicle_already_entered"),
    ):
        with pytest.raises(DomainError) as refused:
            dispatcher.execute(replace(add, **values), advisor)
        assert (refused.value.field, refused.value.code) == (field, code)
    assert isinstance(outcome.undo, RemoveCustomerVehicle)
    run(dispatcher, outcome.undo, advisor)
    assert dispatcher.read(get_customer, advisor, customer.id).vehicles == ()


def test_a_vehicle_is_corrected_and_that_is_undone(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    vehicle = records.customer_vehicle(plate="沪A00001")
    change = ChangeCustomerVehicle(customer_vehicle_id=vehicle.id, expected_revision=1, odometer_km=40_000)
    outcome = dispatcher.execute(change, advisor)
    assert outcome.undo is not None
    run(dispatcher, outcome.undo, advisor)
    with dispatcher.database.read() as session:
        row = session.get_one(CustomerVehicle, vehicle.id)
        assert (row.odometer_km, row.plate, row.revision) == (32_000, "沪A00001", 3)


def test_a_vehicle_with_an_appointment_stays(dispatcher: Dispatcher, advisor: Actor, records: Records) -> None:
    customer = records.customer()
    vehicle = records.customer_vehicle(customer)
    make_appointment(records, customer, vehicle, number="SH01-D01-SA-000007")
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(RemoveCustomerVehicle(customer_vehicle_id=vehicle.id), advisor)
    assert refused.value.code == "vehicle_has_appointment"
    assert "SA-000007" in refused.value.message()


ANY = "f" * 32
EDITS = [
    PERSON,
    ChangeCustomer(customer_id=ANY, expected_revision=1),
    RemoveCustomer(customer_id=ANY, reason="x"),
    RestoreCustomer(customer_id=ANY),
    GiveConsent(customer_id=ANY, purpose="marketing"),
    WithdrawConsent(consent_id=ANY),
    RevealPersonalData(customer_id=ANY, field="phone", reason="x"),
    AddCustomerVehicle(customer_id=ANY, plate="沪A12345"),
    ChangeCustomerVehicle(customer_vehicle_id=ANY, expected_revision=1),
    RemoveCustomerVehicle(customer_vehicle_id=ANY),
]


@pytest.mark.parametrize("command", EDITS, ids=lambda command: type(command).__name__)
def test_only_those_who_deal_with_customers_change_them(
    dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], command: Command
) -> None:
    for role in Role:
        if role in (Role.PARTS_CLERK, Role.CASHIER):
            with pytest.raises(DomainError) as refused:
                dispatcher.execute(command, actor_with(role))
            assert refused.value.code == "permission_denied"
        elif command is not PERSON:
            with pytest.raises(RecordNotFound):
                dispatcher.execute(command, actor_with(role))
