"""`python measure.py DOCUMENTS FOLDER PORT`: two Anki collections and Anki's own server, as one line of JSON.

Runs with the peer's Python; of the project it needs the phases only. Anki begins with a full upload and download,
which is done with one note before anything is measured.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from anki.collection import AddNoteRequest, Collection

from benchmarks.exchange.phases import phase

CHANGED = 100
SINGLE = 25
_START_SECONDS = 20.0
_PORTION = 1_000
_NEXT_SECOND = 1.1
"""Anki tells changes apart by whole seconds."""


def main(documents, folder, port):
    Path(folder).mkdir(parents=True)
    server = _start(Path(folder), port)
    try:
        return _exchange(documents, Path(folder), f"http://127.0.0.1:{port}/")
    finally:
        server.kill()
        server.wait()


def _start(folder, port):
    env = {
        **os.environ, "SYNC_USER1": "desk:desk", "SYNC_BASE": str(folder / "server"), "SYNC_HOST": "127.0.0.1",
        "SYNC_PORT": str(port), "RUST_LOG": "anki=warn", "MAX_SYNC_PAYLOAD_MEGS": "1000",
    }  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "anki.syncserver"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return server
        except OSError:
            time.sleep(0.05)
    server.kill()
    raise RuntimeError("the server does not answer")


class _Desk:
    def __init__(self, path, address):
        self.notes = Collection(str(path))
        self._auth = self.notes.sync_login("desk", "desk", address)

    def sync(self):
        return self.notes.sync_collection(self._auth, False)

    def sync_whole(self, *, upload):
        self.sync()
        self.notes.close_for_full_sync()
        self.notes.full_upload_or_download(auth=self._auth, server_usn=None, upload=upload)
        self.notes.reopen(after_full_sync=True)

    def add(self, texts):
        kind, deck = self.notes.models.by_name("Basic"), self.notes.decks.id("Default")
        requests = []
        for front, back in texts:
            note = self.notes.new_note(kind)
            note["Front"], note["Back"] = front, back
            requests.append(AddNoteRequest(note=note, deck_id=deck))
        self.notes.add_notes(requests)


def _exchange(documents, folder, address):
    first = _Desk(folder / "first.anki2", address)
    first.add([("first", "first")])
    first.sync_whole(upload=True)
    second = _Desk(folder / "second.anki2", address)
    second.sync_whole(upload=False)
    time.sleep(_NEXT_SECOND)
    first.sync()
    second.sync()
    count = _add_all(first, documents)
    found = {}
    with phase(found, "push"):
        first.sync()
    with phase(found, "pull"):
        second.sync()
    if second.notes.note_count() != count + 1:
        raise RuntimeError(f"{second.notes.note_count() - 1} of {count} documents arrived")
    ids = list(first.notes.find_notes(""))[:CHANGED]
    _change(first, ids, "CHANGED")
    with phase(found, "push_changed"):
        first.sync()
    with phase(found, "pull_changed"):
        second.sync()
    found["one_ms"] = statistics.median(_one(first, second, ids[turn], turn) for turn in range(SINGLE))
    first.notes.close()
    second.notes.close()
    return found


def _add_all(desk, documents):
    texts, count = [], 0
    with open(documents, encoding="utf-8") as lines:
        for line in lines:
            texts.append((json.loads(line)["number"], line.strip()))
            count += 1
            if len(texts) == _PORTION:
                desk.add(texts)
                texts = []
    if texts:
        desk.add(texts)
    return count


def _change(desk, ids, word):
    time.sleep(_NEXT_SECOND)
    notes = [desk.notes.get_note(one) for one in ids]
    for note in notes:
        note["Front"] += f" {word}"
    desk.notes.update_notes(notes)


def _one(first, second, note_id, turn):
    time.sleep(0.05)
    note = first.notes.get_note(note_id)
    note["Front"] = f"turn {turn}"
    first.notes.update_note(note)
    found = {}
    with phase(found, "one"):
        first.sync()
        second.sync()
    if second.notes.get_note(note_id)["Front"] != f"turn {turn}":
        raise RuntimeError("a change did not arrive")
    return found["one_ms"]


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
