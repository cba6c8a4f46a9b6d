"""Names in a list that are a letter or two from one that is known: "toyouta" is asked about, never corrected silently.

Near names are found without comparing each with each: two names that differ by few letters are the same after leaving
a few letters out of either (the symmetric deletion of SymSpell, Garbe 2012); what is found so is measured then.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from app.catalog.heading_names import folded
from app.catalog.import_commands import SpecificationRecord
from app.catalog.import_tree import CatalogueTree
from app.catalog.makes import MAKES
from app.catalog.specification_mapping import SpecificationField, name_key
from app.kernel.labels import Bilingual
from db.models.catalog import Make, Series

_LONGEST = 40
_DIGITS = re.compile(r"\d+")
_BETWEEN_WORDS = re.compile(r"[\s_./·-]+")
_WORLD = frozenset(name for make in MAKES for name in (make.zh, make.en))


@dataclass(frozen=True, slots=True)
class NameSlip:
    """A new make, or a new series of a known make, whose name looks like that of another one.

    `line` and `place` are those of its first row, `rows` is how many rows say it.
    """

    target: SpecificationField
    written: str
    make: str
    known: Bilingual
    line: int
    place: str
    rows: int

    @property
    def key(self) -> str:
        """By what a decision about it is kept."""
        return name_key(self.target, self.written, make=self.make)


def find_slips(
    tree: CatalogueTree, records: Sequence[SpecificationRecord], lines: Sequence[int], places: Sequence[str],
    *, decided: Mapping[str, str],
) -> list[NameSlip]:  # fmt: skip
    """What looks misspelt among the names these records add to the catalogue, without what somebody decided."""
    added = {change.node.id: change.node for change in tree.changes if change.before is None}
    makes = [node for node in added.values() if isinstance(node, Make)]
    series = [node for node in added.values() if isinstance(node, Series) and node.make_id not in added]
    if not makes and not series:
        return []
    first, often = _where_named(records)
    found: list[NameSlip] = []

    def note(target: SpecificationField, written: str, make: str, known: Bilingual | None) -> None:
        at = first.get((make, written) if target is SpecificationField.SERIES_ZH else ("", written))
        if known is None or at is None:
            return
        rows = often[(make, written) if target is SpecificationField.SERIES_ZH else ("", written)]
        slip = NameSlip(target, written, make, known, lines[at], places[at], rows)
        if slip.key not in decided:
            found.append(slip)

    if makes:
        ours, anybodys = _known_makes(tree, added)
        for node in makes:
            near = ours if _is_of_the_world(node) else anybodys
            note(SpecificationField.MAKE_ZH, node.name_zh, "", near.nearest(node.name_zh, node.name_en))
    sisters = _known_series(tree, added, {node.make_id for node in series})
    for one in series:
        make = tree.path_of(one)[0]
        known = sisters[make.id].nearest(one.name_zh, one.name_en)
        for name in dict.fromkeys((make.name_zh, make.name_en)):
            note(SpecificationField.SERIES_ZH, one.name_zh, name, known)
    return sorted(found, key=lambda slip: slip.line)


def _is_of_the_world(make: Make) -> bool:
    """Whether a make is written as it is everywhere: new to the catalogue, yet no slip."""
    return bool(_WORLD & {make.name_zh, make.name_en} - {""})


def _where_named(
    records: Sequence[SpecificationRecord],
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    """Per make, and per make and series: the first record that names it, and how many do."""
    first: dict[tuple[str, str], int] = {}
    often: dict[tuple[str, str], int] = defaultdict(int)
    for number, record in enumerate(records):
        for key in (("", record.make_zh), (record.make_zh, record.series_zh)):
            first.setdefault(key, number)
            often[key] += 1
    return first, often


def _known_makes(tree: CatalogueTree, added: Mapping[str, object]) -> tuple["_Names", "_Names"]:
    """The makes of the catalogue; and these with the world's."""
    ours, anybodys = _Names(), _Names()
    for names in (ours, anybodys):
        names.add_all(Bilingual(one.name_zh, one.name_en) for one in tree.makes() if one.id not in added)
    anybodys.add_all(Bilingual(make.zh, make.en) for make in MAKES)
    return ours, anybodys


def _known_series(tree: CatalogueTree, added: Mapping[str, object], makes: set[str]) -> Mapping[str, "_Names"]:
    """The series of the catalogue, by their makes."""
    found: dict[str, _Names] = {make: _Names(word_by_word=True) for make in makes}
    for one in tree.series():
        if one.make_id in found and one.id not in added:
            found[one.make_id].add_all([Bilingual(one.name_zh, one.name_en)])
    return found


@dataclass(slots=True)
class _Names:
    """Names to be found by others that are near."""

    word_by_word: bool = False
    _by_rest: dict[str, list[tuple[str, Bilingual]]] = field(default_factory=lambda: defaultdict(list))

    def add_all(self, names: Iterable[Bilingual]) -> None:
        """Let these be found."""
        for name in names:
            for text in {name.zh, name.en} - {""}:
                for rest in _rests(folded(text)[:_LONGEST]):
                    self._by_rest[rest].append((text, name))

    def nearest(self, *written: str) -> Bilingual | None:
        """The name that one of these texts most likely means, None where none is near."""
        best: tuple[int, Bilingual] | None = None
        for text in written:
            for rest in _rests(folded(text)[:_LONGEST]):
                for known, name in self._by_rest.get(rest, ()):
                    letters = slip_of(text, known, word_by_word=self.word_by_word)
                    if letters is not None and (best is None or letters < best[0]):
                        best = (letters, name)
        return best[1] if best else None


def _rests(text: str) -> Iterator[str]:
    """The text, and what is left of it without one or two letters."""
    yield text
    for count in range(1, _most_letters(text) + 1):
        for gone in combinations(range(len(text)), count):
            yield "".join(letter for n, letter in enumerate(text) if n not in gone)


def slip_of(written: str, known: str, *, word_by_word: bool = False) -> int | None:
    """By how many letters one name could be a slip of the other, None where it is another name.

    Figures tell names apart, and short names differ by a letter rightly. With `word_by_word`, for names of series, a
    short word that differs does as well: "Model S" is no slip of "Model Y", nor "GLC 350" of "GLE 350".
    """
    one, other = folded(written)[:_LONGEST], folded(known)[:_LONGEST]
    if one == other:
        return 0
    if _DIGITS.findall(one) != _DIGITS.findall(other):
        return None
    if word_by_word and not _long_words_differ(written, known):
        return None
    most = min(_most_letters(one), _most_letters(other)) - (word_by_word and min(len(one), len(other)) < 8)
    letters = distance(one, other) if abs(len(one) - len(other)) <= most else most + 1
    return letters if letters <= most else None


def _most_letters(text: str) -> int:
    """How many letters may be wrong in a name: two Chinese characters, or three letters, are a name by themselves."""
    if any("\u4e00" <= character <= "\u9fff" for character in text):
        return int(len(text) >= 4)
    return 0 if len(text) < 4 else 1 if len(text) < 6 else 2


def _long_words_differ(one: str, other: str) -> bool:
    """Whether the words that differ are words, none of them short or with figures in it."""
    words = [_BETWEEN_WORDS.split(unicodedata.normalize("NFKC", text).casefold()) for text in (one, other)]
    if len(words[0]) != len(words[1]):
        return False
    differing = [(a, b) for a, b in zip(*words, strict=True) if a != b]
    return all(min(len(a), len(b)) >= 5 and not _DIGITS.search(a + b) for a, b in differing)


def distance(one: str, other: str) -> int:
    """Letters left out, added, other, or changed over with the next (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        line = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, line[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
