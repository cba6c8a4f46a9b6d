"""What the shell needs from behind the window. `app.wiring` implements these; every call is made on a worker thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from app.kernel.permissions import Actor, Role
from ui.kit.text import Words

Progress = Callable[[str, float | None], None]


@dataclass(frozen=True, slots=True)
class StaffTile:
    """Somebody who signs in at this desk. `initials` are pinyin initials, to find a name by two keys."""

    staff_id: str
    login: str
    name: str
    role: Role
    initials: str = ""
    has_pin: bool = False


class Beginning(Enum):
    """What an opened database holds."""

    READY = "ready"
    JOINING = "joining"
    """This desk joined a group, and has not received its branch to the end."""
    EMPTY = "empty"
    """Nothing: the first start was left before it was decided what to begin with."""


class StartPort(Protocol):
    """From a closed database to somebody who is signed in."""

    def open_database(self, *, passphrase: str | None = None, recovery_code: str | None = None) -> None:
        """Open it, with the keyring's key if no secret is given; migrate if needed.

        Raises KeyringUnavailable, KeyringEntryMissing or KeySlotNotSet where a secret has to be asked for,
        WrongPassphrase and the recovery code's errors beside their field, and the database's own problems. May be
        called again.
        """

    def beginning(self) -> Beginning:
        """What is there, once the database is open."""

    def finish_joining(self, progress: Progress) -> None:
        """Receive what is missing of the branch; goes on where it was interrupted. Raises a SyncProblem."""

    def list_staff(self) -> Sequence[StaffTile]:
        """Who may sign in here, those who did so last first."""

    def sign_in(self, login: str, secret: str, *, quick: bool = False) -> Actor:
        """Check name and password (with `quick`, also the PIN) and make this person the desk's actor.

        Raises a DomainError; one that has a `seconds` parameter makes the window count down.
        """

    def sign_out(self) -> None:
        """Nobody is signed in any more."""

    def lock_minutes(self) -> int:
        """After how many idle minutes the branch wants the desk locked; 0: never."""


@dataclass(frozen=True, slots=True)
class NewBranch:
    """An empty branch: its names and code, this desk's code, and its first administrator."""

    name_zh: str
    name_en: str
    code: str
    desk_code: str
    login: str
    administrator: str
    password: str = field(repr=False)


class FirstRunPort(Protocol):
    """Sets a desk up, once. Long calls report through `progress`, which raises when cancelled."""

    def keyring_problem(self) -> str | None:
        """Why this computer's key store cannot be used, in words; None if it can."""

    def create_database(self, *, passphrase: str | None, progress: Progress) -> str:
        """Make the encrypted database and return the recovery code. Without a passphrase the keyring holds the key."""

    def fill_demo(self, progress: Progress) -> None:
        """The demo branch."""

    def fill_empty(self, branch: NewBranch, progress: Progress) -> None:
        """An empty branch with one administrator."""

    def join_group(self, address: str, code: str, progress: Progress) -> None:
        """Connect to a centre by a one-time code and receive everything of its branch. Raises a SyncProblem.

        May be called again after it was interrupted: what was received stays, and the code is not needed twice.
        """


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A record found by the palette: what kind it is, what to show, and which page opens it with which parameters."""

    kind: Words
    title: str
    page_key: str
    params: dict[str, Any]
    subtitle: str = ""
    icon: str = "file-text"


SearchQuery = Callable[..., Sequence[SearchHit]]
"""`search(reader, text, *, limit)`: hits for a text, only what the reader's actor may see."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """How far this desk and the centre agree. Instants are aware UTC; `connected` is about now, not about hope."""

    configured: bool = False
    connected: bool = False
    working: bool = False
    unsent: int = 0
    oldest_unsent_at: datetime | None = None
    offline_since: datetime | None = None
    last_agreed_at: datetime | None = None
    refused: int = 0
    lost: int = 0
    """Orders whose vehicle the centre gave to somebody else."""
    problem: Words = ""
    reference: str = ""
    """The id of the request a problem came from; it stands in the service's log too."""
    clock_was: datetime | None = None
    """The later time this computer's clock has shown before, where it was set back since."""
    log_alarms: int = 0
    """What is wrong with the centre's log of sealed documents."""
