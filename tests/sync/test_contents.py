"""Contents between desks and the centre: lazily, once, resumed, proved, each group and each branch for itself."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.attachments.commands import AttachFiles, RemoveAttachment
from app.attachments.intake import GivenFile, take_in
from app.attachments.queries import AttachmentRow, Whereabouts, get_content, list_attachments, main_pictures
from app.kernel.dispatcher import Dispatcher
from db.contents import Asked
from sync.client.content_courier import ContentCourier, CourierRunner
from sync.client.errors import ServiceUnreachable
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import CONTENT_BYTES, CONTENT_PART
from sync.server.contents import Contents
from sync.server.refusals import Refusal
from tests.factories.people import HANGZHOU
from tests.factories.pictures import picture
from tests.sync.conftest import Group
from tests.sync.desks import Desk
from tests.sync.raw_device import Join, RawDevice
from tests.sync.service_process import ServiceProcess

SENT = "SELECT sha256, size, received, complete FROM content WHERE tenant_id = ?"


class ContentDesk:
    """A desk with a courier, and somebody who attaches and looks."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.dispatcher = Dispatcher(desk.database, clock=desk.clock)
        self.told: list[Any] = []
        self.courier = ContentCourier(
            desk.database, desk.engine.transport, clock=desk.clock, on_changes=self.told.append
        )

    def attach(self, table: str, subject_id: str, *contents: bytes) -> tuple[str, ...]:
        """Attach files; returns the attachments' ids."""
        given = [GivenFile(f"{number}", content) for number, content in enumerate(contents)]
        taken = self.dispatcher.read(take_in, self.desk.actor(), given)
        assert not taken.refused
        command = AttachFiles(subject_table=table, subject_id=subject_id, files=taken.files)
        return self.dispatcher.execute(command, self.desk.actor()).value.ids

    def rows(self, table: str, subject_id: str) -> list[AttachmentRow]:
        return self.dispatcher.read(list_attachments, self.desk.actor(), table, subject_id)

    def look(self, content: Any) -> bytes | None:
        return self.dispatcher.read(get_content, self.desk.actor(), content)

    def sync(self) -> None:
        self.desk.sync()
        self.courier.carry()


def two_desks(group: Group) -> tuple[ContentDesk, ContentDesk]:
    return ContentDesk(group.desk("D01")), ContentDesk(group.desk("D02"))


def pdf(size: int) -> bytes:
    """A document of a size that does not shrink."""
    found, number = bytearray(b"%PDF-1.4\n"), 0
    while len(found) < size:
        found += hashlib.sha256(str(number).encode()).digest()
        number += 1
    return bytes(found[:size])


def test_a_picture_gets_to_the_other_desk_when_somebody_looks(group: Group) -> None:
    one, other = two_desks(group)
    unit = one.desk.records.unit()
    one.attach("vehicle_unit", unit.id, picture(1), picture(2))
    assert {row.whereabouts for row in one.rows("vehicle_unit", unit.id)} == {Whereabouts.WAITING}
    one.sync()
    assert {row.whereabouts for row in one.rows("vehicle_unit", unit.id)} == {Whereabouts.BOTH}
    assert one.desk.one("SELECT count(*) FROM local_content WHERE sent_epoch = ''") == 0
    other.sync()
    rows = other.rows("vehicle_unit", unit.id)
    assert [row.whereabouts for row in rows] == [Whereabouts.ELSEWHERE] * 2
    assert other.desk.one("SELECT count(*) FROM local_content") == 0
    wanted = rows[0].thumb
    assert wanted is not None
    assert other.look(wanted) is None
    carried = other.courier.carry()
    assert carried.fetched == 1
    assert other.told[-1].ids("attachment") == {rows[0].id}
    assert other.look(wanted) is not None
    assert other.look(rows[1].content) is None
    other.courier.carry()
    assert other.look(rows[1].content) == one.look(one.rows("vehicle_unit", unit.id)[1].content)
    assert other.rows("vehicle_unit", unit.id)[1].whereabouts is Whereabouts.BOTH


def test_what_the_centre_knows_is_not_sent_again(group: Group) -> None:
    one, other = two_desks(group)
    first, second = one.desk.records.unit(), one.desk.records.unit()
    one.attach("vehicle_unit", first.id, picture(1))
    one.sync()
    sent = group.rows(SENT)
    assert len(sent) == 3
    assert all(size == received and complete for _sha256, size, received, complete in sent)
    other.sync()
    other.attach("vehicle_unit", second.id, picture(1))
    counted = Counting(other.desk.engine.transport)
    other.sync()
    assert counted.parts == 0
    assert other.desk.one("SELECT count(*) FROM local_content WHERE sent_epoch = ''") == 0
    assert sorted(group.rows(SENT)) == sorted(sent)


class Counting:
    """Counts the parts a transport sends, and fails after some."""

    def __init__(self, transport: Any, *, fail_after: int | None = None) -> None:
        self.parts = 0
        self._transport, self._send, self._fail_after = transport, transport.send_content, fail_after
        transport.send_content = self.send

    def restore(self) -> None:
        """Leave the transport as it was."""
        del self._transport.send_content

    def send(self, *given: Any, **named: Any) -> Any:
        if self.parts == self._fail_after:
            raise ServiceUnreachable(address="x")
        self.parts += 1
        return self._send(*given, **named)


def test_a_large_document_is_sent_in_parts_and_resumed(group: Group) -> None:
    one, other = two_desks(group)
    trim = one.desk.records.trim()
    content = pdf(3 * CONTENT_PART + 12_345)
    one.attach("trim", trim.id, content)
    one.desk.sync()
    counted = Counting(one.desk.engine.transport, fail_after=2)
    with pytest.raises(ServiceUnreachable):
        one.courier.carry()
    assert group.scalar("SELECT received FROM content WHERE tenant_id = ?") == 2 * CONTENT_PART
    again = ContentDesk(one.desk)
    counted.restore()
    counted = Counting(one.desk.engine.transport)
    assert again.courier.carry().sent == 1
    assert counted.parts == 2
    other.sync()
    (row,) = other.rows("trim", trim.id)
    assert other.look(row.content) is None
    other.courier.carry()
    assert other.look(row.content) == content


def test_a_damaged_file_is_fetched_again(small_group: Group) -> None:
    one, _other = two_desks(small_group)
    unit = one.desk.records.unit()
    one.attach("vehicle_unit", unit.id, picture(1))
    one.sync()
    (row,) = one.rows("vehicle_unit", unit.id)
    before = one.look(row.content)
    place = one.desk.database.contents.place_of(row.sha256)
    sealed = place.read_bytes()
    place.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    assert one.look(row.content) is None
    one.courier.carry()
    assert one.look(row.content) == before


def test_a_file_lost_before_it_was_sent_is_told_and_holds_up_nobody(small_group: Group) -> None:
    one, _other = two_desks(small_group)
    unit = one.desk.records.unit()
    one.attach("vehicle_unit", unit.id, picture(1))
    one.attach("vehicle_unit", unit.id, picture(2))
    lost, kept = one.rows("vehicle_unit", unit.id)
    one.desk.database.contents.remove(lost.sha256)
    one.sync()
    places = {row.id: row.whereabouts for row in one.rows("vehicle_unit", unit.id)}
    assert places == {lost.id: Whereabouts.ELSEWHERE, kept.id: Whereabouts.BOTH}


def test_pictures_of_removed_rows_are_not_sent(small_group: Group) -> None:
    one, _other = two_desks(small_group)
    unit = one.desk.records.unit()
    (attachment_id,) = one.attach("vehicle_unit", unit.id, picture(1))
    one.dispatcher.execute(RemoveAttachment(attachment_id=attachment_id), one.desk.actor())
    one.sync()
    assert small_group.scalar("SELECT count(*) FROM content WHERE tenant_id = ?") == 0


def test_after_the_centre_was_restored_contents_are_sent_again(group: Group) -> None:
    from sync.server.upkeep import start_epoch

    one, _other = two_desks(group)
    trim = one.desk.records.trim()
    one.attach("trim", trim.id, picture(1))
    one.sync()
    with group.store.write() as connection:
        for table in ("content", "content_part"):
            group.store.run(connection, f"DELETE FROM {table} WHERE tenant_id = ?", (group.tenant,))
    start_epoch(group.store, group.tenant)
    one.sync()
    assert group.scalar("SELECT count(*) FROM content WHERE tenant_id = ? AND complete = 1") == 3


def test_small_pictures_come_by_themselves_where_the_desk_wants_it(small_group: Group) -> None:
    one, other = two_desks(small_group)
    trim = one.desk.records.trim()
    one.attach("trim", trim.id, picture(1), picture(2))
    one.sync()
    other.courier = ContentCourier(other.desk.database, other.desk.engine.transport, prefetch=lambda: True)
    other.sync()
    shown = other.dispatcher.read(main_pictures, other.desk.actor(), "trim", [trim.id])[trim.id]
    assert other.look(shown.icon) is not None
    assert other.look(shown.thumb) is not None
    assert other.look(shown.picture) is None


def test_the_runner_brings_what_is_asked_for_and_ends(small_group: Group) -> None:
    one, other = two_desks(small_group)
    trim = one.desk.records.trim()
    one.attach("trim", trim.id, picture(1))
    one.sync()
    other.desk.sync()
    (row,) = other.rows("trim", trim.id)
    arrived = threading.Event()
    courier = ContentCourier(
        other.desk.database, other.desk.engine.transport, on_changes=lambda _changes: arrived.set()
    )
    runner = CourierRunner(courier)
    runner.start()
    try:
        assert other.look(row.content) is None
        assert arrived.wait(20)
        assert other.look(row.content) is not None
    finally:
        runner.stop()


# --- what the centre refuses ---------------------------------------------------------------------


@pytest.fixture
def device(join: Join) -> RawDevice:
    return join()


def announce(device: RawDevice, content: bytes, *, scope: str = "group", **fields: Any) -> str:
    """A row that names a content; its id."""
    given = {
        "subject_table": "trim", "subject_id": "d" * 32, "purpose": "document", "position": 0, "file_name": "a.pdf",
        "media_type": "application/pdf", "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
        "added_by_staff_id": "e" * 32,
    }  # fmt: skip
    operation = device.put("attachment", scope=scope, **{**given, **fields})
    answer = device.push(operation)
    assert answer["results"][0][1] == "accepted", answer
    return str(operation["id"])


def send(device: RawDevice, content: bytes, attachment_id: str, **changed: Any) -> httpx.Response:
    """Send a content, or a part of it, as the protocol says."""
    sha256 = changed.get("sha256", hashlib.sha256(content).hexdigest())
    part, start = changed.get("part", content), changed.get("start", 0)
    total = changed.get("total", len(content))
    return device.http.put(
        f"/v1/content/{sha256}", params={"attachment": attachment_id}, content=part,
        headers={**device.headers, "Content-Range": f"bytes {start}-{start + len(part) - 1}/{total}"},
    )  # fmt: skip


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers["forecourt-error"]


def test_another_client_can_send_and_fetch(device: RawDevice) -> None:
    content = b"%PDF-" + bytes(1000)
    attachment_id = announce(device, content)
    address = f"/v1/content/{hashlib.sha256(content).hexdigest()}"
    asked = {"params": {"attachment": attachment_id}, "headers": device.headers}
    head = device.http.head(address, **asked)
    assert (head.status_code, head.headers["forecourt-received"], head.headers["forecourt-complete"]) == (200, "0", "0")
    assert error(device.http.get(address, **asked)) == (404, "content_unknown")
    assert send(device, content, attachment_id, part=content[:400]).json()["received"] == 400
    assert error(send(device, content, attachment_id, part=content[500:], start=500)) == (409, "content_offset")
    repeated = send(device, content, attachment_id, part=content[:400]).json()
    assert repeated == {"size": 1005, "received": 400, "complete": False}
    assert send(device, content, attachment_id, part=content[400:], start=400).json()["complete"] is True
    assert send(device, content, attachment_id).json()["complete"] is True
    fetched = device.http.get(address, params=asked["params"], headers={**device.headers, "Range": "bytes=5-"})
    assert (fetched.status_code, fetched.content) == (206, content[5:])
    assert fetched.headers["content-range"] == "bytes 5-1004/1005"


def test_damaged_bytes_are_thrown_away(device: RawDevice, group: Group) -> None:
    content = b"%PDF-right"
    attachment_id = announce(device, content)
    assert error(send(device, content, attachment_id, part=b"%PDF-wrong")) == (400, "content_corrupt")
    assert group.scalar("SELECT count(*) FROM content WHERE tenant_id = ?") == 0
    assert send(device, content, attachment_id).json()["complete"] is True


def test_only_what_a_row_announces_is_taken(device: RawDevice, join: Join) -> None:
    content = b"%PDF-small"
    attachment_id = announce(device, content)
    assert error(send(device, b"%PDF-other", attachment_id)) == (403, "content_denied")
    assert error(send(device, content, "0" * 32)) == (403, "content_denied")
    assert error(send(device, content, "../secret")) == (400, "malformed")
    assert error(send(device, content, attachment_id, total=11)) == (400, "malformed")
    assert error(send(device, content, attachment_id, sha256="g" * 64)) == (400, "malformed")
    assert error(send(device, content, attachment_id, part=b"")) == (400, "malformed")
    too_long = bytes(CONTENT_PART + 1)
    assert error(send(device, too_long, attachment_id)) == (413, "too_large")
    large = announce(device, content, size=CONTENT_BYTES + 1)
    assert error(send(device, content, large, total=CONTENT_BYTES + 1)) == (413, "too_large")
    assert device.http.get(f"/v1/content/{'0' * 64}").status_code == 401
    assert device.http.post(f"/v1/content/{'0' * 64}", headers=device.headers).status_code == 405
    device.push(device.put("attachment", attachment_id, scope="group", base=1, deleted_at=1))
    assert error(send(device, content, attachment_id)) == (403, "content_denied")


def test_a_branch_does_not_see_the_contents_of_another(device: RawDevice, join: Join) -> None:
    content = b"%PDF-of the branch"
    attachment_id = announce(device, content, scope=device.branch_id, branch_id=device.branch_id)
    assert send(device, content, attachment_id).status_code == 200
    elsewhere = join("D02", scopes=[], branch=HANGZHOU)
    address = f"/v1/content/{hashlib.sha256(content).hexdigest()}"
    asked = {"params": {"attachment": attachment_id}, "headers": elsewhere.headers}
    assert error(elsewhere.http.get(address, **asked)) == (403, "content_denied")
    assert elsewhere.http.head(address, **asked).headers["forecourt-error"] == "content_denied"


def test_a_group_does_not_see_the_contents_of_another(
    group: Group, device: RawDevice, database_template: Path, tmp_path: Path
) -> None:  # fmt: skip
    content = b"%PDF-of the group"
    attachment_id = announce(device, content)
    assert send(device, content, attachment_id).status_code == 200
    other = Group(group.service, database_template, tmp_path)
    try:
        stranger = RawDevice(group.service.url, other.code())
        asked = {"params": {"attachment": attachment_id}, "headers": stranger.headers}
        address = f"/v1/content/{hashlib.sha256(content).hexdigest()}"
        assert error(stranger.http.get(address, **asked)) == (403, "content_denied")
        own = announce(stranger, content)
        answer = stranger.http.get(address, params={"attachment": own}, headers=stranger.headers)
        assert error(answer) == (404, "content_unknown")
        stranger.close()
    finally:
        other.close()


def test_a_group_has_only_so_much_room(group: Group, device: RawDevice) -> None:
    content = b"%PDF-one too many"
    attachment_id = announce(device, content)
    from sync.server.devices import authenticate

    known = authenticate(group.store, device.headers["Authorization"], now=0)
    contents = Contents(group.store, tenant_bytes=len(content) - 1)
    with pytest.raises(Refusal) as refused:
        contents.receive(
            known, hashlib.sha256(content).hexdigest(), attachment_id, start=0, total=len(content), body=content, now=1
        )
    assert refused.value.code is ErrorCode.CONTENT_FULL


def test_few_are_served_at_once(small_group: Group) -> None:
    contents = Contents(small_group.store)
    turns = [contents.turn() for _ in range(4)]
    for turn in turns:
        turn.__enter__()
    with pytest.raises(Refusal) as refused, contents.turn():
        pass
    assert refused.value.code is ErrorCode.BUSY
    for turn in turns:
        turn.__exit__(None, None, None)
    with contents.turn():
        pass


def test_orphans_are_dropped_after_their_time(group: Group, device: RawDevice) -> None:
    contents, month = Contents(group.store), 31 * 24 * 3600 * 1_000_000
    kept, gone = b"%PDF-kept", b"%PDF-gone"
    kept_row, gone_row = announce(device, kept), announce(device, gone)
    for content, row in ((kept, kept_row), (gone, gone_row)):
        assert send(device, content, row).json()["complete"] is True
    device.push(device.put("attachment", gone_row, scope="group", base=1, deleted_at=1))
    changed = group.scalar("SELECT max(changed_at) FROM content WHERE tenant_id = ?")
    assert contents.drop_orphans(now=changed + 1) == 0
    contents.drop_orphans(now=changed + month)
    assert group.rows("SELECT sha256 FROM content WHERE tenant_id = ?") == [(hashlib.sha256(kept).hexdigest(),)]


def test_two_desks_sending_one_content_at_once_help_each_other(group: Group) -> None:
    one, other = two_desks(group)
    first, second = one.desk.records.unit(), other.desk.records.unit()
    content = pdf(2 * CONTENT_PART + 7)
    one.attach("vehicle_unit", first.id, content)
    other.attach("vehicle_unit", second.id, content)
    one.desk.sync()
    other.desk.sync()
    problems: list[BaseException] = []

    def carry(desk: ContentDesk) -> None:
        try:
            desk.courier.carry()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=carry, args=(desk,)) for desk in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert group.scalar("SELECT count(*) FROM content WHERE tenant_id = ? AND complete = 1") == 1
    for desk in (one, other):
        assert desk.desk.one("SELECT count(*) FROM local_content WHERE sent_epoch = ''") == 0


@pytest.fixture
def folder_service(tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service on SQLite that keeps contents in the database, for the other way round."""
    service = ServiceProcess(tmp_path / "service", arguments=("--contents", "database")).start()
    yield service
    service.stop()


def test_a_setting_says_where_the_bytes_are(
    folder_service: ServiceProcess, small_group: Group, database_template: Path, tmp_path: Path
) -> None:  # fmt: skip
    usual = sorted((small_group.service.data / "contents").glob("*/*/*"))
    assert small_group.service.data.exists()
    group = Group(folder_service, database_template, tmp_path)
    try:
        one = ContentDesk(group.desk("D01"))
        one.attach("trim", one.desk.records.trim().id, picture(1))
        one.sync()
        assert group.scalar("SELECT count(*) FROM content_part WHERE tenant_id = ?") == 3
        assert not (folder_service.data / "contents").exists()
    finally:
        group.close()
    assert usual == sorted((small_group.service.data / "contents").glob("*/*/*"))


def test_a_wish_stays_while_the_centre_is_away(small_group: Group) -> None:
    one, _other = two_desks(small_group)
    one.desk.sync()
    one.desk.engine.transport.address = "http://127.0.0.1:9"
    one.desk.database.contents.ask(Asked("1" * 64, 10, "2" * 32))
    with pytest.raises(ServiceUnreachable):
        one.courier.carry()
    kept = one.desk.database.contents.next_asked()
    assert kept is not None
    assert kept.sha256 == "1" * 64
