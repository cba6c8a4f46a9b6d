"""How authorities and certificates are shown."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.contracts.authorities.queries import AuthorityDetail, AuthorityState, CertificateRow, SealRow
from app.contracts.keys.revocation import RevocationReason
from app.kernel.clock import Clock
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.columns import State
from ui.kit.controls import Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import Divider, boxed, column
from ui.kit.text import Words

STATES: dict[str, State] = {
    AuthorityState.TRUSTED.value: State(AuthorityState.TRUSTED.label, "good"),
    AuthorityState.ENDING.value: State(AuthorityState.ENDING.label, "warn"),
    AuthorityState.LIST_OLD.value: State(AuthorityState.LIST_OLD.label, "warn"),
    AuthorityState.ENDED.value: State(AuthorityState.ENDED.label, "bad"),
    AuthorityState.SEAL_REVOKED.value: State(AuthorityState.SEAL_REVOKED.label, "bad"),
    AuthorityState.WITHDRAWN.value: State(AuthorityState.WITHDRAWN.label, "neutral"),
}


def authority_content(detail: AuthorityDetail, clock: Clock) -> QWidget:
    """The panel: the authority, what it revoked, and for this desk the certificate of its seal."""
    row = detail.row
    state = STATES[row.state.value]
    stack = column(StatusDot(state.label, state.tone), gap=16)
    warning = _warning(detail)
    if warning:
        stack.addWidget(Label(warning, wrap=True))
    if detail.seal is not None:
        stack.addWidget(Label(tr_noop("The dealer's seal"), role="section"))
        stack.addWidget(Facts(_seal_facts(detail.seal)))
        stack.addWidget(Divider())
    stack.addWidget(Label(tr_noop("The authority"), role="section"))
    stack.addWidget(Facts([*_facts(detail.certificate), *_list_facts(detail, clock)]))
    if row.withdrawn_at is not None:
        at, reason = row.withdrawn_at, _reason_words(row.withdrawn_reason)
        stack.addWidget(
            Label(lambda: tr("Withdrawn from {at} on: {reason}", at=formats.moment(at), reason=tr(reason)), wrap=True)
        )
    if detail.revoked:
        stack.addWidget(Divider())
        stack.addWidget(Label(tr_noop("Revoked certificates"), role="section"))
        stack.addWidget(Facts([(_at(one.at), _revoked(f"{one.serial:X}", one.label())) for one in detail.revoked]))
    return boxed(stack)


def _facts(certificate: CertificateRow) -> list[tuple[Words, Words]]:
    facts: list[tuple[Words, Words]] = [
        (tr_noop("Issued to"), certificate.subject),
        (tr_noop("Issued by"), certificate.issuer),
        (tr_noop("Valid until"), lambda: formats.day_of(certificate.valid_until)),
        (tr_noop("Kind of key"), certificate.algorithm),
        (tr_noop("Serial number"), certificate.spelled_serial),
        (tr_noop("SHA-256"), certificate.spelled_fingerprint),
    ]
    if len(certificate.above) > 1:
        facts.insert(2, (tr_noop("Chain"), lambda: " → ".join(certificate.above)))
    return facts


def _seal_facts(seal: SealRow) -> Sequence[tuple[Words, Words]]:
    origin = tr_noop("Of a real authority") if seal.bought else tr_noop("Made at this desk")
    facts = [(tr_noop("Origin"), lambda: tr(origin)), *_facts(seal.certificate)]
    if seal.bought:
        facts.append((tr_noop("Revocation list"), lambda: _told(seal)))
    if seal.revoked is not None:
        at, reason = seal.revoked.at, seal.revoked.label()
        facts.insert(
            0, (tr_noop("Revoked"), lambda: tr("from {at} on: {reason}", at=formats.moment(at), reason=tr(reason)))
        )  # fmt: skip
    return facts


def _told(seal: SealRow) -> str:
    if seal.told_at is not None:
        return tr("of {at}", at=formats.moment(seal.told_at))
    return tr("none yet") if seal.tells else tr("the certificate names none")


def _list_facts(detail: AuthorityDetail, clock: Clock) -> list[tuple[Words, Words]]:
    signed, until = detail.row.list_signed_at, detail.list_until
    if signed is None:
        return [(tr_noop("Revocation list"), lambda: tr("none yet"))]
    facts: list[tuple[Words, Words]] = [
        (tr_noop("Revocation list"), lambda: tr("signed {ago}", ago=formats.ago(signed, clock.now())))
    ]
    if until is not None:
        facts.append((tr_noop("Next list by"), lambda: formats.day_of(until)))
    count = detail.row.revoked
    facts.append((tr_noop("Revoked"), lambda: formats.count(count)))
    return facts


def _warning(detail: AuthorityDetail) -> Words:
    """What somebody should do about it."""
    seal, state = detail.seal, detail.row.state
    if seal is not None and seal.revoked is not None:
        subject = seal.revoked_subject
        if seal.bought:
            return lambda: tr(
                "The certificate of “{subject}” is revoked: nothing is sealed with this key any more. "
                "Import another, or seal with this desk's own.",
                subject=subject,
            )
        return tr_noop("The seal's certificate is revoked: the next contract is sealed with another key.")
    if seal is not None and seal.ends_soon:
        return tr_noop("The seal's certificate ends soon, and only its authority can give another. Import a new one.")
    if seal is not None and seal.bought and seal.told_at is None and not seal.tells:
        return tr_noop("The seal's certificate names no revocation list: nobody here learns when it is revoked.")
    if not detail.row.own:
        return ""
    return {
        AuthorityState.ENDING: tr_noop("This desk's authority ends soon. Import another one before that day."),
        AuthorityState.ENDED: tr_noop("This desk's authority has ended: nothing can be signed. Import another one."),
        AuthorityState.LIST_OLD: tr_noop("The revocation list is out of date. It is signed anew after an exchange."),
    }.get(state, "")


def _reason_words(code: str) -> str:
    known = next((one for one in RevocationReason if one == code), RevocationReason.UNSPECIFIED)
    return known.label


def _at(at: object) -> Words:
    return lambda: formats.moment(at)  # type: ignore[arg-type]


def _revoked(serial: str, reason: str) -> Words:
    return lambda: f"{tr(reason)} · {serial}"
