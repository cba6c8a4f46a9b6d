"""A phone: Chromium without a window, at a phone's size, with a finger. Its pictures go to `FORECOURT_PICTURES`."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Page, sync_playwright
from PySide6.QtWidgets import QApplication

from app.runtime.resources import resource_path
from bootstrap import BROWSERS

T = TypeVar("T")
Size = tuple[int, int]
SIZE: Size = (390, 844)
STROKES = (
    ((40, 70), (70, 30), (95, 110), (120, 40), (150, 90), (185, 45), (210, 95)),
    ((230, 50), (255, 105), (280, 60), (300, 100), (120, 118), (310, 112)),
)
_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{fonts}</dir>' \
    "<cachedir>{cache}</cachedir></fontconfig>"  # fmt: skip


class Browsing:
    """A browser on a thread of its own: its loop would stand in the way of others on this one. The application goes on
    while it is waited for."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "browser")
        self._browser: Browser | None = None

    def do(self, work: Callable[[], T]) -> T:
        """Have the browser's thread do something."""
        done = self._thread.submit(work)
        while not done.done():
            QApplication.processEvents()
            time.sleep(0.005)
        return done.result()

    def start(self, folder: Path) -> None:
        """Fails where no browser is installed (the bootstrap brings one)."""
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        assert found is not None, "no Chromium: `python bootstrap.py test` installs one"
        fonts = folder / "fonts.conf"
        fonts.write_text(_FONTS.format(fonts=resource_path("fonts"), cache=folder / "font-cache"), encoding="utf-8")

        def launch() -> None:
            self._playwright = sync_playwright().start()
            self._browser = self._playwright.chromium.launch(
                executable_path=found, args=["--no-sandbox", "--disable-gpu"],
                env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
            )  # fmt: skip

        self.do(launch)

    def stop(self) -> None:
        """The browser and its thread."""

        def end() -> None:
            if self._browser is not None:
                self._browser.close()
            self._playwright.stop()

        self.do(end)
        self._thread.shutdown()

    def page(self, locale: str, *, dark: bool, size: Size) -> Page:
        """A page of a phone; only for the browser's thread."""
        assert self._browser is not None
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]}, device_scale_factor=2, is_mobile=True, has_touch=True,
            locale=locale, color_scheme="dark" if dark else "light", ignore_https_errors=True,
        )  # fmt: skip
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page


@contextmanager
def browsing(folder: Path) -> Iterator[Browsing]:
    """A browser while it is needed."""
    running = Browsing()
    running.start(folder)
    yield running
    running.stop()


class Phone:
    """One phone that speaks a language. `complaints` is what its console said was wrong."""

    def __init__(self, browsing: Browsing, locale: str, *, dark: bool = False, size: Size = SIZE) -> None:
        self._browsing = browsing
        self.complaints: list[str] = []
        self._page = browsing.do(lambda: self._listening(browsing.page(locale, dark=dark, size=size)))

    def _listening(self, page: Page) -> Page:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        # One for as long as the page is there: when it ends, the browser drops the next touch.
        self._touch = page.context.new_cdp_session(page)
        return page

    def close(self) -> None:
        """Put the phone away, with its connections."""
        self.on_page(lambda page: page.context.close())

    def on_page(self, work: Callable[[Page], T]) -> T:
        """Do something with the page."""
        return self._browsing.do(lambda: work(self._page))

    def open(self, address: str, code: str) -> None:
        """Scan the QR code and enter what is told at the desk."""
        self.on_page(lambda page: page.goto(address))
        self.enter(code)

    def enter(self, code: str) -> None:
        """Enter the code, and wait for what comes of it."""

        def enter(page: Page) -> None:
            page.fill("#code", code)
            with page.expect_navigation():
                page.tap("#enter button")

        self.on_page(enter)

    def tap(self, selector: str) -> None:
        """With a finger."""
        self.on_page(lambda page: page.tap(selector))

    def fill(self, selector: str, text: str) -> None:
        self.on_page(lambda page: page.fill(selector, text))

    def reload(self) -> None:
        self.on_page(lambda page: page.reload())

    def offline(self, *, is_so: bool = True) -> None:
        """The phone loses its network, or has it again."""
        self.on_page(lambda page: page.context.set_offline(is_so))

    def read_on(self) -> None:
        """Press what leads to the next thing, until everything has been read."""

        def read(page: Page) -> None:
            for _press in range(60):
                if not page.locator("[data-left=read]").is_visible():
                    return
                page.tap("#next")
                page.wait_for_timeout(100)
            raise AssertionError("the end of the document was never reached")

        self.on_page(read)

    def tick(self, numbers: Sequence[int] | None = None) -> int:
        """Tick clauses, all or those; returns how many there are."""

        def tick(page: Page) -> int:
            boxes = page.locator("[data-clause]")
            for number in range(boxes.count()) if numbers is None else numbers:
                boxes.nth(number).tap()
            return boxes.count()

        return self.on_page(tick)

    def ticked(self) -> list[bool]:
        """Which clauses are ticked."""
        return self.on_page(lambda page: [box.is_checked() for box in page.locator("[data-clause]").all()])

    def draw(self, strokes: Sequence[Sequence[tuple[int, int]]] = STROKES, *, where_it_is: bool = False) -> None:
        """With a finger that presses more and less; the pad comes to the middle first, unless it is to stay."""

        def draw(page: Page) -> None:
            pad = page.locator("#pad")
            if not where_it_is:
                pad.evaluate("(pad) => pad.scrollIntoView({block: 'center'})")
            box = pad.bounding_box()
            assert box is not None
            for stroke in strokes:
                for number, (x, y) in enumerate(stroke):
                    place = {"x": box["x"] + x, "y": box["y"] + y, "force": 0.2 + 0.1 * (number % 7), "id": 1}
                    kind = "touchMove" if number else "touchStart"
                    self._touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
                self._touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

        self.on_page(draw)

    def wait_for(self, text: str) -> None:
        """Until these words are seen."""
        self.on_page(lambda page: page.get_by_text(text, exact=False).locator("visible=true").first.wait_for())

    def wait_gone(self, selector: str) -> None:
        """Until there is no such thing."""
        self.on_page(lambda page: page.locator(selector).first.wait_for(state="detached"))

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page."""
        return self.on_page(lambda page: page.evaluate(expression))

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep what is seen, where pictures are asked for."""
        folder = os.environ.get("FORECOURT_PICTURES")
        if folder:
            self.ask("Promise.all([...document.images].map((one) => one.decode()))")
            shown = self.on_page(lambda page: page.screenshot(full_page=whole))
            (Path(folder) / f"{name}.png").write_bytes(shown)

    def overflow(self) -> int:
        """Pixels by which the page is wider than the phone."""
        return int(self.ask("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
