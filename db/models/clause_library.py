"""The house's own texts for its papers: clauses and templates, each with versions that two people agreed on.

What ships with the program has no rows here: it is what counts where no version of the house does
(`app.contracts.templates.in_force`).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, PlainJson, UtcDateTime

CODE_LENGTH, TITLE_LENGTH, TEXT_LENGTH, BASIS_LENGTH, REASON_LENGTH = 80, 80, 6000, 400, 400


class LibraryClause(Replicated, Base):
    """A clause by its code. Its id follows from the code, so that two desks that make it apart make one row."""

    __tablename__ = "clause"
    __shared__ = True

    code: Mapped[str] = mapped_column(String(CODE_LENGTH))
    title_zh: Mapped[str] = mapped_column(String(TITLE_LENGTH), default="")
    title_en: Mapped[str] = mapped_column(String(TITLE_LENGTH), default="")
    tags: Mapped[list[str]] = mapped_column(PlainJson, default=list)


class LibraryTemplate(Replicated, Base):
    """A template by its code; the id follows from the code. A kind of document may have several."""

    __tablename__ = "contract_template"
    __shared__ = True

    kind: Mapped[str] = mapped_column(String(40))
    """The kind of document: vehicle_sale, receipt, …"""
    code: Mapped[str] = mapped_column(String(40))
    title_zh: Mapped[str] = mapped_column(String(TITLE_LENGTH), default="")
    title_en: Mapped[str] = mapped_column(String(TITLE_LENGTH), default="")


class _Version:
    """What the versions of both have. After DRAFT only the state and who decided change."""

    number: Mapped[int] = mapped_column(Integer)
    """Counts the versions as the desk that made this one knew them: two desks may give one twice."""
    effective_from: Mapped[date] = mapped_column(IsoDate)
    effective_to: Mapped[date | None] = mapped_column(IsoDate)
    """The last day; None until another version counts."""
    basis: Mapped[str] = mapped_column(String(BASIS_LENGTH), default="")
    """The law or the source it rests on."""
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH), default="")
    """Why the text was changed."""
    state: Mapped[str] = mapped_column(String(12), default="DRAFT")
    drafted_by_staff_id: Mapped[str] = mapped_column(Id)
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_staff_id: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(String(REASON_LENGTH), default="")
    approved_digest: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of what was approved (`app.contracts.templates.text_versions.terms_digest`)."""


class ClauseVersion(_Version, Replicated, Base):
    """One version of a clause: its words in both languages (the Chinese governs), when it applies, when it counts."""

    __tablename__ = "clause_version"
    __shared__ = True

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "clause_id", "number"), Index(None, "state"))

    clause_id: Mapped[str] = mapped_column(Id)
    kinds: Mapped[list[str]] = mapped_column(PlainJson, default=list)
    """The kinds of document it was written and checked for."""
    text_zh: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    text_en: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    limits_customer: Mapped[bool] = mapped_column(Boolean, default=False)
    """Printed conspicuously, with an acknowledgement of its own."""
    conditions: Mapped[list[str]] = mapped_column(PlainJson, default=list)
    """All of them have to hold; empty: always."""


class TemplateVersion(_Version, Replicated, Base):
    """One version of a template: title, notices, figures, and the articles that name clauses by their codes."""

    __tablename__ = "template_version"
    __shared__ = True

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "template_id", "number"), Index(None, "state"))

    template_id: Mapped[str] = mapped_column(Id)
    title_zh: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    title_en: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    terms: Mapped[dict[str, str]] = mapped_column(PlainJson, default=dict)
    """The house's own figures, `{placeholder: text}`."""
    notices: Mapped[list[dict[str, Any]]] = mapped_column(PlainJson, default=list)
    """`[{"id", "zh", "en", "tone", "place", "applies_when"}]`."""
    articles: Mapped[list[dict[str, Any]]] = mapped_column(PlainJson, default=list)
    """In their order, `[{"id", "zh", "en", "clauses": [code]}]`."""
    conditions: Mapped[list[str]] = mapped_column(PlainJson, default=list, server_default=text("'[]'"))
    """Where the house has several templates of a kind: all of them have to hold for this one; empty: always."""
