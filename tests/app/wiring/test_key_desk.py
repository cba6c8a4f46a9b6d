"""The desk's side of the keys' page: a bought key is taken in, noted, warned about before it ends."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.contracts.authorities.commands import RevokeCertificate, WarnOfEndingKeys, WithdrawAuthority
from app.contracts.authorities.queries import (
    AuthorityDetail,
    AuthorityState,
    count_authorities,
    get_authority,
    has_keys,
    list_authorities,
)
from app.contracts.authorities.watch import keys_end_unwarned
from app.contracts.keys.errors import KeyAlreadyUsed, KeyPassphraseWrong
from app.contracts.keys.held_keys import use_signing_keys
from app.contracts.keys.signing_keys import certificate_of, create_authority, fingerprint_of
from app.kernel.clock import FixedClock
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor
from app.runtime.paths import Profile
from app.tasks.queries import list_tasks
from app.wiring.desk import Desk
from app.wiring.key_desk import KeyDesk
from app.wiring.signing import give_signing_keys
from db.capture import Author
from db.models.contracts import SigningAuthority
from tests.app.contracts import test_key_intake as bought
from tests.factories.databases import KEY
from ui.signing_keys.ports import BroughtKey


@pytest.fixture
def desk(database_template: Path, tmp_path: Path, administrator: Actor) -> Iterator[Desk]:
    """An open desk that may sign, on the day the bought certificates count from."""
    profile = Profile(tmp_path / "profile").prepare()
    shutil.copyfile(database_template, profile.database_path)
    profile.key_slots_path.write_text("{}", encoding="utf-8")
    opened = Desk(profile, clock=FixedClock(bought.NOW))
    opened.open(KEY)
    opened.take_seat(administrator)
    give_signing_keys(opened)
    yield opened
    use_signing_keys(None)
    opened.close()


def own(desk: Desk) -> AuthorityDetail:
    found: AuthorityDetail = desk.read(get_authority, desk.read(list_authorities)[0].id)
    return found


def brought(**changes: object) -> BroughtKey:
    given = BroughtKey(use="seal", name="seal.p12", content=bought.container(), passphrase=bought.PASSWORD)
    return replace(given, **changes)  # type: ignore[arg-type]


def test_asking_makes_no_keys(desk: Desk) -> None:
    assert not desk.read(has_keys) and desk.read(list_authorities) == () and not desk.read(keys_end_unwarned)
    assert not desk.read(has_keys), "looking at the page signs nothing"
    KeyDesk(desk).make()
    assert desk.read(has_keys) and desk.read(count_authorities) == 1
    shown = own(desk)
    assert shown.row.own and shown.row.state is AuthorityState.TRUSTED and shown.actions == ("revoke_seal",)
    assert shown.seal is not None and not shown.seal.bought and shown.list_until is not None
    assert shown.certificate.algorithm == "ECDSA P-256" and len(shown.certificate.spelled_fingerprint.split()) == 16
    assert fingerprint_of(shown.certificate.pem) == shown.row.fingerprint


def test_a_bought_seal_is_taken_in_noted_and_published(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    port = KeyDesk(desk)
    with pytest.raises(KeyPassphraseWrong):
        port.take(brought(passphrase="falsch"))
    assert not desk.read(has_keys), "a wrong password leaves everything as it was"
    port.take(brought())
    shown = own(desk)
    assert shown.seal is not None and shown.seal.bought and shown.actions == ("own_seal",)
    assert (shown.seal.certificate.subject, shown.seal.certificate.above) == ("上海车行", ("真实机构", "真实机构根"))
    assert desk.read(count_authorities) == 2, "its root is made known to the other desks"
    with pytest.raises(KeyAlreadyUsed):
        port.take(brought())
    with desk.database.read() as session:
        audited = session.connection().exec_driver_sql("SELECT * FROM audit_entry").all()
    text = "".join(str(row) for row in audited)
    assert "上海车行" in text or fingerprint_of(shown.seal.certificate.pem) in text
    assert bought.PASSWORD not in text + caplog.text + repr(brought())
    for path in desk.profile.root.rglob("*"):
        if path.is_file():
            assert bought.PASSWORD.encode() not in path.read_bytes()


def test_a_bought_seal_is_given_up_for_a_key_of_the_desks_own(desk: Desk, salesperson: Actor) -> None:
    port, seated = KeyDesk(desk), desk.actor
    port.take(brought())
    bought_print = own(desk).seal.certificate.fingerprint  # type: ignore[union-attr]
    desk.take_seat(salesperson)
    with pytest.raises(PermissionDenied):
        port.seal_with_own()
    desk.take_seat(seated)
    fingerprint = port.seal_with_own()
    shown = own(desk)
    assert shown.seal is not None and not shown.seal.bought and shown.actions == ("revoke_seal",)
    assert shown.seal.certificate.fingerprint == fingerprint != bought_print
    with pytest.raises(KeyAlreadyUsed):
        port.seal_with_own()
    give_signing_keys(desk)
    assert own(desk).seal == shown.seal, "it is kept at the desk"


def test_somebody_who_may_not_takes_no_key(desk: Desk, salesperson: Actor) -> None:
    desk.take_seat(salesperson)
    for call in (lambda: KeyDesk(desk).take(brought()), KeyDesk(desk).make, lambda: desk.read(list_authorities)):
        with pytest.raises(PermissionDenied):
            call()
    assert desk.read(keys_end_unwarned) is False


def test_the_administrators_are_told_before_a_bought_certificate_ends(desk: Desk) -> None:
    KeyDesk(desk).take(brought())
    assert not desk.read(keys_end_unwarned)
    clock = desk.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=320))
    assert desk.read(keys_end_unwarned)
    desk.dispatcher.execute(WarnOfEndingKeys(), desk.actor)
    assert not desk.read(keys_end_unwarned)
    (task,) = desk.read(list_tasks, kind="signing_key_ending")
    assert "上海车行" in task.text and "2027-11-20" in task.text and task.record_id == own(desk).row.id
    assert own(desk).seal.ends_soon  # type: ignore[union-attr]
    renewed = bought.certified("上海车行", bought.SEAL_KEY, issuer="真实机构", by=bought.MIDDLE_KEY, days=900)
    middle = bought.certified("真实机构", bought.MIDDLE_KEY, issuer="真实机构根", by=bought.ROOT_KEY, ca=True, days=900)
    root = bought.certified("真实机构根", bought.ROOT_KEY, issuer="真实机构根", by=bought.ROOT_KEY, ca=True, days=900)
    KeyDesk(desk).take(brought(content=bought.container(renewed, chain=(middle, root))))
    assert desk.read(list_tasks, kind="signing_key_ending") == ()


def test_a_revoked_seal_and_a_lost_desk_show_as_such(desk: Desk) -> None:
    KeyDesk(desk).make()
    desk.dispatcher.execute(RevokeCertificate(reason="keyCompromise"), desk.actor)
    shown = own(desk)
    assert shown.seal is not None and shown.seal.revoked is not None
    assert shown.actions == () and shown.row.revoked == 1
    lost = create_authority(organisation="杭州车行", now=bought.NOW)
    actor = desk.actor
    author = Author(actor.staff_id, actor.branch_id, actor.desk_code)
    with desk.database.transaction(now=bought.NOW, author=author) as transaction:
        row = SigningAuthority(
            branch_id=desk.actor.branch_id, desk_code="D09", fingerprint=lost.fingerprint(),
            certificate_pem=lost.certificate_pem.decode("ascii"), revocation_list="",
        )  # fmt: skip
        transaction.session.add(row)
        transaction.commit(name="PublishSigningAuthority")
        lost_id = row.id
    first, second = desk.read(list_authorities)
    assert first.own and second.id == lost_id and certificate_of(lost.certificate_pem)
    detail = desk.read(get_authority, lost_id)
    assert detail.seal is None and detail.actions == ("withdraw",)
    desk.dispatcher.execute(
        WithdrawAuthority(authority_id=lost_id, expected_revision=second.revision, reason="keyCompromise"), desk.actor
    )
    detail = desk.read(get_authority, lost_id)
    assert detail.row.state is AuthorityState.WITHDRAWN and detail.actions == ()
