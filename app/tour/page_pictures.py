"""`python -m app.tour.page_pictures --out DIR`: a picture of every page, in both languages and both themes."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.contracts.templates.in_force import clause_id, template_id
from app.runtime.language import LANGUAGES
from app.tour.few_colours import keep

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.tour.hands import Hands
    from app.wiring.start import Application
    from ui.shell.main_window import MainWindow

LOGIN = "admin"
THEMES = ("light", "dark")
SETTLE_SECONDS = 1.2
_LABELLED = 9
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
    parser.add_argument("--zoom", type=float, default=1.0, help="how large all is, 1 to 2 (default: %(default)s)")
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=LANGUAGES)
    parser.add_argument("--themes", nargs="+", choices=THEMES, default=THEMES)
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="forecourt-pictures-") as folder:
        _take(Path(folder), chosen)
    return 0


def _take(root: Path, chosen: argparse.Namespace) -> None:
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
    out, looks = chosen.out.resolve(), [(one, scheme) for one in chosen.languages for scheme in chosen.themes]
    try:
        application.desk.open(key)
        build_demo(application.desk.database, password=DEMO_PASSWORD, scale=chosen.scale)
        give_signing_keys(application.desk)
        hands = Hands(qt)
        application.show_first_window()
        for language, scheme in looks:
            _look(application, language, scheme, zoom=chosen.zoom)
            hands.settle(SETTLE_SECONDS)
            keep(application.window, out / f"sign-in-{_short(language)}-{scheme}.png")
        sign_in(application, hands, login=chosen.login, password=DEMO_PASSWORD)
        window = main_window(application)
        _size(application, window)
        tell = _prepare(application, window)
        permitted = [spec.key for spec in window.pages.permitted()]
        keys = [key for key in permitted if not chosen.only or key in chosen.only]
        states = _states(application, window, hands, root) if chosen.login == LOGIN else None
        for language, scheme in looks:
            _look(application, language, scheme, zoom=chosen.zoom)
            _picture_pages(application, window, hands, tell, keys=keys, out=out, ending=f"{_short(language)}-{scheme}")
            for name, shown, _shows in states(keys) if states is not None else ():
                hands.settle(0.4)
                tell()
                keep(shown, out / f"{name}-{_short(language)}-{scheme}.png")
                _leave(window)
        for language in chosen.languages if "sale" in keys else ():  # last: a sale leaves its news on the pages
            _look(application, language, "light", zoom=chosen.zoom)
            _sell(window, hands, out=out, language=_short(language))
    finally:
        application.close()


def _size(application: "Application", window: "MainWindow") -> None:
    """The smallest the window may be at a larger scale: there is the least room."""
    from ui.shell.main_window import MINIMUM

    if application.theme.look.scale > 1:
        window.resize(*(application.theme.px(side) for side in MINIMUM))


def _picture_pages(
    application: "Application", window: "MainWindow", hands: "Hands", tell: Callable[[], None], *, keys: list[str],
    out: Path, ending: str,
) -> None:  # fmt: skip
    """Every page as it opens, and its further views."""
    params = {"labels": {"unit_ids": _unit_ids(application)}, **_FIRST}
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
            keep(window, out / f"{'-'.join(part for part in (page, view, ending) if part)}.png")
            _leave(window)


def _states(
    application: "Application", window: "MainWindow", hands: "Hands", folder: Path
) -> "Callable[[list[str]], Iterator[tuple[str, QWidget, type[QWidget]]]]":
    """Writes the documents of the scene; what is returned goes through the further states of some pages."""
    from app.tour.contract_states import set_up, states_of

    stage = set_up(application, window, hands, folder)
    return lambda pages: states_of(stage, pages)


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
    keep(window, out / f"sale-offer-{language}-light.png")
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
    keep(window, out / f"sale-signing-{language}-light.png")
    window.pages.close_all()


def _look(application: object, language: str, scheme: str, *, zoom: float = 1.0) -> None:
    from app.runtime.language import set_language
    from ui.kit.theme import Look

    set_language(language)
    application.theme.choose(Look(scheme=scheme, scale=zoom))  # type: ignore[attr-defined]


def _short(language: str) -> str:
    return language.partition("_")[0]


if __name__ == "__main__":
    sys.exit(main())
