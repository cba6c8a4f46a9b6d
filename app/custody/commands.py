"""What can be done about certificates, keys and places."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.custody.rules import CustodyStep, Holder, KeyPurpose
from app.inventory.places import PlaceKind
from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCertificates(Command):
    """Hand certificates on, all of them or none: one line in the ledger each, and the units' axis follows.

    `to_name` says to which bank, agent or customer, or in which safe; `from_kind` only matters for a certificate that
    comes in (maker or carrier). Without `due_back_on` one that is lent is due back by house policy. Returns the
    entries' ids. Undone by correcting them. Raises CertificateElsewhere, HappensLater, HappenedBeforeLast or
    NothingChosen.
    """

    unit_ids: Sequence[str]
    step: CustodyStep
    to_name: str = ""
    from_kind: Holder | None = None
    from_name: str = ""
    document_number: str = ""
    contract_number: str = ""
    happened_at: datetime | None = None
    due_back_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectCertificates(Command):
    """Take entries back by a contra entry each: the certificates are where they were before. The reason is kept.

    Only the last entry of a unit can be corrected (EntryNotLast), and once (EntryCorrected).
    """

    entry_ids: Sequence[str]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterKeys(Command):
    """Enter the keys of a unit: how many, their tag, and the slot of the board where they hang; returns the keys' ids.

    For a unit that has keys already, further ones up to the count. Raises KeysCounted (field `count`) or SlotTaken.
    """

    unit_id: str
    count: int
    slot: str
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOutKey(Command):
    """Give a key to a colleague (`staff_id`) or somebody else by name; returns when it is due back.

    Undone by taking it back. Raises KeyNotThere or DueInPast (field `due_back_at`).
    """

    key_id: str
    purpose: KeyPurpose
    staff_id: str | None = None
    holder_name: str = ""
    due_back_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnKey(Command):
    """A key is on the board again, in its slot or another one; also for one that was lost and found."""

    key_id: str
    slot: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveKeysToCustomer(Command):
    """All keys of a unit that are on the board or handed out go to the customer; returns how many."""

    unit_id: str
    customer_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportKeyLost(Command):
    """A key cannot be found; the reason says what is known."""

    key_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPlace(Command):
    """Enter a place of the branch in the register; returns its id. Raises PlaceCodeUnusable or PlaceExists."""

    code: str
    name_zh: str
    name_en: str
    kind: PlaceKind
    capacity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlace(Command):
    """Set a place's names, kind and capacity, or use it no more (PlaceOccupied while vehicles stand there); can be
    undone."""

    place_id: str
    expected_revision: int
    name_zh: str
    name_en: str
    kind: PlaceKind
    capacity: int
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPlacesInUse(Command):
    """Make a registered place of each zone that units' places name so far ("A" for "A-12"); returns how many are new.

    Two desks that do it apart make the same places.
    """
