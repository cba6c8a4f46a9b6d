"""Data to try everything on: the demo branch with two years of trade, or an empty branch to begin with."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.demo.build import DemoSummary, build_demo
    from app.demo.empty_branch import build_empty_branch

__all__ = ["DemoSummary", "build_demo", "build_empty_branch"]

_HOMES = {"DemoSummary": "build", "build_demo": "build", "build_empty_branch": "empty_branch"}


def __getattr__(name: str) -> Any:
    """The builders pull in every feature: only whoever builds pays for that."""
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"app.demo.{_HOMES[name]}"), name)
