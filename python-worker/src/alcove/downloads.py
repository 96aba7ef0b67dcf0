"""Fetching files that an op needs, weights say, once and for all ops."""

from __future__ import annotations

import errno
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from .calls import progress
from .locks import try_lock
from .messages import OpError, text_of
from .network_settings import is_offline, opener

_SCHEMES = ("http", "https", "file")
_PLAIN_IN_ADDRESSES = "%!#$&'()*+,/:;=?@[]~"
_CHUNK_BYTES = 1 << 18
_SECONDS_OF_SILENCE = 30.0
_SECONDS_BETWEEN_LOOKS = 0.1
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416
_FOR_A_WHILE = (408, 429, 500, 502, 503, 504)

_locks: dict[str, threading.Lock] = {}  # a lock on a file excludes processes, not threads

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_locks.clear)  # whoever held one is not there


def download(url: str, sha256: str, name: Optional[str] = None) -> Path:
    """The file behind an address, fetched if it is not there yet, and from then on without any network.

    Progress is told and a cancel is heard while it is fetched. What was fetched before an interruption is kept and
    continued. Any number of ops and workers may ask for the same file at once: one fetches it, the others wait. Proxy,
    certificates and ``offline`` are those of Alcove's settings.

    Args:
        url: http, https or file.
        sha256: the SHA-256 of the file's content, 64 hexadecimal digits.
        name: the file's name; the last part of the address by default.

    Raises:
        OpError: with a hint, and as ``cause`` network (also where the settings forbid to use it), hash_mismatch,
            disk_full or permission.
        ValueError: for an address, a digest or a name that cannot be one.
    """
    from urllib.parse import quote, unquote, urlsplit

    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"an address begins with http, https or file, not {url!r}")
    if not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        raise ValueError(f"a SHA-256 has 64 hexadecimal digits, not {sha256!r}")
    name = name or unquote(parts.path).rpartition("/")[2]
    if name in ("", ".", "..") or re.search(r'[/\\:*?"<>|\0-\x1f]', name):
        raise ValueError(f"{name!r} is no name for a file; give download(..., name=...)")
    file = data_directory() / "cache" / "downloads" / sha256.lower() / name
    if file.exists():
        return file
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with _only_one(file):
            if not file.exists():
                if parts.scheme != "file" and is_offline():
                    raise _no_network(url, file)
                _Download(quote(url, safe=_PLAIN_IN_ADDRESSES), sha256.lower(), file).run()
    except OSError as error:
        raise _disk_error(error, file) from None
    return file


def data_directory() -> Path:
    """Where Alcove keeps what is worth keeping: ``ALCOVE_DATA_DIR``, else the platform's folder for data."""
    chosen = os.environ.get("ALCOVE_DATA_DIR", "")
    if chosen.strip():
        return Path(chosen).absolute()
    home = Path.home()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "Alcove"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "Alcove"
    data = os.environ.get("XDG_DATA_HOME", "")
    return (Path(data) if data.startswith("/") else home / ".local" / "share") / "alcove"


@contextmanager
def _only_one(file: Path) -> Iterator[None]:
    """Waits until no other thread and no other process fetches the file."""
    waiting = f"Waiting for another op that downloads {file.name}"
    inside = _locks.setdefault(str(file), threading.Lock())
    while not inside.acquire(timeout=_SECONDS_BETWEEN_LOOKS):
        progress(None, waiting)
    try:
        path = file.with_name(file.name + ".lock")
        open(path, "ab").close()
        while (lock := try_lock(path)) is None:
            progress(None, waiting)
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        try:
            yield
        finally:
            lock.release()
    finally:
        inside.release()


class _Download:
    """One file on its way; ``part`` beside it holds what has come so far."""

    def __init__(self, url: str, sha256: str, file: Path) -> None:
        self._url = url
        self._sha256 = sha256
        self._file = file
        self._part = file.with_name(file.name + ".part")

    def run(self) -> None:
        """Fetches the file, checks it, and gives it its name."""
        continued = self._part.exists()
        found = self._complete()
        if found != self._sha256 and continued:
            self._part.unlink()  # it may have been begun with another version of the file
            found = self._complete()
        if found != self._sha256:
            self._part.unlink()
            raise OpError(
                f"{self._file.name} is not the file that was expected: it was changed, or damaged on its way",
                hint="try again; if it stays so, the op's author must look at the address and its SHA-256",
                cause="hash_mismatch",
                url=self._url,
                expected=self._sha256,
                found=found,
            )
        os.replace(self._part, self._file)

    def _complete(self) -> str:
        """Fetches what is missing, and again where the connection broke off after it had brought something."""
        while True:
            before = self._part.stat().st_size if self._part.exists() else 0
            try:
                return self._fetch()
            except OpError:
                if self._part.stat().st_size <= before:
                    raise

    def _fetch(self) -> str:
        """Fetches what is missing and returns the digest of the whole."""
        import hashlib

        digest = hashlib.sha256()
        with open(self._part, "a+b") as part:
            part.seek(0)
            while chunk := part.read(_CHUNK_BYTES):
                digest.update(chunk)
            size = part.tell()
            if digest.hexdigest() == self._sha256:
                return self._sha256
            with self._open(size) as response:
                if response.status != _PARTIAL_CONTENT:  # so it sends all
                    part.truncate(0)
                    digest, size = hashlib.sha256(), 0
                total = _total(response, size)
                while chunk := self._read(response, size, total):
                    part.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
        if total is not None and size < total:
            raise self._failed(f"the connection broke off after {size} of {total} bytes", "try again to continue")
        return digest.hexdigest()

    def _open(self, start: int) -> Any:
        """The response, of what comes after the first ``start`` bytes if the server can do that."""
        from urllib.error import HTTPError
        from urllib.request import Request

        headers = {"User-Agent": "alcove", **({"Range": f"bytes={start}-"} if start else {})}
        progress(None, f"Downloading {self._file.name}")
        with self._network_errors():
            try:
                return opener().open(Request(self._url, headers=headers), timeout=_SECONDS_OF_SILENCE)
            except HTTPError as error:
                if not start or error.code != _RANGE_NOT_SATISFIABLE:
                    raise
                error.close()
        return self._open(0)

    def _read(self, response: Any, size: int, total: Optional[int]) -> bytes:
        of_total = f" of {total / 1e6:.1f}" if total is not None else ""
        progress(size / total if total else None, f"Downloading {self._file.name}: {size / 1e6:.1f}{of_total} MB")
        with self._network_errors():
            chunk: bytes = response.read1(_CHUNK_BYTES)
        return chunk

    @contextmanager
    def _network_errors(self) -> Iterator[None]:
        from http.client import HTTPException
        from urllib.error import HTTPError

        try:
            yield
        except HTTPError as error:
            error.close()
            hint = "try again later" if error.code in _FOR_A_WHILE else "the op's author must look at the address"
            raise self._failed(f"the server answered {error.code} {error.reason}", hint, status=error.code) from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", None) or text_of(error)
            raise self._failed(str(reason), "check the network, and the proxy if there is one") from None

    def _failed(self, reason: str, hint: str, **details: Any) -> OpError:
        return OpError(
            f"{self._file.name} could not be downloaded from {self._url}: {reason}",
            hint=f"{hint}; or fetch it yourself and save it as {self._file}",
            cause="network",
            url=self._url,
            **details,
        )


def _no_network(url: str, file: Path) -> OpError:
    return OpError(
        f"{file.name} is not on this machine, and no network is to be used: offline is set",
        hint=f"unset offline (--offline, ALCOVE_OFFLINE, the setting), or fetch {url} elsewhere and save it as {file}",
        cause="network",
        url=url,
    )


def _total(response: Any, start: int) -> Optional[int]:
    """The size of the whole file if the server tells it."""
    length = response.headers.get("Content-Length", "")
    return start + int(length) if length.isdecimal() else None


def _disk_error(error: OSError, file: Path) -> OpError:
    if error.errno == errno.ENOSPC:
        cause, hint = "disk_full", "make room there, or let ALCOVE_DATA_DIR point to a larger disk"
    elif error.errno == errno.ENAMETOOLONG:
        cause, hint = "path_too_long", "let ALCOVE_DATA_DIR point to a folder with a shorter path"
    else:
        cause, hint = "permission", "ask for write access there, or let ALCOVE_DATA_DIR point to a folder of your own"
    return OpError(f"{file} cannot be written: {error.strerror}", hint=hint, cause=cause, path=str(file))
