"""Chinese names for search: pinyin and initials.

The reading of a surname is often not the usual one of its character (单 Shan, 仇 Qiu, 万俟 Moqi), so a table of
surnames goes before the dictionary.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

SURNAME_READINGS: dict[str, str] = {
    "萬俟": "mo qi",
    "尉遲": "yu chi",
    "單于": "chan yu",
    "乐正": "yue zheng",
    "樂正": "yue zheng",
    "单": "shan",
    "單": "shan",
    "区": "ou",
    "區": "ou",
    "仇": "qiu",
    "解": "xie",
    "曾": "zeng",
    "查": "zha",
    "盖": "ge",
    "蓋": "ge",
    "朴": "piao",
    "乐": "yue",
    "樂": "yue",
    "覃": "qin",
    "翟": "zhai",
    "员": "yun",
    "員": "yun",
    "种": "chong",
    "黑": "he",
    "秘": "bi",
    "缪": "miao",
    "繆": "miao",
    "句": "gou",
    "折": "she",
    "召": "shao",
    "郇": "xun",
    "祭": "zhai",
    "牟": "mu",
    "阚": "kan",
    "佴": "nai",
    "能": "nai",
    "洗": "xian",
    "都": "du",
    "薄": "bo",
    "卜": "bu",
    "隗": "wei",
    "重": "chong",
    "角": "jue",
    "行": "xing",
    "单于": "chan yu",
    "尉迟": "yu chi",
    "任": "ren",
    "华": "hua",
    "纪": "ji",
    "过": "guo",
    "车": "che",
    "車": "che",
    "沈": "shen",
    "盛": "sheng",
    "葛": "ge",
    "贾": "jia",
    "賈": "jia",
    "尉": "wei",
    "宿": "su",
    "曲": "qu",
    "石": "shi",
    "应": "ying",
    "叶": "ye",
    "葉": "ye",
    "费": "fei",
    "費": "fei",
    "宁": "ning",
    "朝": "chao",
    "相": "xiang",
    "干": "gan",
}
_LONGEST_SURNAME = max(map(len, SURNAME_READINGS))
_PIECES = re.compile(r"[^\W\d_]+|\d+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class NamePinyin:
    """How a name is found from a Latin keyboard: `initials` "zsf", `full` "zhang san feng" without tones."""

    initials: str
    full: str


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one."""
    return _HAN.match(character) is not None


@lru_cache(maxsize=4096)
def name_pinyin(name: str, *, person: bool = True) -> NamePinyin:
    """Initials and full pinyin of a name; Latin words give their first letters, digits stay, a character without a
    reading is left out. `person=False` for companies, whose names do not begin with a surname."""
    text = unicodedata.normalize("NFKC", name).strip()[:120]
    syllables: list[str] = []
    if person and text and is_han(text[0]):
        surname = _known_surname(text)
        syllables += SURNAME_READINGS.get(surname, "").split()
        text = text[len(surname) :]
    for piece in _runs(text):
        syllables += _readings(piece) if is_han(piece[0]) else [_plain_latin(piece)]
    spoken = [syllable for syllable in syllables if syllable]
    initials = "".join(part if part.isdigit() else part[0] for part in spoken)
    return NamePinyin(initials, " ".join(spoken))


def pinyin_initials(name: str, *, person: bool = True) -> str:
    """The initials only: 张三丰 → "zsf"."""
    return name_pinyin(name, person=person).initials


def _known_surname(text: str) -> str:
    for length in range(min(_LONGEST_SURNAME, len(text)), 0, -1):
        if text[:length] in SURNAME_READINGS:
            return text[:length]
    return ""


def _runs(text: str) -> list[str]:
    """Han runs, Latin words and numbers, in order; punctuation falls away."""
    runs: list[str] = []
    for piece in _PIECES.findall(text):
        run = ""
        for character in piece:
            if run and is_han(character) != is_han(run[-1]):
                runs.append(run)
                run = ""
            run += character
        runs.append(run)
    return runs


def _readings(han: str) -> list[str]:
    from pypinyin import lazy_pinyin  # its dictionary costs 190 ms

    return [syllable.replace("ü", "v") for syllable in lazy_pinyin(han, errors="ignore", v_to_u=False)]


def _plain_latin(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
