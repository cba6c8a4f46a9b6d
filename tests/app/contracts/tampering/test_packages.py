"""Forged evidence packages: parts exchanged, taken out or made up, and a log that was rewritten or forked."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contracts.proof.package import EvidencePackage, write_package
from app.contracts.proof.package_examination import FindingCode
from tests.app.contracts.tampering.forgeries import changed, insert_page, overlay
from tests.app.contracts.tampering.samples import Case, Checker, proof_of
from tests.app.documents.paper_samples import NOON

Forge = Callable[[Case], EvidencePackage]


def _evidence(case: Case, **given: bytes) -> EvidencePackage:
    return replace(case.package, evidence={**case.package.evidence, **given})


def _of_another_contract(case: Case) -> EvidencePackage:
    return _evidence(case, signature_buyer=case.other.buyer.evidence)


def _of_the_other_signer(case: Case) -> EvidencePackage:
    return _evidence(case, signature_buyer=case.sealed.seller.evidence)


def _with_an_acknowledgement_less(case: Case) -> EvidencePackage:
    told = json.loads(case.sealed.buyer.evidence)
    told["acknowledgements"] = told["acknowledgements"][:-1]
    return _evidence(case, signature_buyer=json.dumps(told).encode())


def _for_nobody(case: Case) -> EvidencePackage:
    return _evidence(case, signature_guarantor=b"{}")


def _seal_of_another(case: Case) -> EvidencePackage:
    return _evidence(case, seal_seller=case.other.seal.evidence)


def _other_document(case: Case) -> EvidencePackage:
    return replace(case.package, document=case.other.seal.pdf)


def _without_seal(case: Case) -> EvidencePackage:
    return replace(case.package, document=case.sealed.seller.pdf)


def _overlaid(case: Case) -> EvidencePackage:
    return replace(case.package, document=changed(case.stamped, overlay))


def _page_inserted(case: Case) -> EvidencePackage:
    return replace(case.package, document=changed(case.stamped, insert_page))


def _proof(case: Case, change: Callable[[dict[str, Any]], object]) -> EvidencePackage:
    ((digest, proof),) = case.package.proofs.items()
    told: dict[str, Any] = json.loads(json.dumps(proof))
    change(told)
    return replace(case.package, proofs={digest: told})


def _entered_earlier(case: Case) -> EvidencePackage:
    return _proof(case, lambda told: told.update(at=told["at"] - 86_400_000_000))


def _rewritten(case: Case) -> EvidencePackage:
    return _proof(case, lambda told: told.update(path=["11" * 32]))


def _grown(case: Case) -> EvidencePackage:
    return _proof(case, lambda told: told["head"].update(size=3))


def _forked(case: Case) -> EvidencePackage:
    digest = case.sealed.seal.sha256
    return replace(case.package, proofs={digest: proof_of(digest, key=Ed25519PrivateKey.generate()).as_json()})


def _proof_of_another(case: Case) -> EvidencePackage:
    digest = case.other.seal.sha256
    return replace(case.package, proofs={digest: proof_of(digest).as_json()})


def _no_proof_at_all(case: Case) -> EvidencePackage:
    return _proof(case, dict.clear)


FORGERIES: dict[str, tuple[Forge, FindingCode]] = {
    "evidence of another contract": (_of_another_contract, FindingCode.EVIDENCE_OF_ANOTHER),
    "evidence of the other signer": (_of_the_other_signer, FindingCode.EVIDENCE_EXCHANGED),
    "evidence changed": (_with_an_acknowledgement_less, FindingCode.EVIDENCE_EXCHANGED),
    "evidence made up": (_for_nobody, FindingCode.EVIDENCE_WITHOUT_SIGNATURE),
    "seal's evidence of another contract": (_seal_of_another, FindingCode.EVIDENCE_OF_ANOTHER),
    "another contract under this evidence": (_other_document, FindingCode.EVIDENCE_OF_ANOTHER),
    "seal cut off": (_without_seal, FindingCode.EVIDENCE_WITHOUT_SIGNATURE),
    "document overlaid": (_overlaid, FindingCode.DOCUMENT_BROKEN),
    "page inserted": (_page_inserted, FindingCode.DOCUMENT_BROKEN),
    "log: entry's time changed": (_entered_earlier, FindingCode.LOG_BROKEN),
    "log: rewritten": (_rewritten, FindingCode.LOG_BROKEN),
    "log: head changed": (_grown, FindingCode.LOG_BROKEN),
    "log: forked, signed with another key": (_forked, FindingCode.LOG_BROKEN),
    "log: proof of another document": (_proof_of_another, FindingCode.LOG_BROKEN),
    "log: proof emptied": (_no_proof_at_all, FindingCode.LOG_BROKEN),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_package_is_found_and_named(case: Case, checker: Checker, name: str) -> None:
    forge, code = FORGERIES[name]
    said = checker.check(write_package(forge(case)))
    assert said.status == 1
    assert code.value in said.codes("broken"), said
    assert all(english and english != chinese for english, chinese in said.sentences("broken"))


def test_the_untouched_package_holds(case: Case, checker: Checker) -> None:
    said = checker.check(write_package(case.package))
    assert (said.status, said.sentences("broken"), said.sentences("open")) == (0, [], [])
    assert {"evidence_fits", "seal_closes", "logged", "log_key_known", "time_stamped"} <= said.codes("holds")


@pytest.mark.parametrize("bit", [0, 5])
def test_a_container_that_is_not_as_it_was_written_is_refused_in_words(
    case: Case, checker: Checker, bit: int
) -> None:
    damaged = bytearray(write_package(case.package))
    damaged[-20] ^= 1 << bit
    said = checker.check(bytes(damaged))
    assert said.status == 2 and said.refusal


def test_evidence_that_is_left_out_is_missed(case: Case, checker: Checker) -> None:
    kept = {name: content for name, content in case.package.evidence.items() if name != "signature_buyer"}
    said = checker.check(write_package(replace(case.package, evidence=kept)))
    assert (said.status, "evidence_missing" in said.codes("open")) == (3, True)


def test_a_signing_clock_ahead_of_the_log_is_named(case: Case, checker: Checker) -> None:
    digest = case.sealed.seal.sha256
    early = proof_of(digest, at=NOON - timedelta(hours=3)).as_json()
    said = checker.check(write_package(replace(case.package, proofs={digest: early})))
    assert (said.status, "clock_ahead_of_log" in said.codes("open")) == (3, True)
