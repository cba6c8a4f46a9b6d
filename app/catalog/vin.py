"""Vehicle identification numbers: GB 16735 / ISO 3779.

Length and letters are firm. The check digit at place 9 is firm in North America and in China, but not everywhere:
a wrong one is a warning, because an imported car must not be refused.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import mul
from typing import Any

from app.catalog.errors import VinCharactersWrong, VinLengthWrong, VinMisread
from app.catalog.makes import make_named
from app.kernel.labels import UNNAMED, Bilingual, Note, note
from app.kernel.reference_data import bundled_reference, find_effective
from app.runtime.language import tr_noop

VIN_LENGTH = 17
SCAN_LIMIT = 400
"""What a scanner may send at once: a web address with a VIN in it, never a book."""
_CHECK_PLACE = 8
_YEAR_PLACE = 9
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_VALUE_OF_BYTE = bytes(_VALUES.get(chr(byte), 0) for byte in range(256))
_ORDER = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890"
"""The order of the characters in which the regions of the maker's codes are written."""
YEAR_CODES = "ABCDEFGHJKLMNPRSTVWXY123456789"
"""Place 10, from 1980 on; the same letters come again after thirty years."""
_FIRST_YEAR, _CYCLE = 1980, 30
_LOOKALIKES = str.maketrans({"I": "1", "O": "0", "Q": "0"})
_SEPARATORS = re.compile(r"[\s\-‐-―−_.·*]+")
_WORD = re.compile(r"[0-9A-Z]+")
_PLAIN = re.compile(r"[0-9A-HJ-NPR-Z]{17}")
_WRONG_CHECK_DIGIT = tr_noop(
    "Place 9 is “{found}”, calculated is “{expected}”. Compare with the car; imported cars may differ."
)


@dataclass(frozen=True, slots=True)
class VinCheck:
    """A VIN that may be stored, and what its check digit says."""

    vin: str
    expected_digit: str

    @property
    def check_digit_ok(self) -> bool:
        """Whether place 9 is the calculated one."""
        return self.vin[_CHECK_PLACE] == self.expected_digit

    @property
    def warning(self) -> Note | None:
        """What to look at when the check digit is wrong, None when it is right."""
        if self.check_digit_ok:
            return None
        return note(_WRONG_CHECK_DIGIT, found=self.vin[_CHECK_PLACE], expected=self.expected_digit)


@dataclass(frozen=True, slots=True)
class YearCandidate:
    """A model year that place 10 may mean; at most one of them is the plausible one."""

    year: int
    plausible: bool


@dataclass(frozen=True, slots=True)
class VinOrigin:
    """What a VIN tells by itself; unnamed where the maker's code is unknown. Years are newest first."""

    maker: Bilingual
    country: Bilingual
    years: tuple[YearCandidate, ...]

    @property
    def model_years(self) -> tuple[int, ...]:
        """The candidates, newest first."""
        return tuple(one.year for one in self.years)


def check_digit(vin: str) -> str:
    """The digit (or X) that belongs at place 9 of a VIN of 17 allowed characters."""
    total = sum(map(mul, vin.encode("ascii").translate(_VALUE_OF_BYTE), _WEIGHTS))
    return "X" if total % 11 == 10 else str(total % 11)


def clean_vin(text: str) -> str:
    """Half-width capitals without blanks, dashes, dots and the stars of a Code 39 bar; the rest stays to be named."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text[: 4 * SCAN_LIMIT]).upper())


def check_vin(text: str, *, field: str = "vin") -> VinCheck:
    """The VIN in capitals without blanks and hyphens; a wrong check digit is a warning in the result.

    Raises VinLengthWrong or VinCharactersWrong for the field.
    """
    if _PLAIN.fullmatch(text):  # as in lists of a hundred thousand
        return VinCheck(text, check_digit(text))
    if len(text) > 4 * VIN_LENGTH:
        raise VinLengthWrong(field=field, length=len(text))
    vin = clean_vin(text)
    wrong = sorted({character for character in vin if character not in _VALUES})
    meant = mended_vin(vin) if wrong else None
    if meant is not None:
        raise VinMisread(field=field, characters=" ".join(wrong), meant=meant)
    if wrong:
        raise VinCharactersWrong(field=field, characters=" ".join(wrong))
    if len(vin) != VIN_LENGTH:
        raise VinLengthWrong(field=field, length=len(vin))
    return VinCheck(vin, check_digit(vin))


def is_vin(text: str) -> bool:
    """Whether a text is 17 characters of which each may stand in a VIN."""
    return len(text) == VIN_LENGTH and all(character in _VALUES for character in text)


def mended_vin(text: str) -> str | None:
    """What was probably meant where I, O or Q stand for 1 or 0; None where the check digit does not agree."""
    vin = clean_vin(text)
    mended = vin.translate(_LOOKALIKES)
    if mended == vin or not is_vin(mended) or mended[_CHECK_PLACE] != check_digit(mended):
        return None
    return mended


def vin_in(text: str) -> str | None:
    """The VIN in something scanned or pasted: by itself, between the I of a VIN bar, in a web address, in a sentence.

    Among several the first with the right check digit wins; without one, a text that is nothing but 17 characters.
    """
    cleaned = clean_vin(text[:SCAN_LIMIT])
    for candidate in (cleaned, _without_bar_letters(cleaned), cleaned.translate(_LOOKALIKES)):
        if is_vin(candidate) and candidate[_CHECK_PLACE] == check_digit(candidate):
            return candidate
    folded = unicodedata.normalize("NFKC", text[:SCAN_LIMIT]).upper()
    spelled = folded.replace("-", "")
    for candidate in (*_windows(folded), *_windows(spelled)):
        if candidate[_CHECK_PLACE] == check_digit(candidate):
            return candidate
    return next((found for found in (cleaned, _without_bar_letters(cleaned)) if is_vin(found)), None)


def _without_bar_letters(text: str) -> str:
    """Code 39 bars on cars carry an I in front, some also behind; neither belongs to the VIN."""
    if len(text) in (VIN_LENGTH + 1, VIN_LENGTH + 2) and text.startswith("I"):
        text = text[1:]
    return text[:-1] if len(text) == VIN_LENGTH + 1 and text.endswith("I") else text


def _windows(text: str) -> Iterator[str]:
    """Words of exactly 17 allowed characters, also with the I of a bar around them."""
    for word in _WORD.findall(text):
        plain = _without_bar_letters(word)
        if is_vin(plain):
            yield plain


def year_candidates(vin: str, *, today: date) -> tuple[YearCandidate, ...]:
    """What place 10 may mean, newest first, none of a letter that means no year.

    North American cars say the half of the cycle at place 7 (a letter: since 2010). Else the newest that is not
    further ahead than next year is plausible: cars of a coming model year are sold from the autumn before.
    """
    code = vin[_YEAR_PLACE]
    if code not in YEAR_CODES:
        return ()
    first = _FIRST_YEAR + YEAR_CODES.index(code)
    years = list(range(first, today.year + 2, _CYCLE))
    likely = years[-1] if years else None
    if vin[0] in "12345" and years:
        modern = [year for year in years if (year >= _FIRST_YEAR + _CYCLE) == vin[6].isalpha()]
        likely = modern[-1] if modern else likely
    return tuple(YearCandidate(year, year == likely) for year in reversed(years))


def year_letters(years: Iterable[int], *, today: date) -> tuple[str, ...]:
    """What place 10 is for these model years, as far as cars of them can be there."""
    last = today.year + 1
    known = (year for year in years if _FIRST_YEAR <= year <= last)
    return tuple(YEAR_CODES[(year - _FIRST_YEAR) % _CYCLE] for year in known)


def decode_vin(vin: str, *, today: date | None = None) -> VinOrigin:
    """Maker, country and possible model years of a checked VIN, from the maker's code; works offline."""
    makers, countries = _tables()
    years = year_candidates(vin, today=today or date.today())
    maker = makers.get(vin[:3]) or _maker_by_list(vin)
    return VinOrigin(maker, next((name for low, high, name in countries if low <= _rank(vin) <= high), UNNAMED), years)


def _maker_by_list(vin: str) -> Bilingual:
    from vininfo import Vin  # type: ignore[import-untyped]  # its tables cost 20 ms

    name = Vin(vin).manufacturer or ""
    if name in ("", "UnsupportedBrand"):
        return UNNAMED
    make = make_named(name)
    return Bilingual(make.zh, make.en)


def _rank(code: str) -> int:
    return _ORDER.index(code[0]) * len(_ORDER) + _ORDER.index(code[1])


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, Bilingual], tuple[tuple[int, int, Bilingual], ...]]:
    row = find_effective(bundled_reference().rows("vin_makers"), date.max)
    if row is None:
        return {}, ()
    makers = {one["code"]: _named(one) for one in row.values["makers"]}
    ranges = tuple(
        (_rank(one["first"].ljust(2, _ORDER[0])), _rank(one["last"].ljust(2, _ORDER[-1])), _named(one))
        for one in row.values["countries"]
    )
    return makers, ranges


def _named(raw: dict[str, Any]) -> Bilingual:
    return Bilingual(raw["name"]["zh"], raw["name"]["en"])
