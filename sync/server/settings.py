"""How one service is set up."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8420
IN_DATABASE = "database"
READY = "service ready at "
"""Begins the line on standard output that says where the service listens; the address follows."""

METRICS = "metrics at "
"""The same of the line that says where the metrics are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """Where the service listens and where it keeps its data; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    database: str = ""
    data: Path = Path("service-data")
    tls_cert: Path | None = None
    tls_key: Path | None = None
    workers: int = 1
    drain_seconds: float = 0.0
    """How long the service says it is not ready before it takes nothing new."""
    behind_proxy: str = ""
    """Addresses and networks of proxies whose forwarded headers are believed, parted by commas."""
    root_path: str = ""
    """Where a proxy shows the service, such as `/forecourt`."""
    public_url: str = ""
    """Where phones reach the service, such as `https://sign.example.cn`; empty where that is as the desks reach it."""
    revocation_networks: str = ""
    """Networks that are not public, from which revocation lists may be fetched all the same, parted by commas."""
    metrics: str = ""
    """`HOST:PORT` of the metrics; empty for none."""
    log_format: str = "json"
    log_level: str = "info"
    rate_limits: bool = True
    tenants: Path | None = None
    """The file that says which groups live in other databases: see `databases`."""
    archive: Path | None = None
    """Where a SQLite database is archived to while the service runs."""
    archive_days: int = 14
    """How many days back the archive reaches."""
    contents: str = ""
    """Where pictures and documents are kept: "database", a folder, or empty for the usual place."""

    @property
    def database_url(self) -> str:
        """The database asked for, else a SQLite file in the data folder."""
        return self.database or f"sqlite:///{self.data / 'service.db'}"

    @property
    def contents_folder(self) -> Path | None:
        """The folder of the contents, None for the database: usual is the folder where the database is a file beside
        it, and the database where that is a server's, whose backup then has everything."""
        if self.contents == IN_DATABASE or (not self.contents and self.database):
            return None
        return Path(self.contents) if self.contents else self.data / "contents"
