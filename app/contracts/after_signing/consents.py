"""What a sealed privacy consent says goes into the customer's file: consents with purpose, day and document.

The newest document counts: what the customer agrees to begins, and takes the place of what was agreed for the same
purpose before; what the customer refuses ends. Withdrawing stays as easy as ever (`app.customers`), and a document that
is taken out of force takes its consents along.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.contracts.kinds import privacy_consent
from app.contracts.kinds.entries import checked_entries
from app.contracts.kinds.registry import kind_of
from app.contracts.signing import signatures_of
from app.customers.choices import ConsentChannel, ConsentPurpose
from app.kernel.unit_of_work import UnitOfWork
from db.models.contracts import Contract
from db.models.customers import Consent, Customer

PRIVACY_CONSENT = privacy_consent.KIND.code
_ASKED = (
    ("sensitive", "", ConsentPurpose.SENSITIVE_IDENTITY),
    ("share_insurer", "insurer", ConsentPurpose.SHARE_WITH_INSURER),
    ("share_bank", "bank", ConsentPurpose.SHARE_WITH_BANK),
    ("marketing", "", ConsentPurpose.MARKETING),
)
"""The entry with the answer, the entry with the recipient, and the purpose."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a customer said to one purpose."""

    purpose: ConsentPurpose
    agreed: bool
    recipient: str = ""


def answers_in(entries: Mapping[str, Any]) -> Iterator[Answer]:
    """The answers of a filled-in form, one for each purpose."""
    for name, recipient, purpose in _ASKED:
        agreed = entries[name] == privacy_consent.YES
        yield Answer(purpose, agreed, entries[recipient] if recipient and agreed else "")


def record_consents(uow: UnitOfWork, contract: Contract) -> None:
    """Note what a sealed privacy consent says, as of the moment it was signed; nothing for other documents."""
    if contract.template_code != PRIVACY_CONSENT:
        return
    customer = uow.get(Customer, contract.customer_id)
    signed = signatures_of(uow.session, contract.id)
    given_at = max((one.signed_at for one in signed), default=uow.now)
    entries = checked_entries(kind_of(contract.template_code), contract.form_entries or {}, today=None)
    for answer in answers_in(entries):
        for earlier in _holding(uow, customer.id, answer):
            earlier.withdrawn_at = given_at
        if answer.agreed:
            uow.add(
                Consent(
                    scope=customer.scope, customer_id=customer.id, purpose=answer.purpose.value,
                    recipient=answer.recipient, channel=ConsentChannel.IN_PERSON.value, given_at=given_at,
                    notice_version=f"{contract.template_code}/{contract.template_version}", contract_id=contract.id,
                )
            )  # fmt: skip


def _holding(uow: UnitOfWork, customer_id: str, answer: Answer) -> list[Consent]:
    """The consents that an answer ends: a refusal those to every recipient, a yes those to the same one."""
    query = select(Consent).where(
        Consent.customer_id == customer_id, Consent.purpose == answer.purpose.value,
        Consent.withdrawn_at.is_(None), Consent.deleted_at.is_(None),
    )  # fmt: skip
    return [one for one in uow.session.scalars(query) if not answer.agreed or one.recipient == answer.recipient]


def end_consents(uow: UnitOfWork, contract: Contract) -> None:
    """The document is out of force: what was agreed to in it no longer holds."""
    if contract.template_code != PRIVACY_CONSENT:
        return
    query = select(Consent).where(
        Consent.customer_id == contract.customer_id, Consent.contract_id == contract.id,
        Consent.withdrawn_at.is_(None), Consent.deleted_at.is_(None),
    )  # fmt: skip
    for consent in uow.session.scalars(query):
        consent.withdrawn_at = uow.now
