"""Evidence from before there were further parties is, byte for byte, what it was; papers say the same as they did."""

import hashlib
import json
from dataclasses import replace

import pytest

from app.contracts.sealing.errors import EvidenceUnreadable
from app.contracts.sealing.evidence import EVIDENCE_VERSION, SignerRole, evidence_from_json, strokes_json
from tests.app.contracts.signing_samples import evidence_for, sample_contract
from tests.app.documents.paper_samples import SELLER

FIRST_VERSION_SHA256 = "79e156ea6f32ac2d33102fee803df1c75fd5f421f9dfb42ff6a061d8bb555be9"
SECOND_VERSION_SHA256 = "f6b7008145d4d92d305ec6d783325e844b602fc1816f3657b604891814efbb8b"
PAPERS = {
    "zh_CN": "0052c29be7b77e2063e97e641241e22a90b3d7c470ac914785face12ee917f96",
    "en": "775b621a8b55fab29fd65b7d83c5e6c90a4ec0a04769aa182f93e808dc401561",
}


def test_kept_evidence_of_the_first_version_has_the_digest_it_had() -> None:
    evidence = replace(evidence_for(sample_contract(), "a" * 64, SignerRole.BUYER), version=1)
    assert evidence.sha256() == FIRST_VERSION_SHA256
    assert not {"party", "identity_steps", "language", "screen"} & json.loads(evidence.canonical()).keys()
    read = evidence_from_json(evidence.canonical())
    assert (read.version, read.canonical(), read.field) == (1, evidence.canonical(), "signature_buyer")
    seller = replace(evidence_for(sample_contract(), "a" * 64, SignerRole.SELLER), version=1)
    assert evidence_from_json(seller.canonical()).field == "signature_seller"


def test_kept_evidence_of_the_second_version_has_the_digest_it_had() -> None:
    evidence = replace(
        evidence_for(sample_contract(), "a" * 64, SignerRole.GUARANTOR), party="guarantor_2", language="en", version=2
    )
    assert evidence.sha256() == SECOND_VERSION_SHA256
    read = evidence_from_json(evidence.canonical())
    assert (read, read.field) == (evidence, "signature_guarantor_2")
    assert read.strokes and not read.has_strokes_apart


def test_evidence_of_the_third_version_names_the_strokes_and_does_not_hold_them() -> None:
    evidence = evidence_for(sample_contract(), "a" * 64, SignerRole.BUYER)
    assert evidence.version == EVIDENCE_VERSION == 3
    told = json.loads(evidence.canonical())
    assert "strokes" not in told
    assert told["handwriting"] == {
        "sha256": hashlib.sha256(strokes_json(evidence.strokes)).hexdigest(), "strokes": 6, "points": 240,
    }  # fmt: skip
    read = evidence_from_json(evidence.canonical())
    assert (read.strokes, read.sha256()) == ((), evidence.sha256())
    whole = read.with_strokes(evidence.strokes)
    assert (whole.strokes, whole.sha256()) == (evidence.strokes, evidence.sha256())
    with pytest.raises(EvidenceUnreadable):
        read.with_strokes(evidence.strokes[1:])


def test_evidence_of_a_later_version_is_not_guessed_at() -> None:
    kept = json.loads(evidence_for(sample_contract(), "a" * 64, SignerRole.BUYER).canonical())
    for changed in (kept | {"version": 4, "mood": "calm"}, kept | {"version": 1}, kept | {"strokes": []}):
        with pytest.raises(EvidenceUnreadable):
            evidence_from_json(json.dumps(changed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("language", PAPERS)
def test_papers_with_two_parties_have_the_digest_they_had(language: str) -> None:
    """Drafts from before are not outdated by parties, used vehicles, facts nobody has entered or another layout."""
    seller = replace(SELLER, legal_representative="", bank="", bank_account="")
    assert sample_contract(language, seller=seller).data_digest == PAPERS[language]
