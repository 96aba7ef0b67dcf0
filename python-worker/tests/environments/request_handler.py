"""What answers a request in the servers of these tests."""

from __future__ import annotations

import http.server
import threading


class RequestHandler(http.server.BaseHTTPRequestHandler):
    def begin(self, status: int, length: int | None, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def reply(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.begin(status, len(content), headers)
        if self.command != "HEAD":
            self.wfile.write(content)

    def wait_for_end(self, released: threading.Event | None = None, seconds: float | None = None) -> bool:
        """Waits until the other side hangs up (true), or ``released`` is set or the seconds are over (false)."""
        waited = 0.0
        step = 0.02 if seconds is None else min(0.02, seconds)
        self.connection.settimeout(step)
        while not (released is not None and released.is_set()) and (seconds is None or waited < seconds):
            waited += step
            try:
                if self.connection.recv(1) == b"":
                    return True
            except TimeoutError:
                continue
            except ConnectionError:
                return True
        self.connection.settimeout(None)
        return False

    def log_message(self, format: str, *arguments: object) -> None:
        pass
