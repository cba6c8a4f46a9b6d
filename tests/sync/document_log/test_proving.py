"""What is sealed at a desk is entered once in the centre's log, and proved to the desk."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.document_log.queries import Entered, entry_of
from db.models.contracts import Contract
from db.types import instant_at
from sync.client.errors import AnswerDamaged, NotOffered, ServiceUnreachable
from sync.protocol.document_log import verify_log_proof
from sync.protocol.limits import LOG_PROOFS
from sync.server.upkeep import check
from tests.sync.conftest import Group
from tests.sync.desks import Desk
from tests.sync.document_log.log_desks import DAY, agree, alarms, asked, log_of, proof
from tests.sync.lease_desks import Centre, cut, mend
from tests.sync.sealed_documents import digest_of, lie, logged, seal


def test_what_is_sealed_at_a_desk_is_entered_once_and_proved(centre: Centre, desk: Desk) -> None:
    (contract,) = seal(desk, "one")
    agree(desk)
    entered_at = centre.now_ms * 1000
    centre.wait(timedelta(minutes=5))
    desk.set(Contract, contract, state="ARCHIVED")
    seal(desk, "two", "three")
    agree(desk)
    assert logged(centre.store) == [digest_of(name) for name in ("one", "two", "three")]
    kept = proof(desk, "one")
    assert kept is not None
    assert (kept.number, kept.at, kept.head.size) == (1, entered_at, 1)
    told = kept.as_json()
    log = log_of(desk)
    assert verify_log_proof(told, digest=digest_of("one"), public_key=kept.public_key) == kept
    assert (log.entries, log.proved, log.waiting, log.open_alarms) == (3, 3, 0, ())
    assert log.checked_at == desk.clock.now()
    with desk.database.read() as session:
        row = entry_of(session, digest_of("two"))
        assert (row.entered, row.number, row.size, row.alarm) == (Entered.PROVED, 2, 3, None)
        assert row.at == instant_at(centre.now_ms * 1000)
        assert entry_of(session, digest_of("nothing")).entered is Entered.UNKNOWN
    assert check(centre.store) == []


def test_a_second_seal_of_one_contract_is_no_entry(centre: Centre, desk: Desk) -> None:
    (contract,) = seal(desk, "first bytes")
    agree(desk)
    desk.set(Contract, contract, sealed_digest=digest_of("other bytes"))
    agree(desk)
    assert logged(centre.store) == [digest_of("first bytes")]
    assert proof(desk, "first bytes") and log_of(desk).waiting == 0


def test_every_desk_of_the_branch_keeps_the_proof_however_the_contract_came(
    centre: Centre, desk: Desk, database_template: Path, tmp_path: Path
) -> None:
    seal(desk, *[f"contract {n}" for n in range(LOG_PROOFS + 3)])
    agree(desk)
    other = centre.desk(database_template, tmp_path, "D02")
    agree(other)
    for at in (desk, other):
        assert (log_of(at).proved, log_of(at).waiting) == (LOG_PROOFS + 3, 0)
        for n in (0, LOG_PROOFS + 2):
            kept = proof(at, f"contract {n}")
            assert kept is not None
            kept.check(digest=digest_of(f"contract {n}"))


def test_the_centre_is_asked_when_there_is_something_to_ask_and_once_a_day(centre: Centre, desk: Desk) -> None:
    agree(desk)
    first = asked(desk)
    agree(desk)
    assert asked(desk) == first
    cut(desk)
    seal(desk, "one")
    desk.engine.keep_log()  # the line is dead: in the way of nothing
    mend(desk)
    first = asked(desk)
    desk.engine.keep_log()  # the centre does not have it yet
    desk.engine.keep_log()
    assert (asked(desk), log_of(desk).waiting) == (first + 1, 1)
    desk.sync()
    centre.wait(timedelta(hours=1))
    desk.engine.keep_log()
    assert (asked(desk), log_of(desk).waiting) == (first + 2, 0)
    centre.wait(DAY)
    desk.engine.keep_log()
    desk.engine.keep_log()
    assert asked(desk) == first + 3
    desk.engine.log.keep(asked=True)
    assert asked(desk) == first + 4


@pytest.mark.parametrize("lost", ["request", "answer", "twice"])
def test_a_network_that_loses_things_changes_nothing(centre: Centre, desk: Desk, lost: str) -> None:
    seal(desk, "one")
    desk.sync()
    cut(desk, lost)
    if lost == "twice":
        desk.engine.log.keep()
    else:
        with pytest.raises((ServiceUnreachable, AnswerDamaged)):
            desk.engine.log.keep()
        assert proof(desk, "one") is None
    mend(desk)
    desk.engine.keep_log()
    assert proof(desk, "one") is not None
    assert alarms(desk) == []


def test_a_centre_that_is_older_is_asked_once_a_day(centre: Centre, desk: Desk) -> None:
    def older(answer: dict[str, Any]) -> None:
        raise NotOffered()

    lie(desk, older)
    seal(desk, "one")
    agree(desk)
    first = asked(desk)
    agree(desk)
    assert asked(desk) == first
    with pytest.raises(NotOffered):
        desk.engine.log.keep(asked=True)
    with desk.database.read() as session:
        assert entry_of(session, digest_of("one")).entered is Entered.NOT_YET


def test_an_answer_that_is_none_is_no_alarm(centre: Centre, desk: Desk) -> None:
    lie(desk, lambda answer: answer.update(head={"size": "many"}))
    agree(desk)
    lie(desk, lambda answer: answer.pop("entries"))
    agree(desk)
    assert log_of(desk).checked_at is None
    assert alarms(desk) == []




def test_over_http_on_both_databases(group: Group) -> None:
    desk = group.desk("D01")
    seal(desk, "one", "two")
    agree(desk)
    seal(desk, "three")
    agree(desk)
    kept = proof(desk, "three")
    assert kept is not None
    verify_log_proof(kept.as_json(), digest=digest_of("three"), public_key=kept.public_key)
    assert (kept.number, log_of(desk).proved, alarms(desk)) == (3, 3, [])
    assert logged(group.store, group.tenant) == [digest_of(name) for name in ("one", "two", "three")]
    assert check(group.store, tenant=group.tenant) == []
