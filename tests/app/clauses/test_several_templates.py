"""A house with several texts of one kind: which of them a document is drafted from."""

from typing import Any

import pytest

from app.clauses.rules import TextSort
from app.contracts.commands import DraftContract
from app.contracts.documents.commands import DraftDocument
from app.contracts.documents.queries import document_form, redraft_form, sale_templates
from app.contracts.documents.reading import About
from app.contracts.preparing import prepare_draft
from app.contracts.queries import contract_document, get_contract, list_contracts
from app.contracts.templates.choice import templates_of
from app.contracts.templates.in_force import shipped_template, shipped_terms
from app.contracts.templates.text_versions import terms_digest
from app.kernel.errors import DomainError
from app.orders.rules import OrderState
from db.models.contracts import Contract
from db.models.customers import CustomerVehicle
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from tests.app.clauses.library_desk import LibraryDesk
from tests.app.documents.reading import text_of
from tests.app.sale_desk import DELIVERY

ADVANCE, CASH = "sale_advance", "sale_cash"


def variant(library: LibraryDesk, code: str, *conditions: str, title: str, **more: Any) -> str:
    """A text of the house in force, for where the conditions hold."""
    version = library.template(
        code=code, title_zh=title, title_en=f"Contract {code}", conditions=conditions, new=True, **more
    )  # fmt: skip
    return library.approve(version, TextSort.TEMPLATE)


def drafted(library: LibraryDesk, order_id: str, **more: Any) -> tuple[Contract, str]:
    """The contract of an order and what it says."""
    made = library.sale.do(DraftContract(order_id=order_id, **more), library.reader)
    row = library.sale.row(Contract, made.contract_id)
    return row, text_of(library.sale.read(contract_document, row.id).content)


def confirmed(library: LibraryDesk) -> str:
    """An order paid with an earnest money and no loan."""
    order_id = library.sale.paid_order()
    library.sale.change(SalesOrder, order_id, planned_delivery_on=DELIVERY)
    assert library.sale.row(SalesOrder, order_id).state == OrderState.CONFIRMED
    return order_id


def test_the_most_particular_text_that_applies_is_taken(library: LibraryDesk) -> None:
    order_id = confirmed(library)
    cash = variant(library, CASH, "no_plan", title="现款购车合同")
    particular = variant(library, "sale_cash_new", "no_plan", "new_vehicle", title="新车现款购车合同")
    variant(library, ADVANCE, "plan", title="贷款购车合同")
    offered = library.sale.read(sale_templates, order_id)
    assert [one.code for one in offered] == ["sale_cash_new", CASH, "vehicle_sale"]
    row, said = drafted(library, order_id)
    assert (row.template_code, row.template_version_id) == ("vehicle_sale", particular) and "新车现款购车合同" in said
    row, said = drafted(library, order_id, template=CASH)
    assert row.template_version_id == cash and "现款购车合同" in said and "新车现款" not in said
    row, said = drafted(library, order_id, template="vehicle_sale")
    assert row.template_version_id is None and "汽车买卖合同" in said
    # It is a sales contract like any other.
    assert [one.kind for one in library.sale.read(list_contracts)] == ["vehicle_sale"]


def test_a_text_that_does_not_apply_is_refused_by_name(library: LibraryDesk) -> None:
    order_id = confirmed(library)
    variant(library, ADVANCE, "plan", title="贷款购车合同")
    for wrong in (ADVANCE, "receipt", "nothing"):
        with pytest.raises(DomainError) as caught:
            drafted(library, order_id, template=wrong)
        assert (caught.value.code, caught.value.field) == ("contract_template_not_applicable", "template")


def test_a_used_vehicle_has_a_text_of_its_own(library: LibraryDesk) -> None:
    order_id = confirmed(library)
    used = variant(library, "sale_used", "used_vehicle", title="二手车买卖合同")
    row, _ = drafted(library, order_id)
    assert row.template_version_id is None
    unit = library.sale.row(VehicleUnit, library.sale.row(SalesOrder, order_id).vehicle_unit_id)
    owned = library.sale.records.customer_vehicle(library.sale.customer, plate="沪A12345", vin=unit.vin)
    assert not _is_used(library, order_id)  # its buyer's car later on: it was no used one when it came
    library.sale.change(CustomerVehicle, owned.id, created_at=unit.created_at.replace(year=unit.created_at.year - 1))
    assert _is_used(library, order_id)
    row, said = drafted(library, order_id)
    assert row.template_version_id == used and "二手车买卖合同" in said


def _is_used(library: LibraryDesk, order_id: str) -> bool:
    return library.sale.read(sale_templates, order_id)[0].code == "sale_used"


def test_what_was_looked_at_is_what_is_drafted_and_stays_current(library: LibraryDesk) -> None:
    order_id = confirmed(library)
    cash = variant(library, CASH, "no_plan", title="现款购车合同")
    prepared = library.sale.read(prepare_draft, order_id, template=CASH)
    row, _ = drafted(library, order_id, template=CASH, prepared=prepared)
    kept = library.sale.read(contract_document, row.id)
    assert kept.content == prepared.content and row.template_version_id == cash
    assert not library.sale.read(get_contract, row.id).outdated
    library.withdraw(cash, sort=TextSort.TEMPLATE)
    assert library.sale.read(get_contract, row.id).outdated
    row, said = drafted(library, order_id)
    assert row.template_version_id is None and "汽车买卖合同" in said


def test_other_kinds_have_several_texts_too(library: LibraryDesk) -> None:
    order_id = confirmed(library)
    shipped = shipped_terms(shipped_template("vehicle_order"))
    mine = variant(
        library, "order_cash", "no_plan", title="现款订购单", kind="vehicle_order", terms=dict(shipped.terms),
        notices=shipped.notices, articles=shipped.articles,
    )  # fmt: skip
    about = About(order_id=order_id)
    form = library.sale.read(document_form, "vehicle_order", about)
    assert [one.code for one in form.templates] == ["vehicle_order", "order_cash"] and not form.template
    entries = {"contract_by": library.today, "wishes": ""}
    command = DraftDocument(kind="vehicle_order", order_id=order_id, entries=entries)
    row = library.sale.row(Contract, library.sale.do(command, library.reader).contract_id)
    assert (row.template_code, row.template_version_id) == ("vehicle_order", mine)
    assert library.sale.read(redraft_form, row.id).template == "order_cash"
    assert not library.sale.read(get_contract, row.id).outdated


def test_conditions_are_agreed_upon_and_checked(library: LibraryDesk) -> None:
    for wrong, problem in ((("sunny",), "condition_unknown"), (("plan", "no_plan"), "conditions_contradict")):
        with pytest.raises(DomainError) as caught:
            library.template(code="x", conditions=wrong, new=True)
        assert (caught.value.code, caught.value.field) == (f"clause_{problem}", "conditions")
    said = {"title_zh": "甲", "articles": []}
    assert terms_digest("template_version", said) == terms_digest("template_version", {**said, "conditions": []})
    assert terms_digest("template_version", said) != terms_digest("template_version", {**said, "conditions": ["plan"]})
    with library.sale.dispatcher.database.read() as session:
        assert [one.code for one in templates_of(session, "vehicle_sale", library.today)] == ["vehicle_sale"]
