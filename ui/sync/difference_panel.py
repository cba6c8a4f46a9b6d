"""One difference in the panel: what each side says, field by field where both have a copy, why, and what ends it."""

from functools import partial

from PySide6.QtWidgets import QWidget

from app.audit.rules import field_label
from app.runtime.language import tr_noop
from sync.client.differences import Difference
from ui.kit.controls import Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import STRETCH, boxed, column, row
from ui.sync.difference_words import KINDS, Codes, cause_text, here_text, pair_text, resolve_text, there_text

MOST_FIELDS = 12
"""Of a record that says nothing the same, so many are enough."""


def difference_content(difference: Difference, codes: Codes) -> QWidget:
    """The panel's content."""
    kind = KINDS[difference.why]
    stack = column(row(StatusDot(kind.label, kind.tone), STRETCH), gap=12)
    if difference.fields:
        stack.addWidget(Label(tr_noop("What they say differently"), role="section"))
        stack.addWidget(
            Facts(
                (partial(field_label, pair.name), partial(pair_text, difference.table, pair, codes))
                for pair in difference.fields[:MOST_FIELDS]
            )
        )
    else:
        stack.addWidget(
            Facts(
                [
                    (tr_noop("Here"), partial(here_text, difference, codes)),
                    (tr_noop("At the centre"), partial(there_text, difference, codes)),
                ]
            )
        )
    stack.addWidget(Label(tr_noop("Why"), role="section"))
    stack.addWidget(Label(partial(cause_text, difference, codes), wrap=True))
    stack.addWidget(Label(tr_noop("What resolves it"), role="section"))
    stack.addWidget(Label(partial(resolve_text, difference), wrap=True))
    return boxed(stack)
