"""Orders of about 490 bytes, the same at every call: every side exchanges these very documents."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from db.types import dump_json
from tests.factories.people import SHANGHAI

_SEED = 20261122
_BIRTH = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
Document = tuple[str, dict[str, Any]]
"""The id and the fields of an order."""


def make_documents(count: int) -> Iterator[Document]:
    """`count` orders in the order of their ids."""
    dice = random.Random(_SEED)

    def identifier() -> str:
        return f"{dice.getrandbits(128):032x}"

    customers = [identifier() for _ in range(count // 20 + 1)]
    for number, record_id in enumerate(sorted(identifier() for _ in range(count))):
        yield (
            record_id,
            {
                "branch_id": SHANGHAI.id, "number": f"SH01-D01-SO-{number:06d}",
                "state": dice.choice(["CONFIRMED", "DELIVERED", "DRAFT"]), "claim_state": "provisional",
                "customer_id": dice.choice(customers), "vehicle_unit_id": identifier(), "salesperson_id": identifier(),
                "make_id": identifier(), "currency": "CNY", "vehicle_price": dice.randrange(8_000_000, 50_000_000),
                "on_road_total": dice.randrange(8_000_000, 50_000_000),
                "unit_cost": dice.randrange(8_000_000, 50_000_000),
                "ordered_at": int(_BIRTH.timestamp()) * 1_000_000 + number, "cancel_reason": "",
            },
        )  # fmt: skip


def write_documents(path: Path, count: int) -> None:
    """As lines of JSON, the id as `_id`."""
    with path.open("w", encoding="utf-8") as lines:
        for record_id, fields in make_documents(count):
            lines.write(dump_json({"_id": record_id, **fields}) + "\n")


def read_documents(path: Path) -> Iterator[Document]:
    """What `write_documents` wrote, one after the other: they need not all be in memory."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            fields = json.loads(line)
            yield fields.pop("_id"), fields
