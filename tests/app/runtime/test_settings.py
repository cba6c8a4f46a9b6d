import json
from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runtime import atomic_file
from app.runtime.errors import DiskFull
from app.runtime.paths import Profile
from app.runtime.settings import Settings, is_service_url, load_settings, save_settings, system_language
from tests.app.runtime.test_paths import refuse


def test_nothing_stored_means_defaults(profile: Profile) -> None:
    loaded = load_settings(profile)
    assert loaded.settings == Settings()
    assert loaded.set_aside is None
    assert loaded.refused == ()


def test_what_is_saved_comes_back(profile: Profile) -> None:
    chosen = Settings(
        language="zh_CN", theme="dark", scale=150, density="compact", desk_code="D2", service_url="https://centre:8443"
    )
    save_settings(profile, chosen)
    assert load_settings(profile).settings == chosen


def test_what_a_newer_version_wrote_is_kept(profile: Profile) -> None:
    profile.settings_path.write_text('{"theme": "light", "from_the_future": {"a": [1]}}')
    settings = load_settings(profile).settings
    save_settings(profile, replace(settings, theme="dark"))
    assert json.loads(profile.settings_path.read_text()) | {"theme": "dark"} == json.loads(
        profile.settings_path.read_text()
    )
    assert json.loads(profile.settings_path.read_text())["from_the_future"] == {"a": [1]}


def test_single_unusable_values_become_defaults_and_are_named(profile: Profile) -> None:
    profile.settings_path.write_text(
        json.dumps({"theme": "pink", "scale": True, "service_url": "javascript:1", "density": "compact"})
    )
    loaded = load_settings(profile)
    assert loaded.settings == Settings(density="compact")
    assert set(loaded.refused) == {"theme", "scale", "service_url"}


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe\x00", b"", b"[" * 100_000])
def test_a_damaged_file_is_set_aside_not_lost(profile: Profile, content: bytes) -> None:
    profile.settings_path.write_bytes(content)

    loaded = load_settings(profile)

    assert loaded.settings == Settings()
    assert loaded.set_aside is not None
    assert loaded.set_aside.read_bytes() == content
    assert load_settings(profile).set_aside is None


def test_a_second_damaged_file_does_not_replace_the_first(profile: Profile) -> None:
    asides = []
    for content in (b"{1", b"{2"):
        profile.settings_path.write_bytes(content)
        asides.append(load_settings(profile).set_aside)
    assert [one.read_bytes() for one in asides] == [b"{1", b"{2"]


def test_a_bad_value_is_never_written(profile: Profile) -> None:
    with pytest.raises(ValueError, match="theme"):
        save_settings(profile, Settings(theme="pink"))
    assert not profile.settings_path.exists()


def test_a_full_disk_keeps_the_old_settings(profile: Profile, monkeypatch) -> None:
    save_settings(profile, Settings(theme="dark"))
    monkeypatch.setattr(atomic_file.os, "fsync", refuse(28))
    with pytest.raises(DiskFull):
        save_settings(profile, Settings(theme="light"))
    assert load_settings(profile).settings.theme == "dark"


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.none(), st.booleans(), st.integers(), st.text()), max_size=4))
def test_any_json_object_loads_and_saves(tmp_path_factory, stored: dict) -> None:
    profile = Profile(tmp_path_factory.mktemp("desk"))
    profile.settings_path.write_text(json.dumps(stored))
    settings = load_settings(profile).settings
    save_settings(profile, settings)
    assert load_settings(profile).settings == settings


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8700", "https://centre.example/api", "http://[::1]:8700"])
def test_addresses_of_a_service(url: str) -> None:
    assert is_service_url(url)


@pytest.mark.parametrize(
    "url", ["centre", "ftp://centre", "http://", "http://user:pw@centre", "http://h:99999", "x" * 600, None, 7]
)
def test_what_is_no_address(url: object) -> None:
    assert not is_service_url(url)


@pytest.mark.parametrize(
    ("value", "expected"), [("zh_CN.UTF-8", "zh_CN"), ("zh", "zh_CN"), ("de_DE", "en"), ("C", "en")]
)
def test_the_system_decides_the_first_language(monkeypatch, value: str, expected: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", value)
    assert system_language() == expected
    assert Settings().spoken_language == expected
    assert Settings(language="en").spoken_language == "en"


def test_settings_cannot_be_changed_in_place() -> None:
    assert isinstance(Settings().unknown, MappingProxyType)
