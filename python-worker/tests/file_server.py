"""A web server for tests of downloads, which can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer:
    """Serves ``content`` at every path and keeps what it was asked for.

    ``status`` other than 200 is answered without content. With ``knows_ranges`` false every answer is the whole file.
    ``breaks_off`` holds, for the answers to come, after how many bytes each ends without notice. While ``hold`` is set,
    an answer waits after its first ``held_after`` bytes until ``go_on`` is.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.content = b""
        self.status = 200
        self.knows_ranges = True
        self.tells_length = True
        self.breaks_off: list[int] = []
        self.hold = False
        self.held_after = 0
        self.held = threading.Event()
        self.go_on = threading.Event()
        self.paths: list[str] = []
        self.ranges: list[str | None] = []


@contextmanager
def file_server() -> Iterator[FileServer]:
    """Runs one on this machine's own address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, served)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = FileServer(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield served
        finally:
            served.go_on.set()
            server.shutdown()
            thread.join()


def _answer(handler: BaseHTTPRequestHandler, served: FileServer) -> None:
    asked = handler.headers["Range"]
    served.paths.append(handler.path)
    served.ranges.append(asked)
    start = int(asked.partition("=")[2].rstrip("-")) if asked and served.knows_ranges else 0
    content = served.content[start:]
    status = served.status
    if status == 200 and start:
        status = 206 if content else 416
    handler.send_response(status)
    if status not in (200, 206):
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    if served.tells_length:
        handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    if served.breaks_off:
        content = content[: served.breaks_off.pop(0)]
    if served.hold:
        handler.wfile.write(content[: served.held_after])
        handler.wfile.flush()
        content = content[served.held_after :]
        served.held.set()
        assert served.go_on.wait(60)
    try:
        handler.wfile.write(content)
    except OSError:  # whoever asked has gone
        pass
    handler.close_connection = True
