"""Texts of the house: drafted by one, approved by another, and what is refused on the way."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.clauses.clause_queries import check_clause, count_clauses, get_palette, list_clauses, list_tags
from app.clauses.commands import ApproveText, DiscardDraft, ImportClauses, RecallText, SaveClauseDraft
from app.clauses.errors import (
    ApprovalOfOwnText,
    ClauseNeededForKind,
    ClauseStillNamed,
    EffectiveDaysOver,
    TextNotDraft,
)
from app.clauses.rules import TextSort
from app.contracts.templates.in_force import shipped_template, shipped_terms, template_in_force
from app.contracts.templates.text_versions import TextPhase
from app.kernel.errors import DomainError, PermissionDenied, ReasonRequired, RecordChangedMeanwhile
from db.models.clause_library import ClauseVersion, LibraryClause
from tests.app.clauses.library_desk import OWN, SHIPPED, STORAGE, LibraryDesk


def test_the_house_begins_with_what_ships(library: LibraryDesk) -> None:
    rows = library.sale.read(list_clauses, limit=1_000)
    assert len(rows) == SHIPPED > 100 and {row.phase for row in rows} == {TextPhase.SHIPPED}
    storage = next(row for row in rows if row.code == STORAGE)
    assert storage.limits_customer and storage.used_in[0][0] == "vehicle_sale" and storage.waiting is None
    assert library.sale.rows(LibraryClause) == []


def test_drafted_proposed_approved(library: LibraryDesk) -> None:
    version = library.clause(effective_from=library.today + timedelta(days=3), tags=("充电", " 充电 ", ""))
    detail = library.seen()
    assert (detail.row.phase, detail.row.number, detail.row.tags) == (TextPhase.DRAFT, 1, ("充电",))
    assert detail.actions == ("edit", "propose", "discard")
    library.propose(version)
    assert "approve" not in library.seen().actions, "nobody approves their own text"
    library.sale.do(ApproveText(**library.step(version), note="gut"), library.approver)
    assert library.seen().row.phase is TextPhase.SCHEDULED
    library.wait(3)
    shown = library.seen().versions[0]
    assert (shown.phase, shown.drafted_by, shown.decided_by, shown.decision_note) == (
        TextPhase.IN_FORCE, "赵敏", "周涛", "gut",
    )  # fmt: skip


def test_nobody_approves_or_rejects_their_own(library: LibraryDesk) -> None:
    version = library.clause()
    library.propose(version)
    with pytest.raises(ApprovalOfOwnText):
        library.sale.do(ApproveText(**library.step(version)), library.writer)
    with pytest.raises(ReasonRequired):
        library.reject(version, " ")
    library.reject(version)
    assert library.seen().row.phase is TextPhase.REJECTED


def test_who_sells_reads_and_does_not_write(library: LibraryDesk) -> None:
    version = library.clause()
    with pytest.raises(PermissionDenied):
        library.sale.do(DiscardDraft(**library.step(version)), library.reader)
    library.propose(version)
    with pytest.raises(PermissionDenied):
        library.sale.do(ApproveText(**library.step(version)), library.reader)
    with pytest.raises(PermissionDenied):
        library.sale.read(get_palette, "vehicle_sale")
    assert library.sale.read(count_clauses) == (SHIPPED + 1, SHIPPED + 1)


def test_what_was_proposed_is_not_edited(library: LibraryDesk) -> None:
    version = library.clause()
    library.clause(text_en="Another wording, VIN {vin}.", version_id=version, expected_revision=1)
    library.propose(version)
    with pytest.raises(TextNotDraft):
        library.clause(text_zh="换一个说法。", version_id=version, expected_revision=3)
    library.sale.do(RecallText(**library.step(version)), library.writer)
    library.clause(text_zh="换一个说法。", version_id=version, expected_revision=4)
    assert library.seen().versions[0].text.zh == "换一个说法。"
    with pytest.raises(RecordChangedMeanwhile):
        library.clause(version_id=version, expected_revision=1)


def test_undo(library: LibraryDesk) -> None:
    dispatcher, writer = library.sale.dispatcher, library.writer
    saved = dispatcher.execute(
        SaveClauseDraft(
            code=OWN, title_zh="充电桩", kinds=("vehicle_sale",), text_zh="甲", text_en="A",
            effective_from=library.today,
        ), writer,
    )  # fmt: skip
    assert saved.undo is not None
    dispatcher.execute(saved.undo, writer)
    assert library.sale.read(count_clauses) == (SHIPPED, SHIPPED)
    version = library.clause(new=True)
    library.propose(version)
    library.sale.do(RecallText(**library.step(version)), writer)
    assert library.sale.row(ClauseVersion, version).state == "DRAFT"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"code": "House charging"}, "text_code_not_possible", "code"),
        ({"code": "a" * 81}, "text_code_not_possible", "code"),
        ({"code": STORAGE, "new": True}, "text_code_taken", "code"),
        ({"title_zh": " "}, "value_required", "title_zh"),
        ({"kinds": ()}, "document_kind_unknown", "kinds"),
        ({"kinds": ("letter",)}, "document_kind_unknown", "kinds"),
        ({"text_zh": "  "}, "text_missing_in_language", "text_zh"),
        ({"text_en": ""}, "text_missing_in_language", "text_en"),
        ({"text_en": "VIN {vim}"}, "text_placeholder_misspelt", "text_en"),
        ({"text_zh": "车架号 {vin"}, "text_brace_unmatched", "text_zh"),
        ({"text_zh": "见{zzz_qqq}"}, "text_placeholder_unknown", "text_zh"),
        ({"text_zh": "字 \U0001f697"}, "characters_not_printable", "text_zh"),
        ({"text_zh": "字" * 6001}, "value_too_long", "text_zh"),
        ({"conditions": ("raining",)}, "clause_condition_unknown", "conditions"),
        ({"conditions": ("plan", "no_plan")}, "clause_conditions_contradict", "conditions"),
        ({"effective_from": date(2020, 1, 1)}, "text_effective_day_past", "effective_from"),
        ({"effective_to": date(2020, 1, 1)}, "text_effective_days_wrong", "effective_to"),
    ],
)
def test_what_cannot_be_stored(library: LibraryDesk, changes: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        library.clause(**changes)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.message()
    assert library.sale.rows(LibraryClause) == [] and library.sale.rows(ClauseVersion) == []


def test_figures_and_articles_of_the_house_are_known(library: LibraryDesk) -> None:
    library.clause(text_zh="每日 {storage_fee} 元，见{article_delivery}。", text_en="{storage_fee}, {article_delivery}")
    palette = library.sale.read(get_palette, "vehicle_sale", actor=library.writer)
    assert palette.house.terms["storage_fee"] == "50"
    assert palette.kind.placeholders["vin"].description.zh == "车辆识别代号"
    problems = library.sale.read(check_clause, ("vehicle_sale",), "{a}", "{{b}} {", actor=library.writer)
    assert [(one.error.field, one.start) for one in problems] == [("text_zh", 0), ("text_en", 6)]


def test_a_version_whose_days_are_over_is_not_approved(library: LibraryDesk) -> None:
    version = library.clause(effective_to=library.today + timedelta(days=1))
    library.propose(version)
    library.wait(2)
    with pytest.raises(EffectiveDaysOver):
        library.sale.do(ApproveText(**library.step(version)), library.approver)


def test_a_newer_version_and_its_withdrawal(library: LibraryDesk) -> None:
    first = library.approve(library.clause())
    second = library.approve(library.clause(text_zh="新的说法。", effective_from=library.today + timedelta(days=5)))
    assert [one.phase for one in library.seen().versions] == [TextPhase.SCHEDULED, TextPhase.IN_FORCE]
    library.wait(5)
    assert [one.phase for one in library.seen().versions] == [TextPhase.IN_FORCE, TextPhase.SUPERSEDED]
    with pytest.raises(PermissionDenied):
        library.withdraw(second, actor=library.reader)
    library.withdraw(second)
    assert library.seen().versions[1].phase is TextPhase.IN_FORCE
    assert library.seen().versions[1].id == first


def test_a_clause_that_templates_need_is_not_withdrawn(library: LibraryDesk) -> None:
    clause = library.approve(library.clause())
    library.approve(library.template(OWN), TextSort.TEMPLATE)
    with pytest.raises(ClauseStillNamed) as refused:
        library.withdraw(clause)
    assert "Vehicle Sales Contract" in refused.value.message()
    shipped = library.approve(library.clause(STORAGE, text_zh="保管费另议。", text_en="Storage by agreement."))
    library.withdraw(shipped)
    assert library.seen(STORAGE).row.phase is TextPhase.SHIPPED


def test_search(library: LibraryDesk) -> None:
    library.approve(library.clause(tags=("电车",), conditions=("new_energy",)))
    library.clause(STORAGE, title_zh="保管费", text_zh="保管费另议。", text_en="Storage by agreement.")

    def codes(**filters: Any) -> list[str]:
        rows = library.sale.read(list_clauses, **filters)
        matched, _ = library.sale.read(count_clauses, **filters)
        assert matched == len(rows)
        return [row.code for row in rows]

    assert codes(text="充电桩 VIN") == [OWN]
    assert codes(text="INSTALLS A charging") == [OWN]
    assert codes(text="另议") == [STORAGE], "what waits is found too"
    assert codes(tag="电车") == [OWN] and library.sale.read(list_tags) == ("电车",)
    assert codes(condition=["new_energy"], kind="vehicle_sale") == [OWN, "vehicle_sale.registration.new_energy"]
    assert codes(phase="IN_FORCE") == [OWN]
    assert codes(phase="DRAFT") == [STORAGE]
    assert len(codes(limits="yes", kind="vehicle_sale")) == 6
    assert len(codes(kind="vehicle_sale")) == 35
    assert codes(kind="receipt", text="nothing like it") == []
    rows = library.sale.read(list_clauses, limit=2)
    assert [row.code for row in library.sale.read(list_clauses, after=rows[-1].id, limit=1)] == [
        library.sale.read(list_clauses)[2].code
    ]


def test_a_list_is_imported_whole_or_not_at_all(library: LibraryDesk) -> None:
    given: dict[str, Any] = {"kinds": ("vehicle_sale",), "text_zh": "甲", "effective_from": library.today}
    row = SaveClauseDraft(code="house.one", title_zh="一", text_en="A", **given)
    bad = SaveClauseDraft(code="house.two", title_zh="二", text_en="", **given)
    with pytest.raises(DomainError):
        library.sale.do(ImportClauses(rows=(row, bad)), library.writer)
    assert library.sale.rows(ClauseVersion) == []
    assert len(library.sale.do(ImportClauses(rows=(row,)), library.writer)) == 1


def test_a_version_that_its_templates_could_not_print_is_not_proposed(library: LibraryDesk) -> None:
    other = library.clause(STORAGE, kinds=("receipt",), text_zh="收到 {amount}。", text_en="Received {amount}.")
    with pytest.raises(ClauseNeededForKind) as refused:
        library.propose(other)
    assert refused.value.field == "kinds" and "Vehicle Sales Contract" in refused.value.message()
    terms = {"penalty_fee": "80"}
    ground = shipped_terms(shipped_template("vehicle_sale"))
    library.template(code="vehicle_sale_fleet", terms={**ground.terms, **terms})
    mine = library.clause(STORAGE, text_zh="每日 {penalty_fee} 元。", text_en="CNY {penalty_fee} a day.")
    with pytest.raises(DomainError) as missing:
        library.propose(mine)
    assert (missing.value.code, missing.value.field) == ("text_placeholder_unknown", "text_zh")
    later = library.today + timedelta(days=4)
    following = library.template(terms={**ground.terms, **terms}, effective_from=later)
    library.approve(following, TextSort.TEMPLATE)
    library.clause(STORAGE, text_zh="每日 {penalty_fee} 元。", text_en="CNY {penalty_fee} a day.", effective_from=later,
                   version_id=mine, expected_revision=1)  # fmt: skip
    library.approve(mine)
    library.wait(4)
    with library.sale.dispatcher.database.read() as session:
        template = template_in_force(session, "vehicle_sale", library.today)
    assert template.clause_versions[STORAGE] == mine and template.template.terms["penalty_fee"] == "80"
