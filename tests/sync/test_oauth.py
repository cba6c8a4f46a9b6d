"""Tokens of desks and people by OAuth 2.0 (RFC 6749, 7009, 7636, 8252, 8414); the same on both databases."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from app.kernel.permissions import Role
from tests.sync.browser import CALLBACK, Browser, add_person
from tests.sync.conftest import Group
from tests.sync.raw_device import Join

DESKTOP = "forecourt-desktop"


@pytest.fixture
def browser(group: Group) -> Iterator[Browser]:
    made = Browser(group.service.url, group.tenant)
    yield made
    made.close()


@pytest.fixture
def small_browser(small_group: Group) -> Iterator[Browser]:
    made = Browser(small_group.service.url, small_group.tenant)
    yield made
    made.close()


def log_of(group: Group) -> list[str]:
    """What was written down, the oldest first."""
    return [
        str(row[0])
        for row in group.rows("SELECT what FROM administration_log WHERE tenant_id = ? ORDER BY entry_id")
    ]


# --- desks -------------------------------------------------------------------------------------------


def test_a_desk_gets_a_token_by_its_key_in_the_body_or_as_basic_authorization(group: Group, join: Join) -> None:
    device = join()
    client, key = f"{group.tenant}.{device.device_id}", device.identity["key"]
    basic = base64.b64encode(f"{client}:{key}".encode()).decode()
    answers = [
        device.http.post(
            "/oauth/token", data={"grant_type": "client_credentials", "client_id": client, "client_secret": key}
        ),
        device.http.post(
            "/oauth/token", data={"grant_type": "client_credentials", "scope": "sync"},
            headers={"Authorization": f"Basic {basic}"},
        ),
    ]  # fmt: skip
    for answer in answers:
        told = answer.json()
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert {name: told[name] for name in ("token_type", "expires_in", "scope")} == {
            "token_type": "Bearer", "expires_in": 600, "scope": "sync",
        }  # fmt: skip
        assert "refresh_token" not in told
        device.token = told["access_token"]
        assert device.pull_all() == []


def test_refusals_of_desks_have_the_form_of_the_standard_and_the_code_of_the_house(group: Group, join: Join) -> None:
    device = join()
    client, key = f"{group.tenant}.{device.device_id}", device.identity["key"]

    def refused(form: dict[str, str], **headers: str) -> tuple[int, str, str]:
        answer = device.http.post("/oauth/token", data=form, headers=headers)
        assert answer.headers["content-type"] == "application/json" and answer.json()["request_id"]
        assert answer.headers["forecourt-error"] == answer.json()["code"]
        return answer.status_code, answer.json()["error"], answer.json()["code"]

    asked = {"grant_type": "client_credentials", "client_id": client, "client_secret": key}
    wrong = (401, "invalid_client", "device_key_wrong")
    assert refused({**asked, "client_secret": "guess"}) == wrong
    assert refused({**asked, "client_id": f"nobody.{device.device_id}"}) == wrong
    assert refused({**asked, "client_id": f"{group.tenant}.{'0' * 32}"}) == wrong
    assert refused({**asked, "client_id": "."}) == wrong
    assert refused({**asked, "client_id": DESKTOP})[:2] == (401, "invalid_client")
    both = base64.b64encode(f"{client}:{key}".encode()).decode()
    assert refused(asked, Authorization=f"Basic {both}") == wrong
    assert refused({"grant_type": "client_credentials"}, Authorization="Basic ???") == wrong
    assert refused({**asked, "scope": "administration.read"})[:2] == (400, "invalid_scope")
    assert refused({**asked, "grant_type": "password"})[:2] == (400, "unsupported_grant_type")
    assert refused({"client_id": client, "client_secret": key})[:2] == (400, "invalid_request")
    assert device.http.post("/oauth/token", json=asked).json()["error"] == "invalid_request"
    assert device.http.post("/v1/token", json={}).status_code == 404


def test_a_revoked_desk_still_gets_a_token_so_that_it_can_hand_in_what_it_has(group: Group, join: Join) -> None:
    from sync.server.devices import revoke

    device = join()
    revoke(group.store, group.tenant, device.device_id, now=1)
    device.token = device.new_token()
    answer = device.post("push", device.message([device.put("customer", name="一")]))
    assert (answer.status_code, answer.json()["error"]) == (403, "device_revoked")


# --- people ------------------------------------------------------------------------------------------


def test_a_person_signs_in_and_stays_signed_in_by_tokens_that_are_used_once(group: Group, browser: Browser) -> None:
    code = add_person(group.store, group.tenant)
    browser.open()
    browser.set_up("li.na", code)
    browser.fill()
    came = browser.came_back_with()
    assert browser.page.headers["location"].startswith(f"{CALLBACK}?")
    assert came["state"] == "state-of-the-program"
    tokens = browser.exchange(came["code"]).json()
    assert tokens["scope"] == "administration.read administration.write"
    assert browser.ask("overview", tokens["access_token"]).status_code == 200

    second = browser.refresh(tokens["refresh_token"]).json()
    assert second["refresh_token"] != tokens["refresh_token"]
    assert browser.ask("overview", second["access_token"]).status_code == 200
    # Whoever shows the first one again is a thief, or was robbed: everything of this sign-in ends.
    stolen = browser.refresh(tokens["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert browser.refresh(second["refresh_token"]).status_code == 400
    assert browser.ask("overview", second["access_token"]).json()["error"] == "token_expired"
    assert log_of(group) == [
        "person_added", "password_chosen", "second_factor_set_up", "signed_in", "session_began",
        "refresh_token_reused",
    ]  # fmt: skip


def test_a_code_is_good_once_and_used_twice_it_ends_what_came_of_it(group: Group, browser: Browser) -> None:
    code = add_person(group.store, group.tenant)
    browser.open()
    browser.set_up("li.na", code)
    browser.fill()
    came = browser.came_back_with()["code"]
    tokens = browser.exchange(came).json()
    again = browser.exchange(came)
    assert (again.status_code, again.json()["error"], again.json()["code"]) == (400, "invalid_grant", "token_refused")
    assert browser.ask("overview", tokens["access_token"]).json()["error"] == "token_expired"
    assert log_of(group)[-1] == "code_reused"


def test_a_code_needs_its_verifier_its_address_and_its_client(group: Group, browser: Browser) -> None:
    code = add_person(group.store, group.tenant)
    browser.open()
    browser.set_up("li.na", code)
    browser.fill()
    came = browser.came_back_with()["code"]

    def error(**changed: str) -> str:
        answer = browser.exchange(came, **changed)
        assert answer.status_code in (400, 401)
        return str(answer.json()["error"])

    assert error(code_verifier="a" * 64) == "invalid_grant"
    assert error(code_verifier="") == "invalid_grant"
    assert error(redirect_uri="http://127.0.0.1:50124/signed-in") == "invalid_request"
    assert error(client_id="somebody-else") == "invalid_client"
    assert error(code=came[:-1]) == "invalid_grant"
    assert error(code=f"other.{came.partition('.')[2]}") == "invalid_grant"
    assert browser.exchange(came).status_code == 200


def test_a_code_is_too_old_after_two_minutes(group: Group, browser: Browser) -> None:
    code = add_person(group.store, group.tenant)
    browser.open()
    browser.set_up("li.na", code)
    browser.fill()
    with group.store.write() as connection:
        statement = "UPDATE authorization_code SET expires_at = expires_at - 121000000 WHERE tenant_id = ?"
        group.store.run(connection, statement, (group.tenant,))
    assert browser.exchange(browser.came_back_with()["code"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/signed-in", "http://127.0.0.1.evil.example:80/signed-in", "http://127.0.0.1/signed-in",
        "http://127.0.0.1:50123/elsewhere", "http://user@127.0.0.1:50123/signed-in", "//evil.example/signed-in",
        "http://127.0.0.1:50123@evil.example/signed-in", "http://localhost:50123/signed-in", "javascript:alert(1)",
        "http://127.0.0.1:50123/signed-in?next=https://evil.example", "http://127.0.0.1:99999/signed-in", "",
    ],
)  # fmt: skip
def test_nobody_is_led_elsewhere(small_browser: Browser, address: str) -> None:
    page = small_browser.open(redirect_uri=address)
    assert page.status_code == 400
    assert "location" not in page.headers and "evil" not in page.text


def test_other_wrong_requests_come_back_to_the_program(small_browser: Browser) -> None:
    def error(**changed: str) -> str:
        small_browser.open(**changed)
        came = small_browser.came_back_with()
        assert came["state"] == "state-of-the-program"
        return came["error"]

    assert error(response_type="token") == "unsupported_response_type"
    assert error(code_challenge="") == "invalid_request"
    assert error(code_challenge="short") == "invalid_request"
    assert error(code_challenge_method="plain") == "invalid_request"
    assert error(code_challenge_method="") == "invalid_request"
    assert error(scope="everything") == "invalid_scope"
    assert small_browser.open(client_id="other").status_code == 400
    assert small_browser.open(tenant="No Such").status_code == 400
    assert small_browser.open(ui_locales="x" * 3000).status_code == 400


def test_pages_cannot_be_framed_kept_or_made_to_load_anything(small_browser: Browser) -> None:
    page = small_browser.open()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert "form-action 'self' http://127.0.0.1:50123;" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert "<script" not in page.text


def test_a_form_of_another_site_or_another_browser_does_nothing(small_group: Group, small_browser: Browser) -> None:
    code = add_person(small_group.store, small_group.tenant)
    small_browser.open()
    ticket = small_browser.ticket
    other = Browser(small_group.service.url, small_group.tenant)
    try:
        form = {"ticket": ticket, "login": "li.na", "password": code}
        assert other.http.post("/oauth/sign-in", data=form).status_code == 403  # without the cookie
        other.open()
        assert other.http.post("/oauth/sign-in", data=form).status_code == 403  # with another browser's
        cross = {"Sec-Fetch-Site": "cross-site"}
        assert small_browser.http.post("/oauth/sign-in", data=form, headers=cross).status_code == 403
        assert small_browser.http.post("/oauth/sign-in", data={**form, "ticket": "made up"}).status_code == 403
        assert small_browser.http.post("/oauth/sign-in", content=b"\xff\xfe").status_code == 403
    finally:
        other.close()
    assert small_browser.fill(login="li.na", password=code).status_code == 200


def test_the_pages_speak_both_languages(small_browser: Browser) -> None:
    assert small_browser.open().text.count('lang="en"') == 1
    small_browser.page = small_browser.http.get(
        "/oauth/authorize", params=small_browser.asks, headers={"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8"}
    )
    assert small_browser.title == "登录总部"
    small_browser.fill(language="en")
    assert small_browser.title == "Sign in to headquarters"
    small_browser.fill(language="zh_CN")
    small_browser.fill(login="nobody", password="wrong")
    assert small_browser.problem == "登录名与密码不符。请检查后重试。"
    assert small_browser.open(ui_locales="zh-CN").text.count('lang="zh-CN"') == 1


def test_without_a_browser_of_its_own_the_code_is_carried_by_hand(small_group: Group, small_browser: Browser) -> None:
    code = add_person(small_group.store, small_group.tenant)
    by_hand = "urn:ietf:wg:oauth:2.0:oob"
    small_browser.asks["redirect_uri"] = by_hand
    small_browser.open()
    small_browser.set_up("li.na", code)
    page = small_browser.fill()
    assert page.status_code == 200 and "location" not in page.headers
    shown = page.text.partition('class="secret"')[2].partition(">")[2].partition("<")[0]
    assert small_browser.exchange(shown).status_code == 200


def test_signing_out_ends_the_session_and_tells_nobody_whether_there_was_one(
    small_group: Group, small_browser: Browser
) -> None:
    tokens = small_browser.signed_in("li.na", add_person(small_group.store, small_group.tenant))

    def revoke(token: str, client: str = DESKTOP) -> Any:
        return small_browser.http.post("/oauth/revoke", data={"token": token, "client_id": client})

    assert revoke("main.nothing").status_code == 200
    assert revoke(tokens["refresh_token"], "other").json()["error"] == "invalid_client"
    assert small_browser.ask("overview", tokens["access_token"]).status_code == 200
    assert revoke(tokens["refresh_token"]).status_code == 200
    assert small_browser.ask("overview", tokens["access_token"]).json()["error"] == "token_expired"
    assert small_browser.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert log_of(small_group)[-1] == "signed_out"


def test_a_session_has_one_set_of_scopes(small_group: Group, small_browser: Browser) -> None:
    code = add_person(small_group.store, small_group.tenant)
    tokens = small_browser.signed_in("li.na", code, scope="administration.read")
    assert tokens["scope"] == "administration.read"
    wider = {
        "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": DESKTOP,
        "scope": "administration.read administration.write",
    }  # fmt: skip
    assert small_browser.http.post("/oauth/token", data=wider).json()["error"] == "invalid_scope"
    assert small_browser.refresh(tokens["refresh_token"]).json()["scope"] == "administration.read"


def test_who_has_no_rights_at_headquarters_gets_no_further(small_group: Group, small_browser: Browser) -> None:
    code = add_person(small_group.store, small_group.tenant, "wang", role=Role.BRANCH_MANAGER)
    small_browser.open()
    assert small_browser.fill(login="wang", password=code).status_code == 403
    assert "no rights" in small_browser.problem
    assert log_of(small_group)[-1] == "no_rights"


def test_the_server_says_what_it_can_do(small_browser: Browser) -> None:
    told = small_browser.http.get("/.well-known/oauth-authorization-server").json()
    issuer = str(small_browser.http.base_url).rstrip("/")
    assert told["issuer"] == issuer
    assert told["token_endpoint"] == f"{issuer}/oauth/token"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["response_types_supported"] == ["code"]
    assert sorted(told["grant_types_supported"]) == ["authorization_code", "client_credentials", "refresh_token"]
