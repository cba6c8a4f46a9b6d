"""Which version of a text counts on a day, and what becomes of the others."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.contracts.templates.text_versions import (
    TEXT,
    TextPhase,
    TextState,
    counts_from,
    in_force,
    phase_on,
    terms_digest,
)

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
NOON = datetime(2026, 4, 20, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Text:
    """A version as the rules see it."""

    id: str
    effective_from: date
    effective_to: date | None = None
    state: str = "APPROVED"
    decided_at: datetime | None = NOON


def test_the_one_that_begins_last_counts() -> None:
    old, new = Text("1", MAY), Text("2", JUNE)
    assert in_force([old, new], date(2026, 4, 30)) is None
    assert in_force([old, new], date(2026, 5, 31)) == old
    assert in_force([new, old], JUNE) == new


def test_of_two_that_begin_on_one_day_the_one_approved_later_counts() -> None:
    early, late = Text("2", MAY), Text("1", MAY, decided_at=NOON.replace(hour=5))
    assert in_force([early, late], MAY) == late
    assert phase_on(early, [early, late], MAY) is TextPhase.SUPERSEDED


def test_nothing_counts_before_somebody_agreed() -> None:
    decided = datetime(2026, 5, 9, 16, 30, tzinfo=UTC)  # the tenth in China
    late = Text("1", MAY, decided_at=decided)
    assert counts_from(MAY, decided) == date(2026, 5, 10)
    assert in_force([late], date(2026, 5, 9)) is None
    assert in_force([late], date(2026, 5, 10)) == late
    assert phase_on(late, [late], date(2026, 5, 9)) is TextPhase.SCHEDULED


def test_after_the_last_day_what_counted_before_counts_again() -> None:
    base, autumn = Text("1", MAY), Text("2", JUNE, effective_to=date(2026, 6, 30))
    assert in_force([base, autumn], date(2026, 6, 30)) == autumn
    assert in_force([base, autumn], JULY) == base
    assert phase_on(autumn, [base, autumn], JULY) is TextPhase.ENDED


def test_only_what_is_approved_counts() -> None:
    for state in TextState:
        version = Text("1", MAY, state=state.value)
        assert (in_force([version], JULY) is not None) == (state is TextState.APPROVED)
    assert phase_on(Text("1", MAY, state="DRAFT"), [], JULY) is TextPhase.DRAFT


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
STATES = [state.value for state in TextState]
VERSIONS = st.lists(
    st.builds(Text, st.integers(1, 10**6).map(str), DAYS, st.none() | DAYS, st.sampled_from(STATES)),
    max_size=6, unique_by=lambda one: one.id,
)  # fmt: skip


@given(VERSIONS, DAYS, st.randoms())
def test_the_order_in_which_versions_arrive_does_not_matter(versions: list[Text], day: date, chance: object) -> None:
    other = list(versions)
    chance.shuffle(other)  # type: ignore[attr-defined]
    counting = in_force(versions, day)
    assert in_force(other, day) == counting
    phases = [phase_on(one, versions, day) for one in versions]
    assert phases.count(TextPhase.IN_FORCE) == (counting is not None)


def test_the_lifecycle_ends_only_refused_or_withdrawn() -> None:
    assert {state for state in TextState if TEXT.is_final(state)} == {TextState.REJECTED, TextState.WITHDRAWN}
    assert TEXT.reachable() == frozenset(TextState)


def test_the_digest_is_of_what_is_agreed_upon_alone() -> None:
    fields = {"text_zh": "甲", "text_en": "a", "state": "DRAFT", "decision_note": "x", "conditions": ["plan"]}
    digest = terms_digest("clause_version", fields)
    assert terms_digest("clause_version", fields | {"state": "APPROVED", "decision_note": "y", "ver": 3}) == digest
    assert terms_digest("clause_version", fields | {"text_en": "b"}) != digest
    assert terms_digest("template_version", fields) != digest
