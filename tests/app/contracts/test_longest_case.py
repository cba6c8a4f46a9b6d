"""The longest real case from the draft to the package: twelve pages, forty lines, four who sign, sealed and stamped."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.contracts.keys.revocation import new_list
from app.contracts.keys.signing_keys import create_authority, create_dealer_key
from app.contracts.paper.sale_paper import render_contract
from app.contracts.proof.package import EvidencePackage, PackageAbout, read_package, readme_of, write_package
from app.contracts.proof.package_examination import FindingCode, KnownFromElsewhere, Standing, examine_package
from app.contracts.proof.time_proof import ProofLevel
from app.contracts.proof.verification import Verdict, verify
from app.contracts.sealing.evidence import Acknowledgement, SealEvidence, SignerRole
from app.contracts.sealing.steps import lock, seal, sign_by_hand
from app.contracts.stamps.time_stamping import stamp
from app.documents.places import PlaceKind
from tests.app.contracts.longest_case import FORTY, longest_paper
from tests.app.contracts.signing_samples import TEMPLATE, evidence_for
from tests.app.contracts.stamping_samples import LocalCentre
from tests.app.documents.paper_samples import NOON, SELLER
from tests.app.documents.reading import page_texts

PAGES = 12
A4_HEIGHT, A4_WIDTH, MARGIN = 842.0, 595.0, 30.0
SIGNERS = (
    ("buyer", SignerRole.BUYER, "欧阳䶮"), ("co_buyer_1", SignerRole.CO_BUYER, "李娜"),
    ("guarantor_1", SignerRole.GUARANTOR, "欧阳明"), ("dealer", SignerRole.SELLER, "陈嘉宁"),
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Everything, step by step."""
    contract = render_contract(longest_paper(), TEMPLATE, "zh_CN")
    locked = lock(contract.pdf)
    authority = create_authority(organisation=SELLER.name, now=NOON)
    dealer = create_dealer_key(authority, organisation=SELLER.name, branch="浦东店", now=NOON)
    content, evidence = locked.pdf, {}
    seen = tuple(
        Acknowledgement(number=asked.number, clause_id=asked.clause_id, acknowledged_at=NOON)
        for asked in contract.acknowledgements
    )
    for number, (party, role, name) in enumerate(SIGNERS):
        told = evidence_for(contract, locked.sha256, SignerRole.BUYER, seed=number)
        told = replace(
            told, party=party, signer=replace(told.signer, name=name, role=role),
            acknowledgements=() if party == "dealer" else seen,
        )  # fmt: skip
        signed = sign_by_hand(content, evidence=told, authority=authority)
        content, evidence[signed.field] = signed.pdf, signed
    closing = SealEvidence(
        document_number="PD01-D2-CT-000123", document_sha256=locked.sha256, sealed_by="林晓雯",
        sealed_at=told.signed_at, signature_evidence=tuple(one.evidence_sha256 for one in evidence.values()),
    )  # fmt: skip
    root = authority.certificate_pem
    sealed = seal(content, evidence=closing, key=dealer, authority_pem=root, organisation=SELLER.name)
    centre = LocalCentre(tmp_path_factory.mktemp("longest"))
    stamped = stamp(sealed.pdf, centre, authorities=[root], revocation_lists=[new_list(authority, (), now=NOON)])
    roots = centre.roots
    centre.close()
    return {"contract": contract, "locked": locked, "evidence": {**evidence, sealed.field: sealed}, "sealed": sealed,
            "stamped": stamped, "root": root, "time_roots": roots}  # fmt: skip


def test_twelve_pages_each_numbered_with_the_table_headed_on_every_page_it_is_on(made: dict[str, Any]) -> None:
    pages = page_texts(made["contract"].pdf)
    assert len(pages) == made["contract"].pages == PAGES
    for number, text in enumerate(pages, start=1):
        said = "".join(text.split())
        assert f"{number}/{PAGES}" in said or f"第{number}页" in said, number
        assert "PD01-D2-CT-000123" in text
    lined = [text for text in pages if "选装件及安装工时第" in text]
    assert len(lined) >= 4
    assert all("金额" in text and "项目" in text for text in lined), "the head is repeated"
    whole = "".join("".join(text.split()) for text in pages)
    assert all(f"第{number:02d}项" in whole for number in range(1, FORTY - 8))


def test_four_boxes_and_the_seal_stand_on_the_page_and_not_on_one_another(made: dict[str, Any]) -> None:
    places = [place for place in made["contract"].places if place.kind in (PlaceKind.SIGNATURE, PlaceKind.SEAL)]
    assert {place.name for place in places} == {
        "signature_buyer", "signature_co_buyer_1", "signature_guarantor_1", "signature_seller", "seal_seller",
    }  # fmt: skip
    for place in places:
        left, bottom, right, top = place.rect
        assert MARGIN < left < right < A4_WIDTH - MARGIN and MARGIN < bottom < top < A4_HEIGHT - MARGIN
        for other in places:
            if other is not place and other.page == place.page:
                beside = other.rect[0] >= right or other.rect[2] <= left
                assert beside or other.rect[1] >= top or other.rect[3] <= bottom, (place.name, other.name)


def test_signed_by_four_sealed_stamped_and_verified(made: dict[str, Any]) -> None:
    stamped = made["stamped"].pdf
    assert stamped.startswith(made["sealed"].pdf) and made["sealed"].pdf.startswith(made["locked"].pdf)
    report = verify(stamped, [made["root"]], time_roots=made["time_roots"])
    assert (report.verdict, report.problems, report.pages) == (Verdict.INTACT, (), PAGES)
    assert report.proof.level is ProofLevel.B_LTA
    assert [one.signer for one in report.signatures] == [*(name for _, _, name in SIGNERS), SELLER.name]


def test_packaged_and_proved_elsewhere(made: dict[str, Any], tmp_path: Path) -> None:
    about = PackageAbout(
        number="PD01-D2-CT-000123", kind="vehicle_sale", title="汽车买卖合同", locked=made["locked"].sha256,
        sealed=made["sealed"].sha256, exported_at=NOON, exported_by="林晓雯", reason="法院调取",
    )  # fmt: skip
    package = EvidencePackage(
        about=about, readme=readme_of(about.number), document=made["stamped"].pdf, authorities=(made["root"],),
        evidence={name: one.evidence for name, one in made["evidence"].items()},
        time_stamp_authorities=made["time_roots"],
    )  # fmt: skip
    known = KnownFromElsewhere(roots=(made["root"],), time_roots=made["time_roots"])
    report = examine_package(read_package(write_package(package)), known)
    assert {one.code for one in report.findings if one.standing is not Standing.HOLDS} == {FindingCode.LOG_MISSING}
    assert [one.code for one in report.findings].count(FindingCode.EVIDENCE_FITS) == len(SIGNERS)
