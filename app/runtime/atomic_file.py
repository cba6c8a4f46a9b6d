"""Whole files or none: written beside the old one, flushed to the disk, then put in its place."""

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from app.runtime.errors import DiskFailing, DiskFull, EnvironmentProblem, ProfileNotCreatable, ProfileReadOnly

_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_MISPLACED = {errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL, errno.ENOENT}


def environment_problem(error: OSError, *, folder: Path) -> EnvironmentProblem:
    """What an error of the operating system means to a person who works in `folder`."""
    if error.errno in _FULL:
        return DiskFull(folder=str(folder))
    if error.errno in _READ_ONLY:
        return ProfileReadOnly(folder=str(folder))
    reason = error.strerror or type(error).__name__
    if error.errno in _MISPLACED:
        return ProfileNotCreatable(folder=str(folder), reason=reason)
    return DiskFailing(folder=str(folder), reason=reason)


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `content`, readable for its owner only unless `mode` says otherwise.

    After a crash the file holds either the old or the new content. Raises DiskFull, ProfileReadOnly,
    ProfileNotCreatable or DiskFailing, with the old file untouched.
    """
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
        temporary = None
        _flush_folder(path.parent)
    except OSError as error:
        raise environment_problem(error, folder=path.parent) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)


def _flush_folder(folder: Path) -> None:
    # Windows has no handle on a folder to flush, and needs none: the rename is in its journal.
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
