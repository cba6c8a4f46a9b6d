"""What can be done about the stock of tomorrow."""

from dataclasses import dataclass

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStockMinimum(Command):
    """Say how many units should always be available; returns the minimum's id. Can be undone.

    `minimum_id` None makes a new one. An empty colour means any. Raises QuantityOutOfRange, TrimOfAnotherSeries,
    MinimumAlreadySet.
    """

    series_id: str
    quantity: int
    exterior_colour: str = ""
    trim_id: str | None = None
    note: str = ""
    minimum_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveStockMinimum(Command):
    """Ask for no minimum any more; can be undone."""

    minimum_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseServiceLevel(Command):
    """In how many of 100 rounds nothing runs out, and every how many days is ordered; can be undone.

    Raises ServiceLevelOutOfRange, LeadTimeOutOfRange (field `review_days`).
    """

    service_level: int
    review_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLeadTime(Command):
    """Enter the days from order to arrival of a make; both None goes back to what was measured. Can be undone.

    Raises LeadTimeOutOfRange for the field.
    """

    make_id: str
    mean_days: int | None
    spread_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedUnits:
    """One line of a proposal."""

    trim_id: str
    exterior_colour: str
    quantity: int
    suggested: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftProposal(Command):
    """Put suggested units on a purchase proposal; returns its id. Can be undone.

    Lines without a quantity are left out. Raises NothingToOrder, TooManyPurchaseLines, QuantityOutOfRange.
    """

    lines: tuple[WantedUnits, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProposal(Command):
    """Replace the lines and the note of a draft; can be undone. Raises ProposalNotEditable and what drafting raises."""

    proposal_id: str
    expected_revision: int
    lines: tuple[WantedUnits, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitProposal(Command):
    """Send a draft to the manager."""

    proposal_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackProposal(Command):
    """Make a proposal that is not approved a draft again."""

    proposal_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveProposal(Command):
    """Let it be ordered. Raises ApprovalOfOwnProposal: whoever drafted it does not decide."""

    proposal_id: str
    expected_revision: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectProposal(Command):
    """Refuse it, with a reason. Raises ApprovalOfOwnProposal."""

    proposal_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkProposalOrdered(Command):
    """It was sent to the maker: its units count as on order until they are in the books."""

    proposal_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseProposal(Command):
    """Nothing more will come of it: what is still open counts no longer."""

    proposal_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelProposal(Command):
    """Give it up, with a reason."""

    proposal_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSurplus(Command):
    """Offer vehicles that stand too long, or too many of them, to a branch that sells them better; all or none.
    Returns the ids of the transfers. Raises NothingToOffer, and what OfferTransfer raises for a vehicle."""

    unit_ids: tuple[str, ...]
    to_branch_id: str
    note: str = ""
