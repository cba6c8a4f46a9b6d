"""Our few additions to pyHanko: a signer whose time is given, and a picture from bytes. Imported lazily."""

import io
import secrets
from datetime import datetime
from typing import Any

from asn1crypto import crl, keys, pem, x509
from pyhanko.pdf_utils import content, layout
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfSigningSession
from pyhanko.stamp.static import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.contracts.keys.signing_keys import SigningKey


class DatedSigner(PdfSigner):
    """Signs with the time of the evidence, so that signature, evidence and certificate tell one time."""

    def __init__(
        self, metadata: PdfSignatureMetadata, *, signer: SimpleSigner, stamp_style: Any, signed_at: datetime
    ) -> None:
        super().__init__(metadata, signer=signer, stamp_style=stamp_style)
        self._signed_at = signed_at.replace(microsecond=0)

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
        session.system_time = self._signed_at
        return session


class PageFromBytes(content.PdfContent):
    """The first page of a PDF in memory as the content of a stamp."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        writer = self._ensure_writer
        page = writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        name = "/P" + secrets.token_hex(6)
        self.resources.xobject[name] = page
        left, bottom, right, top = page.get_object()["/BBox"]
        self.box = layout.BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return name.encode("ascii") + b" Do"


def pages_as_stamp(picture: bytes) -> StaticStampStyle:
    """A stamp that shows the picture edge to edge, without a border of its own."""
    edge_to_edge = layout.SimpleBoxLayoutRule(
        x_align=layout.AxisAlignment.ALIGN_MID,
        y_align=layout.AxisAlignment.ALIGN_MID,
        margins=layout.Margins(0, 0, 0, 0),
    )
    return StaticStampStyle(background=PageFromBytes(picture), border_width=0, background_layout=edge_to_edge)


def pades_signer(key: SigningKey) -> SimpleSigner:
    """A signer that embeds its certificate and those between it and the root, which is trusted from outside."""
    store = SimpleCertificateStore()
    store.register_multiple([certificate(above) for above in key.intermediates()])
    return SimpleSigner(
        signing_cert=certificate(key.certificate_pem),
        signing_key=keys.PrivateKeyInfo.load(pem.unarmor(key.key_pem)[2]),
        cert_registry=store,
        embed_roots=False,
    )


def certificate(pem_bytes: bytes) -> x509.Certificate:
    """A certificate in the form pyHanko takes."""
    return x509.Certificate.load(pem.unarmor(pem_bytes)[2])


def pem_of(one: x509.Certificate) -> bytes:
    """A certificate as PEM."""
    armoured: bytes = pem.armor("CERTIFICATE", one.dump())
    return armoured


def revocation_list(pem_bytes: bytes) -> crl.CertificateList:
    """A revocation list in the form pyHanko takes."""
    return crl.CertificateList.load(pem.unarmor(pem_bytes)[2])
