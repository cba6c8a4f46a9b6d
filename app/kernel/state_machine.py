"""Lifecycles: which action leads from which state to which, who may take it, and whether it needs a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.kernel.errors import DomainError, ReasonRequired
from app.kernel.labels import Labelled, Listing
from app.kernel.permissions import Permission
from app.runtime.language import tr_noop

S = TypeVar("S", bound=Labelled)
A = TypeVar("A", bound=Labelled)


class TransitionNotAllowed(DomainError):
    """An action that the present state does not offer; the message says what it offers instead."""

    code = "transition_not_allowed"
    text = tr_noop("“{action}” is not possible while the {document} is “{state}”. Possible now: {possible}.")


@dataclass(frozen=True, slots=True)
class Transition(Generic[S, A]):
    """One action out of one or more states into one. `reason_required` actions are recorded with their reason."""

    action: A
    sources: tuple[S, ...]
    target: S
    permission: Permission
    reason_required: bool = False


class StateMachine(Generic[S, A]):
    """The lifecycle of one kind of document. Pure: it decides, handlers store.

    States may be given as their stored codes; a code that is none of them is a bug and raises ValueError.
    """

    def __init__(self, *, document: str, initial: S, transitions: Iterable[Transition[S, A]]) -> None:
        """`document` is an English key ("quotation"). Raises ValueError when a state has an action twice."""
        self.document = document
        self.initial = initial
        self.transitions = tuple(transitions)
        self._state_type = type(initial)
        self._by_state: dict[S, dict[A, Transition[S, A]]] = {}
        for transition in self.transitions:
            for source in transition.sources:
                offered = self._by_state.setdefault(source, {})
                if transition.action in offered:
                    raise ValueError(f"{document}: {transition.action} twice from {source}")
                offered[transition.action] = transition

    def transition(self, state: S | str, action: A) -> Transition[S, A]:
        """The transition of an action; raises TransitionNotAllowed, which says what is possible instead."""
        here = self._state_type(state)
        offered = self._by_state.get(here, {})
        if action not in offered:
            possible: object = Listing(offered) if offered else tr_noop("nothing, it is closed")
            raise TransitionNotAllowed(document=self.document, state=here.label, action=action.label, possible=possible)
        return offered[action]

    def next_state(self, state: S | str, action: A) -> S:
        """The state after an action; raises TransitionNotAllowed."""
        return self.transition(state, action).target

    def check(self, state: S | str, action: A, *, reason: str = "") -> Transition[S, A]:
        """The transition, with its reason checked; raises TransitionNotAllowed or ReasonRequired (field `reason`)."""
        transition = self.transition(state, action)
        if transition.reason_required and not reason.strip():
            raise ReasonRequired(field="reason")
        return transition

    def actions(self, state: S | str) -> tuple[A, ...]:
        """What can be done in a state, in the order of declaration."""
        return tuple(self._by_state.get(self._state_type(state), {}))

    def may(self, state: S | str, action: A) -> bool:
        """Whether the state offers the action."""
        return action in self._by_state.get(self._state_type(state), {})

    def is_final(self, state: S | str) -> bool:
        """Whether nothing leads out of the state."""
        return not self._by_state.get(self._state_type(state))

    def reachable(self, state: S | None = None) -> frozenset[S]:
        """Every state that can follow, in any number of steps; from the initial one by default, itself included."""
        seen: set[S] = set()
        ahead = [self.initial if state is None else state]
        while ahead:
            here = ahead.pop()
            if here not in seen:
                seen.add(here)
                ahead.extend(t.target for t in self._by_state.get(here, {}).values())
        return frozenset(seen)
