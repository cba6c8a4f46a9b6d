"""The first minute of an empty branch: its own row, its administrator, and the desk's place in it.

There is nobody yet to give a command, so this is a function; it works once.
"""

from dataclasses import replace

from sqlalchemy import func, select

from app.kernel.clock import Clock
from app.kernel.codes import usable_code
from app.kernel.ids import new_id
from app.kernel.permissions import Role, actor_for
from app.kernel.unit_of_work import unit_of_work
from app.staff.commands import CreateBranch, CreateStaffMember
from app.staff.errors import AlreadySetUp
from app.staff.handlers import new_branch, new_staff_member
from db.engine import Database
from db.models.desk import DeskState
from db.models.staff import Branch
from db.schema import ensure_desk


def open_first_branch(
    database: Database, *, branch: CreateBranch, administrator: CreateStaffMember, desk_code: str, clock: Clock
) -> str:
    """Set up an empty database: returns the branch's id.

    The administrator's `branch_id` and `role` are set here, whatever they say. Raises AlreadySetUp where there is a
    branch, and for fields what CreateBranch and CreateStaffMember raise; nothing is kept then.
    """
    code = usable_code(desk_code, field="desk_code")
    branch_id, staff_id = new_id(), new_id()
    ensure_desk(database, desk_code=code)
    actor = actor_for(
        staff_id=staff_id, name=administrator.name, role=Role.ADMINISTRATOR,
        branch_id=branch_id, branch_code=branch.code, desk_code=code,
    )  # fmt: skip
    with unit_of_work(database, actor=actor, now=clock.now()) as (uow, transaction):
        if uow.session.scalar(select(func.count()).select_from(Branch)):
            raise AlreadySetUp()
        opened = new_branch(uow, branch)
        opened.id = branch_id
        member = new_staff_member(uow, replace(administrator, branch_id=branch_id, role=Role.ADMINISTRATOR.value))
        member.id = staff_id
        uow.session.add_all([opened, member])
        desk = uow.session.get_one(DeskState, 1)
        desk.branch_id, desk.desk_code = branch_id, code
        transaction.commit(name="OpenFirstBranch")
    return branch_id
