"""Environments that go, or get another name."""

from __future__ import annotations

import dataclasses
import errno
import os

from alcove import OpError

from .. import disk
from ..failures import failure
from ..specification import check_name
from .folders import Folder, Marked, delete_hidden
from .locking import unused
from .markers import Marker
from .references import REFERENCE, Reference
from .repairing import kept_lock, rebuild, recorded_specification
from .store import Store

# Theirs have no path of the prefix in them but in variables. All others are written for one place.
_MOVABLE = ("uv", "existing")


def remove(store: Store, name: str, dry_run: bool) -> int:
    """Removes an environment that no worker uses and returns how many bytes that freed, or would free.

    Raises:
        OpError: ``in_use``, ``not_found``, or ``permission`` for an environment of others.
    """
    folder = store.folder(name)
    if not (folder.prefixes or folder.leftovers or Reference.read(folder)):
        folder = store.own(name)
    if dry_run:
        folder.check_unused(folder.prefixes)
        return disk.Links(store.report.again).take([*folder.prefixes, *folder.leftovers])
    with folder.locked(store.report) as freed:
        if not freed and not folder.prefixes and not Reference.read(folder):
            raise store.not_found(name)
        store.report(0.1, f"Removing {name}")
        hidden = folder.hide(folder.prefixes)
        (folder.path / REFERENCE).unlink(missing_ok=True)
        freed += delete_hidden(hidden, store.report)
    store.report(1.0, f"Removed {name}")
    return freed


def rename(store: Store, name: str, new_name: str) -> Marked:
    """Gives an environment another name, and returns what stands there then.

    Where paths of the prefix are written into files, or a worker runs, the environment is made again under its new
    name, and the old one goes when nobody uses it.

    Raises:
        OpError: ``not_found``, ``exists``, ``damaged``, or ``permission`` for an environment of others.
    """
    check_name(new_name)
    store.report(0.0, f"Renaming {name}")
    old = store.own(name)
    with old.locked(store.report):
        marked = old.current
        if marked is None:
            raise store.damaged(name, "it does not work")
        new = _free_folder(store, new_name)
        moved = _moved(old, new, marked) if _is_movable(old) else _made_again(store, new, marked)
        if old.prefixes:
            old.abandon()
            hidden, _ = old.hide_unused(old.prefixes)
            delete_hidden(hidden, store.report)
    for folder in store.folders:
        reference = Reference.read(folder)
        if reference is not None and reference.environment == old.name:
            dataclasses.replace(reference, environment=new.name).write(folder)
    store.report(1.0, f"Renamed {name} to {new_name}")
    return moved


def _free_folder(store: Store, name: str) -> Folder:
    """The folder of that name, which holds nothing.

    It is not locked: two that rename crosswise would wait for each other for ever. Whoever comes in between with an
    environment of that name wins.
    """
    folder = store.folder(name)
    with folder.locked_if_free() as free:
        if not free or folder.prefixes or Reference.read(folder) is not None:
            raise _exists(folder)
        folder.clear(store.report)
    return folder


def _exists(folder: Folder) -> OpError:
    return failure(
        "exists", f"There is an environment {folder.name!r} already", "Choose another name, or remove that one first"
    )


def _is_movable(folder: Folder) -> bool:
    """Whether the whole folder can move by one rename."""
    if os.name == "nt":
        return False  # no folder moves there that has an open file in it, and our lock is one
    markers = [Marker.read(prefix) for prefix in folder.prefixes]
    place = str(folder.path)
    with unused(folder.prefixes) as unused_now:
        return unused_now and all(
            marker is not None
            and marker.engine in _MOVABLE
            and not any(place in value for value in marker.variables.values() if value)
            for marker in markers
        )


def _moved(old: Folder, new: Folder, marked: Marked) -> Marked:
    try:
        os.rename(old.path, new.path)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
            raise _exists(new) from None
        raise
    new.forget_lock()
    prefix = new.path / marked.prefix.name
    # Merely what people read: the folder's name counts.
    marker = dataclasses.replace(
        marked.marker, name=new.name, specification={**marked.marker.specification, "name": new.name}
    )
    marker.write(prefix)
    return Marked(prefix, marker)


def _made_again(store: Store, new: Folder, marked: Marked) -> Marked:
    lock_text = kept_lock(marked)
    if lock_text is None:
        raise store.damaged(marked.prefix.parent.name, f"its {marked.marker.lock_file} is not what it was")
    specification = recorded_specification(store, new.name, marked.marker)
    with new.locked(store.report):
        if new.prefixes:
            raise _exists(new)
        marker = rebuild(store, new, specification, marked.marker.engine, lock_text)
    return Marked(new.path / marker.hash, marker)
