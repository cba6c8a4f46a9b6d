"""`python -m benchmarks [--only NAME …] [--json FILE]`: run the benchmarks and say which goals hold."""

import argparse
import importlib
import os
import platform
import sys
import time
from pathlib import Path

from benchmarks.figures import Figure, as_table, write_json

NAMES = (
    "start", "keystroke", "facets", "sale", "contract", "archive", "drafting", "sealing", "comparison", "sync-10k",
    "sync-50k", "sync-100-changed", "sync-one", "bootstrap", "reconnect", "idle", "group-day", "growth", "import-100k",
)  # fmt: skip


def _machine() -> dict[str, object]:
    return {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when every goal with a figure holds, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="bootstrap.py bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    figures: list[Figure] = []
    for name in chosen.only or NAMES:
        began = time.perf_counter()
        print(f"{name} …", end=" ", flush=True, file=sys.stderr)
        figures += importlib.import_module(f"benchmarks.{name.replace('-', '_')}").run()
        print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)
    print(as_table(figures))
    if chosen.json:
        write_json(figures, chosen.json, machine=_machine())
    return 1 if any(figure["holds"] is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
