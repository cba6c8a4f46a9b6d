"""Who signs a contract, in which order, and how each signer was known."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import Json, UtcDateTime


class ContractParty(Replicated, Base):
    """One party of a contract. `place` is its place in the order of signing, from 1; the dealer has the last one."""

    __tablename__ = "contract_party"
    __personal__ = frozenset({"identity_number", "phone", "email", "address"})

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "contract_id", "place"), Index(None, "phone"))

    contract_id: Mapped[str] = mapped_column(Id)
    code: Mapped[str] = mapped_column(String(16))
    """As in the signature and on paper: buyer, co_buyer_1, guarantor_1, customer, dealer."""
    role: Mapped[str] = mapped_column(String(16))
    place: Mapped[int] = mapped_column(Integer)
    customer_id: Mapped[str | None] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(120))
    representative: Mapped[str] = mapped_column(String(60), default="")
    """Who signs where the party is a company."""
    identity_kind: Mapped[str] = mapped_column(String(16), default="identity_card")
    identity_number: Mapped[str] = mapped_column(String(32), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(12), default="AWAITED")
    """AWAITED, SIGNED, DECLINED."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decline_reason: Mapped[str] = mapped_column(String(400), default="")


class IdentityStep(Replicated, Base):
    """One thing that was done to know a signer, and what came of it. Only added, never changed."""

    __tablename__ = "identity_step"
    __personal__ = frozenset({"detail"})

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "contract_id", "party_id"), Index(None, "attachment_sha256"))

    contract_id: Mapped[str] = mapped_column(Id)
    party_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(24))
    """notice, card_check, document_photo, one_time_code, risk_hint."""
    result: Mapped[str] = mapped_column(String(16))
    """passed, failed, noted."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_staff_id: Mapped[str] = mapped_column(Id)
    detail: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """What was seen, masked: no whole number, no code."""
    attachment_sha256: Mapped[str] = mapped_column(String(64), default="")
    """Of the photo of the document."""


class OneTimeCode(Base):
    """A code this desk has sent to a signer; only its salted hash is kept, and only here."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index(None, "contract_id", "sent_at"), Index(None, "address_digest", "sent_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    contract_id: Mapped[str] = mapped_column(Id)
    party_id: Mapped[str] = mapped_column(Id)
    address_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the address it went to: for counting, without keeping the address once more."""
    salt: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    way: Mapped[str] = mapped_column(String(16), default="")
    """The gateway that sent it."""
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(String(12), default="OPEN")
    """OPEN, USED, SPENT (too many attempts), REPLACED, UNSENT."""
