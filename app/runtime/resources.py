"""The program's own files (icons, fonts, texts, reference data), from the source tree or an installed build."""

import json
import sys
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from app.runtime.errors import ResourceMissing


def resource_root() -> Path:
    """The `resources` folder: beside the source, or where the packaged program unpacked it."""
    bundle = getattr(sys, "_MEIPASS", None)
    base = Path(bundle) if bundle else Path(__file__).resolve().parents[2]
    return base / "resources"


def resource_path(relative: str) -> Path:
    """The path of `relative` ("icons/car.svg"), always with forward slashes.

    Raises ValueError for a name that leaves the folder (a bug, or an attack through data), and
    ResourceMissing where there is no such file or folder.
    """
    name = PurePosixPath(relative)
    if not relative or name.is_absolute() or ".." in name.parts or "\\" in relative or ":" in relative:
        raise ValueError(f"not a name inside the resources: {relative!r}")
    root = resource_root()
    path = root.joinpath(*name.parts)
    if not path.exists():
        raise ResourceMissing(name=relative)
    if not path.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"not a name inside the resources: {relative!r}")
    return path


@lru_cache(maxsize=256)
def load_json(relative: str) -> Any:
    """The parsed content of a JSON resource, read once and shared: callers never change it.

    Raises ResourceMissing where the file is absent or not JSON.
    """
    try:
        return json.loads(resource_path(relative).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ResourceMissing(name=relative) from error
