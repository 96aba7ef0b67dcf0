"""What the figures depend on: the machine, the versions, and what else ran meanwhile."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any


def describe(java: str, python: Path) -> dict[str, Any]:
    """For people; nothing that names the machine."""
    return {
        "when": time.strftime("%Y-%m-%d"),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gigabytes": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)),
        "java": _output([java, "-version"]).splitlines()[0],
        "python": _output([str(python), "-c", "import platform; print(platform.python_version())"]).strip(),
        "revision": _revision(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _revision() -> str:
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        revision = _output([*git, "rev-parse", "--short=10", "HEAD"], check=True).strip()
        changed = _output([*git, "status", "--porcelain", "--untracked-files=no"], check=True).strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return revision + (" and changes" if changed else "")


def _output(command: list[str], check: bool = False) -> str:
    finished = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=check)
    return finished.stdout


class Others:
    """How much of the machine others took, from the making of this object on. Linux alone tells; elsewhere 0."""

    def __init__(self) -> None:
        self._began = self._read()

    @staticmethod
    def _read() -> tuple[float, float, float]:
        """Seconds of CPU that were used, seconds that a hypervisor took away, seconds that this and its ended
        children used."""
        try:
            words = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
        except OSError:
            return 0.0, 0.0, 0.0
        user, nice, system, _, _, irq, softirq, steal = (int(word) / os.sysconf("SC_CLK_TCK") for word in words[:8])
        own = os.times()
        return user + nice + system + irq + softirq, steal, sum(own[:4])

    def cores(self, seconds: float) -> dict[str, float]:
        """How many CPUs other processes, and the hypervisor's other guests, used on average.

        Call it once all children have ended: those of living ones count as others'.
        """
        used, stolen, own = (now - then for now, then in zip(self._read(), self._began))
        seconds = max(seconds, 0.001)
        return {"others_cores": round(max(0.0, used - own) / seconds, 2), "stolen_cores": round(stolen / seconds, 2)}
