"""Environments as one file, for machines without network; ``unpacking`` is the other half.

A pack is a plain tar file: the manifest, the lock, every package file that the lock names for this platform, the Python
below if uv had downloaded it, and on request the toolbox's own wheels. It is not compressed, as package files are, any
tar can read it, Java can without a library, and a byte in it is a byte on the disk, so that a small file cannot fill
one. The same environment gives the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from .. import caches, disk
from ..conda import rattler_messages
from ..conda.rattler_calls import Rattler, RattlerError
from ..context import Context
from ..failures import failure, translated
from ..locks.locked import Locked
from ..reports import Report
from ..specification import Specification
from ..store.folders import caches_lock
from ..store.locking import exclusive, shared
from ..store.store import Store
from ..uv import uv_calls
from . import pack_contents
from .pack_manifest import FORMAT, MANIFEST, PACKAGES, PYTHON, TOOLBOX, Entry, Manifest

_FETCHING = (0.02, 0.6)
_CHECKING = (0.6, 0.7)
_WRITING = (0.7, 0.98)
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class _Member:
    """A file or link that goes into a pack."""

    path: str
    source: Path

    @property
    def size(self) -> int:
        return 0 if self.source.is_symlink() else self.source.stat().st_size


def pack(store: Store, name: str, file: Path, toolbox: Path | None = None) -> dict[str, Any]:
    """Writes an environment into one file; see ``alcove.environments.pack``."""
    if file.exists():
        raise failure("exists", f"There is a file {file} already", "Give another name, or remove that file")
    _check_folder(file.parent)
    context, report = store.context, store.report
    marked = store.found(name).current
    if marked is None:
        raise store.damaged(name, "its marker or the Python below it is missing")
    prefix, marker = marked
    if not marker.lock_file:
        raise failure(
            "spec_invalid",
            f"{name} is a Python of this computer that Alcove did not make, so that there is nothing to pack",
            "Pack an environment that Alcove made from packages",
        )
    report(0.0, f"Packing {name}")
    text = (prefix / marker.lock_file).read_text(encoding="utf-8")
    packages = pack_contents.packages(text, marker)
    python, pythons = pack_contents.python(marker, context)
    archives = caches.archives(context.directory)
    with (
        shared(caches_lock(context.directory), report.again),
        exclusive(archives.with_name(".archives.lock"), report.again),
    ):
        specification = Specification.parse(marker.specification, context.machine)
        _fetch(packages, archives, specification, context, report)
        members = [_Member(f"{TOOLBOX}/{wheel.name}", wheel) for wheel in pack_contents.wheels_in(toolbox)]
        members += [_Member(marker.lock_file, prefix / marker.lock_file)]
        members += [_Member(_path(each), archives / each.sha256 / each.file_name) for each in packages]
        members += [_Member(f"{PYTHON}/{path}", source) for path, source in pythons]
        entries = _entries(members, report)
        known = prefix.parent.name, marker.platform, marker.python_version, python
        manifest = Manifest(FORMAT, *known, marker.specification, marker.lock_file, entries)
        with translated(file.parent):
            size = _write(file, manifest, members, report)
        disk.delete(archives, report.again)
    report(1.0, f"Packed {name}")
    return {"file": str(file), "bytes": size, "packages": len(packages)}


def _check_folder(folder: Path) -> None:
    """Says at once what would fail after the downloads."""
    if not folder.is_dir():
        raise failure("not_found", f"There is no folder {folder}", "Make it, or give another place for the file")
    if not os.access(folder, os.W_OK):
        raise failure("permission", f"No permission to write into {folder}", "Give another place for the file")


def _path(package: Locked) -> str:
    return f"{PACKAGES}/{package.sha256}/{package.file_name}"


def _fetch(
    packages: Sequence[Locked], archives: Path, specification: Specification, context: Context, report: Report
) -> None:
    """Brings the package files together; those that an earlier try had are there already."""
    missing = []
    for package in packages:
        target = archives / package.sha256 / package.file_name
        if target.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not _take_here(package, target, context, report):
            missing.append(package)
    if not missing:
        return
    indexes = specification.wanted.uv.get("index", ())
    variables = uv_calls.variables(context, indexes)
    wanted = [
        {
            "name": package.name,
            "url": uv_calls.with_login(package.url, indexes, variables),
            "sha256": package.sha256,
            "size": package.size_bytes,
            "path": str(archives / package.sha256 / package.file_name),
        }
        for package in missing
    ]

    def on_event(event: dict[str, Any]) -> None:
        step = event.pop("step")
        if step == "downloading":
            report.transfer(_FETCHING, step, **event)
        else:
            report.again()

    try:
        Rattler(context).fetch(wanted, report, on_event)
    except RattlerError as error:
        total = sum(package.size_bytes for package in missing)
        raise rattler_messages.explain(error, specification, context, total) from error


def _take_here(package: Locked, target: Path, context: Context, report: Report) -> bool:
    """Copies a package file that lies on this machine: in a cache of conda, or in a channel that is a folder."""
    places = [folder / package.file_name for folder in caches.conda(context.directory, context.settings)]
    if urlsplit(package.url).scheme == "file":
        places.append(Path(url2pathname(urlsplit(package.url).path)))
    for place in places:
        with contextlib.suppress(FileNotFoundError, PermissionError):
            if place.is_file() and _sha256(place, report) == package.sha256:
                part = target.with_name(target.name + ".part")
                shutil.copyfile(place, part)
                os.replace(part, target)
                return True
    return False


def _entries(members: Sequence[_Member], report: Report) -> tuple[Entry, ...]:
    """The manifest's list; what is in package files must be what the lock says."""
    total = sum(member.size for member in members)
    done = 0
    entries = []
    for member in members:
        if member.source.is_symlink():
            entries.append(Entry(member.path, link=os.readlink(member.source).replace(os.sep, "/")))
            continue
        sha256 = _sha256(member.source, report)
        if member.path.startswith(PACKAGES + "/") and member.path.split("/")[1] != sha256:
            member.source.unlink()
            raise failure(
                "hash_mismatch",
                f"{member.source.name} is not the file that was downloaded; it was deleted",
                "Try again; it is downloaded anew",
                expected=member.path.split("/")[1],
                got=sha256,
            )
        executable = os.name != "nt" and os.access(member.source, os.X_OK)
        entries.append(Entry(member.path, sha256, member.size, executable))
        done += member.size
        report.transfer(_CHECKING, "verifying", member.source.name, done, total)
    return tuple(entries)


def _sha256(file: Path, report: Report) -> str:
    digest = hashlib.sha256()
    with open(file, "rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            report.again()
    return digest.hexdigest()


def _write(file: Path, manifest: Manifest, members: Sequence[_Member], report: Report) -> int:
    """Writes the tar file, which appears when it is complete; returns its size in bytes."""
    total = sum(entry.size for entry in manifest.files)
    text = manifest.text.encode()
    with _appearing(file) as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(_info(Entry(MANIFEST, size=len(text))), io.BytesIO(text))
        done = 0
        for entry, member in zip(manifest.files, members, strict=True):
            if entry.link:
                archive.addfile(_info(entry))
                continue
            report.transfer(_WRITING, "packing", member.source.name, done, total)
            with open(member.source, "rb") as source:
                archive.addfile(_info(entry), _Counted(source, done, total, member.source.name, report))
            done += entry.size
    return file.stat().st_size


def _info(entry: Entry) -> tarfile.TarInfo:
    """A header without anything of this machine or moment."""
    info = tarfile.TarInfo(entry.path)
    info.size = entry.size
    info.mode = 0o755 if entry.executable else 0o644
    if entry.link:
        info.type, info.linkname = tarfile.SYMTYPE, entry.link
    return info


@contextlib.contextmanager
def _appearing(file: Path) -> Iterator[IO[bytes]]:
    """A file to write that gets its name when it is complete, and is gone otherwise."""
    beside = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    try:
        with open(beside, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        disk.move(beside, file)
    finally:
        beside.unlink(missing_ok=True)


class _Counted(io.RawIOBase):
    """A file that says how far it has been read, which is where a cancel is noticed."""

    def __init__(self, source: IO[bytes], done: int, total: int, name: str, report: Report) -> None:
        self._source = source
        self._done = done
        self._total = total
        self._name = name
        self._report = report
        self._told = done

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._done += len(data)
        if self._done - self._told >= _CHUNK_BYTES:
            self._told = self._done
            self._report.transfer(_WRITING, "packing", self._name, self._done, self._total)
        return data
