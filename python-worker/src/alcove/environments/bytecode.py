"""Keeps compiled Python files of packages, so that the next environment with the same ones need not compile them.

Bytecode depends on the source and the Python alone; Python corrects the paths in it when it is imported. It is kept for
each Python by the SHA-256 of the package that was compiled, with a list of hashes that is checked when it is taken out.
What does not fit in any way is compiled anew.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import hashlib
import json
import os
import shutil
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from packaging.utils import canonicalize_name

from .engines import Package

_LIST = "files.json"
_HEADER = struct.Struct("<4sIII")


class KeptBytecode:
    """The bytecode of the packages in one prefix.

    Args:
        folder: where that of one very Python is kept for all environments.
        tag: that Python's in names of compiled files, "cpython-312".
        prefix: the environment.
        packages: by SHA-256, the Python files of each that are worth compiling, relative to the prefix, with their own
            SHA-256; "" where the engine has seen to it that they are the package's.
    """

    def __init__(self, folder: Path, tag: str, prefix: Path, packages: Mapping[str, Mapping[str, str]]) -> None:
        self._folder = folder
        self._tag = tag
        self._prefix = prefix
        self._packages = packages
        self._restored: set[str] = set()

    @property
    def restored(self) -> set[Path]:
        """The sources whose bytecode was put into the prefix."""
        return {self._prefix / path for path in self._restored}

    def restore(self) -> None:
        """Puts what is kept into the prefix."""
        for sha256, sources in self._packages.items():
            kept = self._folder / sha256
            for path, (source, compiled) in _listed(kept).items():
                if sources.get(path) == source and self._put(kept / compiled, compiled, path, source):
                    self._restored.add(path)

    def keep(self, work: Path) -> None:
        """Keeps the bytecode of those packages of which some had to be compiled.

        Args:
            work: a folder for files, best on the same file system.
        """
        for sha256, sources in self._packages.items():
            current = {path: source for path, source in sources.items() if self._is_current(path)}
            if current.keys() - self._restored:
                self._keep(self._folder / sha256, current, work / f"bytecode-{sha256}")

    def missing(self) -> list[Path]:
        """The files of the packages that have no current bytecode."""
        paths = (path for sources in self._packages.values() for path in sources)
        return [self._prefix / path for path in paths if not self._is_current(path)]

    def _is_current(self, path: str) -> bool:
        header = _read(self._prefix / compiled_path(path, self._tag), _HEADER.size)
        return _fits(header, self._prefix / path)

    def _put(self, kept: Path, digest: str, path: str, source: str) -> bool:
        target, file = self._prefix / compiled_path(path, self._tag), self._prefix / path
        content = _read(kept)
        if os.path.lexists(target) or _digest(content) != digest or (source and _digest(_read(file)) != source):
            return False
        dated = content if _fits(content, file) else _dated(content, file) if source else b""
        if not dated:
            return False
        target.parent.mkdir(exist_ok=True)
        if dated is content:
            _link(kept, target)
        else:
            target.write_bytes(dated)
        return True

    def _keep(self, kept: Path, sources: Mapping[str, str], staging: Path) -> None:
        # All this is for speed alone, so that whatever fails is left to the next environment.
        with contextlib.suppress(OSError):
            staging.mkdir()
            listed = {}
            for path, source in sources.items():
                if source and _digest(_read(self._prefix / path)) != source:
                    continue  # it is not the package's
                compiled = self._prefix / compiled_path(path, self._tag)
                digest = _digest(_read(compiled))
                listed[path] = (source, digest)
                if not (staging / digest).exists():  # empty files all look the same
                    _link(compiled, staging / digest)
            (staging / _LIST).write_text(json.dumps(listed), encoding="utf-8")
            kept.parent.mkdir(parents=True, exist_ok=True)
            if kept.exists():  # and did not do, in part at least
                os.rename(kept, staging.with_suffix(".old"))
            os.rename(staging, kept)  # fails when another was faster, or when it is another file system


def of_wheels(
    folder: Path, version: str, prefix: Path, site_packages: Path, packages: Iterable[Package], worth: Iterable[Path]
) -> KeptBytecode:
    """The bytecode of packages from indexes; of those that were built on this machine none is kept.

    Args:
        folder: where bytecode is kept.
        version: of the Python, "3.12.4".
        prefix: the environment.
        site_packages: its folder of packages.
        packages: what the lock says is there.
        worth: the files that are to be compiled.
    """
    wheels = {package.name: package.sha256 for package in packages if package.url.endswith(".whl") and package.sha256}
    wanted = {file.relative_to(prefix).as_posix() for file in worth}
    start = site_packages.relative_to(prefix).as_posix()
    found = {}
    for record in site_packages.glob("*.dist-info/RECORD"):
        sha256 = wheels.get(canonicalize_name(record.parent.name.partition("-")[0]))
        if sha256:
            recorded = {f"{start}/{path}": digest for path, digest in _recorded(record)}
            found[sha256] = {path: digest for path, digest in recorded.items() if digest and path in wanted}
            for path in recorded:  # what a wheel brings itself is Python's to take or to leave
                if path.endswith(".pyc"):
                    found[sha256].pop(_source_path(path), None)
    return KeptBytecode(_folder_of(folder, version), tag_of(version), prefix, found)


def keeps_wheels(folder: Path, version: str, packages: Iterable[Package]) -> bool:
    """Whether there is bytecode of each package, which therefore was installed on this machine before."""
    kept = _folder_of(folder, version)
    return all(package.sha256 and (kept / package.sha256).exists() for package in packages)


def tag_of(version: str) -> str:
    """The tag "cpython-312" of Python 3.12.4."""
    return "cpython-" + "".join(version.split(".")[:2])


def compiled_path(path: str, tag: str) -> str:
    """Where Python puts the bytecode of a file.

    Args:
        path: of the source, with slashes.
        tag: of the Python, "cpython-312".
    """
    folder, name = os.path.split(path)
    return f"{folder}/__pycache__/{name[:-3]}.{tag}.pyc"


def _source_path(compiled: str) -> str:
    folder, name = os.path.split(compiled)
    return f"{os.path.dirname(folder)}/{name.partition('.')[0]}.py"


def _folder_of(folder: Path, version: str) -> Path:
    return folder / f"cpython-{version}"


def _recorded(record: Path) -> Iterator[tuple[str, str]]:
    """The files that a package lists, each with its SHA-256 in hexadecimal, "" when it has none."""
    with contextlib.suppress(OSError, ValueError, csv.Error):  # damaged: then it is compiled
        for row in csv.reader(record.read_text(encoding="utf-8").splitlines()):
            algorithm, _, encoded = row[1].partition("=") if len(row) > 1 else ("", "", "")
            is_known = algorithm == "sha256"
            yield row[0], base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).hex() if is_known else ""


def _listed(folder: Path) -> dict[str, tuple[str, str]]:
    try:
        values = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        return {str(path): (str(source), str(compiled)) for path, (source, compiled) in values.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


class _Header(NamedTuple):
    magic: bytes
    flags: int
    modified: int
    size: int


def _of(source: Path) -> tuple[int, int]:
    """When it was changed, and its size, as headers tell them."""
    status = os.stat(source)
    return int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF


def _fits(compiled: bytes, source: Path) -> bool:
    """Whether Python would take the bytecode for the source."""
    try:
        header = _Header(*_HEADER.unpack_from(compiled))
        # Flags are of bytecode that goes by the source's hash, or by nothing.
        return bool(header.flags) or (header.modified, header.size) == _of(source)
    except (OSError, struct.error):
        return False


def _dated(compiled: bytes, source: Path) -> bytes:
    """The bytecode for a source of the same content that was written at another time, as copies are; b"" for none."""
    try:
        header = _Header(*_HEADER.unpack_from(compiled))
        return _HEADER.pack(header.magic, header.flags, *_of(source)) + compiled[_HEADER.size :]
    except (OSError, struct.error):
        return b""


def _read(file: Path, size: int = -1) -> bytes:
    """The content of a file, b"" when there is none."""
    try:
        with open(file, "rb") as stream:
            return stream.read(size)
    except OSError:
        return b""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
