"""A chart on a card: title, what it shows, the switch to its table, and what can be taken out of it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QMenu, QStackedWidget, QWidget

from app.runtime.language import tr
from ui.charts.chart_data import ChartData
from ui.charts.data_table import ChartTable
from ui.charts.export import chart_picture, csv_bytes, write_whole
from ui.charts.frame import Chart
from ui.kit.context import PageContext
from ui.kit.controls import IconButton, Label
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Words, words
from ui.kit.theme import set_role, theme


class ChartCard(QFrame):
    """`chosen(key)` from a category of the chart or a row of the table. `key` names the files that are saved."""

    chosen = Signal(str)

    def __init__(
        self, context: PageContext, key: str, title: Words, *, chart: Chart, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.context, self.key, self._title = context, key, title
        self.data = ChartData()
        self.chart = chart
        self.table = ChartTable(title)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.chart)
        self._stack.addWidget(self.table)
        self._note = Label("", role="secondary")
        self._switch = IconButton("list", lambda: self._switch_words(), on_click=self._on_switch_clicked)
        self._more = IconButton("download", lambda: tr("Save “{title}”", title=words(title)), on_click=self.open_menu)
        head = row(Label(title, role="section"), self._note, STRETCH, self._switch, self._more, gap=8)
        stack = column(head, gap=8, margins=(16, 12, 12, 12))
        stack.addWidget(self._stack, 1)
        self.setLayout(stack)
        self.chart.drilled.connect(self._on_chart_drilled)
        self.table.chosen.connect(self.chosen)

    def show_data(self, data: ChartData, note: Words = "") -> None:
        """Show other data, in both views; `note` stands beside the title."""
        self.data = data
        self._note.set_words(note)
        self.chart.set_unit(lambda: data.unit)
        self.chart.show_series(data.categories, data.series, said=data.said)
        self.table.show_data(data)

    @property
    def shows_table(self) -> bool:
        """Whether the table stands in the chart's place."""
        return self._stack.currentWidget() is self.table

    def switch_view(self) -> None:
        """Chart or table."""
        self._stack.setCurrentWidget(self.chart if self.shows_table else self.table)
        self._switch.set_icon("chart-column" if self.shows_table else "list")
        self._switch.retranslate()

    def focus_view(self) -> None:
        """Put the focus on the chart or the table, whichever is shown."""
        shown: QWidget = self.table if self.shows_table else self.chart
        shown.setFocus()

    def open_menu(self) -> None:
        """What can be saved."""
        menu = QMenu(self)
        menu.aboutToHide.connect(lambda: QTimer.singleShot(0, menu, menu.deleteLater))
        menu.addAction(theme().icon("file-text"), tr("Picture (PNG)…")).triggered.connect(self.ask_picture)
        menu.addAction(theme().icon("file-spreadsheet"), tr("Data (CSV)…")).triggered.connect(self.ask_data)
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def ask_picture(self) -> None:
        """Ask where the picture goes."""
        self._ask_place("png", tr("Pictures (*.png)"), self.save_picture)

    def ask_data(self) -> None:
        """Ask where the data goes."""
        self._ask_place("csv", tr("Tables (*.csv)"), self.save_data)

    def save_picture(self, path: Path) -> None:
        """Write the chart as PNG, off the GUI thread; says so when it is done."""
        if self.shows_table:
            self.chart.resize(self._stack.size())
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        chart_picture(self.chart, words(self._title)).save(buffer, "PNG")  # type: ignore[call-overload]
        self._write(path, bytes(buffer.data().data()))

    def save_data(self, path: Path) -> None:
        """Write the table as CSV, off the GUI thread; says so when it is done."""
        self._write(path, csv_bytes(self.data))

    def _write(self, path: Path, content: bytes) -> None:
        self.context.operations.run_plain(self, lambda: write_whole(path, content), on_done=self._on_written)

    def _on_written(self, path: Path) -> None:
        self.context.notifications.show(lambda: tr("Saved as {file}.", file=path.name), tone="good")

    def _ask_place(self, suffix: str, kinds: str, save: Callable[[Path], object]) -> None:
        dialog = QFileDialog(self, words(self._title), f"{self.key}.{suffix}", kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.fileSelected.connect(lambda file: save(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_switch_clicked(self) -> None:
        self.switch_view()
        self.focus_view()

    def _on_chart_drilled(self, number: int) -> None:
        if number < len(self.data.keys) and self.data.keys[number]:
            self.chosen.emit(self.data.keys[number])

    def _switch_words(self) -> str:
        title = words(self._title)
        return tr("“{title}” as a chart", title=title) if self.shows_table else tr("“{title}” as a table", title=title)
