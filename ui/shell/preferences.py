"""What the shell remembers for this desk: language, look, who signed in last, the window's place."""

import logging
from dataclasses import replace
from typing import Any, Protocol

from app.runtime.language import set_language
from app.runtime.paths import Profile
from app.runtime.settings import Settings, load_settings, save_settings
from ui.kit.theme import Look, Theme

log = logging.getLogger(__name__)


class Preferences(Protocol):
    """The desk's settings, and how to change some of them."""

    @property
    def settings(self) -> Settings: ...

    def change(self, **values: Any) -> None: ...


class MemoryPreferences:
    """Preferences for the length of a process."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()

    @property
    def settings(self) -> Settings:
        """The settings in use."""
        return self._settings

    def change(self, **values: Any) -> None:
        """Change some."""
        self._settings = replace(self._settings, **values)


class DeskPreferences(MemoryPreferences):
    """Preferences in the profile's settings file."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(load_settings(profile).settings)
        self._profile = profile

    def change(self, **values: Any) -> None:
        """Change some and keep them; a full or read-only disk is logged, never shown for a preference."""
        super().change(**values)
        try:
            save_settings(self._profile, self._settings)
        except Exception as error:
            if not hasattr(error, "code"):
                raise
            log.warning("preferences not kept: %s", type(error).__name__)


def look_of(settings: Settings) -> Look:
    """The look that these settings ask for; a scale of 0 leaves scaling to the system."""
    return Look(scheme=settings.theme, scale=max(100, settings.scale) / 100, density=settings.density)


def choose_language(preferences: Preferences, code: str) -> None:
    """Speak another language from now on."""
    preferences.change(language=code)
    set_language(code)


def choose_scheme(preferences: Preferences, look: Theme, scheme: str) -> None:
    """Light, dark, or what the system says."""
    preferences.change(theme=scheme)
    look.choose(replace(look.look, scheme=scheme))
