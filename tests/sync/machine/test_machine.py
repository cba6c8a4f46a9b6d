"""Whatever people, networks, clocks and disks do: nothing is lost, nothing is sold twice, all come to agree."""

import gc
import logging
import os
import shutil
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync.machine.network import Fault
from tests.sync.machine.rules import Machine
from tests.sync.machine.steps import kinds_of_steps
from tests.sync.machine.world import build_world, scratch_folder

PARTS = 4
STEPS = int(os.environ.get("FORECOURT_SYNC_STEPS", "10000"))
"""Steps of all parts together; set it higher for a long run."""
STEPS_A_RUN = 100
SEED = 20261122


@pytest.fixture(scope="module", autouse=True)
def template() -> Iterator[None]:
    """The disks every run begins with."""
    folder = scratch_folder()
    Machine.template = build_world(folder)
    gc.collect()
    gc.freeze()  # nothing of what was imported by now ever goes: looking through it again and again took a sixth
    seldom = gc.get_threshold()
    gc.set_threshold(20_000, 20, 50)
    yield
    gc.set_threshold(*seldom)
    gc.unfreeze()
    shutil.rmtree(folder)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_and_nothing_sold_twice(part: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)  # thousands of healings: what fails says by itself how it came about
    wanted, steps, runs = STEPS // PARTS, Machine.steps, Machine.runs
    begun, used = time.perf_counter(), time.process_time()
    number = SEED + part
    while (left := wanted - Machine.steps + steps) > 0:  # some runs end before their last step
        chosen = settings(
            max_examples=-(-left // STEPS_A_RUN), stateful_step_count=STEPS_A_RUN, deadline=None, database=None,
            print_blob=True, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        run_state_machine_as_test(seed(number)(Machine), settings=chosen)
        number += PARTS
    steps, runs = Machine.steps - steps, Machine.runs - runs
    begun, used = time.perf_counter() - begun, time.process_time() - used
    print(f"seed {SEED + part}: {steps} steps in {runs} runs, {begun:.0f} s, {steps / used:.0f} a second of one core")
    assert steps >= wanted


def test_every_kind_of_step_and_every_fault_was_met() -> None:
    """Says what the runs of this process were made of; a kind of step nobody takes any more would prove nothing."""
    if Machine.steps < STEPS // PARTS:
        run_state_machine_as_test(
            seed(SEED)(Machine),
            settings=settings(max_examples=20, stateful_step_count=STEPS_A_RUN, deadline=None, database=None,
                              phases=(Phase.generate,), suppress_health_check=list(HealthCheck)),
        )  # fmt: skip
    print(dict(Machine.taken), dict(Machine.met))
    assert set(kinds_of_steps()) == set(Machine.taken)
    assert {fault.value for fault in Fault if fault is not Fault.NONE} <= set(Machine.met)
