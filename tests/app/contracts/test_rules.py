"""The life of a contract."""

from itertools import permutations

import pytest

from app.contracts.errors import ContractLocked
from app.contracts.rules import (
    CONTRACT,
    PARTIES,
    ContractAction,
    ContractState,
    Party,
    missing_parties,
    require_editable,
    signing_action,
)
from app.kernel.errors import ReasonRequired
from app.kernel.state_machine import TransitionNotAllowed


@pytest.mark.parametrize("order", list(permutations(Party)))
def test_signed_by_both_in_either_order(order: tuple[Party, ...]) -> None:
    state, signed = ContractState.LOCKED, frozenset[Party]()
    passed = []
    for party in order:
        assert party in missing_parties(signed)
        state = CONTRACT.next_state(state, signing_action(signed, party))
        signed |= {party}
        passed.append(state)
    assert passed == [ContractState.PARTIALLY_SIGNED, ContractState.SIGNED]
    assert signed == PARTIES
    assert missing_parties(signed) == ()


def test_nobody_signs_twice() -> None:
    action = signing_action(frozenset({Party.BUYER}), Party.BUYER)
    with pytest.raises(TransitionNotAllowed):
        CONTRACT.next_state(ContractState.PARTIALLY_SIGNED, action)


@pytest.mark.parametrize("state", [s for s in ContractState if s != ContractState.DRAFT])
def test_nothing_is_edited_after_the_draft(state: ContractState) -> None:
    require_editable("DRAFT")
    with pytest.raises(ContractLocked):
        require_editable(state)


@pytest.mark.parametrize("action", [ContractAction.DECLINE, ContractAction.VOID])
def test_declining_and_voiding_keep_their_reason(action: ContractAction) -> None:
    with pytest.raises(ReasonRequired):
        CONTRACT.check(ContractState.LOCKED, action)
    CONTRACT.check(ContractState.LOCKED, action, reason="wrong colour")
