"""One measured figure, and how a list of them is printed and written."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict


class Figure(TypedDict):
    """`ratio` is ours over the peer's (or the peer's over ours where `goal` says "≥"); None where there was no peer
    on this machine, and then `holds` is None too and `peer` says why."""

    name: str
    value: float | None
    unit: str
    peer: str
    ratio: float | None
    goal: str
    holds: bool | None


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0…1) of the values lie, by nearest rank; raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def as_table(figures: Sequence[Figure]) -> str:
    """Figures as aligned text, one a line."""
    head = ("figure", "value", "ratio", "goal", "holds", "against")
    rows = [head, *(_row(figure) for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _row(figure: Figure) -> tuple[str, ...]:
    value = "–" if figure["value"] is None else f"{figure['value']:.4g} {figure['unit']}"
    ratio = "–" if figure["ratio"] is None else f"{figure['ratio']:.2f} ×"
    holds = {True: "yes", False: "NO", None: "–"}[figure["holds"]]
    return figure["name"], value, ratio, figure["goal"], holds, figure["peer"]


def write_json(figures: Sequence[Figure], path: Path, *, machine: dict[str, Any]) -> None:
    """Write the figures with what machine they were taken on."""
    text = json.dumps({"machine": machine, "figures": list(figures)}, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
