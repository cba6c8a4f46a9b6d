"""What a count says of each vehicle, what can be decided about a difference, and when a count may be signed off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.kernel.state_machine import StateMachine, Transition
from app.runtime.language import tr_noop


class CountState(Labelled):
    COUNTING = "COUNTING", tr_noop("Being counted")
    RECOUNTING = "RECOUNTING", tr_noop("Differences looked for again")
    SIGNED = "SIGNED", tr_noop("Signed off")
    ABANDONED = "ABANDONED", tr_noop("Given up")


class CountAction(Labelled):
    RECOUNT = "recount", tr_noop("Look for the differences again")
    SIGN = "sign", tr_noop("Sign off")
    ABANDON = "abandon", tr_noop("Give up the count")


class Coverage(Labelled):
    BRANCH = "BRANCH", tr_noop("The whole branch")
    PLACES = "PLACES", tr_noop("Some places")
    SELECTION = "SELECTION", tr_noop("Chosen vehicles")


class Method(Labelled):
    """How a number got into the count."""

    SCAN = "SCAN", tr_noop("Scanned")
    TYPED = "TYPED", tr_noop("Typed")
    PASTED = "PASTED", tr_noop("Pasted")
    TAIL = "TAIL", tr_noop("By its last digits")
    TICKED = "TICKED", tr_noop("Ticked in the list")


class Outcome(Labelled):
    """What the count says of one vehicle."""

    MATCHED = "MATCHED", tr_noop("In its place")
    WRONG_PLACE = "WRONG_PLACE", tr_noop("Wrong place")
    MISSING = "MISSING", tr_noop("Missing")
    SURPLUS = "SURPLUS", tr_noop("Surplus")
    UNKNOWN = "UNKNOWN", tr_noop("Unknown number")
    EXPLAINED = "EXPLAINED", tr_noop("Explained")
    """Left or came while the count went on, as the books say."""


DIFFERENCES = (Outcome.MISSING, Outcome.WRONG_PLACE, Outcome.SURPLUS, Outcome.UNKNOWN)


class Reason(Labelled):
    """Why there was a difference; it says what is posted."""

    PLACE_CORRECTED = "PLACE_CORRECTED", tr_noop("Stands where it was found: correct the place")
    MOVED_BACK = "MOVED_BACK", tr_noop("Was put back to its place")
    FOUND = "FOUND", tr_noop("Found after the count")
    LOST = "LOST", tr_noop("Lost: freeze it and look into it")
    LENT_UNBOOKED = "LENT_UNBOOKED", tr_noop("Lent out and not booked")
    MISTAKEN_ENTRY = "MISTAKEN_ENTRY", tr_noop("Entered by mistake: take it out of the books")
    ARRIVED_UNBOOKED = "ARRIVED_UNBOOKED", tr_noop("Arrived and not booked: take it into stock")
    RETURNED_UNBOOKED = "RETURNED_UNBOOKED", tr_noop("Came back and not booked: bring it back")
    OTHER_BRANCH = "OTHER_BRANCH", tr_noop("Belongs to another branch: arrange a transfer")
    TO_BE_ENTERED = "TO_BE_ENTERED", tr_noop("Not in the books: have it entered")
    NOT_OURS = "NOT_OURS", tr_noop("Not a vehicle of the house")
    MISREAD = "MISREAD", tr_noop("Misread: no such vehicle stands there")


REASONS: dict[Outcome, tuple[Reason, ...]] = {
    Outcome.WRONG_PLACE: (Reason.PLACE_CORRECTED, Reason.MOVED_BACK, Reason.MISREAD),
    Outcome.MISSING: (Reason.FOUND, Reason.LOST, Reason.LENT_UNBOOKED, Reason.MISTAKEN_ENTRY),
    Outcome.SURPLUS: (
        Reason.ARRIVED_UNBOOKED, Reason.RETURNED_UNBOOKED, Reason.OTHER_BRANCH, Reason.NOT_OURS, Reason.MISREAD,
    ),
    Outcome.UNKNOWN: (Reason.TO_BE_ENTERED, Reason.NOT_OURS, Reason.MISREAD),
}  # fmt: skip

NEEDS_NOTE = frozenset({Reason.LOST, Reason.MISTAKEN_ENTRY, Reason.FOUND})
"""Reasons that have to say more than their code."""

_S, _A = CountState, CountAction
COUNT = StateMachine(
    document=tr_noop("stock count"),
    initial=_S.COUNTING,
    transitions=(
        Transition(_A.RECOUNT, (_S.COUNTING,), _S.RECOUNTING, Permission.STOCKTAKING_COUNT),
        Transition(_A.SIGN, (_S.COUNTING, _S.RECOUNTING), _S.SIGNED, Permission.STOCKTAKING_SIGN_OFF),
        Transition(
            _A.ABANDON, (_S.COUNTING, _S.RECOUNTING), _S.ABANDONED, Permission.STOCKTAKING_SIGN_OFF,
            reason_required=True,
        ),
    ),
)  # fmt: skip
OPEN = (_S.COUNTING, _S.RECOUNTING)


@dataclass(frozen=True, slots=True)
class Expected:
    """A line of the frozen list."""

    vin: str
    unit_id: str
    location: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A scan: `order` sorts what came later behind, `location` is empty where the counter named none."""

    id: str
    vin: str
    unit_id: str | None
    location: str
    at: datetime
    round: int
    withdraws: str | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """What the books say of a vehicle now: whose it is, whether it is in the house, where."""

    unit_id: str
    branch_id: str
    stock_state: str
    location: str
    removed: bool = False
    sold: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the count says of one VIN. `why` explains a movement, as an English key."""

    vin: str
    unit_id: str | None
    outcome: Outcome
    expected_location: str = ""
    found_location: str = ""
    seen: Seen | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A difference as it stood when it was decided."""

    outcome: Outcome
    expected: str
    found: str


@dataclass(slots=True)
class Tally:
    """How many of each outcome; `expected` lines, `scanned` different numbers."""

    expected: int = 0
    scanned: int = 0
    by: dict[Outcome, int] = field(default_factory=dict)

    def of(self, outcome: Outcome) -> int:
        """How many have this outcome."""
        return self.by.get(outcome, 0)

    @property
    def differences(self) -> int:
        """How many have to be decided."""
        return sum(self.of(outcome) for outcome in DIFFERENCES)


SOLD = tr_noop("delivered meanwhile")
LEFT = tr_noop("left the house meanwhile")
LENT = tr_noop("lent out meanwhile")
GIVEN_AWAY = tr_noop("on its way to another branch")
REMOVED = tr_noop("taken out of the books meanwhile")
ARRIVED = tr_noop("arrived meanwhile")


def latest(scans: Iterable[Seen]) -> dict[str, Seen]:
    """The last word about each VIN: what was taken back does not count, a recount comes after the first one."""
    listed = list(scans)
    taken_back = {one.withdraws for one in listed if one.withdraws}
    found: dict[str, Seen] = {}
    for one in sorted(listed, key=lambda seen: (seen.round, seen.at, seen.id)):
        if one.withdraws is None and one.id not in taken_back:
            found[one.vin] = one
    return found


def zone_of(location: str) -> str:
    """The zone of a place as text: "A" of "A-12"."""
    return location.partition("-")[0].strip().casefold()


def same_place(booked: str, found: str) -> bool:
    """Whether a vehicle stands where it should: a counter who names only the zone is content with the zone."""
    if not found.strip():
        return True
    if "-" not in found:
        return zone_of(booked) == zone_of(found)
    return booked.strip().casefold() == found.strip().casefold()


def judge(
    expected: Iterable[Expected], scans: Iterable[Seen], *, books: Mapping[str, Book], branch_id: str,
    began: datetime,
) -> list[Verdict]:  # fmt: skip
    """What the count says of every vehicle, in the order of the list, then of what was found beyond it.

    `books` say by VIN what is known of each vehicle now; a vehicle that is missing there has no record here.
    """
    seen = latest(scans)
    verdicts = [_of_expected(line, seen.pop(line.vin, None), books.get(line.vin), branch_id) for line in expected]
    beyond = sorted(seen.values(), key=lambda one: (one.at, one.id))
    return verdicts + [_beyond(one, books.get(one.vin), branch_id) for one in beyond]


def _of_expected(line: Expected, seen: Seen | None, book: Book | None, branch_id: str) -> Verdict:
    if seen is None:
        why = _gone(book, branch_id)
        outcome = Outcome.EXPLAINED if why else Outcome.MISSING
        return Verdict(line.vin, line.unit_id, outcome, line.location, why=why)
    booked_now = book.location if book is not None else line.location
    fits = same_place(line.location, seen.location) or same_place(booked_now, seen.location)
    outcome = Outcome.MATCHED if fits else Outcome.WRONG_PLACE
    return Verdict(line.vin, line.unit_id, outcome, line.location, seen.location, seen)


def _gone(book: Book | None, branch_id: str) -> str:
    """What explains that a vehicle no longer stands there, "" for nothing."""
    if book is None or book.removed:
        return GIVEN_AWAY if book is not None and book.branch_id != branch_id else REMOVED
    if book.branch_id != branch_id or book.stock_state == "IN_TRANSIT":
        return GIVEN_AWAY
    if book.stock_state == "LENT":
        return LENT
    if book.stock_state == "OUT":
        return SOLD if book.sold else LEFT
    return ""


def _beyond(seen: Seen, book: Book | None, branch_id: str) -> Verdict:
    """A vehicle that is not on the list: of another place, of another branch, out of the house, or unknown."""
    if book is None or (book.removed and book.branch_id == branch_id):
        return Verdict(seen.vin, seen.unit_id, Outcome.UNKNOWN, "", seen.location, seen)
    here = book.branch_id == branch_id and book.stock_state == "IN_STOCK"
    if not here:
        return Verdict(seen.vin, book.unit_id, Outcome.SURPLUS, book.location, seen.location, seen)
    if same_place(book.location, seen.location):
        return Verdict(seen.vin, book.unit_id, Outcome.EXPLAINED, book.location, seen.location, seen, why=ARRIVED)
    return Verdict(seen.vin, book.unit_id, Outcome.WRONG_PLACE, book.location, seen.location, seen)


def as_signed(verdicts: Iterable[Verdict], decided: Mapping[str, Decided]) -> list[Verdict]:
    """What was signed, however the books have changed since: decided differences as they were decided.

    Whatever else is a difference today was none on the day, as nothing undecided can be signed off.
    """
    made = []
    for one in verdicts:
        known = decided.get(one.vin)
        if known is not None:
            one = replace(
                one, outcome=known.outcome, expected_location=known.expected, found_location=known.found, why=""
            )
        elif one.outcome in DIFFERENCES:
            outcome = Outcome.MATCHED if one.outcome is Outcome.WRONG_PLACE else Outcome.EXPLAINED
            one = replace(one, outcome=outcome)
        made.append(one)
    return made


def tally(verdicts: Iterable[Verdict]) -> Tally:
    """The figures of a count."""
    made = Tally()
    for verdict in verdicts:
        made.by[verdict.outcome] = made.of(verdict.outcome) + 1
        made.scanned += verdict.seen is not None
    return made


def sign_off_obstacles(*, undecided: int, missing: int, state: CountState) -> list[str]:
    """What keeps a count from being signed off, as English keys with their numbers."""
    found = []
    if missing and state is CountState.COUNTING:
        found.append(NOT_RECOUNTED)
    if undecided:
        found.append(UNDECIDED)
    return found


NOT_RECOUNTED = tr_noop("what is missing was not looked for a second time")
UNDECIDED = tr_noop("differences are not decided")
