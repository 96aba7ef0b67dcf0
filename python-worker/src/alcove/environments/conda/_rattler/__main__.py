"""rattler in a process of its own: solves, installs or fetches what it is asked for.

Python runs this folder: ``python -I _rattler``. Each line of stdin asks for one thing, as an object of JSON; what it
does meanwhile are lines of JSON on stdout, and so is what came of it: {"answer": ...}, with an "error" in it if it
failed.

A process, because rattler goes on in the background when it is cancelled: downloads to their end, links into a folder
that is being deleted. A process can be killed. It also keeps crashes of native code away from whoever asked.
It imports nothing of the package around it, to start in a moment; its modules are top-level ones, as Python puts the
folder that it runs on its path.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import sys
import threading

from fetching import fetch
from installing import install
from solving import solve
from telling import Failed, Json, tell


async def _answer(request: Json) -> Json:
    try:
        return await {"solve": solve, "install": install, "fetch": fetch}[request["command"]](request)
    except Failed as failed:
        return {"error": failed.error}
    except Exception as error:
        return {"error": {"type": type(error).__name__, "text": str(error)}}


def _read(requests: queue.SimpleQueue[Json]) -> None:
    """Passes requests on, and ends this process with its owner, whatever goes on here."""
    for line in sys.stdin:
        requests.put(json.loads(line))
    os._exit(0)


def _main() -> None:
    requests: queue.SimpleQueue[Json] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    loop = asyncio.new_event_loop()
    while True:
        tell(answer=loop.run_until_complete(_answer(requests.get())))


if __name__ == "__main__":
    _main()
