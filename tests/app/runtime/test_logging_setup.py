import logging
import os
import stat

import pytest

from app.runtime.errors import ProfileNotCreatable
from app.runtime.logging_setup import (
    close_logging,
    configure_logging,
    current_request,
    request_context,
    without_personal_data,
)
from app.runtime.paths import Profile


@pytest.fixture
def log(profile: Profile):
    path = configure_logging(profile)
    yield path
    close_logging()


@pytest.mark.parametrize(
    ("text", "hidden", "kept"),
    [
        ("identity 11010119900307123X given", "11010119900307123X", "123X"),
        ("identity 110101900307123", "110101900307123", "7123"),
        ("call 13800138000 now", "13800138000", "8000"),
        ("call +86 138 0013 8000", "138 0013", "8000"),
        ("landline 010-62345678", "62345678", "5678"),
        ("card 6222021234567890123", "6222021234567890123", "0123"),
        ("card 6222 0212 3456 7890 123", "0212 3456", "123"),
        ("phone='13800138000',", "13800138000", "8000"),
        ("客户电话13800138000，", "13800138000", "8000"),
        ("passphrase=hunter2hunter2 next", "hunter2", "next"),
        ('{"token": "abc.def"}', "abc.def", "token"),
        ("Authorization: Bearer abc.def", "abc.def", "Authorization"),
        ("PRAGMA key=\"x'" + "a1" * 32 + "'\"", "a1a1", "key"),
        ("code 4K7PX-4K7PX-4K7PX-4K7PX-4K7PX-4K7PX.", "4K7PX", "recovery code"),
    ],
)
def test_personal_data_and_secrets_are_masked(text: str, hidden: str, kept: str) -> None:
    masked = without_personal_data(text)
    assert hidden not in masked
    assert kept in masked


@pytest.mark.parametrize(
    "text",
    [
        "order 0192f3a47c6b7d1e8a90123456789012 saved",
        "vehicle LSVAA4182E2123456 sold",
        "SH1-D2-SO-000123 at 2026-11-22",
        "took 1380 ms for 2,031 rows",
    ],
)
def test_what_a_report_needs_stays_readable(text: str) -> None:
    assert without_personal_data(text) == text


def test_lines_carry_their_request_and_tracebacks_are_masked_too(log) -> None:
    logger = logging.getLogger("forecourt.test")
    with request_context("r-42"):
        try:
            raise ValueError("no customer with 13800138000")
        except ValueError:
            logger.exception("looking for %s", "11010119900307123X")
    logger.info("afterwards")

    text = log.read_text(encoding="utf-8")
    assert "13800138000" not in text
    assert "11010119900307123X" not in text
    assert "ERROR r-42 MainThread forecourt.test: looking for ***123X" in text
    assert "INFO - MainThread" in text
    assert current_request() == "-"
    if os.name == "posix":
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_pasted_novel_does_not_fill_the_log(log) -> None:
    logging.getLogger("forecourt.test").warning("x" * 1_000_000)
    assert log.stat().st_size < 30_000


def test_the_log_is_turned_over(log, monkeypatch) -> None:
    handler = next(one for one in logging.getLogger().handlers if one.get_name() == "forecourt")
    monkeypatch.setattr(handler, "maxBytes", 200)
    for number in range(20):
        logging.getLogger("forecourt.test").warning("line %d with some length to it", number)
    assert len(list(log.parent.iterdir())) == 6


def test_configuring_twice_does_not_write_twice(log, profile: Profile) -> None:
    configure_logging(profile)
    logging.getLogger("forecourt.test").warning("once")
    assert log.read_text(encoding="utf-8").count("once") == 1


def test_a_folder_that_cannot_be_made_is_said(tmp_path) -> None:
    (tmp_path / "desk").write_text("a file")
    with pytest.raises(ProfileNotCreatable):
        configure_logging(Profile(tmp_path / "desk"))
