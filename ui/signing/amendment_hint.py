"""That an order says otherwise than its sealed contract, in words, with the way to the amendment."""

from collections.abc import Callable

from app.contracts.queries import ContractDetail
from app.runtime.language import CHINESE, language, tr, tr_noop

AMEND = tr_noop("Amend the contract")


def hint_words(detail: ContractDetail) -> str:
    """What changed, and what that means."""
    changes = ("；" if language() == CHINESE else "; ").join(one.in_language(language()) for one in detail.drift)
    return tr(
        "The order says otherwise than this contract by now: {changes}. What was sealed counts until an amendment is "
        "sealed.", changes=changes,
    )  # fmt: skip


def may_amend(detail: ContractDetail) -> bool:
    """Whether whoever looks at it can draft the amendment."""
    return "amend" in detail.actions


def to_the_amendment(go: Callable[..., object], detail: ContractDetail) -> Callable[[], object]:
    """Opens the contract with the question what is amended; `go` is `navigator.open`."""
    return lambda: go("contracts", contract_id=detail.row.id, amend=True)
