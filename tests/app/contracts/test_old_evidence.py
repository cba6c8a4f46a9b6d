"""Evidence and papers from before there were further parties are, byte for byte, what they were."""

import hashlib
import json
from dataclasses import replace

import pytest

from app.contracts.evidence import EVIDENCE_VERSION, SignerRole, evidence_from_json
from app.contracts.paper_errors import EvidenceUnreadable
from tests.app.contracts.signing_samples import evidence_for, sample_contract

FIRST_VERSION_SHA256 = "79e156ea6f32ac2d33102fee803df1c75fd5f421f9dfb42ff6a061d8bb555be9"
PAPERS = {
    "zh_CN": "1ddc659ff2d0befab9715162c617a8e7de604859b357b99033a686d18cd13af7",
    "en": "ac79f735278dc03e1374ffdf6190f999f2e395933baa7cbd465c280d6f65f484",
}


def test_kept_evidence_of_the_first_version_has_the_digest_it_had() -> None:
    evidence = replace(evidence_for(sample_contract(), "a" * 64, SignerRole.BUYER), version=1)
    assert evidence.sha256() == FIRST_VERSION_SHA256
    assert not {"party", "identity_steps", "language", "screen"} & json.loads(evidence.canonical()).keys()
    read = evidence_from_json(evidence.canonical())
    assert (read.version, read.canonical(), read.field) == (1, evidence.canonical(), "signature_buyer")
    seller = replace(evidence_for(sample_contract(), "a" * 64, SignerRole.SELLER), version=1)
    assert evidence_from_json(seller.canonical()).field == "signature_seller"


def test_evidence_of_the_second_version_says_more_and_reads_back() -> None:
    evidence = replace(
        evidence_for(sample_contract(), "a" * 64, SignerRole.GUARANTOR), party="guarantor_2", language="en"
    )
    assert evidence.version == EVIDENCE_VERSION == 2
    read = evidence_from_json(evidence.canonical())
    assert (read, read.field) == (evidence, "signature_guarantor_2")


def test_evidence_of_a_later_version_is_not_guessed_at() -> None:
    kept = json.loads(evidence_for(sample_contract(), "a" * 64, SignerRole.BUYER).canonical())
    for changed in (kept | {"version": 3, "mood": "calm"}, kept | {"version": 1}):
        with pytest.raises(EvidenceUnreadable):
            evidence_from_json(json.dumps(changed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("language", PAPERS)
def test_papers_with_two_parties_are_the_bytes_they_were(language: str) -> None:
    assert hashlib.sha256(sample_contract(language).pdf).hexdigest() == PAPERS[language]
