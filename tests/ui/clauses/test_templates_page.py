"""Templates on the real database: arranged by keyboard and by drag, seen on paper, proposed."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.clauses.template_queries import get_template
from app.contracts.templates.in_force import template_id
from app.contracts.templates.text_versions import TextPhase
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from ui.clauses.arrangement import ArticleTree
from ui.clauses.template_changes import TemplateChanges
from ui.clauses.template_editor import TemplateEditor, terms_of
from ui.clauses.templates_page import TemplatesPage
from ui.kit.context import PageContext

Show, Settle = Callable[..., Any], Callable[[], None]
SALE = template_id("vehicle_sale")


@pytest.fixture
def actor(manager: Actor) -> Actor:
    return manager


@pytest.fixture
def page(context: PageContext, show: Show, settle: Settle) -> TemplatesPage:
    """The page with the sales contract in its panel."""
    made = TemplatesPage(context)
    context.operations.changes_published.connect(made.on_changes)
    show(made, 1440, 860)
    made.activate({"template_id": SALE})
    settle()
    return made


def tree_of(*articles: tuple[str, list[str]]) -> ArticleTree:
    tree = ArticleTree()
    tree.show_articles([{"id": name, "zh": name, "en": name, "clauses": codes} for name, codes in articles])
    return tree


def shape(tree: ArticleTree) -> list[tuple[str, list[str]]]:
    return [(article["id"], article["clauses"]) for article in tree.articles()]


def press(tree: ArticleTree, key: Qt.Key, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QApplication.sendEvent(tree, QKeyEvent(QEvent.Type.KeyPress, key, modifier))


def test_lines_move_by_keyboard(qtbot: QtBot) -> None:
    tree = tree_of(("a", ["1", "2"]), ("b", ["3"]))
    qtbot.addWidget(tree)
    alt = Qt.KeyboardModifier.AltModifier
    tree.setCurrentItem(tree.topLevelItem(0).child(0))
    press(tree, Qt.Key.Key_Down, alt)
    assert shape(tree) == [("a", ["2", "1"]), ("b", ["3"])]
    press(tree, Qt.Key.Key_Down, alt)
    assert shape(tree) == [("a", ["2"]), ("b", ["1", "3"])]
    press(tree, Qt.Key.Key_Up, alt)
    assert shape(tree) == [("a", ["2", "1"]), ("b", ["3"])]
    tree.setCurrentItem(tree.topLevelItem(1))
    press(tree, Qt.Key.Key_Up, alt)
    press(tree, Qt.Key.Key_Up, alt)
    assert shape(tree) == [("b", ["3"]), ("a", ["2", "1"])]
    press(tree, Qt.Key.Key_Delete)
    assert shape(tree) == [("a", ["2", "1"])]
    assert not tree.add_clause("1"), "no clause stands twice"
    assert tree.add_clause("9") and sorted(shape(tree)[0][1]) == ["1", "2", "9"]


def test_lines_move_by_drag(qtbot: QtBot) -> None:
    tree = tree_of(("a", ["1", "2"]), ("b", ["3"]), ("c", []))
    qtbot.addWidget(tree)
    item = tree.topLevelItem
    tree.drop(item(0).child(0), item(1).child(0), above=False)
    assert shape(tree) == [("a", ["2"]), ("b", ["3", "1"]), ("c", [])]
    tree.drop(item(1).child(0), item(1).child(1), above=False)
    assert shape(tree)[1] == ("b", ["1", "3"])
    tree.drop(item(1).child(1), item(2), above=False)
    assert shape(tree) == [("a", ["2"]), ("b", ["1"]), ("c", ["3"])]
    tree.drop(item(0), item(2), above=False)
    assert [name for name, _ in shape(tree)] == ["b", "c", "a"]
    tree.drop(item(2), item(0).child(0), above=True)
    assert [name for name, _ in shape(tree)] == ["a", "b", "c"]
    tree.drop(item(0).child(0), None, above=False)
    assert shape(tree) == [("a", []), ("b", ["1"]), ("c", ["3", "2"])]


def test_a_template_is_arranged_and_proposed(
    page: TemplatesPage, settle: Settle, dispatcher: Dispatcher, manager: Actor, qtbot: QtBot
) -> None:
    assert page.record.row.phase is TextPhase.SHIPPED
    page.edit()
    sheet = page.sheet
    assert isinstance(sheet, TemplateEditor)
    qtbot.waitUntil(lambda: sheet.preview.drawn == 1)
    settle()
    tree = sheet.form.editor("articles").tree
    assert tree.topLevelItemCount() == 12 and "storage" in tree.topLevelItem(4).child(2).text(0)
    tree.setCurrentItem(tree.topLevelItem(11))
    tree.step(-1)
    sheet.form.set_value("title_zh", "购车协议")
    sheet.form.changed.emit("title_zh")
    qtbot.waitUntil(lambda: sheet.preview.drawn == 2)
    sheet.propose()
    qtbot.waitUntil(lambda: page.sheet is None)
    settle()
    detail = dispatcher.read(get_template, manager, SALE)
    version = detail.versions[0]
    assert (version.phase, version.number, version.terms.title.zh) == (TextPhase.PROPOSED, 4, "购车协议")
    assert [article["id"] for article in version.terms.articles[-2:]] == ["disputes", "signature"]
    assert len(version.terms.notices) == 4 and version.terms.terms["storage_fee"] == "50"
    assert page.version.id == version.id
    page.compare()
    changes = page.sheet
    assert isinstance(changes, TemplateChanges) and "购车协议" in changes.zh.toPlainText()


def test_further_notices_are_written(
    page: TemplatesPage, settle: Settle, dispatcher: Dispatcher, manager: Actor, qtbot: QtBot
) -> None:
    page.edit()
    sheet = page.sheet
    assert isinstance(sheet, TemplateEditor)
    settle()
    form = sheet.form

    def shown(name: str) -> bool:
        return not form.cell(name).is_out

    assert shown("new_notice_0_place") and not shown("new_notice_0_zh") and not shown("new_notice_1_place")
    choose(sheet, "new_notice_0_place", "signing")
    assert shown("new_notice_0_zh") and shown("new_notice_0_tone") and shown("new_notice_1_place")
    choose(sheet, "new_notice_0_tone", "warn")
    form.set_value("new_notice_0_zh", "本合同含电子签名，请妥善保管。")
    choose(sheet, "new_notice_1_place", "top")  # begun, and left without words
    sheet.keep_draft()
    settle()
    assert page.sheet is sheet and "English" in form.cell("new_notice_0_en").message(), "nothing is half stored"
    form.set_value("new_notice_0_en", "This contract is signed electronically; keep it well.")
    sheet.keep_draft()
    qtbot.waitUntil(lambda: page.sheet is None)
    settle()
    notices = dispatcher.read(get_template, manager, SALE).versions[0].terms.notices
    assert len(notices) == 5
    added = notices[-1]
    assert (added["place"], added["tone"], added["applies_when"]) == ("signing", "warn", [])
    assert added["zh"].startswith("本合同含电子签名") and added["id"] not in {one["id"] for one in notices[:-1]}
    page.edit()  # gone on with, it stands among the others
    sheet = page.sheet
    assert isinstance(sheet, TemplateEditor) and sheet.form.value("notice_4_zh") == added["zh"]
    assert not sheet.form.value("new_notice_0_place")


def choose(sheet: TemplateEditor, name: str, code: str) -> None:
    """As somebody does who picks it from the list."""
    sheet.form.set_value(name, code)
    sheet.form.changed.emit(name)


def test_an_article_is_added_with_its_heading(page: TemplatesPage, settle: Settle) -> None:
    page.edit()
    sheet = page.sheet
    assert isinstance(sheet, TemplateEditor)
    settle()
    arrangement = sheet.form.editor("articles")
    arrangement._add_article()
    arrangement.zh.line.setText("本店约定")
    arrangement.zh.edited.emit()
    assert arrangement.value()[1] == {"id": "own_1", "zh": "本店约定", "en": "New article", "clauses": []}
    sheet.keep_draft()
    settle()
    assert page.sheet is sheet and "Article 2" in sheet.form.cell("articles").message()


def test_the_paper_in_force_is_shown(page: TemplatesPage, settle: Settle, qtbot: QtBot) -> None:
    page._paper()
    settle()
    assert page.sheet.view.page_count() >= 4  # type: ignore[union-attr]


def test_figures_as_they_are_typed() -> None:
    assert terms_of("a = 1\n\nb=2 = 3\nc\nd＝4") == {"a": "1", "b": "2 = 3", "c": "", "d": "4"}
