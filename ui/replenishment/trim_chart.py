"""Lying bars for trims: the series and below it the trim."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from ui.charts.bars import LONGEST_NAME, RankChart
from ui.kit.theme import theme


class TrimChart(RankChart):
    """The name of a category has two lines, each as long as there is room."""

    def name_shown(self, name: str, measure: QFontMetrics) -> str:
        room = theme().px(LONGEST_NAME)
        return "\n".join(measure.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in name.split("\n"))
