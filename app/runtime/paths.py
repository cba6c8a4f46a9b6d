"""Where a desk keeps what it remembers: one folder per profile, readable for its owner only."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.runtime.atomic_file import environment_problem

HOME_VARIABLE = "FORECOURT_HOME"
_FOLDER_MODE = 0o700


@dataclass(frozen=True, slots=True)
class Profile:
    """One desk's folder. Two profiles on one computer share nothing."""

    root: Path

    @property
    def database_path(self) -> Path:
        return self.root / "forecourt.db"

    @property
    def key_slots_path(self) -> Path:
        """The wrapped database key; as precious as the database itself."""
        return self.root / "key_slots.json"

    @property
    def device_secrets_path(self) -> Path:
        return self.root / "device_secrets.json"

    @property
    def settings_path(self) -> Path:
        return self.root / "settings.json"

    @property
    def backups_dir(self) -> Path:
        return self.root / "backups"

    @property
    def drafts_dir(self) -> Path:
        """For half-typed forms; whoever writes here encrypts what is personal."""
        return self.root / "drafts"

    @property
    def exports_dir(self) -> Path:
        return self.root / "exports"

    @property
    def logs_dir(self) -> Path:
        return self.root / "logs"

    @property
    def service_dir(self) -> Path:
        """Where a central service started together with this desk keeps its own database."""
        return self.root / "service"

    @property
    def is_set_up(self) -> bool:
        """Whether a database has been made here already."""
        return self.database_path.exists()

    @property
    def folders(self) -> tuple[Path, ...]:
        return (
            self.root,
            self.backups_dir,
            self.drafts_dir,
            self.exports_dir,
            self.logs_dir,
            self.service_dir,
        )

    def prepare(self) -> "Profile":
        """Make the folders and prove that they can be written to; harmless when they exist.

        Raises ProfileNotCreatable, ProfileReadOnly, DiskFull or DiskFailing.
        """
        for folder in self.folders:
            _make_private(folder)
        _prove_writable(self.root)
        return self


def default_profile_root() -> Path:
    """The folder of this user's only desk: FORECOURT_HOME, else where the operating system keeps data."""
    configured = os.environ.get(HOME_VARIABLE, "").strip()
    if configured:
        return Path(configured).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("Forecourt", appauthor=False)


def open_profile(folder: str | os.PathLike[str] | None = None) -> Profile:
    """The profile in `folder` (from --profile) or in the default one, not yet prepared."""
    if folder is None or not os.fspath(folder):
        return Profile(default_profile_root())
    return Profile(Path(folder).expanduser().absolute())


def _make_private(folder: Path) -> None:
    try:
        existed = folder.is_dir()
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        if not existed:
            # mkdir's mode is cut by the umask and not given to parents; this one says it for sure.
            folder.chmod(_FOLDER_MODE)
    except OSError as error:
        raise environment_problem(error, folder=folder) from error


def _prove_writable(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".probe") as probe:
            probe.write(b"forecourt")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        raise environment_problem(error, folder=folder) from error
