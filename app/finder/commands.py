"""What can be done about finding: keep a question under a name, forget it, keep the columns at this desk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSearch(Command):
    """Keep a question under a name, perhaps as what a customer wishes; returns the id.

    `question` is `rules.question_as_json`. With `search_id` that search is changed instead, with the revision that was
    read. Raises SearchNameTaken where the same person has one of that name for the same customer. Undone by
    RemoveSearch, or the former values.
    """

    name: str
    question: Mapping[str, Any]
    customer_id: str | None = None
    search_id: str | None = None
    expected_revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSearch(Command):
    """Forget a saved search; undone by RestoreSearch."""

    search_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSearch(Command):
    """Bring a forgotten search back."""

    search_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepColumns(Command):
    """Keep the catalogue's columns at this desk, so that the next start need not read the whole catalogue.

    `body` is what `queries.columns_to_keep` packed; `path` the database it came from.
    """

    path: str
    body: bytes = field(repr=False)
