"""From a lock to a prefix that is complete, checked, marked and in its place."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .. import disk
from ..engines import Engine, Lock
from ..failures import failure
from ..reports import Report
from ..specification import Specification
from .folders import Folder, caches_lock, delete_hidden
from .locking import IN_USE, shared
from .markers import Marker, write_packages
from .verifying import damaged_packages, record

_CHECKING = 0.97
_log = logging.getLogger(__name__)


class Built(NamedTuple):
    """An environment that stands in its place."""

    prefix: Path
    marker: Marker
    created: bool
    """False when one of the same content was there already."""


def content_hash(lock: Lock, engine: str) -> str:
    """What a lock's prefix is called: equal content, equal name."""
    minor = ".".join(lock.python_version.split(".")[:2])
    content = "\n".join([engine, lock.platform, minor, lock.text])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def build(
    folder: Folder,
    specification: Specification,
    engine: Engine,
    report: Report,
    go_on: Callable[[Lock, str], bool] = lambda lock, content: True,
) -> Built | None:
    """Locks and installs what is asked for, and makes it the version to use; the caller holds the folder's lock.

    Args:
        folder: where.
        specification: what is asked for.
        engine: makes it.
        report: of the whole.
        go_on: told what will be installed and its hash; whether to do so.

    Returns:
        What stands there now, None when ``go_on`` said no.
    """
    with shared(caches_lock(folder.path.parent), report.again), folder.staging() as staging:
        work = staging / "work"
        work.mkdir()
        for note in engine.notes():
            report(0.0, note)
            _log.info(note)
        lock = engine.lock(work, report)
        content = content_hash(lock, engine.name)
        if not go_on(lock, content):
            return None
        prefix = folder.path / content
        marker = Marker.read(prefix)
        created = marker is None or not marker.works_in(prefix)
        if marker is None or created:
            marker = install(folder, prefix, specification, engine, lock, staging, report)
        else:
            if not marker.is_for(specification):
                marker = marker.made_also_from(specification)
                marker.write(prefix)
            folder.switch(content)
        return Built(prefix, marker, created)


def install(
    folder: Folder,
    prefix: Path,
    specification: Specification,
    engine: Engine,
    lock: Lock,
    staging: Path,
    report: Report,
    trust_cache: bool = True,
) -> Marker:
    """Installs a lock, complete and checked, in place of whatever is at ``prefix``, and makes it the version to use.

    Args:
        folder: the environment's, whose lock the caller holds.
        prefix: where the environment shall be.
        specification: what it was made from.
        engine: made the lock.
        lock: what to install.
        staging: a folder of this process, with the engine's ``work`` in it.
        report: of the whole.
        trust_cache: whether unpacked packages in caches are taken as they are.
    """
    built = staging / "prefix"
    installed = engine.install(lock, staging / "work", built, prefix, report, trust_cache)
    damaged = damaged_packages(built, report)
    if damaged and trust_cache:
        # Files are linked from the cache, so whoever changed one in some environment changed it there, too.
        report(_CHECKING, f"The cache of {', '.join(damaged)} is damaged; installing anew")
        disk.delete(built, report.again)
        installed = engine.install(lock, staging / "work", built, prefix, report, trust_cache=False)
        damaged = damaged_packages(built, report)
    if damaged:
        raise failure(
            "hash_mismatch",
            f"Files of {', '.join(damaged)} are not what the package itself says",
            "The package is damaged where it comes from: take another version of it, or tell whoever publishes it",
            packages=damaged,
        )
    (built / IN_USE).touch()
    write_packages(built, installed.packages)
    report(_CHECKING, "Recording files")
    files_sha256 = record(built, report)
    size = disk.Links(report.again).held([built]).all_bytes
    marker = Marker.describe(built, prefix.name, engine.name, lock, installed, specification, files_sha256, size)
    marker.write(built)
    # All that needs room on the disk is there before the first rename.
    switch = folder.prepare_switch(staging, prefix.name)
    hidden = folder.hide([prefix] if prefix.exists() else [])
    disk.move(built, prefix)
    switch()
    delete_hidden(hidden, report)
    return marker
