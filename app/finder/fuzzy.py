"""What somebody who mistyped may have meant: small slips in Latin letters, and characters that sound alike."""

from collections.abc import Iterable, Sequence

_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("f", "h"))
"""Pairs that many speakers do not tell apart; both sides of a comparison are folded."""
_SHORTEST = 3


def slips_allowed(length: int) -> int:
    """How many letters may be wrong in a word: none below four, one below eight, else two."""
    return 0 if length < 4 else 1 if length < 8 else 2


def slips(typed: str, meant: str, *, most: int) -> int:
    """Letters that were added, left out, replaced or swapped with a neighbour (restricted Damerau-Levenshtein), where
    `typed` may be just the beginning of `meant`; `most + 1` where there are more."""
    if len(typed) - len(meant) > most:
        return most + 1
    width = min(len(meant), len(typed) + most)
    before: list[int] = []
    row = list(range(width + 1))
    for i, letter in enumerate(typed, start=1):
        former, row = row, [i] + [0] * width
        for j in range(1, width + 1):
            other = meant[j - 1]
            row[j] = min(former[j] + 1, row[j - 1] + 1, former[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                row[j] = min(row[j], before[j - 2] + 1)
        if min(row) > most:
            return most + 1
        before = former
    return min(row)


def sound_folded(pinyin: str) -> str:
    """Pinyin with the sounds that are often mixed up made one: "zhongguo" and "zongguo" are the same."""
    for one, other in _SOUNDS:
        pinyin = pinyin.replace(one, other)
    return pinyin


class Vocabulary:
    """Words that can be meant, found by the pairs of letters they share with what was typed."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words: list[str] = sorted({word for word in words if len(word) >= _SHORTEST and not word.isdecimal()})
        self._with_pair: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            for pair in _pairs(word):
                self._with_pair.setdefault(pair, []).append(place)

    def nearest(self, typed: str, *, most_found: int = 6) -> list[str]:
        """The words with the fewest slips, none where even those are too many; alphabetical among equals."""
        most = slips_allowed(len(typed))
        if not most:
            return []
        counts: dict[int, int] = {}
        for pair in _pairs(typed):
            for place in self._with_pair.get(pair, ()):
                counts[place] = counts.get(place, 0) + 1
        # One slip spoils two pairs, a swap three; the first letter is a pair with nothing before it.
        least = max(1, len(typed) - 3 * most)
        found = [
            (distance, abs(len(self._words[place]) - len(typed)), self._words[place])
            for place, count in counts.items()
            if count >= least and (distance := slips(typed, self._words[place], most=most)) <= most
        ]
        best = min((distance for distance, *_ in found), default=0)
        return [word for distance, _, word in sorted(found) if distance == best][:most_found]


def _pairs(word: str) -> Sequence[str]:
    return [word[i : i + 2] for i in range(len(word) - 1)] + [f"^{word[0]}"]
