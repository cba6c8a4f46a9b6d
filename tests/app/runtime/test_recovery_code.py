import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runtime.errors import RecoveryCodeIncomplete, RecoveryCodeMistyped
from app.runtime.recovery_code import _ALPHABET, GROUP_SIZE, GROUPS, new_recovery_code, normal_recovery_code


def test_codes_are_readable_groups_and_never_the_same() -> None:
    codes = {new_recovery_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert [len(group) for group in code.split("-")] == [GROUP_SIZE] * GROUPS
        assert normal_recovery_code(code) == code


def test_typing_habits_do_not_matter() -> None:
    code = new_recovery_code()
    full_width = "".join(chr(ord(one) + 0xFEE0) for one in code)
    lookalikes = code.replace("1", "l").replace("0", "o").replace("V", "u")
    for typed in (code.lower(), code.replace("-", " "), code.replace("-", ""), f" {code}\n", full_width, lookalikes):
        assert normal_recovery_code(typed) == code


@given(st.data())
def test_one_wrong_character_is_noticed_and_its_group_named(data: st.DataObject) -> None:
    code = new_recovery_code()
    place = data.draw(st.sampled_from([index for index, one in enumerate(code) if one != "-"]))
    wrong = data.draw(st.sampled_from([one for one in _ALPHABET if one != code[place]]))
    with pytest.raises(RecoveryCodeMistyped) as caught:
        normal_recovery_code(code[:place] + wrong + code[place + 1 :])
    assert caught.value.params["group"] == place // (GROUP_SIZE + 1) + 1


@given(st.integers(0, GROUPS - 1), st.integers(0, GROUP_SIZE - 2))
def test_two_swapped_neighbours_are_noticed(group: int, position: int) -> None:
    code = new_recovery_code()
    at = group * (GROUP_SIZE + 1) + position
    if code[at] != code[at + 1]:
        with pytest.raises(RecoveryCodeMistyped):
            normal_recovery_code(code[:at] + code[at + 1] + code[at] + code[at + 2 :])


def test_two_swapped_groups_are_noticed() -> None:
    groups = new_recovery_code().split("-")
    groups[1], groups[4] = groups[4], groups[1]
    with pytest.raises(RecoveryCodeMistyped) as caught:
        normal_recovery_code("-".join(groups))
    assert caught.value.params["group"] == 2


@pytest.mark.parametrize("typed", ["", "ABCDE", "中文", "A" * 31, "x" * 30_000_000])
def test_too_little_or_too_much_is_said(typed: str) -> None:
    with pytest.raises((RecoveryCodeIncomplete, RecoveryCodeMistyped)) as caught:
        normal_recovery_code(typed)
    assert caught.value.field == "recovery_code"
