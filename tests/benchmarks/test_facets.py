"""The measure of a question works, on a small stock; what it says about a million is for the benchmark."""

from pathlib import Path

import pytest

from benchmarks import facets

UNITS = 600


def test_questions_are_measured_against_plain_sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORECOURT_BENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("FORECOURT_BENCH_UNITS", str(UNITS))
    monkeypatch.setattr(facets, "TYPED", ("tigaun", "<20万"))
    figures = {figure["name"]: figure for figure in facets.run()}
    assert figures["facets"]["unit"] == "ms p95" and figures["facets"]["ratio"] is not None
    assert set(figures) == {"facets", "facets-median", "facets-after-write", "facets-open", "facets-open-anew"}
    assert all((figure["value"] or 0) > 0 for figure in figures.values())
