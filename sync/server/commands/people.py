"""people: who may sign in at headquarters. Passwords are chosen by the people themselves, never given here."""

import argparse
import sys

from app.kernel.permissions import Role
from db.types import instant_at
from sync.server.accounts import (
    ACTIVE,
    DISABLED,
    SETUP_SECONDS,
    Account,
    add_account,
    list_accounts,
    reset_password,
    reset_second_factor,
    set_state,
)
from sync.server.administration_log import COMMAND_LINE, Act
from sync.server.commands.declaring import Subcommands, now, with_store
from sync.server.store import Store

_ADD, _LIST, _DISABLE, _ENABLE = "add", "list", "disable", "enable"
_PASSWORD, _SECOND = "reset-password", "reset-second-factor"


def add(to: Subcommands) -> None:
    people = to.command(
        "people", with_store(_people, makes_group=True), tenant=True, help="who may sign in at headquarters"
    )
    people.add_argument(
        "deed", choices=[_ADD, _LIST, _DISABLE, _ENABLE, _PASSWORD, _SECOND], metavar="DEED",
        help="add, list, disable, enable, reset-password or reset-second-factor",
    )  # fmt: skip
    people.add_argument("login", nargs="?", default="", help="whom it is about")
    people.add_argument("--name", default="", help="with add: the person's name")
    people.add_argument(
        "--role", default=Role.ADMINISTRATOR.value, choices=[role.value for role in Role],
        help="with add: what the person may do (default: %(default)s)",
    )  # fmt: skip
    people.add_argument("--staff", default="", metavar="ID", help="with add: who the person is among the group's staff")


def _people(store: Store, asked: argparse.Namespace) -> int:
    if asked.deed == _LIST:
        for account in list_accounts(store, asked.tenant):
            print(_line(account))
        return 0
    if not asked.login:
        raise ValueError(f"people {asked.deed} needs a login")
    act = Act(tenant=asked.tenant, who=COMMAND_LINE, at=now())
    if asked.deed == _ADD:
        code = add_account(
            store, act, login=asked.login, name=asked.name or asked.login, roles=[Role(asked.role)],
            staff_id=asked.staff,
        )  # fmt: skip
        _tell(code)
    elif asked.deed == _PASSWORD:
        _tell(reset_password(store, act, asked.login))
    elif asked.deed == _SECOND:
        reset_second_factor(store, act, asked.login)
        print("the second factor is set up anew at the next sign-in")
    else:
        set_state(store, act, asked.login, DISABLED if asked.deed == _DISABLE else ACTIVE)
        print("shut out; whatever it was signed in to has ended" if asked.deed == _DISABLE else "may sign in again")
    return 0


def _tell(code: str) -> None:
    """The code alone on standard output; what to do with it beside it."""
    print(code)
    print(
        f"Enter it in the place of the password; good for {SETUP_SECONDS // 3600} hours and one use.", file=sys.stderr
    )


def _line(account: Account) -> str:
    roles = ",".join(role.value for role in account.roles)
    seen = "never" if account.signed_in_at is None else instant_at(account.signed_in_at).strftime("%Y-%m-%d %H:%M UTC")
    password = "password" if account.password_hash else "no password yet"
    second = "second factor" if account.totp_sealed else "no second factor yet"
    return f"{account.login}  {account.name}  {account.state}  {roles}  {password}, {second}  signed in {seen}"
