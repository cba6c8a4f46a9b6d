"""How the states of contracts are said."""

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
"""States in which something is left to be done before the seal."""
SEAL_WORD = tr_noop("Seal of the dealer")
