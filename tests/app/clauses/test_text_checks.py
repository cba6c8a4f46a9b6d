"""What is wrong with a text is said with its place, before it is stored."""

import pytest

from app.clauses.condition_words import NEVER_TOGETHER, condition_words, contradiction, is_worded
from app.clauses.differences import Change, word_changes
from app.clauses.kinds import kinds
from app.clauses.text_checks import placeholders_in, text_problems
from app.kernel.labels import Bilingual

SALE, RECEIPT = Bilingual("汽车买卖合同", "Sales contract"), Bilingual("收据", "Receipt")
KNOWN = {SALE: {"vin", "total", "storage_fee"}, RECEIPT: {"total", "amount"}}


def found(text: str, known: object = KNOWN) -> list[tuple[str, int, int]]:
    problems = text_problems(text, known, field="text_zh")  # type: ignore[arg-type]
    assert all(problem.error.field == "text_zh" for problem in problems)
    return [(problem.error.code, problem.start, problem.length) for problem in problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("总价 {total}，**大写**如下。", []),
        ("一对花括号 {{total}} 照印。", []),
        ("", []),
        ("总价 {totl}。", [("text_placeholder_misspelt", 3, 6)]),
        ("总价 {ToTal}。", [("text_placeholder_misspelt", 3, 7)]),
        ("总价 {}。", [("text_placeholder_unknown", 3, 2)]),
        ("{nonsense_here}", [("text_placeholder_unknown", 0, 15)]),
        ("{total.__class__}", [("text_placeholder_unknown", 0, 17)]),
        ("{total!r:>9}", [("text_placeholder_misspelt", 0, 12)]),
        ("车架号 {vin}", [("text_placeholder_not_of_kind", 4, 5)]),
        ("总价 {total", [("text_brace_unmatched", 3, 1)]),
        ("总价 total}", [("text_brace_unmatched", 8, 1)]),
        ("{total{", [("text_brace_unmatched", 0, 1), ("text_brace_unmatched", 6, 1)]),
        ("**粗体", [("text_stars_unmatched", 0, 2)]),
        ("{to**tal}**", [("text_placeholder_misspelt", 0, 9)]),
    ],
)
def test_problems(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert found(text) == expected


def test_the_message_names_place_and_way_out() -> None:
    (near,) = text_problems("押金 {storage_fe}", {SALE: KNOWN[SALE]}, field="text_zh")
    assert near.error.message() == "Character 4: there is no placeholder “storage_fe”. Perhaps “storage_fee” is meant."
    (other,) = text_problems("{vin}", KNOWN, field="text_en")
    assert "“Receipt”" in other.error.message() and "vin" in other.error.message()
    (brace,) = text_problems("a}", KNOWN, field="text_en")
    assert brace.error.message().startswith("Character 2: this brace has no partner.")
    assert "text_brace_unmatched" in str(brace.error)


def test_placeholders_with_their_places() -> None:
    assert list(placeholders_in("{a}，{{b}}，{c}")) == [(0, "a"), (10, "c")]


def shown(before: str, after: str) -> str:
    marks = {Change.SAME: "{}", Change.ADDED: "[+{}]", Change.REMOVED: "[-{}]"}
    return "".join(marks[piece.change].format(piece.text) for piece in word_changes(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("same", "same", "same"),
        ("", "new", "[+new]"),
        ("within 7 days of notice", "within 14 days of notice", "within [-7][+14] days of notice"),
        ("接到通知后七日内提车", "接到通知后十四日内提车", "接到通知后[-七][+十四]日内提车"),
        ("pays {storage_fee} a day", "pays {late_fee} a day", "pays [-{storage_fee}][+{late_fee}] a day"),
        ("one two three", "uno dos three", "[-one two][+uno dos] three"),
    ],
)
def test_differences_word_by_word(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


@pytest.mark.parametrize(("before", "after"), [("甲方{a}应当", "乙方{b}可以不"), ("a b c d", "d c b a"), ("x", "")])
def test_differences_lose_nothing(before: str, after: str) -> None:
    pieces = word_changes(before, after)
    assert "".join(one.text for one in pieces if one.change is not Change.ADDED) == before
    assert "".join(one.text for one in pieces if one.change is not Change.REMOVED) == after


def test_every_condition_of_every_kind_has_words() -> None:
    conditions = {condition for kind in kinds() for condition in kind.conditions}
    assert {one for one in conditions if not is_worded(one)} == set()
    assert all(group <= conditions for group in NEVER_TOGETHER)
    assert condition_words("plan").zh == "贷款购车" and str(condition_words("unheard_of")) == "unheard_of"


def test_conditions_that_never_hold_together() -> None:
    assert contradiction(["plan", "earnest_money"]) == ()
    assert contradiction(["no_plan", "plan", "earnest_money"]) == ("no_plan", "plan")
