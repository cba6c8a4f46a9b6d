"""Which trim a VIN probably belongs to: learnt from the units whose VINs are built the same way.

Places 1 to 8 name maker and vehicle; place 9 is the check digit; places 10 and 11 name the year and the plant. What a
maker means by them is not published, but the units in the books show it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.catalog.queries import trim_rows
from app.catalog.vin import is_vin
from app.kernel.labels import Bilingual, Note, note
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop
from db.models.catalog import Trim
from db.models.inventory import VehicleUnit

PATTERN = 8
_YEAR_AND_PLANT = slice(9, 11)
_AFTER = "~"
"""Sorts behind every character of a VIN."""
MOST_LOOKED_AT = 2_000
MOST_OFFERED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimMatch:
    """A trim that `count` of the `total` units of this pattern are; `exact` where year and plant agree, too."""

    trim_id: str
    name: Bilingual
    count: int
    total: int
    pattern: str
    exact: bool

    @property
    def reason(self) -> Note:
        """Why it is offered."""
        return note(
            tr_noop("{count} of {total} units with {pattern} are this trim"),
            count=self.count, total=self.total, pattern=self.pattern,
        )  # fmt: skip


def match_trims(reader: Reader, vin: str) -> tuple[TrimMatch, ...]:
    """The likeliest trims of a VIN, best first; none for a pattern nobody has entered yet.

    Units that also agree in year and plant decide alone where there are some.
    """
    reader.require(Permission.INVENTORY_VIEW)
    if not is_vin(vin):
        return ()
    found = _units_like(reader, vin)
    exact = [trim_id for other, trim_id in found if other[_YEAR_AND_PLANT] == vin[_YEAR_AND_PLANT]]
    decided = exact or [trim_id for _other, trim_id in found]
    counted = Counter(decided)
    ranked = sorted(counted, key=lambda trim_id: (-counted[trim_id], trim_id))[:MOST_OFFERED]
    names = {row.id: row.full_name for row in trim_rows(reader, ranked)}
    pattern = vin[:PATTERN] + (f"·{vin[_YEAR_AND_PLANT]}" if exact else "")
    return tuple(
        TrimMatch(
            trim_id=trim_id, name=names[trim_id], count=counted[trim_id], total=len(decided), pattern=pattern,
            exact=bool(exact),
        )
        for trim_id in ranked
        if trim_id in names
    )  # fmt: skip


def _units_like(reader: Reader, vin: str) -> Sequence[tuple[str, str]]:
    """VIN and trim of other live units of the pattern, at most so many; a range, so that the index answers."""
    start = vin[:PATTERN]
    query = (
        select(VehicleUnit.vin, VehicleUnit.trim_id)
        .join(Trim, Trim.id == VehicleUnit.trim_id)
        .where(VehicleUnit.vin >= start, VehicleUnit.vin < start + _AFTER, VehicleUnit.vin != vin)
        .where(VehicleUnit.deleted_at.is_(None), Trim.deleted_at.is_(None))
        .limit(MOST_LOOKED_AT)
    )
    return [(row[0], row[1]) for row in reader.session.execute(query)]
