"""What the Sync page shows of comparing this desk with the centre. Every function takes a reader first."""

from dataclasses import dataclass
from datetime import datetime

from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.types import instant_at

_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """When everything was last compared to the end, and what came out; `due`: it is done again as soon as possible.

    `differing` rows differ although their scope was read again; `left_alone` are known trouble: refused or unwritten.
    """

    checked_at: datetime | None
    due: bool
    rows: int
    repaired: int
    differing: int
    left_alone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRow:
    """Rows of one table in one scope that were put right by themselves. `scope_name` is the branch's code, empty for
    the group; `table` is empty where the whole scope was read again."""

    n: int
    at: datetime
    scope: str
    scope_name: str
    table: str
    fetched: int
    buried: int
    read_again: bool

    @property
    def id(self) -> str:
        return str(self.n)

    @property
    def cursor(self) -> int:
        return self.n


def get_check(reader: Reader) -> CheckRow:
    """The last comparison; without one, that one is due."""
    row = (
        reader.session.connection()
        .exec_driver_sql("SELECT checked_at, due, rows, repaired, differing, left_alone FROM sync_check WHERE id = 1")
        .first()
    )
    if row is None:
        return CheckRow(checked_at=None, due=True, rows=0, repaired=0, differing=0, left_alone=0)
    return CheckRow(
        checked_at=None if row[0] is None else instant_at(row[0]), due=bool(row[1]), rows=row[2], repaired=row[3],
        differing=row[4], left_alone=row[5],
    )  # fmt: skip


def list_repairs(reader: Reader, *, after: int | None = None, limit: int = _PAGE) -> list[RepairRow]:
    """What was put right, the newest first; below `after`."""
    reader.require(Permission.SYNC_VIEW)
    rows = reader.session.connection().exec_driver_sql(
        "SELECT r.n, r.at, r.scope, coalesce(b.code, ''), r.table_name, r.fetched, r.buried, r.read_again"
        " FROM sync_repair r LEFT JOIN branch b ON b.id = r.scope WHERE r.n < ? ORDER BY r.n DESC LIMIT ?",
        (1 << 62 if after is None else after, limit),
    )
    return [
        RepairRow(
            n=row[0], at=instant_at(row[1]), scope=row[2], scope_name=row[3], table=row[4], fetched=row[5],
            buried=row[6], read_again=bool(row[7]),
        )
        for row in rows
    ]
