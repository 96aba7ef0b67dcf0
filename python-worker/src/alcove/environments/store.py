"""Where environments live and how they come and go, whatever engine makes them.

    <directory>/<name>/.lock              held while somebody builds or removes
    <directory>/<name>/current            the hash of the environment to use
    <directory>/<name>/<hash>/            the prefix, never changed once it is there
    <directory>/<name>/<hash>/alcove.json the marker: what this is; written last
    <directory>/<name>/<hash>/.in-use     workers hold a shared lock on it
    <directory>/<name>/.staging-*         being built      \\ whoever holds the lock
    <directory>/<name>/.removing-*        being deleted    / may delete those of others

A prefix appears under its hash by one rename, complete and marked. Staging belongs to whoever holds the lock, so any
that a new holder of the lock finds was left by one that died.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alcove import OpError

from . import disk
from .engines import Engine, Lock
from .failures import failure
from .locking import exclusive, unused
from .markers import Marker
from .reports import Report
from .specification import Specification, check_name

_STAGING = ".staging-"
_REMOVING = ".removing-"
_CURRENT = "current"
_LOCK = ".lock"


class Store:
    """The environments in one folder."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()

    def create(self, specification: Specification, engine: Engine, report: Report) -> dict[str, Any]:
        """Makes an environment unless one of the same content is there; see ``alcove.environments.create``."""
        folder = self._directory / specification.name
        report(0.0, f"Looking for the environment of {specification.file}")
        marker = self._current(folder)
        # Most often it is there: no lock, no waiting for somebody who builds another version of it.
        if marker is None or not marker.is_for(specification):
            with self._locked(folder, report):
                marker = self._current(folder)
                if marker is None or not marker.is_for(specification):
                    return _result(*self._build(folder, specification, engine, report), report)
        return _result(marker, folder / marker.hash, False, report)

    def describe(self) -> list[dict[str, Any]]:
        """Describes every environment, by name."""
        return [_listed(prefix) for folder in self._folders() for prefix in _prefixes(folder)]

    def remove(self, name: str, report: Report) -> int:
        """Removes the environment and returns how many bytes that freed.

        Raises:
            OpError: ``in_use`` or ``not_found``.
        """
        folder = self._directory / check_name(name)
        if not folder.is_dir():
            raise self._not_found(name)
        with self._locked(folder, report) as cleared:
            prefixes = _prefixes(folder)
            if not prefixes and not cleared:
                raise self._not_found(name)
            report(0.1, f"Removing {name}")
            freed = cleared + _take_down(folder, prefixes)
        report(1.0, f"Removed {name}")
        return freed

    def _build(
        self, folder: Path, specification: Specification, engine: Engine, report: Report
    ) -> tuple[Marker, Path, bool]:
        with _staging(folder) as staging:
            work, built = staging / "work", staging / "prefix"
            work.mkdir()
            lock = engine.lock(work, report)
            content = _content_hash(lock, engine.name)
            prefix = folder / content
            marker = Marker.read(prefix)
            created = marker is None or not marker.works_in(prefix)
            if marker is None or created:
                installed = engine.install(lock, work, built, prefix, report)
                (built / ".in-use").touch()
                marker = Marker.describe(built, content, lock, installed, specification)
                marker.write(built)
                _take_down(folder, [prefix] if prefix.exists() else [])
                disk.move(built, prefix)
            elif not marker.is_for(specification):
                marker = marker.made_also_from(specification)
                marker.write(prefix)
            disk.write(folder / _CURRENT, content + "\n")
            return marker, prefix, created

    @contextlib.contextmanager
    def _locked(self, folder: Path, report: Report) -> Iterator[int]:
        """Holds the lock of an environment's folder; gives the bytes that clearing up after dead processes freed."""

        def wait() -> None:
            report(0.0, "Another process is building this environment; waiting")

        with exclusive(folder / _LOCK, wait):
            freed = _clear(folder)
            try:
                yield freed
            finally:
                if not _prefixes(folder):
                    _delete_folder(folder)

    def _current(self, folder: Path) -> Marker | None:
        """The marker of the environment to use, if that works."""
        try:
            content = (folder / _CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        marker = Marker.read(folder / content)
        return marker if marker is not None and marker.works_in(folder / content) else None

    def _folders(self) -> list[Path]:
        if not self._directory.is_dir():
            return []
        return sorted(path for path in self._directory.iterdir() if path.is_dir() and not path.name.startswith("."))

    def _not_found(self, name: str) -> OpError:
        known = [folder.name for folder in self._folders() if _prefixes(folder)]
        hint = "Known: " + ", ".join(known) if known else f"There are none in {self._directory}"
        return failure("not_found", f"There is no environment {name!r}", hint, known=known)


def _content_hash(lock: Lock, engine: str) -> str:
    minor = ".".join(lock.python_version.split(".")[:2])
    content = "\n".join([engine, lock.platform, minor, lock.text])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _prefixes(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except FileNotFoundError:  # somebody removed it meanwhile
        return []


@contextlib.contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    staging = folder / (_STAGING + secrets.token_hex(4))
    staging.mkdir()
    try:
        yield staging
    finally:
        disk.delete(staging)


def _clear(folder: Path) -> int:
    """Deletes what dead processes left; the caller holds the lock. Returns the bytes freed."""
    freed = 0
    for pattern in (_STAGING + "*", _REMOVING + "*", f".{_CURRENT}-*"):
        for left in folder.glob(pattern):
            if left.is_dir():
                freed += disk.size_held_only_by(left)
                disk.delete(left)
            else:
                left.unlink()
    return freed


def _take_down(folder: Path, prefixes: list[Path]) -> int:
    """Deletes prefixes that no worker uses, each gone from sight at once; returns the bytes freed.

    Raises:
        OpError: ``in_use``; then none was touched.
    """
    with unused(prefixes) as free:
        if not free:
            raise _in_use(folder.name)
        hidden = [_hide(prefix) for prefix in prefixes]
    freed = sum(disk.size_held_only_by(path) for path in hidden)
    for path in hidden:
        disk.delete(path)
    return freed


def _hide(prefix: Path) -> Path:
    hidden = prefix.with_name(f"{_REMOVING}{prefix.name}-{secrets.token_hex(4)}")
    try:
        disk.move(prefix, hidden)
    except PermissionError:
        raise _in_use(prefix.parent.name) from None  # Windows: somebody has a file in it open
    return hidden


def _in_use(name: str) -> OpError:
    return failure(
        "in_use",
        f"The environment {name!r} is in use",
        "Close the programs that run ops in it, then try again",
    )


def _delete_folder(folder: Path) -> None:
    """Deletes what is left of an environment's folder, the lock file that the caller holds included.

    Who waits for that lock notices (``locking.exclusive``) and starts anew. Windows cannot delete an open file and
    keeps the empty folder, which does no harm.
    """
    with contextlib.suppress(FileNotFoundError):
        (folder / _CURRENT).unlink()
    with contextlib.suppress(OSError):
        (folder / _LOCK).unlink()
        folder.rmdir()


def _result(marker: Marker, prefix: Path, created: bool, report: Report) -> dict[str, Any]:
    report(1.0, "Ready")
    return {
        "name": prefix.parent.name,
        "hash": marker.hash,
        "directory": str(prefix),
        "python": str(prefix / marker.python),
        "engine": marker.engine,
        "created": created,
        "packages": len(marker.packages),
    }


def _listed(prefix: Path) -> dict[str, Any]:
    marker = Marker.read(prefix)
    with unused([prefix]) as free:
        common = {"name": prefix.parent.name, "hash": prefix.name, "directory": str(prefix), "in_use": not free}
    if marker is None:
        unknown = dict.fromkeys(("engine", "python", "python_version", "created", "source"))
        return {**common, **unknown, "packages": 0, "size_bytes": disk.size(prefix), "state": "incomplete"}
    return {
        **common,
        "engine": marker.engine,
        "python": str(prefix / marker.python),
        "python_version": marker.python_version,
        "created": marker.created,
        "size_bytes": marker.size_bytes,
        "packages": len(marker.packages),
        "source": marker.specification.get("source", ""),
        "state": "ready" if marker.works_in(prefix) else "broken",
    }
