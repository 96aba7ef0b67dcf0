"""Java's inner loops, by JMH: how long each takes, and how much it allocates."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from .programs import CaseFailed

_OPTIONS = ["-f", "1", "-wi", "5", "-w", "1s", "-i", "5", "-r", "500ms", "-prof", "gc", "-bm", "avgt", "-tu", "ns"]


def measure(java: str, class_path: str, file: Path) -> list[dict[str, Any]]:
    """Name, nanoseconds, their error and bytes of each.

    Raises:
        CaseFailed: with JMH's last words.
    """
    command = [java, "-cp", class_path, "org.openjdk.jmh.Main", *_OPTIONS, "-rf", "json", "-rff", str(file)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        said, _ = process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode != 0:
        raise CaseFailed("JMH failed: " + "\n".join(said.splitlines()[-5:]))
    return [_read(each) for each in json.loads(file.read_text(encoding="utf-8"))]


def _read(benchmark: dict[str, Any]) -> dict[str, Any]:
    time, allocated = benchmark["primaryMetric"], benchmark["secondaryMetrics"].get("gc.alloc.rate.norm")
    return {
        "name": ".".join(benchmark["benchmark"].split(".")[-2:]),
        "nanoseconds": time["score"],
        # With one sample JMH has no error and says "NaN", as a text.
        "error": time["scoreError"] if isinstance(time["scoreError"], float) else 0.0,
        "bytes": allocated["score"] if allocated else 0.0,
    }
