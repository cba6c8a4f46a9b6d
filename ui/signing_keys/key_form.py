"""Questions about keys, in the panel: one is brought from a real authority, revoked, or withdrawn with its desk."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.contracts.authorities.commands import RevokeCertificate, WithdrawAuthority
from app.contracts.authorities.queries import AuthorityRow
from app.contracts.keys.errors import CertificatesNotReadable, KeyFileNotReadable
from app.contracts.keys.intake import FILE_BYTES, KeyUse
from app.contracts.keys.revocation import RevocationReason
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, DateTimeField, PasswordField, SegmentField
from ui.kit.panel_form import PanelForm, PanelInquiry
from ui.signing_keys.file_field import FileField
from ui.signing_keys.ports import BroughtKey, KeysPort


class KeyForm(PanelInquiry):
    """A PKCS#12 with its password. Whatever comes of it, the password leaves the form at once."""

    def __init__(self, context: PageContext, port: KeysPort, *, on_done: Callable[[Any], object]) -> None:
        super().__init__(
            context, tr_noop("Sign with a key of a real authority"), _key_fields(), verb=tr_noop("Sign with it"),
            work=lambda values: port.take(brought(values)), doing=tr_noop("Looking at the key"), on_done=on_done,
            writes=True,
            text=tr_noop(
                "The file is checked first; then its key is kept sealed at this desk alone. Contracts sealed before "
                "stay as they are. The password is kept nowhere."
            ),
        )  # fmt: skip
        self.form.set_values({"use": KeyUse.SEAL.value})

    def _run(self, values: Mapping[str, Any]) -> Any:
        job = super()._run(values)
        self.form.set_value("passphrase", "")
        return job


def brought(values: Mapping[str, Any]) -> BroughtKey:
    """Read the files that were chosen, on a worker thread. Raises KeyFileNotReadable, CertificatesNotReadable."""
    path, further = values["file"], values["further"]
    return BroughtKey(
        use=values["use"], name=path.name, passphrase=values["passphrase"],
        content=_read(path, KeyFileNotReadable(field="file", name=path.name)),
        further=_read(further, CertificatesNotReadable(field="further", name=further.name)) if further else b"",
        further_name=further.name if further else "",
    )  # fmt: skip


def _read(path: Path, problem: Exception) -> bytes:
    try:
        if path.stat().st_size > FILE_BYTES:
            raise problem
        return path.read_bytes()
    except OSError as error:
        raise problem from error


def _key_fields() -> list[Any]:
    uses = [Choice(one.value, one.label) for one in KeyUse]
    return [
        SegmentField("use", tr_noop("Take it for"), required=True, span=2, choices=uses),
        FileField("file", tr_noop("Key file (PKCS#12)"), required=True, span=2, readable="*.p12 *.pfx"),
        PasswordField("passphrase", tr_noop("Password of the file"), required=True, span=2),
        FileField(
            "further", tr_noop("Certificates of the authority"), span=2, readable="*.pem *.crt *.cer *.p7b *.p7c",
            nothing=tr_noop("Only if the key file leaves them out"),
        ),
    ]  # fmt: skip


def own_seal(context: PageContext, port: KeysPort, *, on_done: Callable[[Any], object]) -> PanelInquiry:
    """A bought key is given up for one of this desk's own."""
    return PanelInquiry(
        context, tr_noop("Seal with this desk's own key again?"), [], verb=tr_noop("Seal with its own key"),
        work=lambda _values: port.seal_with_own(), doing=tr_noop("Making the key"), on_done=on_done,
        danger=True, writes=True,
        text=tr_noop(
            "This desk's authority certifies a new key for the seal. The bought key is forgotten here: keep its file. "
            "Contracts sealed before stay as they are."
        ),
    )  # fmt: skip


def seal_revocation(context: PageContext, *, on_done: Callable[[Any], object]) -> PanelForm:
    """The certificate of this desk's seal is to be good for nothing any more."""
    return PanelForm(
        context, tr_noop("Revoke the certificate of this desk's seal?"), _reasons(), verb=tr_noop("Revoke"),
        danger=True, on_done=on_done,
        command=lambda values: RevokeCertificate(reason=values["reason"], at=values["at"]),
        text=tr_noop(
            "The next contract is sealed with another key. What a time-stamp proves to have been sealed before stays "
            "valid; without one, it is doubted where the key may be in other hands. This cannot be taken back."
        ),
    )  # fmt: skip


def withdrawal(context: PageContext, row: AuthorityRow, *, on_done: Callable[[Any], object]) -> PanelForm:
    """A desk is lost with its key."""
    return PanelForm(
        context, tr_noop("Trust this desk no more?"), _reasons(), verb=tr_noop("Trust it no more"), danger=True,
        command=lambda values: WithdrawAuthority(
            authority_id=row.id, expected_revision=row.revision, reason=values["reason"], at=values["at"]
        ),
        on_done=on_done,
        text=tr_noop(
            "For a desk that is lost or stolen. Nothing that its authority certified from then on is believed anywhere "
            "in the group. This cannot be taken back."
        ),
    )  # fmt: skip


def _reasons() -> list[Any]:
    reasons = [Choice(one.value, one.label) for one in RevocationReason]
    return [
        ChoiceField("reason", tr_noop("Reason"), required=True, span=2, choices=reasons),
        DateTimeField("at", tr_noop("From when on"), span=2, hint=tr_noop("Empty: from now on.")),
    ]
