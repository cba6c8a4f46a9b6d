"""Counts what was looked at. Nothing here travels, is audited, or says who it was."""

from datetime import timedelta

from sqlalchemy import Select, select

from app.catalog.interest import DAYS
from app.catalog.interest_commands import ForgetInterest, RecordInterest
from app.catalog.rules import specification_dictionary
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.catalogue_versions import ParameterInterest


@requires(Permission.CATALOG_VIEW)
def record_interest(command: RecordInterest, uow: UnitOfWork) -> None:
    """Note that these parameters were looked at today; forget what no longer counts."""
    today = branch_date(uow.now)
    known = specification_dictionary().parameters
    for code in dict.fromkeys(command.codes):
        if code not in known:
            continue
        row = uow.session.get(ParameterInterest, (code, today))
        if row is None:
            row = uow.add(ParameterInterest(code=code, day=today, opened=0))
        row.opened += 1
    _forget(uow, select(ParameterInterest).where(ParameterInterest.day <= today - timedelta(days=DAYS)))


@requires(Permission.CATALOG_VIEW)
def forget_interest(command: ForgetInterest, uow: UnitOfWork) -> None:
    """Start the order of parameters afresh."""
    query = select(ParameterInterest)
    if command.codes:
        query = query.where(ParameterInterest.code.in_(command.codes))
    _forget(uow, query)


def _forget(uow: UnitOfWork, query: Select[ParameterInterest]) -> None:
    for row in uow.session.execute(query).scalars():
        uow.session.delete(row)
