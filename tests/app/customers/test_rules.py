"""Identity numbers, phones, masks, duplicates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.customers.errors import (
    CompanyCodeCharactersWrong,
    CompanyCodeCheckDigitWrong,
    CompanyCodeLengthWrong,
    IdentityCharactersWrong,
    IdentityCheckDigitWrong,
    IdentityDateWrong,
    IdentityLengthWrong,
    PassportWrong,
    PhoneWrong,
)
from app.customers.rules import (
    DuplicateKey,
    IdentityKind,
    Sex,
    check_company_code,
    check_identity,
    check_identity_card,
    duplicate_keys,
    is_mobile,
    mask_address,
    mask_bank_card,
    mask_email,
    mask_identity,
    mask_phone,
    name_key,
    normal_phone,
)
from app.kernel.errors import DomainError, ValueTooLong

TODAY = date(2026, 11, 22)
CARD = "11010519491231002X"
COMPANY = "91110108MA01YBNX62"


# --- identity ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", [CARD, "11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_the_check_value_of_an_identity_card(typed: str) -> None:
    card = check_identity_card(typed, today=TODAY)
    assert card.number == CARD
    assert card.born_on == date(1949, 12, 31)
    assert card.sex is Sex.FEMALE
    assert card.region_code == "110105"
    assert card.warning is None


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", IdentityLengthWrong),
        ("110105491231002", IdentityLengthWrong),
        ("1101051949123100X2", IdentityCharactersWrong),
        ("11010519491331002X", IdentityDateWrong),
        ("110105209912310029", IdentityDateWrong),
        ("110105194912310029", IdentityCheckDigitWrong),
        ("110105194912130025", IdentityCheckDigitWrong),
    ],
)
def test_says_which_part_of_an_identity_card_is_wrong(typed: str, error: type[DomainError]) -> None:
    with pytest.raises(error) as caught:
        check_identity_card(typed, today=TODAY, field="identity_number")
    assert caught.value.field == "identity_number"


def test_an_unknown_region_is_a_warning_not_a_refusal() -> None:
    number = "990105194912310" + "02"
    digits = "10X98765432"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    number += digits[sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 11]
    card = check_identity_card(number, today=TODAY)
    assert "no known region" in str(card.warning)


@given(st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(position: int, change: int) -> None:
    digit = (int(CARD[position]) + change) % 10
    with pytest.raises(DomainError):
        check_identity_card(f"{CARD[:position]}{digit}{CARD[position + 1 :]}", today=TODAY)


@pytest.mark.parametrize("typed", [COMPANY, COMPANY.lower(), "9111 0108 MA01 YBNX 62"])
def test_the_check_value_of_a_company_code(typed: str) -> None:
    assert check_company_code(typed) == COMPANY


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("91110108", CompanyCodeLengthWrong),
        ("91110108MA01YBNX63", CompanyCodeCheckDigitWrong),
        ("91110108MA01YBNI62", CompanyCodeCharactersWrong),
        ("A1110108MA01YBNX62", CompanyCodeCharactersWrong),
    ],
)
def test_says_which_part_of_a_company_code_is_wrong(typed: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        check_company_code(typed)


def test_each_kind_of_identity_has_its_check() -> None:
    assert check_identity(IdentityKind.IDENTITY_CARD, CARD, today=TODAY) == CARD
    assert check_identity("company_code", COMPANY, today=TODAY) == COMPANY
    assert check_identity(IdentityKind.PASSPORT, "e 1234-5678", today=TODAY) == "E12345678"
    for wrong in ("", "E12", "E" * 21, "护照12345"):
        with pytest.raises(PassportWrong):
            check_identity(IdentityKind.PASSPORT, wrong, today=TODAY)


def test_a_pasted_book_is_no_identity() -> None:
    for check in (
        lambda text: check_identity_card(text, today=TODAY),
        check_company_code,
        lambda text: check_identity("passport", text, today=TODAY),
    ):
        with pytest.raises(ValueTooLong):
            check("1" * 30_000_000)


# --- phones -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13800138000", "13800138000"),
        ("138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("010-65551234", "010-65551234"),
        ("(021) 6555 1234", "021-65551234"),
        ("0512 65551234", "0512-65551234"),
        ("010-65551234转123", "010-65551234转123"),
        ("010-65551234 ext. 9", "010-65551234转9"),
        ("400-800-1234", "4008001234"),
        ("95588", "95588"),
        ("+852 9123 4567", "+85291234567"),
        ("0049 30 123456", "+4930123456"),
    ],
)
def test_a_phone_is_stored_one_way(typed: str, stored: str) -> None:
    assert normal_phone(typed) == stored
    assert normal_phone(stored) == stored


@pytest.mark.parametrize(
    "typed", ["", "123", "12800138000", "1380013800", "138001380000", "65551234", "call me", "+86"]
)
def test_what_is_no_phone_is_refused(typed: str) -> None:
    with pytest.raises(PhoneWrong) as caught:
        normal_phone(typed, field="second_phone")
    assert caught.value.field == "second_phone"


def test_a_pasted_book_is_no_phone() -> None:
    with pytest.raises(PhoneWrong):
        normal_phone("1" * 30_000_000)


@given(st.text(max_size=40))
def test_any_text_is_a_phone_or_a_clear_error(typed: str) -> None:
    try:
        stored = normal_phone(typed)
    except PhoneWrong as error:
        assert error.message()
    else:
        assert normal_phone(stored) == stored
        assert len(stored) <= 32


def test_only_a_mobile_can_be_written_to() -> None:
    assert is_mobile("13800138000")
    assert not is_mobile("010-65551234")


# --- masks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        (mask_identity(CARD), "110105********002X"),
        (mask_identity("E12345678"), "*******78"),
        (mask_identity("1234"), "****"),
        (mask_identity(""), ""),
        (mask_phone("13800138000"), "138****8000"),
        (mask_phone("010-65551234"), "***-****1234"),
        (mask_phone("+85291234567"), "+*******4567"),
        (mask_phone("95588"), "***88"),
        (mask_phone(""), ""),
        (mask_bank_card("6222 0200 1234 5678 123"), "6222 **** **** ***8 123"),
        (mask_bank_card("62220200"), "********"),
        (mask_email("wang@example.com"), "w***@example.com"),
        (mask_email("nobody"), "******"),
        (mask_address("上海市浦东新区世纪大道100号"), "上海市浦东新******"),
        (mask_address("北京"), "**"),
    ],
)
def test_personal_numbers_are_masked(shown: str, masked: str) -> None:
    assert shown == masked


@given(st.from_regex(r"[1-9]\d{16}[\dX]", fullmatch=True), st.from_regex(r"1[3-9]\d{9}", fullmatch=True))
def test_a_mask_hides_the_birthday_and_the_middle(card: str, phone: str) -> None:
    assert mask_identity(card)[6:14] == "*" * 8
    assert mask_phone(phone)[3:7] == "****"
    assert (len(mask_identity(card)), len(mask_phone(phone))) == (18, 11)


# --- duplicates -------------------------------------------------------------------------------------------------


def test_the_same_phone_and_identity_are_found_however_typed() -> None:
    typed = duplicate_keys(phones=("+86 138 0013 8000", "", "13800138000"), identity_number="11010519491231002x")
    assert typed == (DuplicateKey("phone", "13800138000"), DuplicateKey("identity number", CARD))
    assert duplicate_keys(phones=["138001"], identity_number="110") == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("买买提·艾合买提", "买买提•艾合买提"),
        ("上海强生汽车有限公司", "上海强生汽车有限责任公司"),
        ("上海强生汽车股份有限公司", "上海强生汽车"),
        ("Anna  Müller", "anna müller"),
        ("Example Motors Co., Ltd.", "EXAMPLE MOTORS"),
    ],
)
def test_names_are_compared_without_their_trimmings(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


def test_a_name_that_is_only_an_ending_stays() -> None:
    assert name_key("公司") == "公司"
    assert name_key("王芳") != name_key("王方")
