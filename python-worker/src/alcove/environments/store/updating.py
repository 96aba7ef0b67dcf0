"""Newer packages for an environment, with what changes said before."""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from ..choosing import engine_for
from ..engines import Lock
from ..specification import Specification
from .building import build
from .changes import Change, Kind, changes
from .folders import Folder, Marked, delete_hidden
from .markers import read_packages
from .store import Store


def update(store: Store, specification: Specification, dry_run: bool) -> dict[str, Any]:
    """Resolves anew and builds what came out, unless nothing changed; see ``alcove.environments.update``."""
    wanted, reference = store.referred(specification)
    folder = store.folder(wanted.name)
    with folder.locked(store.report):
        update = _Update(store, folder, wanted, dry_run)
        answer = update.run()
    if reference is not None and not dry_run:
        reference.write(store.folder(specification.name))
    store.report(1.0, "Looked what changes" if dry_run else "Updated" if answer["changed"] else "Nothing changed")
    return answer


def specification_of(store: Store, name: str) -> Specification:
    """What the environment of that name asks for.

    Raises:
        OpError: ``not_found``; ``permission`` when it is one of others; ``damaged``.
    """
    folder = store.own(name)
    if folder.marked is None:
        raise store.damaged(name, "its marker is missing")
    values = {**folder.marked.marker.specification, "name": folder.name}
    return Specification.parse(values, store.context.machine)


class _Update:
    def __init__(self, store: Store, folder: Folder, specification: Specification, dry_run: bool) -> None:
        self._store = store
        self._folder = folder
        self._specification = specification
        self._dry_run = dry_run
        self._before = folder.marked
        self._changes: list[Change] = []
        self._content = ""
        self._download_bytes = 0

    def run(self) -> dict[str, Any]:
        engine = engine_for(self._specification, self._store.context)
        built = build(self._folder, self._specification, engine, self._store.report, self._goes_on)
        kept = built is not None and self._clear_older()
        return {
            "name": self._folder.name,
            "hash": self._content,
            "changed": bool(self._changes),
            "changes": [change.to_json() for change in self._changes],
            "download_bytes": self._download_bytes,
            "kept_old": kept,
        }

    def _goes_on(self, lock: Lock, content: str) -> bool:
        before = self._before
        self._changes = _changes(before, lock)
        self._content = content
        if before is not None and before.works and not self._changes:
            # Nothing to do even where the lock says something else: another mirror, another platform's package.
            self._content = before.marker.hash
            if not self._dry_run and not before.marker.is_for(self._specification):
                before.marker.made_also_from(self._specification).write(before.prefix)
            return False
        new = {(change.name, change.manager) for change in self._changes if change.change != "removed"}
        self._download_bytes = sum(
            package.size_bytes for package in lock.packages if (package.name, package.manager) in new
        )
        return not self._dry_run

    def _clear_older(self) -> bool:
        """Removes the versions that nobody uses; whether any is in use."""
        older = [prefix for prefix in self._folder.prefixes if prefix.name != self._folder.content]
        hidden, kept = self._folder.hide_unused(older)
        delete_hidden(hidden, self._store.report)
        return kept


def _changes(before: Marked | None, lock: Lock) -> list[Change]:
    if before is None:
        return changes([], lock.packages)
    found = changes(read_packages(before.prefix), lock.packages)
    old, new = (_minor(version) for version in (before.marker.python_version, lock.python_version))
    if lock.python is None or old == new:
        return found
    kind: Kind = "upgraded" if Version(old) < Version(new) else "downgraded"
    return [Change(kind, "python", "python", before.marker.python_version, lock.python_version), *found]


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
