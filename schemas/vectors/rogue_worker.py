"""A worker that lies, to test a host in any language: it does what a script says, whatever the protocol says.

    python rogue_worker.py SCRIPT.json

It needs Python 3.9 and nothing else. Start it where your host starts a worker (further arguments are ignored), have the
host initialise it, load any op file, and call the op ``op`` without inputs. Whatever the worker does, the host must
report what the script says, in bounded time, and go on: no process, thread, file or block may be left after it.

A script is an object with

- ``description``, and ``steps``, which are done in order; after the last one the worker waits for the end of its input;
- ``kind``: the kind of the error that the host must report for the call, be it found by starting, loading or calling;
  null where the call must succeed; a list where either will do;
- ``outputs``: those of a call that succeeds;
- ``ends``: true where the host must end the worker by itself, before anything more is asked of it;
- ``call``: how the host calls, where not as said above. ``array``: with some array as the input ``array``. ``map``:
  over two rows, which give the input ``value``, ending at the first failure; ``map_arrays``: the same by column, as an
  array of two int64. ``cancel``: and cancels it at its first
  progress. ``two``: twice, without waiting for the first; the kind is that of both;
- ``start_deadline``: true where the host needs one to notice.

A step is an object with one of

- ``expect``: a method; reads until such a request comes. ``initialize`` and ``load``: true; the same, and answers as an
  honest worker does;
- ``reply``: a result, ``error``: an error, for the request that came last. ``write``: any message. ``write_text``: a
  line. ``write_bytes_base64``: bytes as they are, no line. ``stderr``: a text;
- ``block``: a ``name`` and a ``size``: makes a file of so many zeros in the memory directory. ``folder``: a name; makes
  a folder there;
- ``close_output``: true. ``exit``: a code, at once. ``kill``: the number of a signal, to itself;
- ``hang``: true; from here on it neither reads nor heeds any request to end.

and maybe ``repeat``: how often. In texts ``{memory}``, ``{prefix}`` and ``{array_block}`` (the block of the array in
the request that came last) are filled in; a text that is ``{id}`` is the id of that request.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import time
from typing import Any

DESCRIPTOR: dict[str, Any] = {
    "name": "op",
    "title": "Op",
    "description": "",
    "form": "function",
    "inputs": [
        {"name": "array", "type": "array", "nullable": True, "required": False, "default": None},
        {"name": "value", "type": "any", "required": False, "default": None},
    ],
    "outputs": [{"name": "result", "type": "any"}],
    "idempotent": False,
    "gpu": False,
    "grace": 0.2,
    "id": "0123456789ab:op",
}
HONEST: dict[str, Any] = {
    "initialize": {
        "protocol": 1,
        "worker": {
            "name": "rogue",
            "version": "1",
            "language": "python",
            "language_version": "3",
            "pid": os.getpid(),
            "executable": sys.executable,
        },
        "features": [],
    },
    "load": {"ops": [DESCRIPTOR]},
}


class Rogue:
    """The state of a worker: what it was told, and by which request last."""

    def __init__(self) -> None:
        self.request: dict[str, Any] = {}
        self.places: dict[str, str] = {}

    def play(self, steps: list[dict[str, Any]]) -> None:
        for step in steps:
            for _ in range(step.get("repeat", 1)):
                for name, value in step.items():
                    if name != "repeat":
                        getattr(self, name)(value)

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.filled(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if value == "{id}":
            return self.request["id"]
        if isinstance(value, str):
            for name, place in self.places.items():
                value = value.replace("{" + name + "}", place)
        return value

    def expect(self, method: str) -> None:
        while self.request.get("method") != method or "answered" in self.request:
            line = sys.stdin.buffer.readline()
            if not line:
                sys.exit()
            self.request = json.loads(line)
        self.request["answered"] = True  # or the next one would be this one again
        params = self.request["params"]
        if method == "initialize":
            self.places["memory"] = params["memory"]["directory"]
            self.places["prefix"] = params["memory"]["prefix"]
        array = params.get("inputs", {}).get("array")
        if array is not None:
            self.places["array_block"] = array["block"]

    def initialize(self, _: Any) -> None:
        self.expect("initialize")
        self.reply(HONEST["initialize"])

    def load(self, _: Any) -> None:
        self.expect("load")
        self.reply(HONEST["load"])

    def reply(self, result: Any) -> None:
        self.write({"jsonrpc": "2.0", "id": "{id}", "result": result})

    def error(self, error: Any) -> None:
        self.write({"jsonrpc": "2.0", "id": "{id}", "error": error})

    def write(self, message: Any) -> None:
        self.write_text(json.dumps(self.filled(message)))

    def write_text(self, text: str) -> None:
        self.write_bytes(self.filled(text).encode() + b"\n")

    def write_bytes_base64(self, text: str) -> None:
        self.write_bytes(base64.b64decode(text))

    def write_bytes(self, data: bytes) -> None:
        while data:  # the host may stop reading in the middle, and end us there
            data = data[os.write(1, data) :]

    def stderr(self, text: str) -> None:
        os.write(2, self.filled(text).encode())

    def block(self, block: dict[str, Any]) -> None:
        path = os.path.join(self.places["memory"], self.filled(block["name"]))
        with open(path, "wb") as file:
            file.write(bytes(block["size"]))

    def folder(self, name: str) -> None:
        os.mkdir(os.path.join(self.places["memory"], self.filled(name)))

    def close_output(self, _: Any) -> None:
        os.close(1)

    def exit(self, code: int) -> None:
        os._exit(code)

    def kill(self, number: int) -> None:
        os.kill(os.getpid(), number)

    def hang(self, _: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1000)


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        script = json.load(file)
    Rogue().play(script["steps"])
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
