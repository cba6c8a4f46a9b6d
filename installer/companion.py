"""A central service beside the desk, for trying both on one computer: started before it, stopped after it."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
PORT = 8700
URL_VARIABLE = "FORECOURT_SERVICE_URL"
DATABASE_VARIABLE = "FORECOURT_SERVICE_DATABASE"
_PATIENCE_SECONDS = 30.0
_FAREWELL_SECONDS = 10.0


class ServiceNotStarted(Exception):
    """The service ended or stayed silent; the text says where its words are."""


def service_database(data: Path) -> str:
    """The service's database in the desk's folder, which is made if it is not there."""
    database = data.expanduser().absolute() / "service" / "service.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{database.as_posix()}"


def service_arguments(database: str, *, port: int) -> list[str]:
    """What the service is started with."""
    return ["--host", HOST, "--port", str(port), "--database", database]


@contextmanager
def service_beside(command: Sequence[str], *, port: int, variables: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run the service while the context lasts; gives its address. One that already listens is used and left alone.

    Raises ServiceNotStarted when it does not answer within 30 seconds.
    """
    address = f"http://{HOST}:{port}"
    if _answers(port):
        yield address
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=dict(variables),
            # Ctrl+C is meant for the desk, which may still have something to say to the service.
            start_new_session=os.name == "posix",
        )
        try:
            _wait_until_it_answers(process, port=port, log=log)
            yield address
        finally:
            _stop(process)


def value_of(option: str, arguments: Sequence[str]) -> str:
    """The value of an option on a command line, "" without it."""
    for place, argument in enumerate(arguments):
        if argument.startswith(option + "="):
            return argument.partition("=")[2]
        if argument == option and place + 1 < len(arguments):
            return arguments[place + 1]
    return ""


def _wait_until_it_answers(process: subprocess.Popen[bytes], *, port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _answers(port):
        if process.poll() is not None:
            raise ServiceNotStarted(f"the central service ended at once; what it said is in {log}")
        if time.monotonic() > deadline:
            raise ServiceNotStarted(f"the central service does not answer on port {port}; its log is {log}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=0.5):
            return True
    except OSError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=_FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
