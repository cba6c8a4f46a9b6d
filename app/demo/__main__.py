"""`python -m app.demo [--profile DIR] [--empty]`: set a desk up with the demo branch, or with an empty one.

Makes the encrypted database where there is none: with the key store of this computer, else with a passphrase, and
prints the recovery code once.
"""

import argparse
import getpass
import os
import secrets as random_secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from app.demo.build import SEED, build_demo
from app.demo.empty_branch import build_empty_branch
from app.kernel.errors import DomainError
from app.runtime import secrets
from app.runtime.errors import EnvironmentProblem
from app.runtime.language import tr
from app.runtime.paths import Profile, open_profile
from db.engine import Database
from db.errors import DatabaseProblem
from db.schema import upgrade

DEMO_PASSWORD = "forecourt"
"""Password of everybody in the demo branch, unless another is given."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when the desk is ready, 1 with a message when it is not."""
    chosen = _parser().parse_args(arguments)
    profile = open_profile(chosen.profile)
    try:
        _fill(profile.prepare(), chosen)
    except (DomainError, EnvironmentProblem, DatabaseProblem) as problem:
        print(problem.text if isinstance(problem, DatabaseProblem) else problem.message(), file=sys.stderr)
        return 1
    except ValueError as problem:
        print(f"{problem}: {profile.root}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app.demo", description=__doc__)
    parser.add_argument("--profile", type=Path, metavar="DIR", help="the desk's folder; its usual place if left out")
    parser.add_argument("--empty", action="store_true", help="one branch, one administrator, nothing else")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of everything; 1 is 5,000 customers")
    parser.add_argument("--seed", type=int, default=SEED, help="other numbers give other people and cars")
    parser.add_argument("--passphrase-env", metavar="NAME", help="environment variable with the database passphrase")
    parser.add_argument("--password-env", metavar="NAME", help="environment variable with everybody's password")
    return parser


def _fill(profile: Profile, chosen: argparse.Namespace) -> None:
    database = Database(profile.database_path, _key(profile, chosen.passphrase_env))
    try:
        upgrade(database)
        password = os.environ[chosen.password_env] if chosen.password_env else ""
        if chosen.empty:
            password = password or random_secrets.token_urlsafe(9)
            build_empty_branch(
                database, name_zh="新门店", name_en="New branch", code="SH01", desk_code="D01", login="admin",
                administrator="管理员", password=password,
            )  # fmt: skip
            print(f"The branch SH01 is open. Sign in as admin. Password: {password}", file=sys.stderr)
            return
        summary = build_demo(
            database, seed=chosen.seed, scale=chosen.scale, password=password or DEMO_PASSWORD, progress=_shown
        )
        print(f"Sign in as one of: {', '.join(summary.logins)}. Password: {summary.password}", file=sys.stderr)
    finally:
        database.close()


def _key(profile: Profile, variable: str | None) -> bytes:
    """The key of the database, made with its slots where there is none yet."""
    if profile.key_slots_path.exists():
        if variable is None and secrets.SlotKind.KEYRING in secrets.slots_of(profile):
            return secrets.unlock_with_keyring(profile)
        return secrets.unlock_with_passphrase(profile, _passphrase(variable))
    with_keyring = variable is None and secrets.keyring_problem() is None
    code = secrets.new_recovery_code()
    key = secrets.create_key_slots(
        profile,
        with_keyring=with_keyring,
        passphrase=None if with_keyring else _passphrase(variable),
        recovery_code=code,
    )
    print(f"Recovery code, shown once: {code}", file=sys.stderr)
    return key


def _passphrase(variable: str | None) -> str:
    return os.environ[variable] if variable else getpass.getpass(tr("Database passphrase: "))


_said: list[str] = []


def _shown(message: str, fraction: float | None) -> None:
    """A line that is overwritten; where nobody watches, only what begins."""
    if sys.stderr.isatty():
        end = "\n" if fraction == 1 else ""
        print(f"\r{fraction or 0:4.0%} {message:48}", end=end, file=sys.stderr, flush=True)
    elif message not in _said:
        _said.append(message)
        print(f"{fraction or 0:4.0%} {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
