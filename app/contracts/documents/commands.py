"""Drafting documents of any kind but the sales contract; locking, signing and sealing go on as for every contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.contracts.commands import PreparedDraft
from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDocument(Command):
    """Write a document of a kind as a PDF, from the rows it is about and what was filled in. Returns `ContractDrafted`.

    `kind`: a code of `app.contracts.kinds.registry`. Of the ids those have to be given that the kind is about; the
    customer follows from an order, a payment or a customer's vehicle. `entries`: by name, typed or as text; an error
    names its entry as the field, `jobs.2.price` in a list. `contract_id`: the draft to write anew. Without it a draft
    of the same kind about the same records is replaced and keeps its number, unless the kind allows several at once.
    `template`: the code of one of the house's own templates of the kind; empty for the one that fits what is drafted.
    `language` leads on the paper: "zh_CN" or "en"; empty for the customer's own. With a `prepared` draft that still
    fits, nothing is laid out while others wait to write.
    Raises DocumentKindUnknown, OwnCommandNeeded, SubjectMissing, SubjectsDisagree, ContractAlreadyUnderway,
    ContractLocked, TemplateNotApplicable, and what the kind refuses.
    """

    kind: str
    customer_id: str | None = None
    order_id: str | None = None
    unit_id: str | None = None
    payment_id: str | None = None
    customer_vehicle_id: str | None = None
    entries: Mapping[str, Any] = field(default_factory=dict, repr=False)
    language: str = ""
    template: str = ""
    contract_id: str | None = None
    prepared: PreparedDraft | None = None
