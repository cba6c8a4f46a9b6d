"""The manager writes a clause, a second person approves it from a task, and the next sales contract carries it."""

from collections.abc import Callable

from sqlalchemy import select

from app.contracts.templates.in_force import clause_id
from app.tour.guided_sale import choose_customer, choose_vehicle, main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from db.models.contracts import Contract
from tests.app.documents.reading import text_of
from tests.factories.people import PASSWORD
from tests.journeys.test_stock_count import switch
from ui.clauses.clause_editor import ClauseEditor
from ui.clauses.clauses_page import ClausesPage
from ui.sales.sale_page import SalePage
from ui.sales.sale_state import Step
from ui.tasks.tasks_page import TasksPage

CODE = "vehicle_sale.delivery.storage"
WORDS_ZH = "车辆到店后买方逾期提车的，卖方免费保管六十日。"
WORDS_EN = "The Seller keeps the vehicle for sixty days free of charge after it has arrived."


def test_a_clause_of_the_house_comes_onto_the_next_contract(
    start_application: Callable[..., Application], hands: Hands
) -> None:
    application = start_application()
    sign_in(application, hands, login="zhaomin", password=PASSWORD)
    window = main_window(application)
    window.pages.open("clauses", clause_id=clause_id(CODE), open="edit")
    page = window.pages.current_page
    assert isinstance(page, ClausesPage)
    editor = hands.wait(lambda: page.sheet if isinstance(page.sheet, ClauseEditor) else None, "the clause is open")
    hands.wait(lambda: application.operations.settled(), "everything is there")
    for name in ("text_zh", "text_en"):
        editor.form.editor(name).box.selectAll()
    hands.type(WORDS_ZH, into=editor.form.editor("text_zh").box)
    editor.form.editor("text_en").box.clear()
    hands.click(editor.go)
    hands.wait(lambda: editor.form.cell("text_en").is_wrong, "the missing English text is said beside it")
    assert page.sheet is editor, "nothing is proposed without it, nothing is lost"
    hands.type(WORDS_EN, into=editor.form.editor("text_en").box)
    hands.click(editor.go)
    hands.wait(lambda: page.sheet is None and page.is_shown, "it is proposed")
    assert not page.offers("approve"), "who wrote it does not approve it"

    switch(application, hands, login="admin")
    window.pages.open("tasks")
    tasks = window.pages.current_page
    assert isinstance(tasks, TasksPage)
    row = hands.wait(lambda: next((one for one in tasks.model.rows if one.kind == "approve_text"), None), "the task")
    tasks.table.select_id(row.id)
    hands.wait(lambda: tasks.verb_buttons() and tasks.verb_buttons()[0].text() == "Open the clause", "its verbs")
    hands.click(tasks.verb_buttons()[0])
    opened = window.pages.current_page
    assert isinstance(opened, ClausesPage)
    hands.wait(lambda: opened.is_shown and opened.version.id == row.record_id, "it opens what was proposed")
    hands.click(next(one for one in opened.verb_buttons() if one.objectName() == "clauses.approve"))
    hands.wait(lambda: opened.question is not None, "the question")
    opened.question.submit()
    hands.wait(lambda: opened.version.phase == "IN_FORCE", "it counts")
    window.pages.open("tasks")
    hands.wait(lambda: all(one.kind != "approve_text" for one in tasks.model.rows), "the task is ticked off")

    switch(application, hands, login="wangfang")
    window.pages.open("sale")
    sale = window.pages.current_page
    assert isinstance(sale, SalePage)
    choose_vehicle(sale, hands)
    choose_customer(sale, hands)
    hands.wait(lambda: sale.offer.preview is not None, "the offer is calculated")
    hands.click(sale.offer.go)
    hands.wait(lambda: sale.state.step == Step.PAYMENT, "the order is placed")
    hands.type("6000", into=sale.payment.form.editor("amount").focus_widget())
    hands.click(sale.payment.go)
    hands.wait(lambda: sale.state.step == Step.CONTRACT and sale.contract.go.isEnabled(), "the contract is drafted")
    paper = text_of(sale.contract.document.content)
    assert WORDS_ZH in paper and WORDS_EN.replace(" ", "") in paper
    with application.desk.database.read() as session:
        contract = session.scalars(select(Contract)).one()
    assert contract.clause_versions[CODE] == row.record_id
