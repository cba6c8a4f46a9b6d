"""What one desk prefers: a small JSON file beside the database, never anything secret or shared."""

import json
import locale
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from app.runtime.atomic_file import environment_problem, write_atomically
from app.runtime.language import CHINESE, ENGLISH, LANGUAGES
from app.runtime.paths import Profile

SYSTEM = "system"
THEMES: tuple[str, ...] = (SYSTEM, "light", "dark")
DENSITIES: tuple[str, ...] = ("comfortable", "compact")
SCALES: tuple[int, ...] = (0, 100, 125, 150, 175, 200)
_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One desk's preferences; change them with `dataclasses.replace` and `save_settings`.

    `scale` is in per cent, 0 follows the system; `lock_minutes` 0 never locks by itself; `scanner_gap_ms` is the
    longest pause between two keys of a scanner; `prefetch_pictures` fetches small pictures before anybody looks;
    `code_way` is how one-time codes are sent ("file", "console", "smtp"; empty: by mail where a server is named);
    `mail_…` is the server that sends one-time codes (its password is a secret of the device), none without a host;
    `unknown` holds what a newer version wrote and is kept.
    """

    language: str = SYSTEM
    theme: str = SYSTEM
    scale: int = 0
    density: str = "comfortable"
    lock_minutes: int = 10
    last_staff_id: str = ""
    branch_id: str = ""
    desk_code: str = ""
    service_url: str = ""
    window: str = ""
    scanner_gap_ms: int = 35
    prefetch_pictures: bool = False
    code_way: str = ""
    mail_host: str = ""
    mail_port: int = 587
    mail_security: str = "starttls"
    mail_user: str = ""
    mail_sender: str = ""
    unknown: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def spoken_language(self) -> str:
        """The language to start in: the chosen one, else the system's."""
        return system_language() if self.language == SYSTEM else self.language


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """What was read, and what could not be used: refused names, or the copy of a damaged file."""

    settings: Settings
    refused: tuple[str, ...] = ()
    set_aside: Path | None = None


def load_settings(profile: Profile) -> LoadedSettings:
    """The desk's settings; defaults where nothing is stored.

    A damaged file is copied aside and replaced by defaults; a single unusable value becomes its default and
    its name is reported. Raises ProfileReadOnly or DiskFailing where the file cannot be read at all.
    """
    path = profile.settings_path
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return LoadedSettings(Settings())
    except OSError as error:
        raise environment_problem(error, folder=profile.root) from error
    try:
        stored = json.loads(raw.decode("utf-8"))
        if not isinstance(stored, dict):
            raise ValueError("not an object")
    except (ValueError, RecursionError):
        copy = _free_name(path)
        write_atomically(copy, raw)
        path.unlink(missing_ok=True)
        return LoadedSettings(Settings(), set_aside=copy)
    return _validated(stored)


def save_settings(profile: Profile, settings: Settings) -> None:
    """Write the settings, whole or not at all. Raises ValueError for a value `load_settings` would refuse."""
    known = {name: getattr(settings, name) for name in _ACCEPTS}
    for name, value in known.items():
        if not _ACCEPTS[name](value):
            raise ValueError(f"setting {name} cannot be {value!r}")
    content = json.dumps({**settings.unknown, **known}, ensure_ascii=False, indent=2, sort_keys=True)
    write_atomically(profile.settings_path, content.encode("utf-8") + b"\n")


def system_language() -> str:
    """The application's language that suits the user's system."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return CHINESE if value.lower().startswith("zh") else ENGLISH
    name = (locale.getlocale()[0] or "").lower()
    return CHINESE if name.startswith(("zh", "chinese")) else ENGLISH


def is_service_url(value: object) -> bool:
    """Whether `value` is "" (no service) or the address of one: http or https with a host, no credentials."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        return False
    if not value:
        return True
    try:
        parts = urlsplit(value)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        return False
    no_credentials = "@" not in parts.netloc
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port_is_good and no_credentials


def _validated(stored: dict[str, Any]) -> LoadedSettings:
    good: dict[str, Any] = {}
    refused: list[str] = []
    for name, accepts in _ACCEPTS.items():
        if name not in stored:
            continue
        if accepts(stored[name]):
            good[name] = stored[name]
        else:
            refused.append(name)
    unknown = MappingProxyType({name: value for name, value in stored.items() if name not in _ACCEPTS})
    return LoadedSettings(Settings(**good, unknown=unknown), refused=tuple(refused))


def _free_name(path: Path) -> Path:
    for number in range(1, 1000):
        candidate = path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")
        if not candidate.exists():
            return candidate
    return path.with_name(f"{path.stem}.damaged{path.suffix}")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT


def _is_desk_code(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 12 and (not value or (value.isascii() and value.isalnum()))


def _one_of(*allowed: object) -> Callable[[object], bool]:
    return lambda value: any(type(value) is type(one) and value == one for one in allowed)


_ACCEPTS: dict[str, Callable[[object], bool]] = {
    "language": _one_of(SYSTEM, *LANGUAGES),
    "theme": _one_of(*THEMES),
    "scale": _one_of(*SCALES),
    "density": _one_of(*DENSITIES),
    "lock_minutes": lambda value: type(value) is int and 0 <= value <= 480,
    "last_staff_id": _is_text,
    "branch_id": _is_text,
    "desk_code": _is_desk_code,
    "service_url": is_service_url,
    "window": lambda value: isinstance(value, str) and len(value) <= 20_000,
    "prefetch_pictures": lambda value: type(value) is bool,
    "code_way": _one_of("", "file", "console", "smtp"),
    "mail_host": _is_text,
    "mail_port": lambda value: type(value) is int and 0 < value < 65536,
    "mail_security": _one_of("starttls", "tls", "plain"),
    "mail_user": _is_text,
    "mail_sender": _is_text,
    "scanner_gap_ms": lambda value: type(value) is int and 5 <= value <= 200,
}
assert set(_ACCEPTS) | {"unknown"} == {one.name for one in fields(Settings)}
