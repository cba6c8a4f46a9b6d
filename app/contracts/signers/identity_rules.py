"""How a signer is known: the kinds of steps, what makes people look twice, and how long a code is good for."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from hmac import compare_digest

from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

CODE_DIGITS = 6
CODE_LIFETIME = timedelta(minutes=5)
MOST_ATTEMPTS = 5
"""So many wrong entries use a code up."""
SEND_PAUSE = timedelta(minutes=1)
"""Between two codes to one address."""
SEND_WINDOW = timedelta(hours=1)
MOST_PER_ADDRESS, MOST_PER_CONTRACT = 5, 10
"""Codes within the window."""
ADULT, OLD = 18, 70
SUSPICIOUS_FAILURES = 3
LATELY = timedelta(days=90)
"""How far back the same phone with other people counts."""
_COST = {"n": 4096, "r": 8, "p": 1}


class StepKind(Labelled):
    NOTICE = "notice", tr_noop("Purposes and retention explained")
    CARD_CHECK = "card_check", tr_noop("Identity document compared")
    DOCUMENT_PHOTO = "document_photo", tr_noop("Photo of the document")
    ONE_TIME_CODE = "one_time_code", tr_noop("Code sent to the signer")
    PHONE = "phone", tr_noop("Read on the signer's own phone")
    RISK_HINT = "risk_hint", tr_noop("Look twice")


class StepResult(Labelled):
    PASSED = "passed", tr_noop("Passed")
    FAILED = "failed", tr_noop("Failed")
    NOTED = "noted", tr_noop("Noted")


class RiskHint(Labelled):
    """What a salesperson should look at twice; none of them stops a signature by itself."""

    UNDER_AGE = "under_age", tr_noop("Under 18 according to the identity number")
    OLD = "old", tr_noop("Over 70: take time, ask whether somebody should come along")
    NAME_DIFFERS = "name_differs", tr_noop("The name on the document is not the one on the contract")
    NUMBER_DIFFERS = "number_differs", tr_noop("The number on the document is not the one on the contract")
    MANY_FAILURES = "many_failures", tr_noop("Several attempts have failed")
    WRONG_PHONE_CODE = "wrong_phone_code", tr_noop("Wrong codes were entered before the document opened on the phone")
    PHONE_SHARED = "phone_shared", tr_noop("Other customers have lately given the same phone number")


class Channel(Labelled):
    """Where a code goes."""

    PHONE = "phone", tr_noop("Text message")
    EMAIL = "email", tr_noop("E-mail")


@dataclass(frozen=True, slots=True)
class HashedCode:
    """What is kept of a code."""

    salt: str
    digest: str


def age_on(born_on: date, day: date) -> int:
    """Full years; somebody born on 29 February has the birthday on 1 March of other years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def new_code() -> str:
    """Six digits nobody can foresee."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def hashed(code: str) -> HashedCode:
    """The code under a salt of its own."""
    salt = secrets.token_hex(16)
    return HashedCode(salt, _digest(code, salt))


def is_code(entered: str, kept: HashedCode) -> bool:
    """Whether these are the digits, compared in constant time; blanks do not count."""
    return compare_digest(_digest("".join(entered.split())[:32], kept.salt), kept.digest)


def _digest(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode("utf-8"), salt=bytes.fromhex(salt), dklen=32, **_COST).hex()


def address_digest(address: str) -> str:
    """An address as it is counted by."""
    return hashlib.sha256(address.encode("utf-8")).hexdigest()
