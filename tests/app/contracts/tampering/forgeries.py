"""What a forger with a PDF library and a text editor does to a signed contract; each gives the forged bytes."""

import io
from collections.abc import Callable
from typing import Any, NamedTuple

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter, copy_into_new_writer

from app.contracts.proof.findings import ProblemCode
from app.contracts.sealing.evidence import SignerRole
from app.contracts.sealing.steps import sign_by_hand
from tests.app.contracts.sealed_samples import Sealed
from tests.app.contracts.signing_samples import evidence_for

_BOX = generic.ArrayObject([generic.NumberObject(n) for n in (60, 500, 460, 560)])


def changed(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with one more revision appended."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _field(writer: IncrementalPdfFileWriter, name: str) -> Any:
    fields = writer.root["/AcroForm"]["/Fields"]
    return next(fields[index] for index in range(len(fields)) if fields[index]["/T"] == name)


def overlay(writer: IncrementalPdfFileWriter) -> None:
    """A red bar over a line of the first page."""
    content = generic.StreamObject(stream_data=b"q 1 0 0 rg 60 500 400 60 re f Q")
    writer.add_stream_to_page(0, writer.add_object(content), prepend=False)


def note_over_page(writer: IncrementalPdfFileWriter) -> None:
    """An annotation laid over the page."""
    page, _ = writer.find_page_for_modification(0)
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Square"),
            pdf_name("/Rect"): _BOX, pdf_name("/F"): generic.NumberObject(4),
        }
    )  # fmt: skip
    reference = writer.add_object(note)
    dictionary = page.get_object()
    if "/Annots" in dictionary:
        dictionary["/Annots"].append(reference)
    else:
        dictionary["/Annots"] = generic.ArrayObject([reference])
    writer.update_container(dictionary)


def insert_page(writer: IncrementalPdfFileWriter) -> None:
    content = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    box = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 595, 842)])
    writer.insert_page(PageObject(contents=content, media_box=box), after=1)


def take_page_out(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    del pages["/Kids"][-1]
    pages[pdf_name("/Count")] = generic.NumberObject(len(pages["/Kids"]))
    writer.update_container(pages)


def untick(writer: IncrementalPdfFileWriter) -> None:
    """One of the customer's acknowledgements taken back."""
    field = _field(writer, "acknowledge_02")
    field[pdf_name("/V")] = field[pdf_name("/AS")] = pdf_name("/Off")
    writer.update_container(field)


def drop_signature(writer: IncrementalPdfFileWriter) -> None:
    """The seller's box made empty."""
    field = _field(writer, "signature_seller")
    del field["/V"]
    writer.update_container(field)


def trailing_bytes(pdf: bytes) -> bytes:
    return pdf + b"\n% hello"


def rewritten(pdf: bytes) -> bytes:
    """The same content and signatures written anew by a library: no byte stands where it was signed."""
    target = io.BytesIO()
    copy_into_new_writer(PdfFileReader(io.BytesIO(pdf))).write(target)
    return target.getvalue()


def stripped(pdf: bytes) -> bytes:
    """Written anew without any form: nothing is signed any more."""
    writer: PdfFileWriter = copy_into_new_writer(PdfFileReader(io.BytesIO(pdf)))
    del writer.root["/AcroForm"]
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def slipped_in(sealed: Sealed, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """Changed after the buyer had signed and before the seller did, who signs the changed file."""
    evidence = evidence_for(sealed.contract, sealed.locked.sha256, SignerRole.SELLER)
    slipped = changed(sealed.buyer.pdf, change)
    return sign_by_hand(slipped, evidence=evidence, authority=sealed.authority).pdf


class Forgery(NamedTuple):
    """A forgery of a PDF and what of it has to be named at the least."""

    forge: Callable[[bytes], bytes]
    code: ProblemCode


FORGERIES: dict[str, Forgery] = {
    "an overlay": Forgery(lambda pdf: changed(pdf, overlay), ProblemCode.PAGES_ALTERED),
    "a note over the page": Forgery(lambda pdf: changed(pdf, note_over_page), ProblemCode.PAGES_MARKED),
    "a page inserted": Forgery(lambda pdf: changed(pdf, insert_page), ProblemCode.PAGES_ADDED),
    "a page taken out": Forgery(lambda pdf: changed(pdf, take_page_out), ProblemCode.PAGES_REMOVED),
    "a tick taken back": Forgery(lambda pdf: changed(pdf, untick), ProblemCode.FIELDS_CHANGED),
    "a signature's box emptied": Forgery(lambda pdf: changed(pdf, drop_signature), ProblemCode.FIELDS_CHANGED),
    "bytes at the end": Forgery(trailing_bytes, ProblemCode.ADDED_AFTER_LAST_SIGNATURE),
    "written anew": Forgery(rewritten, ProblemCode.CONTENT_ALTERED),
    "signatures stripped": Forgery(stripped, ProblemCode.NO_SIGNATURE),
}
"""By what was done; the same for the sealed and for the time-stamped file."""
