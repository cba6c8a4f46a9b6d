"""The imports of this desk: what each brought, and whether it was taken back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.desk import AuditEntry, AuditSubject
from db.models.exchange import SpecificationImport, SpecificationImportChange
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
    desk_code: str = ""
    """The desk it was made at, where that was another one: its database came here from there. Empty for this desk."""

    @property
    def is_undone(self) -> bool:
        """Whether it was taken back."""
        return self.undone_at is not None


def list_imports(reader: Reader, *, after: str | None = None, limit: int = 100) -> tuple[ImportEntry, ...]:
    """The imports this desk can take back, newest first; `after` is the last one's id."""
    reader.require(Permission.CATALOG_EDIT)
    first, subject, entry = SpecificationImportChange, AuditSubject, AuditEntry
    query = (
        select(SpecificationImport, StaffMember.name, func.max(entry.desk_code))
        .outerjoin(StaffMember, StaffMember.id == SpecificationImport.staff_id)
        .outerjoin(first, and_(first.import_id == SpecificationImport.id, first.n == 0))
        .outerjoin(subject, subject.record_id == first.record_id)
        .outerjoin(entry, and_(entry.n == subject.n, entry.at == SpecificationImport.taken_at))
        .group_by(SpecificationImport.id)
        .order_by(SpecificationImport.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(SpecificationImport.id < after)
    return tuple(
        ImportEntry(
            id=row.id, source=row.source, taken_at=row.taken_at, staff_name=name or "", added=row.added,
            changed=row.changed, undone_at=row.undone_at,
            desk_code=desk if desk and desk != reader.actor.desk_code else "",
        )
        for row, name, desk in reader.session.execute(query)
    )  # fmt: skip


def count_imports(reader: Reader) -> int:
    """How many imports there were."""
    reader.require(Permission.CATALOG_EDIT)
    return reader.session.execute(select(func.count()).select_from(SpecificationImport)).scalar_one()
