"""Doing what `commands` name."""

from sqlalchemy import select

from app.finder.columns import shape
from app.finder.commands import KeepColumns, RemoveSearch, RestoreSearch, SaveSearch
from app.finder.errors import SearchNameTaken
from app.finder.keeping import KEPT_ID, note_kept
from app.finder.rules import question_as_json, question_from_json
from app.kernel.commands import requires
from app.kernel.errors import RecordNotFound, ValueRequired, limited_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.customers import Customer
from db.models.finder import FinderColumns, SavedSearch

NAME_LENGTH = 60


@requires(Permission.CUSTOMERS_EDIT)
def save_search(command: SaveSearch, uow: UnitOfWork) -> str:
    """Raises ValueRequired, TextTooLong, SearchNameTaken, RecordNotFound, RecordChangedMeanwhile."""
    name = limited_text(command.name, field="name", limit=NAME_LENGTH)
    if not name:
        raise ValueRequired(field="name")
    if command.customer_id is not None:
        uow.get(Customer, command.customer_id, field="customer_id")
    _require_new_name(uow, command, name)
    question = question_as_json(question_from_json(command.question))
    if command.search_id is None:
        search = uow.add(
            SavedSearch(branch_id=uow.actor.branch_id, staff_id=uow.actor.staff_id, customer_id=command.customer_id,
                        name=name, question=question)
        )  # fmt: skip
        uow.undo_with(RemoveSearch(search_id=search.id, expected_revision=1))
        return search.id
    search = uow.get(SavedSearch, command.search_id)
    uow.check_revision(search, command.expected_revision)
    former = SaveSearch(
        name=search.name, question=search.question, customer_id=search.customer_id, search_id=search.id,
        expected_revision=search.revision + 1,
    )  # fmt: skip
    search.name, search.question, search.customer_id = name, question, command.customer_id
    uow.undo_with(former)
    return search.id


def _require_new_name(uow: UnitOfWork, command: SaveSearch, name: str) -> None:
    query = select(SavedSearch.id).where(
        SavedSearch.branch_id == uow.actor.branch_id, SavedSearch.staff_id == uow.actor.staff_id,
        SavedSearch.name == name, SavedSearch.deleted_at.is_(None), SavedSearch.customer_id.is_(command.customer_id)
        if command.customer_id is None else SavedSearch.customer_id == command.customer_id,
    )  # fmt: skip
    if any(found != command.search_id for found in uow.session.execute(query).scalars()):
        raise SearchNameTaken(field="name", name=name)


@requires(Permission.CUSTOMERS_EDIT)
def remove_search(command: RemoveSearch, uow: UnitOfWork) -> str:
    """Raises RecordNotFound, RecordChangedMeanwhile."""
    search = uow.get(SavedSearch, command.search_id)
    uow.check_revision(search, command.expected_revision)
    search.deleted_at = uow.now
    uow.undo_with(RestoreSearch(search_id=search.id))
    return search.id


@requires(Permission.CUSTOMERS_EDIT)
def restore_search(command: RestoreSearch, uow: UnitOfWork) -> str:
    """Does nothing to one that is there; raises RecordNotFound for one that never was."""
    search = uow.session.get(SavedSearch, command.search_id)
    if search is None:
        raise RecordNotFound
    search.deleted_at = None
    uow.undo_with(RemoveSearch(search_id=search.id, expected_revision=search.revision + 1))
    return search.id


@requires(Permission.CATALOG_VIEW)
def keep_columns(command: KeepColumns, uow: UnitOfWork) -> None:
    """Stays at this desk: nothing is sent, nothing is audited."""
    kept = FinderColumns(id=KEPT_ID, shape=shape().fingerprint, kept_at=uow.now, body=command.body)
    uow.session.merge(kept)
    note_kept(command.path)
