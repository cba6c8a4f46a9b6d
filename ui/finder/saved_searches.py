"""Searches under a name, in the panel: opened with a press, forgotten with another."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.customers.queries import find_customers
from app.finder.commands import SaveSearch
from app.finder.queries import SavedSearchRow
from app.finder.rules import Question, question_as_json
from app.finder.wording import question_words
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr, tr_noop, trn
from ui.kit.context import PageContext
from ui.kit.controls import Choice, IconButton, Label
from ui.kit.fields import LookupField, TextField
from ui.kit.layout import column, row
from ui.kit.panel_form import PanelForm
from ui.kit.record_line import RecordLine

NAME_LENGTH = 60


class SavedSearches(QWidget):
    """The list; `open_search(row)` and `forget(row)` are what its lines do."""

    def __init__(
        self, rows: Sequence[SavedSearchRow], *, open_search: Callable[[SavedSearchRow], object],
        forget: Callable[[SavedSearchRow], object] | None,
    ) -> None:  # fmt: skip
        super().__init__()
        stack = column(gap=2)
        if not rows:
            hint = tr_noop("No search is kept yet. Ask for something and save it, perhaps as the wish of a customer.")
            stack.addWidget(Label(hint, role="secondary", wrap=True))
        for one in rows:
            line = RecordLine(
                partial(str, one.name), figure=partial(str, one.customer_name),
                subtitle=partial(_told, one), icon="user" if one.customer_id else "search",
            )  # fmt: skip
            line.clicked.connect(partial(open_search, one))
            across = row(line, gap=4)
            across.setStretch(0, 1)
            if forget is not None and one.mine:
                bin_ = IconButton("trash-2", partial(_forget_words, one), on_click=partial(forget, one))
                across.addWidget(bin_, 0, Qt.AlignmentFlag.AlignVCenter)
            stack.addLayout(across)
        self.setLayout(stack)


def _forget_words(one: SavedSearchRow) -> str:
    return tr("Forget “{name}”", name=one.name)


def _told(one: SavedSearchRow) -> str:
    words = question_words(one.question, one.named)
    return words if one.mine else f"{one.staff_name} · {words}"


def _customers(reader: Reader, text: str) -> list[Choice]:
    return [Choice(row.id, partial(str, row.name), partial(str, row.phone)) for row in find_customers(reader, text)]


def save_form(
    context: PageContext, question: Question, *, opened: SavedSearchRow | None, on_done: Callable[[str], object]
) -> PanelForm:
    """Asks for a name, and whose wish it is. With the name of the search that is open, that one is changed."""

    def command(values: object) -> SaveSearch:
        assert isinstance(values, dict)
        same = opened is not None and opened.mine and values["name"] == opened.name
        return SaveSearch(
            name=values["name"], question=question_as_json(question), customer_id=values["customer_id"],
            search_id=opened.id if same and opened else None,
            expected_revision=opened.revision if same and opened else 0,
        )  # fmt: skip

    form = PanelForm(
        context, tr_noop("Save this search"),
        [
            TextField("name", tr_noop("Name"), required=True, max_length=NAME_LENGTH, span=2),
            LookupField("customer_id", tr_noop("Wish of a customer"), search=_customers, span=2,
                        placeholder=tr_noop("Name or phone; may stay empty")),
        ],
        verb=tr_noop("Save"), command=command, on_done=on_done, text=partial(question_words, question),
    )  # fmt: skip
    if opened is not None:
        form.form.set_values({"name": opened.name})
    return form


def count_words(number: int) -> str:
    """How many are kept."""
    return trn("{n} search", "{n} searches", number)
