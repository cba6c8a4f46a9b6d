"""Lists of clauses in the window: saved, mended, taken in; and the version that a task names."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from app.clauses.commands import SaveClauseDraft
from app.contracts.templates.in_force import clause_id
from app.kernel.clock import branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from db.models.clause_library import ClauseVersion
from ui.clauses.clause_import import ClauseImportSheet
from ui.clauses.clauses_page import ClausesPage
from ui.kit.context import PageContext

CODE = "vehicle_sale.delivery.storage"
Show, Settle = Callable[..., Any], Callable[[], None]


def test_a_saved_list_is_mended_and_taken_in(
    page: ClausesPage, context: PageContext, settle: Settle, tmp_path: Path, dispatcher: Dispatcher, qtbot: QtBot
) -> None:
    path = tmp_path / "list.json"
    page.filters.set_values({"text": "保管费", "kind": ["vehicle_sale"]}, silently=False)
    settle()
    page.export_to(path)
    settle()
    (clause,) = json.loads(path.read_text(encoding="utf-8"))["clauses"]
    assert clause["code"] == CODE and "list.json" in page.messages.text()
    other = clause | {"code": "house.storage", "text_en": ""}
    changed = clause | {"text_zh": "保管费另行约定。", "text_en": "Storage is agreed apart.", "effective_from": None}
    path.write_text(json.dumps({"clauses": [changed, other]}), encoding="utf-8")
    assert context.actions.run("clauses.import")
    sheet = page.sheet
    assert isinstance(sheet, ClauseImportSheet)
    sheet.open_file(path)
    settle()
    assert sheet.columns.missing() == []
    sheet.check()
    settle()
    (problem,) = [one for one in sheet.report.problems if one.severity == "error"]
    assert (problem.line, problem.column, problem.code) == (2, "Text (English)", "text_missing_in_language")
    assert not sheet._take.isEnabled(), "all or none, until somebody leaves the bad ones out"
    sheet.report.policy.set_value(True)
    sheet.report.policy_changed.emit()
    sheet.take_in()
    qtbot.waitUntil(lambda: sheet.stack.currentWidget() is sheet.done)
    settle()
    with dispatcher.database.read() as session:
        (version,) = session.query(ClauseVersion).all()
    assert (version.clause_id, version.state, version.text_zh) == (clause_id(CODE), "DRAFT", "保管费另行约定。")


def test_a_version_that_a_task_names_is_the_one_in_focus(
    page: ClausesPage, settle: Settle, dispatcher: Dispatcher, manager: Actor, clock: Any
) -> None:
    given = {"code": CODE, "title_zh": "保管费", "kinds": ("vehicle_sale",), "effective_from": branch_date(clock.now())}
    ids = [
        dispatcher.execute(SaveClauseDraft(**given, text_zh=text, text_en=text), manager).value
        for text in ("甲", "乙")
    ]  # fmt: skip
    page.activate({"clause_id": ids[0]})
    settle()
    assert page.record.row.code == CODE and page.version.id == ids[0]
    page.activate({"clause_id": ids[1]})
    settle()
    assert page.version.id == ids[1]
    page.activate({"clause_id": clause_id(CODE)})
    settle()
    assert page.version.id == ids[1], "the clause itself opens with its newest version"
