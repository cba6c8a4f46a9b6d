"""Heads of the log travel between desks, so that a log that is forked between them comes to light."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.document_log.queries import known_head
from db.ids import new_id
from db.models.contracts import Contract, ContractSignature
from sync.protocol.document_log import Fault, LogFault
from tests.app.contracts.tampering.samples import proof_of
from tests.sync.desks import Desk
from tests.sync.document_log.log_desks import agree, alarms, asked, log_of, proof, tampered
from tests.sync.lease_desks import Centre
from tests.sync.sealed_documents import digest_of, forge, logged, seal


def test_a_log_forked_between_desks_comes_to_light_by_a_head_that_travels(
    centre: Centre, desk: Desk, database_template: Path, tmp_path: Path
) -> None:
    """Two desks are shown two logs, each sound in itself; neither sees it, until a head of one reaches the other."""
    known = tampered(centre, desk)
    other = centre.desk(database_template, tmp_path, "D02")
    seen = proof(desk, "three")
    assert seen is not None
    assert other.engine.log.compare(seen.head, seen.public_key) is None
    with other.database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM log_head")
    forge(centre.store, [known[0], digest_of("forged"), known[2], digest_of("more")], at=centre.now_ms * 1000)
    other.engine.log.keep(asked=True)
    assert alarms(other) == []
    assert other.engine.log.compare(seen.head, seen.public_key) is Fault.REWRITTEN
    assert alarms(other) == [Fault.REWRITTEN]
    forged = replace(seen.head, size=2)
    with pytest.raises(LogFault) as caught:
        other.engine.log.compare(forged, seen.public_key)
    assert caught.value.fault is Fault.SIGNATURE_WRONG
    with pytest.raises(LogFault) as caught:
        other.engine.log.compare(seen.head, "0" * 64)
    assert caught.value.fault is Fault.KEY_CHANGED
    assert alarms(other) == [Fault.REWRITTEN], "what the centre never signed is no alarm"


def sealed_with_head_of(other: Desk, desk: Desk, name: str) -> None:
    """A contract that `other` sealed arrives at `desk`, with the head of the log that `other` knew."""
    with other.database.read() as session:
        known = known_head(session)
    assert known is not None
    arrived(desk, name, known.as_json())


def arrived(desk: Desk, name: str, head: object) -> None:
    (contract,) = seal(desk, name)
    row = ContractSignature(
        id=new_id(), scope=desk.branch.id, contract_id=contract, party="seal", signer_name="",
        signed_at=desk.clock.now(), document_digest=digest_of(name), evidence_digest=digest_of(name),
        evidence={"log": head, "version": 2},
    )  # fmt: skip
    desk.do(lambda uow: uow.add(row) and None)


def test_a_log_forked_between_desks_is_found_by_what_they_seal(
    centre: Centre, desk: Desk, database_template: Path, tmp_path: Path
) -> None:
    """Nobody does anything: the head of one desk comes to the other with a seal, and the other compares it."""
    known = tampered(centre, desk)
    other = centre.desk(database_template, tmp_path, "D02")
    other.sync()
    forge(centre.store, [known[0], digest_of("forged"), known[2], digest_of("more")], at=centre.now_ms * 1000)
    other.engine.log.keep(asked=True)
    assert alarms(other) == []
    sealed_with_head_of(desk, other, "five")
    agree(other)
    assert alarms(other) == [Fault.REWRITTEN]
    before = asked(other)
    other.engine.keep_log()
    assert asked(other) == before, "what was found is not asked for again and again"


def test_heads_of_one_log_that_came_with_seals_are_compared_once(
    centre: Centre, desk: Desk, database_template: Path, tmp_path: Path
) -> None:
    tampered(centre, desk)
    other = centre.desk(database_template, tmp_path, "D02")
    agree(other)
    sealed_with_head_of(desk, other, "four")
    agree(other)
    before = asked(other)
    sealed_with_head_of(desk, other, "five")
    agree(other)
    assert asked(other) == before + 1, "the document alone, the head is known"
    assert alarms(other) == []


def test_a_head_the_centre_never_signed_is_no_alarm(centre: Centre, desk: Desk) -> None:
    """It says something of the desk it came from, nothing of the log."""
    tampered(centre, desk)
    stranger = proof_of(digest_of("stranger"))
    unsigned = {"head": {**stranger.head.as_json(), "size": 3}, "public_key": stranger.public_key}
    for name, head in (
        ("four", {"head": stranger.head.as_json(), "public_key": stranger.public_key}), ("five", unsigned),
        ("six", {"head": None}), ("seven", "nonsense"), ("eight", None),
    ):  # fmt: skip
        arrived(desk, name, head)
    agree(desk)
    assert (alarms(desk), log_of(desk).waiting) == ([], 0)


def test_a_second_seal_of_one_contract_is_not_waited_for(centre: Centre, desk: Desk) -> None:
    agree(desk)
    (contract,) = seal(desk, "first bytes")
    desk.set(Contract, contract, sealed_digest=digest_of("second bytes"))
    with desk.database.read() as session:
        waiting = [row[0] for row in session.connection().exec_driver_sql("SELECT digest FROM document_proof")]
    assert sorted(waiting) == sorted([digest_of("first bytes"), digest_of("second bytes")])
    agree(desk)
    assert (log_of(desk).proved, log_of(desk).waiting, logged(centre.store)) == (1, 0, [digest_of("first bytes")])
