"""Who did what at the centre: every sign-in, failure and act. Entries are only ever added."""

from dataclasses import dataclass
from typing import Any

from db.ids import new_id
from sync.protocol.codec import dump, load
from sync.server.store import Connection, Store

COMMAND_LINE = "command line"
_COLUMNS = ("tenant_id", "entry_id", "at", "person_id", "who", "what", "about", "detail", "address", "request_id")
_WIDTHS = {"who": 80, "what": 40, "about": 80, "address": 64, "request_id": 64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """In whose name something happens. `at` in microseconds."""

    tenant: str
    who: str
    at: int
    person_id: str = ""
    address: str = ""
    request_id: str = ""


def note(store: Store, connection: Connection, act: Act, what: str, about: str = "", **detail: Any) -> None:
    """Add an entry, in the transaction of what it tells."""
    texts = {"who": act.who, "what": what, "about": about, "address": act.address, "request_id": act.request_id}
    cut = {name: _clean(text)[: _WIDTHS[name]] for name, text in texts.items()}
    store.insert_many(
        connection, "administration_log", _COLUMNS,
        [(act.tenant, new_id(), act.at, act.person_id, cut["who"], cut["what"], cut["about"],
          dump(detail).decode("utf-8"), cut["address"], cut["request_id"])],
    )  # fmt: skip


def _clean(text: str) -> str:
    """Without what no database keeps, or what would look like another entry."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def list_entries(
    store: Store, connection: Connection, tenant: str, *, before: str, limit: int, what: str = ""
) -> list[dict[str, Any]]:
    """Entries older than the entry `before` (all for an empty one), the newest first; of one kind where it is named."""
    rows = store.run(
        connection,
        "SELECT entry_id, at, person_id, who, what, about, detail, address, request_id FROM administration_log"
        " WHERE tenant_id = ? AND entry_id < ? AND (? = '' OR what = ?) ORDER BY entry_id DESC LIMIT ?",
        (tenant, before or "~", what, what, limit),
    )
    names = ("id", "at", "person_id", "who", "what", "about", "detail", "address", "request_id")
    found = [dict(zip(names, row, strict=True)) for row in rows]
    for entry in found:
        entry["detail"] = load(entry["detail"].encode("utf-8"))
    return found
