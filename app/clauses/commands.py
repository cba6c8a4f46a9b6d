"""What can be done with the texts of the house: drafted, proposed, approved, rejected, withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.clauses.rules import TextSort
from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveClauseDraft(Command):
    """Store a draft of a clause's new version; returns the version's id. Undone by DiscardDraft where it is new.

    A clause of that code is made where there is none; `new` says that there must be none. With `version_id` the draft
    is written over, as of `expected_revision`. An empty `conditions` is always. The Chinese text governs.
    Raises CodeNotPossible, CodeTaken (field `code`), DocumentKindUnknown (`kinds`), ConditionUnknown,
    ConditionsContradict (`conditions`), TextMissingInLanguage, CharactersNotPrintable and what `text_checks` finds
    (`text_zh`, `text_en`), EffectiveDayPast (`effective_from`), EffectiveDaysWrong (`effective_to`), TextNotDraft.
    """

    code: str
    title_zh: str
    title_en: str = ""
    tags: tuple[str, ...] = ()
    kinds: tuple[str, ...]
    text_zh: str
    text_en: str
    limits_customer: bool = False
    conditions: tuple[str, ...] = ()
    effective_from: date
    effective_to: date | None = None
    basis: str = ""
    reason: str = ""
    new: bool = False
    version_id: str | None = None
    expected_revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveTemplateDraft(Command):
    """Store a draft of a template's new version; returns the version's id. Undone by DiscardDraft where it is new.

    `articles` in their order: `{"id", "zh", "en", "clauses": [code]}`; `notices`: `{"id", "zh", "en", "tone", "place",
    "applies_when": [condition]}`; `terms`: the house's figures by the name of their placeholder; `conditions`: where a
    kind has several templates, all of them have to hold for this one to apply. Every clause has to
    be written for the kind, and its placeholders have to be known in this template.
    Raises what SaveClauseDraft raises, TemplateEmpty, ArticleIncomplete, ClauseTwice, ClauseNotInForce,
    ClauseNotForKind (field `articles`), NoticeIncomplete (`notices`), TermNotPossible (`terms`).
    """

    code: str
    kind: str
    title_zh: str
    title_en: str
    terms: Mapping[str, str]
    notices: tuple[Mapping[str, Any], ...]
    articles: tuple[Mapping[str, Any], ...]
    conditions: tuple[str, ...] = ()
    effective_from: date
    effective_to: date | None = None
    basis: str = ""
    reason: str = ""
    new: bool = False
    version_id: str | None = None
    expected_revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A step of one version. `sort` says whether it is of a clause or of a template."""

    sort: TextSort
    version_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft(_Step, Command):
    """Throw a draft away that nobody has proposed. Raises TextNotDraft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeText(_Step, Command):
    """Ask somebody else to approve a draft; what it says is checked again. Undone by RecallText."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallText(_Step, Command):
    """Make a proposed version a draft again, to go on writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveText(_Step, Command):
    """Let a version count from its first day, today at the earliest. Raises ApprovalOfOwnText, EffectiveDaysOver, and
    for a template what would keep documents from being drafted (ClauseNotInForce and others)."""

    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectText(_Step, Command):
    """Refuse a version, with a reason. Raises ApprovalOfOwnText."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawText(_Step, Command):
    """Take a version back, with a reason. What counts already is taken out of force, and what counted before counts
    again; that takes somebody who may approve. Raises ClauseStillNamed."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportClauses(Command):
    """Store drafts for all rows of a list, or none; returns the ids of the versions. Each row is what SaveClauseDraft
    takes; a row that cannot be raises its error. Look at the list first with `app.clauses.transfer.check_list`."""

    rows: tuple[SaveClauseDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TendApprovalTasks(Command):
    """Tick off the tasks about texts that were decided at another desk; returns how many."""
