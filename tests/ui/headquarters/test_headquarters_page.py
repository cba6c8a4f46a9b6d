"""Headquarters on its page: signing in, what is seen, what is done, and what is said when the centre is away."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.kernel.permissions import Actor, Role
from app.runtime.language import CHINESE, set_language
from sync.client.errors import (
    AlreadyDecided,
    CodeNotAccepted,
    DeskCodeTaken,
    NoBrowser,
    ServiceUnreachable,
    SignInOver,
    SignInTimedOut,
)
from tests.ui.headquarters.memory_centre import DESKS, HANGZHOU, SHANGHAI, VIN, MemoryCentre, kept, micros
from tests.ui.record_pages import Driver, unnamed_controls
from tests.ui.workplaces import Notes
from ui.headquarters import words
from ui.headquarters.rows import KeptLine
from ui.kit.context import PageContext
from ui.kit.text import words as ready

Open = Callable[..., Driver]


def page_of(driver: Driver) -> Any:
    return driver.page


def lines(driver: Driver) -> list[list[str]]:
    """The texts of the list in sight."""
    model = page_of(driver).content.model
    return [model.texts_of(line) for line in range(len(model.rows))]


def go(driver: Driver, tab: str) -> None:
    page_of(driver).show_tab(tab)
    driver.settle()


def said(notifications: Notes) -> list[str]:
    """What was told in passing."""
    return [ready(note[0]) for note in notifications.shown]


def choose(driver: Driver, record_id: str) -> None:
    assert page_of(driver).content.table.select_id(record_id), "the row is not in the table"
    driver.settle()


def answer(driver: Driver, **values: Any) -> None:
    """Fill the question in the panel and press its verb."""
    from ui.headquarters.questions import RemoteForm

    (question,) = page_of(driver).panel.findChildren(RemoteForm)
    for name, value in values.items():
        question.form.set_value(name, value)
        question.form.changed.emit(name)
    question.submit()
    driver.settle()


def test_branches_stand_there_with_what_is_wrong_first(open_headquarters: Open) -> None:
    driver = open_headquarters()
    rows = lines(driver)
    assert [row[0] for row in rows] == ["SH01 · Shanghai Xuhui", "HZ01 · Hangzhou Binjiang"]
    assert [row[1] for row in rows] == ["Needs somebody", "Silent for days"]
    assert [row[4] for row in rows] == ["nothing", "2,310 changes"]
    assert [button.text() for button in page_of(driver).segments.buttons()] == [
        "Branches", "Desks", "Lost vehicles 1", "Leases 1", "Set aside 2", "Log",
    ]  # fmt: skip
    choose(driver, SHANGHAI)
    assert driver.says("12,431") and driver.says("Desks shut out")


def test_return_leads_to_the_desks_of_a_branch_and_back_to_all(open_headquarters: Open, centre: MemoryCentre) -> None:
    driver = open_headquarters()
    choose(driver, HANGZHOU)
    page_of(driver).content.table.setFocus()
    driver.key(Qt.Key.Key_Return)
    assert centre.last("desks")["branch_id"] == HANGZHOU
    assert [row[0] for row in lines(driver)] == ["HZ01-D01"]
    assert page_of(driver).only.text() == "Only HZ01"
    page_of(driver).only.click()
    driver.settle()
    assert [row[0] for row in lines(driver)] == ["SH01-D01", "SH01-D02", "HZ01-D01"]
    choose(driver, DESKS[2])
    assert driver.says("All branches") and driver.says("Linux 6.1.0; x86_64") and driver.says("2,300 changes")


def test_what_desks_have_not_sent_is_said_with_its_age_and_unknown_of_older_ones(
    open_headquarters: Open, centre: MemoryCentre
) -> None:
    rows = centre.answers["desks"]["rows"]
    rows[0] |= {"unsent": 0, "oldest_unsent_at": 0, "unsent_said_at": micros(minutes=2)}
    rows[1] |= {"unsent": 40_000, "oldest_unsent_at": micros(days=30), "unsent_said_at": micros(minutes=2)}
    driver = open_headquarters(tab="desks")
    assert [row[4] for row in lines(driver)] == ["nothing", "40,000 · 30 days ago", "not told"]
    choose(driver, DESKS[1])
    assert driver.says("Not yet sent") and driver.says("40,000 changes, the oldest 30 days ago")


def test_a_desk_that_is_not_believed_is_seen_with_what_to_do(open_headquarters: Open, centre: MemoryCentre) -> None:
    rows = centre.answers["desks"]["rows"]
    rows[0] |= {"doubted_at": micros(hours=3)}
    rows[2] |= {"doubted_at": micros(days=3)}  # not said again since
    driver = open_headquarters(tab="desks")
    assert [row[1] for row in lines(driver)] == ["Needs somebody", "Shut out", "Silent for days"]
    choose(driver, DESKS[0])
    assert driver.says("is not believed any more")
    choose(driver, DESKS[2])
    assert not driver.says("is not believed any more")


def test_a_desk_is_shut_out_with_a_reason(open_headquarters: Open, centre: MemoryCentre, notifications: Notes) -> None:
    driver = open_headquarters(tab="desks")
    choose(driver, DESKS[1])
    assert not driver.context.actions.get("headquarters.revoke").is_enabled()  # it is already
    choose(driver, DESKS[0])
    driver.run("headquarters.revoke")
    answer(driver, reason="  ")
    assert not [one for one in centre.asked if one[0] == "revoke"]
    answer(driver, reason="laptop stolen")
    assert centre.last("revoke") == {"device_id": DESKS[0], "reason": "laptop stolen"}
    assert "SH01-D01 is shut out." in said(notifications)


def test_a_code_is_shown_once_with_its_life_and_can_be_copied(open_headquarters: Open, centre: MemoryCentre) -> None:
    driver = open_headquarters()
    choose(driver, SHANGHAI)
    driver.run("headquarters.code")
    answer(driver, desk="d07", reads="some", listed="HZ01、bj01", hours=72)
    assert centre.last("make-code") == {
        "branch": "SH01", "desk": "D07", "scopes": ["HZ01", "BJ01"], "role": "salesperson", "hours": 72,
    }  # fmt: skip
    assert driver.says("K7QF-2M9D-XR4T") and driver.says("Good for one desk until")
    from ui.kit.controls import Button

    copy = next(one for one in page_of(driver).panel.findChildren(Button) if one.text() == "Copy the code")
    copy.click()
    assert QGuiApplication.clipboard().text() == "K7QF-2M9D-XR4T"


def test_what_is_refused_stands_at_its_field(open_headquarters: Open, centre: MemoryCentre) -> None:
    driver = open_headquarters()
    choose(driver, SHANGHAI)
    driver.run("headquarters.code")
    centre.refuse.append(DeskCodeTaken())
    answer(driver, desk="D01", reads="own")
    assert driver.says("has this name already")
    answer(driver, desk="D-1")
    assert driver.says("Up to 12 letters and digits")


def test_scopes_are_changed_from_what_they_are(open_headquarters: Open, centre: MemoryCentre) -> None:
    driver = open_headquarters(tab="desks")
    choose(driver, DESKS[0])
    driver.run("headquarters.scopes")
    answer(driver, reads="all", reason="stand-in for Hangzhou")
    assert centre.last("change-scopes") == {
        "device_id": DESKS[0], "scopes": "*", "reason": "stand-in for Hangzhou",
    }  # fmt: skip


def test_what_is_set_aside_is_looked_at_released_and_dropped(
    open_headquarters: Open, centre: MemoryCentre, notifications: Notes
) -> None:
    driver = open_headquarters(tab="kept")
    assert [row[0] for row in lines(driver)] == ["SH01-D02"] * 2
    assert lines(driver)[0][3] == "Name 张伟 · Phone ••• · Identity kind Identity card", "in words, nothing empty"
    choose(driver, f"{DESKS[1]}:1:{1:032x}")
    assert driver.says("张伟") and driver.says("The desk had been shut out")
    driver.run("headquarters.release")
    answer(driver, which="all", reason="checked with the branch")
    assert centre.last("release") == {
        "device_id": DESKS[1], "operations": [], "reason": "checked with the branch",
    }  # fmt: skip
    assert "1 change released. 1 was refused." in said(notifications)
    choose(driver, f"{DESKS[1]}:2:{2:032x}")
    driver.run("headquarters.drop")
    centre.refuse.append(AlreadyDecided())
    answer(driver, reason="entered again by hand")
    assert driver.says("Somebody else has decided", page_of(driver))
    answer(driver)
    assert centre.last("drop")["operations"] == [[2, f"{2:032x}"]]


def test_amounts_and_instants_that_were_set_aside_are_told_as_such() -> None:
    told = {"amount": "500000", "received_at": "1795330800000000", "kind": "earnest_money", "branch_id": "x",
            "reverses_id": "null"}  # fmt: skip
    line = KeptLine.told(kept(1, table="payment", fields=told))
    assert words.kept_fields(line, {}) == [
        ("Amount", "¥5,000.00"), ("Received at", "2026-11-22 15:00"), ("Kind", "Earnest money (定金)"),
    ]  # fmt: skip


def test_conflicts_leases_and_the_log_are_seen(open_headquarters: Open, centre: MemoryCentre) -> None:
    driver = open_headquarters(tab="conflicts")
    assert lines(driver)[0][:3] == ["SH01-D02-SO-000031", "SH01", "HZ01-SO-2026-000007"]
    choose(driver, "o" * 32)
    assert driver.says("The branch settles it")
    go(driver, "leases")
    choose(driver, VIN)
    driver.run("headquarters.end_lease")
    answer(driver, reason="sold by hand elsewhere")
    assert centre.last("end-lease")["vin"] == VIN
    go(driver, "log")
    assert [row[2] for row in lines(driver)] == ["Desk shut out", "Wrong password", "Signed in"]
    assert lines(driver)[0][3:5] == ["SH01-D02", "SH01-D02 · “laptop stolen”"]
    assert lines(driver)[1][4] == "3 times in a row"


def test_longer_lists_go_on_where_they_were(open_headquarters: Open, centre: MemoryCentre) -> None:
    centre.answers["log"] = {**centre.answers["log"], "next": "0" * 32}
    driver = open_headquarters(tab="log")
    assert page_of(driver).content.more.isVisible()
    centre.answers["log"] = {"rows": [{**centre.answers["log"]["rows"][0], "id": "f" * 32}], "next": None, "now": 0}
    page_of(driver).content.more.click()
    driver.settle()
    assert centre.last("log") == {"limit": 100, "after": "0" * 32}
    assert len(lines(driver)) == 4 and not page_of(driver).content.more.isVisible()


def test_without_the_centre_what_was_known_stays_with_its_time(open_headquarters: Open, centre: MemoryCentre) -> None:
    driver = open_headquarters()
    centre.refuse.append(ServiceUnreachable(address="https://service.example"))
    page_of(driver).refresh()
    driver.settle()
    assert len(lines(driver)) == 2
    assert "does not answer" in page_of(driver).messages.text() and "was told at" in page_of(driver).messages.text()
    page_of(driver).refresh()
    driver.settle()
    assert not page_of(driver).messages.isVisible()


def test_it_is_asked_again_while_somebody_looks_and_not_while_something_is_asked(
    open_headquarters: Open, centre: MemoryCentre
) -> None:
    driver = open_headquarters(tab="desks")
    page = page_of(driver)
    assert page._timer.isActive() and page._timer.interval() == 30_000
    before = len(centre.asked)
    page._timer.timeout.emit()
    driver.settle()
    assert len(centre.asked) == before + 2
    choose(driver, DESKS[0])
    driver.run("headquarters.revoke")
    page._timer.timeout.emit()
    driver.settle()
    assert len(centre.asked) == before + 2
    page.deactivate()
    assert not page._timer.isActive()


# --- signing in --------------------------------------------------------------------------------------


def test_signing_in_through_the_browser(open_headquarters: Open, centre: MemoryCentre) -> None:
    centre.signed_in = False
    driver = open_headquarters()
    page = page_of(driver)
    assert page.card.isVisible() and not lines(driver)
    assert not driver.context.actions.get("headquarters.code").is_enabled()
    page.card.form.set_value("stay", True)
    centre.refuse.append(SignInTimedOut())
    page.card.go.click()
    driver.settle()
    assert "within ten minutes" in page.messages.text()
    page.card.go.click()
    driver.settle()
    assert centre.last("sign_in") == {"stay": True}
    assert len(lines(driver)) == 2 and not page.messages.isVisible()
    driver.run("headquarters.sign_out")
    assert page.card.isVisible() and not lines(driver) and not page.branches


def test_without_a_browser_the_code_is_carried_by_hand(open_headquarters: Open, centre: MemoryCentre) -> None:
    centre.signed_in, centre.stays = False, False
    driver = open_headquarters()
    card = page_of(driver).card
    assert not card.form.editor("stay").isVisible()
    centre.refuse.append(NoBrowser())
    card.go.click()
    driver.settle()
    assert card.hand.isVisible() and card.address.text().startswith("https://service.example:8420/oauth/authorize")
    centre.refuse.append(CodeNotAccepted())
    card.code_form.set_value("code", "main.wrong")
    card.finish_by_hand()
    driver.settle()
    assert "wrong, too old" in card.code_form.problems()["code"]
    card.code_form.set_value("code", "main.right")
    card.finish_by_hand()
    driver.settle()
    assert len(lines(driver)) == 2


def test_when_the_sign_in_is_over_nothing_stays_in_sight(open_headquarters: Open, centre: MemoryCentre) -> None:
    driver = open_headquarters()
    centre.refuse.append(SignInOver())
    page_of(driver).refresh()
    driver.settle()
    assert page_of(driver).card.isVisible() and not page_of(driver).branches
    assert "no longer signed in" in page_of(driver).messages.text()


# --- languages, names, rights ------------------------------------------------------------------------


def test_everything_has_a_name_in_both_languages(open_headquarters: Open) -> None:
    driver = open_headquarters()
    for language in ("en", CHINESE):
        set_language(language)
        for tab in ("branches", "desks", "conflicts", "leases", "kept", "log"):
            go(driver, tab)
            assert unnamed_controls(page_of(driver)) == []
    assert page_of(driver).segments.buttons()[4].text() == "搁置 2"


def test_only_administrators_have_the_page(actor_with: Callable[[Role], Actor], context: PageContext) -> None:
    from app.wiring.pages import page_specs

    (spec,) = [one for one in page_specs() if one.key == "headquarters"]
    allowed = [role for role in Role if actor_with(role).may(spec.permission)]
    assert allowed == [Role.ADMINISTRATOR]


@pytest.mark.parametrize("known", sorted(words.DEEDS))
def test_every_deed_the_centre_writes_down_has_words(known: str) -> None:
    from pathlib import Path

    sources = [path.read_text(encoding="utf-8") for path in Path("sync/server").glob("*.py")]
    assert any(f'"{known}"' in source for source in sources)


def test_the_keyboard_reaches_everything(open_headquarters: Open) -> None:
    driver = open_headquarters()
    reached = set()
    page_of(driver).content.take_focus()
    for _ in range(40):
        focus = QApplication.focusWidget()
        if focus is not None:
            reached.add(type(focus).__name__)
        driver.key(Qt.Key.Key_Tab)
    assert {"RecordTable", "Button"} <= reached
