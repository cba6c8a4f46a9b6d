"""What can go wrong with backups. The text of each says what, for whoever runs the service."""


class ArchiveInUse(RuntimeError):
    """Another process archives into this folder."""


class ArchiveDamaged(RuntimeError):
    """What was archived is not what is there now. The text says which file."""


class NothingToRestore(RuntimeError):
    """The archive does not reach back to that moment, or there is something in the way."""


class ToolMissing(RuntimeError):
    """One of PostgreSQL's programs is not installed here."""


class ToolFailed(RuntimeError):
    """One of PostgreSQL's programs failed; the text is what it said."""
