"""Amending a sealed contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendContract(Command):
    """Draft the amendment of a contract in force: a contract of its own, with a number of its own, that says the whole
    agreement as the rows stand now, names the amended one and says what changes. Returns `ContractDrafted`.

    The same parties sign. The amended contract stays in force until the amendment is sealed, and is "Amended" from
    then on; an amendment that is declined, runs out or is voided before leaves it as it is. An earlier draft of the
    amendment is replaced and keeps its number. `changes` (at most 400 characters) stands on the paper. `entries` are
    for kinds with a form; empty for those of the amended document.
    Raises TransitionNotAllowed, ContractAlreadyUnderway, AmendmentUnderway, CharactersNotPrintable (field `changes`),
    and what drafting raises.
    """

    contract_id: str
    changes: str
    entries: Mapping[str, Any] = field(default_factory=dict, repr=False)
    language: str = ""
