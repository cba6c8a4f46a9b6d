"""What customers come from and agree to, and how plates are written."""

import re
import unicodedata

from app.customers.errors import EmailWrong, PlateWrong, RegionWrong
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

NOTICE_VERSION = "2026-01"
"""The version of the privacy notice that is read out with a consent (PIPL, art. 17)."""


class CustomerSource(Labelled):
    WALK_IN = "walk_in", tr_noop("Walked in")
    PHONE = "phone", tr_noop("Phone call")
    ONLINE = "online", tr_noop("Online")
    REFERRAL = "referral", tr_noop("Recommended")
    EVENT = "event", tr_noop("Fair or event")
    SERVICE = "service", tr_noop("Workshop customer")
    RETURNING = "returning", tr_noop("Buys again")
    OTHER = "other", tr_noop("Other")


class ConsentPurpose(Labelled):
    """What needs a consent of its own; performing a contract needs none (PIPL, art. 13, 14, 23, 29)."""

    MARKETING = "marketing", tr_noop("Offers and news")
    SHARE_WITH_INSURER = "share_with_insurer", tr_noop("Data to an insurer")
    SHARE_WITH_BANK = "share_with_bank", tr_noop("Data to a bank")
    SHARE_WITH_MAKER = "share_with_maker", tr_noop("Data to the maker")
    SENSITIVE_IDENTITY = "sensitive_identity", tr_noop("Copy of an identity document")

    @property
    def names_recipient(self) -> bool:
        """Whether the recipient has to be named (PIPL, art. 23)."""
        return self.value.startswith("share_")


class ConsentChannel(Labelled):
    IN_PERSON = "in_person", tr_noop("In person")
    ON_PAPER = "on_paper", tr_noop("On paper")
    PHONE = "phone", tr_noop("Phone call")
    ONLINE = "online", tr_noop("Online")


_EMAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>.]+(?:\.[^@\s<>.]+)+")
_REGION = re.compile(r"[1-9]\d{5}")
_PLATE = re.compile(r"[A-Z0-9\u4e00-\u9fff]{5,10}")


def normal_email(text: str, *, field: str = "email") -> str:
    """The address as it is stored, empty for an empty one; raises EmailWrong for the field."""
    plain = unicodedata.normalize("NFKC", text[:300]).strip()
    if plain and (len(plain) > 120 or not _EMAIL.fullmatch(plain)):
        raise EmailWrong(field=field)
    return plain


def normal_region(text: str, *, field: str = "region_code") -> str:
    """The six digits of an administrative division, or nothing; raises RegionWrong for the field."""
    plain = text.strip()
    if plain and not _REGION.fullmatch(plain):
        raise RegionWrong(field=field)
    return plain


def normal_plate(text: str, *, field: str = "plate") -> str:
    """沪A·12345 as "沪A12345", empty for an empty one; raises PlateWrong for the field.

    Only the form is checked: temporary, foreign and cross-border plates come to the workshop too.
    """
    plain = re.sub(r"[\s·•.\-]", "", unicodedata.normalize("NFKC", text[:100])).upper()
    if plain and not (_PLATE.fullmatch(plain) and re.search(r"\d", plain)):
        raise PlateWrong(field=field)
    return plain
