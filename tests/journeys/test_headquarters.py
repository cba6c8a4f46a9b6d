"""An administrator's hour at headquarters: signing in, a desk let in, shut out, and what it still sent.

Real windows, a real service in a process of its own, and somebody at a browser who fills in its pages.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from app.customers.commands import CreateCustomer
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from sync.server.devices import DEFAULT_TENANT
from tests.factories.people import PASSWORD
from tests.journeys.centre import Centre
from tests.journeys.test_two_desks import connect, do, in_step, sync_page
from tests.sync.browser import PASSWORD as OWN_PASSWORD
from tests.sync.browser import Browser, add_person
from ui.headquarters.headquarters_page import BRANCHES, DESKS, KEPT, LOG, HeadquartersPage
from ui.headquarters.questions import RemoteForm

Start = Callable[..., Application]
ADMINISTRATOR, MANAGER = "admin", "zhaomin"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A service of this test's own."""
    with Centre(tmp_path / "service") as running:
        yield running


class Person:
    """Somebody at the browser that the desk opens: signs in on the service's pages and follows the way back."""

    def __init__(self, url: str, code: str) -> None:
        self.browser, self._code = Browser(url, DEFAULT_TENANT), code
        self.came_back = ""
        self._threads: list[Thread] = []

    def open(self, address: str) -> bool:
        """The desk opens a page; the person takes it from there."""
        self._threads.append(Thread(target=self._sign_in, args=(address,)))
        self._threads[-1].start()
        return True

    def _sign_in(self, address: str) -> None:
        self.browser.open_address(address)
        if self.browser.totp is None:
            self.browser.set_up("zhou.tao", self._code)
            self.browser.fill()
        else:
            self.browser.fill(login="zhou.tao", password=OWN_PASSWORD)
            self.browser.fill(digits=self.browser.next_digits())
        self.came_back = httpx.get(self.browser.page.headers["location"], trust_env=False).text

    def close(self) -> None:
        for thread in self._threads:
            thread.join(20)
        self.browser.close()


@pytest.fixture
def person(centre: Centre) -> Iterator[Person]:
    made = Person(centre.url, add_person(centre.store, DEFAULT_TENANT, "zhou.tao"))
    yield made
    made.close()


def headquarters(application: Application, person: Person) -> HeadquartersPage:
    """The page, in front; its browser is the person's."""
    window = main_window(application)
    window.pages.open("headquarters")
    found = window.pages.current_page
    assert isinstance(found, HeadquartersPage)
    found._port.open_page = person.open  # type: ignore[attr-defined]
    return found


def rows(page: HeadquartersPage) -> list[list[str]]:
    model = page.content.model
    return [model.texts_of(line) for line in range(len(model.rows))]


def choose(page: HeadquartersPage, hands: Hands, tab: str, where: Callable[[Any], bool]) -> Any:
    """Open a list, wait for a row, and select it."""
    page.show_tab(tab)

    def found() -> Any:
        return next((row for row in page.content.model.rows if where(row)), None)

    row = hands.wait(found, f"the row is in the list {tab}")
    page.content.table.select_id(row.id)
    hands.settle()
    return row


def answer(page: HeadquartersPage, hands: Hands, action: str, **values: Any) -> None:
    """Run an action, fill its question, and wait until the centre has answered."""
    window = page.window()
    window.actions_registry.run(action)  # type: ignore[attr-defined]
    (question,) = page.panel.findChildren(RemoteForm)
    for name, value in values.items():
        question.form.set_value(name, value)
    hands.click(question.verb)
    hands.wait(lambda: not page.panel.findChildren(RemoteForm) or question.isHidden(), "the centre has answered")


def test_a_desk_is_let_in_and_shut_out_and_what_it_sent_is_released(
    start_application: Start, hands: Hands, centre: Centre, person: Person
) -> None:
    desk = start_application("a")
    sign_in(desk, hands, login=ADMINISTRATOR, password=PASSWORD)
    connect(desk, hands, centre, "D01")

    # Signing in: the browser opens, the person shows both factors, the desk goes on by itself.
    page = headquarters(desk, person)
    hands.wait(lambda: page.card.isVisible(), "the page asks to sign in")
    hands.click(page.card.go)
    hands.wait(lambda: rows(page), "the branches are there")
    hands.wait(lambda: "You are signed in" in person.came_back, "the browser says so")
    branch = next(branch for branch in page.branches if branch.code == "SH01")
    assert branch.desks == 1 and branch.rows > 0

    # A code for a new desk, which joins with it.
    choose(page, hands, BRANCHES, lambda row: row.code == "SH01")
    answer(page, hands, "headquarters.code", desk="D02")
    told = page.panel.findChildren(type(page.told))
    code = next(label.text() for label in told if label.text().count("-") == 2 and len(label.text()) == 14)
    second = start_application("b", desk_code="D02")
    sign_in(second, hands, login=MANAGER, password=PASSWORD)
    form = sync_page(second).connect_form
    hands.wait(form.isVisible, "the page offers to connect")
    hands.type(centre.url, into=form.form.editor("address").focus_widget())
    hands.type(code, into=form.form.editor("code").focus_widget())
    hands.click(form.go)
    in_step(second, hands)
    assert "headquarters" not in {spec.key for spec in main_window(second).pages.permitted()}

    # Shut out: at once, and what it still sends is set aside.
    new = choose(page, hands, DESKS, lambda row: row.desk_code == "D02")
    assert new.program == "0.1.0" and new.platform
    answer(page, hands, "headquarters.revoke", reason="lost on the train")
    customer_id = do(second, CreateCustomer(kind="person", name="韩梅梅", phone="13800138000"))
    hands.click(sync_page(second).exchange_button)
    hands.wait(lambda: second._link.feed.latest.problem == "device_revoked", "the desk hears of it")  # type: ignore[union-attr]

    choose(page, hands, KEPT, lambda row: row.record_id == customer_id)
    assert rows(page)[0][0] == "SH01-D02"
    answer(page, hands, "headquarters.release", which="all", reason="entered before the loss")
    hands.wait(lambda: not rows(page), "nothing is set aside any more")
    assert customer_id in centre.ids("customer")
    exchange_and_see(desk, hands, customer_id)
    assert centre.findings() == []

    page = headquarters(desk, person)
    page.show_tab(LOG)
    hands.wait(lambda: len(rows(page)) > 6, "the log is there")
    said = [row[2] for row in rows(page)]
    assert said[:3] == ["Set-aside changes released", "Desk shut out", "Enrolment code made"]

    # Out and in again: the same phone, other digits.
    main_window(desk).actions_registry.run("headquarters.sign_out")
    hands.wait(lambda: page.card.isVisible(), "signed out")
    hands.click(page.card.go)
    hands.wait(lambda: page._signed_in, "signed in again")


def exchange_and_see(application: Application, hands: Hands, customer_id: str) -> None:
    """The record arrives at a desk."""

    def there() -> bool:
        with application.desk.database.read() as session:
            statement = "SELECT 1 FROM customer WHERE id = ?"
            return session.connection().exec_driver_sql(statement, (customer_id,)).first() is not None

    hands.click(sync_page(application).exchange_button)
    until = time.monotonic() + 20
    while not there() and time.monotonic() < until:
        hands.settle(0.1)
    assert there()


def test_without_a_service_it_says_what_is_missing(start_application: Start, hands: Hands, person: Person) -> None:
    desk = start_application("a")
    sign_in(desk, hands, login=ADMINISTRATOR, password=PASSWORD)
    page = headquarters(desk, person)
    hands.click(page.card.go)
    hands.wait(lambda: "not enrolled" in page.messages.text(), "the page says that there is no service")
