"""Asking the centre whether a head of the log somebody else was shown is of the log this desk is shown.

The start-up gives whoever can ask, as long as the desk is connected; pages ask through here and know nothing of the
connection.
"""

from collections.abc import Callable

from sync.protocol.document_log import Fault, LogHead

Compare = Callable[[LogHead, str], Fault | None]
"""Of a head and the key that signed it: what is wrong, or None. Raises LogFault and SyncProblem."""
_ways: list[Compare] = []


def use_comparison(compare: Compare | None) -> None:
    """Ask this way from now on; None while the desk is not connected."""
    _ways[:] = [compare] if compare is not None else []


def can_compare() -> bool:
    """Whether there is somebody to ask."""
    return bool(_ways)


def compare_head(head: LogHead, public_key: str) -> Fault | None:
    """What is wrong between that head and the log this desk is shown, None where the one continues the other. A fault
    the centre has signed for becomes an alarm of this desk. Raises LogFault, SyncProblem; never on the window's thread.
    """
    return _ways[0](head, public_key)
