"""The kinds of document there are: one registry for drafting, templates, signing and pages.

`KINDS` keeps the order in which people meet them. Whatever a template of a kind may ask for, and whatever a person has
to fill in, is declared in `app.contracts.kinds.<code>`.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from app.contracts.kinds import (
    delivery_note,
    earnest_money,
    loan_intent,
    pdi_repair_disclosure,
    privacy_consent,
    receipt,
    repair_authorisation,
    settlement_statement,
    termination_agreement,
    test_drive,
    trade_in,
    vehicle_order,
    vehicle_sale,
)
from app.contracts.kinds.errors import DocumentKindUnknown
from app.contracts.kinds.parts import (
    DocumentKind,
    Entry,
    EntryChoice,
    EntryForm,
    EntryType,
    KindRole,
    Placeholder,
    RetentionClass,
    Subject,
)

__all__ = [
    "ALWAYS",
    "KINDS",
    "SALE",
    "DocumentKind",
    "Entry",
    "EntryChoice",
    "EntryForm",
    "EntryType",
    "KindRole",
    "Placeholder",
    "RetentionClass",
    "Subject",
    "kind_of",
    "kinds_about",
]

ALWAYS = "always"
"""The condition that holds everywhere."""
SALE = "vehicle_sale"

KINDS: Mapping[str, DocumentKind] = MappingProxyType(
    {
        module.KIND.code: module.KIND
        for module in (
            vehicle_order, earnest_money, loan_intent, trade_in, test_drive, vehicle_sale, pdi_repair_disclosure,
            receipt, delivery_note, termination_agreement, repair_authorisation, settlement_statement, privacy_consent,
        )
    }
)  # fmt: skip
"""By code."""


def kind_of(code: str) -> DocumentKind:
    """The kind of a code; raises DocumentKindUnknown (field `kind`)."""
    if code not in KINDS:
        raise DocumentKindUnknown(field="kind", code=code)
    return KINDS[code]


def kinds_about(known: Iterable[Subject]) -> tuple[DocumentKind, ...]:
    """The kinds that can be drafted where these records are known, and nothing else has to be chosen."""
    given = set(known)
    return tuple(kind for kind in KINDS.values() if given.issuperset(kind.about))
