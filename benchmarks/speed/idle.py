"""What a host and its workers cost while nothing is to do: CPU time, and memory that they share with nobody.

Looked at from outside, through Linux's ``/proc``, so that looking costs them nothing.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .programs import CaseSkipped, Program

_PROCESSES = Path("/proc")
# What ends after a moment may end: the JVM compiles what was hot, and gives back threads.
_SECONDS_TO_SETTLE = 4.0


def measure(program: Program, seconds: float) -> dict[str, Any]:
    """What the program and its descendants cost for so long: first a JVM that has nothing of Alcove yet, then after
    some calls.

    Raises:
        CaseSkipped: where there is no such ``/proc``.
    """
    if not (_PROCESSES / "self" / "smaps_rollup").exists():
        raise CaseSkipped("whether idle processes cost anything is only known on Linux", "run it there")
    time.sleep(1)
    (jvm,) = _cpu_percents([program.pid], seconds)
    program.ask({"warm": "call"}, 600)
    program.ask({"measure": "call", "count": 200}, 120)
    time.sleep(_SECONDS_TO_SETTLE)
    workers = descendants(program.pid)
    host, *others = _cpu_percents([program.pid, *workers], seconds)
    return {
        "seconds": seconds,
        "jvm_cpu_percent": round(jvm, 4),
        "host_cpu_percent": round(host, 4),
        "worker_cpu_percent": round(sum(others), 4),
        "worker_processes": len(workers),
        "worker_private_bytes": sum(private_bytes(process) for process in workers),
        "host_private_bytes": private_bytes(program.pid),
    }


def _cpu_percents(processes: list[int], seconds: float) -> list[float]:
    before = [cpu_seconds(process) for process in processes]
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return [100 * (cpu_seconds(process) - then) / took for process, then in zip(processes, before)]


def descendants(process: int) -> list[int]:
    """Children, their children and so on."""
    found = []
    for task in (_PROCESSES / str(process) / "task").iterdir():
        for word in (task / "children").read_text(encoding="ascii").split():
            found += [int(word), *descendants(int(word))]
    return found


def cpu_seconds(process: int) -> float:
    """Of all its threads, to the nanosecond; ``stat`` counts in hundredths."""
    tasks = (_PROCESSES / str(process) / "task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def private_bytes(process: int) -> int:
    """Memory that would be free if this process ended, and only it."""
    lines = (_PROCESSES / str(process) / "smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
