"""How often desks may say that the centre lost something: nobody can prove it, and it disturbs the whole group."""

import time
from typing import Any

import pytest

from db.ids import new_id
from sync.client.errors import RestoreDoubted
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import EPOCHS_OF_DESK, EPOCHS_OF_GROUP
from sync.server.administration_views import list_desks
from sync.server.devices import find_device
from sync.server.epochs import KEPT_DAYS, found_restored, start_epoch
from sync.server.refusals import Refusal
from tests.sync.conftest import Group
from tests.sync.desks import customer_of
from tests.sync.raw_device import Join, RawDevice, outcomes, put_customer

DAY = 24 * 3600 * 1_000_000
AHEAD = {"cursors": {}, "acknowledged": {"n": 99, "hash": "f" * 32}}


def claim(device: RawDevice, epoch: str) -> tuple[str, str]:
    """The desk says that it knows more: the code of the answer, and the epoch from then on."""
    told = device.post("pull", {"epoch": epoch, **AHEAD}).json()
    return told["error"], told["detail"].get("epoch", epoch)


def doubted_at(group: Group, device_id: str) -> int:
    with group.store.read() as connection:
        rows = list_desks(group.store, connection, group.tenant, branch_id="", after="", limit=100)
    return int(next(row["doubted_at"] for row in rows if row["id"] == device_id))


def deeds(group: Group) -> list[str]:
    return [str(row[0]) for row in group.rows("SELECT what FROM administration_log WHERE tenant_id = ? ORDER BY at")]


def test_a_desk_that_says_too_often_that_the_centre_lost_something_is_not_believed(group: Group, join: Join) -> None:
    loud, other = join("D01"), join("D02")
    epoch = loud.pull()["epoch"]
    for _ in range(EPOCHS_OF_DESK):
        code, epoch = claim(loud, epoch)
        assert code == ErrorCode.OPERATIONS_MISSING and epoch == other.pull()["epoch"]
    assert doubted_at(group, loud.device_id) == 0
    for _ in range(3):
        assert claim(loud, epoch) == (ErrorCode.RESTORE_DOUBTED, epoch)
    sent = loud.post("push", {"epoch": epoch, **loud.message([put_customer(loud, name="一")], n=50, before="f" * 32)})
    assert (sent.status_code, sent.json()["error"]) == (409, ErrorCode.RESTORE_DOUBTED)
    assert sent.json()["detail"] == {"desk": EPOCHS_OF_DESK, "group": EPOCHS_OF_GROUP}
    assert other.pull()["epoch"] == epoch and outcomes(other.push(put_customer(other, name="二"))) == ["accepted"]
    # Headquarters hear of it once a day, and see which desk it is.
    assert deeds(group) == ["restore_found"] * EPOCHS_OF_DESK + ["restore_doubted"]
    assert doubted_at(group, loud.device_id) > 0 and doubted_at(group, other.device_id) == 0
    assert claim(other, epoch)[0] == ErrorCode.OPERATIONS_MISSING  # another desk may be right


def test_another_identity_of_the_same_desk_is_not_believed_more(group: Group, join: Join) -> None:
    loud = join("D01")
    epoch = loud.pull()["epoch"]
    for _ in range(EPOCHS_OF_DESK):
        _, epoch = claim(loud, epoch)
    renewed = loud.post("renew", {"after_n": 0, "after_hash": ""}).json()
    with group.store.read() as connection:
        device = find_device(group.store, connection, group.tenant, renewed["device_id"])
    assert device is not None and device.id != loud.device_id
    with pytest.raises(Refusal) as refused:
        found_restored(group.store, device, epoch=epoch, now=time.time_ns() // 1000)
    assert refused.value.code == ErrorCode.RESTORE_DOUBTED


def test_many_desks_together_are_not_believed_without_end(group: Group, join: Join) -> None:
    desks = [join(f"D{n:02d}") for n in range(1, 6)]
    epoch, now, begun = desks[0].pull()["epoch"], time.time_ns() // 1000, 0
    for device in _devices(group, desks) * EPOCHS_OF_DESK:
        if begun == EPOCHS_OF_GROUP:
            with pytest.raises(Refusal):
                found_restored(group.store, device, epoch=epoch, now=now)
        else:
            epoch, begun = found_restored(group.store, device, epoch=epoch, now=now + begun), begun + 1
    assert deeds(group).count("restore_doubted") == len(desks)
    first = _devices(group, desks)[0]
    assert found_restored(group.store, first, epoch=new_id(), now=now) == epoch  # whoever has not heard is told
    assert found_restored(group.store, first, epoch=epoch, now=now + DAY + begun) != epoch  # a day later


def test_what_was_claimed_long_ago_is_forgotten(group: Group, join: Join) -> None:
    (device,) = _devices(group, [join("D01")])
    now = time.time_ns() // 1000
    epoch = str(group.scalar("SELECT epoch FROM tenant WHERE tenant_id = ?"))
    epoch = found_restored(group.store, device, epoch=epoch, now=now)
    found_restored(group.store, device, epoch=epoch, now=now + (KEPT_DAYS + 1) * DAY)
    assert group.scalar("SELECT count(*) FROM restore_claim WHERE tenant_id = ?") == 1


def test_a_desk_that_is_not_believed_keeps_everything_until_somebody_decides(group: Group) -> None:
    group.spoil()
    desk, other = group.desk("D01"), group.desk("D02", empty=False)
    desk.records.unit()
    desk.sync()
    other.sync()
    device_id = str(desk.one("SELECT device_id FROM desk_state"))
    with group.store.write() as connection:
        group.store.insert_many(
            connection, "restore_claim", ("tenant_id", "claim_id", "at", "device_id", "desk", "granted"),
            [(group.tenant, new_id(), time.time_ns() // 1000, device_id, f"{desk.branch.id}/D01", 1)
             for _ in range(EPOCHS_OF_DESK)],
        )  # fmt: skip
        group.store.run(
            connection, "UPDATE device SET last_n = 0, last_hash = '' WHERE tenant_id = ? AND device_id = ?",
            (group.tenant, device_id),
        )  # fmt: skip
    customer = customer_of(desk, name="未发送")
    with desk.database.exclusive() as raw:
        raw.exec_driver_sql(_LEASE, (desk.one("SELECT id FROM vehicle_unit"),))
    before = desk.snapshot()
    for _ in range(2):
        with pytest.raises(RestoreDoubted):
            desk.sync()
    status = desk.engine.status
    assert (status.state, status.problem, status.unsent) == ("refused", "restore_doubted", 1)
    assert desk.snapshot() == before and desk.one("SELECT refusal FROM vehicle_lease") != ""
    other.sync()
    start_epoch(group.store, group.tenant)
    desk.sync()
    other.sync()
    assert other.row("customer", customer.id)["name"] == "未发送" and desk.engine.status.unsent == 0
    assert desk.snapshot() == other.snapshot()


def _devices(group: Group, desks: list[RawDevice]) -> list[Any]:
    with group.store.read() as connection:
        return [find_device(group.store, connection, group.tenant, one.device_id) for one in desks]


_LEASE = (
    "INSERT INTO vehicle_lease (vin, vehicle_id, lease_id, staff_id, at, until, taken_at, ends_at, seen_at, hybrid_ms,"
    " hours, wanted, given_back, refusal) VALUES ('LSVAA4182E2184847', ?, 'x', '', 1, 2, 1, 2, 1, 0, 1, 1, 0, '')"
)
