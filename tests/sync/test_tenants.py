"""Dealer groups over two PostgreSQL servers: each in its own, none sees another, one moves while its desks work."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.protocol.codes import ErrorCode
from sync.server.databases import USUAL, Databases, Directory
from sync.server.devices import ensure_tenant, make_code
from sync.server.moving import MoveFailed, drop_left_behind, move_tenant, standing, sums, tenant_tables
from sync.server.placing import placed
from sync.server.refusals import Refusal
from sync.server.store import Store
from tests.factories.people import SHANGHAI
from tests.sync.conftest import Group
from tests.sync.postgres_cluster import Cluster
from tests.sync.raw_device import RawDevice, put_customer
from tests.sync.service_process import ROOT, ServiceProcess

_SCOPES: Any = "*"
GROUPS = ("lotus", "rose", "peony", "orchid")
"""Groups that begin in the north."""


@pytest.fixture(scope="module")
def second_cluster() -> Iterator[Cluster]:
    """Another PostgreSQL server: another process, other files."""
    running = Cluster()
    yield running
    running.stop()


class TwoServers:
    """A service on two PostgreSQL servers, `default` and `north`."""

    def __init__(self, folder: Path, south_url: str, north_url: str) -> None:
        self.file = folder / "tenants.json"
        self.folder = folder
        self.south_url, self.north_url = south_url, north_url
        Directory({"north": north_url}, dict.fromkeys(GROUPS, "north")).write(self.file)
        self.service = ServiceProcess(
            folder / "service", database=south_url, arguments=("--tenants", str(self.file))
        ).start()
        self.south, self.north = Store(south_url, pool=3), Store(north_url, pool=3)

    def device(self, tenant: str, desk: str = "D01", *, url: str = "") -> RawDevice:
        """A desk of a group, enrolled by the service's own command."""
        code = self.service.administer(
            "enrol", "--tenants", str(self.file), "--tenant", tenant, "--branch", "SH01", "--desk", desk,
            "--scopes", "*",
        )  # fmt: skip
        return RawDevice(url or self.service.url, code)

    def move(self, tenant: str, to: str) -> str:
        return self.service.administer("move-tenant", "--tenants", str(self.file), "--tenant", tenant, "--to", to)

    def close(self) -> None:
        self.service.stop()
        self.south.close()
        self.north.close()


@pytest.fixture(scope="module")
def servers(
    cluster: Cluster, second_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TwoServers]:
    made = TwoServers(tmp_path_factory.mktemp("tenants"), cluster.create_database(), second_cluster.create_database())
    yield made
    made.close()


def names(store: Store, tenant: str) -> list[str]:
    """The customers a database has of a group."""
    with store.read() as connection:
        rows = store.run(
            connection, "SELECT body FROM replica_row WHERE tenant_id = ? AND table_name = 'customer'", (tenant,)
        )
        return sorted(json.loads(row[0])["name"] for row in rows.fetchall())


def count(store: Store, tenant: str) -> int:
    """All rows of a group in a database, its own row excepted."""
    with store.snapshot() as connection:
        return sum(one.rows for one in sums(store, connection, tenant).values())


def push_until_taken(device: RawDevice, *operations: dict[str, Any], answers: list[int]) -> None:
    """As a desk does: the same message again as long as the centre is busy."""
    message = device.message(list(operations))
    for _ in range(2000):
        answer = device.post("push", message)
        answers.append(answer.status_code)
        if answer.status_code == 200:
            device.n, device.hash = device.n + len(operations), device.chained(message)
            return
        assert answer.json()["error"] == ErrorCode.BUSY, answer.text
    raise AssertionError("the centre stayed busy")


def test_groups_on_two_servers_never_see_each_other(servers: TwoServers) -> None:
    south, north = servers.device("main"), servers.device("lotus")
    same = "a" * 32
    south.push(put_customer(south, same, name="South", new=True))
    north.push(put_customer(north, same, name="North", new=True))
    assert (names(servers.south, "main"), names(servers.north, "lotus")) == (["South"], ["North"])
    assert (count(servers.south, "lotus"), count(servers.north, "main")) == (0, 0)
    assert [row[7]["name"] for row in south.pull_all()] == ["South"]
    assert [row[7]["name"] for row in north.pull_all()] == ["North"]
    # A token says which group it is for; under another group's name it is worth nothing.
    south.token = south.token.replace("main.", "lotus.")
    assert south.post("pull", {"cursors": {}}).json()["error"] == ErrorCode.TOKEN_EXPIRED
    client = f"lotus.{south.device_id}"
    told = {"grant_type": "client_credentials", "client_id": client, "client_secret": south.identity["key"]}
    assert south.http.post("/oauth/token", data=told).json()["code"] == ErrorCode.DEVICE_KEY_WRONG
    for device in (south, north):
        device.close()


def test_one_group_goes_on_when_the_other_ones_server_is_gone(
    cluster: Cluster, tmp_path: Path
) -> None:  # fmt: skip
    other = Cluster()
    servers = TwoServers(tmp_path, cluster.create_database(), other.create_database())
    south, north = servers.device("main"), servers.device("lotus")
    other.stop()
    assert north.post("push", north.message([put_customer(north, name="Lost?")])).status_code == 503
    south.push(put_customer(south, name="Goes on"))
    for device in (south, north):
        device.close()
    servers.close()


def test_a_group_moves_while_its_desks_work_and_nothing_is_lost(servers: TwoServers) -> None:
    devices = [servers.device("rose", f"D0{n}") for n in (1, 2, 3)]
    bystander = servers.device("main")
    written: list[str] = []
    statuses: list[int] = []
    enough, failed = threading.Event(), []

    def work(place: int, device: RawDevice) -> None:
        try:
            for n in range(10_000):
                if enough.is_set() and n > 5:
                    return
                push_until_taken(device, put_customer(device, name=f"{place}-{n}"), answers=statuses)
                written.append(f"{place}-{n}")
        except BaseException as error:
            failed.append(error)

    working = [threading.Thread(target=work, args=pair) for pair in enumerate(devices)]
    for thread in working:
        thread.start()
    said = servers.move("rose", USUAL)
    bystander.push(put_customer(bystander, name="Bystander"))
    servers.move("rose", "north")
    servers.move("rose", USUAL)
    enough.set()
    for thread in working:
        thread.join(60)
    assert failed == []
    assert "alike by count and digest" in said
    assert names(servers.south, "rose") == sorted(written)
    assert "Bystander" in names(servers.south, "main")
    assert (standing(servers.south, "rose"), standing(servers.north, "rose")) == ("", "moved")
    with servers.south.read() as connection:
        sequences = [
            row[0]
            for row in servers.south.run(
                connection, "SELECT seq FROM replica_row WHERE tenant_id = ? ORDER BY seq", ("rose",)
            )
        ]
    assert sequences == list(range(1, len(written) + 1))
    assert json.loads(servers.file.read_text(encoding="utf-8"))["tenants"]["rose"] == USUAL
    assert [len(device.pull_all()) for device in devices] == [len(written)] * 3
    for device in (*devices, bystander):
        device.close()


def test_an_instance_with_yesterdays_file_follows_the_group(servers: TwoServers) -> None:
    yesterday = servers.folder / "yesterday.json"
    yesterday.write_bytes(servers.file.read_bytes())
    with ServiceProcess(
        servers.folder / "other", database=servers.south_url, arguments=("--tenants", str(yesterday))
    ) as other:
        device = servers.device("peony", url=other.url)
        device.push(put_customer(device, name="Before"))
        servers.move("peony", USUAL)
        administered = servers.service.administer(
            "drop-moved", "--tenants", str(servers.file), "--tenant", "peony", "--in", "north"
        )
        assert int(administered.split()[0]) > 0
        statuses: list[int] = []
        push_until_taken(device, put_customer(device, name="After"), answers=statuses)
        assert 503 in statuses  # told to try again, never that its key is wrong
        assert names(servers.south, "peony") == ["After", "Before"]
        assert names(servers.north, "peony") == []
        device.token = device.new_token()
        assert len(device.pull_all()) == 2
        device.close()


def test_a_real_desk_does_not_notice_that_its_group_moved(
    servers: TwoServers, database_template: Path, tmp_path: Path
) -> None:
    group = Group(servers.service, database_template, tmp_path)
    group.tenant = "orchid"
    group.store.close()
    group.store = servers.north
    one = group.desk("D01")
    unit, customer = one.records.unit().id, one.records.customer().id
    one.sync()
    two = group.desk("D02", empty=True)
    servers.move("orchid", USUAL)
    group.store = servers.south
    order = one.sell(unit, customer)
    for _ in range(3):
        try:
            one.sync()
            break
        except Exception as error:
            assert getattr(error, "passing", False), error
    two.sync()
    one.sync()
    two.sync()
    assert two.row("sales_order", order)["claim_state"] == "confirmed"
    assert two.snapshot() == one.snapshot()
    assert group.scalar("SELECT count(*) FROM vehicle_claim WHERE tenant_id = ? AND kind = 'order'") == 1
    group.store = Store(servers.south_url, pool=1)
    group.close()


@pytest.fixture
def databases(cluster: Cluster, tmp_path: Path) -> Iterator[Databases]:
    """SQLite as the usual database, and PostgreSQL beside it."""
    usual = Store(f"sqlite:///{tmp_path / 'usual.db'}", pool=2)
    usual.ensure_schema()
    file = tmp_path / "tenants.json"
    Directory({"pg": cluster.create_database(), "other": f"sqlite:///{tmp_path / 'other.db'}"}, {}).write(file)
    made = Databases(usual, file)
    yield made
    made.close()


def fill(store: Store, tenant: str) -> None:
    """A row of the group in every table, with all kinds of values."""
    with store.write() as connection:
        ensure_tenant(store, connection, tenant, now=1)
        for table in tenant_tables():
            if table.name in ("tenant", "sync_scope"):
                continue
            values: list[Any] = []
            for place, column in enumerate(table.columns):
                kind = column.type.python_type
                texts = f"{column.name}王%\\"[: getattr(column.type, "length", None) or 30]
                made = {int: 1 << 40 if "BIG" in str(column.type) else place, bytes: b"\x00\xff\n\\", bool: True}
                values.append(tenant if column.name == "tenant_id" else made.get(kind, texts))
            store.insert_many(connection, table.name, [f'"{column.name}"' for column in table.columns], [values])


def test_every_table_goes_along_between_all_kinds_of_databases(databases: Databases) -> None:
    fill(databases.of("lotus"), "lotus")
    fill(databases.of("lotus"), "rose")
    with databases.of("lotus").snapshot() as connection:
        before = sums(databases.of("lotus"), connection, "lotus")
    assert all(one.rows for one in before.values())
    for place in ("pg", "other", USUAL):
        assert move_tenant(databases, "lotus", place) == before
        store = databases.of("lotus")
        assert store is databases.named(place)
        with store.snapshot() as connection:
            assert sums(store, connection, "lotus") == before
        assert (databases.place_of("lotus"), databases.place_of("rose")) == (place, USUAL)
    assert drop_left_behind(databases.named("pg"), "lotus") == sum(one.rows for one in before.values())
    with pytest.raises(MoveFailed, match="was not moved away"):
        drop_left_behind(databases.named(USUAL), "lotus")


def test_a_move_that_cannot_be_leaves_the_group_open_where_it_is(databases: Databases) -> None:
    fill(databases.of("lotus"), "lotus")
    fill(databases.named("pg"), "lotus")  # another group of that name
    for to, words in (("pg", "there is another group lotus"), (USUAL, "is in default already")):
        with pytest.raises(MoveFailed, match=words):
            move_tenant(databases, "lotus", to)
    with pytest.raises(ValueError, match="names no database west"):
        move_tenant(databases, "lotus", "west")
    with pytest.raises(MoveFailed, match="no group nobody"):
        move_tenant(databases, "nobody", "pg")
    assert standing(databases.named(USUAL), "lotus") == ""


_MOVES = """
import sys
from pathlib import Path
from sync.server.databases import Databases
from sync.server import moving
from sync.server.store import Store
databases = Databases(Store(sys.argv[1], pool=2), Path(sys.argv[2]))
point = int(sys.argv[3])
seen = 0
def stop(*details, **named):
    global seen
    seen += 1
    if seen == point:
        print("here", flush=True)
        sys.stdin.readline()
real = moving._set
def slow(*details):
    stop()
    real(*details)
if point < 100:
    moving._set = slow
    moving.move_tenant(databases, "lotus", "pg")
else:
    point -= 100
    moving.move_tenant(databases, "lotus", "pg", progress=stop)
"""


@pytest.mark.parametrize("point", [101, 1, 2], ids=["copying", "before the switch", "after the switch"])
def test_a_move_that_was_killed_is_brought_to_its_end_by_the_same_command(databases: Databases, point: int) -> None:
    usual = databases.named(USUAL)
    fill(usual, "lotus")
    with usual.snapshot() as connection:
        before = sums(usual, connection, "lotus")
    url = usual.engine.url.render_as_string(hide_password=False)
    moving = subprocess.Popen(
        [sys.executable, "-c", _MOVES, url, str(databases._file), str(point)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert moving.stdout is not None
    assert moving.stdout.readline() == "here\n"
    moving.send_signal(signal.SIGKILL)
    moving.communicate(timeout=30)
    assert standing(usual, "lotus") == ("moved" if point == 2 else "moving")
    # Nobody can write in the meantime, in neither of the two.
    for name in (USUAL, "pg"):
        if standing(databases.named(name), "lotus") is not None:
            with pytest.raises(Refusal) as refused:
                make_code(
                    databases.named(name), tenant="lotus", branch_code=SHANGHAI.code, desk_code="D01", scopes=_SCOPES,
                    role="administrator", now=time.time_ns() // 1000, seconds=60,
                )  # fmt: skip
            assert refused.value.code == ErrorCode.BUSY
    move_tenant(databases, "lotus", "pg")
    pg = databases.named("pg")
    assert (standing(pg, "lotus"), standing(usual, "lotus")) == ("", "moved")
    with pg.snapshot() as connection:
        assert sums(pg, connection, "lotus") == before


def test_what_is_refused_because_a_group_is_elsewhere_becomes_busy(databases: Databases) -> None:
    fill(databases.of("lotus"), "lotus")
    stale = Databases(Store(databases.named(USUAL).engine.url.render_as_string(), pool=1), databases._file)
    stale._looked_at = float("inf")  # it does not look at the file
    move_tenant(databases, "lotus", "pg")
    stale._places.clear()
    with pytest.raises(Refusal) as refused, placed(stale, "lotus"):
        raise Refusal(ErrorCode.DEVICE_KEY_WRONG)
    assert refused.value.code == ErrorCode.BUSY
    with pytest.raises(Refusal) as refused, placed(stale, "lotus"):
        raise Refusal(ErrorCode.DEVICE_KEY_WRONG)
    assert refused.value.code == ErrorCode.DEVICE_KEY_WRONG
    assert stale.place_of("lotus") == "pg"
    stale.close()


BAD: tuple[tuple[Any, str], ...] = (
    ("[]", "no JSON object"), ("{", "no JSON object"), ('{"databases": []}', "each name texts"),
    ('{"databases": {"default": "sqlite://"}}', "default is the name"),
    ('{"tenants": {"lotus": "north"}}', "no database is named north"),
)  # fmt: skip


@pytest.mark.parametrize(("content", "words"), BAD)
def test_what_is_wrong_in_the_file_is_said(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "tenants.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        Directory.read(file)


def test_a_group_that_is_added_to_the_file_is_found_without_a_new_start(databases: Databases) -> None:
    look: Callable[[str], str] = databases.place_of
    Directory(Directory.read(databases._file).databases, {"rose": "pg"}).write(databases._file)
    databases._looked_at = 0.0
    assert databases.of("rose") is databases.named("pg")
    assert look("rose") == "pg"
    databases._file.write_text("{", encoding="utf-8")
    databases._looked_at = 0.0
    assert databases.of("rose") is databases.named("pg")  # half a file changes nothing
