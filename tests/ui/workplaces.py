"""A desk in memory for tests of the kit and the shell: real threads, real dispatcher shape, no database."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from app.kernel.changes import Changes
from app.kernel.clock import Clock
from app.kernel.commands import Command, Outcome
from app.kernel.errors import DomainError, ValueRequired
from app.kernel.permissions import Actor, Role, actor_for
from app.leases.port import Secured
from app.runtime.errors import KeyringUnavailable, WrongPassphrase
from sync.client.errors import ServiceUnreachable
from ui.shell.ports import Beginning, NewBranch, Progress, StaffTile


def actor_as(role: Role = Role.SALESPERSON, *, name: str = "王芳", staff_id: str = "s1") -> Actor:
    """Somebody of a role at desk D01 of branch HZ01."""
    return actor_for(staff_id=staff_id, name=name, role=role, branch_id="b1", branch_code="HZ01", desk_code="D01")


@dataclass
class MemoryLeases:
    """`LeasePort` that remembers what it was asked, refuses the vehicles it is told to, and is perhaps away."""

    clock: Clock
    refused: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    away: bool = False

    def secure(self, vins: Sequence[str], hours: int) -> Secured:
        self.asked.append((tuple(vins), hours))
        if self.away:
            raise ServiceUnreachable(address="https://centre.example")
        until = self.clock.now() + timedelta(hours=hours)
        return Secured(
            {vin: until for vin in vins if vin not in self.refused},
            {vin: why for vin, why in self.refused.items() if vin in vins},
        )

    def give_back(self, vins: Sequence[str]) -> bool:
        self.asked.append(("back", tuple(vins)))
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameNote(Command):
    """Gives a note another text; undone by the former one."""

    note_id: str
    text: str


class NoteLocked(DomainError):
    code = "note_locked"
    text = "This note is locked."


@dataclass
class MemoryWorkplace:
    """`Workplace` over a dict of notes. `fail_with` makes the next command raise; `gate` holds work back until set."""

    actor: Actor = field(default_factory=actor_as)
    notes: dict[str, str] = field(default_factory=lambda: {"n1": "first"})
    fail_with: BaseException | None = None
    gate: threading.Event | None = None
    threads: set[str] = field(default_factory=set)

    @property
    def dispatcher(self) -> "MemoryWorkplace":
        return self

    def execute(self, command: Command, actor: Actor) -> Outcome[Any]:
        self._pass_gate()
        if self.fail_with is not None:
            error, self.fail_with = self.fail_with, None
            raise error
        assert isinstance(command, RenameNote)
        if not command.text:
            raise ValueRequired(field="text")
        former = self.notes[command.note_id]
        self.notes[command.note_id] = command.text
        return Outcome(
            former,
            Changes({"note": frozenset({command.note_id})}),
            replace(command, text=former),
            type(command).__name__,
        )

    def read(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._pass_gate()
        return function(SimpleNamespace(workplace=self, actor=self.actor), *args, **kwargs)

    def _pass_gate(self) -> None:
        self.threads.add(threading.current_thread().name)
        if self.gate is not None:
            assert self.gate.wait(10)


@dataclass
class MemoryDrafts:
    """`Drafts` in a dict; remembers on which threads it was called."""

    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    threads: set[str] = field(default_factory=set)

    def save(self, form_key: str, payload: dict[str, Any]) -> None:
        self.threads.add(threading.current_thread().name)
        self.kept[form_key] = payload

    def load(self, form_key: str) -> dict[str, Any] | None:
        self.threads.add(threading.current_thread().name)
        return self.kept.get(form_key)

    def discard(self, form_key: str) -> None:
        self.kept.pop(form_key, None)


@dataclass
class Notes:
    """`Notifications` that are only remembered."""

    shown: list[tuple[Any, str, Any, Any]] = field(default_factory=list)

    def show(self, text: Any, *, tone: str = "info", action: Any = None, on_action: Any = None) -> None:
        self.shown.append((text, tone, action, on_action))


@dataclass
class Travels:
    """`Navigator` that only remembers where people went."""

    went: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def open(self, page_key: str, /, **params: Any) -> None:
        self.went.append((page_key, params))

    def back(self) -> None:
        self.went.append(("back", {}))


class SignInRefused(DomainError):
    code = "sign_in_refused"
    text = "Name and password do not fit."


class SignInDelayed(DomainError):
    code = "sign_in_delayed"
    text = "Wait {seconds} s."


PASSWORD = "correct horse"
PIN = "4711"
STAFF = (
    StaffTile("s1", "wangfang", "王芳", Role.SALESPERSON, "wf", has_pin=True),
    StaffTile("s2", "zhaomin", "赵敏", Role.BRANCH_MANAGER, "zm"),
    StaffTile("s3", "chenjing", "陈静", Role.CASHIER, "cj", has_pin=True),
    StaffTile("s4", "liuyang", "刘洋", Role.SERVICE_ADVISOR, "ly"),
    StaffTile("s5", "sunlei", "孙磊", Role.PARTS_CLERK, "sl"),
    StaffTile("s6", "zhoutao", "周涛", Role.ADMINISTRATOR, "zt"),
)


@dataclass
class MemoryStart:
    """`StartPort`: everybody's password is PASSWORD; `passphrase` is asked for when it is set."""

    workplace: MemoryWorkplace
    passphrase: str | None = None
    problem: BaseException | None = None
    delay_seconds: int = 0
    minutes: int = 0
    staff: Sequence[StaffTile] = STAFF
    holds: Beginning = Beginning.READY
    join_steps: Sequence[tuple[str, float | None]] = ()
    join_gate: threading.Event | None = None
    join_problem: BaseException | None = None

    def beginning(self) -> Beginning:
        return self.holds

    def finish_joining(self, progress: Progress) -> None:
        for step in self.join_steps:
            progress(*step)
            if self.join_gate is not None:
                assert self.join_gate.wait(10)
                self.join_gate.clear()
        if self.join_problem is not None:
            error, self.join_problem = self.join_problem, None
            raise error
        self.holds = Beginning.READY

    def open_database(self, *, passphrase: str | None = None, recovery_code: str | None = None) -> None:
        if self.problem is not None:
            error, self.problem = self.problem, None
            raise error
        if self.passphrase is not None and passphrase is None and recovery_code is None:
            raise KeyringUnavailable(reason="test")
        if self.passphrase is not None and passphrase != self.passphrase:
            raise WrongPassphrase(field="passphrase")

    def list_staff(self) -> Sequence[StaffTile]:
        return self.staff

    def sign_in(self, login: str, secret: str, *, quick: bool = False) -> Actor:
        if self.delay_seconds:
            seconds, self.delay_seconds = self.delay_seconds, 0
            raise SignInDelayed(seconds=seconds)
        for tile in self.staff:
            pin_fits = quick and tile.has_pin and secret == PIN
            if login in (tile.login, tile.staff_id) and (secret == PASSWORD or pin_fits):
                self.workplace.actor = actor_as(tile.role, name=tile.name, staff_id=tile.staff_id)
                return self.workplace.actor
        raise SignInRefused()

    def sign_out(self) -> None:
        self.workplace.actor = actor_as()

    def lock_minutes(self) -> int:
        return self.minutes


CODE = "4K7PX-2M9QA-7TB3C-D8WRF-5HJNE-6VXYZ"


@dataclass
class MemoryFirstRun:
    """`FirstRunPort` that only remembers; `gate` holds the filling back."""

    problem: str | None = None
    made_with: list[str | None] = field(default_factory=list)
    filled: list[Any] = field(default_factory=list)
    fail_with: BaseException | None = None
    steps: int = 3
    gate: threading.Event | None = None

    def keyring_problem(self) -> str | None:
        return self.problem

    def create_database(self, *, passphrase: str | None, progress: Progress) -> str:
        if self.fail_with is not None:
            error, self.fail_with = self.fail_with, None
            raise error
        self.made_with.append(passphrase)
        return CODE

    def fill_demo(self, progress: Progress) -> None:
        for step in range(self.steps):
            progress(f"step {step + 1}", step / self.steps)
            if self.gate is not None:
                assert self.gate.wait(10)
        progress("done", 1.0)
        self.filled.append("demo")

    def fill_empty(self, branch: NewBranch, progress: Progress) -> None:
        self.filled.append(branch)

    def join_group(self, address: str, code: str, progress: Progress) -> None:
        if self.fail_with is not None:
            error, self.fail_with = self.fail_with, None
            raise error
        self.filled.append((address, code))
