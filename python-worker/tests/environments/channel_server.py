"""Serves a conda channel over HTTP on the loopback interface, with the faults that networks have."""

from __future__ import annotations

import base64
import contextlib
import fnmatch
import hashlib
import http.server
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from conda_channel import archives, repodata
from request_handler import RequestHandler

_PIECE = 16384


class Request(NamedTuple):
    """What was asked for."""

    method: str
    path: str
    headers: dict[str, str]
    """By name in lower case."""


@dataclass
class Fault:
    """What goes wrong with the files that a pattern matches; ``times`` counts down, -1 is for ever.

    With ``also_missing`` it acts where there is no file, too.
    """

    pattern: str
    act: Callable[[_Handler, bytes], None]
    times: int = -1
    also_missing: bool = False


@dataclass
class Hold:
    """A download that stops half-way."""

    reached: threading.Event = field(default_factory=threading.Event)
    """Set when one has come half-way."""
    dropped: threading.Event = field(default_factory=threading.Event)
    """Set when whoever downloaded it has gone."""
    released: threading.Event = field(default_factory=threading.Event)
    """Set it to let it end."""


class ChannelServer:
    """A channel on http(s)://127.0.0.1, and how to spoil it.

    Patterns are those of ``fnmatch`` and match the whole path, "*/numpy-*.conda", say. Of several faults that match,
    the one that was added last acts; one that has acted its number of times is gone.

    Args:
        directory: the channel's files.
        tls: makes it https.
    """

    def __init__(self, directory: Path, tls: ssl.SSLContext | None = None) -> None:
        self._directory = directory
        self._published: dict[str, bytes] = {}
        self._faults: list[Fault] = []
        self._holds: list[Hold] = []
        self._guard = threading.Lock()
        self._tls = tls
        self._port = 0
        self.requests: list[Request] = []
        self.password: str | None = None
        """"user:password", which is then asked for (HTTP basic)."""
        self.token: str | None = None
        """A token, which is then asked for: "Authorization: Bearer TOKEN", or conda's "/t/TOKEN" before the path."""
        self.start()

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listens, again on the same port after ``stop``."""
        channel = self

        class Handler(_Handler):
            def do_GET(self) -> None:
                channel._answer(self)

            do_HEAD = do_GET

        self._server = _Server(("127.0.0.1", self._port), Handler, self._tls)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """From now on connections are refused; those that are held are dropped."""
        for hold in self._holds:
            hold.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self, pattern: str) -> int:
        """How often files that match have been asked for."""
        return sum(fnmatch.fnmatch(request.path, pattern) for request in self.requests)

    def publish(self, path: str, content: bytes) -> None:
        """Offers a file, "linux-64/repodata.json", say, in place of the channel's own."""
        self._published["/" + path] = content

    def add(self, *packages: archives.Package) -> None:
        """Offers further packages, or others in place of those of the same file name."""
        for package in packages:
            path = f"{package.subdir}/repodata.json"
            said = json.loads(self._content("/" + path) or b"")
            content = archives.archive(package)
            self.publish(f"{package.subdir}/{package.file_name}", content)
            records = {**said["packages"], **said["packages.conda"]}
            text = repodata.text(package.subdir, {**records, package.file_name: archives.record(package, content)})
            self.publish(path, text)
            self.publish(path + ".zst", repodata.compressed(text))

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        with self._guard:
            self._faults.clear()
        for hold in self._holds:
            hold.released.set()

    # What can go wrong

    def hold(self, pattern: str) -> Hold:
        """Sends the first half, and the second only when it is released."""
        hold = Hold()
        self._holds.append(hold)

        def act(request: _Handler, content: bytes) -> None:
            request.begin(200, len(content))
            request.wfile.write(content[: len(content) // 2])
            hold.reached.set()
            if request.wait_for_end(hold.released):
                hold.dropped.set()
            else:
                request.wfile.write(content[len(content) // 2 :])

        self._add(pattern, act)
        return hold

    def slow(self, pattern: str, bytes_per_second: int) -> None:
        """Sends no more than so many bytes in a second."""

        def act(request: _Handler, content: bytes) -> None:
            request.begin(200, len(content))
            piece = max(1, min(_PIECE, bytes_per_second // 20))
            for start in range(0, len(content), piece):
                request.wfile.write(content[start : start + piece])
                if request.wait_for_end(seconds=piece / bytes_per_second):
                    return

        self._add(pattern, act)

    def cut(self, pattern: str, times: int = -1) -> None:
        """Closes the connection after half of what was promised."""

        def act(request: _Handler, content: bytes) -> None:
            request.begin(200, len(content))
            request.wfile.write(content[: len(content) // 2])

        self._add(pattern, act, times)

    def reset(self, pattern: str, times: int = -1) -> None:
        """Resets the connection after half of what was promised, as a failing router does."""

        def act(request: _Handler, content: bytes) -> None:
            request.begin(200, len(content))
            request.wfile.write(content[: len(content) // 2])
            request.wfile.flush()
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.connection.close()

        self._add(pattern, act, times)

    def fail(self, pattern: str, status: int = 503, times: int = -1, headers: dict[str, str] | None = None) -> None:
        """Answers with an error's status, 500, 503 or 404."""
        self._add(pattern, lambda request, _: request.reply(status, b"no\n", headers), times, also_missing=True)

    def corrupt(self, pattern: str, times: int = -1) -> None:
        """Sends as many bytes as there should be, of which one in the middle is wrong."""

        def act(request: _Handler, content: bytes) -> None:
            middle = len(content) // 2
            request.reply(200, content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :])

        self._add(pattern, act, times)

    def replace(self, pattern: str, content: bytes) -> None:
        """Sends something else: the page of a hotel's network, say."""
        self._add(pattern, lambda request, _: request.reply(200, content), also_missing=True)

    def redirect(self, pattern: str, to: str | None = None) -> None:
        """Redirects to another server, or to another path of this one, where the file is."""

        def act(request: _Handler, content: bytes) -> None:
            target = (to or f"{self.url}/redirected") + request.path
            request.reply(302, b"", {"Location": target})

        self._add(pattern, act)

    def without_length(self, pattern: str) -> None:
        """Does not say how long the file is."""

        def act(request: _Handler, content: bytes) -> None:
            request.begin(200, None)
            request.wfile.write(content)

        self._add(pattern, act)

    def _add(
        self, pattern: str, act: Callable[[_Handler, bytes], None], times: int = -1, also_missing: bool = False
    ) -> None:
        with self._guard:
            self._faults.append(Fault(pattern, act, times, also_missing))

    def _answer(self, request: _Handler) -> None:
        self.requests.append(Request(request.command, request.path, {k.lower(): v for k, v in request.headers.items()}))
        path = request.path.partition("?")[0]
        redirected = path.startswith("/redirected/")
        path = path.removeprefix("/redirected")
        if self.token is not None:
            path = path.removeprefix(f"/t/{self.token}")
        if not self._is_allowed(request):
            request.reply(401, b"", {"WWW-Authenticate": 'Basic realm="test"'})
            return
        content = self._content(path)
        fault = None if redirected else self._fault(path, content is None)
        with contextlib.suppress(ConnectionError):  # whoever asked has gone
            if fault is not None:
                fault.act(request, content or b"")
            elif content is None:
                request.reply(404, b"there is no such file\n")
            else:
                request.reply_unless_known(content)

    def _fault(self, path: str, missing: bool) -> Fault | None:
        with self._guard:
            for fault in reversed(self._faults):
                if missing and not fault.also_missing:
                    continue
                if fault.times != 0 and fnmatch.fnmatch(path, fault.pattern):
                    fault.times -= 1
                    return fault
        return None

    def _is_allowed(self, request: _Handler) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if self.password is not None:
            return scheme == "Basic" and base64.b64decode(given).decode() == self.password
        if self.token is not None:
            return (scheme, given) == ("Bearer", self.token) or request.path.startswith(f"/t/{self.token}/")
        return True

    def _content(self, path: str) -> bytes | None:
        if path in self._published:
            return self._published[path]
        file = self._directory / path.lstrip("/")
        return file.read_bytes() if ".." not in path and file.is_file() else None


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[_Handler], tls: ssl.SSLContext | None) -> None:
        super().__init__(address, handler)
        if tls is not None:
            # The handshake is done by the thread of the connection, or one who never ends it would block all others.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever distrusts the certificate, or goes away early, says so at its own end."""


class _Handler(RequestHandler):
    def reply_unless_known(self, content: bytes) -> None:
        """Like conda-forge's server: with a tag, and without content for whoever has it already."""
        tag = f'"{hashlib.md5(content).hexdigest()}"'
        known = self.headers.get("If-None-Match") == tag
        self.reply(304 if known else 200, b"" if known else content, {"ETag": tag})
