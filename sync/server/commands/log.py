"""log, renew-log-key: the log of sealed documents."""

import argparse

from sync.protocol.document_log import key_id_of
from sync.server.commands.declaring import Subcommands, now, with_store
from sync.server.devices import ensure_open
from sync.server.document_log import read_state
from sync.server.log_keys import read_keys, renew_key
from sync.server.service_key import WrongServiceKey, open_service_key
from sync.server.store import Store


def add(to: Subcommands) -> None:
    to.command("log", with_store(_log), tenant=True, help="say how many sealed documents the log has, and its keys")
    renewing = to.command("renew-log-key", with_store(_renew), tenant=True, help="sign the log with a new key")
    renewing.add_argument(
        "--lost", action="store_true", help="the present key cannot be opened any more: every desk will show an alarm"
    )


def _log(store: Store, asked: argparse.Namespace) -> int:
    with store.read() as connection:
        state = read_state(store, connection, asked.tenant)
        keys = read_keys(store, connection, asked.tenant)
    if state is None:
        print("no document was sealed yet")
        return 0
    print(f"log {state.log}: {state.size} documents")
    for public_key in () if keys is None else keys.public:
        print(f"key {key_id_of(public_key)}: {public_key}")
    return 0


def _renew(store: Store, asked: argparse.Namespace) -> int:
    key = open_service_key(asked.data)
    with store.write() as connection:
        ensure_open(store, connection, asked.tenant)
        try:
            keys = renew_key(store, connection, key, tenant=asked.tenant, now=now(), lost=asked.lost)
        except WrongServiceKey as error:
            raise ValueError(f"{error}; where it is lost for good, say --lost") from error
    print(f"key {key_id_of(keys.current)}: {keys.current}")
    return 0
