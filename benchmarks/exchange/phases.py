"""What one phase of an exchange takes: wall time, bytes on the wire, processor time, memory. Standard library only.

The bytes are those of the loopback interface, exact where the process has a network of its own (`isolation`). Linux
tells them, and the peak of memory, in `/proc`; elsewhere they are 0.
"""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Phases = dict[str, float]
"""`NAME_ms`, `NAME_wire` (bytes, both ways), `NAME_cpu_ms` (this process), `NAME_peak_mb` (growth while it lasted)."""


@contextmanager
def phase(found: Phases, name: str) -> Iterator[None]:
    """Measure the block into `found`."""
    _forget_peak()
    held, wire, used, began = _memory("VmRSS"), _wire(), _cpu(), time.perf_counter()
    yield
    found[f"{name}_ms"] = (time.perf_counter() - began) * 1000
    found[f"{name}_cpu_ms"] = (_cpu() - used) * 1000
    found[f"{name}_wire"] = _wire() - wire
    found[f"{name}_peak_mb"] = max(_memory("VmHWM") - held, 0) / 1024


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _wire() -> int:
    """Bytes the loopback interface has carried."""
    try:
        lines = Path("/proc/net/dev").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split(":")[1].split()[0]) for line in lines if line.strip().startswith("lo:")), 0)


def _memory(kind: str) -> int:
    """In KiB."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(kind)), 0)


def _forget_peak() -> None:
    try:
        Path(f"/proc/{os.getpid()}/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return
