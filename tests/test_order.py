"""Several workers begin with the longest files, and a file's tests stay in their order."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.conftest import LONGEST, longest_first

HERE = Path(__file__).parent


def test_every_long_file_is_there() -> None:
    assert [name for name in LONGEST if not (HERE / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_the_longest_files_come_first_and_nothing_else_changes_its_place() -> None:
    given = [("db/test_reads.py", 1), (LONGEST[1], 1), ("db/test_reads.py", 2), (LONGEST[0], 1), (LONGEST[0], 2)]
    items: list[Any] = [SimpleNamespace(path=HERE / name, number=number) for name, number in given]
    longest_first(items)
    assert [(str(item.path.relative_to(HERE)), item.number) for item in items] == [
        (LONGEST[0], 1), (LONGEST[0], 2), (LONGEST[1], 1), ("db/test_reads.py", 1), ("db/test_reads.py", 2),
    ]  # fmt: skip
