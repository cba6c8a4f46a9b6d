"""What the shell asks of the desk: opening, signing in, setting up for the first time, finding records."""

import secrets as random_secrets
from collections.abc import Sequence
from typing import Any

from app.kernel.permissions import Actor, Permission, Role
from app.runtime.language import tr, tr_noop
from app.wiring.desk import Desk
from ui.shell.ports import Beginning, NewBranch, Progress, SearchHit, StaffTile

DEMO_PASSWORD = "forecourt"
"""Password of everybody in the demo branch; said on the sign-in page of a demo and in the README."""


class StartDoor:
    """`ui.shell.ports.StartPort` on a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock_minutes = 0

    def open_database(self, *, passphrase: str | None = None, recovery_code: str | None = None) -> None:
        """Take the key from where it is kept and open the file."""
        from app.runtime import secrets

        profile = self._desk.profile
        if self._desk.is_open:
            return
        if passphrase is not None:
            key = secrets.unlock_with_passphrase(profile, passphrase)
        elif recovery_code is not None:
            key = secrets.unlock_with_recovery_code(profile, recovery_code)
        else:
            key = secrets.unlock_with_keyring(profile)
        self._desk.open(key)
        _give_signing_keys(self._desk)

    def beginning(self) -> Beginning:
        """What is in the opened database."""
        from app.wiring.joining import is_joining

        with self._desk.database.read() as session:
            if session.connection().exec_driver_sql("SELECT 1 FROM staff_member LIMIT 1").first() is not None:
                return Beginning.READY
        return Beginning.JOINING if is_joining(self._desk) else Beginning.EMPTY

    def finish_joining(self, progress: Progress) -> None:
        """Receive what is missing of the branch."""
        from app.wiring.joining import finish_joining

        finish_joining(self._desk, progress)

    def list_staff(self) -> Sequence[StaffTile]:
        """Who may sign in here."""
        from app.staff.sign_in import list_staff_tiles

        return [
            StaffTile(
                staff_id=tile.id, login=tile.login, name=tile.shown_name, role=Role(tile.role),
                initials=tile.initials, has_pin=tile.pin_usable,
            )
            for tile in list_staff_tiles(self._desk.database)
        ]  # fmt: skip

    def sign_in(self, login: str, secret: str, *, quick: bool = False) -> Actor:
        """Password, or the PIN on a quick switch where the person has one."""
        from app.staff import sign_in as door

        database, clock = self._desk.database, self._desk.clock
        tile = next((tile for tile in door.list_staff_tiles(database) if tile.login == login.strip().casefold()), None)
        if quick and tile is not None and tile.pin_usable and secret.strip().isdigit():
            signed_in = door.sign_in_with_pin(database, tile.id, secret, clock=clock)
        else:
            signed_in = door.sign_in(database, login, secret, clock=clock)
        self._lock_minutes = signed_in.lock_minutes
        self._desk.take_seat(signed_in.actor)
        return signed_in.actor

    def sign_out(self) -> None:
        """Nobody sits here any more."""
        self._desk.take_seat(None)

    def lock_minutes(self) -> int:
        """What the branch of the person signed in wants."""
        return self._lock_minutes


class FirstRunDoor:
    """`ui.shell.ports.FirstRunPort` on a desk that has no database yet."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def keyring_problem(self) -> str | None:
        """Why the key store of this computer cannot be used."""
        from app.runtime import secrets
        from ui.kit.errors import worded_message

        problem = secrets.keyring_problem()
        return None if problem is None else worded_message(problem)

    def create_database(self, *, passphrase: str | None, progress: Progress) -> str:
        """Make key, slots and file; the recovery code always opens it."""
        from app.runtime import secrets

        profile = self._desk.profile.prepare()
        progress(tr("Making the key"), None)
        code = secrets.new_recovery_code()
        key = secrets.create_key_slots(
            profile, with_keyring=passphrase is None, passphrase=passphrase, recovery_code=code
        )
        progress(tr("Creating the database"), None)
        self._desk.open(key)
        _give_signing_keys(self._desk)
        return code

    def fill_demo(self, progress: Progress) -> None:
        """The demo branch, with one password for everybody."""
        from app.demo import build_demo

        build_demo(self._desk.database, password=DEMO_PASSWORD, progress=progress)

    def fill_empty(self, branch: NewBranch, progress: Progress) -> None:
        """An empty branch with its administrator."""
        from app.staff.commands import CreateBranch, CreateStaffMember
        from app.staff.first_branch import open_first_branch

        progress(tr("Creating the branch"), None)
        open_first_branch(
            self._desk.database,
            branch=CreateBranch(code=branch.code, name_zh=branch.name_zh, name_en=branch.name_en),
            administrator=CreateStaffMember(
                login=branch.login, name=branch.administrator, role=Role.ADMINISTRATOR, branch_id="",
                password=branch.password,
            ),
            desk_code=branch.desk_code, clock=self._desk.clock,
        )  # fmt: skip

    def join_group(self, address: str, code: str, progress: Progress) -> None:
        """What the centre has, instead of data of one's own."""
        from app.wiring.joining import join_group

        join_group(self._desk, address=address, code=code, progress=progress)


def _give_signing_keys(desk: Desk) -> None:
    from app.wiring.code_sending import give_code_gateways
    from app.wiring.signing import give_signing_keys

    give_signing_keys(desk)
    give_code_gateways(desk)


_KINDS: dict[str, tuple[str, str, str, str, Permission]] = {
    "vehicle": (tr_noop("Vehicles"), "vehicles", "unit_id", "car", Permission.INVENTORY_VIEW),
    "customer": (tr_noop("Customers"), "customers", "customer_id", "users", Permission.CUSTOMERS_VIEW),
    "order": (tr_noop("Orders"), "orders", "order_id", "receipt", Permission.ORDERS_VIEW),
    "contract": (tr_noop("Contracts"), "contracts", "contract_id", "file-text", Permission.CONTRACTS_VIEW),
    "quotation": (tr_noop("Quotations"), "quotations", "quotation_id", "scale", Permission.QUOTATIONS_VIEW),
}
"""Kind of a search entry → its heading, page, parameter, icon, and who may find it."""


def find_records(reader: Any, text: str, *, limit: int = 5) -> list[SearchHit]:
    """The palette's search: up to `limit` hits a kind, only kinds the actor may see."""
    from db.search import KINDS, find_entries

    connection = reader.session.connection()
    hits: list[SearchHit] = []
    for kind in KINDS:
        title, page, param, icon, permission = _KINDS[kind]
        if not reader.actor.may(permission):
            continue
        hits += [
            SearchHit(
                kind=title, title=hit.title, subtitle=hit.subtitle, page_key=page, params={param: hit.record_id},
                icon=icon,
            )
            for hit in find_entries(connection, kind=kind, text=text, limit=limit)
        ]  # fmt: skip
    return hits


def find_unit_id(reader: Any, vin: str) -> str | None:
    """The unit with a scanned VIN, for the window."""
    from app.inventory.queries import find_unit_by_vin

    unit = find_unit_by_vin(reader, vin)
    return unit.id if unit is not None else None


def throwaway_passphrase() -> str:
    """A passphrase for a profile nobody comes back to."""
    return random_secrets.token_urlsafe(24)
