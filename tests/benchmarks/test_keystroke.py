"""The measure of a keystroke works, on a small stock; what it says about a million is for the benchmark."""

from pathlib import Path

import pytest

from benchmarks import keystroke
from benchmarks.figures import percentile
from benchmarks.million_units import million_units

UNITS = 1_500


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FORECOURT_BENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("FORECOURT_BENCH_UNITS", str(UNITS))
    monkeypatch.setattr(keystroke, "TYPED", ("byd", "比亚迪 汉"))
    for name in ("KEY_EVERY", "PAUSE", "SETTLE"):
        monkeypatch.setattr(keystroke, name, 0.02)
    return tmp_path


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_every_key_is_answered_with_painted_rows(qapp: object, cache: Path) -> None:
    path = million_units(UNITS)
    built = path.stat().st_mtime_ns
    speed, median = keystroke.run()
    assert (speed["name"], speed["unit"], median["holds"]) == ("keystroke", "ms p95", None)
    assert 0 < (median["value"] or 0) <= (speed["value"] or 0) < 5_000
    assert million_units(UNITS).stat().st_mtime_ns == built
    assert [file.name for file in cache.iterdir() if file.suffix == ".db"] == [path.name]


def test_percentiles_are_of_what_was_measured() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
