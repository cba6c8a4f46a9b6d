"""One contract for all forgers, made once, and a checker."""

from collections.abc import Iterator

import pytest

from app.runtime.language import language, set_language
from tests.app.contracts.tampering.samples import Case, Checker, case_of


@pytest.fixture(scope="package")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_of(tmp_path_factory.mktemp("forged"))


@pytest.fixture
def checker(case: Case) -> Iterator[Checker]:
    before = language()
    yield Checker(case)
    set_language(before)
