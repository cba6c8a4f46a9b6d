"""How the Sync page says things stand: agreement, what is on its way, problems, and the whole copy compared."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from app.kernel.clock import FixedClock
from sync.client.errors import DeviceRevoked, ServiceUnreachable, SyncProblem
from sync.client.status import Progress, SyncState, SyncStatus
from tests.factories.records import Records
from tests.ui.sync.conftest import Centre, MemorySync, Open
from ui.sync.ports import Checked
from ui.sync.words import standing_of


def offline(clock: FixedClock, problem: SyncProblem, **more: Any) -> SyncStatus:
    """Away for twenty minutes, for a reason."""
    return SyncStatus(
        state=SyncState.OFFLINE, offline_since=clock.now() - timedelta(minutes=20), message=problem.text,
        message_params=tuple(sorted(problem.params.items())), problem=problem.code, **more,
    )  # fmt: skip


def test_all_is_well(open_sync: Open, agreed: SyncStatus, centre: Centre) -> None:
    centre.acknowledge_all()
    driver = open_sync(agreed)
    card = driver.page.card
    assert card.headline.text() == "Everything is sent; both sides agree."
    assert standing_of(agreed, driver.context.clock.now()).tone == "good"
    assert not card.advice.isVisible() and not card.activity.isVisible()
    assert not driver.page.connect_form.isVisible()
    facts = "\n".join(label.text() for label in card.findChildren(QLabel))
    assert "https://centre.example:8420" in facts and "SH01 · D01" in facts and "2 min ago (11:58)" in facts


def test_offline_is_said_with_its_reason_and_what_waits(
    open_sync: Open, agreed: SyncStatus, clock: FixedClock, records: Records
) -> None:
    records.customer()
    driver = open_sync(agreed)
    problem = ServiceUnreachable(address="https://centre.example:8420")
    driver.tell(offline(clock, problem, unsent=1, oldest_unsent_at=clock.now() - timedelta(minutes=19)))
    card = driver.page.card
    assert card.headline.text() == "Offline since 11:40. Work goes on here."
    assert "https://centre.example:8420 does not answer" in card.advice.text()
    facts = "\n".join(label.text() for label in card.findChildren(QLabel))
    assert "1 change in 1 record" in facts
    driver.tell(offline(clock, problem), state=SyncState.WORKING)
    assert card.headline.text().startswith("Offline since"), "trying again is not yet being back"
    assert card.activity.isVisible()


@pytest.mark.parametrize(
    ("status", "tone", "headline"),
    [
        (SyncStatus(), "neutral", "This desk works without a centre."),
        (SyncStatus(state=SyncState.AGREED), "neutral", "Connected; both sides have not agreed yet."),
        (SyncStatus(state=SyncState.REFUSED, message=DeviceRevoked.text), "bad", "The centre does not exchange"),
        (SyncStatus(state=SyncState.AGREED, unsent=1), "info", "1 change is on its way"),
        (SyncStatus(state=SyncState.WORKING, unsent=3), "info", "3 changes are on their way"),
        (SyncStatus(state=SyncState.AGREED, rejected=1, unsent=3), "bad", "3 changes are on their way"),
    ],
)
def test_every_state_has_its_sentence(status: SyncStatus, tone: str, headline: str, clock: FixedClock) -> None:
    standing = standing_of(status, clock.now())
    assert standing.tone == tone
    assert standing.headline.startswith(headline)


def test_agreement_grows_old_and_unsent_changes_grow_worrying(clock: FixedClock, agreed: SyncStatus) -> None:
    assert standing_of(agreed, clock.now() + timedelta(minutes=9)).tone == "warn"
    fresh = SyncStatus(state=SyncState.AGREED, unsent=1, oldest_unsent_at=clock.now())
    assert standing_of(fresh, clock.now()).tone == "info"
    assert standing_of(fresh, clock.now() + timedelta(minutes=3)).tone == "warn"


def test_a_problem_of_another_day_names_the_day(clock: FixedClock) -> None:
    since = offline(clock, ServiceUnreachable(address="a"))
    assert "11:40" in standing_of(since, clock.now()).headline
    assert "2026-11-22 11:40" in standing_of(since, clock.now() + timedelta(days=1)).headline


def test_it_is_live(open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre) -> None:
    driver = open_sync(agreed)
    assert driver.page.tabs["waiting"].content.model.rows == []
    records.customer(name="张三")
    driver.tell(agreed, unsent=1)
    assert [line.title for line in driver.page.tabs["waiting"].content.model.rows] == ["张三"]
    assert driver.page.views.segments()[0].text() == "Waiting 1"
    centre.acknowledge_all()
    driver.tell(agreed)
    assert driver.page.tabs["waiting"].content.model.rows == []
    assert driver.page.views.segments()[0].text() == "Waiting"


def test_nothing_is_called_agreed_beside_a_red_mark(agreed: SyncStatus, clock: FixedClock) -> None:
    for more in ({"rejected": 1}, {"conflicts": 1}, {"unwritten": 1}):
        standing = standing_of(replace(agreed, **more), clock.now())
        assert "agree" not in standing.headline and standing.tone != "good" and standing.advice


def test_a_clock_that_was_set_back_is_said_before_everything_else(agreed: SyncStatus, clock: FixedClock) -> None:
    was = clock.now() + timedelta(hours=9)
    for status, tone in ((replace(agreed, clock_was=was), "warn"), (SyncStatus(clock_was=was), "warn")):
        standing = standing_of(status, clock.now())
        assert standing.tone == tone
        assert standing.advice[0].startswith("This computer's clock was set back: it has shown 2026-")


def test_a_problem_shows_its_reference_and_the_next_attempt(
    open_sync: Open, agreed: SyncStatus, clock: FixedClock
) -> None:
    driver = open_sync(agreed)
    problem = ServiceUnreachable(address="https://centre.example:8420")
    away = offline(clock, problem, request_id="a" * 32, next_at=clock.now() + timedelta(seconds=42))
    driver.tell(away)
    card = driver.page.card
    assert card.next_attempt.text() == "The next attempt is made in 42 seconds."
    assert card.reference.isVisible() and card.reference.label.text() == f"Reference: {'a' * 32}"
    card.reference.copy.click()
    assert QGuiApplication.clipboard().text() == "a" * 32
    driver.tell(agreed)
    assert not card.reference.isVisible() and not card.next_attempt.isVisible()


def test_a_long_exchange_says_how_far_it_is(agreed: SyncStatus, clock: FixedClock) -> None:
    working = replace(agreed, state=SyncState.WORKING, progress=Progress(sent=3000, to_send=50_000))
    assert standing_of(working, clock.now()).headline == "Sending: 3,000 of 50,000 changes."
    receiving = replace(working, progress=Progress(received=10_000, to_receive=1_000_000))
    assert standing_of(receiving, clock.now()).headline == "Receiving: 10,000 of 1,000,000 records."
    told = Progress(received=10_000, to_receive=80_000, about=True, seconds_left=130.0, bytes_in=1_300_000)
    by_pages = replace(working, progress=told)
    assert standing_of(by_pages, clock.now()).headline == (
        "Receiving: 10,000 of about 80,000 records. About 2 minutes left. 1.3 MB"
    )


def test_the_whole_copy_is_checked_on_demand(open_sync: Open, agreed: SyncStatus, sync_port: MemorySync) -> None:
    driver = open_sync(agreed)
    sync_port.checked = Checked(rows=1200, repaired=2, left_alone=0, differing=0)
    assert driver.run("sync.check")
    said = "\n".join(label.text() for label in driver.page.messages.findChildren(QLabel))
    assert "1,200 records compared. 2 records were put right." in said


def test_a_comparison_that_did_not_come_to_an_end_says_so_and_what_it_did(
    open_sync: Open, agreed: SyncStatus, sync_port: MemorySync
) -> None:
    driver = open_sync(agreed)
    sync_port.checked = Checked(rows=800, repaired=1, left_alone=0, differing=0, complete=False)
    assert driver.run("sync.check")
    said = "\n".join(label.text() for label in driver.page.messages.findChildren(QLabel))
    assert "did not come to an end" in said and "1 record was put right." in said
    assert "It goes on by itself" in said and "Everything here is as the centre has it" not in said
