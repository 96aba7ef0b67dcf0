"""A proxy on the loopback interface, as companies have them: plain requests and tunnels, with or without a password."""

from __future__ import annotations

import base64
import contextlib
import http.client
import http.server
import select
import socket
import threading
from urllib.parse import urlsplit


class ProxyServer:
    """Passes on what it is asked for; ``url`` goes into HTTPS_PROXY."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        """What it passed on, "GET http://..." or "CONNECT host:port"."""
        self.password: str | None = None
        """"user:password", which is then asked for."""
        proxy = self

        class Handler(_Handler):
            def do_GET(self) -> None:
                if proxy._lets_pass(self):
                    self.pass_on()

            do_HEAD = do_GET

            def do_CONNECT(self) -> None:
                if proxy._lets_pass(self):
                    self.tunnel()

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _lets_pass(self, request: _Handler) -> bool:
        given = request.headers.get("Proxy-Authorization", "").removeprefix("Basic ")
        if self.password is not None and base64.b64decode(given).decode() != self.password:
            request.reply(407, b"", {"Proxy-Authenticate": 'Basic realm="test"'})
            return False
        self.requests.append(f"{request.command} {request.path}")
        return True


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)
        self.close_connection = True

    def pass_on(self) -> None:
        target = urlsplit(self.path)
        with contextlib.closing(http.client.HTTPConnection(target.netloc)) as connection:
            own = ("proxy-authorization", "proxy-connection", "connection")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in own}
            connection.request(self.command, target._replace(scheme="", netloc="").geturl(), headers=headers)
            answer = connection.getresponse()
            self.reply(answer.status, answer.read(), {"Content-Type": answer.headers.get("Content-Type", "")})

    def tunnel(self) -> None:
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            here = self.connection
            with contextlib.suppress(OSError):
                while True:
                    for ready in select.select([here, there], [], [])[0]:
                        data = ready.recv(65536)
                        if not data:
                            self.close_connection = True
                            return
                        (there if ready is here else here).sendall(data)

    def log_message(self, format: str, *arguments: object) -> None:
        pass
