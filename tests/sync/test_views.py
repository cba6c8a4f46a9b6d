"""Pages of the window hear of a long way to the head once, at its end; of the answers to a push at once."""

import pytest

from sync.client import exchange
from sync.client.errors import ServiceUnreachable
from sync.client.exchange import Gathered
from tests.sync.conftest import Group
from tests.sync.losing_transport import LosingTransport


def test_views_switch_at_the_head(small_group: Group) -> None:
    desk = small_group.desk("D01")
    for n in range(40):
        desk.records.customer(name=f"客户{n}")
    desk.sync()
    other = small_group.desk("D02", empty=True)
    other.engine._page_rows = 5
    other.sync()
    told = [changes for changes in other.changes if changes.ids("customer")]
    assert len(told) == 1 and len(told[0].ids("customer")) == 40


def test_what_was_written_is_told_where_the_way_ends_early(small_group: Group) -> None:
    desk = small_group.desk("D01")
    for n in range(40):
        desk.records.customer(name=f"客户{n}")
    desk.sync()
    other = small_group.desk("D02", empty=True)
    other.engine._page_rows = 5
    lost = LosingTransport(other.engine.transport, lambda name, n: "request" if name == "pull" and n >= 10 else "")
    other.engine.transport = lost  # type: ignore[assignment]
    with pytest.raises(ServiceUnreachable):
        other.sync()
    (changes,) = [changes for changes in other.changes if changes.ids("customer")]
    assert len(changes.ids("customer")) == other.one("SELECT count(*) FROM customer") < 40


def test_of_very_much_it_is_said_that_everything_may_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_MOST_GATHERED", 10)
    gathered = Gathered()
    assert gathered.take() is None
    gathered.add({"customer": {"a", "b"}, "task": {"c"}})
    changes = gathered.take()
    assert changes is not None and not changes.everything and changes.ids("customer") == {"a", "b"}
    gathered.add({"customer": {str(n) for n in range(30)}})
    gathered.add({"task": {"c"}})
    changes = gathered.take()
    assert changes is not None and changes.everything and not changes.rows
    assert gathered.take() is None
