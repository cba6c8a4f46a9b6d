"""The catalogue as a tree, make › series › model year › trim; each level is fetched when it is opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush

from app.catalog.queries import MakeRow, SeriesRow, TrimRow, list_makes, list_series, list_trims
from app.kernel.labels import Bilingual
from ui.kit.operations import Operations
from ui.kit.theme import theme

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
NODE_ROLE = int(Qt.ItemDataRole.UserRole)
MOST_TRIMS = 2_000


@dataclass(eq=False)
class Node:
    """One entry of the tree. `kind`: root, make, series, year or trim; `row` what was read; `count` the trims below."""

    kind: str
    key: str
    label: Bilingual
    parent: "Node | None" = None
    row: MakeRow | SeriesRow | TrimRow | None = None
    year: int = 0
    count: int = 0
    children: list["Node"] = field(default_factory=list)
    fetched: bool = False
    fetching: bool = False

    @property
    def place(self) -> int:
        """Its number among its parent's children."""
        return self.parent.children.index(self) if self.parent is not None else 0

    def ancestor(self, kind: str) -> "Node | None":
        """The node of a kind on the way up, itself included."""
        node: Node | None = self
        while node is not None and node.kind != kind:
            node = node.parent
        return node


class CatalogueTreeModel(QAbstractItemModel):
    """Column 0: name; column 1: how many trims are below. Reads on reader threads."""

    def __init__(self, operations: Operations, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._operations = operations
        self._root = Node("root", "", Bilingual("", ""), fetched=True)
        self._waiting: dict[Node, list[Callable[[], object]]] = {}

    # --- what views call -------------------------------------------------------------------------

    def load(self, on_done: Callable[[], object] | None = None) -> None:
        """Read the makes anew; what was open below them is read again when it is opened."""
        self._operations.run_query(
            self, list_makes, on_done=lambda makes: self._show_makes(makes, on_done), key="makes"
        )

    def node(self, index: _Index) -> Node:
        """The node behind an index; the root for an invalid one."""
        found = index.internalPointer() if index.isValid() else None
        return found if isinstance(found, Node) else self._root

    def index_of(self, node: Node) -> QModelIndex:
        """The index of a node."""
        return self.createIndex(node.place, 0, node) if node.parent is not None else QModelIndex()

    def reveal(self, trim: TrimRow, on_found: Callable[[QModelIndex], object]) -> None:
        """Open the path to a trim, level by level, and say where it stands; silent when it is not there."""
        self.reveal_path([trim.make_id, trim.series_id, f"{trim.series_id}/{trim.year}", trim.id], on_found)

    def path_of(self, node: Node) -> list[str]:
        """The keys on the way down to a node, for finding it again in a tree read anew."""
        path: list[str] = []
        here: Node | None = node
        while here is not None and here.kind != "root":
            path.insert(0, here.key)
            here = here.parent
        return path

    def reveal_path(
        self, path: list[str], on_found: Callable[[QModelIndex], object], *, nearest: bool = False
    ) -> None:
        """Open the way down to an entry, level by level, and say where it stands; of one that is gone, perhaps what it
        stood below."""

        def step(node: Node) -> None:
            if not path:
                on_found(self.index_of(node))
                return
            wanted = path.pop(0)
            self.whenever_fetched(node, lambda: descend(node, wanted))

        def descend(node: Node, wanted: str) -> None:
            child = next((child for child in node.children if child.key == wanted), None)
            if child is not None:
                step(child)
            elif nearest and node is not self._root:
                on_found(self.index_of(node))

        step(self._root)

    def whenever_fetched(self, node: Node, then: Callable[[], object]) -> None:
        """Call `then` once a node's children are there: now, or when they arrive."""
        if node.fetched:
            then()
            return
        self._waiting.setdefault(node, []).append(then)
        self.fetchMore(self.index_of(node))

    # --- inside ----------------------------------------------------------------------------------

    def _show_makes(self, makes: Sequence[MakeRow], on_done: Callable[[], object] | None) -> None:
        self.beginResetModel()
        self._waiting.clear()
        ordered = sorted(makes, key=lambda make: (make.name.en or make.name.zh).casefold())
        self._root.children = [Node("make", make.id, make.name, self._root, make, count=make.trims) for make in ordered]
        self.endResetModel()
        if on_done is not None:
            on_done()

    def _insert(self, node: Node, children: list[Node]) -> None:
        node.fetched, node.fetching = True, False
        if children:
            self.beginInsertRows(self.index_of(node), 0, len(children) - 1)
            node.children = children
            self.endInsertRows()
        for then in self._waiting.pop(node, []):
            then()

    def _show_series(self, make: Node, found: Sequence[SeriesRow]) -> None:
        if self._is_here(make):
            self._insert(make, [Node("series", row.id, row.name, make, row, count=row.trims) for row in found])

    def _show_trims(self, series: Node, found: Sequence[TrimRow]) -> None:
        if not self._is_here(series):
            return
        row = series.row
        assert isinstance(row, SeriesRow)
        by_year = {year: list(trims) for year, trims in groupby(_newest_first(found), key=lambda trim: trim.year)}
        years = []
        for number in sorted({*row.years, *by_year}, reverse=True):
            label = Bilingual(f"{number}款", str(number))
            year = Node("year", f"{row.id}/{number}", label, series, row, year=number, fetched=True)
            year.children = [Node("trim", trim.id, trim.name, year, trim, year=number, fetched=True)
                             for trim in by_year.get(number, [])]  # fmt: skip
            year.count = len(year.children)
            years.append(year)
        self._insert(series, years)

    def _is_here(self, node: Node) -> bool:
        """Whether the node still belongs to the tree: it may have been read anew meanwhile."""
        root = node.ancestor("root")
        make = node.ancestor("make")
        return root is self._root and make in self._root.children and not node.fetched

    # --- Qt --------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: _Index = _NO_INDEX) -> QModelIndex:
        node = self.node(parent)
        if parent.isValid() and parent.column() != 0:
            return QModelIndex()
        if not (0 <= row < len(node.children) and 0 <= column < 2):
            return QModelIndex()
        return self.createIndex(row, column, node.children[row])

    def parent(self, index: _Index = _NO_INDEX) -> Any:
        node = self.node(index)
        if not index.isValid() or node.parent is None or node.parent is self._root:
            return QModelIndex()
        return self.index_of(node.parent)

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() and parent.column() != 0 else len(self.node(parent).children)

    def columnCount(self, _parent: _Index = _NO_INDEX) -> int:
        return 2

    def hasChildren(self, parent: _Index = _NO_INDEX) -> bool:
        if parent.isValid() and parent.column() != 0:
            return False
        node = self.node(parent)
        return bool(node.children) if node.fetched else node.kind in ("make", "series")

    def canFetchMore(self, parent: _Index) -> bool:
        node = self.node(parent)
        return parent.column() <= 0 and not node.fetched and not node.fetching

    def fetchMore(self, parent: _Index) -> None:
        node = self.node(parent)
        if node.fetched or node.fetching:
            return
        node.fetching = True
        if node.kind == "make":
            self._operations.run_query(
                self, list_series, make_id=node.key, on_done=lambda rows: self._show_series(node, rows),
                on_error=lambda _error: self._give_up(node),
            )  # fmt: skip
        elif node.kind == "series":
            self._operations.run_query(
                self, list_trims, series_id=node.key, limit=MOST_TRIMS,
                on_done=lambda rows: self._show_trims(node, rows), on_error=lambda _error: self._give_up(node),
            )  # fmt: skip

    def _give_up(self, node: Node) -> bool:
        node.fetching = False
        self._waiting.pop(node, None)
        return False

    def data(self, index: _Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        node = self.node(index)
        if role == int(Qt.ItemDataRole.DisplayRole):
            return str(node.label) if index.column() == 0 else (f"{node.count:,}" if node.kind != "trim" else "")
        if role == int(Qt.ItemDataRole.TextAlignmentRole) and index.column() == 1:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == int(Qt.ItemDataRole.ForegroundRole) and index.column() == 1:
            return QBrush(theme().color("muted"))
        if role == NODE_ROLE:
            return node
        return None

    def retranslate(self) -> None:
        """Names are shown in another language."""
        self.layoutChanged.emit()


def _newest_first(trims: Sequence[TrimRow]) -> list[TrimRow]:
    return sorted(trims, key=lambda trim: (-trim.year, trim.name.en or trim.name.zh))
