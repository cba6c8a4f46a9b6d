"""Who signs a contract: set while it is a draft; and what happens to one that is not signed in time."""

from dataclasses import dataclass, field

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyEntry:
    """A further party; with a `customer_id`, what is left empty comes from that customer's record.

    `role`: a code of `app.contracts.kinds.roles.PartyRole` that the kind of document has, neither the buyer's nor the
    dealer's. A company (`identity_kind` "company_code") names who signs for it as `representative`.
    """

    role: str
    name: str = ""
    representative: str = ""
    identity_kind: str = "identity_card"
    identity_number: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    customer_id: str | None = None
    party_id: str | None = None
    """The row that is changed; what is left empty of number, phone, e-mail and address stays. None for a new party."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetContractParties(Command):
    """Say who signs a draft beside the buyer and the dealer; those not named are taken out. Returns the codes.

    The paper has then to be drafted again. Raises ContractLocked, PartyNotInDocument, PartyNumberWrong,
    TooManySigners, RepresentativeMissing, PartyTwice, and what identity numbers, phones and addresses raise (fields as
    `parties.0.name`, counted from 0).
    """

    contract_id: str
    expected_revision: int
    parties: tuple[PartyEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TendContracts(Command):
    """What is due without anybody asking; returns how much was done. The same whichever desk does it first.

    Contracts whose time for signing is over expire; those of the branch that wait for a day leave a task; photos of
    identity documents go when their time is over, with somebody who may draft contracts.
    """
