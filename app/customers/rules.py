"""Customers: identity numbers, phones, masks, and when two entries are the same person.

Identity card GB 11643 and company code GB 32100 are checked by python-stdnum; what is ours is saying what is wrong.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.customers.errors import (
    CompanyCodeCharactersWrong,
    CompanyCodeCheckDigitWrong,
    CompanyCodeLengthWrong,
    IdentityCharactersWrong,
    IdentityCheckDigitWrong,
    IdentityDateWrong,
    IdentityLengthWrong,
    PassportWrong,
    PhoneWrong,
)
from app.kernel.errors import ValueTooLong
from app.kernel.labels import Labelled, Note, note
from app.runtime.language import tr_noop

LONGEST_INPUT = 200
_MASK = "*"


class CustomerKind(Labelled):
    PERSON = "person", tr_noop("Person")
    COMPANY = "company", tr_noop("Company")


class IdentityKind(Labelled):
    IDENTITY_CARD = "identity_card", tr_noop("Identity card")
    PASSPORT = "passport", tr_noop("Passport or permit")
    COMPANY_CODE = "company_code", tr_noop("Company code")
    OTHER = "other", tr_noop("Other document")


class Sex(Labelled):
    FEMALE = "female", tr_noop("Female")
    MALE = "male", tr_noop("Male")


@dataclass(frozen=True, slots=True)
class IdentityCard:
    """A valid identity card number and what it says. `warning` where the region is in no table: look again, but a new
    region may be younger than the table."""

    number: str
    born_on: date
    sex: Sex
    region_code: str
    warning: Note | None = None


def _plain(text: str, field: str) -> str:
    """Full-width characters made plain, blanks and hyphens taken out; raises ValueTooLong for a pasted book."""
    if len(text) > LONGEST_INPUT:
        raise ValueTooLong(field=field, limit=LONGEST_INPUT, length=len(text))
    return re.sub(r"[\s\-‐-―]", "", unicodedata.normalize("NFKC", text)).upper()


def check_identity_card(text: str, *, today: date, field: str = "identity_number") -> IdentityCard:
    """The checked identity card number.

    Raises IdentityLengthWrong, IdentityCharactersWrong, IdentityDateWrong or IdentityCheckDigitWrong for the field.
    """
    from stdnum.cn import ric
    from stdnum.exceptions import InvalidComponent

    number = _plain(text, field)
    if len(number) != 18:
        raise IdentityLengthWrong(field=field, length=len(number))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise IdentityCharactersWrong(field=field)
    try:
        born_on = ric.get_birth_date(number)
    except InvalidComponent as error:
        raise IdentityDateWrong(field=field) from error
    if not date(1850, 1, 1) <= born_on <= today:
        raise IdentityDateWrong(field=field)
    if ric.calc_check_digit(number) != number[-1]:
        raise IdentityCheckDigitWrong(field=field)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdentityCard(number, born_on, sex, number[:6], _region_warning(number))


def _region_warning(number: str) -> Note | None:
    from stdnum.cn import ric
    from stdnum.exceptions import InvalidComponent

    try:
        ric.get_birth_place(number)
    except InvalidComponent:
        return note(tr_noop("The first six digits name no known region. Compare them with the card."))
    return None


def check_company_code(text: str, *, field: str = "identity_number") -> str:
    """The checked unified social credit code.

    Raises CompanyCodeLengthWrong, CompanyCodeCharactersWrong or CompanyCodeCheckDigitWrong for the field.
    """
    from stdnum.cn import uscc
    from stdnum.exceptions import InvalidChecksum, InvalidFormat

    number = _plain(text, field)
    if len(number) != 18:
        raise CompanyCodeLengthWrong(field=field, length=len(number))
    try:
        return str(uscc.validate(number))
    except InvalidChecksum as error:
        raise CompanyCodeCheckDigitWrong(field=field) from error
    except InvalidFormat as error:
        raise CompanyCodeCharactersWrong(field=field) from error


def check_identity(kind: IdentityKind | str, text: str, *, today: date, field: str = "identity_number") -> str:
    """The stored form of an identity number of any kind. Raises what the checks of its kind raise, or PassportWrong."""
    if kind == IdentityKind.IDENTITY_CARD:
        return check_identity_card(text, today=today, field=field).number
    if kind == IdentityKind.COMPANY_CODE:
        return check_company_code(text, field=field)
    number = _plain(text, field)
    if not re.fullmatch(r"[0-9A-Z()]{5,20}", number):
        raise PassportWrong(field=field)
    return number


_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))(\d{7,8})")
_SERVICE = re.compile(r"(?:400|800)\d{7}|9\d{4,5}")
_FOREIGN = re.compile(r"\+[1-9]\d{5,14}")
_EXTENSION = re.compile(r"(?:转|轉|ext\.?|x|#|,)\s*(\d{1,6})$", re.IGNORECASE)


def normal_phone(text: str, *, field: str = "phone") -> str:
    """The stored form of a phone number: "13800138000", "010-65551234", "4008001234", "+85291234567"; an extension
    follows as "转123". Raises PhoneWrong for the field."""
    if len(text) > LONGEST_INPUT:
        raise PhoneWrong(field=field)
    plain = unicodedata.normalize("NFKC", text).strip()
    extension = _EXTENSION.search(plain)
    number = re.sub(r"[\s\-‐-―().·]", "", plain[: extension.start()] if extension else plain)
    number = re.sub(r"^(?:\+|00)86(?=1[3-9]|0?\d)", "", number)
    number = re.sub(r"^00(?=[1-9])", "+", number)
    stored = _recognised(number, field)
    return f"{stored}转{extension[1]}" if extension else stored


def _recognised(number: str, field: str) -> str:
    if not re.fullmatch(r"\+?[0-9]{5,20}", number):
        raise PhoneWrong(field=field)
    if _MOBILE.fullmatch(number) or _SERVICE.fullmatch(number) or _FOREIGN.fullmatch(number):
        return number
    landline = _LANDLINE.fullmatch(number)
    if landline is None:
        raise PhoneWrong(field=field)
    return f"{landline[1]}-{landline[2]}"


def is_mobile(phone: str) -> bool:
    """Whether a stored phone number is a mainland mobile, to which a message can be sent."""
    return _MOBILE.fullmatch(phone) is not None


def mask_identity(number: str) -> str:
    """110105********002X: the region and the last four stay; of short numbers only the last two."""
    if len(number) >= 14:
        return number[:6] + _MASK * (len(number) - 10) + number[-4:]
    return _MASK * max(len(number) - 2, 0) + number[-2:] if len(number) > 4 else _MASK * len(number)


def mask_phone(phone: str) -> str:
    """138****8000; of others the last four digits, or two of short ones, stay."""
    if is_mobile(phone):
        return f"{phone[:3]}{_MASK * 4}{phone[-4:]}"
    kept = 4 if len(phone) > 8 else 2
    hidden = re.sub(r"\d", _MASK, phone[:-kept]) if len(phone) > kept else ""
    return hidden + phone[-kept:] if hidden else _MASK * len(phone)


def mask_bank_card(number: str) -> str:
    """6222 **** **** 1234: the first and last four stay."""
    digits = re.sub(r"\s", "", number)
    if len(digits) < 12:
        return _MASK * len(digits)
    hidden = digits[:4] + _MASK * (len(digits) - 8) + digits[-4:]
    return " ".join(hidden[start : start + 4] for start in range(0, len(hidden), 4))


def mask_email(address: str) -> str:
    """w***@example.com: the first character and the domain stay."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}***{at}{domain}" if at else _MASK * len(address)


def mask_address(address: str) -> str:
    """The first six characters, which name the district, stay."""
    return address[:6] + _MASK * min(len(address) - 6, 6) if len(address) > 6 else _MASK * len(address)


_COMPANY_ENDINGS = re.compile(
    r"(?:股份)?(?:有限)?(?:责任)?公司$|(?:集团)$|(?:\bco\b\.?|\bltd\b\.?|\binc\b\.?|\bllc\b\.?|\blimited\b|,)+$"
)


def name_key(name: str) -> str:
    """A name as it is compared: width, case, blanks, middle dots and company endings do not count."""
    folded = unicodedata.normalize("NFKC", name).casefold()[:LONGEST_INPUT].strip()
    shortened = folded
    while (shorter := _COMPANY_ENDINGS.sub("", shortened).strip(" .,")) != shortened and shorter:
        shortened = shorter
    return re.sub(r"[\W_]", "", shortened) or re.sub(r"\s", "", folded)


@dataclass(frozen=True, slots=True)
class DuplicateKey:
    """Something that two entries of one customer share; `what` is the English key of its name."""

    what: str
    value: str


def duplicate_keys(*, phones: Iterable[str] = (), identity_number: str = "") -> tuple[DuplicateKey, ...]:
    """What to look for among other customers while somebody types: phones and the identity number in stored form.

    What is not (yet) a valid phone gives no key; the identity number is compared without blanks and case.
    """
    keys = [DuplicateKey(tr_noop("phone"), phone) for phone in map(_phone_or_none, phones) if phone]
    identity = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", identity_number[:LONGEST_INPUT])).upper()
    if len(identity) >= 5:
        keys.append(DuplicateKey(tr_noop("identity number"), identity))
    return tuple(dict.fromkeys(keys))


def _phone_or_none(text: str) -> str | None:
    try:
        return normal_phone(text)
    except PhoneWrong:
        return None
