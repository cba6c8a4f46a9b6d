"""`python -m app.tour.page_pictures --out DIR`: a picture of every page, in both languages and both themes."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.contracts.templates.in_force import clause_id, template_id
from app.runtime.language import LANGUAGES

if TYPE_CHECKING:
    from app.tour.hands import Hands
    from app.wiring.start import Application
    from ui.shell.main_window import MainWindow

LOGIN = "admin"
SETTLE_SECONDS = 1.2
_LABELLED = 9
_RARE = 48
_WITH_PANEL = frozenset(
    {
        "clauses", "costs", "custody", "inspections", "keys", "months", "orders", "places", "prices", "signing_keys",
        "templates", "transfers", "vehicles", "waiting",
    }
)  # fmt: skip
"""Pages that are pictured with a record open."""
_TABS = {
    "sync": ("refused", "conflicts", "replaced", "leases", "log", "history", "scopes", "repairs"),
    "headquarters": ("desks", "kept", "conflicts", "leases", "log"),
}
"""Lists of pages that are pictured too, each with its first row open."""
_FIRST: dict[str, dict[str, Any]] = {"sync": {"tab": "waiting"}, "headquarters": {"tab": "branches"}}
"""Pages that stay open from one look to the next, and what they begin with."""
_MORE: dict[str, dict[str, dict[str, Any]]] = {
    "clauses": {"writing": {"clause_id": clause_id("vehicle_sale.delivery.storage"), "open": "edit"}},
    "months": {"next": {"next": True}},
    "templates": {"writing": {"template_id": template_id("vehicle_sale"), "open": "edit"}},
}
"""Further views of pages: their names and what opens them."""


def main(arguments: list[str] | None = None) -> int:
    """Build a demo branch, open every page, keep small pictures; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m app.tour.page_pictures", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--only", nargs="+", metavar="PAGE", help="page keys; all without it")
    parser.add_argument("--login", default=LOGIN, help="as whom (default: %(default)s)")
    parser.add_argument("--scale", type=float, default=1.0, help="how large the demo branch is (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="forecourt-pictures-") as folder:
        _take(Path(folder), chosen.out.resolve(), only=set(chosen.only or ()), login=chosen.login, scale=chosen.scale)
    return 0


def _take(root: Path, out: Path, *, only: set[str], login: str, scale: float) -> None:
    from PySide6.QtWidgets import QApplication

    from app.demo import build_demo
    from app.runtime import secrets
    from app.runtime.paths import open_profile
    from app.tour.guided_sale import main_window, sign_in
    from app.tour.hands import Hands
    from app.wiring.ports import DEMO_PASSWORD, throwaway_passphrase
    from app.wiring.signing import give_signing_keys
    from app.wiring.start import Application

    qt = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(qt, QApplication)
    profile = open_profile(root).prepare()
    key = secrets.create_key_slots(profile, with_keyring=False, passphrase=throwaway_passphrase())
    application = Application(qt, profile, spoken="en")
    application.keeps_backups = False
    application.take_profile()
    try:
        application.desk.open(key)
        build_demo(application.desk.database, password=DEMO_PASSWORD, scale=scale)
        give_signing_keys(application.desk)
        hands = Hands(qt)
        application.show_first_window()
        for language in LANGUAGES:
            for scheme in ("light", "dark"):
                _look(application, language, scheme)
                hands.settle(SETTLE_SECONDS)
                _keep(application.window, out / f"sign-in-{_short(language)}-{scheme}.png")
        sign_in(application, hands, login=login, password=DEMO_PASSWORD)
        window = main_window(application)
        tell = _prepare(application, window)
        params = {"labels": {"unit_ids": _unit_ids(application)}, **_FIRST}
        keys = [spec.key for spec in window.pages.permitted() if not only or spec.key in only]
        for language in LANGUAGES:
            for scheme in ("light", "dark"):
                _look(application, language, scheme)
                for page in keys:
                    for view, opened in {"": params.get(page, {}), **_views(page)}.items():
                        window.toasts.clear()
                        window.pages.open(page, **opened)
                        tell()
                        hands.settle(SETTLE_SECONDS)
                        hands.wait(lambda: application.operations.settled(), f"{page} has its data")
                        _open_first(window, page, view)
                        hands.settle(0.3)
                        hands.wait(lambda: application.operations.settled(), f"{page} shows a record")
                        hands.settle(0.3)
                        tell()
                        hands.settle(0.1)
                        name = "-".join(part for part in (page, view, _short(language), scheme) if part)
                        _keep(window, out / f"{name}.png")
                        _leave(window)
        for language in LANGUAGES if not only or "sale" in only else ():  # last: a sale leaves its news on the pages
            _look(application, language, "light")
            _sell(window, hands, out=out, language=_short(language))
    finally:
        application.close()


def _prepare(application: "Application", window: "MainWindow") -> Callable[[], None]:
    """Something to look at on pages that begin empty: models of the demo branch to compare, and a centre."""
    from app.comparison.queries import trims_in_stock
    from app.contracts.keys.held_keys import signing_keys

    signing_keys().authority()
    trim_ids = application.desk.read(trims_in_stock)
    window.context.views.save("comparison", {"trim_ids": list(trim_ids)})
    return _connect(application, window)


def _connect(application: "Application", window: "MainWindow") -> Callable[[], None]:
    """Pages about the centre look at a scene instead of a service; what is returned tells how things stand there."""
    from app.inventory.queries import UnitFilter, list_units
    from app.tour.centre_scene import PicturedSync, arrange, status_of
    from app.tour.pictured_headquarters import PicturedHeadquarters
    from app.wiring.sync_link import shown
    from app.wiring.vehicle_leases import VehicleLeases
    from ui.headquarters.headquarters_page import HeadquartersPage
    from ui.sync.ports import StatusFeed
    from ui.sync.sync_page import SyncPage

    desk, specs = application.desk, window.pages.specs
    arrange(desk)
    feed = StatusFeed()
    feed.tell(status_of(desk))
    vins = [row.vin for row in desk.read(list_units, filter=UnitFilter(), limit=4).rows]
    leases = VehicleLeases(desk, None)  # type: ignore[arg-type]  # nobody presses anything
    sync, headquarters = PicturedSync(feed), PicturedHeadquarters(desk.clock.now(), vins)
    specs["sync"] = replace(specs["sync"], factory=lambda context: SyncPage(context, sync, leases))
    specs["headquarters"] = replace(
        specs["headquarters"], factory=lambda context: HeadquartersPage(context, headquarters)
    )

    def tell() -> None:
        feed.tell(status_of(desk))
        window.set_sync_status(shown(feed.latest))

    return tell


def _views(page: str) -> dict[str, dict[str, Any]]:
    """What is pictured of a page besides how it opens, by name."""
    return {tab: {"tab": tab} for tab in _TABS.get(page, ())} | _MORE.get(page, {})


def _leave(window: "MainWindow") -> None:
    """As it was before: no sheet in front, nothing selected."""
    from ui.kit.list_page import ListPage

    page = window.pages.current_page
    close = getattr(page, "close_sheet", None)
    if close is not None and getattr(page, "sheet", None) is not None:
        close()
    if isinstance(page, ListPage):
        page.table.clearSelection()


def _unit_ids(application: "Application") -> list[str]:
    """Some vehicles of the branch, for labels."""
    from app.inventory.queries import UnitFilter, list_units

    return [row.id for row in application.desk.read(list_units, filter=UnitFilter(), limit=_LABELLED).rows]


def _open_first(window: "MainWindow", key: str, view: str) -> None:
    """Select the first record, so that the panel shows what it can."""
    from ui.kit.list_page import ListPage

    page: Any = window.pages.current_page
    if view and key in _TABS:
        page.tabs[view].content.table.selectRow(0)
        return
    if view:
        return
    if key in _WITH_PANEL and isinstance(page, ListPage) and page.model.rows:
        page.table.select_id(page.model.rows[0].id)


def _sell(window: "MainWindow", hands: "Hands", *, out: Path, language: str) -> None:
    """A sale up to the customer's pen, with pictures of the offer and of the signing."""
    from app.tour.guided_sale import EARNEST, SIGNATURES, choose_customer, choose_vehicle
    from ui.sales.sale_page import SalePage
    from ui.sales.sale_state import Step

    window.pages.open("sale")
    page = window.pages.current_page
    assert isinstance(page, SalePage)
    choose_vehicle(page, hands)
    choose_customer(page, hands)
    hands.wait(lambda: page.offer.preview is not None, "the offer is calculated")
    hands.settle(SETTLE_SECONDS)
    window.toasts.clear()
    _keep(window, out / f"sale-offer-{language}-light.png")
    hands.click(page.offer.go)
    hands.wait(lambda: page.state.step == Step.PAYMENT, "the order is placed")
    hands.type(str(EARNEST), into=page.payment.form.editor("amount").focus_widget())
    hands.click(page.payment.go)
    hands.wait(lambda: page.state.step == Step.CONTRACT and page.contract.go.isEnabled(), "the contract is drafted")
    hands.click(page.contract.go)
    hands.wait(lambda: page.signing.ready_for("buyer"), "the customer can sign")
    hands.click(page.signing.clauses.boxes[0])
    hands.draw(page.signing.pad, SIGNATURES["buyer"])
    hands.settle(SETTLE_SECONDS)
    window.toasts.clear()
    _keep(window, out / f"sale-signing-{language}-light.png")
    window.pages.close_all()


def _look(application: object, language: str, scheme: str) -> None:
    from app.runtime.language import set_language
    from ui.kit.theme import Look

    set_language(language)
    application.theme.choose(Look(scheme=scheme))  # type: ignore[attr-defined]


def _short(language: str) -> str:
    return language.partition("_")[0]


def _keep(window: object, path: Path) -> None:
    """Save with 256 colours: small, and no dither on quiet surfaces."""
    import numpy as np
    from PySide6.QtGui import QImage

    picture = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)  # type: ignore[attr-defined]
    pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), picture.width())
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    table = _palette(colours, counts)
    nearest = np.abs(_channels(colours)[:, None, :] - _channels(table)[None, :, :]).sum(axis=2).argmin(axis=1)
    indexed = np.ascontiguousarray(nearest[places].reshape(pixels.shape).astype(np.uint8))
    small = QImage(indexed.data, picture.width(), picture.height(), picture.width(), QImage.Format.Format_Indexed8)
    small.setColorTable([int(colour) for colour in table])
    small.save(str(path), quality=0)


def _palette(colours: Any, counts: Any) -> Any:
    """The most frequent colours, and of the rare ones those that differ most: a dot keeps its colour."""
    import numpy as np

    chosen = np.argsort(-counts.astype(np.int64))[: 256 - _RARE]
    away = np.abs(_channels(colours)[:, None, :] - _channels(colours[chosen])[None, :, :]).sum(axis=2).min(axis=1)
    for _ in range(min(_RARE, len(colours) - len(chosen))):
        rare = int(away.argmax())
        chosen = np.append(chosen, rare)
        away = np.minimum(away, np.abs(_channels(colours) - _channels(colours[rare : rare + 1])).sum(axis=1))
    return colours[chosen]


def _channels(colours: Any) -> Any:
    """Packed colours as rows of red, green, blue."""
    return (colours[:, None].astype("int32") >> [16, 8, 0]) & 255


if __name__ == "__main__":
    sys.exit(main())
