"""Judging time-stamps and certificates by time, without a file."""

from datetime import UTC, datetime, timedelta

import pytest

from app.contracts.keys.revocation import Revoked
from app.contracts.proof.time_proof import (
    CertificateState,
    FoundStamp,
    ProofLevel,
    StampState,
    certificate_state,
    clock_was_ahead,
    prove,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LOST = Revoked(NOON + 5 * DAY, 1, "keyCompromise")
REPLACED = Revoked(NOON + 5 * DAY, 1, "superseded")


def found(day: int, *, ends: int = 100, revision: int = 5, **values: object) -> FoundStamp:
    told: dict[str, object] = {
        "field": f"time_stamp_{revision}", "at": NOON + day * DAY, "authority": "Centre", "intact": True, "known": True,
        "ends_at": NOON + ends * DAY, "revoked": None, "revision": revision, "with_lists": True,
        "certificate_sha256": "0" * 64,
    }  # fmt: skip
    return FoundStamp(**(told | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stamps", "states", "level"),
    [
        ([], [], ProofLevel.B_B),
        ([found(1)], ["good"], ProofLevel.B_T),
        ([found(1), found(1, revision=6)], ["good", "good"], ProofLevel.B_LTA),
        ([found(1), found(1, revision=6, with_lists=False)], ["good", "good"], ProofLevel.B_T),
        ([found(1, revision=3)], ["good"], ProofLevel.B_B),  # over something else than the last signature
        ([found(1, known=False)], ["unknown"], ProofLevel.B_B),
        ([found(1, intact=False), found(2, revision=6)], ["damaged", "good"], ProofLevel.B_T),
        ([found(1, ends=8)], ["expired"], ProofLevel.B_B),
        ([found(1, ends=8), found(7, revision=6)], ["good", "good"], ProofLevel.B_LTA),
        ([found(1, ends=8), found(9, revision=6)], ["expired", "good"], ProofLevel.B_T),
        ([found(1, revoked=LOST)], ["revoked"], ProofLevel.B_B),
        ([found(1, revoked=LOST), found(4, revision=6)], ["good", "good"], ProofLevel.B_LTA),
        ([found(1, revoked=LOST), found(6, revision=6)], ["revoked", "good"], ProofLevel.B_T),
        ([found(1, revoked=REPLACED)], ["good"], ProofLevel.B_T),
        ([found(6, revoked=REPLACED)], ["revoked"], ProofLevel.B_B),
        ([found(1, ends=8), found(7, revision=6, known=False)], ["expired", "unknown"], ProofLevel.B_B),
    ],
)
def test_each_time_stamp_holds_at_the_time_the_next_one_proves(
    stamps: list[FoundStamp], states: list[str], level: ProofLevel
) -> None:
    proof = prove(stamps, signed_revision=4, now=NOON + 10 * DAY)
    assert [one.state.value for one in proof.stamps] == states
    assert proof.level is level
    good = [one.found.at for one in proof.stamps if one.state is StampState.GOOD and one.found.revision > 4]
    assert proof.at == min(good, default=None)
    assert proof.of_revision(4) == proof.at


@pytest.mark.parametrize(
    ("proved", "ends", "revoked", "state"),
    [
        (None, 100, None, CertificateState.GOOD),
        (1, 100, None, CertificateState.GOOD),
        (1, 8, None, CertificateState.EXPIRED_PROVED),
        (9, 8, None, CertificateState.EXPIRED_UNPROVED),
        (None, 8, None, CertificateState.EXPIRED_UNPROVED),
        (1, 100, LOST, CertificateState.REVOKED_LATER),
        (1, 8, LOST, CertificateState.REVOKED_LATER),
        (6, 100, LOST, CertificateState.REVOKED_BEFORE),
        (None, 100, LOST, CertificateState.REVOKED_UNPROVED),
        (None, 100, Revoked(NOON - DAY, 1, "superseded"), CertificateState.REVOKED_BEFORE),
    ],
)
def test_a_certificate_is_judged_by_when_it_was_used(
    proved: int | None, ends: int, revoked: Revoked | None, state: CertificateState
) -> None:
    told = certificate_state(
        signed_at=NOON, proved_at=None if proved is None else NOON + proved * DAY, ends_at=NOON + ends * DAY,
        revoked=revoked, now=NOON + 10 * DAY,
    )  # fmt: skip
    assert told is state


def test_only_a_clock_that_was_really_ahead_is_named() -> None:
    assert not clock_was_ahead(signed_at=NOON, proved_at=None)
    assert not clock_was_ahead(signed_at=NOON, proved_at=NOON - timedelta(seconds=40))
    assert clock_was_ahead(signed_at=NOON, proved_at=NOON - timedelta(minutes=2))
