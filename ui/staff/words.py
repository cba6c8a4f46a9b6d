"""Roles, access and bays in words."""

from collections.abc import Mapping

from app.kernel.permissions import ROLE_LABELS, Role
from app.runtime.language import language, tr, tr_noop
from app.workshop.rules import BayType
from ui.kit.columns import State
from ui.kit.controls import Choice

ACCESS: dict[bool, State] = {
    True: State(tr_noop("May sign in"), "good"),
    False: State(tr_noop("No access"), "neutral"),
}


def role_words(role: str) -> str:
    """A role in the language in use; one this version does not know is shown as it is."""
    return tr(ROLE_LABELS[Role(role)]) if role in list(Role) else role


def role_choices() -> list[Choice]:
    """The roles to choose from."""
    return [Choice(role.value, ROLE_LABELS[role]) for role in Role]


def bays_words(bays: Mapping[str, int]) -> str:
    """ "Maintenance and repair 4, Bodywork 1"."""
    comma = "、" if language() == "zh_CN" else ", "
    return comma.join(f"{tr(kind.label)} {bays[kind]}" for kind in BayType if bays.get(kind)) or tr("none")
