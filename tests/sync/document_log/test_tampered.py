"""Whatever is done to the centre's log is named, and kept with both heads."""

from typing import Any

import pytest

from app.document_log.queries import entry_of
from sync.protocol.document_log import Fault, LogFault, verify_log_proof
from sync.server.log_keys import renew_key
from tests.sync.desks import Desk
from tests.sync.direct_transport import _KEY
from tests.sync.document_log.log_desks import DAY, alarms, log_of, proof, tampered
from tests.sync.lease_desks import Centre
from tests.sync.sealed_documents import TENANT, digest_of, forge, lie, seal


def _is_caught(centre: Centre, desk: Desk, fault: Fault) -> None:
    """The fault is named, kept with both heads, and the head seen last stays."""
    before = log_of(desk)
    desk.engine.keep_log()
    after = log_of(desk)
    assert alarms(desk) == [fault]
    (alarm,) = after.open_alarms
    assert alarm.before is not None
    assert (alarm.before.size, alarm.kind, alarm.state) == (3, fault, "open")
    assert (after.entries, after.root, after.checked_at) == (3, before.root, before.checked_at)
    with desk.database.read() as session:
        assert entry_of(session, digest_of("one")).alarm is fault
    assert desk.engine.refresh_status().log_alarms == 1
    centre.wait(DAY)
    desk.engine.keep_log()
    (again,) = log_of(desk).open_alarms
    assert (again.id, again.found_at, again.seen_at) == (alarm.id, alarm.found_at, desk.clock.now())


def test_a_rewritten_entry(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    forge(centre.store, [known[0], digest_of("forged"), known[2], digest_of("more")], at=centre.now_ms * 1000)
    _is_caught(centre, desk, Fault.REWRITTEN)


def test_an_entry_whose_time_was_changed(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    forge(centre.store, [*known, digest_of("more")], at=centre.now_ms * 1000 - 1)
    _is_caught(centre, desk, Fault.REWRITTEN)


def test_a_log_forked_at_its_size(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    forge(centre.store, [*known[:2], digest_of("forged")], at=centre.now_ms * 1000)
    _is_caught(centre, desk, Fault.FORKED)


def test_a_log_that_was_cut_off(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    forge(centre.store, known[:2], at=centre.now_ms * 1000)
    _is_caught(centre, desk, Fault.SHORTER)


def test_another_log(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    with centre.store.write() as connection:
        centre.store.run(connection, "UPDATE document_log SET log_id = ? WHERE tenant_id = ?", ("f" * 32, TENANT))
    _is_caught(centre, desk, Fault.OTHER_LOG)


def test_a_key_that_does_not_follow(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    with centre.store.write() as connection:
        renew_key(centre.store, connection, _KEY, tenant=TENANT, now=1, lost=True)
    _is_caught(centre, desk, Fault.KEY_CHANGED)


def test_a_key_whose_succession_is_forged(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    with centre.store.write() as connection:
        renew_key(centre.store, connection, _KEY, tenant=TENANT, now=1)
        centre.store.run(
            connection, "UPDATE document_log_key SET signature = ? WHERE tenant_id = ? AND n = 2", ("0" * 128, TENANT)
        )
    _is_caught(centre, desk, Fault.KEY_CHANGED)


def test_a_head_that_nobody_signed(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    lie(desk, lambda answer: answer["head"].update(at=answer["head"]["at"] + 1))
    _is_caught(centre, desk, Fault.SIGNATURE_WRONG)


def test_a_head_that_moved_back_in_time(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    centre.clock.advance(-4 * DAY)
    with centre.store.write() as connection:
        centre.store.run(connection, "UPDATE document_log SET last_at = 0 WHERE tenant_id = ?", (TENANT,))
    _is_caught(centre, desk, Fault.MOVED_BACK)


def test_a_proof_of_another_document(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    seal(desk, "four", "five")
    desk.sync()

    def swap(answer: dict[str, Any]) -> None:
        one, other = digest_of("four"), digest_of("five")
        answer["entries"][one], answer["entries"][other] = answer["entries"][other], answer["entries"][one]

    lie(desk, swap)
    _is_caught(centre, desk, Fault.NOT_INCLUDED)
    assert proof(desk, "four") is None


def test_a_proof_nobody_asked_for(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    seal(desk, "four")
    desk.sync()
    lie(desk, lambda answer: answer["entries"].update({digest_of("other"): answer["entries"][digest_of("four")]}))
    _is_caught(centre, desk, Fault.OTHER_DOCUMENT)


def test_a_proof_as_json_is_good_for_one_document_one_key_and_one_log(centre: Centre, desk: Desk) -> None:
    tampered(centre, desk)
    kept = proof(desk, "two")
    assert kept is not None
    told, digest = kept.as_json(), digest_of("two")
    verify_log_proof(told, digest=digest, public_key=kept.public_key)

    def fault(change: dict[str, Any], *, of: str = digest, key: str = "") -> Fault:
        with pytest.raises(LogFault) as caught:
            verify_log_proof({**told, **change}, digest=of, public_key=key)
        return caught.value.fault

    head = told["head"]
    assert fault({}, of=digest_of("one")) is Fault.OTHER_DOCUMENT
    assert fault({}, key="a" * 64) is Fault.KEY_CHANGED
    assert fault({"digest": digest_of("one")}, of=digest_of("one")) is Fault.NOT_INCLUDED
    assert fault({"at": told["at"] + 1}) is Fault.NOT_INCLUDED
    assert fault({"index": 0}) is Fault.NOT_INCLUDED
    assert fault({"index": 1 << 61}) is Fault.NOT_INCLUDED
    assert fault({"path": told["path"][1:]}) is Fault.NOT_INCLUDED
    assert fault({"path": ["0" * 64] * 64}) is Fault.NOT_INCLUDED
    assert fault({"public_key": "0" * 64}) is Fault.SIGNATURE_WRONG
    for name, value in (("size", 4), ("root", "0" * 64), ("at", 1), ("epoch", "x"), ("log", "0" * 32)):
        assert fault({"head": {**head, name: value}}) is Fault.SIGNATURE_WRONG, name
    for change in (
        {"form": "other"}, {"path": "no list"}, {"path": ["x"]}, {"path": ["0" * 64] * 65}, {"head": None}, {"at": -1},
        {"at": True}, {"index": 1.0}, {"public_key": "A" * 64}, {"head": {**head, "epoch": "\n"}},
        {"head": {**head, "signature": ""}},
    ):  # fmt: skip
        assert fault(change) is Fault.MALFORMED, change
    for no_proof in (None, [], "text", {}):
        with pytest.raises(LogFault):
            verify_log_proof(no_proof, digest=digest)


def test_an_alarm_stays_until_a_person_accepts_the_log_as_it_is(centre: Centre, desk: Desk) -> None:
    known = tampered(centre, desk)
    kept = proof(desk, "one")
    forge(centre.store, known[:2], at=centre.now_ms * 1000)
    desk.engine.keep_log()
    desk.engine.log.settle(by="a" * 32)
    assert alarms(desk) == []
    assert log_of(desk).entries == 0, "the next head is the first one again"
    desk.engine.keep_log()
    log = log_of(desk)
    assert (log.entries, [one.kind for one in log.alarms]) == (2, [Fault.SHORTER])
    assert desk.engine.refresh_status().log_alarms == 0
    assert proof(desk, "one") == kept, "what was proved stays provable"
