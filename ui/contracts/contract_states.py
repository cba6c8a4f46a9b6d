"""How the kinds and states of contracts are said."""

from app.contracts.kinds.registry import KINDS
from app.contracts.rules import ContractState
from app.runtime.language import language, tr_noop
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


def kind_words(code: str) -> str:
    """What a kind is called; its code where this version does not know it."""
    return KINDS[code].title.in_language(language()) if code in KINDS else code
