"""All lifecycles: each is whole, worded, and leads exactly where the trade's own description says."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contracts.rules import CONTRACT
from app.contracts.templates.text_versions import TEXT
from app.inventory.rules import ALLOCATION, CERTIFICATE, PDI, QUALITY, STOCK
from app.kernel.labels import Labelled, state_label
from app.kernel.permissions import ROLE_PERMISSIONS, Role
from app.kernel.state_machine import StateMachine, TransitionNotAllowed
from app.orders.rules import ORDER
from app.payments.rules import PAYMENT, REFUND
from app.pricing.rules import PRICE_CHANGE
from app.quotations.rules import QUOTATION
from app.replenishment.rules import PROPOSAL
from app.runtime.language import CHINESE, ENGLISH, catalogue
from app.transfers.rules import TRANSFER
from app.workshop.rules import APPOINTMENT

AnyMachine = StateMachine[Any, Any]

MACHINES: dict[str, AnyMachine] = {
    "quotation": QUOTATION,
    "order": ORDER,
    "stock": STOCK,
    "allocation": ALLOCATION,
    "pdi": PDI,
    "quality": QUALITY,
    "certificate": CERTIFICATE,
    "transfer": TRANSFER,
    "contract": CONTRACT,
    "appointment": APPOINTMENT,
    "payment": PAYMENT,
    "refund": REFUND,
    "price change": PRICE_CHANGE,
    "purchase proposal": PROPOSAL,
    "text": TEXT,
}

EDGES: dict[str, str] = {
    "quotation": """
        DRAFT>PENDING_APPROVAL PENDING_APPROVAL>APPROVED PENDING_APPROVAL>REJECTED DRAFT>PRESENTED APPROVED>PRESENTED
        PRESENTED>ACCEPTED ACCEPTED>CONVERTED EXPIRED>SUPERSEDED
        DRAFT>EXPIRED PENDING_APPROVAL>EXPIRED APPROVED>EXPIRED REJECTED>EXPIRED PRESENTED>EXPIRED ACCEPTED>EXPIRED
        DRAFT>SUPERSEDED PENDING_APPROVAL>SUPERSEDED APPROVED>SUPERSEDED REJECTED>SUPERSEDED PRESENTED>SUPERSEDED
        ACCEPTED>SUPERSEDED DRAFT>LOST PENDING_APPROVAL>LOST APPROVED>LOST REJECTED>LOST PRESENTED>LOST
        ACCEPTED>LOST""",
    "order": """
        DRAFT>MANAGER_REVIEW MANAGER_REVIEW>FINANCE_REVIEW FINANCE_REVIEW>CONFIRMED CONFIRMED>DELIVERY_CONFIRMING
        DELIVERY_CONFIRMING>DELIVERED DELIVERED>COMPLETED MANAGER_REVIEW>DRAFT FINANCE_REVIEW>DRAFT
        DRAFT>CANCELLED MANAGER_REVIEW>CANCELLED FINANCE_REVIEW>CANCELLED CONFIRMED>CANCELLED
        DELIVERY_CONFIRMING>CANCELLED DELIVERED>RETURN_PENDING COMPLETED>RETURN_PENDING RETURN_PENDING>RETURNED
        RETURN_PENDING>DELIVERED""",
    "stock": "IN_TRANSIT>IN_STOCK IN_STOCK>LENT LENT>IN_STOCK IN_STOCK>OUT LENT>OUT OUT>IN_STOCK",
    "allocation": """FREE>HELD HELD>HELD FREE>ALLOCATED HELD>ALLOCATED ALLOCATED>DELIVERED HELD>FREE ALLOCATED>FREE
        DELIVERED>FREE""",
    "pdi": "UNCHECKED>PASS FAIL>PASS UNCHECKED>FAIL PASS>FAIL",
    "quality": "NORMAL>DAMAGED DAMAGED>NORMAL NORMAL>FROZEN DAMAGED>FROZEN FROZEN>NORMAL",
    "certificate": """PENDING_SCAN>AT_BANK IN_SAFE>AT_BANK PENDING_SCAN>IN_SAFE AT_BANK>IN_SAFE IN_SAFE>ISSUED
        ISSUED>IN_SAFE""",
    "transfer": """PENDING>APPROVED APPROVED>DEPARTED DEPARTED>MOVED APPROVED>MOVED PENDING>REJECTED
        PENDING>CANCELLED APPROVED>CANCELLED DEPARTED>CANCELLED""",
    "contract": """
        DRAFT>LOCKED LOCKED>PARTIALLY_SIGNED LOCKED>SIGNED
        PARTIALLY_SIGNED>PARTIALLY_SIGNED PARTIALLY_SIGNED>SIGNED SIGNED>SEALED SEALED>ARCHIVED
        LOCKED>DECLINED PARTIALLY_SIGNED>DECLINED LOCKED>EXPIRED PARTIALLY_SIGNED>EXPIRED
        LOCKED>VOIDED PARTIALLY_SIGNED>VOIDED SIGNED>VOIDED SEALED>VOIDED ARCHIVED>VOIDED
        SEALED>SUPERSEDED ARCHIVED>SUPERSEDED SUPERSEDED>SEALED SEALED>TERMINATED ARCHIVED>TERMINATED
        SEALED>DISPOSED ARCHIVED>DISPOSED DECLINED>DISPOSED EXPIRED>DISPOSED VOIDED>DISPOSED SUPERSEDED>DISPOSED
        TERMINATED>DISPOSED""",
    "appointment": """
        REQUESTED>CONFIRMED RESCHEDULED>CONFIRMED REQUESTED>RESCHEDULED CONFIRMED>RESCHEDULED RESCHEDULED>RESCHEDULED
        CONFIRMED>ARRIVED RESCHEDULED>ARRIVED ARRIVED>CONVERTED REQUESTED>CANCELLED CONFIRMED>CANCELLED
        RESCHEDULED>CANCELLED CONFIRMED>NO_SHOW RESCHEDULED>NO_SHOW""",
    "payment": "RECEIVED>CONFIRMED CONFIRMED>RECONCILED CONFIRMED>REVERSED",
    "purchase proposal": """DRAFT>PENDING_APPROVAL PENDING_APPROVAL>DRAFT REJECTED>DRAFT PENDING_APPROVAL>APPROVED
        PENDING_APPROVAL>REJECTED APPROVED>ORDERED ORDERED>CLOSED DRAFT>CANCELLED PENDING_APPROVAL>CANCELLED
        APPROVED>CANCELLED ORDERED>CANCELLED""",
    "price change": """DRAFT>PENDING_APPROVAL PENDING_APPROVAL>APPROVED PENDING_APPROVAL>REJECTED DRAFT>WITHDRAWN
        PENDING_APPROVAL>WITHDRAWN APPROVED>WITHDRAWN""",
    "refund": "REQUESTED>APPROVED REQUESTED>REJECTED APPROVED>PAID",
    "text": """DRAFT>PROPOSED PROPOSED>DRAFT PROPOSED>APPROVED PROPOSED>REJECTED DRAFT>WITHDRAWN PROPOSED>WITHDRAWN
        APPROVED>WITHDRAWN""",
}
REASONS: dict[str, set[str]] = {
    "quotation": {"LOST"},
    "order": {"CANCELLED"},
    "contract": {"DECLINED", "VOIDED", "TERMINATED"},
    "payment": {"REVERSED"},
    "text": {"REJECTED", "WITHDRAWN"},
}

named = pytest.mark.parametrize("name", MACHINES)


def states(machine: AnyMachine) -> list[Labelled]:
    return list(type(machine.initial))


def actions(machine: AnyMachine) -> list[Labelled]:
    return list(type(machine.transitions[0].action))


def edges(machine: AnyMachine) -> Iterable[str]:
    return (f"{source}>{t.target}" for t in machine.transitions for source in t.sources)


@named
def test_leads_exactly_where_the_trade_says(name: str) -> None:
    assert sorted(edges(MACHINES[name])) == sorted(EDGES[name].split())


@named
def test_every_state_is_reachable_and_every_action_used(name: str) -> None:
    machine = MACHINES[name]
    assert machine.reachable() == set(states(machine))
    assert {t.action for t in machine.transitions} == set(actions(machine))


@named
def test_reasons_are_asked_for_where_the_trade_keeps_them(name: str) -> None:
    asked = {t.target.value for t in MACHINES[name].transitions if t.reason_required}
    assert asked >= REASONS.get(name, set())
    if name in REASONS:
        assert asked == REASONS[name]


@named
def test_every_transition_can_be_taken_by_some_role(name: str) -> None:
    granted = ROLE_PERMISSIONS[Role.BRANCH_MANAGER]
    assert all(t.permission in granted for t in MACHINES[name].transitions)


@named
def test_states_and_actions_are_worded_in_both_languages(name: str) -> None:
    chinese = catalogue(CHINESE)
    machine = MACHINES[name]
    assert machine.document in chinese
    for member in [*states(machine), *actions(machine)]:
        assert state_label(member, ENGLISH) == member.label
        assert member.label in chinese, f"{member.label} has no Chinese text"


@named
def test_labels_of_states_differ_within_a_lifecycle(name: str) -> None:
    members = states(MACHINES[name])
    for language in (CHINESE, ENGLISH):
        assert len({state_label(m, language) for m in members}) == len(members)


@given(st.sampled_from(sorted(MACHINES)), st.data())
def test_any_walk_stays_within_the_lifecycle(name: str, data: st.DataObject) -> None:
    """Whatever is pressed, the state is a known one, and a refused action changes nothing and explains itself."""
    machine = MACHINES[name]
    state = machine.initial
    for action in data.draw(st.lists(st.sampled_from(actions(machine)), max_size=12)):
        offered = machine.actions(state)
        try:
            state = machine.next_state(state, action)
        except TransitionNotAllowed as refusal:
            assert action not in offered
            assert all(state_label(possible) in refusal.message() for possible in offered)
            json.dumps(str(refusal))
        else:
            assert action in offered
            assert state in states(machine)


def test_signed_and_posted_things_never_go_back() -> None:
    for signed in ("SIGNED", "SEALED", "ARCHIVED", "VOIDED"):
        after = CONTRACT.reachable(type(CONTRACT.initial)(signed))
        assert not after & {CONTRACT.initial, type(CONTRACT.initial)("LOCKED")}
    assert PAYMENT.reachable(type(PAYMENT.initial)("REVERSED")) == {"REVERSED"}
    assert REFUND.is_final("PAID")
    assert ORDER.is_final("CANCELLED")
