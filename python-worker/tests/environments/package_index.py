"""A package index on the loopback interface, with packages made on the spot; its downloads can be held half-way."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import ssl
import tarfile
import threading
import zipfile
from typing import Any

from request_handler import RequestHandler


class PackageIndex:
    """Serves the simple API for uv; ``url`` goes into UV_DEFAULT_INDEX."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.files: dict[str, bytes] = {}
        self.hashes: dict[str, str] = {}
        self.requests: list[str] = []
        self.password: str | None = None
        self.held: set[str] = set()
        """Names of files of which only the first half is sent."""
        self.reached = threading.Event()
        """Set when a held download has begun."""
        self.dropped = threading.Event()
        """Set when the one who downloaded it has gone: uv is dead."""
        self.released = threading.Event()
        """Set it to let held downloads end."""
        index = self

        class Handler(_Handler):
            def do_GET(self) -> None:
                index._answer(self)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}/simple"

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, name: str, version: str = "1.0", *, tag: str = "py3-none-any", pad: int = 0, **options: Any) -> str:
        """Publishes a wheel with one module of the same name, and returns its file name.

        ``requires``: requirements; ``metadata``: further lines of it; ``files``: further files, text by path; ``pad``:
        bytes that do not compress.
        """
        content = {f"{name}.py": f"VERSION = {version!r}\n", **options.get("files", {})}
        info = f"{name}-{version}.dist-info"
        requires = "".join(f"Requires-Dist: {requirement}\n" for requirement in options.get("requires", ()))
        more = requires + options.get("metadata", "")
        content[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}"
        content[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
        if "scripts" in options:
            content[f"{info}/entry_points.txt"] = "[console_scripts]\n" + options["scripts"]
        rows = [f"{path},{_record_hash(text)},{len(text.encode())}\n" for path, text in content.items()]
        content[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"])
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, text in content.items():
                archive.writestr(path, text)
            if pad:
                archive.writestr(f"{name}.data.bin", _noise(pad))
        file = self.publish(f"{name}-{version}-{tag}.whl", buffer.getvalue())
        self.files[f"{file}.metadata"] = content[f"{info}/METADATA"].encode()
        return file

    def add_source(self, name: str, version: str, backend: str) -> str:
        """Publishes a source distribution whose build runs ``backend``, a Python module."""
        settings = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        project = f'[project]\nname = "{name}"\nversion = "{version}"\n'
        metadata = f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n"
        content = {"pyproject.toml": settings + project, "PKG-INFO": metadata, "backend.py": backend}
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for path, text in content.items():
                member = tarfile.TarInfo(f"{name}-{version}/{path}")
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
        return self.publish(f"{name}-{version}.tar.gz", buffer.getvalue())

    def publish(self, file: str, content: bytes) -> str:
        self.files[file] = content
        self.hashes[file] = hashlib.sha256(content).hexdigest()
        return file

    def _answer(self, request: _Handler) -> None:
        self.requests.append(request.path)
        if self.password is not None and not self._knows_password(request):
            request.reply(401, b"", {"WWW-Authenticate": 'Basic realm="test"'})
            return
        kind, _, rest = request.path.strip("/").partition("/")
        if kind == "files" and rest in self.files:
            self._send_file(request, rest)
            return
        links = "".join(
            f'<a href="/files/{file}#sha256={self.hashes[file]}"{self._metadata(file)}>{file}</a>'
            for file in self.hashes
            if kind == "simple" and file.split("-")[0].replace("_", "-") == rest
        )
        request.reply(200 if links else 404, f"<!DOCTYPE html><html><body>{links}</body></html>".encode())

    def _metadata(self, file: str) -> str:
        """PEP 714's notice that the metadata can be had without the wheel."""
        return ' data-core-metadata="true"' if f"{file}.metadata" in self.files else ""

    def _knows_password(self, request: _Handler) -> bool:
        given = request.headers.get("Authorization", "").removeprefix("Basic ")
        return base64.b64decode(given).decode() == self.password

    def _send_file(self, request: _Handler, file: str) -> None:
        content = self.files[file]
        if file not in self.held or self.released.is_set():
            request.reply(200, content)
            return
        half = len(content) // 2
        request.begin(200, len(content))
        request.wfile.write(content[:half])
        self.reached.set()
        if request.wait_for_end(self.released):
            self.dropped.set()
        else:
            request.wfile.write(content[half:])


class _Handler(RequestHandler):
    def begin(self, status: int, length: int | None, headers: dict[str, str] | None = None) -> None:
        super().begin(status, length, {"Content-Type": "text/html", **(headers or {})})


def _record_hash(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return "sha256=" + digest.decode().rstrip("=")


def _noise(count: int) -> bytes:
    blocks, block = [], b"noise"
    for _ in range(count // 64 + 1):
        block = hashlib.sha512(block).digest()
        blocks.append(block)
    return b"".join(blocks)[:count]
