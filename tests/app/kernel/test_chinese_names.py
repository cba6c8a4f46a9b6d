"""Chinese names as they are found from a Latin keyboard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.chinese_names import SURNAME_READINGS, name_pinyin, pinyin_initials


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("张三丰", "zsf"),
        ("单雄信", "sxx"),
        ("区志强", "ozq"),
        ("仇英", "qy"),
        ("解晓东", "xxd"),
        ("曾国藩", "zgf"),
        ("查良镛", "zly"),
        ("盖叫天", "gjt"),
        ("朴树", "ps"),
        ("乐毅", "yy"),
        ("翟天临", "ztl"),
        ("种师道", "csd"),
        ("缪荣", "mr"),
        ("折可适", "sks"),
        ("尉迟恭", "ycg"),
        ("万俟卨", "mqx"),
        ("长孙无忌", "zswj"),
        ("单于夫", "cyf"),
        ("欧阳娜娜", "oynn"),
        ("車曉", "cx"),
        ("王Anna", "wa"),
        ("Anna Müller", "am"),
        ("买买提·艾合买提", "mmtahmt"),
        ("", ""),
        ("。", ""),
    ],
)
def test_names_are_found_by_their_initials(name: str, initials: str) -> None:
    assert pinyin_initials(name) == initials


def test_full_pinyin_is_plain_latin() -> None:
    assert name_pinyin("吕布").full == "lv bu"
    assert name_pinyin("Anna Müller").full == "anna muller"
    assert name_pinyin("万俟卨").full == "mo qi xie"


def test_a_company_has_no_surname() -> None:
    assert pinyin_initials("绿地第4汽车有限公司", person=False) == "ldd4qcyxgs"
    assert pinyin_initials("解放汽车", person=False) == "jfqc"
    assert pinyin_initials("解放汽车") == "xfqc"


def test_characters_without_a_reading_are_left_out() -> None:
    assert pinyin_initials("𠮷田") == "t"


@pytest.mark.parametrize("surname", sorted(SURNAME_READINGS))
def test_every_surname_in_the_table_is_read_by_it(surname: str) -> None:
    reading = SURNAME_READINGS[surname]
    assert len(reading.split()) == len(surname)
    assert name_pinyin(f"{surname}国强").full.startswith(f"{reading} guo qiang")


@given(st.text(max_size=30))
def test_initials_are_always_searchable(name: str) -> None:
    found = name_pinyin(name)
    assert found.initials == found.initials.lower()
    assert " " not in found.initials
