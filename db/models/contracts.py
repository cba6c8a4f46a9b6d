"""Contracts and the other documents people sign, their bytes and the signatures on them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Json, Money, PlainJson, UtcDateTime


class Contract(Replicated, Base):
    """A document to be signed, of the kind its template says (`app.contracts.kinds.registry`): the sales contract over
    an order, a repair authorisation, a receipt. Nothing is edited after LOCKED; an amendment is a new one."""

    __tablename__ = "contract"
    __personal__ = frozenset({"form_entries"})

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "order_id"),
            Index(None, "customer_id"),
            Index(None, "state"),
            Index(None, "template_code", "created_at"),
            Index(None, "vehicle_unit_id"),
            Index(None, "stamp_ends_at", "state"),
            Index(None, "amends_id"),
        )

    branch_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    order_id: Mapped[str] = mapped_column(Id)
    """Empty for a document about a customer, a unit, a customer's vehicle or a payment without order."""
    customer_id: Mapped[str] = mapped_column(Id)
    vehicle_unit_id: Mapped[str | None] = mapped_column(Id)
    """The unit in stock it is about, where that is not the order's."""
    customer_vehicle_id: Mapped[str | None] = mapped_column(Id)
    payment_id: Mapped[str | None] = mapped_column(Id)
    handled_by_staff_id: Mapped[str | None] = mapped_column(Id)
    """Who drafted it, named on the paper; None for sales contracts, which name the order's salesperson."""
    form_entries: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What a person filled in, amounts and days as text (`app.contracts.kinds.entries`); of a sales contract what the
    order said when it was drafted (`app.contracts.drift`)."""
    state: Mapped[str] = mapped_column(String(24), default="DRAFT")
    template_code: Mapped[str] = mapped_column(String(40))
    """The kind of document, too."""
    template_version: Mapped[str] = mapped_column(String(16))
    template_version_id: Mapped[str | None] = mapped_column(Id)
    """The version of the house's library it was drafted from; None for the one that ships with the program."""
    clause_versions: Mapped[dict[str, str] | None] = mapped_column(PlainJson)
    """By the code of a clause, the version of the library it was drafted from; other clauses are the shipped ones."""
    paper_language: Mapped[str] = mapped_column(String(8), default="zh_CN")
    provisional: Mapped[bool] = mapped_column(Boolean, default=True)
    """Drafted while the centre had not yet confirmed the sale, nor secured the vehicle; said on the paper."""
    secured_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when the centre had secured the vehicle for the desk, as the paper says; None where that was not needed."""
    data_digest: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the data it was drafted from; on every page in the QR code."""
    document_digest: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the bytes at LOCKED."""
    sealed_digest: Mapped[str] = mapped_column(String(64), default="")
    page_count: Mapped[int] = mapped_column(Integer, default=0)
    signature_fields: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    """Places as the layout put them: `[{"name", "kind", "page", "rect"}]`, in hundredths of a point; boxes beside a
    limiting clause also carry `number`, `clause_id`, `clause_number`, `zh` and `en`."""
    drafted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The time on the paper; with the rows it makes the same bytes again."""
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sign_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the time for signing is over; None for what was locked before there was one."""
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stamped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when time-stamps of the centre prove that the sealed bytes existed."""
    stamped_digest: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    """SHA-256 of the bytes with the newest time-stamps; they begin with the sealed ones."""
    stamp_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the newest time-stamp's certificate ends: an archive time-stamp has to follow before."""
    void_reason: Mapped[str] = mapped_column(String(400), default="")
    """Why it is out of force: declined, void or terminated."""
    replaced_by_id: Mapped[str | None] = mapped_column(Id)
    """The contract drafted in the place of one that ended, or the sealed amendment."""
    amends_id: Mapped[str | None] = mapped_column(Id)
    """The sealed contract that this one takes the place of from its own sealing on."""
    amendment_changes: Mapped[str] = mapped_column(String(400), default="", server_default=text("''"))
    """What the amendment changes, in the words that stand on its paper."""
    terminated_on: Mapped[date | None] = mapped_column(IsoDate)
    termination_ground: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    """A code of `app.contracts.after_signing.termination_rules.TerminationGround`."""
    termination_returned: Mapped[Decimal | None] = mapped_column(Money)
    """Of the deposits: what goes back to the customer."""
    termination_forfeited: Mapped[Decimal | None] = mapped_column(Money)
    """What the dealer keeps of the earnest money."""
    termination_penalty: Mapped[Decimal | None] = mapped_column(Money)
    """What the dealer pays on top of the earnest money."""


class ContractDocument(Replicated, Base):
    """The bytes of a contract at one stage: draft, locked, sealed, stamped (one row for each renewal)."""

    __tablename__ = "contract_document"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "contract_id", "stage"),)

    contract_id: Mapped[str] = mapped_column(Id)
    stage: Mapped[str] = mapped_column(String(24))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ContractSignature(Replicated, Base):
    """One party's signature with its evidence (strokes, clause acknowledgements, device, document digest)."""

    __tablename__ = "contract_signature"
    __personal__ = frozenset({"evidence"})

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "contract_id"),)

    contract_id: Mapped[str] = mapped_column(Id)
    party: Mapped[str] = mapped_column(String(16))
    """The party's code (`ContractParty.code`); "seal" for what the dealer's electronic seal closes."""
    signer_name: Mapped[str] = mapped_column(String(120))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    document_digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the bytes that were shown and signed."""
    evidence_digest: Mapped[str] = mapped_column(String(64))
    evidence: Mapped[dict[str, Any]] = mapped_column(Json)


class SigningAuthority(Replicated, Base):
    """The public certificate of one desk's authority, so that every desk of the group can check its contracts.

    The key behind it never leaves the desk that made it.
    """

    __tablename__ = "signing_authority"
    __shared__ = True

    branch_id: Mapped[str] = mapped_column(Id)
    desk_code: Mapped[str] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the certificate."""
    certificate_pem: Mapped[str] = mapped_column(String(4000))
    revocation_list: Mapped[str] = mapped_column(String(100000), default="", server_default=text("''"))
    """What the authority says of certificates it gave out (CRL, PEM), signed by it; empty before the first one."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """From when on nothing of this authority is trusted: its desk, and with it its key, is gone."""
    withdrawn_reason: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    """A code of `app.contracts.keys.revocation.RevocationReason`."""


class TimeStampRoot(Base):
    """A root this desk trusts for time-stamps, because the centre it is enrolled at named it. None ever goes."""

    __tablename__ = "time_stamp_root"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the certificate."""
    certificate_pem: Mapped[str] = mapped_column(Text)
    revocation_list: Mapped[str] = mapped_column(Text, default="")
    """The newest list of this root that the desk has seen (CRL, PEM)."""
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
