"""Goes through the steps of sealing and kills itself at every moment of each; a process of its own, which may fork.

A moment is before a statement that writes, before a commit, after it, and before and after each signature that is put
into the PDF; of many statements of one kind the first and the last. Says on a line of JSON what each dead
process has left behind.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.contracts import finishing
from app.contracts.stamps import stamping, time_stamping
from db import engine
from tests.app.contracts.sealing_steps import STEPS, Post
from tests.sync.killing.points import after, before

DONE, PDF = "done", "PDF"
_WRITING = ("INSERT", "UPDATE", "DELETE", "COMMIT")
_DRAWING = ((finishing, "sign_by_hand"), (finishing, "seal"), (finishing, "check"), (stamping, "check"),
            (time_stamping, "_with_stamp"), (time_stamping, "_with_store"))  # fmt: skip


class Moments:
    """Counts the moments of a step, and kills this process at the `last`. Stands in the place of a `Fuse`."""

    def __init__(self) -> None:
        self._last: int | None = None
        self.names: list[str] = []

    def begin(self, last: int | None = None) -> None:
        """Count anew."""
        self._last, self.names = last, []

    def burn(self, name: str = PDF) -> None:
        self.names.append(name)
        if len(self.names) == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        """Watch every writing connection that is opened from now on, and what draws into the PDF."""
        inner = engine.connect

        def connect(path: Path, key: bytes, **options: Any) -> Any:
            connection = inner(path, key, **options)
            if not options.get("read_only"):
                connection.set_trace_callback(self._statement)
            return connection

        engine.connect = connect
        for module, name in _DRAWING:
            before(module, name, self)  # type: ignore[arg-type]
            after(module, name, self)  # type: ignore[arg-type]

    def _statement(self, statement: str) -> None:
        words = statement.split(None, 3)
        if words and words[0].upper() in _WRITING:
            self.burn(" ".join(words[:3]))


def main(folder: Path, contract_id: str) -> None:
    """Kill a desk at every moment of every step; `base.db` in the folder is where it begins."""
    moments = Moments()
    moments.arm()
    for number, (step, do) in enumerate(STEPS.items()):
        base = folder / ("base.db" if not number else f"after-{number - 1}.db")
        names = _whole(moments, base, folder / f"after-{number}.db", contract_id, do)
        for moment in _chosen(names):
            file = folder / f"killed-{number}-{moment}.db"
            shutil.copyfile(base, file)
            status = _killed(moments, moment, file, contract_id, do)
            if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
                raise SystemExit(f"{step}: moment {moment} ({names[moment - 1]}) killed nobody: {status}")
            said = {"step": number, "moment": names[moment - 1], "file": file.name,
                    "last": names[moment - 1] not in names[moment:]}  # fmt: skip
            print(json.dumps(said), flush=True)


def _whole(moments: Moments, base: Path, target: Path, contract_id: str, do: Callable[[Post], None]) -> list[str]:
    """Do a step to its end, for the next to begin with, and tell its moments."""
    shutil.copyfile(base, target)
    post = Post.at(target, contract_id, base.parent)
    try:
        moments.begin()
        do(post)
        moments.burn(DONE)
        return moments.names
    finally:
        post.close()


def _killed(moments: Moments, moment: int, file: Path, contract_id: str, do: Callable[[Post], None]) -> int:
    """The status with which a forked process ended. No connection is open here, and there are no further threads."""
    child = os.fork()
    if child == 0:
        try:
            post = Post.at(file, contract_id, file.parent)
            moments.begin(moment)
            do(post)
            moments.burn(DONE)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    return os.waitpid(child, 0)[1]


def _chosen(names: list[str]) -> list[int]:
    """Which moments, counted from 1."""
    kinds = {name: [at for at, other in enumerate(names, start=1) if other == name] for name in names}
    return sorted({at for name, found in kinds.items() for at in (found if name == PDF else (found[0], found[-1]))})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
