"""Which trims a typed text names: words in both languages, pinyin in full or its initials, with small slips forgiven.

Each word has to be found in a trim: a run of characters anywhere in its Chinese name, a Latin word or number as the
beginning of a word of any of its names or of their pinyin. Only a word that is found nowhere is taken for a slip.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from operator import contains
from typing import Any

from app.finder.columns import Node, TrimColumns
from app.finder.fuzzy import Vocabulary, sound_folded
from app.finder.rules import MAKE, SERIES, YEAR
from app.kernel.chinese_names import name_pinyin
from app.kernel.labels import Bilingual

_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\W_\u3400-\u9fff]+")
_HYPHENED = re.compile(r"[^\W_\u3400-\u9fff]+(?:-[^\W_\u3400-\u9fff]+)+")
_ACCENT = re.compile(r"[\u0300-\u036f]")
_MOST_RUNS = 8
_MOST_ANSWERS = 200
_MOST_MEANT = 3
"""So many makes and series are named for a slip; where more are meant the word itself says it better."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that nothing is called by, and what was taken for it: words as they are looked for, and the makes and
    series that are called so, where they are few."""

    typed: str
    taken: tuple[str, ...]
    meant: tuple[Bilingual, ...] = ()


@dataclass(frozen=True, slots=True)
class NameMatch:
    """`fitting`: which trims the text names; `closeness`: how many of its words are whole words of the name."""

    fitting: Any
    closeness: Any
    corrections: tuple[Correction, ...]


def runs_of(text: str) -> list[str]:
    """The words of a text: runs of Chinese characters, and Latin words or numbers, without accents and capitals."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", _ACCENT.sub("", unicodedata.normalize("NFKD", plain)))
    return _RUN.findall(plain)


class NameIndex:
    """The names of all trims, for one set of columns."""

    def __init__(self, columns: TrimColumns) -> None:
        makes = {node_id: _node_words(node) for node_id, node in columns.nodes.items()}
        make_column, series_column = (columns.code_column(code).tolist() for code in (MAKE, SERIES))
        make_ids, series_ids, years = (columns.vocabulary(code) for code in (MAKE, SERIES, YEAR))
        year_column = columns.code_column(YEAR).tolist()
        lists = columns.lists
        self._texts: list[str] = []
        for place in range(len(columns)):
            make, series = make_ids[make_column[place]], series_ids[series_column[place]]
            own = _trim_words(lists.names_zh[place], lists.names_en[place], lists.pinyin[place])
            self._texts.append(
                f" {makes[make]} {_together(columns.nodes[make], columns.nodes[series])} {makes[series]}"
                f" {years[year_column[place]]} {own} "
            )
        self._answers: dict[str, Any] = {}
        self._named = [(f" {makes[node_id]} ", node.label) for node_id, node in columns.nodes.items()]
        words = {word for text in self._texts for word in text.split() if word.isascii()}
        self._folded: dict[str, list[str]] = {}
        for word in sorted(words):
            if word.isalpha():
                self._folded.setdefault(sound_folded(word), []).append(word)
        self._words = words
        self._latin, self._spoken = Vocabulary(words), Vocabulary(self._folded)

    def match(self, text: str) -> NameMatch:
        """The trims a text names; all of them for a text without words."""
        import numpy as np

        fitting = np.ones(len(self._texts), bool)
        closeness = np.zeros(len(self._texts), np.int16)
        corrections: list[Correction] = []
        for run in runs_of(text)[:_MOST_RUNS]:
            found = self._beginning(run)
            if found.any():
                closeness += self._containing(f" {run} ")
            else:
                found = self._loosely(run, corrections)
            fitting &= found
        return NameMatch(fitting, closeness, tuple(corrections))

    def _loosely(self, run: str, corrections: list[Correction]) -> Any:
        """What a word that is found nowhere as it stands fits: in pieces, or taken for another word."""
        import numpy as np

        pieces = self._pieces(run) if _is_han(run) else self._run_together(run)
        if pieces is not None:
            return pieces
        taken = self._meant(run)
        shortest = _shortest(taken)
        corrections.append(Correction(run, shortest, self._called(shortest)))
        found = np.zeros(len(self._texts), bool)
        for word in taken:
            found = found | self._beginning(word)
        return found

    def names_anything(self, run: str) -> bool:
        """Whether some trim has a word that begins so."""
        return bool(self._beginning(run).any())

    def _beginning(self, run: str) -> Any:
        return self._containing(run if _is_han(run) else f" {run}")

    def _containing(self, wanted: str) -> Any:
        import numpy as np

        known = self._answers.get(wanted)
        if known is None:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers = {}
            known = np.fromiter(map(contains, self._texts, repeat(wanted)), bool, len(self._texts))
            self._answers[wanted] = known
        return known

    def _pieces(self, run: str) -> Any:
        """The trims with all pieces of a run of characters that is nowhere as a whole: 汉尊贵 of 汉 and 尊贵."""
        fitting = None
        while run:
            end = next((n for n in range(len(run), 0, -1) if self._containing(run[:n]).any()), 0)
            if not end or (end == 1 and fitting is not None):
                return None
            found = self._containing(run[:end])
            fitting = found if fitting is None else fitting & found
            run = run[end:]
        return fitting if fitting is not None and fitting.any() else None

    def _run_together(self, run: str) -> Any:
        """The trims with all words that were typed without blanks: hanev of han and ev, bmw3 of bmw and 3. Each but the
        last is a whole word; one letter is too little for the last."""
        for end in range(len(run) - 1, 0, -1):
            head, tail = run[:end], run[end:]
            if head not in self._words:
                continue
            found = self._containing(f" {head} ")
            if len(tail) > 1 or tail.isdecimal():
                fitting = found & self._beginning(tail)
                if fitting.any():
                    return fitting
            rest = self._run_together(tail)
            if rest is not None and (found & rest).any():
                return found & rest
        return None

    def _called(self, words: Iterable[str]) -> tuple[Bilingual, ...]:
        """The makes and series one of these words begins a name of; none where they are many."""
        found = [label for text, label in self._named if any(f" {word}" in text for word in words)]
        names = tuple(dict.fromkeys(found))
        return names if len(names) <= _MOST_MEANT else ()

    def _meant(self, run: str) -> list[str]:
        """What may have been meant by a word that is found nowhere."""
        if _is_han(run):
            spoken = _spoken(run)
            if len(run) == 1 or not spoken:
                return [f"{spoken} "] if spoken in self._words else []  # of one character only the whole word
            if self.names_anything(spoken):
                return [spoken]
            return self._sounding_like(spoken)
        if run.isdecimal():
            return []
        return self._sounding_like(run) or self._latin.nearest(run)

    def _sounding_like(self, pinyin: str) -> list[str]:
        """Words whose pinyin is the same for many speakers, else those a slip away from it."""
        folded = sound_folded(pinyin)
        if folded in self._folded:
            return [word for word in self._folded[folded] if word != pinyin]
        near = self._spoken.nearest(folded)
        return [word for one in near for word in self._folded[one]] if _is_long(pinyin) and near else []


def _shortest(words: list[str]) -> tuple[str, ...]:
    """Without those that only go on from another: they are found with it."""
    return tuple(word for word in words if not any(word != one and word.startswith(one) for one in words))


def _is_long(pinyin: str) -> bool:
    return len(pinyin) >= 5


def _is_han(run: str) -> bool:
    return run[0] >= "\u3400"


@lru_cache(maxsize=50_000)
def _words(text: str) -> str:
    """A name as the words it is found by; Chinese stays together, so that pieces of it are found, and what a hyphen
    joins is one word, too: DM-i is found as dmi."""
    joined = (found.replace("-", "") for found in _HYPHENED.findall(text.casefold()))
    return " ".join((*runs_of(text), *joined))


def _node_words(node: Node) -> str:
    spoken = node.pinyin.replace(" ", "")
    joined = "".join(runs_of(node.name_en))
    return " ".join((_words(node.name_zh), _words(node.name_en), joined, node.initials.casefold(), spoken))


@lru_cache(maxsize=20_000)
def _together(make: Node, series: Node) -> str:
    """Make and series in one: 比亚迪汉, biyadihan, bydh."""
    initials = f"{make.initials}{series.initials}".casefold()
    spoken = f"{make.pinyin}{series.pinyin}".replace(" ", "")
    return f"{''.join(runs_of(make.name_zh + series.name_zh))} {initials} {spoken}"


@lru_cache(maxsize=50_000)
def _trim_words(name_zh: str, name_en: str, pinyin: str) -> str:
    return " ".join((_words(name_zh), _words(name_en), pinyin))


def spoken_words(name_zh: str) -> str:
    """The pinyin of a name's Chinese runs, each run a word: "EV 605KM 尊贵型" is "zunguixing"."""
    return " ".join(_spoken(run) for run in runs_of(name_zh) if _is_han(run))


@lru_cache(maxsize=20_000)
def _spoken(run: str) -> str:
    return name_pinyin(run, person=False).full.replace(" ", "")
