"""How views were left, in one small JSON file beside the settings. Nothing about customers is in it."""

import json
from pathlib import Path
from typing import Any


class FileViewSettings:
    """`ViewSettings` in a file. An unreadable file counts as empty: views are never worth an error."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._states: dict[str, Any] | None = None

    def load(self, key: str) -> dict[str, Any] | None:
        """The state saved under a key, or None."""
        return self._all().get(key)

    def save(self, key: str, state: dict[str, Any]) -> None:
        """Keep a state; written at once, whole, by replacing the file."""
        states = self._all()
        if not key or states.get(key) == state:
            return
        states[key] = state
        fresh = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(states, ensure_ascii=False), encoding="utf-8")
            fresh.replace(self._file)
        except OSError:
            fresh.unlink(missing_ok=True)

    def _all(self) -> dict[str, Any]:
        if self._states is None:
            try:
                read = json.loads(self._file.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                read = {}
            self._states = read if isinstance(read, dict) else {}
        return self._states


class MemoryViewSettings:
    """`ViewSettings` for the length of a process."""

    def __init__(self) -> None:
        self._states: dict[str, Any] = {}

    def load(self, key: str) -> dict[str, Any] | None:
        """The state saved under a key, or None."""
        return self._states.get(key)

    def save(self, key: str, state: dict[str, Any]) -> None:
        """Keep a state."""
        self._states[key] = state
