"""How two changes of one record become one record: per field, the later hybrid time wins.

`clocks` maps fields to the written hybrid time of their last change, `*` stands for all fields not named. Written
hybrid times sort as the clocks do, so they are compared as text.
"""

from typing import Any

from sync.protocol.hlc import HybridTime, tick

EVERY = "*"
NEVER = ""
_SHORT = 8
_WRITER = 17
"""Where the writer begins in a written time."""
_PERSON = _WRITER + _SHORT


def clock_of(clocks: dict[str, str], field: str) -> str:
    """When the field was last changed; sorts before every real time where that is unknown."""
    return clocks.get(field) or clocks.get(EVERY, NEVER)


def after(seen: str, writer: str) -> str:
    """A written time just after `seen`, on behalf of `writer`: what stands behind the dash."""
    return str(tick(HybridTime.parse(seen), 0)).partition("-")[0] + f"-{writer}"


def writer_of(clock: str) -> str:
    """Who stands behind the dash: the device's short name, and behind it the person's where one signed the change."""
    return clock[_WRITER:]


def device_of(clock: str) -> str:
    """The short name of the device that read this clock."""
    return clock[_WRITER:_PERSON]


def person_of(clock: str) -> str:
    """The short name of the person who signed the change; empty where nobody did, or an earlier program wrote it."""
    return clock[_PERSON:]


def short_name(identifier: str) -> str:
    """What stands for a device or a person in a written time: the last digits of the id, which are random."""
    return identifier[-_SHORT:]


def signed(reading: str, person_id: str) -> str:
    """A device's reading as a change of this person carries it; unsigned where it is nobody with an id."""
    person = short_name(person_id)
    complete = len(reading) == _PERSON and len(person) == _SHORT and person.isalnum() and person.isascii()
    return reading + person if complete else reading


def merge(
    fields: dict[str, Any], clocks: dict[str, str], *, incoming: dict[str, Any], clock: str, aware: bool
) -> tuple[dict[str, Any], bool]:
    """The incoming fields that win, written into `fields` and `clocks`; and whether all were taken exactly as sent.

    `aware` says that the sender knew the present record: then its change wins even where its clock runs behind, with
    a time just after the one it replaces. The same holds between two changes of one device, which arrive in order.
    """
    taken: dict[str, Any] = {}
    exact = True
    device = device_of(clock)
    for name, value in incoming.items():
        seen = clock_of(clocks, name)
        stamp = clock
        if clock <= seen:
            if clock == seen and name in fields and fields[name] == value:
                continue
            if not aware and device_of(seen) != device:
                exact = False
                continue
            stamp, exact = after(seen, writer_of(clock)), False
        fields[name] = value
        clocks[name] = stamp
        taken[name] = value
    return taken, exact
