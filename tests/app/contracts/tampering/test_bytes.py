"""Any byte flipped: in every part a file is made of, and anywhere at random. Each flip is found and said in words."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.contracts.proof.package import write_package
from app.contracts.proof.package_examination import KnownFromElsewhere, Standing
from app.contracts.verify import examine
from app.kernel.errors import DomainError
from tests.app.contracts.tampering.samples import PUBLIC_LOG_KEY, Case

_PARTS = {
    "header": rb"%PDF-1\.\d", "object": rb"\d+ 0 obj", "stream": rb"stream\r?\n", "end of stream": rb"endstream",
    "page": rb"/Type ?/Page\b", "table of objects": rb"\bxref\b", "trailer": rb"trailer", "start": rb"startxref\s+\d",
    "end": rb"%%EOF", "range": rb"/ByteRange ?\[", "container": rb"/Contents ?<[0-9A-F]{40}",
    "padding": rb"0{200}>", "form": rb"/AcroForm", "reason": rb"/Reason", "fonts": rb"/FontFile",
    "rights": rb"/(?:TransformMethod|Lock)\b", "stores": rb"/DSS", "identity": rb"/ID ?\[",
}  # fmt: skip
"""Where each kind of part of a PDF begins."""
RANDOM = 12


def places_in(content: bytes) -> dict[str, list[int]]:
    """The last byte of the last part of each kind, and both ends of the file."""
    found = {name: [one.end() - 1 for one in re.finditer(mark, content)] for name, mark in _PARTS.items()}
    places = {name: [at[-1]] for name, at in found.items() if at}
    return places | {"last byte": [len(content) - 1], "first byte": [0]}


def standing_of(case: Case, content: bytes) -> Standing:
    """How the file stands for a checker who knows the dealer; broken where it cannot even be read."""
    known = KnownFromElsewhere(roots=(case.sealed.root,), time_roots=case.time_roots, log_key=PUBLIC_LOG_KEY)
    try:
        report = examine(content, known)
    except DomainError as error:
        assert error.message()
        return Standing.BROKEN
    broken = [one.message() for one in report.findings if one.standing is Standing.BROKEN]
    assert bool(broken) == (report.standing is Standing.BROKEN) and all(broken)
    return report.standing


def flipped(content: bytes, place: int, bit: int = 0) -> bytes:
    damaged = bytearray(content)
    damaged[place] ^= 1 << bit
    return bytes(damaged)


@pytest.mark.parametrize("stage", ["sealed", "stamped"])
def test_a_bit_flipped_in_any_kind_of_part_is_found(case: Case, stage: str) -> None:
    content = case.stamped if stage == "stamped" else case.sealed.seal.pdf
    places = places_in(content)
    assert set(places) >= set(_PARTS) - {"identity", "stores", "table of objects", "trailer"}
    passed = [
        (name, place)
        for name, found in places.items() for place in found
        if standing_of(case, flipped(content, place)) is not Standing.BROKEN
    ]  # fmt: skip
    assert passed == []


@settings(max_examples=RANDOM, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_bit_flipped_anywhere_is_found(case: Case, data: st.DataObject) -> None:
    content = case.stamped
    place = data.draw(st.integers(0, len(content) - 1), label="place")
    bit = data.draw(st.integers(0, 7), label="bit")
    assert standing_of(case, flipped(content, place, bit)) is Standing.BROKEN


@settings(max_examples=RANDOM, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_bit_flipped_anywhere_in_a_package_is_found(case: Case, data: st.DataObject) -> None:
    content = write_package(case.package)
    place = data.draw(st.integers(0, len(content) - 1), label="place")
    assert standing_of(case, flipped(content, place, data.draw(st.integers(0, 7)))) is Standing.BROKEN
