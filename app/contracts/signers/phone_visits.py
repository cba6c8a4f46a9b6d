"""What is put on record of somebody who read and signed on a phone of their own."""

from datetime import UTC, datetime

from app.contracts.commands import PhoneVisit, SignContract
from app.contracts.errors import PhoneVisitWrong
from app.contracts.sealing.evidence import Screen
from app.contracts.signers.identity_checks import add_step, note_hints
from app.contracts.signers.identity_rules import StepKind, StepResult
from app.kernel.errors import limited_text
from app.kernel.unit_of_work import UnitOfWork
from db.models.signing import ContractParty

_WORD, _AGENT = 64, 200


def note_phone(uow: UnitOfWork, command: SignContract, party: ContractParty | None) -> None:
    """Put the phone of a signature on record. Raises PhoneVisitWrong (field `phone`) where it does not fit it."""
    if (command.screen == Screen.PHONE) != (command.phone is not None):
        raise PhoneVisitWrong(field="phone")
    if command.phone is None:
        return
    visit = command.phone
    if party is None or visit.read_at is None:
        raise PhoneVisitWrong(field="phone")
    if not all(visit.opened_at <= one.at <= visit.given_at for one in command.acknowledgements):
        raise PhoneVisitWrong(field="phone")
    keep_visit(uow, party, visit)


def keep_visit(uow: UnitOfWork, party: ContractParty, visit: PhoneVisit) -> None:
    """The visit as a step of the signer's, and what in it makes one look twice. Raises PhoneVisitWrong."""
    read_at = visit.read_at or visit.given_at
    if not visit.opened_at <= read_at <= visit.given_at or visit.wrong_codes < 0:
        raise PhoneVisitWrong(field="phone")
    detail = {
        "request": limited_text(visit.request_id, field="phone", limit=_WORD),
        "opened_at": _text(visit.opened_at), "read_at": _text(visit.read_at),
        "given_at": _text(visit.given_at), "wrong_codes": visit.wrong_codes,
        "address": limited_text(visit.address, field="phone", limit=_WORD),
        "user_agent": limited_text(visit.user_agent, field="phone", limit=_AGENT),
    }  # fmt: skip
    add_step(uow, party, StepKind.PHONE, StepResult.PASSED, detail=detail)
    note_hints(uow, party)
    uow.session.flush()


def _text(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at is not None else ""


def keep_locked(uow: UnitOfWork, party: ContractParty, *, request_id: str, wrong_codes: int) -> str:
    """That wrong codes locked a request before anybody opened it; the step's id."""
    detail = {"request": limited_text(request_id, field="request_id", limit=_WORD), "wrong_codes": wrong_codes}
    step = add_step(uow, party, StepKind.PHONE, StepResult.FAILED, detail=detail)
    note_hints(uow, party)
    return step.id
