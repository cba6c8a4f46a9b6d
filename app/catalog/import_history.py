"""The imports of this desk: what each brought, and whether it was taken back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.exchange import SpecificationImport
from db.models.staff import StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportEntry:
    """One import: `added` counts trims, `changed` entries of any level."""

    id: str
    source: str
    taken_at: datetime
    staff_name: str
    added: int
    changed: int
    undone_at: datetime | None

    @property
    def is_undone(self) -> bool:
        """Whether it was taken back."""
        return self.undone_at is not None


def list_imports(reader: Reader, *, after: str | None = None, limit: int = 100) -> tuple[ImportEntry, ...]:
    """The imports made at this desk, newest first; `after` is the last one's id."""
    reader.require(Permission.CATALOG_EDIT)
    query = (
        select(SpecificationImport, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == SpecificationImport.staff_id)
        .order_by(SpecificationImport.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(SpecificationImport.id < after)
    return tuple(
        ImportEntry(
            id=row.id, source=row.source, taken_at=row.taken_at, staff_name=name or "", added=row.added,
            changed=row.changed, undone_at=row.undone_at,
        )
        for row, name in reader.session.execute(query)
    )  # fmt: skip


def count_imports(reader: Reader) -> int:
    """How many imports there were."""
    reader.require(Permission.CATALOG_EDIT)
    return reader.session.execute(select(func.count()).select_from(SpecificationImport)).scalar_one()
