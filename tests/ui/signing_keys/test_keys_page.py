"""The page of signing keys on a real desk: made, brought from an authority, revoked, given out."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from app.contracts.authorities.commands import KeepOutsideLists
from app.contracts.authorities.queries import AuthorityState, get_authority, list_authorities
from app.contracts.keys.held_keys import signing_keys
from app.contracts.keys.signing_keys import fingerprint_of
from app.runtime.language import set_language
from app.wiring.desk import Desk
from app.wiring.key_desk import KeyDesk
from tests.app.contracts import test_key_intake as bought
from tests.factories.outside_authority import PASSWORD, OutsideAuthority
from tests.ui.workplaces import Notes
from ui.kit.context import PageContext
from ui.signing_keys.key_form import KeyForm
from ui.signing_keys.keys_page import SigningKeysPage
from ui.signing_keys.ports import BroughtKey

Show, Settle = Callable[..., Any], Callable[[], None]


@pytest.fixture
def page(desk: Desk, context: PageContext, show: Show, settle: Settle) -> SigningKeysPage:
    """The page, opened on a desk that has not signed yet."""
    made = SigningKeysPage(context, KeyDesk(desk))
    context.operations.changes_published.connect(made.on_changes)
    show(made, 1232, 800)
    made.activate({})
    settle()
    return made


@pytest.fixture
def keyed(page: SigningKeysPage, settle: Settle) -> SigningKeysPage:
    """The desk has its keys, and they are in the panel."""
    assert page.offers("make")
    page.make()
    settle()
    page.table.select_id(page.model.rows[0].id)
    settle()
    return page


def test_keys_are_made_when_somebody_says_so(page: SigningKeysPage, settle: Settle) -> None:
    assert page.model.rowCount() == 0 and not signing_keys().are_made()
    assert page.context.actions.run("signing_keys.make")
    settle()
    assert signing_keys().are_made() and page.model.rowCount() == 1 and not page.offers("make")
    cells = [str(page.model.index(0, column).data()) for column in range(4)]
    assert cells[0] == "D01 (this desk)" and cells[2:] == ["Trusted", "2056-11-12"]


def test_a_bought_key_is_brought_with_its_mistakes_said_beside_the_fields(
    keyed: SigningKeysPage, settle: Settle, tmp_path: Path, desk: Desk, notifications: Notes
) -> None:
    path, chain = tmp_path / "seal.p12", tmp_path / "chain.p7b"
    path.write_bytes(bought.container(chain=()))
    above = (bought.MIDDLE, bought.ROOT)
    chain.write_bytes(b"".join(one.public_bytes(bought.serialization.Encoding.PEM) for one in above))
    assert keyed.context.actions.run("signing_keys.import")
    form = keyed.question
    assert isinstance(form, KeyForm)
    form.submit()
    assert form.form.cell("file").is_wrong and form.form.cell("passphrase").is_wrong, "nothing is asked without them"
    form.form.editor("file").choose(path)
    form.form.set_value("passphrase", "no")
    form.submit()
    assert form.form.value("passphrase") == "", "it leaves the form at once"
    settle()
    assert "does not open" in form.form.cell("passphrase").message()
    form.form.set_value("passphrase", bought.PASSWORD)
    form.submit()
    settle()
    assert "真实机构" in form.form.cell("further").message()
    form.form.editor("further").choose(chain)
    form.form.set_value("use", "authority")
    form.form.set_value("passphrase", bought.PASSWORD)
    form.submit()
    settle()
    assert form.form.cell("use").is_wrong
    form.form.set_value("use", "seal")
    form.form.set_value("passphrase", bought.PASSWORD)
    form.submit()
    settle()
    assert keyed.question is None and notifications.shown[-1][0] == "The key is taken in."
    detail = desk.read(get_authority, keyed.record.row.id)
    assert detail.seal.bought and keyed.record.seal == detail.seal, "the panel shows the new seal"
    assert not keyed.offers("revoke_seal"), "only its authority revokes a bought certificate"
    assert keyed.context.actions.run("signing_keys.own_seal")
    assert keyed.question is not None
    keyed.question.submit()
    settle()
    assert keyed.question is None and "own key from now on" in notifications.shown[-1][0]
    assert not keyed.record.seal.bought and keyed.offers("revoke_seal") and not keyed.offers("own_seal")


def test_the_seal_is_revoked_with_a_reason(keyed: SigningKeysPage, settle: Settle) -> None:
    assert keyed.context.actions.run("signing_keys.revoke_seal")
    assert keyed.question is not None
    keyed.question.submit()
    assert keyed.question.form.cell("reason").is_wrong
    keyed.question.form.set_value("reason", "keyCompromise")
    keyed.question.submit()
    settle()
    assert keyed.record.seal.revoked is not None and keyed.record.row.revoked == 1
    assert not keyed.offers("revoke_seal")


def test_the_certificate_is_given_out_for_whoever_verifies(
    keyed: SigningKeysPage, settle: Settle, tmp_path: Path
) -> None:
    path = tmp_path / "root.pem"
    keyed.export_to(path)
    settle()
    assert fingerprint_of(path.read_bytes()) == keyed.record.row.fingerprint
    assert b"PRIVATE" not in path.read_bytes() and "root.pem" in keyed.messages.text()


def test_it_speaks_chinese(keyed: SigningKeysPage, settle: Settle, desk: Desk) -> None:
    set_language("zh_CN")
    settle()
    assert str(keyed.model.index(0, 0).data()) == "D01（本机）"
    assert desk.read(list_authorities)[0].state.value == "trusted"
    assert str(keyed.model.index(0, 2).data()) == "受信任"


def said(page: SigningKeysPage) -> str:
    """Everything the panel says."""
    return "\n".join(label.text() for label in page.panel.findChildren(QLabel) if label.isVisible())


def test_what_a_bought_seals_authority_says_of_it_is_shown(keyed: SigningKeysPage, settle: Settle, desk: Desk) -> None:
    outside = OutsideAuthority("http://crl.example", now=bought.NOW)
    brought = BroughtKey(use="seal", name="seal.p12", content=outside.container(), passphrase=PASSWORD)
    KeyDesk(desk).take(brought)
    keyed.show_record(keyed.record.row.id)
    settle()
    assert "none yet" in said(keyed)
    ended = {"middle": (bought.NOW - timedelta(days=3), "cessationOfOperation")}
    for number, revoked in ((1, {}), (2, ended)):
        at = bought.NOW + timedelta(days=number)
        lists = [outside.list_of(name, revoked, at=at, number=number) for name in ("middle", "root")]
        pems = tuple(one.public_bytes(bought.serialization.Encoding.PEM) for one in lists)
        desk.dispatcher.execute(KeepOutsideLists(lists=pems), desk.actor)
        keyed.show_record(keyed.record.row.id)
        settle()
        assert ("is revoked" in said(keyed)) is bool(revoked) and "none yet" not in said(keyed)
        assert (keyed.record.row.state is AuthorityState.SEAL_REVOKED) is bool(revoked)
    assert "The certificate of “真实机构” is revoked: nothing is sealed with this key any more." in said(keyed)
    assert "No longer used" in said(keyed) and not keyed.offers("revoke_seal")
    set_language("zh_CN")
    try:
        settle()
        assert "“真实机构”的证书已被吊销" in said(keyed)
    finally:
        set_language("en")


def test_a_certificate_that_names_no_list_is_said_to(keyed: SigningKeysPage, settle: Settle, desk: Desk) -> None:
    KeyDesk(desk).take(
        BroughtKey(use="seal", name="seal.p12", content=bought.container(), passphrase=bought.PASSWORD)
    )  # fmt: skip
    keyed.show_record(keyed.record.row.id)
    settle()
    assert "names no revocation list" in said(keyed) and "the certificate names none" in said(keyed)
