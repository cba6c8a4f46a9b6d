"""A whole application in the test's process: real windows on a real encrypted profile."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.kernel.clock import SystemClock
from app.kernel.permissions import Role
from app.runtime.paths import open_profile
from app.runtime.settings import Settings, save_settings
from app.tour.hands import Hands
from app.wiring.code_sending import give_code_gateways
from app.wiring.signing import give_signing_keys
from app.wiring.start import Application
from tests.factories.databases import KEY, open_copy
from tests.factories.people import actor_of, staff_of
from tests.factories.records import Records
from tests.journeys.sealed_house import SealedHouse, build_house
from tests.ui.conftest import expected_errors, guards  # noqa: F401  (fixtures)


@pytest.fixture(scope="session")
def showroom(database_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk's database with a dozen vehicles and customers, built once."""
    path = tmp_path_factory.mktemp("showroom") / "showroom.db"
    database = open_copy(database_template, path)
    records = Records(database, clock=SystemClock(), actor=actor_of(staff_of(Role.ADMINISTRATOR)))
    trim = records.trim(parameters={"displacement": "1.5"})
    for number in range(12):
        records.unit(trim, list_price=Decimal(150000 + 5000 * number), floor_price=Decimal(140000 + 5000 * number))
    for name, initials in (("王小明", "wxm"), ("李华", "lh"), ("欧阳娜", "oyn")):
        records.customer(name=name, name_initials=initials)
    database.close()
    return path


@pytest.fixture(scope="session")
def sealed_house(showroom: Path, tmp_path_factory: pytest.TempPathFactory) -> SealedHouse:
    """The showroom with a sealed contract and a consent whose time is over, built once."""
    return build_house(showroom, tmp_path_factory.mktemp("sealed") / "house")


@pytest.fixture
def start_application(qapp: QApplication, showroom: Path, tmp_path: Path) -> Iterator[Callable[..., Application]]:
    """Starts desks: `start_application("a", desk_code="D02")` gives the application at its sign-in window. They have
    the records of the showroom, or those of `house`."""
    started: list[Application] = []

    def start(
        name: str = "desk", *, desk_code: str = "D01", language: str = "en", theme: str = "light",
        house: SealedHouse | None = None,
    ) -> Application:  # fmt: skip
        profile = open_profile(tmp_path / name).prepare()
        if house is not None:
            house.copy_to(profile.root, desk_code=desk_code)
        else:
            open_copy(showroom, profile.database_path, desk_code=desk_code).close()
        profile.key_slots_path.write_text("{}", encoding="utf-8")  # the key is handed over below
        save_settings(profile, Settings(language=language, theme=theme))
        application = Application(qapp, profile)
        application.take_profile()
        application.desk.open(KEY)
        give_signing_keys(application.desk)
        give_code_gateways(application.desk)
        application.show_first_window()
        started.append(application)
        return application

    yield start
    for application in started:
        application.close()


@pytest.fixture
def hands(qapp: QApplication) -> Hands:
    """A pair of hands without a camera."""
    return Hands(qapp)
