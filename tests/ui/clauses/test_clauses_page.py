"""The clause library on the real database: found, written, marked, seen on paper, compared, approved."""

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.clauses.clause_queries import get_clause, list_clauses
from app.clauses.commands import SaveClauseDraft
from app.clauses.errors import TemplateEmpty
from app.contracts.templates.in_force import clause_id
from app.contracts.templates.text_versions import TextPhase
from app.kernel.clock import branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language
from tests.factories.people import actor_of, staff_of
from ui.clauses.clause_editor import ClauseEditor, tags_of
from ui.clauses.clauses_page import ClausesPage
from ui.clauses.difference_view import DifferenceView
from ui.clauses.live_preview import LivePreview
from ui.kit.context import PageContext

STORAGE = "vehicle_sale.delivery.storage"
Show, Settle = Callable[..., Any], Callable[[], None]


def editor_of(page: ClausesPage) -> ClauseEditor:
    sheet = page.sheet
    assert isinstance(sheet, ClauseEditor)
    return sheet


def typed(editor: ClauseEditor, **values: Any) -> None:
    """Put values where a person would, and say that it was done by hand."""
    for name, value in values.items():
        editor.form.set_value(name, value)
        editor.form.editor(name).edited.emit()


def press(widget: Any, key: Qt.Key, text: str = "", modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, modifier, text))


def test_the_list_is_searched_and_filtered(page: ClausesPage, settle: Settle) -> None:
    page.filters.set_values({"text": "保管费", "limits": ["yes"], "kind": ["vehicle_sale"]}, silently=False)
    settle()
    assert page.table.model().rowCount() == 1
    page.table.select_id(clause_id(STORAGE))
    settle()
    assert page.record.row.code == STORAGE and page.panel.isVisible()
    assert page.verb_buttons()[0].objectName() == "clauses.new_version"


def test_a_clause_is_written_proposed_and_approved_by_another(
    page: ClausesPage, settle: Settle, dispatcher: Dispatcher, manager: Actor, qtbot: QtBot, drafts: Any
) -> None:
    page.new()
    editor = editor_of(page)
    typed(editor, code="house.charging", title_zh="充电桩", tags="电车，安装", text_zh="安装充电桩，VIN {vin}。",
          text_en="A charging point, VIN {vin}.", conditions=("new_energy",))  # fmt: skip
    editor.propose()
    qtbot.waitUntil(lambda: page.sheet is None)
    settle()
    detail = dispatcher.read(get_clause, manager, clause_id("house.charging"))
    assert (detail.row.phase, detail.row.tags, detail.row.conditions) == (
        TextPhase.PROPOSED, ("电车", "安装"), ("new_energy",),
    )  # fmt: skip
    assert page.record.row.id == detail.row.id and drafts.kept == {}
    assert not page.offers("approve"), "who wrote it does not approve it"
    context_of(page, actor_of(staff_of(Role.ADMINISTRATOR)))
    page.show_record(detail.row.id)
    settle()
    assert page.offers("approve")


def context_of(page: ClausesPage, actor: Actor) -> None:
    """Somebody else sits down at the desk."""
    page.context.operations.workplace.actor = actor  # type: ignore[attr-defined]


def test_mistakes_are_marked_at_their_place_while_one_types(page: ClausesPage, settle: Settle, qtbot: QtBot) -> None:
    page.new()
    editor = editor_of(page)
    typed(editor, text_zh="  总价 {totl}", text_en="Total {total}")
    editor.check()
    settle()
    box = editor.form.editor("text_zh").box
    (mark,) = box.extraSelections()
    assert mark.cursor.selectedText() == "{totl}"  # type: ignore[attr-defined]
    assert "“total”" in editor.form.cell("text_zh").message()
    typed(editor, text_zh="总价 {total}")
    editor.check()
    settle()
    assert box.extraSelections() == [] and not editor.form.cell("text_zh").is_wrong


def test_placeholders_are_completed(page: ClausesPage, settle: Settle) -> None:
    page.new()
    editor = editor_of(page)
    settle()
    box = editor.form.editor("text_zh").box
    assert {"vin", "storage_fee", "article_delivery"} <= set(box.suggestions())
    box.setFocus()
    for key, text in ((Qt.Key.Key_BraceLeft, "{"), (Qt.Key.Key_S, "s"), (Qt.Key.Key_T, "t"), (Qt.Key.Key_O, "o")):
        press(box, key, text)
    popup = box.completer.popup()
    assert popup is not None and popup.isVisible()
    assert str(popup.currentIndex().data()).startswith("storage_fee")
    press(popup, Qt.Key.Key_Return)
    assert box.toPlainText() == "{storage_fee}" and not popup.isVisible()
    press(box, Qt.Key.Key_Space, "", Qt.KeyboardModifier.ControlModifier)
    assert popup.isVisible()
    press(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_a_second_kind_narrows_conditions_and_placeholders(page: ClausesPage, settle: Settle) -> None:
    page.new()
    editor = editor_of(page)
    settle()
    assert "plan" in editor.form.editor("conditions").boxes()
    typed(editor, kinds=("vehicle_sale", "receipt"))
    settle()
    assert "plan" not in editor.form.editor("conditions").boxes()
    assert "delivery_on" not in editor.form.editor("text_zh").box.suggestions()


def test_the_preview_follows_typing_without_blocking_it(page: ClausesPage, settle: Settle, qtbot: QtBot) -> None:
    page.show_record(clause_id(STORAGE))
    settle()
    page.edit()
    editor = editor_of(page)
    preview = editor.preview
    qtbot.waitUntil(lambda: preview.drawn == 1)
    first = preview.view.data()
    assert first.startswith(b"%PDF") and preview.view.page_count() >= 4
    for letter in "保管费另行约定":  # each key within the pause before the last
        typed(editor, text_zh=str(editor.form.value("text_zh")) + letter)
    assert preview.view.data() == first, "the last paper stays until the new one is there"
    qtbot.waitUntil(lambda: preview.drawn == 2)
    assert preview.view.data() != first and preview.drawn == 2, "drawn once for all of it"
    second = preview.view.data()
    typed(editor, text_zh="{nobody}")
    preview.draw()
    settle()
    assert preview.view.data() == second and "nobody" in preview.messages.text()


def test_the_gui_thread_goes_on_while_a_paper_is_drawn(context: PageContext, show: Show, qtbot: QtBot) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_reader: Any, *, language: str) -> Any:
        begun.set()
        assert go_on.wait(10) and language
        raise TemplateEmpty()

    preview = LivePreview(context, lambda: (slow, ()))
    show(preview, 500, 500)
    preview.draw()
    assert begun.wait(10)
    turns: list[int] = []
    for turn in range(20):
        QApplication.processEvents()
        turns.append(turn)
    assert len(turns) == 20 and preview.drawn == 0
    go_on.set()
    qtbot.waitUntil(lambda: preview.messages.text() != "")


def test_half_typed_words_are_offered_again(page: ClausesPage, settle: Settle, drafts: Any, qtbot: QtBot) -> None:
    page.new()
    typed(editor_of(page), text_zh="半句话")
    qtbot.waitUntil(lambda: "clause.new" in drafts.kept)
    page.close_sheet()
    settle()
    page.new()
    editor = editor_of(page)
    settle()
    assert editor.form.messages.text()
    editor.form.messages._run_action()
    assert editor.form.value("text_zh") == "半句话" and editor.form.value("kinds") == ("vehicle_sale",)


def test_what_cannot_be_stored_stays_in_the_form(page: ClausesPage, settle: Settle) -> None:
    page.new()
    editor = editor_of(page)
    typed(editor, code=STORAGE, title_zh="保管费", text_zh="甲", text_en="A")
    editor.keep_draft()
    settle()
    assert page.sheet is editor and "code" in editor.form.problems()
    assert editor.form.value("text_zh") == "甲"


def test_two_versions_beside_each_other(
    page: ClausesPage, settle: Settle, dispatcher: Dispatcher, manager: Actor
) -> None:
    dispatcher.execute(
        SaveClauseDraft(
            code=STORAGE, title_zh="保管费", kinds=("vehicle_sale",), text_zh="保管费另议。", text_en="By agreement.",
            effective_from=branch_date(page.context.clock.now()),
        ), manager,
    )  # fmt: skip
    page.show_record(clause_id(STORAGE))
    settle()
    page.compare()
    sheet = page.sheet
    assert isinstance(sheet, DifferenceView)
    assert "By agreement." in sheet.en.toPlainText() and "taken out:" in sheet.zh.accessibleDescription()
    assert "no longer limits the customer" in sheet.others.text()
    set_language("zh_CN")
    QApplication.processEvents()
    assert "不再限制客户权利" in sheet.others.text()
    set_language("en")


def test_tags_as_people_type_them() -> None:
    assert tags_of("电车，安装、 a;b, ,") == ("电车", "安装", "a", "b")


def test_every_row_is_read_on_paper_pages(dispatcher: Dispatcher, manager: Actor) -> None:
    assert {row.phase for row in dispatcher.read(list_clauses, manager)} == {TextPhase.SHIPPED}
