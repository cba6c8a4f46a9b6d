"""A desk with a small demo branch, in this process or in one that is killed.

`python -m tests.journeys.demo_desk PROFILE`: signs in, half types a customer, says "typed", and waits for its end.
"""

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.runtime.paths import Profile, open_profile
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.signing import give_signing_keys
from app.wiring.start import Application
from tests.factories.databases import KEY
from ui.kit.form import Form

LOGIN, OTHER_LOGIN = "admin", "wangfang"
PASSWORD = "counter-Bell-42"  # of the people in the test's own demo branch
TYPED = "Half Typed"


def open_desk(qt: QApplication, root: Path) -> Application:
    """The application at its sign-in window, on a profile that has its database already."""
    profile: Profile = open_profile(root).prepare()
    profile.key_slots_path.write_text("{}", encoding="utf-8")  # the key is handed over below
    application = Application(qt, profile, spoken="en")
    application.take_profile()
    application.desk.open(KEY)
    give_signing_keys(application.desk)
    application.show_first_window()
    return application


def begin_customer(application: Application, hands: Hands) -> Form:
    """The form for a new customer, by its keys."""
    window = main_window(application)
    window.pages.open("customers")
    page = window.pages.current_page
    assert page is not None
    hands.wait(lambda: application.operations.settled(), "the customers are listed")
    window.actions_registry.run("customers.new")

    def shown() -> Form | None:
        return next((form for form in page.findChildren(Form) if form.isVisible()), None)

    form: Form = hands.wait(shown, "the form is open")
    hands.wait(lambda: application.operations.settled(), "the form has looked for a draft")
    return form


def name_entry(form: Form) -> QWidget:
    """Where the customer's name is typed."""
    return form.editor("name").focus_widget()


def main(root: Path) -> None:
    """Half type a customer and wait for the end."""
    qt = QApplication(sys.argv[:1])
    application, hands = open_desk(qt, root), Hands(qt)
    sign_in(application, hands, login=LOGIN, password=PASSWORD)
    form = begin_customer(application, hands)
    entry = name_entry(form)
    entry.setFocus(Qt.FocusReason.TabFocusReason)
    hands.type(TYPED, into=entry)
    sys.stdout.write("typed\n")
    sys.stdout.flush()
    qt.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
