"""Handlers of the clause library's commands."""

from typing import Any

from sqlalchemy import func, select

from app.clauses.approval_tasks import decided_tasks
from app.clauses.commands import (
    ApproveText,
    DiscardDraft,
    ImportClauses,
    ProposeText,
    RecallText,
    RejectText,
    SaveClauseDraft,
    SaveTemplateDraft,
    TendApprovalTasks,
    WithdrawText,
)
from app.clauses.errors import ApprovalOfOwnText, CodeTaken, EffectiveDaysOver, TextNotDraft
from app.clauses.rules import (
    BASIS_LIMIT,
    REASON_LIMIT,
    TEMPLATE_CODE_LIMIT,
    TITLE_LIMIT,
    TextSort,
    require_code,
    require_days,
    require_tags,
)
from app.clauses.storing import (
    clause_row,
    clause_terms,
    require_fits_templates,
    require_not_needed,
    require_sound_template,
    template_row,
    template_terms,
)
from app.contracts.templates.in_force import clause_id, shipped_clause, shipped_versions, template_id
from app.contracts.templates.text_versions import TEXT, TextAction, TextState, terms_digest
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import limited_text, require_text
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.tasks.follow_up import close_tasks, create_task, tick_off
from app.tasks.rules import TaskKind
from db.models.clause_library import ClauseVersion, LibraryClause, LibraryTemplate, TemplateVersion
from db.types import to_wire

_MODELS: dict[TextSort, type[Any]] = {TextSort.CLAUSE: ClauseVersion, TextSort.TEMPLATE: TemplateVersion}
_RECORDS: dict[TextSort, type[Any]] = {TextSort.CLAUSE: LibraryClause, TextSort.TEMPLATE: LibraryTemplate}
_OF = {TextSort.CLAUSE: "clause_id", TextSort.TEMPLATE: "template_id"}


@requires(Permission.CLAUSES_EDIT)
def save_clause_draft(command: SaveClauseDraft, uow: UnitOfWork) -> str:
    """Store a draft of a clause's version; returns the version's id."""
    code = require_code(command.code)
    terms = clause_terms(uow.session, command)
    if command.new and (shipped_clause(code) is not None or _has_versions(uow, TextSort.CLAUSE, clause_id(code))):
        raise CodeTaken(field="code", code=code)
    clause = clause_row(uow, code)
    title_zh = require_text(command.title_zh, field="title_zh", limit=TITLE_LIMIT)
    clause.title_zh, clause.title_en = title_zh, limited_text(command.title_en, field="title_en", limit=TITLE_LIMIT)
    clause.tags = require_tags(command.tags)
    shipped = len(shipped_versions(code.partition(".")[0])) if shipped_clause(code) is not None else 0
    return _save(uow, TextSort.CLAUSE, clause.id, command, terms, shipped=shipped)


@requires(Permission.CLAUSES_EDIT)
def save_template_draft(command: SaveTemplateDraft, uow: UnitOfWork) -> str:
    """Store a draft of a template's version; returns the version's id."""
    code = require_code(command.code, limit=TEMPLATE_CODE_LIMIT, dots=False)
    terms = template_terms(uow.session, command, today=branch_date(uow.now))
    ships = shipped_versions(code)
    if command.new and (ships or _has_versions(uow, TextSort.TEMPLATE, template_id(code))):
        raise CodeTaken(field="code", code=code)
    template = template_row(uow, code, command.kind)
    template.title_zh, template.title_en = terms["title_zh"], terms["title_en"]
    return _save(uow, TextSort.TEMPLATE, template.id, command, terms, shipped=len(ships))


def _save(
    uow: UnitOfWork, sort: TextSort, of_id: str, command: Any, terms: dict[str, Any], *, shipped: int
) -> str:
    """Write the version: over the draft that is named, or as a new one."""
    require_days(command.effective_from, command.effective_to, today=branch_date(uow.now))
    terms |= {
        "effective_from": command.effective_from, "effective_to": command.effective_to,
        "basis": limited_text(command.basis, field="basis", limit=BASIS_LIMIT),
        "reason": limited_text(command.reason, field="reason", limit=REASON_LIMIT),
    }  # fmt: skip
    if command.version_id is not None:
        version = _version(uow, sort, command.version_id, command.expected_revision)
        _require_draft(version)
        for name, value in terms.items():
            setattr(version, name, value)
        uow.record("TextDraftChanged")
        return str(version.id)
    version = _MODELS[sort](
        **{_OF[sort]: of_id}, number=_next_number(uow, sort, of_id, shipped), state=TextState.DRAFT.value,
        drafted_by_staff_id=uow.actor.staff_id, decision_note="", approved_digest="", **terms,
    )  # fmt: skip
    uow.add(version)
    uow.session.flush()
    uow.record("TextDrafted")
    uow.undo_with(DiscardDraft(sort=sort, version_id=version.id, expected_revision=version.revision))
    return str(version.id)


def _next_number(uow: UnitOfWork, sort: TextSort, of_id: str, shipped: int) -> int:
    """The house's versions count on from those that ship, so that no two a desk knows have one number."""
    model = _MODELS[sort]
    query = select(func.max(model.number)).where(getattr(model, _OF[sort]) == of_id)
    return max(uow.session.scalar(query) or 0, shipped) + 1


def _has_versions(uow: UnitOfWork, sort: TextSort, of_id: str) -> bool:
    model = _MODELS[sort]
    query = select(model.id).where(getattr(model, _OF[sort]) == of_id, model.deleted_at.is_(None))
    return uow.session.scalars(query.limit(1)).first() is not None


@requires(Permission.CLAUSES_EDIT)
def import_clauses(command: ImportClauses, uow: UnitOfWork) -> list[str]:
    """Store drafts for all rows of a list, or none; returns the versions' ids."""
    ids = [save_clause_draft(row, uow) for row in command.rows]
    uow.undo = None
    uow.record("ClausesImported")
    return ids


@requires(Permission.CLAUSES_EDIT)
def discard_draft(command: DiscardDraft, uow: UnitOfWork) -> str:
    """Throw a draft away; returns its id. A clause or template without versions is no longer shown."""
    version = _version(uow, command.sort, command.version_id, command.expected_revision)
    _require_draft(version)
    version.deleted_at = uow.now
    uow.record("TextDraftDiscarded")
    return str(version.id)


@requires(Permission.CLAUSES_EDIT)
def propose_text(command: ProposeText, uow: UnitOfWork) -> str:
    """Ask somebody else to approve a draft; returns the version's id."""
    version = _version(uow, command.sort, command.version_id, command.expected_revision)
    step = TEXT.check(TextState(version.state), TextAction.PROPOSE)
    _require_sound(uow, command.sort, version)
    version.state, version.proposed_at = step.target.value, uow.now
    uow.session.flush()
    _ask_for_approval(uow, command.sort, version)
    uow.record("TextProposed")
    uow.undo_with(RecallText(sort=command.sort, version_id=version.id, expected_revision=version.revision))
    return str(version.id)


@requires(Permission.CLAUSES_EDIT)
def recall_text(command: RecallText, uow: UnitOfWork) -> str:
    """Make a proposed version a draft again; returns its id."""
    version = _version(uow, command.sort, command.version_id, command.expected_revision)
    version.state = TEXT.check(TextState(version.state), TextAction.RECALL).target.value
    version.proposed_at = None
    close_tasks(uow, record_id=version.id, kind=TaskKind.APPROVE_TEXT)
    uow.record("TextRecalled")
    return str(version.id)


@requires(Permission.CLAUSES_APPROVE)
def approve_text(command: ApproveText, uow: UnitOfWork) -> str:
    """Let a version count from its first day; returns its id."""
    version = _decided_by_another(uow, command)
    step = TEXT.check(TextState(version.state), TextAction.APPROVE)
    if version.effective_to is not None and version.effective_to < branch_date(uow.now):
        raise EffectiveDaysOver()
    _require_sound(uow, command.sort, version, in_force=True)
    version.approved_digest = terms_digest(version.__tablename__, _travelling(version))
    return _decide(uow, version, step.target, command.note, "TextApproved")


@requires(Permission.CLAUSES_APPROVE)
def reject_text(command: RejectText, uow: UnitOfWork) -> str:
    """Refuse a version; returns its id."""
    version = _decided_by_another(uow, command)
    step = TEXT.check(TextState(version.state), TextAction.REJECT, reason=command.reason)
    return _decide(uow, version, step.target, command.reason, "TextRejected")


@requires(Permission.CLAUSES_EDIT)
def withdraw_text(command: WithdrawText, uow: UnitOfWork) -> str:
    """Take a version back; returns its id."""
    version = _version(uow, command.sort, command.version_id, command.expected_revision)
    step = TEXT.check(TextState(version.state), TextAction.WITHDRAW, reason=command.reason)
    uow.require(step.permission)
    if version.state == TextState.APPROVED and command.sort is TextSort.CLAUSE:
        require_not_needed(uow, version)
    version.state = step.target.value
    close_tasks(uow, record_id=version.id, kind=TaskKind.APPROVE_TEXT)
    version.decision_note = uow.reason = limited_text(command.reason, field="reason", limit=REASON_LIMIT)
    uow.record("TextWithdrawn")
    return str(version.id)


@requires(Permission.CLAUSES_EDIT)
def tend_approval_tasks(command: TendApprovalTasks, uow: UnitOfWork) -> int:
    """Tick off what was decided where the task is not known: tasks stay in their branch, texts are the group's."""
    over = decided_tasks(uow.session)
    for task in over:
        tick_off(task, uow)
    return len(over)


def _ask_for_approval(uow: UnitOfWork, sort: TextSort, version: Any) -> None:
    """A task for whoever of the branch may approve; it opens the version itself."""
    of = uow.get(_RECORDS[sort], getattr(version, _OF[sort]))
    zh, en = of.title_zh or of.code, of.title_en or of.title_zh or of.code
    create_task(
        uow, kind=TaskKind.APPROVE_TEXT, record_table=version.__tablename__, record_id=version.id,
        params={"title_names": Bilingual(zh, en).stored(), "n": version.number, "person": uow.actor.name},
    )  # fmt: skip


def _decide(uow: UnitOfWork, version: Any, state: TextState, note: str, event: str) -> str:
    version.state = state.value
    version.decided_by_staff_id, version.decided_at = uow.actor.staff_id, uow.now
    close_tasks(uow, record_id=version.id, kind=TaskKind.APPROVE_TEXT)
    version.decision_note = uow.reason = limited_text(note, field="note", limit=REASON_LIMIT)
    uow.record(event)
    return str(version.id)


def _decided_by_another(uow: UnitOfWork, command: ApproveText | RejectText) -> Any:
    version = _version(uow, command.sort, command.version_id, command.expected_revision)
    if version.drafted_by_staff_id == uow.actor.staff_id:
        raise ApprovalOfOwnText()
    return version


def _require_sound(uow: UnitOfWork, sort: TextSort, version: Any, *, in_force: bool = False) -> None:
    """What was right when it was stored may have become wrong since."""
    if sort is TextSort.CLAUSE:
        clause_terms(uow.session, version)
        require_fits_templates(uow, version)
    else:
        require_sound_template(uow, version, in_force=in_force)


def _version(uow: UnitOfWork, sort: TextSort, version_id: str, revision: int) -> Any:
    version = uow.get(_MODELS[sort], version_id)
    uow.check_revision(version, revision)
    return version


def _require_draft(version: Any) -> None:
    if version.state != TextState.DRAFT:
        raise TextNotDraft()


def _travelling(version: Any) -> dict[str, Any]:
    columns = version.__table__.columns
    return {column.name: to_wire(column.type, getattr(version, column.name)) for column in columns}
