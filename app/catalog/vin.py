"""Vehicle identification numbers: GB 16735 / ISO 3779.

Length and letters are firm. The check digit at place 9 is firm in North America and in China, but not everywhere:
a wrong one is a warning, because an imported car must not be refused.
"""

from dataclasses import dataclass

from app.catalog.errors import VinCharactersWrong, VinLengthWrong
from app.kernel.labels import Note, note
from app.runtime.language import tr_noop

VIN_LENGTH = 17
_CHECK_PLACE = 8
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
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
class VinOrigin:
    """What a VIN tells by itself; empty where the maker's code is unknown. Model years are newest first."""

    manufacturer: str
    country: str
    model_years: tuple[int, ...]


def check_digit(vin: str) -> str:
    """The digit (or X) that belongs at place 9 of a VIN of 17 allowed characters."""
    total = sum(_VALUES[character] * weight for character, weight in zip(vin, _WEIGHTS, strict=True))
    return "X" if total % 11 == 10 else str(total % 11)


def check_vin(text: str, *, field: str = "vin") -> VinCheck:
    """The VIN in capitals without blanks and hyphens; a wrong check digit is a warning in the result.

    Raises VinLengthWrong or VinCharactersWrong for the field.
    """
    if len(text) > 4 * VIN_LENGTH:
        raise VinLengthWrong(field=field, length=len(text))
    vin = "".join(text.split()).replace("-", "").upper()
    wrong = sorted({character for character in vin if character not in _VALUES})
    if wrong:
        raise VinCharactersWrong(field=field, characters=" ".join(wrong))
    if len(vin) != VIN_LENGTH:
        raise VinLengthWrong(field=field, length=len(vin))
    return VinCheck(vin, check_digit(vin))


def decode_vin(vin: str) -> VinOrigin:
    """Maker, country and possible model years of a checked VIN, from the maker's code; works offline."""
    from vininfo import Vin  # type: ignore[import-untyped]  # its tables cost 20 ms

    decoded = Vin(vin)
    maker = decoded.manufacturer or ""
    known = "" if maker == "UnsupportedBrand" else maker
    return VinOrigin(known, decoded.country or "", tuple(decoded.years))
