"""`python -m app.tour --out DIR`: play the guided sale on a throwaway profile and keep what it shows."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from app.runtime.language import LANGUAGES, tr


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when the contract is sealed and intact."""
    parser = argparse.ArgumentParser(
        prog="bootstrap.py tour", description="Play the guided sale and keep its pictures and the signed contract."
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where pictures and contract go")
    parser.add_argument("--language", choices=LANGUAGES, default="zh_CN", help="the language of the window")
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="the look of the window")
    chosen = parser.parse_args(arguments)
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="forecourt-tour-") as folder:
        return _play(Path(folder), chosen.out.resolve(), language=chosen.language, theme=chosen.theme)


def _play(profile_root: Path, out: Path, *, language: str, theme: str) -> int:
    from PySide6.QtWidgets import QApplication

    from app.runtime.paths import open_profile
    from app.runtime.settings import Settings, save_settings
    from app.tour.guided_sale import play
    from app.tour.hands import Hands, spare_the_platforms_excuses
    from app.wiring.start import Application

    spare_the_platforms_excuses()
    qt = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(qt, QApplication)
    profile = open_profile(profile_root).prepare()
    save_settings(profile, Settings(language=language, theme=theme))
    application = Application(qt, profile)
    application.keeps_backups = False
    application.take_profile()
    try:
        result = play(application, Hands(qt, folder=out), contract_to=out / "contract.pdf")
    finally:
        application.close()
    print(tr("Contract {number} is signed and sealed: {file}", number=result.contract_number, file=result.contract))
    print(tr("{n} pictures are in {folder}", n=len(result.pictures), folder=out))
    print(tr("The sale took {n} clicks beside typing and drawing.", n=result.clicks))
    return 0 if result.intact else 1


if __name__ == "__main__":
    sys.exit(main())
