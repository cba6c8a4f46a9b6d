"""The tables that travel, for whoever writes another client: docs/sync_tables.md, made from the code.

`python -m sync.server.table_page` writes it; a test compares.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String, Text

from db.base import replicated_models
from db.capture import replicated_fields
from db.types import IsoDate, Json, Money, UtcDateTime
from sync.protocol.versions import SCHEMA_VERSION
from sync.server.rights import WRITERS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "sync_tables.md"
_DELETED = "deleted_at"
_HEAD = f"""# Tables that travel

Schema version {SCHEMA_VERSION}. Made by `python -m sync.server.table_page` from the code; a test fails while the two
differ. What carries these rows is in [sync_protocol.md](sync_protocol.md).

- **Kinds**: `text(n)`, `integer`, `boolean`, `json`; `money` is an integer of fen, `instant` an integer of microseconds
  since the epoch (UTC), `day` is `YYYY-MM-DD`, `bytes` base64 text, `id` 32 hex digits. The centre refuses a value of
  another kind as `field_invalid`; it does not measure texts, and does not judge what their words mean.
- **`?`** behind a kind: may be null. **`= value`**: what a desk takes where the field is missing. A field with neither
  has to stand in a new record; a desk keeps a record without it aside as one it cannot write.
- Every record also has `deleted_at` (`instant?`); deleting is a put of it. Names that are not here are kept, and given
  to all desks.
- **Written by**: roles with one of these permissions ([commands.md](commands.md)); anybody where nothing is said.
  **Personal**: covered up in what people see of changes who need not know it.
"""
_KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((Json,), "json"), ((Money,), "money"), ((UtcDateTime,), "instant"), ((IsoDate,), "day"), ((Boolean,), "boolean"),
    ((LargeBinary,), "bytes"), ((Integer, BigInteger), "integer"), ((String, Text), "text"),
)  # fmt: skip
_ID_DIGITS = 32
_PARAGRAPH = "\n\n"


def page() -> str:
    """The whole page as Markdown."""
    tables = replicated_models()
    parts = [_HEAD]
    for shared, title in ((True, "Of the group: scope `group`"), (False, "Of a branch: the scope is its id")):
        parts.append(f"## {title}\n")
        for name, model in tables.items():
            if model.__shared__ is shared:
                parts.append("\n".join(_table(name, model)))
    return "\n".join(parts)


def _table(name: str, model: type[Any]) -> Iterator[str]:
    said = inspect.cleandoc(vars(model).get("__doc__") or "")
    yield f"### `{name}`\n"
    if said:
        yield f"{' '.join(said.partition(_PARAGRAPH)[0].split())}\n"
    writers = WRITERS.get(name)
    if writers is not None:
        yield f"Written by: {', '.join(f'`{one.value}`' for one in sorted(writers, key=lambda one: one.value))}.\n"
    columns = (column for column in replicated_fields(model) if column != _DELETED)
    yield f"{'; '.join(_column(model, column) for column in columns)}.\n"
    personal = sorted(model.__personal__)
    if personal:
        yield f"Personal: {', '.join(f'`{one}`' for one in personal)}.\n"


def _column(model: type[Any], name: str) -> str:
    column = model.__table__.columns[name]
    kind = next(word for types, word in _KINDS if isinstance(column.type, types))
    length = getattr(column.type, "length", None)
    if kind == "text" and length:
        kind = "id" if length == _ID_DIGITS and name.endswith("_id") else f"text({length})"
    default = ""
    if column.default is not None and not column.nullable:
        value = "" if callable(column.default.arg) else column.default.arg
        default = f" = {_shown(value, kind)}"
    return f"`{name}` {kind}{'?' if column.nullable else ''}{default}"


def _shown(value: Any, kind: str) -> str:
    if kind == "json":
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    return f"`{value}`" if value != "" else "empty"


if __name__ == "__main__":
    DOCUMENT.write_text(page(), encoding="utf-8")
    print(DOCUMENT, file=sys.stderr)
