"""People who may sign in at headquarters: set-up, both factors, guessing, and the commands that run their accounts."""

import io
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from app.kernel.permissions import Role
from sync.server import accounts
from sync.server.accounts import (
    AccountProblem,
    add_account,
    find_account,
    judge_password,
    list_accounts,
    locked_for,
    note_failure,
    prune_people,
    set_state,
)
from sync.server.administration_log import Act
from sync.server.command_line import main
from sync.server.second_factor import enrol_second_factor, new_secret, use_recovery_code, use_second_factor
from sync.server.service_key import ServiceKey, ServiceKeyProblem, WrongServiceKey, open_service_key, passing_key
from sync.server.settings import ServiceSettings
from sync.server.store import Store, open_store
from tests.sync.browser import PASSWORD, Browser, add_person
from tests.sync.conftest import Group

SECOND = 1_000_000


@pytest.fixture
def browser(group: Group) -> Iterator[Browser]:
    made = Browser(group.service.url, group.tenant)
    yield made
    made.close()


def act(group: Group, *, at: int | None = None) -> Act:
    return Act(tenant=group.tenant, who="test", at=at or time.time_ns() // 1000)


def deeds(group: Group) -> list[str]:
    return [
        str(row[0]) for row in group.rows("SELECT what FROM administration_log WHERE tenant_id = ? ORDER BY entry_id")
    ]


def test_the_first_sign_in_sets_password_and_second_factor_up(group: Group, browser: Browser) -> None:
    code = add_person(group.store, group.tenant)
    browser.open()
    browser.fill(login="li.na", password=code)
    assert browser.title == "Choose your password"
    assert browser.fill(password="short", again="short").status_code == 422
    assert "too short" in browser.problem
    browser.fill(password="my login is Li.Na ok", again="my login is Li.Na ok")
    assert "contains the login" in browser.problem
    browser.fill(password=PASSWORD, again=PASSWORD + "!")
    assert "differ" in browser.problem
    browser.fill(password=PASSWORD, again=PASSWORD)
    assert browser.title == "Set up your second factor" and "<svg" in browser.page.text
    assert browser.fill(digits="000000").status_code == 403
    browser.open()
    browser.fill(login=" LI.NA ", password=PASSWORD)  # any case; the second factor is still to be set up
    assert browser.title == "Set up your second factor"
    browser.open()
    browser.fill(login="li.na", password=code)  # a one-time code is good once
    assert "do not belong together" in browser.problem


def test_digits_work_once_and_recovery_codes_too(group: Group, browser: Browser) -> None:
    code = add_person(group.store, group.tenant)
    browser.open()
    papers = browser.set_up("li.na", code)
    assert len(set(papers)) == 10
    used = browser.totp.generate_otp(int(time.time()) // 30)  # type: ignore[union-attr]

    def sign_in(digits: str) -> int:
        browser.open()
        browser.fill(login="li.na", password=PASSWORD)
        return int(browser.fill(digits=digits).status_code)

    assert sign_in(used) == 403  # it was used to set the second factor up
    assert sign_in(browser.next_digits()) == 303
    assert sign_in(papers[0]) == 303
    assert sign_in(papers[0].replace("-", " ").lower()) == 403
    assert sign_in(papers[1].lower()) == 303
    assert "recovery_code_used" in deeds(group) and "second_factor_wrong" in deeds(group)


def test_a_login_is_closed_after_wrong_ones_whether_there_is_such_a_person_or_not(
    group: Group, browser: Browser
) -> None:
    add_person(group.store, group.tenant)
    for login in ("li.na", "nobody.here"):
        browser.open()
        for _ in range(accounts.FREE_FAILURES):
            assert browser.fill(login=login, password="wrong").status_code == 403
        assert browser.fill(login=login, password="wrong").status_code == 429
        assert "Try again in" in browser.problem
    now = time.time_ns() // 1000
    locks = []
    for _ in range(7):
        note_failure(group.store, act(group, at=now), "li.na", "password_wrong")
        locks.append(locked_for(group.store, group.tenant, "li.na", now=now))
    assert locks == [60, 120, 240, 480, 900, 900, 900]
    assert locked_for(group.store, group.tenant, "li.na", now=now + 901 * SECOND) == 0
    prune_people(group.store, now=now + 25 * 3600 * SECOND)
    assert group.scalar("SELECT count(*) FROM sign_in_attempt WHERE tenant_id = ?") == 0


def test_unknown_people_cost_as_much_as_known_ones(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both go through one Argon2id; nothing returns early."""
    add_person(group.store, group.tenant)
    looked: list[str | None] = []

    def matches(stored: str | None, typed: str) -> bool:
        looked.append(stored)
        return False

    monkeypatch.setattr(accounts, "password_matches", matches)
    for login in ("li.na", "nobody"):
        assert judge_password(group.store, group.tenant, login=login, typed="x", now=1) is None
    assert looked == ["", None]


def test_shutting_somebody_out_ends_what_they_are_signed_in_to(group: Group, browser: Browser) -> None:
    tokens = browser.signed_in("li.na", add_person(group.store, group.tenant))
    set_state(group.store, act(group), "Li.Na", accounts.DISABLED)
    assert browser.ask("overview", tokens["access_token"]).json()["error"] == "token_expired"
    assert browser.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    browser.open()
    assert browser.fill(login="li.na", password=PASSWORD).status_code == 403
    set_state(group.store, act(group), "li.na", accounts.ACTIVE)
    browser.open()
    assert browser.fill(login="li.na", password=PASSWORD).status_code == 200


def test_another_group_has_its_own_people(group: Group, browser: Browser, tmp_path: Path) -> None:
    add_person(group.store, group.tenant)
    other = f"{group.tenant}x"[:32]
    code = add_person(group.store, other)
    browser.open()
    assert browser.fill(login="li.na", password=code).status_code == 403
    tokens = browser.signed_in("wang", add_person(group.store, group.tenant, "wang"))
    moved = tokens["access_token"].replace(group.tenant, other, 1)
    assert browser.ask("overview", moved).json()["error"] == "token_expired"


def test_the_log_cannot_be_changed(group: Group) -> None:
    add_person(group.store, group.tenant)
    with pytest.raises(Exception, match="only added to"), group.store.write() as connection:
        statement = "UPDATE administration_log SET who = 'nobody' WHERE tenant_id = ?"
        group.store.run(connection, statement, (group.tenant,))


def test_accounts_are_checked_when_they_are_made(small_group: Group) -> None:
    for login, name in (("", "x"), ("two words", "x"), ("ok", ""), ("x" * 65, "x")):
        with pytest.raises(AccountProblem):
            add_account(small_group.store, act(small_group), login=login, name=name, roles=[Role.ADMINISTRATOR])
    add_person(small_group.store, small_group.tenant)
    with pytest.raises(AccountProblem, match="already"):
        add_person(small_group.store, small_group.tenant, "LI.NA")


# --- the service's key -------------------------------------------------------------------------------


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = open_service_key(tmp_path, environment={})
    again = open_service_key(tmp_path, environment={})
    assert again.open(first.seal("secret")) == "secret"
    assert (tmp_path / "service.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["service.key"]


def test_a_key_may_be_given_and_replaced_step_by_step(tmp_path: Path) -> None:
    from cryptography.fernet import Fernet

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = open_service_key(tmp_path, environment={"FORECOURT_SERVICE_KEY": old}).seal("secret")
    file = tmp_path / "keys"
    file.write_text(f"{new}\n{old}\n")
    both = open_service_key(tmp_path, environment={"FORECOURT_SERVICE_KEY_FILE": str(file)})
    assert both.open(sealed) == "secret"
    with pytest.raises(WrongServiceKey, match="every instance needs the same"):
        ServiceKey(new).open(sealed)
    with pytest.raises(ServiceKeyProblem):
        ServiceKey("too short")
    file.write_text("")
    with pytest.raises(ServiceKeyProblem, match="is empty"):
        open_service_key(tmp_path, environment={"FORECOURT_SERVICE_KEY_FILE": str(file)})


def test_another_key_is_said_on_the_page_and_in_the_log(group: Group, browser: Browser) -> None:
    browser.signed_in("li.na", add_person(group.store, group.tenant))
    with group.store.write() as connection:
        statement = "UPDATE person_account SET totp_sealed = ? WHERE tenant_id = ?"
        group.store.run(connection, statement, (passing_key().seal("x"), group.tenant))
    browser.open()
    browser.fill(login="li.na", password=PASSWORD)
    page = browser.fill(digits="123456")
    assert page.status_code == 500 and "text/html" in page.headers["content-type"]
    assert page.headers["x-request-id"] in browser.problem


def test_second_factors_are_sealed_in_the_database(small_group: Group) -> None:
    key, store = passing_key(), small_group.store
    add_person(store, small_group.tenant)
    secret = new_secret()
    with store.read() as connection:
        account = find_account(store, connection, small_group.tenant, "li.na")
    assert account is not None
    import pyotp

    now = 1_795_330_800 * SECOND
    totp = pyotp.TOTP(secret)
    codes = enrol_second_factor(
        store, key, act(small_group, at=now), account, secret=secret, typed=totp.at(1_795_330_800)
    )
    assert codes is not None and len(codes) == 10
    with store.read() as connection:
        account = find_account(store, connection, small_group.tenant, "li.na")
    assert account is not None and secret not in account.totp_sealed and key.open(account.totp_sealed) == secret
    later = now + 90 * SECOND
    for typed, good in (
        (totp.at(1_795_330_800 + 30), False),  # a minute old
        (totp.at(1_795_330_800 + 150), False),  # a minute ahead
        (f"{totp.at(1_795_330_800 + 90)[:3]} {totp.at(1_795_330_800 + 90)[3:]}", True),
        (totp.at(1_795_330_800 + 90), False),  # again
        (totp.at(1_795_330_800 + 60), False),  # the one before it
    ):
        assert use_second_factor(store, key, act(small_group, at=later), account, typed) is good
    assert use_recovery_code(store, act(small_group), account, codes[0]) == 9
    assert use_recovery_code(store, act(small_group), account, codes[0]) is None


# --- commands ----------------------------------------------------------------------------------------


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """A command of the service: its status, what it prints and what it says beside that."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([*arguments, "--data", str(folder)])
    return status, out.getvalue(), err.getvalue()


def test_people_are_run_by_commands_that_never_take_a_password(tmp_path: Path) -> None:
    open_store(ServiceSettings(data=tmp_path)).close()
    status, code, beside = run(tmp_path, "people", "add", "Li.Na", "--name", "李娜")
    assert status == 0 and len(code.strip()) == 14 and "one use" in beside
    assert "no password yet" in run(tmp_path, "people", "list")[1]
    assert run(tmp_path, "people", "add", "li.na")[0] == 1
    assert run(tmp_path, "people", "disable", "li.na")[0] == 0
    assert "disabled" in run(tmp_path, "people", "list")[1]
    assert run(tmp_path, "people", "enable", "li.na")[0] == 0
    assert len(run(tmp_path, "people", "reset-password", "li.na")[1].strip()) == 14
    assert run(tmp_path, "people", "reset-second-factor", "li.na")[0] == 0
    assert "there is no account" in run(tmp_path, "people", "disable", "nobody")[2]
    assert "needs a login" in run(tmp_path, "people", "disable")[2]
    store = Store(f"sqlite:///{tmp_path / 'service.db'}", pool=1)
    assert [account.login for account in list_accounts(store, "main")] == ["li.na"]
    with store.read() as connection:
        rows = store.run(connection, "SELECT what, who FROM administration_log ORDER BY entry_id").fetchall()
    assert [row[0] for row in rows] == [
        "person_added", "person_disabled", "person_enabled", "password_reset", "second_factor_reset",
    ]  # fmt: skip
    assert {row[1] for row in rows} == {"command line"}
    store.close()


def test_a_reset_takes_effect_at_once(group: Group, browser: Browser) -> None:
    tokens = browser.signed_in("li.na", add_person(group.store, group.tenant))
    code = accounts.reset_password(group.store, act(group), "li.na")
    assert browser.ask("overview", tokens["access_token"]).json()["error"] == "token_expired"
    browser.open()
    assert browser.fill(login="li.na", password=PASSWORD).status_code == 403
    browser.fill(login="li.na", password=code)
    assert browser.title == "Choose your password"
    browser.fill(password="another good password", again="another good password")
    assert browser.title == "Enter your second factor"  # it is still the same phone


def test_an_address_that_tries_many_logins_is_slowed_down(tmp_path: Path) -> None:
    import asyncio
    import re

    import httpx

    from sync.server.attempts import ADDRESS_ATTEMPTS, Attempts
    from sync.server.web import make_app

    store = Store(f"sqlite:///{tmp_path / 'service.db'}", pool=2)
    store.ensure_schema()
    add_person(store, "main")
    for n in range(ADDRESS_ATTEMPTS):
        Attempts(store).failed("sign_in", "10.9.8.7", f"main person{n}", now=time.time_ns() // 1000)

    async def tried(address: str) -> int:
        transport = httpx.ASGITransport(make_app(store), client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            first = await client.get("/oauth/authorize", params=Browser("http://service", "main").asks)
            found = re.search(r'name="ticket" value="([^"]+)"', first.text)
            assert found is not None
            form = {"ticket": found[1], "login": "li.na", "password": "wrong"}
            return (await client.post("/oauth/sign-in", data=form)).status_code

    assert asyncio.run(tried("10.9.8.7")) == 429
    assert asyncio.run(tried("10.9.8.8")) == 403
    store.close()
