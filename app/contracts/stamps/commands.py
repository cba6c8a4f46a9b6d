"""Time-stamps on sealed contracts.

The bytes are made outside the write lock, with the centre's help (`stamps.stamping`); the command only stores
them after checking that nothing changed meanwhile. So a contract is either as it was or time-stamped, never half.
"""

from dataclasses import dataclass
from datetime import datetime

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedStamp:
    """Time-stamped bytes made by `app.contracts.stamps.stamping.make_stamp`, and what they were made from.

    `before_digest` is of the bytes they begin with; `at` and `ends_at` as in `time_stamping.StampedDocument`.
    """

    contract_id: str
    before_digest: str
    digest: str
    at: datetime
    ends_at: datetime
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StampContract(Command):
    """Store the time-stamped bytes of a sealed contract; its signed bytes stay as they are.

    Raises NotYetSealed; StampOutdated when it was time-stamped elsewhere since they were made.
    """

    contract_id: str
    prepared: PreparedStamp
