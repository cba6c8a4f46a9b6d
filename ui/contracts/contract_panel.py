"""One contract in the panel: who signed, who is missing, and what became of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QWidget

from app.contracts.kinds.registry import KINDS
from app.contracts.queries import ContractDetail, ContractRow, SignatureRow
from app.contracts.rules import ContractState, PartyState
from app.contracts.signers.party_queries import PartyRow
from app.runtime.language import CHINESE, language, tr, tr_noop
from ui.contracts.after_signing import after_notes, lineage_lines
from ui.contracts.contract_states import CONTRACT_STATES
from ui.kit import formats
from ui.kit.controls import Badge, Button, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.kit.theme import set_role
from ui.signing.amendment_hint import AMEND, hint_words, may_amend, to_the_amendment
from ui.signing.party_strip import party_word

Go = Callable[..., object]
"""`navigator.open`."""


def contract_content(detail: ContractDetail, *, go: Go, show: Callable[[str], object]) -> QWidget:
    """The panel's content; `show` opens another contract in it."""
    line = detail.row
    state = CONTRACT_STATES[line.state]
    head = row(StatusDot(state.label, state.tone), STRETCH, gap=8)
    if line.provisional:
        head.addWidget(Badge(tr_noop("Provisional sale"), "warn"))
    elif line.secured_until is not None:
        head.addWidget(Badge(tr_noop("Secured sale"), "info"))
    stack = column(head, gap=16)
    for text, tone in _notes(detail):
        stack.addWidget(_note(text, tone))
    if detail.needs_amendment:
        stack.addWidget(_drift(detail, go))
    if detail.parties:
        stack.addWidget(_signatures(detail))
        stack.addWidget(Divider())
    stack.addLayout(_links(detail, go=go, show=show))
    stack.addWidget(Facts(_facts(detail)))
    return boxed(stack)


def _note(text: Words, tone: str, *verbs: QWidget) -> QWidget:
    stack = column(Label(text, wrap=True), gap=8, margins=12)
    if verbs:
        stack.addLayout(row(*verbs, STRETCH))
    box = boxed(stack)
    set_role(box, "message", tone=tone)
    return box


def _drift(detail: ContractDetail, go: Go) -> QWidget:
    """What the order says otherwise by now, and the way to the amendment for who may draft one."""
    verbs = []
    if may_amend(detail):
        verbs.append(Button(AMEND, icon="file-pen", on_click=to_the_amendment(go, detail)))
        verbs[0].setObjectName("amend")
    return _note(lambda: hint_words(detail), "warn", *verbs)


def _notes(detail: ContractDetail) -> list[tuple[Words, str]]:
    notes: list[tuple[Words, str]] = []
    if detail.outdated:
        notes.append((tr_noop("The order changed since this was drafted. Draft it again before it is locked."), "warn"))
    security, until = detail.security, detail.row.secured_until
    if until is not None and security is not None and not security.counts:
        notes.append(
            (
                lambda: tr(
                    "The paper says that the vehicle is secured until {time}. That is over, and the centre has not "
                    "answered: the sale is provisional again.", time=formats.moment(until),
                ),
                "warn",
            )
        )  # fmt: skip
    notes += after_notes(detail)
    if detail.void_reason and detail.termination is None:
        declined = detail.row.state == ContractState.DECLINED
        text = tr_noop("Declined: {reason}") if declined else tr_noop("Out of force: {reason}")
        notes.append((lambda: tr(text, reason=detail.void_reason), "bad"))
    if detail.row.state == ContractState.SIGNED:
        notes.append((tr_noop("Everybody has signed; the seal of the dealer is still missing."), "info"))
    return notes


_PARTY_TONES = {PartyState.SIGNED: "good", PartyState.DECLINED: "bad", PartyState.AWAITED: "neutral"}


def _signatures(detail: ContractDetail) -> QWidget:
    """Every party in the order of signing; whose turn it is stands out."""
    given = {signature.party: signature for signature in detail.signatures}
    stack = column(Label(tr_noop("Parties and signatures"), role="section"), gap=10)
    for party in detail.parties:
        if party.code in detail.missing[:1]:
            stack.addLayout(_line(party, None, StatusDot(tr_noop("Signs next"), "warn"), since=detail.waiting_since))
        else:
            state = PartyState(party.state)
            stack.addLayout(_line(party, given.get(party.code), StatusDot(state.label, _PARTY_TONES[state])))
    return boxed(stack)


def _line(
    party: PartyRow, signature: SignatureRow | None, state: StatusDot, *, since: datetime | None = None
) -> Any:
    """`since`: from when on this party could have signed, where it is the one waited for."""
    name = Label("")
    name.set_text(signature.signer_name if signature is not None else party.signer)
    about = Label(lambda: _about_party(party, signature, since), role="secondary", wrap=True)
    return row(column(name, about, gap=2), STRETCH, state, gap=8)


def _about_party(party: PartyRow, signature: SignatureRow | None, since: datetime | None) -> str:
    """ "Guarantor · 12 Nov, 10:31 · evidence 3f2a91c0"; the strokes themselves stay with the evidence."""
    parts = [party_word(party.code)]
    if party.is_company and party.name != party.signer:
        parts.append(party.name)
    if signature is not None:
        parts += [formats.moment(signature.signed_at), tr("evidence {digest}", digest=signature.evidence_digest[:8])]
    elif since is not None:
        parts.append(tr("waits since {time}", time=formats.moment(since)))
    elif party.state == PartyState.DECLINED and party.decided_at is not None:
        parts += [formats.moment(party.decided_at), party.decline_reason]
    return " · ".join(parts)


def _links(detail: ContractDetail, *, go: Go, show: Callable[[str], object]) -> Any:
    line = detail.row
    customer = RecordLine(lambda: line.customer_name, icon="user")
    customer.clicked.connect(lambda: go("customers", customer_id=line.customer_id))
    links = column(gap=2)
    if line.order_id:
        order = RecordLine(lambda: tr("Order {number}", number=line.order_number), icon="receipt")
        order.clicked.connect(lambda: go("orders", order_id=line.order_id))
        links.addWidget(order)
    links.addWidget(customer)
    for other in lineage_lines(detail, show):
        links.addWidget(other)
    return links


def _facts(detail: ContractDetail) -> list[tuple[Words, Words]]:
    line = detail.row
    facts: list[tuple[Words, Words]] = [
        (tr_noop("Drafted at"), lambda: formats.moment(line.created_at)),
        (tr_noop("Pages"), lambda: formats.count(line.page_count)),
        (tr_noop("Leading language"), lambda: "中文" if line.paper_language == CHINESE else "English"),
        (tr_noop("Template"), lambda: _template_words(detail)),
    ]
    sign_until = detail.sign_until
    if sign_until is not None and line.state in (ContractState.LOCKED, ContractState.PARTIALLY_SIGNED):
        facts.append((tr_noop("To be signed until"), lambda: formats.moment(sign_until)))
    until = line.secured_until
    if until is not None:
        facts.append((tr_noop("Secured until"), lambda: formats.moment(until)))
    if line.sealed_at is not None:
        facts.insert(1, (tr_noop("Sealed at"), lambda: formats.moment(line.sealed_at)))
        facts.insert(2, (tr_noop("Time-stamped"), lambda: _stamped_words(line)))
    return facts


def _stamped_words(line: ContractRow) -> str:
    if line.stamped_at is None:
        return tr("waits for the centre")
    return tr("since {time}", time=formats.moment(line.stamped_at))


def _template_words(detail: ContractDetail) -> str:
    code = detail.template_code
    shown = KINDS[code].title.in_language(language()) if code in KINDS else code
    return tr("{name}, version {n}", name=shown, n=detail.template_version)


def number_of(line: ContractRow) -> Words:
    """The title of a place that shows a contract."""
    return lambda: tr("Contract {number}", number=line.number)
