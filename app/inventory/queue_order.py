"""The order of a queue, alike at every desk whoever hears of what first.

A rank is text and the queue is sorted by it. Joining takes the hybrid time of the transaction: it sorts after all that
the desk knew then, so a desk whose clock is slow cannot put anybody before those it could see; of two who joined at two
desks that had not heard of each other, the earlier reading is first, at both desks, for good. Moving somebody gives
them a rank between their new neighbours: that of the one before them, and behind it the time of the move counted
backwards, so that of several moved to one place the last one moved stands there.
"""

_LATEST_MS = (1 << 48) - 1
_BEHIND = "~"
"""Sorts after every letter and digit of a hybrid time."""
_FRONT = "!"
"""Sorts before them."""
LONGEST = 400


def rank_behind(neighbour: str | None, *, hybrid_time: str) -> str:
    """The rank directly behind a neighbour's, before everybody for None. `hybrid_time` is that of the move."""
    backwards = f"{_LATEST_MS - int(hybrid_time[:12], 16):012x}{0xFFFF - int(hybrid_time[12:16], 16):04x}"
    prefix = _FRONT if neighbour is None else neighbour + _BEHIND
    return f"{prefix}{backwards}{hybrid_time[16:]}"
