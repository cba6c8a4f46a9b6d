"""Lines of mixed Chinese and Latin text: nothing forbidden at either end, nothing divided that is one thing."""

import random
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.fonts import character_widths
from app.documents.line_breaking import (
    HALF_WIDE_CLOSING,
    NOT_AT_LINE_END,
    NOT_AT_LINE_START,
    break_lines,
    break_places,
    natural_advances,
    unbreakable_spans,
)

PIECES = [
    "甲方（卖方）",
    "乙方",
    "双方确认：",
    "车辆识别代号（VIN）",
    "为",
    "《民法典》",
    "“定金”",
    "第五百八十六条",
    "，",
    "。",
    "；",
    "价款",
    "！",
    "、",
    "——",
    "……",
    "「引用」",
    "买方应在交付前付清余款",
    "不适用定金罚则",
    "（大写：人民币贰拾壹万玖仟玖佰元伍角）",
    "〔2026〕",
    "the Buyer",
    "long-term",
    "warranty",
    "(see art. 587)",
    "Seller’s",
    "e-mail",
    "OK?",
    "¥",
]
ATOMS = [
    "LDC613P23A1305189",
    "1HGCM82633A004352",
    "沪A·D12345",
    "京AF12345",
    "粤B12345",
    "1,234.56",
    "219,900.50",
    "12.5 %",
    "4.50 %",
    "¥219,900.50",
    "CNY 1,234.56",
    "2026年",
    "11月",
    "22日",
    "60,000 km",
    "36个",
    "2026-11-22",
    "PD01-D2-SO-000123",
    "021-58886600",
    "第12条",
    "20.5万",
    "−10,053.00",
    "18°C",
    "3.5 L",
    "100kWh",
    "2.0T",
    "SHA-256",
    "art. 587",
]


def corpus(count: int) -> Iterator[tuple[str, list[str]]]:
    """Texts of pieces and atoms; the atoms stand free of other letters and digits."""
    dice = random.Random(20261122)
    for _ in range(count):
        words, atoms = [], []
        for _ in range(dice.randint(6, 24)):
            if dice.random() < 0.4:
                atom = dice.choice(ATOMS)
                atoms.append(atom)
                words.append(f" {atom} " if dice.random() < 0.5 else f"，{atom}，")
            else:
                words.append(dice.choice(PIECES))
        yield "".join(words), atoms


def advances_of(text: str) -> list[float]:
    return natural_advances(text, character_widths(text, bold=False, size=9))


def test_corpus_of_more_than_five_hundred_lines_obeys_every_rule() -> None:
    dice = random.Random(7)
    seen = 0
    for text, atoms in corpus(160):
        width = dice.uniform(120, 260)
        advances = advances_of(text)
        lines = break_lines(text, advances, width)
        seen += len(lines)
        cuts = {line.start for line in lines[1:]}
        for index, line in enumerate(lines):
            shown = text[line.start : line.end]
            assert line.width <= width + 1e-6
            if index:
                assert shown[0] not in NOT_AT_LINE_START, shown
            if not line.closes_paragraph:
                assert shown[-1] not in NOT_AT_LINE_END, shown
        for atom in atoms:
            for match in re.finditer(re.escape(atom), text):
                assert not cuts & set(range(match.start() + 1, match.end())), (atom, text)
        assert "".join(text[line.start : line.end] for line in lines).replace(" ", "") == text.replace(" ", "")
    assert seen >= 500


@pytest.mark.parametrize("atom", ATOMS)
def test_what_is_read_as_one_thing_is_one_piece(atom: str) -> None:
    text = f"买方{atom}卖方"
    inside = set(range(3, 2 + len(atom)))
    assert not inside & set(break_places(text)), [text[s:e] for s, e in unbreakable_spans(text)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("甲方（卖方）：价款", "甲|方|（卖|方）：|价|款"),
        ("年利率12.5 %，共36个月", "年|利|率|12.5 %，|共|36个月"),
        ("总价¥219,900.50元", "总|价|¥219,900.50元"),
        ("牌照沪A·D12345。", "牌|照|沪A·D12345。"),
        ("the long-term price", "the |long-|term |price"),
        ("order BJ01-D2-SO-000123, see", "order |BJ01-D2-SO-000123, |see"),
        ("他说“好”……然后", "他|说|“好”……|然|后"),
        ("（见 art. 587）", "（见 |art. 587）"),
        ("2.0T车型", "2.0T|车|型"),
        ("VIN为LDC613P23A1305189，", "VIN|为|LDC613P23A1305189，"),
    ],
)
def test_break_places(text: str, pieces: str) -> None:
    places = [0, *break_places(text), len(text)]
    assert "|".join(text[a:b] for a, b in pairwise(places)) == pieces


def test_no_line_of_one_lone_character() -> None:
    text = "一二三四五六七八九十终。"
    lines = break_lines(text, advances_of(text), 90)
    assert text[lines[-1].start : lines[-1].end] == "十终。"


def test_closing_mark_hangs_by_half() -> None:
    text = "一二三四，五六"
    lines = break_lines(text, advances_of(text), 9 * 4.5)
    assert text[lines[0].start : lines[0].end] == "一二三四，"


def test_runs_of_marks_close_up() -> None:
    text = "（甲）：「乙」"
    advances = advances_of(text)
    assert advances[2] == pytest.approx(4.5)
    assert advances[3] == pytest.approx(4.5)


def test_piece_wider_than_the_line_is_divided_as_the_only_way_left() -> None:
    text = "LDC613P23A1305189"
    lines = break_lines(text, advances_of(text), 40)
    assert len(lines) > 1
    assert all(line.width <= 40 for line in lines)


def test_newline_ends_a_paragraph_and_an_empty_one_is_a_line() -> None:
    lines = break_lines("甲\n\n乙", advances_of("甲\n\n乙"), 100)
    assert [line.closes_paragraph for line in lines] == [True, True, True]


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="甲乙丙，。（）「」“”A1.,%¥ -·—…\n", max_size=80),
    st.floats(min_value=30, max_value=200),
)
def test_any_text_is_kept_whole_and_in_order(text: str, width: float) -> None:
    lines = break_lines(text, advances_of(text), width)
    position = 0
    for line in lines:
        assert not text[position : line.start].strip(" \n")
        assert line.start <= line.end
        position = line.end
    assert not text[position:].strip(" \n")


def test_half_wide_marks_are_among_those_forbidden_at_a_start() -> None:
    assert HALF_WIDE_CLOSING <= NOT_AT_LINE_START
