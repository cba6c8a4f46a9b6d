"""Languages are switched at run time, and a missing text falls back to English instead of failing."""

import pytest

from app.runtime import language as languages
from app.runtime.language import on_language_changed, pick, set_language, tr, tr_in, trn


@pytest.fixture(autouse=True)
def _english_again():
    yield
    set_language("en")


def test_switch_reaches_listeners_once():
    heard = []
    stop = on_language_changed(lambda: heard.append(languages.language()))
    set_language("zh_CN")
    set_language("zh_CN")
    stop()
    set_language("en")
    assert heard == ["zh_CN"]


def test_text_in_both_languages():
    text = "Fill in this field."
    assert tr(text) == text
    assert tr_in("zh_CN", text) == "请填写此项。"
    set_language("zh_CN")
    assert tr(text) == "请填写此项。"


def test_unknown_text_stays_english_with_its_values():
    set_language("zh_CN")
    assert tr("no such {thing} text", thing="1") == "no such 1 text"


def test_singular_and_plural():
    assert trn("{n} car", "{n} cars", 1) == "1 car"
    assert trn("{n} car", "{n} cars", 2) == "2 cars"


def test_name_in_the_language_in_use():
    assert pick("比亚迪", "BYD") == "BYD"
    set_language("zh_CN")
    assert pick("比亚迪", "BYD") == "比亚迪"
    assert pick(None, "BYD") == "BYD"


def test_unknown_language_is_refused():
    with pytest.raises(ValueError, match="unknown language"):
        set_language("fr")
