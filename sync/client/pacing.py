"""How long to wait until the next exchange. Always with some chance in it: 40 desks that lost the centre in the same
moment, or that look every 30 seconds, must not come in step."""

import random
import socket
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from sync.client.errors import SyncProblem

_SPREAD = 0.15
_LONGEST_ASKED = 600.0
_ASLEEP_SECONDS = 20.0
"""The wall clock ran so much further than the computer's own: it slept, or somebody set the clock."""
LOOK_EVERY = 5.0
"""How often a resting desk looks whether it woke up or has another network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often to look, in seconds: soon after work, doubling up to `idle`; likewise after a failure."""

    lively: float = 2.0
    idle: float = 30.0
    first_retry: float = 2.0
    last_retry: float = 60.0
    refused: float = 120.0


class Pacing:
    """Works out the next pause; `wanted` is the one before chance comes in."""

    def __init__(self, rhythm: Rhythm, chance: random.Random | None = None) -> None:
        self._rhythm = rhythm
        self._chance = chance or random.Random()
        self.wanted = 0.0

    def begin(self) -> None:
        """As if nothing had happened yet."""
        self.wanted = 0.0

    def after_success(self, *, moved: bool) -> float:
        """Soon where something moved, ever more rarely where nothing does."""
        rhythm = self._rhythm
        self.wanted = rhythm.lively if moved else min(max(self.wanted, rhythm.lively) * 2, rhythm.idle)
        return self.wanted * self._chance.uniform(1 - _SPREAD, 1 + _SPREAD)

    def after_problem(self, problem: SyncProblem) -> float:
        """As the service asked, never earlier; else ever more rarely, and rarely where somebody has to act."""
        if problem.retry_after is not None:
            self.wanted = min(problem.retry_after, _LONGEST_ASKED)
            return self.wanted + self._chance.uniform(0.0, max(self.wanted * 0.25, 0.05))
        if not problem.passing:
            self.wanted = self._rhythm.refused
        else:
            self.wanted = min(max(self.wanted * 2, self._rhythm.first_retry), self._rhythm.last_retry)
        return self.wanted * self._chance.uniform(1 - 2 * _SPREAD, 1 + 2 * _SPREAD)

    def after_trouble_here(self) -> float:
        """The desk's own database refused, or nobody knows why it failed."""
        self.wanted = self._rhythm.last_retry
        return self.wanted

    def after_change(self) -> float:
        """The computer woke up, or has another network: at once, but not with all others at the same moment."""
        return self._chance.uniform(0.0, self._rhythm.first_retry)


class Watch(Protocol):
    """What tells the time and the network; tests bring their own."""

    def monotonic(self) -> float: ...

    def wall(self) -> float: ...

    def network(self) -> str:
        """The address this computer would speak from; "" without a network."""

    def wait(self, event: threading.Event, seconds: float) -> bool: ...


class SystemWatch:
    """The computer's clocks and network."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    def network(self) -> str:
        # Connecting a datagram socket sends nothing: it only asks which way a packet would go (RFC 5737 and 3849).
        for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
            try:
                with socket.socket(family, socket.SOCK_DGRAM) as probe:
                    probe.connect((target, 9))
                    return str(probe.getsockname()[0])
            except OSError:
                continue
        return ""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


class Surroundings:
    """Notices between two looks that the computer slept, or that its network is another one."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.begin()

    def begin(self) -> None:
        """Compare with now from here on."""
        self._monotonic, self._wall = self._watch.monotonic(), self._watch.wall()
        self._network = self._watch.network()

    def changed(self) -> bool:
        """Whether something happened since that may have brought the service back."""
        drift = (self._watch.wall() - self._wall) - (self._watch.monotonic() - self._monotonic)
        network = self._watch.network()
        if drift <= _ASLEEP_SECONDS and (network == self._network or not network):
            self._network = network
            return False
        self.begin()
        return True
