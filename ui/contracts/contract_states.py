"""How the states of a contract look, and who its parties are."""

from app.contracts.roles import number_of, role_of
from app.contracts.rules import ContractState
from app.runtime.language import tr, tr_noop
from ui.kit.columns import State

_TONES = {
    ContractState.DRAFT: "neutral",
    ContractState.LOCKED: "warn",
    ContractState.PARTIALLY_SIGNED: "warn",
    ContractState.SIGNED: "info",
    ContractState.SEALED: "good",
    ContractState.ARCHIVED: "accent",
    ContractState.DECLINED: "bad",
    ContractState.EXPIRED: "neutral",
    ContractState.VOIDED: "neutral",
}
CONTRACT_STATES = {state.value: State(state.label, _TONES[state]) for state in ContractState}
"""Stored state → word and tone."""
UNFINISHED = frozenset({ContractState.DRAFT, ContractState.LOCKED, ContractState.PARTIALLY_SIGNED})
"""States in which the sale page goes on."""
SEAL_WORD = tr_noop("Seal of the dealer")


def party_word(code: str) -> str:
    """A party in the language in use: "Guarantor 2"."""
    role, number = role_of(code), number_of(code)
    return tr(role.label) if number == 1 else f"{tr(role.label)} {number}"
