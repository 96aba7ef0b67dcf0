"""A program that ``./benchmark`` could start, for tests: each case does what its name says.

usage: fake_measuring.py TRACE NAME; every request is appended to the file TRACE.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def answer(request: dict[str, Any]) -> dict[str, Any] | None:
    """None for an answer that is no JSON."""
    step = next(step for step in ("warm", "measure", "done") if step in request)
    case = request[step]
    if case == "skips":
        return {"case": case, "skipped": "there is no such thing", "hint": "buy one"}
    if step != "measure":
        return {"case": case}
    if case == "fails":
        return {"case": case, "error": "it was wrong"}
    if case == "ends":
        sys.stderr.write("no more memory\n")
        sys.stderr.flush()
        os._exit(3)
    if case == "hangs":
        time.sleep(600)
    if case == "babbles":
        return None
    value = float(request.get("value", 1.0))
    return {"case": case, "unit": "us", "samples": [value] * request["count"], "facts": {"lost": 1}}


def main() -> None:
    trace, name = sys.argv[1:]
    print(json.dumps({"ready": True, "facts": {name: "1.0"}}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        with open(trace, "a", encoding="utf-8") as file:
            file.write(json.dumps([name, request]) + "\n")
        said = answer(request)
        print("nonsense" if said is None else json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
