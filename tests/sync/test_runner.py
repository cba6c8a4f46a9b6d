"""When the desk exchanges: never in step with others, soon after waking up, one process at a time."""

import random
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from sync.client.errors import (
    AnswerDamaged,
    BranchDiffers,
    ExchangeElsewhere,
    ServiceBusy,
    ServiceUnreachable,
    SyncProblem,
)
from sync.client.pacing import Pacing, Rhythm, SystemWatch
from sync.client.process_lock import sole_exchange
from sync.client.runner import SyncRunner
from sync.client.status import SyncReport
from tests.sync.conftest import Group

AWAY = ServiceUnreachable(address="x")


class FakeWatch:
    """Clocks that go on while somebody waits. `plan` says what happens when: a poke, sleep, a network."""

    def __init__(self, plan: dict[float, str] | None = None) -> None:
        self.now, self.slept, self.address = 0.0, 0.0, "10.0.0.5"
        self.plan = dict(plan or {})

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_795_000_000 + self.now + self.slept

    def network(self) -> str:
        return self.address

    def wait(self, event: threading.Event, seconds: float) -> bool:
        coming = min((at for at in self.plan if at > self.now), default=None)
        if coming is None or coming > self.now + seconds:
            self.now += seconds
            return False
        self.now = coming
        what = self.plan.pop(coming)
        if what == "poke":
            event.set()
            return True
        if what == "sleep":
            self.slept += 3600
        else:
            self.address = what
        return False


class Scripted:
    """An engine that answers as it is told."""

    def __init__(self, *answers: SyncReport | Exception) -> None:
        self.answers = list(answers)
        self.told: list[float] = []
        self.leases = SimpleNamespace(note_time=lambda: None)

    def sync_once(self) -> SyncReport:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def note_next_attempt(self, seconds: float) -> None:
        self.told.append(seconds)

    def resume(self) -> None: ...

    def stop(self) -> None: ...

    def tidy_search(self) -> None: ...

    def keep_leases(self) -> None: ...

    def keep_log(self) -> None: ...

    def check_copy(self) -> None: ...


def pauses(*answers: SyncReport | Exception) -> list[float]:
    runner = SyncRunner(Scripted(*answers), watch=FakeWatch())  # type: ignore[arg-type]
    return [runner._once() for _ in answers]


def near(pause: float, wanted: float, *, spread: float = 0.15) -> bool:
    return wanted * (1 - spread) <= pause <= wanted * (1 + spread)


def test_the_less_happens_the_less_often_it_looks() -> None:
    idle, busy = SyncReport(), SyncReport(pushed=1)
    found = pauses(busy, idle, idle, idle, idle, idle, busy)
    assert all(near(one, wanted) for one, wanted in zip(found, [2, 4, 8, 16, 30, 30, 2], strict=True))


def test_failures_are_retried_ever_more_rarely_and_as_the_service_asks() -> None:
    found = pauses(*[AWAY] * 9)
    wanted = [2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert all(near(one, at, spread=0.3) for one, at in zip(found, wanted, strict=True))
    (asked,) = pauses(ServiceBusy(retry_after=8))
    assert 8 <= asked <= 10, "never earlier than asked"
    assert pauses(AnswerDamaged(), RuntimeError("a bug"))[1] == 60.0
    assert near(pauses(BranchDiffers(branch="SH01"))[0], 120, spread=0.3)


def test_forty_desks_do_not_come_in_step() -> None:
    """All lost the centre in the same moment; ten rounds later their attempts are spread over the whole pause."""
    times = []
    for desk in range(40):
        pacing, at = Pacing(Rhythm(), random.Random(desk)), 0.0
        for _ in range(10):
            at += pacing.after_problem(AWAY)
        times.append(at)
    seconds = [sum(1 for at in times if second <= at < second + 1) for second in range(int(max(times)) + 1)]
    assert max(seconds) <= 6
    idle = []
    for desk in range(40):
        pacing, at = Pacing(Rhythm(), random.Random(desk)), 0.0
        for _ in range(20):
            at += pacing.after_success(moved=False)
        idle.append(at)
    assert max(idle) - min(idle) > 20


def rest(runner: SyncRunner, seconds: float) -> float:
    """How long it rested of that."""
    before = runner._watch.monotonic()
    runner._rest(seconds)
    return runner._watch.monotonic() - before


def test_a_poke_ends_the_rest_but_not_a_retry() -> None:
    runner = SyncRunner(Scripted(AWAY), watch=FakeWatch({3.0: "poke"}))  # type: ignore[arg-type]
    assert rest(runner, 30) == pytest.approx(3)
    runner = SyncRunner(Scripted(AWAY), watch=FakeWatch({0.5: "poke"}))  # type: ignore[arg-type]
    pause = runner._once()
    assert rest(runner, pause) == pytest.approx(pause)
    assert runner.engine.told == [pause]  # type: ignore[attr-defined]
    runner._not_before = 1e9
    runner._watch.plan = {runner._watch.now + 1: "poke"}  # type: ignore[attr-defined]
    runner.poke(now=True)
    assert rest(runner, 60) == pytest.approx(1), "“try now” counts even then"


@pytest.mark.parametrize("what", ["sleep", "192.168.7.20"])
def test_after_waking_up_or_in_another_network_it_tries_soon(what: str) -> None:
    runner = SyncRunner(Scripted(), watch=FakeWatch({12.0: what}))  # type: ignore[arg-type]
    runner._not_before = 60.0
    assert 11.9 <= rest(runner, 60) <= 17.1
    assert runner._not_before <= 17.1


def test_losing_the_network_is_no_reason_to_try() -> None:
    runner = SyncRunner(Scripted(), watch=FakeWatch({12.0: ""}))  # type: ignore[arg-type]
    assert rest(runner, 60) == pytest.approx(60)


def test_the_network_is_asked_without_sending_anything() -> None:
    assert isinstance(SystemWatch().network(), str)


_HOLD = """
import sys
from pathlib import Path
from sync.client.process_lock import sole_exchange
with sole_exchange(Path(sys.argv[1])):
    print("holding", flush=True)
    sys.stdin.read()
"""


def test_two_processes_on_one_file_take_turns(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.records.customer(name="张三")
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(desk.database.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert other.stdout is not None and other.stdout.readline() == b"holding\n"
        with pytest.raises(ExchangeElsewhere) as waiting:
            desk.sync()
        assert waiting.value.passing and desk.one("SELECT acknowledged_n FROM desk_state") == 0
        other.kill()  # the right ends with its process
        other.wait(30)
        assert desk.sync().pushed == 1
    finally:
        other.kill()
        other.communicate(timeout=30)


def test_two_engines_of_one_process_take_turns(tmp_path: Path) -> None:
    with sole_exchange(tmp_path / "a.db"), pytest.raises(SyncProblem), sole_exchange(tmp_path / "a.db"):
        raise AssertionError("both had it")
    with sole_exchange(tmp_path / "a.db"), sole_exchange(tmp_path / "b.db"):
        pass
