"""Signing keys: what this desk and the others of the group sign with; a bought key taken in, a lost one revoked."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog

from app.contracts.authorities.queries import (
    MAKE,
    OWN_SEAL,
    REVOKE_SEAL,
    WITHDRAW,
    AuthorityDetail,
    AuthorityRow,
    count_authorities,
    get_authority,
    has_keys,
    list_authorities,
)
from app.kernel.permissions import Permission
from app.runtime.atomic_file import write_atomically
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.keys import Key
from ui.kit.record_page import PanelContent, RecordPage
from ui.signing_keys.key_form import KeyForm, own_seal, seal_revocation, withdrawal
from ui.signing_keys.ports import KeysPort
from ui.signing_keys.words import STATES, authority_content

_MAY = Permission.CONTRACTS_REVOKE


class SigningKeysPage(RecordPage):
    """One authority a row, this desk's first."""

    title = tr_noop("Signing keys")
    key = "signing_keys"
    param = "authority_id"
    watches = ("signing_authority",)
    columns = (
        Column("desk_code", tr_noop("Desk"), width=112, value=lambda row: row,
               format=lambda row: tr("{desk} (this desk)", desk=row.desk_code) if row.own else row.desk_code),
        Column("subject", tr_noop("Authority"), width=148, stretch=True),
        Column("state", tr_noop("Status"), kind="state", states=STATES, width=124),
        Column("valid_until", tr_noop("Valid until"), kind="date", width=96, format=formats.day_of),
        Column("list_signed_at", tr_noop("Revocation list of"), kind="moment", width=140),
        Column("revoked", tr_noop("Revoked"), kind="integer", width=80, visible=False),
        Column("fingerprint", tr_noop("SHA-256"), kind="code", width=200, visible=False),
    )  # fmt: skip

    def __init__(self, context: PageContext, port: KeysPort) -> None:
        self._port = port
        self._made = True
        super().__init__(context)
        self.filters.hide()
        self._add_key_actions()

    def list_rows(self, reader: Any, *, after: Any, limit: int, **_filters: Any) -> Sequence[AuthorityRow]:
        return list_authorities(reader, after=after, limit=limit)

    def count_rows(self, reader: Any, **_filters: Any) -> int:
        return count_authorities(reader)

    def describe_count(self, matched: int, total: int | None) -> str:
        return trn("{n} desk", "{n} desks", matched)

    def get_record(self, reader: Any, record_id: str) -> AuthorityDetail:
        return get_authority(reader, record_id)

    def panel_content(self, record: AuthorityDetail) -> PanelContent:
        own = record.row.own
        return PanelContent(
            title=lambda: tr("Desk {desk}", desk=record.row.desk_code), subtitle=tr_noop("This desk") if own else "",
            content=authority_content(record, self.context.clock), next_step=False,
            verbs=("signing_keys.export", "signing_keys.revoke_seal", "signing_keys.own_seal",
                   "signing_keys.withdraw"),
        )  # fmt: skip

    def empty_state(self, filtered: bool) -> EmptyState:
        return EmptyState(
            tr_noop("No signing keys yet"),
            tr_noop("A desk makes its keys at its first signature. They can be made now, to give out the certificate."),
            icon="shield-check", action=Button(tr_noop("Make the keys now"), on_click=self.make),
        )  # fmt: skip

    def activate(self, params: Mapping[str, Any]) -> None:
        super().activate(params)
        self.context.operations.run_query(self, has_keys, on_done=self._on_known, key="made")

    # --- what people do --------------------------------------------------------------------------

    def make(self) -> None:
        """Make this desk's keys."""
        self.context.operations.run_long(
            self, lambda _progress: self._port.make(), title=tr_noop("Making the keys"), writes=True,
            on_done=lambda _nothing: self._changed(tr_noop("This desk has its keys now.")),
        )  # fmt: skip

    def bring(self) -> None:
        """Take in a key of a real authority."""
        form = KeyForm(self.context, self._port, on_done=lambda _print: self._changed(tr_noop("The key is taken in.")))
        if self.is_shown:
            self.ask(form)
            return
        form.left.connect(self.panel.close_panel)
        self.panel.show_content(tr_noop("Import a key"), form)
        form.take_focus()

    def export_to(self, path: Path) -> None:
        """Save the certificate in the panel for whoever checks contracts elsewhere."""
        pem = self.record.certificate.pem
        self.context.operations.run_plain(
            self, lambda: write_atomically(path, pem, mode=0o644),
            on_done=lambda _nothing: self.messages.show_good(
                lambda: tr("The certificate is in {name}. Give it to whoever checks contracts.", name=path.name)
            ),
        )  # fmt: skip

    # --- inside ----------------------------------------------------------------------------------

    def _add_key_actions(self) -> None:
        self.add_action(
            Action("signing_keys.import", tr_noop("Import a key"), self.bring, key=Key.NEW, icon="upload",
                   permission=_MAY),
            primary=True,
        )  # fmt: skip
        self.add_action(
            Action("signing_keys.make", tr_noop("Make this desk's keys"), self.make, icon="key-round", permission=_MAY,
                   enabled=lambda: self.offers(MAKE)),
            menu=True,
        )  # fmt: skip
        for name, text, handler, icon in (
            ("export", tr_noop("Save the certificate…"), self._ask_path, "download"),
            (REVOKE_SEAL, tr_noop("Revoke the seal…"), self._revoke_seal, "ban"),
            (OWN_SEAL, tr_noop("Seal with this desk's own key…"), self._own_seal, "key-round"),
            (WITHDRAW, tr_noop("Trust it no more…"), self._withdraw, "ban"),
        ):
            self.add_action(
                Action(f"signing_keys.{name}", text, handler, icon=icon, permission=_MAY,
                       enabled=partial(self.offers, name))
            )  # fmt: skip

    def offers(self, code: str) -> bool:
        if code == MAKE:
            return not self._made
        return self.is_shown and (code == "export" or code in self.record.actions)

    def _on_known(self, made: bool) -> None:
        self._made = made

    def _changed(self, said: str) -> None:
        self._made = True
        self.context.notifications.show(said, tone="good")
        self.model.refresh()
        if self.is_shown:
            self.show_record(self.record.row.id)

    def _revoke_seal(self) -> None:
        self.ask(seal_revocation(self.context, on_done=lambda _serial: self._say(tr_noop("The seal is revoked."))))

    def _own_seal(self) -> None:
        said = tr_noop("Contracts are sealed with this desk's own key from now on.")
        self.ask(own_seal(self.context, self._port, on_done=lambda _print: self._changed(said)))

    def _withdraw(self) -> None:
        said = tr_noop("The authority is withdrawn.")
        self.ask(withdrawal(self.context, self.record.row, on_done=lambda _id: self._say(said)))

    def _say(self, text: str) -> None:
        self.context.notifications.show(text, tone="good")

    def _ask_path(self) -> None:
        dialog = QFileDialog(self, tr("Save the certificate"), "", "PEM (*.pem)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pem")
        dialog.selectFile(f"forecourt-{self.record.row.desk_code}.pem")
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
