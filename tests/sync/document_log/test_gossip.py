"""Heads of the log travel between desks, so that a log that is forked between them comes to light."""

from dataclasses import replace
from pathlib import Path

import pytest

from sync.protocol.document_log import Fault, LogFault
from tests.sync.desks import Desk
from tests.sync.document_log.log_desks import alarms, proof, tampered
from tests.sync.lease_desks import Centre
from tests.sync.sealed_documents import digest_of, forge


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
