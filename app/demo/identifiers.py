"""Made-up numbers that are valid: vehicles, people, companies, telephones, plates. None is meant to be anybody's."""

from datetime import date, timedelta
from functools import lru_cache
from random import Random

from stdnum.cn import ric, uscc

from app.catalog.vin import check_digit

_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_YEAR_LETTERS = "ABCDEFGHJKLMNPRSTVWXY123456789"
"""Model years from 2010 on, place 10 of a VIN (GB 16735)."""
_COMPANY_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MOBILE_PREFIXES = ("133", "135", "136", "137", "138", "139", "150", "151", "158", "159", "177", "180", "186", "188")
_BIRTH_PLACES = (
    "310101", "310104", "310105", "310110", "310112", "330102", "330106", "320502", "320503", "340104", "340403",
    "370102", "410102", "420102", "420106", "430102", "510104", "610102", "210102", "350102", "360102", "330302",
)  # fmt: skip
_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

MAKER_CODES: dict[str, str] = {
    "BYD": "LGX", "Volkswagen": "LSV", "Toyota": "LVG", "Honda": "LHG", "Nissan": "LGB", "Tesla": "LRW",
    "Geely": "LB3", "Li Auto": "LW4", "AITO": "LM8", "XPeng": "LMV", "NIO": "LJ1", "Changan": "LS4", "Chery": "LVT",
    "Haval": "LGW", "Tank": "LGW", "Wuling": "LZW", "Hongqi": "LFP", "BMW": "LBV", "Mercedes-Benz": "LE4",
    "Audi": "LFV", "Buick": "LSG",
}  # fmt: skip
"""World maker codes of plants in China."""
_IMPORTER_CODES: dict[str, str] = {
    "Acura": "19U", "Alfa Romeo": "ZAR", "Aston Martin": "SCF", "Audi": "WAU", "Bentley": "SCB", "BMW": "WBA",
    "Bugatti": "VF9", "Buick": "1G4", "Cadillac": "1G6", "Chevrolet": "1G1", "Chrysler": "2C3", "Dodge": "2B3",
    "Ferrari": "ZFF", "Fiat": "ZFA", "Ford": "1FA", "Genesis": "KMT", "GMC": "1GT", "Honda": "JHM", "Hyundai": "KMH",
    "Infiniti": "JNK", "Jaguar": "SAJ", "Jeep": "1J4", "Kia": "KNA", "Lamborghini": "ZHW", "Land Rover": "SAL",
    "Lexus": "JTH", "Lincoln": "1LN", "Lotus": "SCC", "Maserati": "ZAM", "Mazda": "JM1", "Mercedes-Benz": "WDD",
    "MINI": "WMW", "Mitsubishi": "JMB", "Nissan": "JN1", "Porsche": "WP0", "RAM": "3C6", "Rolls-Royce": "SCA",
    "Subaru": "JF1", "Tesla": "5YJ", "Toyota": "JT2", "Volkswagen": "WVW", "Volvo": "YV1",
}  # fmt: skip
"""World maker codes of plants abroad."""
_NORTH_AMERICAN = "12345"
_IMPORT_CODES = {"US": "1G1", "JP": "JT2", "DE": "WBA", "KR": "KMH", "GB": "SAL", "IT": "ZFF", "SE": "YV1", "FR": "VF1"}


@lru_cache(maxsize=4096)
def _is_birth_place(place: str, year: int) -> bool:
    """Whether the division existed in a year: those that were renamed or split count only for their time."""
    return ric.is_valid(_with_check_digit(f"{place}{year}0701101"))


def _with_check_digit(draft: str) -> str:
    """The 17 places of an identity number and the eighteenth."""
    return draft + str(ric.calc_check_digit(f"{draft}0"))


class Identifiers:
    """Gives valid numbers, each only once, the same ones for the same chance."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._given: set[str] = set()
        self._serial = 100_000

    def _once(self, text: str) -> bool:
        if text in self._given:
            return False
        self._given.add(text)
        return True

    def vin(self, make: str, *, country: str, imported: bool, year: int) -> str:
        """A VIN of a make and model year with the right check digit."""
        abroad = _IMPORTER_CODES.get(make) or _IMPORT_CODES.get(country, "WAU")
        maker = abroad if imported else MAKER_CODES.get(make, "LFV")
        self._serial += self._chance.randrange(1, 4)
        model = "".join(self._chance.choice(_VIN_LETTERS) for _ in range(2)) + f"{self._chance.randrange(1000):03d}"
        if maker[0] in _NORTH_AMERICAN:  # a letter at place 7 says that the year is of the cycle since 2010
            model = model[:3] + _VIN_LETTERS[int(model[3])] + model[4:]
        year_letter = _YEAR_LETTERS[(year - 2010) % len(_YEAR_LETTERS)]
        draft = f"{maker}{model}0{year_letter}{self._chance.choice(_VIN_LETTERS)}{self._serial % 1_000_000:06d}"
        return draft[:8] + check_digit(draft) + draft[9:]

    def engine_number(self, electric: bool) -> str:
        """An engine's or motor's number."""
        kind = "TZ" if electric else self._chance.choice(("EA", "DK", "JL", "M"))
        return f"{kind}{self._chance.randrange(100, 999)}{self._chance.randrange(1_000_000):06d}"

    def identity_card(self, *, today: date) -> str:
        """A citizen's number, for somebody between 20 and 68 from anywhere (GB 11643)."""
        while True:
            born = today - timedelta(days=self._chance.randrange(20 * 365, 68 * 365))
            place = self._chance.choice(_BIRTH_PLACES)
            number = _with_check_digit(f"{place}{born:%Y%m%d}{self._chance.randrange(1, 1000):03d}")
            if _is_birth_place(place, born.year) and self._once(number):
                return number

    def company_code(self, region: str) -> str:
        """A unified social credit code of a company (GB 32100)."""
        while True:
            organisation = "".join(self._chance.choice(_COMPANY_CHARACTERS) for _ in range(8))
            number = f"91{region}MA{organisation}"[:17]
            number += uscc.calc_check_digit(number)
            if self._once(number):
                return number

    def passport(self) -> str:
        """A foreign passport's number."""
        while True:
            number = f"{self._chance.choice('ABCEGHKLMPX')}{self._chance.randrange(10_000_000, 99_999_999)}"
            if self._once(number):
                return number

    def mobile(self) -> str:
        """A mobile number; the numbers after the prefix are made up."""
        while True:
            number = f"{self._chance.choice(_MOBILE_PREFIXES)}{self._chance.randrange(100_000_000):08d}"
            if self._once(number):
                return number

    def plate(self, province: str, letters: str, *, new_energy: bool) -> str:
        """A number plate; new-energy vehicles have one place more, with D or F for the kind."""
        while True:
            digits = f"{self._chance.randrange(100_000):05d}"
            if new_energy:
                number = f"{province}{self._chance.choice(letters)}D{digits}"
            else:
                swap = self._chance.choice(_PLATE_LETTERS.replace("I", "").replace("O", ""))
                number = f"{province}{self._chance.choice(letters)}{swap}{digits[1:]}"
            if self._once(number):
                return number
