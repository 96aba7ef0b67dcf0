"""Getting room back: what dead processes left, old versions, environments and caches that nobody uses."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from alcove import OpError

from .. import caches, disk
from .folders import Folder, caches_lock
from .locking import IN_USE, unshared
from .markers import Marker
from .references import REFERENCE, Reference
from .store import Store

_SECONDS_PER_DAY = 86_400
_REMOVING = ".removing-"
_OF_DEAD_PROCESSES = "left by a process that was killed or cancelled"

Kind = Literal["environment", "version", "cache", "leftover"]


@dataclass(frozen=True)
class Item:
    """Something to remove."""

    kind: Kind
    name: str
    """The environment's, or the cache's."""
    path: str
    bytes: int
    """What removing it frees once everything listed before it is gone."""
    reason: str


def clean(store: Store, unused_days: float | None, with_caches: bool, dry_run: bool) -> dict[str, Any]:
    """Removes what nobody needs; see ``alcove.environments.clean``."""
    cleaning = _Cleaning(store, unused_days, dry_run)
    folders = store.folders
    for number, folder in enumerate(folders):
        store.report(number / len(folders), f"Looking at {folder.name}")
        cleaning.clean_folder(folder)
    cleaning.clean_remains_of_caches()
    if with_caches:
        cleaning.clean_caches()
    freed = sum(item.bytes for item in cleaning.items)
    store.report(1.0, "Looked at everything" if dry_run else "Cleaned")
    return {"freed_bytes": freed, "items": [asdict(item) for item in cleaning.items], "kept": cleaning.kept}


class _Cleaning:
    def __init__(self, store: Store, unused_days: float | None, dry_run: bool) -> None:
        self.items: list[Item] = []
        self.kept: list[dict[str, str]] = []
        self._store = store
        self._unused_days = unused_days
        self._dry_run = dry_run
        self._planned = disk.Links(store.report.again)

    def clean_folder(self, folder: Folder) -> None:
        """Removes an environment, or of its folder what is not the version to use."""
        with folder.locked_if_free() as free:
            if not free:
                self._keep("environment", folder.name, folder.path, "it is being built or removed")
                return
            for left in folder.leftovers:
                self._remove("leftover", folder.name, left, [left], _OF_DEAD_PROCESSES)
            reason = self._why_unneeded(folder)
            if reason is not None:
                self._remove_prefixes("environment", folder, folder.prefixes, reason)
                return
            for prefix in folder.prefixes:
                if prefix.name != folder.content:
                    self._remove_prefixes("version", folder, [prefix], _why_old(prefix))
            if self._dangles(folder):
                file = folder.path / REFERENCE
                self._remove("leftover", folder.name, file, [file], "the shared environment that it names is gone")

    def clean_caches(self) -> None:
        """Empties the caches that are Alcove's alone, unless somebody is installing from them."""
        lock = caches_lock(self._store.directory)
        found = [path for path in caches.own(self._store.directory, self._store.context.settings) if path.exists()]
        if not found:
            return
        sizes = {path: self._count([path]) for path in found}
        with unshared(lock) as free:
            if not free:
                for path in found:
                    self._keep("cache", path.name, path, "something is being installed")
                return
            # Deleting takes its time; whoever installs meanwhile begins with an empty cache.
            aside = {} if self._dry_run else {path: _moved_to(lock.parent, path) for path in found}
        for path in found:
            self.items.append(Item("cache", path.name, str(path), sizes[path], "it can be downloaded again"))
        for path, moved in aside.items():
            self._delete(path.name, moved)

    def clean_remains_of_caches(self) -> None:
        """Deletes what a cleaning of caches left that was cancelled."""
        for left in sorted(caches_lock(self._store.directory).parent.glob(_REMOVING + "*")):
            self._remove("leftover", "cache", left, [left], _OF_DEAD_PROCESSES)

    def _why_unneeded(self, folder: Folder) -> str | None:
        if self._unused_days is None or not folder.prefixes:
            return None
        # A clock that was set back makes this negative: used just now.
        days = (time.time() - max(_last_used(prefix) for prefix in folder.prefixes)) / _SECONDS_PER_DAY
        if days < self._unused_days:
            return None
        marked = folder.marked
        source = "" if marked is None else str(marked.marker.specification.get("source", ""))
        gone = f"; its file {source} is gone" if source and not Path(source).exists() else ""
        return f"not used for {days:.0f} days{gone}"

    def _dangles(self, folder: Folder) -> bool:
        reference = Reference.read(folder)
        if reference is None or folder.prefixes:
            return False
        others = [*self._store.folders, *self._store.shared_folders]
        return not any(other.name == reference.environment and other.prefixes for other in others)

    def _remove_prefixes(self, kind: Kind, folder: Folder, prefixes: list[Path], reason: str) -> None:
        place = folder.path if kind == "environment" else prefixes[0]
        try:
            folder.check_unused(prefixes)
            freed = self._count(prefixes)
            hidden = [] if self._dry_run else folder.hide(prefixes)
        except OpError:
            self._keep(kind, folder.name, place, "a worker runs in it")
            return
        self.items.append(Item(kind, folder.name, str(place), freed, reason))
        for path in hidden:
            self._delete(folder.name, path)

    def _remove(self, kind: Kind, name: str, place: Path, paths: list[Path], reason: str) -> None:
        self.items.append(Item(kind, name, str(place), self._count(paths), reason))
        if not self._dry_run:
            for path in paths:
                self._delete(name, path)

    def _count(self, paths: list[Path]) -> int:
        """What deleting them frees; when nothing is deleted really, as if everything before had been."""
        links = self._planned if self._dry_run else disk.Links(self._store.report.again)
        return links.take(paths)

    def _delete(self, name: str, path: Path) -> None:
        self._store.report(self._store.report.fraction, f"Removing {name}")
        disk.delete(path, self._store.report.again)

    def _keep(self, kind: Kind, name: str, path: Path, reason: str) -> None:
        self.kept.append({"kind": kind, "name": name, "path": str(path), "reason": reason})


def _moved_to(folder: Path, path: Path) -> Path:
    moved = folder / f"{_REMOVING}{path.name}-{secrets.token_hex(4)}"
    disk.move(path, moved)
    return moved


def _why_old(prefix: Path) -> str:
    return "not complete" if Marker.read(prefix) is None else "replaced by another version"


def _last_used(prefix: Path) -> float:
    """Seconds since 1970; where that is not known, as if it were now."""
    try:
        return (prefix / IN_USE).stat().st_mtime
    except OSError:
        return time.time()
