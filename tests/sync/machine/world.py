"""The world of the machine: a centre, up to five desks of two branches, and what people do there."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.kernel.permissions import Role
from app.payments.commands import RecordSale
from app.quotations.commands import ExtraTerms, QuotationTerms
from db.engine import Database
from sync.client.errors import DeviceKeyRefused
from tests.factories.databases import KEY, build_template, open_copy
from tests.factories.people import HANGZHOU, SHANGHAI, BranchFixture
from tests.sync.desks import customer_of
from tests.sync.machine.centre import DAY_MS, Centre
from tests.sync.machine.network import Network
from tests.sync.machine.station import Kept, Station

BEGINNING = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
MOST_ROUNDS = 6
MEMORY = Path("/dev/shm")
"""A folder without a disk behind it, where the machine has one: what is proved here is not the disk."""

PLACES: dict[str, tuple[BranchFixture, Any]] = {
    "D01": (SHANGHAI, "*"), "D02": (HANGZHOU, ()), "D03": (SHANGHAI, ()), "D04": (HANGZHOU, "*"), "D05": (SHANGHAI, ()),
}  # fmt: skip
"""Desks with their branch and the scopes they read besides it."""


def scratch_folder() -> Path:
    """A folder for one run, removed by whoever asked for it."""
    return Path(tempfile.mkdtemp(prefix="machine-", dir=MEMORY if MEMORY.is_dir() else None))


@dataclass(frozen=True, slots=True)
class Template:
    """Disks of a centre and of five desks that agree, and a desk's disk that has not joined; copied for each run."""

    folder: Path
    kept: dict[str, Kept]
    units: tuple[str, ...]
    customers: tuple[str, ...]


def build_world(folder: Path) -> Template:
    """Stock and customers in both branches, entered at D01 and D02, known to all who may read them."""
    blank = build_template(folder / "blank.db")
    network = Network(Centre(folder / "centre.db", now_ms=_ms(BEGINNING)))
    stations: dict[str, Station] = {}
    units: list[str] = []
    customers: list[str] = []
    for name, (branch, scopes) in PLACES.items():
        path = folder / f"{name}.db"
        open_copy(blank, path, branch_id=branch.id, desk_code=name).close()
        stations[name] = Station(
            name, branch, path, network, kept=Kept(None, ()), scopes=scopes
        )  # fmt: skip
        stations[name].join()
        stations[name].desk.engine._page_rows = stations[name].desk.engine._batch_operations = 1000
        stations[name].exchange()
        if name in ("D01", "D02"):
            records = stations[name].desk.records
            trim = records.trim()
            made = [
                records.unit(trim, branch_id=branch.id, vin=f"LSVAA4182E2{branch.code[-1]}{name[-1]}484{i}")
                for i in range(3 if branch is SHANGHAI else 2)
            ]
            units += [unit.id for unit in made]
            desk = stations[name].desk
            customers += [customer_of(desk, name=who, branch_id=branch.id).id for who in ("张伟", "李娜")]
            stations[name].exchange()
    for station in (*stations.values(), *stations.values()):
        assert station.exchange()
    kept = {name: station.kept() for name, station in stations.items()}
    for station in stations.values():
        station.close()
    network.centre.close()
    return Template(folder, kept, tuple(units), tuple(customers))


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


class World:
    """One run: `stations` by name, `orders` ever committed at a desk and not destroyed with a disk since."""

    def __init__(self, template: Template, *, desks: int) -> None:
        self.template = template
        self.folder = scratch_folder()
        shutil.copyfile(template.folder / "centre.db", self.folder / "centre.db")
        self.centre = Centre(self.folder / "centre.db", now_ms=_ms(BEGINNING) + 60_000)
        self.network = Network(self.centre)
        self.stations: dict[str, Station] = {}
        self.orders: dict[str, str] = {}
        self.bound: dict[str, str] = {}
        """Orders made under a lease that was to be counted on, with their VIN: none of them may lose to anybody."""
        self._doubtful: set[str] = set()
        self.lost_rights: set[str] = set()
        """Desks that lost a branch: what they had not sent of it is refused, visibly."""
        self.words = 0
        self.copies = 0
        self.copy_of_centre: Path | None = None
        self.is_untold = False
        """Whether the centre was restored and nobody told it."""
        self.has_come_back = False
        """Whether the centre was ever restored: then desks may say that its log is not what it was."""
        for name in list(PLACES)[:desks]:
            branch, scopes = PLACES[name]
            path = self.folder / f"{name}.db"
            shutil.copyfile(template.folder / f"{name}.db", path)
            self.stations[name] = Station(
                name, branch, path, self.network, kept=template.kept[name], scopes=scopes
            )  # fmt: skip

    def pick(self, number: int) -> Station:
        """One of the desks."""
        names = sorted(self.stations)
        return self.stations[names[number % len(names)]]

    def word(self) -> str:
        """Something that was never written before."""
        self.words += 1
        return f"w{self.words}"

    def number(self) -> int:
        """A number that was not given before."""
        self.words += 1
        return self.words

    def file(self, kind: str) -> Path:
        """A new file."""
        self.copies += 1
        return self.folder / f"{kind}-{self.copies}.db"

    def tick(self, *, seconds: float = 1.0) -> None:
        """Time passes for everybody."""
        self.centre.now_ms += int(seconds * 1000)

    # --- people ---------------------------------------------------------------------------------

    def sell(self, station: Station, unit_id: str) -> None:
        """A whole sale as the sales desk enters it: offer with lines, order, claim, earnest money."""
        customers = station.ids("SELECT id FROM customer WHERE deleted_at IS NULL ORDER BY id LIMIT 1")
        if not customers:
            return
        terms = QuotationTerms(
            vehicle_unit_id=unit_id, vessel_tax=Decimal("420.00"),
            options=(ExtraTerms(name_zh="脚垫", amount=Decimal("380.00")),),
        )  # fmt: skip
        sale = RecordSale(customer_id=customers[0], earnest_amount=Decimal("5000.00"), method="cash", terms=terms)
        bound = station.may_sell_bindingly(unit_id)
        done = station.run(sale, Role.SALESPERSON)
        if done is not None:
            self.note_sale(station, done.order_id, bound=bound)

    def note_sale(self, station: Station, order_id: str, *, bound: str) -> None:
        """An order was committed at a desk; under a lease of the vehicle `bound` where there is one."""
        self.orders[order_id] = station.name
        alike = [one for one in self.stations.values() if one.device_id == station.device_id]
        if bound and bound not in self._doubtful and len(alike) == 1:  # a copy of its disk may sell in its name
            self.bound[order_id] = bound

    def doubt_vehicles(self, vins: set[str]) -> None:
        """Leases of these vehicles were ended without their desk, or two desks may count on one of them."""
        self._doubtful |= vins
        self.bound = {order: vin for order, vin in self.bound.items() if vin not in vins}

    def doubt_leases(self, *stations: Station) -> None:
        """Something happened to what these desks are: no lease they had binds the centre any more."""
        for station in stations:
            self.doubt_vehicles(set(station.ids("SELECT vin FROM vehicle_lease")))

    def add_station(self, *, empty: bool) -> None:
        """A further desk joins, with a seeded disk or an empty one."""
        name = f"D{len(self.stations) + 1 + self.copies:02d}"
        branch, scopes = list(PLACES.values())[len(self.stations) % len(PLACES)]
        path = self.folder / f"{name}.db"
        if empty:
            shutil.copyfile(self._empty_disk(), path)
        else:
            open_copy(self.template.folder / "blank.db", path, branch_id=branch.id, desk_code=name).close()
        station = Station(name, branch, path, self.network, kept=Kept(None, ()), scopes=scopes)
        station.join()
        self.stations[name] = station

    def _empty_disk(self) -> Path:
        from db.schema import ensure_desk, upgrade

        path = self.template.folder / "empty.db"
        if not path.exists():
            database = Database(path, KEY)
            upgrade(database)
            ensure_desk(database, desk_code="D99")
            database.close()
        return path

    def clone(self, station: Station) -> None:
        """Somebody copies a disk and uses both."""
        self.doubt_leases(station)
        name = f"{station.name}C{self.copies}"[:12]
        path = self.file("clone")
        station.desk.database.backup_to(path)
        twin = Station(
            name, station.branch, path, self.network, kept=station.kept(), scopes=station.scopes
        )  # fmt: skip
        twin.skew, twin.is_old = station.skew, station.is_old
        twin.code = twin.desk.name = station.code
        self.stations[name] = twin
        if station.name in self.lost_rights:
            self.lost_rights.add(name)

    # --- what is destroyed ----------------------------------------------------------------------

    def destroy(self, event: Callable[[], None]) -> None:
        """Something that takes data with it; orders that were nowhere else cannot be asked for any more."""
        event()
        statement = "SELECT record_id FROM replica_row WHERE table_name = 'sales_order'"
        left = {row[0] for row in self.centre.rows(statement)}
        for station in self.stations.values():
            left |= set(station.ids("SELECT id FROM sales_order WHERE deleted_at IS NULL"))
        self.orders = {order: name for order, name in self.orders.items() if order in left}

    def forget_rights(self) -> None:
        """The centre is put back to when desks may have had other branches: what they wrote since may be refused."""
        self.lost_rights |= set(self.stations)

    def settle(self) -> None:
        """Let everybody meet the centre until nobody has anything new. Raises SyncProblem where one cannot."""
        while self.network.late:
            self.network.deliver_late(0)
        for station in self.stations.values():
            station.line.cut, station.line.flapping = "", False
            if self.is_revoked(station):
                station.join()
        self._meet_all()
        if self.asked_for():
            self.tick(seconds=4 * DAY_MS / 1000)  # nobody has it whole any more: what deleting left of it will do
            self._meet_all()
        if self.is_untold:  # whom nobody's word reached, their checksums do, once a day
            for station in self.stations.values():
                station.desk.engine.check_copy(asked=True)
            self._meet_all()

    def _meet_all(self) -> None:
        """Rounds until one brings the centre nothing new: then all have read what there is."""
        before: Any = None
        for _ in range(MOST_ROUNDS):
            heads = self.centre.rows("SELECT scope, head, epoch FROM sync_scope JOIN tenant USING (tenant_id)")
            if heads == before:
                return
            before = heads
            self.tick()
            for station in self.stations.values():
                self._meet(station)

    def asked_for(self) -> list[Any]:
        """Deleted records that a payment or a contract needs, and that desks are asked for."""
        return self.centre.rows("SELECT table_name, record_id FROM needed_record")

    @staticmethod
    def _meet(station: Station) -> None:
        """One exchange in which nothing goes wrong; a desk the restored centre has never heard of is let in again."""
        station.set_clock()
        try:
            station.desk.sync()
        except DeviceKeyRefused:
            station.join()
            station.desk.sync()

    def is_revoked(self, station: Station) -> bool:
        """Whether the centre has shut this desk out."""
        return any(one.id == station.device_id and one.revoked_at is not None for one in self.centre.devices())

    def close(self) -> None:
        for station in self.stations.values():
            station.close()
        self.centre.close()
        shutil.rmtree(self.folder)


__all__ = ["BEGINNING", "Template", "World", "build_world", "scratch_folder"]
