"""How one service is set up."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8420
READY = "service ready at "
"""Begins the line on standard output that says where the service listens; the address follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """Where the service listens and where it keeps its data; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    database: str = ""
    data: Path = Path("service-data")
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @property
    def database_url(self) -> str:
        """The database asked for, else a SQLite file in the data folder."""
        return self.database or f"sqlite:///{self.data / 'service.db'}"
