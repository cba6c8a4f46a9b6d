"""The articles of a template and the clauses in them, arranged by keyboard or by drag; an editor of a form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QWidget

from app.clauses.clause_queries import ClauseRow
from app.clauses.rules import TITLE_LIMIT
from app.runtime.language import CHINESE, tr, tr_in, tr_noop
from ui.kit.choice_editors import LookupEditor
from ui.kit.context import PageContext
from ui.kit.controls import Choice, IconButton, Label
from ui.kit.editors import Editor, LineEditor
from ui.kit.fields import Field
from ui.kit.layout import STRETCH, column, row
from ui.kit.theme import set_role, set_size

_DATA = Qt.ItemDataRole.UserRole
_HEIGHT = 360
_NEW = tr_noop("New article")
Tree = Sequence[Mapping[str, Any]]


class ArticleTree(QTreeWidget):
    """Articles with their clauses. Alt+Up and Alt+Down move what is selected, Delete takes it out."""

    arranged = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "catalogue-tree")
        self.setHeaderHidden(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setUniformRowHeights(True)
        self.titles: Mapping[str, str] = {}

    # --- values ----------------------------------------------------------------------------------

    def show_articles(self, articles: Tree) -> None:
        """Show them, opened, the first one selected."""
        self.clear()
        for article in articles:
            item = self._article({"id": article["id"], "zh": article["zh"], "en": article["en"]})
            self.addTopLevelItem(item)
            for code in article["clauses"]:
                item.addChild(self._clause(str(code)))
            item.setExpanded(True)
        self.word()
        if self.topLevelItemCount():
            self.setCurrentItem(self._at(0))

    def articles(self) -> tuple[dict[str, Any], ...]:
        """As they stand."""
        found = []
        for place in range(self.topLevelItemCount()):
            item = self._at(place)
            codes = [str(clause.data(0, _DATA)) for clause in _clauses(item)]
            found.append({**item.data(0, _DATA), "clauses": codes})
        return tuple(found)

    def article(self) -> QTreeWidgetItem | None:
        """The article that is selected, or whose clause is."""
        item = self.currentItem()
        return item if item is None or item.parent() is None else item.parent()

    def word(self) -> None:
        """Number and word the lines again."""
        for place in range(self.topLevelItemCount()):
            item = self._at(place)
            said = item.data(0, _DATA)
            item.setText(0, f"{place + 1}   {said['zh']}   {said['en']}")
            for n, clause in enumerate(_clauses(item), start=1):
                code = str(clause.data(0, _DATA))
                clause.setText(0, f"{place + 1}.{n}   {self.titles.get(code, '')}   {code}")
                clause.setToolTip(0, code)

    def _at(self, place: int) -> QTreeWidgetItem:
        item = self.topLevelItem(place)
        assert item is not None, place
        return item

    # --- changing --------------------------------------------------------------------------------

    def add_article(self, said: Mapping[str, str]) -> None:
        """A new article behind the selected one."""
        here = self.article()
        place = self.topLevelItemCount() if here is None else self.indexOfTopLevelItem(here) + 1
        item = self._article(dict(said))
        self.insertTopLevelItem(place, item)
        item.setExpanded(True)
        self.setCurrentItem(item)
        self._changed()

    def add_clause(self, code: str) -> bool:
        """Put a clause behind the selected line; not a second time."""
        here, current = self.article(), self.currentItem()
        if here is None or any(code in one["clauses"] for one in self.articles()):
            return False
        place = here.childCount() if current is here or current is None else here.indexOfChild(current) + 1
        item = self._clause(code)
        here.insertChild(place, item)
        self.setCurrentItem(item)
        self._changed()
        return True

    def take_out(self) -> None:
        """Take the selected line out; an article with its clauses."""
        item = self.currentItem()
        if item is None:
            return
        article = item.parent()
        if article is None:
            self.takeTopLevelItem(self.indexOfTopLevelItem(item))
        else:
            article.removeChild(item)
        self._changed()

    def step(self, by: int) -> None:
        """Move the selected line one up (-1) or down (1); a clause at the end of its article into the next."""
        item = self.currentItem()
        if item is None:
            return
        here = item.parent()
        if here is None:
            place = self.indexOfTopLevelItem(item) + by
            if 0 <= place < self.topLevelItemCount():
                self._place(item, None, place)
            return
        place = here.indexOfChild(item) + by
        if 0 <= place < here.childCount():
            self._place(item, here, place)
            return
        other = self.topLevelItem(self.indexOfTopLevelItem(here) + by)
        if other is not None:
            self._place(item, other, other.childCount() if by < 0 else 0)

    def set_title(self, name: str, text: str) -> None:
        """Word the heading of the selected article in one language ("zh" or "en")."""
        item = self.article()
        if item is not None:
            item.setData(0, _DATA, {**item.data(0, _DATA), name: text})
            self._changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(-1 if event.key() == Qt.Key.Key_Up else 1)
            return
        if event.key() == Qt.Key.Key_Delete:
            self.take_out()
            return
        super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Articles stay between articles, clauses within them, wherever something is let go."""
        item, target = self.currentItem(), self.itemAt(event.position().toPoint())
        above = self.dropIndicatorPosition() == QAbstractItemView.DropIndicatorPosition.AboveItem
        if item is not None and target is not item:
            self.drop(item, target, above=above)
        event.setDropAction(Qt.DropAction.CopyAction)  # else Qt would take the line out once more
        event.accept()

    def drop(self, item: QTreeWidgetItem, target: QTreeWidgetItem | None, *, above: bool) -> None:
        """Move a line to where another is: before it with `above`, else behind it, at the end without one."""
        last = self.topLevelItemCount() - 1
        if item.parent() is None:
            there = target if target is None or target.parent() is None else target.parent()
            place = last if there is None else self.indexOfTopLevelItem(there)
            begin = self.indexOfTopLevelItem(item)
            place += (0 if above or there is None else 1) - (1 if begin < place else 0)
            self._place(item, None, max(0, min(place, last)))
            return
        around = target.parent() if target is not None else None
        if target is None or around is None:
            there = target if target is not None else self.topLevelItem(last)
            if there is not None:
                self._place(item, there, 0 if above or target is not None else there.childCount())
            return
        place = around.indexOfChild(target) + (0 if above else 1)
        if around is item.parent() and around.indexOfChild(item) < place:
            place -= 1
        self._place(item, around, place)

    def _place(self, item: QTreeWidgetItem, parent: QTreeWidgetItem | None, place: int) -> None:
        opened = item.isExpanded()
        article = item.parent()
        if article is None:
            self.takeTopLevelItem(self.indexOfTopLevelItem(item))
        else:
            article.removeChild(item)
        if parent is None:
            self.insertTopLevelItem(place, item)
        else:
            parent.insertChild(place, item)
        item.setExpanded(opened)
        self.setCurrentItem(item)
        self._changed()

    def _changed(self) -> None:
        self.word()
        self.arranged.emit()

    def _article(self, said: Mapping[str, Any]) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(0, _DATA, dict(said))
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        return item

    def _clause(self, code: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(0, _DATA, code)
        item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsDropEnabled)
        return item


class ArrangementEditor(Editor):
    """The tree, what can be added to it, and the heading of the selected article."""

    def __init__(self, context: PageContext, search: Callable[..., list[Choice]]) -> None:
        super().__init__()
        self.tree = ArticleTree()
        set_size(self.tree, height=_HEIGHT, at_least=True)
        self.zh, self.en = (LineEditor(max_length=TITLE_LIMIT) for _ in range(2))
        self.zh.edited.connect(lambda: self.tree.set_title("zh", self.zh.text()))
        self.en.edited.connect(lambda: self.tree.set_title("en", self.en.text()))
        self.lookup = LookupEditor(search, context.operations, placeholder=tr_noop("Add a clause: type its words"))
        self.lookup.edited.connect(self._on_chosen)
        tools = row(
            IconButton("plus", tr_noop("Add an article"), on_click=self._add_article),
            IconButton("arrow-up", tr_noop("Up (Alt+Up)"), on_click=lambda: self.tree.step(-1)),
            IconButton("arrow-down", tr_noop("Down (Alt+Down)"), on_click=lambda: self.tree.step(1)),
            IconButton("trash-2", tr_noop("Take out (Delete)"), on_click=self.tree.take_out),
            STRETCH, gap=4,
        )  # fmt: skip
        tools.addWidget(self.lookup, 4)
        headings = row(Label(tr_noop("Heading"), role="secondary"), gap=12)
        headings.addWidget(self.zh, 1)
        headings.addWidget(self.en, 1)
        stack = column(tools, self.tree, headings, gap=8)
        self._line.addLayout(stack)
        self.tree.arranged.connect(self.edited.emit)
        self.tree.currentItemChanged.connect(lambda *_: self._show_heading())
        self._name()

    def set_clauses(self, clauses: Sequence[ClauseRow]) -> None:
        """What clauses are called."""
        self.tree.titles = {clause.code: str(clause.title) for clause in clauses}
        self.tree.word()

    def focus_widget(self) -> QWidget:
        return self.tree

    def set_invalid(self, invalid: bool) -> None:
        """The words below say what is wrong."""

    def value(self) -> tuple[dict[str, Any], ...]:
        return self.tree.articles()

    def set_value(self, value: Any) -> None:
        self.tree.show_articles(tuple(value or ()))

    def is_empty(self) -> bool:
        return not self.tree.topLevelItemCount()

    def raw(self) -> Any:
        return [dict(article) for article in self.value()]

    def _show_heading(self) -> None:
        item = self.tree.article()
        said = item.data(0, _DATA) if item is not None else {"zh": "", "en": ""}
        for editor, text in ((self.zh, said["zh"]), (self.en, said["en"])):
            if editor.text() != text.strip():
                editor.set_value(text)

    def _add_article(self) -> None:
        taken = {article["id"] for article in self.value()}
        number = next(n for n in range(1, len(taken) + 2) if f"own_{n}" not in taken)
        self.tree.add_article({"id": f"own_{number}", "zh": tr_in(CHINESE, _NEW), "en": _NEW})
        self.zh.line.setFocus()
        self.zh.line.selectAll()

    def _on_chosen(self) -> None:
        chosen = self.lookup.chosen
        if chosen is not None:
            self.tree.add_clause(str(chosen.value))
            self.lookup.set_value(None)

    def retranslate(self) -> None:
        if hasattr(self, "lookup"):
            self.tree.word()
            self._name()

    def _name(self) -> None:
        """What a screen reader says of each part."""
        self.tree.setAccessibleName(tr("Articles and clauses"))
        self.zh.set_name(tr("Heading of the article (Chinese)"))
        self.en.set_name(tr("Heading of the article (English)"))
        self.lookup.set_name(tr("Add a clause: type its words"))


@dataclass(frozen=True, slots=True)
class ArrangementField(Field):
    """Articles with the codes of their clauses. `search(reader, text)` finds clauses to add."""

    search: Callable[..., list[Choice]] = field(kw_only=True)

    def make_editor(self, context: PageContext) -> Editor:
        return ArrangementEditor(context, self.search)


def _clauses(article: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    """The lines below an article, in their order."""
    lines = (article.child(place) for place in range(article.childCount()))
    return [line for line in lines if line is not None]
