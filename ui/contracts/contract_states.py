"""How the states of a contract look, and who its parties are."""

from app.contracts.rules import ContractState
from app.runtime.language import tr_noop
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
    ContractState.DISPOSED: "neutral",
    ContractState.SUPERSEDED: "neutral",
    ContractState.TERMINATED: "bad",
}
CONTRACT_STATES = {state.value: State(state.label, _TONES[state]) for state in ContractState}
"""Stored state → word and tone."""
UNFINISHED = frozenset({ContractState.DRAFT, ContractState.LOCKED, ContractState.PARTIALLY_SIGNED})
"""States in which the sale page goes on."""
SEAL_WORD = tr_noop("Seal of the dealer")
