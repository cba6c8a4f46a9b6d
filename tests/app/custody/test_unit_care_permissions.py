"""Who may do what in unit care: every command, for every role."""

from collections.abc import Callable
from inspect import isclass
from typing import Any

import pytest

import app.custody.commands
import app.inspections.commands
import app.inventory.commands
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher, handler_of
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor, Permission, Role

P = Permission
OF_INVENTORY: dict[str, Permission] = {
    "JoinQueue": P.INVENTORY_HOLD, "LeaveQueue": P.INVENTORY_HOLD, "RejoinQueue": P.INVENTORY_HOLD,
    "MoveInQueue": P.INVENTORY_ARRANGE_QUEUE, "RestoreQueuePlace": P.INVENTORY_ARRANGE_QUEUE,
    "TendHolds": P.INVENTORY_HOLD, "HandOverUnit": P.ORDERS_EDIT, "TakeBackUnit": P.INVENTORY_EDIT,
}  # fmt: skip
OF_CUSTODY: dict[str, Permission] = {
    "HandCertificates": P.CUSTODY_CERTIFICATES, "CorrectCertificates": P.CUSTODY_CERTIFICATES,
    "RegisterKeys": P.CUSTODY_KEYS, "HandOutKey": P.CUSTODY_KEYS, "ReturnKey": P.CUSTODY_KEYS,
    "GiveKeysToCustomer": P.CUSTODY_KEYS, "ReportKeyLost": P.CUSTODY_KEYS, "AddPlace": P.INVENTORY_EDIT,
    "ChangePlace": P.INVENTORY_EDIT, "RegisterPlacesInUse": P.INVENTORY_EDIT,
}  # fmt: skip


def commands_of(module: Any) -> dict[str, type[Command]]:
    return {
        name: thing
        for name, thing in vars(module).items()
        if isclass(thing) and issubclass(thing, Command) and thing.__module__ == module.__name__
    }


INSPECTING = commands_of(app.inspections.commands)
CUSTODY = commands_of(app.custody.commands)
EXPECTED: dict[type[Command], Permission] = {
    **dict.fromkeys(INSPECTING.values(), P.INSPECTIONS_PERFORM),
    **{CUSTODY[name]: permission for name, permission in OF_CUSTODY.items()},
    **{commands_of(app.inventory.commands)[name]: permission for name, permission in OF_INVENTORY.items()},
}


def test_no_command_is_forgotten_here() -> None:
    assert set(CUSTODY) == set(OF_CUSTODY)
    assert len(INSPECTING) == 12


@pytest.mark.parametrize("command", EXPECTED, ids=lambda command: command.__name__)
def test_a_command_asks_for_its_permission(
    command: type[Command], dispatcher: Dispatcher, actor_with: Callable[[Role], Actor]
) -> None:
    permission = EXPECTED[command]
    assert handler_of(command).permission is permission  # type: ignore[attr-defined]
    made = command.__new__(command)  # the permission is asked for before anything of the command is looked at
    for role in Role:
        if not actor_with(role).may(permission):
            with pytest.raises(PermissionDenied):
                dispatcher.execute(made, actor_with(role))
