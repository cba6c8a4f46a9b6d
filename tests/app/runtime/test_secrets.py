import json
import os
import stat

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringLocked

from app.runtime import atomic_file, os_keyring, secrets
from app.runtime.device_secrets import forget_device_secret, read_device_secret, store_device_secret
from app.runtime.errors import (
    DiskFull,
    KeyringEntryMissing,
    KeyringUnavailable,
    KeySlotNotSet,
    KeySlotsDamaged,
    KeySlotsExist,
    KeySlotsMissing,
    PassphraseTooShort,
    WrongPassphrase,
    WrongRecoveryCode,
)
from app.runtime.paths import Profile
from app.runtime.recovery_code import new_recovery_code
from app.runtime.secrets import SlotKind
from tests.app.runtime.conftest import CHEAP, MemoryKeyring
from tests.app.runtime.test_paths import refuse

PASSPHRASE = "eleven blue ferries"


def everything_written(profile: Profile) -> bytes:
    return b"".join(one.read_bytes() for one in profile.root.rglob("*") if one.is_file())


def test_three_ways_to_one_key(profile: Profile, memory_keyring: MemoryKeyring) -> None:
    code = new_recovery_code()
    key = secrets.create_key_slots(profile, with_keyring=True, passphrase=PASSPHRASE, recovery_code=code, cost=CHEAP)

    assert len(key) == 32
    assert secrets.slots_of(profile) == set(SlotKind)
    assert secrets.unlock_with_keyring(profile) == key
    assert secrets.last_slot_used(profile).slot is SlotKind.KEYRING
    assert secrets.unlock_with_passphrase(profile, PASSPHRASE) == key
    assert secrets.last_slot_used(profile).slot is SlotKind.PASSPHRASE
    assert secrets.unlock_with_recovery_code(profile, code.lower().replace("-", " ")) == key
    assert secrets.last_slot_used(profile).slot is SlotKind.RECOVERY_CODE
    if os.name == "posix":
        assert stat.S_IMODE(profile.key_slots_path.stat().st_mode) == 0o600


def test_neither_key_nor_passphrase_is_ever_written(profile: Profile, memory_keyring: MemoryKeyring) -> None:
    code = new_recovery_code()
    key = secrets.create_key_slots(profile, with_keyring=True, passphrase=PASSPHRASE, recovery_code=code, cost=CHEAP)
    secrets.unlock_with_passphrase(profile, PASSPHRASE)
    store_device_secret(profile, key, name="service", value="device-key-7")

    written = everything_written(profile)
    for secret in (key, key.hex().encode(), PASSPHRASE.encode(), code.encode(), b"device-key-7"):
        assert secret not in written


def test_without_a_keyring_it_is_said_and_nothing_is_made(profile: Profile, no_keyring) -> None:
    assert isinstance(secrets.keyring_problem(), KeyringUnavailable)
    with pytest.raises(KeyringUnavailable) as caught:
        secrets.create_key_slots(profile, with_keyring=True, recovery_code=new_recovery_code(), cost=CHEAP)
    assert "passphrase" in caught.value.message()
    assert not profile.key_slots_path.exists()

    key = secrets.create_key_slots(profile, with_keyring=False, passphrase=PASSPHRASE, cost=CHEAP)
    assert secrets.unlock_with_passphrase(profile, PASSPHRASE) == key
    with pytest.raises(KeySlotNotSet):
        secrets.unlock_with_keyring(profile)


def test_a_plain_text_store_is_refused(use_keyring) -> None:
    class PlaintextKeyring(MemoryKeyring):
        __module__ = "keyrings.alt.file"

    use_keyring(PlaintextKeyring())
    with pytest.raises(KeyringUnavailable, match=r"keyrings\.alt"):
        os_keyring.put("account", "value")


def test_a_chain_is_searched_for_an_acceptable_store(use_keyring, monkeypatch) -> None:
    class PlaintextKeyring(MemoryKeyring):
        __module__ = "keyrings.alt.file"

    good = MemoryKeyring()
    monkeypatch.setattr(ChainerBackend, "backends", [PlaintextKeyring(), good])
    use_keyring(ChainerBackend())
    os_keyring.put("account", "value")
    assert list(good.entries.values()) == ["value"]


@pytest.mark.parametrize("broken", ["locked", "forgetful"])
def test_a_store_that_does_not_keep_is_noticed_at_once(profile: Profile, use_keyring, broken: str) -> None:
    class Broken(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            if broken == "locked":
                raise KeyringLocked("locked")

    use_keyring(Broken())
    with pytest.raises(KeyringUnavailable):
        secrets.create_key_slots(profile, with_keyring=True, passphrase=PASSPHRASE, cost=CHEAP)
    assert not profile.key_slots_path.exists()


def test_a_cleared_keyring_leads_to_the_other_slots(profile: Profile, memory_keyring: MemoryKeyring) -> None:
    key = secrets.create_key_slots(profile, with_keyring=True, passphrase=PASSPHRASE, cost=CHEAP)
    memory_keyring.entries.clear()
    with pytest.raises(KeyringEntryMissing):
        secrets.unlock_with_keyring(profile)

    secrets.put_key_in_keyring(profile, secrets.unlock_with_passphrase(profile, PASSPHRASE))
    assert secrets.unlock_with_keyring(profile) == key


@pytest.mark.parametrize("stored", ["", "zz", "ab", "00" * 32])
def test_a_foreign_keyring_entry_is_not_taken(profile: Profile, memory_keyring: MemoryKeyring, stored: str) -> None:
    secrets.create_key_slots(profile, with_keyring=True, passphrase=PASSPHRASE, cost=CHEAP)
    for name in memory_keyring.entries:
        memory_keyring.entries[name] = stored
    with pytest.raises(KeyringEntryMissing):
        secrets.unlock_with_keyring(profile)


def test_the_keyring_can_be_left(profile: Profile, memory_keyring: MemoryKeyring) -> None:
    secrets.create_key_slots(profile, with_keyring=True, passphrase=PASSPHRASE, cost=CHEAP)
    secrets.take_key_from_keyring(profile)
    secrets.take_key_from_keyring(profile)
    assert memory_keyring.entries == {}
    assert secrets.slots_of(profile) == {SlotKind.PASSPHRASE}


@pytest.mark.parametrize("typed", ["", "eleven blue ferrys", PASSPHRASE + " ", "x" * 1_000_000, "\ud800"])
def test_a_wrong_passphrase_opens_nothing(profile: Profile, typed: str) -> None:
    secrets.create_key_slots(profile, with_keyring=False, passphrase=PASSPHRASE, cost=CHEAP)
    with pytest.raises(WrongPassphrase) as caught:
        secrets.unlock_with_passphrase(profile, typed)
    assert caught.value.field == "passphrase"
    assert secrets.last_slot_used(profile) is None


def test_an_input_method_may_send_full_width_letters(profile: Profile) -> None:
    key = secrets.create_key_slots(profile, with_keyring=False, passphrase="blueferries11", cost=CHEAP)
    assert secrets.unlock_with_passphrase(profile, "ｂｌｕｅｆｅｒｒｉｅｓ１１") == key


def test_a_code_of_another_branch_is_told_from_a_mistyped_one(profile: Profile) -> None:
    secrets.create_key_slots(profile, with_keyring=False, recovery_code=new_recovery_code(), cost=CHEAP)
    with pytest.raises(WrongRecoveryCode):
        secrets.unlock_with_recovery_code(profile, new_recovery_code())
    with pytest.raises(KeySlotNotSet):
        secrets.unlock_with_passphrase(profile, PASSPHRASE)


def test_a_new_passphrase_or_code_replaces_the_old(profile: Profile) -> None:
    old_code, new_code = new_recovery_code(), new_recovery_code()
    key = secrets.create_key_slots(
        profile, with_keyring=False, passphrase=PASSPHRASE, recovery_code=old_code, cost=CHEAP
    )
    secrets.set_passphrase(profile, key, "another long one", cost=CHEAP)
    secrets.set_recovery_code(profile, key, new_code, cost=CHEAP)

    assert secrets.unlock_with_passphrase(profile, "another long one") == key
    assert secrets.unlock_with_recovery_code(profile, new_code) == key
    with pytest.raises(WrongPassphrase):
        secrets.unlock_with_passphrase(profile, PASSPHRASE)
    with pytest.raises(WrongRecoveryCode):
        secrets.unlock_with_recovery_code(profile, old_code)
    with pytest.raises(ValueError, match="another database"):
        secrets.set_passphrase(profile, os.urandom(32), "a third long one", cost=CHEAP)


def test_a_key_is_never_overwritten_and_never_without_a_second_way(profile: Profile) -> None:
    with pytest.raises(ValueError, match="passphrase or a recovery code"):
        secrets.create_key_slots(profile, with_keyring=True)
    with pytest.raises(PassphraseTooShort):
        secrets.create_key_slots(profile, with_keyring=False, passphrase="short", cost=CHEAP)
    secrets.create_key_slots(profile, with_keyring=False, passphrase=PASSPHRASE, cost=CHEAP)
    with pytest.raises(KeySlotsExist):
        secrets.create_key_slots(profile, with_keyring=False, passphrase=PASSPHRASE, cost=CHEAP)


def change(**changes: object):
    def apply(stored: dict) -> None:
        stored["wrapped"]["passphrase"].update(changes)

    return apply


DAMAGE = {
    "a huge memory": change(memory_kib=2**40),
    "no memory": change(memory_kib=1),
    "a forged cost": change(passes="3"),
    "another function": change(kdf="md5"),
    "not base64": change(salt="***"),
    "a short nonce": change(nonce="AAAA"),
    "no slots": lambda stored: stored.update(wrapped={}),
    "an unknown slot": lambda stored: stored["wrapped"].update(horoscope={}),
    "a list for a slot": lambda stored: stored["wrapped"].update(passphrase=[]),
    "a newer format": lambda stored: stored.update(format=2),
    "no identity": lambda stored: stored.pop("database_id"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_said_not_guessed(profile: Profile, damage: str) -> None:
    secrets.create_key_slots(profile, with_keyring=False, passphrase=PASSPHRASE, cost=CHEAP)
    stored = json.loads(profile.key_slots_path.read_text())
    DAMAGE[damage](stored)
    profile.key_slots_path.write_text(json.dumps(stored))
    with pytest.raises(KeySlotsDamaged) as caught:
        secrets.unlock_with_passphrase(profile, PASSPHRASE)
    assert str(profile.key_slots_path) in caught.value.message()


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_rubbish_in_place_of_the_file(profile: Profile, content: bytes) -> None:
    profile.key_slots_path.write_bytes(content)
    with pytest.raises(KeySlotsDamaged):
        secrets.slots_of(profile)


def test_a_missing_file_is_said(profile: Profile) -> None:
    with pytest.raises(KeySlotsMissing):
        secrets.unlock_with_keyring(profile)


def test_slots_cannot_be_swapped_between_databases(tmp_path) -> None:
    first, second = (Profile(tmp_path / name).prepare() for name in ("first", "second"))
    for profile in (first, second):
        secrets.create_key_slots(profile, with_keyring=False, passphrase=PASSPHRASE, cost=CHEAP)
    stored = json.loads(first.key_slots_path.read_text())
    stored["wrapped"] = json.loads(second.key_slots_path.read_text())["wrapped"]
    first.key_slots_path.write_text(json.dumps(stored))
    with pytest.raises(WrongPassphrase):
        secrets.unlock_with_passphrase(first, PASSPHRASE)


def test_a_full_disk_does_not_keep_people_out(profile: Profile, monkeypatch, caplog) -> None:
    key = secrets.create_key_slots(profile, with_keyring=False, passphrase=PASSPHRASE, cost=CHEAP)
    monkeypatch.setattr(atomic_file.os, "fsync", refuse(28))
    assert secrets.unlock_with_passphrase(profile, PASSPHRASE) == key
    assert "not recorded" in caplog.text
    with pytest.raises(DiskFull):
        secrets.set_passphrase(profile, key, "another long one", cost=CHEAP)
    assert secrets.unlock_with_passphrase(profile, PASSPHRASE) == key


def test_the_usual_cost_is_the_recommended_one(profile: Profile) -> None:
    secrets.create_key_slots(profile, with_keyring=False, passphrase=PASSPHRASE)
    stored = json.loads(profile.key_slots_path.read_text())["wrapped"]["passphrase"]
    assert (stored["passes"], stored["memory_kib"], stored["lanes"]) == (3, 65536, 4)


def test_device_secrets_open_with_this_database_only(profile: Profile) -> None:
    key = os.urandom(32)
    assert read_device_secret(profile, key, name="service") is None
    store_device_secret(profile, key, name="service", value="第一")
    store_device_secret(profile, key, name="token", value="t")

    assert read_device_secret(profile, key, name="service") == "第一"
    assert read_device_secret(profile, os.urandom(32), name="service") is None
    forget_device_secret(profile, name="service")
    forget_device_secret(profile, name="service")
    assert read_device_secret(profile, key, name="service") is None
    assert read_device_secret(profile, key, name="token") == "t"


@pytest.mark.parametrize("content", ["{", "[]", '{"service": 7}', '{"service": "*"}', '{"service": "AAAA"}'])
def test_damaged_device_secrets_mean_enrolling_again(profile: Profile, content: str) -> None:
    profile.device_secrets_path.write_text(content)
    assert read_device_secret(profile, bytes(32), name="service") is None
    store_device_secret(profile, bytes(32), name="service", value="new")
    assert read_device_secret(profile, bytes(32), name="service") == "new"


def test_a_backend_that_fails_to_load_is_unavailable(monkeypatch) -> None:
    import keyring

    def fail() -> KeyringBackend:
        raise ImportError("no such backend")

    monkeypatch.setattr(keyring, "get_keyring", fail)
    assert "no such backend" in secrets.keyring_problem().message()
