"""What a desk keeps for the one who is signed in, and what it knows of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraft(Command):
    """Keep a half-typed form of the one who is signed in; replaces the draft with the same key. Stays at this desk."""

    form_key: str
    payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft(Command):
    """Forget a draft; nothing happens when there is none."""

    form_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePreference(Command):
    """Keep how the one who is signed in arranged something; `value` is JSON, None forgets it. Stays at this desk."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigureDesk(Command):
    """Say at which branch this desk stands and under which code it numbers its documents. Stays at this desk."""

    branch_id: str
    desk_code: str
