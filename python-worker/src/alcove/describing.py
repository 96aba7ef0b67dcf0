"""Describing op files without their environments: an op of the toolbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .calls import progress
from .messages import OpError
from .ops import op

_SECONDS_BETWEEN_LOOKS = 0.1
_BOOT = "import sys; sys.path[0] = sys.argv.pop(1); from alcove.__main__ import main; sys.exit(main())"


@op(idempotent=True)
def describe(path: Path) -> dict[str, Any]:
    """Describes the ops of an op file in a process of their own: importing the file runs its author's code.

    path: the op file

    Returns ``{"ops": [descriptor, ...]}``, or ``{"error": ...}`` as the protocol writes errors when the file has
    mistakes.
    """
    package = os.path.dirname(os.path.dirname(__file__))
    command = [sys.executable, "-X", "utf8", "-c", _BOOT, package, "describe", str(path)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=_SECONDS_BETWEEN_LOOKS)
                    break
                except subprocess.TimeoutExpired:
                    progress(None, f"Reading {path.name}")
        finally:
            process.kill()
    try:
        answer: dict[str, Any] = json.loads(output)
    except ValueError:
        raise OpError(
            f"{path.name} ended Python when it was imported (exit code {process.returncode})",
            hint="put what must not run on import under if __name__ == '__main__'",
        ) from None
    return answer
