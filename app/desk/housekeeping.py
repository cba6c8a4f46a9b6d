"""What a desk does by itself, without anybody signed in."""

from sqlalchemy import delete, update

from app.desk.rules import DRAFTS_KEPT
from app.kernel.clock import Clock
from app.kernel.codes import usable_code
from db.engine import Database
from db.models.desk import DeskState, FormDraft
from db.schema import ensure_desk


def purge_old_drafts(database: Database, *, clock: Clock) -> int:
    """Forget drafts nobody came back to in a month; returns how many."""
    with database.exclusive() as connection:
        old = delete(FormDraft).where(FormDraft.updated_at < clock.now() - DRAFTS_KEPT)
        return int(connection.execute(old).rowcount)


def set_up_desk(database: Database, *, branch_id: str, desk_code: str) -> str:
    """Give a desk its identity and place before anybody has signed in (a demo branch, an enrolled desk).

    Returns the device's id. A desk that already has a place keeps it: moving it is ConfigureDesk.
    """
    code = usable_code(desk_code, field="desk_code")
    device = ensure_desk(database, branch_id=branch_id, desk_code=code)
    with database.exclusive() as connection:
        unplaced = update(DeskState).where(DeskState.id == 1, DeskState.branch_id.is_(None))
        connection.execute(unplaced.values(branch_id=branch_id, desk_code=code))
    return device
