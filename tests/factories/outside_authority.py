"""An authority outside the house: a root, one below it, a seal it gave out, and its revocation lists over HTTP."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

PASSWORD = "通行证-7"
_YEAR = timedelta(days=365)


class OutsideAuthority:
    """Lists lie at `url`/root.crl and `url`/middle.crl; `answers` may hold other bytes, or a status, for a path."""

    def __init__(self, url: str, *, now: datetime | None = None) -> None:
        self.url, self.now = url, (now or datetime.now(UTC)).replace(microsecond=0)
        self.answers: dict[str, bytes | int] = {}
        self.asked: list[str] = []
        self._keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("root", "middle", "seal")}
        self.root = self._certified("真实机构根", "root", issuer=None, above="root", ca=True)
        self.middle = self._certified("真实机构", "middle", issuer=self.root, above="root", ca=True)
        self.seal = self._certified("上海云驰汽车销售有限公司", "seal", issuer=self.middle, above="middle", ca=False)
        self.publish()

    def publish(
        self, *, revoked: dict[str, tuple[datetime, str]] | None = None, at: datetime | None = None, number: int = 1,
        extensions: tuple[x509.ExtensionType, ...] = (), entries: int = 0,
    ) -> None:  # fmt: skip
        """Sign both lists: `revoked` says which of "middle" and "seal", from when on and why."""
        for name in ("root", "middle"):
            told = self.list_of(name, revoked or {}, at=at or self.now, number=number, extensions=extensions,
                                entries=entries)  # fmt: skip
            self.answers[f"/{name}.crl"] = told.public_bytes(serialization.Encoding.DER)

    def list_of(
        self, name: str, revoked: dict[str, tuple[datetime, str]], *, at: datetime, number: int = 1,
        extensions: tuple[x509.ExtensionType, ...] = (), entries: int = 0,
    ) -> x509.CertificateRevocationList:  # fmt: skip
        """What "root" or "middle" says."""
        issuer, below = (self.root, "middle") if name == "root" else (self.middle, "seal")
        draft = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
        draft = draft.last_update(at - timedelta(minutes=10)).next_update(at + timedelta(days=7))
        draft = draft.add_extension(x509.CRLNumber(number), critical=False)
        for extension in extensions:
            draft = draft.add_extension(extension, critical=True)
        if below in revoked:
            when, why = revoked[below]
            entry = x509.RevokedCertificateBuilder().serial_number(getattr(self, below).serial_number)
            entry = entry.revocation_date(when.replace(microsecond=0))
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(why)), critical=False)
            draft = draft.add_revoked_certificate(entry.build())
        for serial in range(1, entries + 1):
            entry = x509.RevokedCertificateBuilder().serial_number((1 << 150) + serial).revocation_date(at)
            draft = draft.add_revoked_certificate(entry.build())
        return draft.sign(self._keys[name], hashes.SHA256())

    def container(self, whose: str = "seal") -> bytes:
        """The seal, or "middle", as it is handed out: PKCS#12 with the chain, under PASSWORD."""
        how = serialization.BestAvailableEncryption(PASSWORD.encode())
        above = [self.middle, self.root] if whose == "seal" else [self.root]
        return pkcs12.serialize_key_and_certificates(b"key", self._keys[whose], getattr(self, whose), above, how)

    @property
    def chain(self) -> list[str]:
        """The seal, what is above it, and the root, as PEM."""
        every = (self.seal, self.middle, self.root)
        return [one.public_bytes(serialization.Encoding.PEM).decode("ascii") for one in every]

    def _certified(
        self, subject: str, key: str, *, issuer: x509.Certificate | None, above: str, ca: bool
    ) -> x509.Certificate:  # fmt: skip
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
        usage = {"digital_signature": not ca, "content_commitment": not ca, "key_cert_sign": ca, "crl_sign": ca}
        others = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
        draft = (
            x509.CertificateBuilder().subject_name(name).issuer_name(issuer.subject if issuer else name)
            .public_key(self._keys[key].public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(self.now - _YEAR).not_valid_after(self.now + 3 * _YEAR)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage, **dict.fromkeys(others, False)), critical=True)
        )  # fmt: skip
        if issuer is not None:
            place = x509.UniformResourceIdentifier(f"{self.url}/{above}.crl")
            point = x509.DistributionPoint([place], None, None, None)
            draft = draft.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        return draft.sign(self._keys[above], hashes.SHA256())


@contextmanager
def outside_authority(*, now: datetime | None = None) -> Iterator[OutsideAuthority]:
    """An authority whose lists can be had at 127.0.0.1."""
    held: list[OutsideAuthority] = []

    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            held[0].asked.append(self.path)
            told = held[0].answers.get(self.path, 404)
            self.send_response(told if isinstance(told, int) else 200)
            if isinstance(told, int):
                self.send_header("Location", f"{held[0].url}/middle.crl")
            body = b"" if isinstance(told, int) else told
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing on the terminal."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        held.append(OutsideAuthority(f"http://127.0.0.1:{server.server_address[1]}", now=now))
        yield held[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
