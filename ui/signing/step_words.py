"""Steps of an identity check and what to look at twice, in words."""

from app.contracts.signers.identity_rules import Channel, RiskHint, StepKind, StepResult
from app.contracts.signers.party_queries import StepRow
from app.runtime.language import tr
from ui.kit import formats

TONES = {StepResult.PASSED: "good", StepResult.FAILED: "bad", StepResult.NOTED: "neutral"}


def step_text(step: StepRow) -> str:
    """ "Identity document compared · passed · 110105********002X, age 34 · 12 Nov, 10:31 · 王芳"."""
    parts = [_known(StepKind, step.kind), _detail(step), formats.moment(step.at), step.by]
    return " · ".join(part for part in parts if part)


def step_result(step: StepRow) -> tuple[str, str]:
    """The result as English key and tone."""
    result = next((one for one in StepResult if one == step.result), StepResult.NOTED)
    return result.label, TONES[result]


def hint_text(hint: str) -> str:
    """What to look at twice."""
    return _known(RiskHint, hint)


def _known(kind: type[StepKind] | type[RiskHint] | type[Channel], code: str) -> str:
    member = next((one for one in kind if one == code), None)
    return tr(member.label) if member is not None else code


def _detail(step: StepRow) -> str:
    detail = step.detail
    if step.kind == StepKind.CARD_CHECK:
        age = detail.get("age")
        number = str(detail.get("number", ""))
        return tr("{number}, age {age}", number=number, age=age) if age is not None else number
    if step.kind == StepKind.ONE_TIME_CODE:
        return f"{_known(Channel, str(detail.get('channel', '')))} {detail.get('address', '')}".strip()
    if step.kind == StepKind.RISK_HINT:
        return hint_text(str(detail.get("hint", "")))
    return ""
