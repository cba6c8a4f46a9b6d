"""Handlers of the steps by which a signer is known."""

from datetime import timedelta

from sqlalchemy import func, select

from app.attachments.commands import AttachFiles
from app.attachments.handlers import attach_files
from app.contracts.errors import (
    AddressMissing,
    CodeNotOpen,
    CodeTooSoon,
    IdentityNotAwaited,
    PhotoConsentMissing,
    TooManyCodes,
)
from app.contracts.kinds.roles import acknowledges
from app.contracts.rules import ContractState
from app.contracts.signers.identity_checks import add_step, note_hints
from app.contracts.signers.identity_commands import (
    CheckIdentityDocument,
    CodeConfirmed,
    CodeIssued,
    ConfirmCode,
    IdentityChecked,
    IssueCode,
    KeepDocumentPhoto,
    NoteCodeUnsent,
    NoteIdentityNotice,
    NotePhoneLocked,
)
from app.contracts.signers.identity_notice import PHOTO_YEARS
from app.contracts.signers.identity_rules import (
    CODE_LIFETIME,
    MOST_ATTEMPTS,
    MOST_PER_ADDRESS,
    MOST_PER_CONTRACT,
    SEND_PAUSE,
    SEND_WINDOW,
    Channel,
    HashedCode,
    StepKind,
    StepResult,
    address_digest,
    age_on,
    hashed,
    is_code,
    new_code,
)
from app.contracts.signers.parties import awaited_row
from app.contracts.signers.phone_visits import keep_locked
from app.customers.choices import NOTICE_VERSION, ConsentPurpose
from app.customers.commands import GiveConsent
from app.customers.handlers import give_consent
from app.customers.rules import (
    IdentityKind,
    check_identity,
    check_identity_card,
    mask_email,
    mask_identity,
    mask_phone,
    name_key,
)
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import ValueNotAllowed, limited_text, require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import live
from app.runtime.language import LANGUAGES
from db.ids import new_id
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.signing import ContractParty, OneTimeCode
from db.models.staff import Branch

_STATES = frozenset({ContractState.DRAFT, ContractState.LOCKED, ContractState.PARTIALLY_SIGNED})
_OPEN, _USED, _SPENT, _REPLACED, _UNSENT = "OPEN", "USED", "SPENT", "REPLACED", "UNSENT"
PHOTO_PURPOSE = "identity_document"


def _signer(uow: UnitOfWork, contract_id: str, code: str) -> tuple[Contract, ContractParty]:
    """The contract and the party that has still to sign; the dealer is known by signing in."""
    contract = live(uow.session, Contract, contract_id, field="contract_id")
    if contract.state not in _STATES:
        raise IdentityNotAwaited(state=ContractState(contract.state).label)
    row = awaited_row(uow.session, contract, code)
    if not acknowledges(row.code):
        raise ValueNotAllowed(field="party", value=code)
    return contract, row


@requires(Permission.CONTRACTS_SIGN)
def note_identity_notice(command: NoteIdentityNotice, uow: UnitOfWork) -> str:
    """The purposes and the retention were shown."""
    _contract, party = _signer(uow, command.contract_id, command.party)
    if command.language not in LANGUAGES:
        raise ValueNotAllowed(field="language", value=command.language)
    detail = {"notice_version": NOTICE_VERSION, "language": command.language}
    step = add_step(uow, party, StepKind.NOTICE, StepResult.NOTED, detail=detail)
    note_hints(uow, party)
    uow.record("IdentityNoticeShown")
    return step.id


@requires(Permission.CONTRACTS_SIGN)
def check_identity_document(command: CheckIdentityDocument, uow: UnitOfWork) -> IdentityChecked:
    """Compare the document with the contract."""
    _contract, party = _signer(uow, command.contract_id, command.party)
    name = require_text(command.name, field="name", limit=60)
    today = branch_date(uow.now)
    # A company's document on the contract is its code; the person who signs for it shows a card of their own.
    for_company = bool(party.representative)
    kind = IdentityKind.IDENTITY_CARD if for_company else party.identity_kind
    number = check_identity(kind, command.number, today=today, field="number")
    expected = party.representative if for_company else party.name
    same_name = name_key(name) == name_key(expected)
    known = _card_of_agent(uow, party) if for_company else party.identity_number
    same_number = not known or number == known
    detail = {
        "document": str(kind), "number": mask_identity(number), "name_matches": same_name,
        "number_matches": same_number, "check_digit": kind == IdentityKind.IDENTITY_CARD,
    }  # fmt: skip
    if kind == IdentityKind.IDENTITY_CARD:
        detail["age"] = age_on(check_identity_card(number, today=today).born_on, today)
    passed = same_name and same_number
    result = StepResult.PASSED if passed else StepResult.FAILED
    step = add_step(uow, party, StepKind.CARD_CHECK, result, detail=detail)
    hints = note_hints(uow, party)
    uow.record("IdentityDocumentChecked")
    return IdentityChecked(step.id, passed, tuple(hint.value for hint in hints))


def _card_of_agent(uow: UnitOfWork, party: ContractParty) -> str:
    """The identity card of who acts for a company, as the customer's record has it; empty where nobody entered it."""
    customer = uow.session.get(Customer, party.customer_id) if party.customer_id else None
    return customer.contact_identity_number if customer is not None else ""


@requires(Permission.CONTRACTS_SIGN)
def keep_document_photo(command: KeepDocumentPhoto, uow: UnitOfWork) -> str:
    """Keep the photo and the consent to it."""
    _contract, party = _signer(uow, command.contract_id, command.party)
    if not command.consented:
        raise PhotoConsentMissing(field="consented")
    attach_files(
        AttachFiles(
            subject_table="contract_party", subject_id=party.id, purpose=PHOTO_PURPOSE, files=(command.file,)
        ), uow,
    )  # fmt: skip
    consent_id = ""
    if party.customer_id:
        consent_id = give_consent(
            GiveConsent(customer_id=party.customer_id, purpose=ConsentPurpose.SENSITIVE_IDENTITY.value), uow
        )
    detail = {
        "notice_version": NOTICE_VERSION, "consented_at": uow.now.isoformat(), "consent_id": consent_id,
        "keep_years": PHOTO_YEARS,
    }  # fmt: skip
    step = add_step(
        uow, party, StepKind.DOCUMENT_PHOTO, StepResult.PASSED, detail=detail, attachment_sha256=command.file.sha256
    )  # fmt: skip
    # Taking the consent back has to be told, not undone by a key.
    uow.undo = None
    uow.record("DocumentPhotoKept")
    return step.id


@requires(Permission.CONTRACTS_SIGN)
def issue_code(command: IssueCode, uow: UnitOfWork) -> CodeIssued:
    """Make a code; the hash stays here, the digits go with the answer."""
    contract, party = _signer(uow, command.contract_id, command.party)
    channel = next((one for one in Channel if one == command.channel), None)
    if channel is None:
        raise ValueNotAllowed(field="channel", value=command.channel)
    address = party.phone if channel is Channel.PHONE else party.email
    if not address:
        raise AddressMissing(field="channel", name=party.name)
    _require_pace(uow, contract, address)
    for earlier in _open_codes(uow, party):
        earlier.state = _REPLACED
    code = new_code()
    kept = hashed(code)
    row = OneTimeCode(
        id=new_id(), contract_id=contract.id, party_id=party.id, address_digest=address_digest(address),
        salt=kept.salt, digest=kept.digest, sent_at=uow.now, expires_at=uow.now + CODE_LIFETIME, attempts=0,
        state=_OPEN, way=limited_text(command.way, field="way", limit=16),
    )  # fmt: skip
    uow.session.add(row)
    branch = uow.get(Branch, contract.branch_id)
    return CodeIssued(
        code_id=row.id, channel=channel.value, address=address, shown_address=_masked(channel, address), code=code,
        document_number=contract.number, house=branch.company_zh or branch.name_zh,
        language=_language(uow, party, contract), expires_at=row.expires_at,
    )  # fmt: skip


def _language(uow: UnitOfWork, party: ContractParty, contract: Contract) -> str:
    customer = uow.session.get(Customer, party.customer_id) if party.customer_id else None
    return customer.paper_language if customer is not None else contract.paper_language


def _masked(channel: Channel, address: str) -> str:
    return mask_phone(address) if channel is Channel.PHONE else mask_email(address)


def _require_pace(uow: UnitOfWork, contract: Contract, address: str) -> None:
    """Raises CodeTooSoon or TooManyCodes (field `channel`); what could not be sent does not count."""
    since = uow.now - SEND_WINDOW
    to_address = (OneTimeCode.address_digest == address_digest(address), OneTimeCode.state != _UNSENT)
    last = uow.session.scalar(select(func.max(OneTimeCode.sent_at)).where(*to_address))
    wait = (last + SEND_PAUSE - uow.now) if last is not None else timedelta(0)
    if wait > timedelta(0):
        raise CodeTooSoon(field="channel", seconds=max(1, round(wait.total_seconds())))
    counts = (
        (MOST_PER_ADDRESS, to_address),
        (MOST_PER_CONTRACT, (OneTimeCode.contract_id == contract.id, OneTimeCode.state != _UNSENT)),
    )
    for limit, conditions in counts:
        count = select(func.count()).select_from(OneTimeCode).where(*conditions, OneTimeCode.sent_at > since)
        if (uow.session.scalar(count) or 0) >= limit:
            raise TooManyCodes(field="channel")


def _open_codes(uow: UnitOfWork, party: ContractParty) -> list[OneTimeCode]:
    query = select(OneTimeCode).where(OneTimeCode.party_id == party.id, OneTimeCode.state == _OPEN)
    return list(uow.session.scalars(query.order_by(OneTimeCode.sent_at.desc())))


@requires(Permission.CONTRACTS_SIGN)
def note_code_unsent(command: NoteCodeUnsent, uow: UnitOfWork) -> None:
    """A code that never left cannot be entered."""
    row = uow.session.get(OneTimeCode, command.code_id)
    if row is not None and row.state == _OPEN:
        row.state = _UNSENT


@requires(Permission.CONTRACTS_SIGN)
def confirm_code(command: ConfirmCode, uow: UnitOfWork) -> CodeConfirmed:
    """Compare the digits; a wrong entry is counted, the last one uses the code up."""
    _contract, party = _signer(uow, command.contract_id, command.party)
    row = next((code for code in _open_codes(uow, party) if code.expires_at > uow.now), None)
    if row is None:
        raise CodeNotOpen(field="code", minutes=CODE_LIFETIME // timedelta(minutes=1))
    row.attempts += 1
    passed = is_code(command.code, HashedCode(row.salt, row.digest))
    left = 0 if passed else MOST_ATTEMPTS - row.attempts
    if passed or not left:
        row.state = _USED if passed else _SPENT
    channel = Channel.PHONE if row.address_digest == address_digest(party.phone) else Channel.EMAIL
    address = party.phone if channel is Channel.PHONE else party.email
    detail = {"channel": channel.value, "address": _masked(channel, address), "attempt": row.attempts, "way": row.way}
    add_step(uow, party, StepKind.ONE_TIME_CODE, StepResult.PASSED if passed else StepResult.FAILED, detail=detail)
    note_hints(uow, party)
    uow.record("CodeConfirmed" if passed else "CodeRefused")
    return CodeConfirmed(passed, left)


@requires(Permission.CONTRACTS_SIGN)
def note_phone_locked(command: NotePhoneLocked, uow: UnitOfWork) -> str:
    """Somebody guessed at the code of a request to sign on a phone."""
    _contract, party = _signer(uow, command.contract_id, command.party)
    step_id = keep_locked(uow, party, request_id=command.request_id, wrong_codes=max(command.wrong_codes, 1))
    uow.record("PhoneRequestLocked")
    return step_id
