"""The centre's log of sealed documents, in plain words: how it stands, what was wrong with it, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.document_log.queries import LogRow
from app.runtime.language import tr, tr_noop
from sync.protocol.document_log import Fault
from ui.kit import formats


@dataclass(frozen=True, slots=True)
class FaultWords:
    """What was found, what it means, and what to do."""

    title: str
    meaning: str
    advice: str


_ASK = tr_noop(
    "Keep this page. Ask whoever runs the service, and another branch what its desks show. If the centre was put back "
    "from a backup, it has to be told so (restored); otherwise somebody changed its records."
)
_KEY = tr_noop(
    "Ask whoever runs the service whether the key was replaced, and compare the new key's number over the telephone "
    "before you accept it."
)
_WAY = tr_noop("Check the address of the service and its certificate. If it comes again, ask whoever runs the service.")
FAULTS: Mapping[Fault, FaultWords] = {
    Fault.SHORTER: FaultWords(
        tr_noop("Entries were cut off"), tr_noop("The log has fewer entries than the centre has signed before."), _ASK
    ),
    Fault.FORKED: FaultWords(
        tr_noop("Two different logs"),
        tr_noop("The centre has signed two different logs of one length: somebody is shown another one."), _ASK,
    ),
    Fault.REWRITTEN: FaultWords(
        tr_noop("Entries were changed"),
        tr_noop("The log no longer begins with the entries the centre has signed before."), _ASK,
    ),
    Fault.MOVED_BACK: FaultWords(
        tr_noop("The time went back"), tr_noop("A later state of the log carries an earlier time."),
        tr_noop("Have the clock of the centre checked."),
    ),
    Fault.OTHER_LOG: FaultWords(tr_noop("Another log"), tr_noop("The centre shows another log than before."), _ASK),
    Fault.KEY_CHANGED: FaultWords(
        tr_noop("The key was replaced"),
        tr_noop("The log is signed with a key that the known one has not announced."), _KEY,
    ),
    Fault.SIGNATURE_WRONG: FaultWords(
        tr_noop("The signature is wrong"), tr_noop("What was shown as the log was not signed by the centre."), _WAY
    ),
    Fault.NOT_INCLUDED: FaultWords(
        tr_noop("A proof is wrong"), tr_noop("The centre could not prove that a document stands in its log."), _WAY
    ),
    Fault.OTHER_DOCUMENT: FaultWords(
        tr_noop("A proof is about another document"), tr_noop("The centre has proved what nobody asked for."), _WAY
    ),
    Fault.RESTORED: FaultWords(
        tr_noop("The centre was restored"),
        tr_noop("The centre was put back from a backup and says so; the log goes on from there. What was sealed since "
                "is entered anew and proved again, with a later time; earlier proofs stay good."),
        tr_noop("Ask whoever runs the service whether that is so, then accept it."),
    ),
    Fault.MALFORMED: FaultWords(tr_noop("Not a log"), tr_noop("What was shown is no log."), _WAY),
}  # fmt: skip


def fault_title(fault: Fault) -> str:
    """The fault in a few words."""
    return tr(FAULTS[fault].title)


def log_text(log: LogRow, now: datetime) -> str:
    """How the log stands: entries, and when it was checked."""
    if log.checked_at is None:
        return tr("not checked yet")
    entered = tr("{n} in the log", n=formats.count(log.entries))
    checked = tr("checked {ago}", ago=formats.ago(log.checked_at, now))
    if log.waiting:
        return tr("{entered}, {n} to be proved, {checked}", entered=entered, n=formats.count(log.waiting),
                  checked=checked)  # fmt: skip
    return tr("{entered}, {checked}", entered=entered, checked=checked)
