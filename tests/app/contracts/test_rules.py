"""The life of a contract."""

from datetime import UTC, datetime, timedelta

import pytest

from app.contracts.errors import ContractLocked
from app.contracts.kinds.roles import SALE, PartyRole, awaited
from app.contracts.rules import (
    CONTRACT,
    ContractAction,
    ContractState,
    require_editable,
    signing_action,
    signing_is_over,
)
from app.kernel.errors import ReasonRequired
from app.kernel.state_machine import TransitionNotAllowed

R = PartyRole


@pytest.mark.parametrize(
    "roles", [(R.BUYER, R.DEALER), (R.BUYER, R.GUARANTOR, R.DEALER), (R.BUYER, R.CO_BUYER, R.GUARANTOR, R.DEALER)]
)
def test_partly_signed_until_the_last_one_signs(roles: tuple[PartyRole, ...]) -> None:
    codes, state, passed = SALE.codes(roles), ContractState.LOCKED, []
    for done in range(len(codes)):
        state = CONTRACT.next_state(state, signing_action(awaited(codes, codes[:done])))
        passed.append(state)
    assert passed == [ContractState.PARTIALLY_SIGNED] * (len(codes) - 1) + [ContractState.SIGNED]


@pytest.mark.parametrize("state", [ContractState.DRAFT, ContractState.SIGNED, ContractState.EXPIRED])
def test_nobody_signs_what_is_not_waiting(state: ContractState) -> None:
    for action in (ContractAction.SIGN, ContractAction.SIGN_LAST):
        with pytest.raises(TransitionNotAllowed):
            CONTRACT.next_state(state, action)


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


def test_the_time_for_signing_ends_at_its_instant() -> None:
    end = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert signing_is_over(end, end)
    assert not signing_is_over(end, end - timedelta(microseconds=1))
    assert not signing_is_over(None, end)
