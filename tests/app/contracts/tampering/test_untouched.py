"""An independent program, poppler's pdfsig, takes the untouched files for what they are."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.app.contracts.tampering.forgeries import changed, overlay
from tests.app.contracts.tampering.samples import Case

PDFSIG = shutil.which("pdfsig")
WHY = "pdfsig (poppler-utils) is not on this computer: nobody but ourselves has looked at the files"


def said(content: bytes, folder: Path) -> str:
    """What pdfsig prints of these bytes."""
    assert PDFSIG is not None
    file = folder / "contract.pdf"
    file.write_bytes(content)
    done = subprocess.run([PDFSIG, "-nocert", str(file)], capture_output=True, timeout=60, check=False)
    return done.stdout.decode()


@pytest.mark.skipif(PDFSIG is None, reason=WHY)
@pytest.mark.parametrize(("stage", "signatures"), [("half", 1), ("signed", 2), ("sealed", 3), ("stamped", 5)])
def test_pdfsig_finds_every_signature_of_an_untouched_file_valid(
    case: Case, tmp_path: Path, stage: str, signatures: int
) -> None:
    files = {"half": case.sealed.buyer.pdf, "signed": case.sealed.seller.pdf, "sealed": case.sealed.seal.pdf,
             "stamped": case.stamped}  # fmt: skip
    told = said(files[stage], tmp_path)
    assert told.count("Signature is Valid") == min(signatures, 3), told  # it does not check time-stamps
    assert told.count("ETSI.CAdES.detached") == min(signatures, 3)
    assert "Total document signed" in told


@pytest.mark.skipif(PDFSIG is None, reason=WHY)
def test_pdfsig_finds_altered_bytes_and_what_was_added(case: Case, tmp_path: Path) -> None:
    altered = bytearray(case.sealed.seal.pdf)
    altered[len(case.sealed.locked.pdf) // 2] ^= 1
    assert said(bytes(altered), tmp_path).count("Signature is Valid") == 0
    longer = said(changed(case.sealed.seal.pdf, overlay), tmp_path)
    assert "Total document signed" not in longer
