"""Environments from packs, without network; ``packing`` says what a pack is.

Nothing in a pack is believed. Every member must be the next one of the manifest, with its size and its hash; its path
is made of plain names and begins in one of four ways. Only then is the environment made, in the same way as any other,
from the lock and the package files.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from .. import disk
from ..choosing import engine_for
from ..context import Context
from ..engines import Engine, Installed, Lock
from ..failures import failure, free_bytes, megabytes
from ..locks.archives import Archives
from ..locks.pylocks import FILE_NAME as PYLOCK
from ..reports import Report
from ..specification import Specification, check_name
from ..store.building import build
from ..store.folders import Folder, Marked
from ..store.store import Store, result
from . import pack_contents
from .pack_manifest import MANIFEST, MOST_BYTES, PACKAGES, PYTHON, Entry, Manifest, damaged

_READING = (0.0, 0.15)
_CHUNK_BYTES = 1 << 20


def unpack(store: Store, file: Path, name: str | None) -> dict[str, Any]:
    """Makes the environment that a pack holds; see ``alcove.environments.unpack``."""
    context, report = store.context, store.report
    report(0.0, f"Reading {file.name}")
    with _opened(file) as members:
        manifest = _manifest(members, file)
        specification = _specification(manifest, name, context, file)
        folder = store.folder(specification.name)
        with folder.locked(report):
            ready = _taken(folder, manifest, specification)
            if ready is None:
                with folder.staging() as staging:
                    text = _extract(members, manifest, staging, file, context, report)
                    return _built(folder, specification, manifest, text, staging, context, report)
    report(1.0, "Ready")
    return result(ready, False)


def _manifest(members: Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]], file: Path) -> Manifest:
    member, stream = next(members, (None, None))
    if member is None or stream is None or member.name != MANIFEST or member.size > MOST_BYTES:
        raise damaged(file, f"it does not begin with {MANIFEST}")
    try:
        text = stream.read().decode()
    except UnicodeDecodeError:
        raise damaged(file, f"its {MANIFEST} is no text") from None
    return Manifest.read(text, file)


def _specification(manifest: Manifest, name: str | None, context: Context, file: Path) -> Specification:
    if manifest.platform != context.machine.platform:
        raise failure(
            "platform",
            f"{file.name} is for {manifest.platform}, and this computer is {context.machine.platform}",
            f"Pack the environment on a {context.machine.platform} computer",
        )
    return Specification.parse({**manifest.specification, "name": check_name(name or manifest.name)}, context.machine)


def _taken(folder: Folder, manifest: Manifest, specification: Specification) -> Marked | None:
    """What stands there already, if it is the same.

    Raises:
        OpError: ``exists``, when it is something else.
    """
    marked = folder.marked
    if marked is None:
        return None
    if marked.marker.lock_sha256 != manifest.lock_sha256 or not marked.marker.is_for(specification):
        raise failure(
            "exists",
            f"There is another environment called {folder.name} already",
            "Give the unpacked one another name, or remove the other one",
        )
    return marked if marked.works else None


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]]:
    """The members of a pack as they come; whatever is wrong with the tar file is a failure."""
    if not file.is_file():
        raise failure("not_found", f"There is no file {file}", "Give the path of a file that pack wrote")
    try:
        # ":" takes plain tar files only, and so nothing that could grow.
        with tarfile.open(file, "r:") as archive:
            yield ((member, archive.extractfile(member) if member.isreg() else None) for member in archive)
    except tarfile.TarError as error:
        raise damaged(file, str(error)) from error


def _extract(
    members: Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]],
    manifest: Manifest,
    staging: Path,
    file: Path,
    context: Context,
    report: Report,
) -> str:
    """Writes everything into the staging folder, checked; returns the lock."""
    total = sum(entry.size for entry in manifest.files)
    if total > file.stat().st_size:
        raise damaged(file, "it is shorter than it says")
    free = free_bytes(context.directory)
    if total > free:
        raise failure(
            "disk_full",
            f"There is not enough room on the disk: {megabytes(free)} free where {context.directory} is, "
            f"and the files in {file.name} alone take {megabytes(total)}",
            "Make room there, remove environments you no longer need, or let ALCOVE_DATA_DIR point to a larger disk",
            free_bytes=free,
        )
    done = 0
    for entry in manifest.files:
        member, stream = next(members, (None, None))
        if member is None or member.name != entry.path:
            raise damaged(file, f"{entry.path} is missing")
        target = staging / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if entry.link and member.issym() and member.linkname == entry.link:
            os.symlink(entry.link, target)
            continue
        if entry.link or stream is None or member.size != entry.size:
            raise damaged(file, f"{entry.path} is not what the manifest says")
        _copy(entry, stream, target, file, done, total, report)
        done += entry.size
    if next(members, None) is not None:
        raise damaged(file, "there is more in it than its manifest says")
    return (staging / manifest.lock_file).read_text(encoding="utf-8")


def _copy(entry: Entry, stream: IO[bytes], target: Path, file: Path, done: int, total: int, report: Report) -> None:
    digest = hashlib.sha256()
    # "x": the manifest has each path once, but names that differ may be the same to a file system.
    with open(target, "xb") as written:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            written.write(chunk)
            done += len(chunk)
            report.transfer(_READING, "verifying", target.name, done, total)
    if digest.hexdigest() != entry.sha256:
        raise failure(
            "hash_mismatch",
            f"{entry.path} in {file.name} is damaged; nothing was made",
            "Copy the file again from where it was made; if that does not help, make it anew",
            expected=entry.sha256,
            got=digest.hexdigest(),
        )
    if entry.executable:
        target.chmod(0o755)


def _built(
    folder: Folder,
    specification: Specification,
    manifest: Manifest,
    text: str,
    staging: Path,
    context: Context,
    report: Report,
) -> dict[str, Any]:
    (staging / PACKAGES).mkdir(exist_ok=True)
    archives = Archives(staging / PACKAGES, manifest.python_version)
    offline = replace(context, offline=True, archives=archives)
    # Not always the one that made it: that may have been a program that is not here, or "auto" may mean it here.
    engine = engine_for(replace(specification, engine="uv" if manifest.lock_file == PYLOCK else "rattler"), offline)
    with _python(staging / PYTHON, context):
        built = build(folder, specification, _Relocked(engine, text, specification, offline), report)
        assert built is not None
    return result(Marked(built.prefix, built.marker), built.created)


@contextlib.contextmanager
def _python(included: Path, context: Context) -> Iterator[None]:
    """Puts the Python that came along where uv looks for such; should what follows fail, it goes again."""
    put: list[Path] = []
    try:
        if included.is_dir():
            folder = pack_contents.pythons(context)
            folder.mkdir(parents=True, exist_ok=True)
            # Folders before the links to them.
            for path in sorted(included.iterdir(), key=lambda path: path.is_symlink()):
                target = folder / path.name
                if not os.path.lexists(target):
                    disk.move(path, target)
                    put.append(target)
        yield
    except BaseException:
        for target in put:
            if target.is_symlink():
                target.unlink()
            else:
                disk.delete(target)
        raise


class _Relocked(Engine):
    """An engine that takes a lock as decided instead of deciding on one."""

    def __init__(self, engine: Engine, text: str, specification: Specification, context: Context) -> None:
        super().__init__(specification, context)
        self._engine = engine
        self._text = text
        self.name = engine.name

    def lock(self, work: Path, report: Report) -> Lock:
        return self._engine.relock(self._text, work, report)

    def lock_for(self, platforms: Sequence[str], work: Path, report: Report) -> str:
        return self._engine.lock_for(platforms, work, report)

    def relock(self, text: str, work: Path, report: Report) -> Lock:
        return self._engine.relock(text, work, report)

    def install(
        self, lock: Lock, work: Path, prefix: Path, final: Path, report: Report, trust_cache: bool = True
    ) -> Installed:
        return self._engine.install(lock, work, prefix, final, report, trust_cache)
