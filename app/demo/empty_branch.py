"""An empty branch with one administrator: what a desk starts with when nobody wants the demo."""

from app.desk.commands import ConfigureDesk
from app.desk.handlers import configure_desk
from app.kernel.clock import SystemClock
from app.kernel.ids import new_id
from app.kernel.permissions import Role, actor_for
from app.kernel.unit_of_work import unit_of_work
from app.staff.commands import CreateBranch, CreateStaffMember
from app.staff.handlers import create_branch, create_staff_member
from db.engine import Database
from db.schema import ensure_desk

_BAYS = {"general": 2}


def build_empty_branch(
    database: Database,
    *,
    name_zh: str,
    name_en: str,
    code: str,
    desk_code: str,
    login: str,
    administrator: str,
    password: str,
) -> str:
    """Open the first branch and let its administrator sign in; returns the branch's id.

    By the ordinary handlers, in one transaction: names, code, login and password are checked as they always are, and
    nothing is there when one is refused. Raises their errors.
    """
    ensure_desk(database)
    founder = actor_for(
        staff_id=new_id(), name=administrator, role=Role.ADMINISTRATOR, branch_id=new_id(), branch_code=code,
        desk_code=desk_code,
    )  # fmt: skip
    with unit_of_work(database, actor=founder, now=SystemClock().now()) as (uow, transaction):
        branch = CreateBranch(code=code, name_zh=name_zh, name_en=name_en, work_bays=_BAYS)
        branch_id: str = create_branch(branch, uow)
        uow.session.flush()
        member = CreateStaffMember(
            branch_id=branch_id, login=login, name=administrator, role=Role.ADMINISTRATOR.value, password=password
        )
        create_staff_member(member, uow)
        configure_desk(ConfigureDesk(branch_id=branch_id, desk_code=desk_code), uow)
        transaction.commit(name="OpenFirstBranch")
    return branch_id
