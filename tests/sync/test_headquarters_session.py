"""A person at headquarters, from the desk: the way back from the browser, tokens that end, what is kept."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from app.runtime.errors import KeyringUnavailable
from sync.client.errors import CodeNotAccepted, NoBrowser, NotEnrolled, SignInOver, SignInRefused, SignInTimedOut
from sync.client.headquarters import HeadquartersSession
from sync.client.loopback import Loopback
from sync.client.transport import user_agent
from sync.protocol.versions import PROGRAM_VERSION
from tests.sync.browser import PASSWORD, Browser, add_person
from tests.sync.conftest import Group
from ui.kit.operations import Cancelled


class Kept:
    """A key store in memory; `refuses` as one that is locked."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.refuses = False

    def load(self) -> str | None:
        self._look()
        return self.token

    def save(self, token: str) -> None:
        self._look()
        self.token = token

    def forget(self) -> None:
        self._look()
        self.token = None

    def _look(self) -> None:
        if self.refuses:
            raise KeyringUnavailable(reason="locked")


class Desk:
    """A session at an enrolled desk, and the person's browser."""

    def __init__(self, group: Group) -> None:
        self.transport = group.transport()
        self.transport.enrol(code=group.code(), branch_id="b" * 32, after_n=0, after_hash="")
        self.kept, self.now = Kept(), 1000.0
        self.browser = Browser(group.service.url, group.tenant)
        self._code = add_person(group.store, group.tenant)
        self.threads: list[Thread] = []
        self.session = self.new_session()

    def new_session(self) -> HeadquartersSession:
        """As after the program was started again."""
        return HeadquartersSession(lambda: self.transport, keeper=self.kept, monotonic=lambda: self.now)

    def open(self, address: str) -> bool:
        self.threads.append(Thread(target=self._person, args=(address,)))
        self.threads[-1].start()
        return True

    def _person(self, address: str) -> None:
        self.browser.open_address(address)
        if self.browser.totp is None:
            self.browser.set_up("li.na", self._code)
            self.browser.fill()
        else:
            self.browser.fill(login="li.na", password=PASSWORD)
            self.browser.fill(digits=self.browser.next_digits())
        if self.browser.page.status_code == 303:
            httpx.get(self.browser.page.headers["location"], trust_env=False)

    def close(self) -> None:
        for thread in self.threads:
            thread.join(20)
        self.browser.close()


@pytest.fixture
def desk(small_group: Group) -> Iterator[Desk]:
    made = Desk(small_group)
    yield made
    made.close()


def quiet(_message: str, _fraction: float | None) -> None:
    """No progress is shown."""


def test_tokens_are_renewed_by_themselves_and_only_kept_where_asked_for(desk: Desk) -> None:
    desk.session.sign_in(desk.open, quiet, stay=False)
    assert desk.session.is_signed_in and desk.kept.token is None
    assert desk.session.ask("overview")["branches"]
    first = desk.session._refresh
    desk.now += 700.0
    assert desk.session.ask("desks")["rows"]
    assert desk.session._refresh != first
    assert not desk.new_session().resume()
    desk.session.sign_out()
    assert not desk.session.is_signed_in
    with pytest.raises(SignInOver):
        desk.session.ask("overview")


def test_a_sign_in_that_is_kept_outlives_the_program(desk: Desk, small_group: Group) -> None:
    desk.session.sign_in(desk.open, quiet, stay=True)
    assert desk.kept.token
    later = desk.new_session()
    assert later.resume() and later.ask("overview")["branches"]
    assert desk.kept.token == later._refresh  # the newest one: each is good once
    with small_group.store.write() as connection:
        statement = "UPDATE person_session SET ended_at = 1 WHERE tenant_id = ?"
        small_group.store.run(connection, statement, (small_group.tenant,))
    with pytest.raises(SignInOver):
        later.ask("overview")
    assert desk.kept.token is None and not later.is_signed_in


def test_a_locked_key_store_keeps_nothing_and_costs_nothing(desk: Desk) -> None:
    desk.kept.refuses = True
    assert not desk.session.resume()
    desk.session.sign_in(desk.open, quiet, stay=True)
    assert desk.session.ask("overview")["branches"]
    desk.session.sign_out()


def test_by_hand_the_code_is_carried_and_good_once(desk: Desk) -> None:
    address = desk.session.begin_by_hand(stay=False)
    desk._person(address)
    shown = desk.browser.page.text.partition('class="secret"')[2].partition(">")[2].partition("<")[0]
    with pytest.raises(CodeNotAccepted):
        desk.session.finish_by_hand("main.something")
    desk.session.finish_by_hand(f" {shown[:20]} {shown[20:]}\n")
    assert desk.session.ask("overview")["branches"]
    with pytest.raises(CodeNotAccepted):
        desk.session.finish_by_hand(shown)


def test_waiting_ends_by_the_person_by_time_and_without_a_browser(desk: Desk) -> None:
    def cancelled(_message: str, _fraction: float | None) -> None:
        raise Cancelled

    def hours(_message: str, _fraction: float | None) -> None:
        desk.now += 400.0

    with pytest.raises(Cancelled):
        desk.session.sign_in(lambda _address: True, cancelled, stay=False)
    with pytest.raises(SignInTimedOut):
        desk.session.sign_in(lambda _address: True, hours, stay=False)
    with pytest.raises(NoBrowser):
        desk.session.sign_in(lambda _address: False, quiet, stay=False)
    assert not desk.session.is_signed_in


def test_a_desk_that_is_not_enrolled_has_no_headquarters(small_group: Group) -> None:
    session = HeadquartersSession(small_group.transport, keeper=Kept())
    with pytest.raises(NotEnrolled):
        session.sign_in(lambda _address: True, quiet, stay=False)


def test_only_the_browser_that_was_waited_for_comes_in() -> None:
    answers: list[int] = []

    def knock(address: str) -> None:
        root = address.rpartition("/")[0]
        for wrong in (f"{root}/", f"{address}?code=x", f"{address}?code=x&state=guess", f"{address}?{'a=1&' * 30}"):
            answers.append(httpx.get(wrong, trust_env=False).status_code)
        answer = httpx.get(f"{address}?code=right&state=secret", trust_env=False)
        answers.append(answer.status_code)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]

    with Loopback("secret") as loopback:
        assert loopback.address.startswith("http://127.0.0.1:")
        thread = Thread(target=knock, args=(loopback.address,))
        thread.start()
        came = loopback.wait(lambda: True)
        thread.join(10)
    assert came == {"code": "right", "state": "secret"}
    assert answers == [404, 404, 404, 404, 200]


def test_what_the_page_says_no_to_is_told(desk: Desk) -> None:
    def refuse(address: str) -> bool:
        def back() -> None:
            asked = httpx.URL(address).params
            httpx.get(f"{asked['redirect_uri']}?error=access_denied&state={asked['state']}", trust_env=False)

        desk.threads.append(Thread(target=back))
        desk.threads[-1].start()
        return True

    with pytest.raises(SignInRefused) as refused:
        desk.session.sign_in(refuse, quiet, stay=False)
    assert refused.value.params["reason"] == "access_denied"


def test_the_desk_tells_the_version_of_the_program() -> None:
    project: dict[str, Any] = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == PROGRAM_VERSION
    assert user_agent().startswith(f"Forecourt/{PROGRAM_VERSION} (") and user_agent().isascii()
