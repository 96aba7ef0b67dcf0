"""Runs ops of ``alcove.environments`` for the campaign: prints one JSON line for each step and for each outcome.

    environment_op.py '[["create", {"specification": {...}, "directory": "..."}], ...]' [THREADS]

Without THREADS the ops run one after the other; with it so many threads each run all of them, beginning at other ones.
"""

from __future__ import annotations

import json
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from alcove import OpError, environments

_lines = threading.Lock()


def say(kind: str, value: Any) -> None:
    with _lines:
        print(json.dumps([kind, value]), flush=True)


def run(op: str, arguments: dict[str, Any]) -> None:
    try:
        made = getattr(environments, op)(**{**arguments, "directory": Path(arguments["directory"])})
    except OpError as error:
        say("failed", {"cause": error.details.get("cause"), "message": str(error), "hint": error.hint})
        return
    except Exception:
        say("crashed", traceback.format_exc())
        return
    say("result", made)


def run_all(ops: list[tuple[str, dict[str, Any]]]) -> None:
    for op, arguments in ops:
        run(op, arguments)


environments.progress = lambda fraction, message, details=None: say("step", message)  # type: ignore[assignment]
wanted = json.loads(sys.argv[1])
threads = [
    threading.Thread(target=run_all, args=(wanted[first % len(wanted) :] + wanted[: first % len(wanted)],))
    for first in range(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
