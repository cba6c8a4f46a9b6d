"""A clause in the panel: one version in full, the others, and the templates that print it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.clauses.clause_queries import ClauseDetail, ClauseVersionRow
from app.clauses.kinds import kind_words, kinds
from app.contracts.templates.in_force import template_id
from app.runtime.language import tr, tr_noop
from ui.clauses.version_parts import decision, own_note, status_line, version_facts, version_list
from ui.clauses.words import conditions_words
from ui.kit.controls import Label
from ui.kit.detail_panel import Facts
from ui.kit.layout import Divider, boxed, column
from ui.kit.record_line import RecordLine


def clause_content(
    detail: ClauseDetail, version: ClauseVersionRow, *, pick: Callable[[str], object], go: Callable[..., object]
) -> QWidget:
    """The panel's content; `pick` puts another version into focus, `go` is `navigator.open`."""
    text = version.text
    stack = column(status_line(version, limits=text.limits_customer), gap=16)
    for widget in (own_note(version), decision(version)):
        if widget is not None:
            stack.addWidget(widget)
    words = column(gap=8)
    words.addWidget(Label(lambda: text.zh.replace("**", ""), wrap=True))
    words.addWidget(Label(lambda: text.en.replace("**", ""), role="secondary", wrap=True))
    stack.addLayout(words)
    facts = [
        (tr_noop("Printed"), lambda: conditions_words(text.conditions)),
        (tr_noop("Kinds of document"), lambda: _kinds_words(text.kinds)),
        *version_facts(version),
    ]
    if detail.row.tags:
        facts.append((tr_noop("Tags"), lambda: tr(", ").join(detail.row.tags)))
    stack.addWidget(Facts(facts))
    stack.addWidget(Divider())
    stack.addLayout(version_list(detail.versions, shown=version, pick=pick))
    stack.addWidget(Divider())
    stack.addLayout(_where_used(detail, go=go))
    return boxed(stack)


def _kinds_words(codes: tuple[str, ...]) -> str:
    return tr(", ").join(str(kind_words(one)) for one in kinds() if one.code in codes)


def _where_used(detail: ClauseDetail, *, go: Callable[..., object]) -> Any:
    stack = column(Label(tr_noop("Named by"), role="section"), gap=2)
    if not detail.row.used_in:
        stack.addWidget(Label(tr_noop("No template names it yet."), role="secondary", wrap=True))
    for code, name in detail.row.used_in:
        line = RecordLine(partial(str, name), subtitle=code, icon="file-text")
        line.clicked.connect(lambda _checked=False, code=code: go("templates", template_id=template_id(code)))
        stack.addWidget(line)
    return stack
