"""``worker`` serves a host over stdin and stdout; ``describe FILE`` prints the descriptors of an op file's ops; ``run``
calls an op once."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main() -> int:
    """Runs the command that the program's arguments name and returns the exit code."""
    if sys.argv[1:] == ["worker"]:
        return _worker()
    if len(sys.argv) == 3 and sys.argv[1] == "describe":
        return _describe(sys.argv[2])
    if sys.argv[1:2] == ["run"]:
        from .running import run

        return run(sys.argv[2:])
    sys.stderr.write("usage: python -m alcove worker | describe FILE | run OPFILE:OP (run --help says more)\n")
    return 2


def _worker() -> int:
    import atexit

    from . import process

    if process.GUARDED:
        from . import guardian

        guardian.fork()
    else:
        process.start_session()
    atexit.register(process.end_children)  # the first to be registered is the last to run
    reading, writing = process.take_standard_streams()
    process.tell_of_crashes()
    from .server import Server

    Server(reading, writing).run()
    return 0


def _describe(path: str) -> int:
    """Describing imports the author's file, so a print in it must not end up in the answer."""
    import os

    from . import process
    from .loading import describe_file, sources_of
    from .messages import AlcoveError, encode

    _, writing = process.take_standard_streams()
    answer: dict[str, Any]
    try:
        answer = describe_file(path)
    except AlcoveError as error:
        answer = {"error": error.to_json(), "sources": sources_of(path)}
    with open(writing, "wb") as output:
        output.write(encode(answer))
    sys.stderr.flush()
    process.end_children()
    os._exit(1 if "error" in answer else 0)  # a thread that the file has started may never end


if __name__ == "__main__":
    sys.exit(main())
