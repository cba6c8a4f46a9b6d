"""Lists of clauses: given out, taken in again, and checked clause by clause."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.clauses.commands import ImportClauses
from app.clauses.errors import ClauseColumnsMissing, ClauseListNotReadable
from app.clauses.transfer import (
    ClauseField,
    ClauseImport,
    check_list,
    clause_list,
    read_list,
    suggest_mapping,
    table_of,
)
from app.contracts.templates.text_versions import TextPhase
from app.kernel.errors import PermissionDenied
from db.models.clause_library import ClauseVersion
from tests.app.clauses.library_desk import OWN, SHIPPED, STORAGE, LibraryDesk

GOOD: dict[str, Any] = {
    "code": "house.wash", "title_zh": "洗车", "title_en": "Car wash", "tags": ["服务", "新车"],
    "kinds": ["vehicle_sale"], "text_zh": "卖方免费为 {vin} 洗车一次。", "text_en": "One free wash of {vin}.",
    "limits_customer": False, "conditions": ["new_energy"], "effective_from": "2020-01-01", "effective_to": None,
    "basis": "",
}  # fmt: skip


def checked(library: LibraryDesk, *clauses: dict[str, Any]) -> ClauseImport:
    table = table_of(json.dumps({"clauses": list(clauses)}))
    found: ClauseImport = library.sale.read(
        check_list, table=table, mapping=suggest_mapping(table.headers), actor=library.writer
    )
    return found


def problems(found: ClauseImport) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.code) for one in found.problems]


def test_what_was_saved_can_be_read_and_says_nothing_new(library: LibraryDesk, tmp_path: Path) -> None:
    library.approve(library.clause())
    path = tmp_path / "list.json"
    path.write_bytes(library.sale.read(clause_list, actor=library.writer))
    table = read_list(path)
    assert len(table.rows) == SHIPPED + 1 and set(suggest_mapping(table.headers)) == set(ClauseField)
    found: ClauseImport = library.sale.read(
        check_list, table=table, mapping=suggest_mapping(table.headers), actor=library.writer
    )
    assert found.prepared == () and {one.code for one in found.problems} == {"clause_unchanged"}
    only = json.loads(library.sale.read(clause_list, text="充电桩", actor=library.writer))
    assert [one["code"] for one in only["clauses"]] == [OWN]


def test_a_good_clause_becomes_a_draft_from_today(library: LibraryDesk) -> None:
    found = checked(library, GOOD)
    assert problems(found) == [(1, "Counts from", "clause_day_moved")]
    assert (found.total, found.refused, found.warned) == (1, 0, 1)
    (version,) = library.sale.do(ImportClauses(rows=found.prepared), library.writer)
    row = library.sale.row(ClauseVersion, version)
    assert (row.state, row.effective_from, row.conditions) == ("DRAFT", library.today, ["new_energy"])
    assert library.seen("house.wash").row.tags == ("服务", "新车")


def test_everything_wrong_with_each_clause_is_said_at_once(library: LibraryDesk) -> None:
    found = checked(
        library,
        GOOD | {"code": "House Wash", "text_en": "", "kinds": ["vehicle_sale"]},
        GOOD | {"code": "house.b", "text_zh": "见 {vinn}，{nobody}。", "effective_to": "2019-01-01"},
        GOOD | {"code": "house.c", "kinds": ["poem"], "limits_customer": "maybe", "effective_from": "tomorrow"},
        GOOD | {"code": "house.d", "conditions": ["plan", "no_plan"], "title_zh": " "},
        GOOD | {"code": "house.e"},
        GOOD | {"code": "house.e"},
    )
    assert problems(found) == [
        (1, "Code", "text_code_not_possible"), (1, "Text (English)", "text_missing_in_language"),
        (2, "Text (Chinese)", "text_placeholder_misspelt"), (2, "Text (Chinese)", "text_placeholder_unknown"),
        (3, "Kinds of document", "document_kind_unknown"), (3, "Limits the customer", "value_not_allowed"),
        (3, "Counts from", "value_not_allowed"),
        (4, "Title (Chinese)", "value_required"), (4, "Applies where", "clause_conditions_contradict"),
        (5, "Counts from", "clause_day_moved"),
        (6, "Code", "clause_twice_in_list"),
    ]  # fmt: skip
    assert (found.total, found.refused) == (6, 5) and [one.code for one in found.prepared] == ["house.e"]


def test_a_last_day_before_the_first_is_refused(library: LibraryDesk) -> None:
    found = checked(library, GOOD | {"effective_to": "2020-02-01"})
    assert problems(found) == [(1, "Last day", "text_effective_days_wrong")]


def test_a_missing_english_text_is_said_in_words(library: LibraryDesk) -> None:
    (problem,) = checked(library, GOOD | {"effective_from": None, "text_en": "  "}).problems
    assert problem.column == "Text (English)" and "English" in problem.text


def test_what_is_no_list_is_refused(library: LibraryDesk, tmp_path: Path) -> None:
    for text in ("", "{", "[]", '{"clauses": 3}', "[1]", "[" * 100_000):
        with pytest.raises(ClauseListNotReadable):
            table_of(text, name="x.json")
    with pytest.raises(ClauseListNotReadable):
        read_list(tmp_path / "none.json")
    table = table_of('[{"code": "house.a"}]')
    with pytest.raises(ClauseColumnsMissing) as missing:
        library.sale.read(check_list, table=table, mapping=suggest_mapping(table.headers), actor=library.writer)
    assert "Text (English)" in missing.value.message()
    with pytest.raises(PermissionDenied):
        library.sale.read(clause_list, actor=library.reader)


def test_importing_changes_nothing_that_counts(library: LibraryDesk) -> None:
    own = GOOD | {"code": STORAGE, "conditions": [], "text_zh": "不收保管费。", "text_en": "No storage fee.",
                  "effective_from": None}  # fmt: skip
    found = checked(library, own)
    library.sale.do(ImportClauses(rows=found.prepared), library.writer)
    seen = library.seen(STORAGE)
    assert (seen.row.phase, seen.row.waiting) == (TextPhase.SHIPPED, TextPhase.DRAFT)
