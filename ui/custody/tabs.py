"""The three pages of custody, one beside the other: a row of tabs in each of their headers."""

from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Choice, Segmented
from ui.kit.page import Page

CERTIFICATES, KEYS, PLACES = "custody", "keys", "places"


def add_tabs(page: Page, context: PageContext, here: str) -> Segmented:
    """Put the tabs into a page's header; choosing one opens its page."""
    tabs = Segmented(
        [
            Choice(CERTIFICATES, tr_noop("Certificates")),
            Choice(KEYS, tr_noop("Car keys")),
            Choice(PLACES, tr_noop("Places")),
        ],
        name=tr_noop("Certificates, keys, places"),
    )
    tabs.set_value(here)

    def go(chosen: str) -> None:
        tabs.set_value(here)
        if chosen != here:
            context.navigator.open(chosen)

    tabs.chosen.connect(go)
    layout = page.header.layout()
    assert layout is not None
    layout.insertWidget(1, tabs)  # type: ignore[attr-defined]
    return tabs
