"""The lifecycle engine."""

import pytest

from app.kernel.errors import ReasonRequired
from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.kernel.state_machine import StateMachine, Transition, TransitionNotAllowed
from app.runtime.language import CHINESE, set_language


class Door(Labelled):
    OPEN = "OPEN", "Open"
    SHUT = "SHUT", "Shut"
    GONE = "GONE", "Gone"


class Act(Labelled):
    SHUT = "shut", "Shut it"
    OPEN = "open", "Open it"
    REMOVE = "remove", "Remove it"


MACHINE = StateMachine(
    document="door",
    initial=Door.SHUT,
    transitions=(
        Transition(Act.OPEN, (Door.SHUT,), Door.OPEN, Permission.CATALOG_VIEW),
        Transition(Act.SHUT, (Door.OPEN,), Door.SHUT, Permission.CATALOG_VIEW),
        Transition(Act.REMOVE, (Door.OPEN, Door.SHUT), Door.GONE, Permission.CATALOG_EDIT, reason_required=True),
    ),
)


def test_leads_from_state_to_state() -> None:
    assert MACHINE.next_state(Door.SHUT, Act.OPEN) is Door.OPEN
    assert MACHINE.actions(Door.OPEN) == (Act.SHUT, Act.REMOVE)
    assert MACHINE.may(Door.OPEN, Act.SHUT)
    assert not MACHINE.may(Door.SHUT, Act.SHUT)
    assert MACHINE.is_final(Door.GONE)
    assert not MACHINE.is_final(Door.OPEN)
    assert MACHINE.reachable() == set(Door)
    assert MACHINE.reachable(Door.GONE) == {Door.GONE}
    assert MACHINE.transition(Door.OPEN, Act.REMOVE).permission is Permission.CATALOG_EDIT


def test_takes_stored_codes() -> None:
    assert MACHINE.next_state("SHUT", Act.OPEN) is Door.OPEN
    with pytest.raises(ValueError, match="AJAR"):
        MACHINE.next_state("AJAR", Act.OPEN)


def test_a_refusal_says_what_is_possible_instead() -> None:
    with pytest.raises(TransitionNotAllowed) as caught:
        MACHINE.next_state(Door.OPEN, Act.OPEN)
    text = caught.value.message()
    assert text == "“Open it” is not possible while the door is “Open”. Possible now: Shut it, Remove it."


def test_a_final_state_says_that_it_is_closed() -> None:
    with pytest.raises(TransitionNotAllowed) as caught:
        MACHINE.next_state(Door.GONE, Act.OPEN)
    assert caught.value.message().endswith("Possible now: nothing, it is closed.")
    set_language(CHINESE)
    assert caught.value.message().endswith("现在可以：无，已办结。")


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_asks_for_the_reason_where_one_is_kept(reason: str) -> None:
    with pytest.raises(ReasonRequired) as caught:
        MACHINE.check(Door.OPEN, Act.REMOVE, reason=reason)
    assert caught.value.field == "reason"
    assert MACHINE.check(Door.OPEN, Act.REMOVE, reason="rotten").target is Door.GONE
    assert MACHINE.check(Door.OPEN, Act.SHUT).target is Door.SHUT


def test_one_state_never_has_an_action_twice() -> None:
    twice = Transition(Act.OPEN, (Door.SHUT,), Door.OPEN, Permission.CATALOG_VIEW)
    with pytest.raises(ValueError, match="twice"):
        StateMachine(document="door", initial=Door.SHUT, transitions=(twice, twice))
