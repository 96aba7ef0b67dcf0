"""Whether an environment is what was installed, and making it so again."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path
from typing import Any

from ..choosing import engine_for
from ..existing_engine import ExistingEngine, changed
from ..specification import Specification
from .building import content_hash, install
from .folders import Folder, Marked, caches_lock, delete_hidden
from .locking import shared
from .markers import MARKER, Marker, read_packages
from .store import Store
from .verifying import Damage, Problem, verify

# Whose lock file it is, for when the marker cannot tell.
_ENGINES_OF_LOCKS = {"pylock.toml": "uv", "conda-lock.yml": "auto"}
_SHARE_OF_VERIFYING = (0.0, 0.2)


def verify_environment(store: Store, name: str, repair: bool) -> dict[str, Any]:
    """Compares an environment with what was installed; see ``alcove.environments.verify``."""
    if not repair:
        folder = store.found(name)
        files, damaged = _verified(store, folder, (0.0, 1.0))
        # Perhaps somebody changed the environment meanwhile; the lock keeps them from that, if it may be taken.
        if damaged and os.access(folder.path, os.W_OK):
            with folder.locked(store.report):
                files, damaged = _verified(store, folder, (0.0, 1.0))
        return _answer(folder, files, damaged, False)
    folder = store.own(name)
    with folder.locked(store.report):
        files, damaged = _verified(store, folder, _SHARE_OF_VERIFYING)
        if damaged:
            _repair(store, folder, [damage.path for damage in damaged])
        store.report(1.0, f"Repaired {folder.name}" if damaged else f"{folder.name} is undamaged")
        return _answer(folder, files, damaged, bool(damaged))


def kept_lock(marked: Marked) -> str | None:
    """The text of the lock that an environment was made from, None when it is missing or damaged."""
    try:
        text = (marked.prefix / marked.marker.lock_file).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return "" if marked.marker.lock_file == "" else None
    return text if hashlib.sha256(text.encode()).hexdigest() == marked.marker.lock_sha256 else None


def recorded_specification(store: Store, name: str, marker: Marker) -> Specification:
    """What an environment was made from, for the same engine and variant as then."""
    values = {**marker.specification, "name": name}
    parsed = Specification.parse({**values, "variant": marker.variant or "auto"}, store.context.machine)
    return dataclasses.replace(parsed, variant=str(values["variant"]))


def rebuild(
    store: Store,
    folder: Folder,
    specification: Specification,
    engine_name: str,
    lock_text: str | None,
    *,
    content: str = "",
    trust_cache: bool = True,
) -> Marker:
    """Builds a prefix from a lock, in place of what is there, and makes it the one to use; the caller holds the
    folder's lock.

    Args:
        store: knows the machine and the settings.
        folder: where.
        specification: what it was made from.
        engine_name: what made it.
        lock_text: its lock; None to resolve anew.
        content: the hash that must come out; "" for any.
        trust_cache: whether unpacked packages in caches are taken as they are.

    Raises:
        OpError: ``damaged`` when another hash comes out.
    """
    engine = engine_for(dataclasses.replace(specification, engine=engine_name), store.context)
    with shared(caches_lock(store.directory), store.report.again), folder.staging() as staging:
        work = staging / "work"
        work.mkdir()
        if lock_text is None:
            lock = engine.lock(work, store.report)
        else:
            lock = engine.relock(lock_text, work, store.report)
        found = content_hash(lock, engine.name)
        if content not in ("", found):
            raise store.damaged(folder.name, "its marker is gone, and its lock file is another one")
        prefix = folder.path / found
        return install(folder, prefix, specification, engine, lock, staging, store.report, trust_cache)


def _answer(folder: Folder, files: int, damaged: list[Damage], repaired: bool) -> dict[str, Any]:
    return {
        "name": folder.name,
        "hash": folder.content,
        "files": files,
        "damaged": [damage._asdict() for damage in damaged],
        "repaired": repaired,
    }


def _verified(store: Store, folder: Folder, share: tuple[float, float]) -> tuple[int, list[Damage]]:
    """How many files were looked at, and the damaged ones."""
    prefix = _prefix(store, folder)
    marker = Marker.read(prefix)
    found = [] if folder.content else [Damage("current", "", "missing")]
    if marker is None:
        problem: Problem = "unreadable" if (prefix / MARKER).exists() else "missing"
        return 1, [*found, Damage(MARKER, "", problem)]

    def advance(done: int, total: int) -> None:
        store.report.transfer(share, "verifying", folder.name, done, total)

    advance(0, 0)
    files, damaged = verify(prefix, marker.files_sha256, advance)
    found += damaged
    if marker.engine == ExistingEngine.name:
        different = changed(Path(marker.python), marker.python_version, read_packages(prefix), store.report)
        return files + 1, [*found, *(Damage(marker.python, package, problem) for package, problem in different)]
    for python in (prefix / marker.python, marker.base_python and Path(marker.base_python)):
        if python and not python.exists() and not any(damage.path == marker.python for damage in found):
            found.append(Damage(marker.python if python.is_relative_to(prefix) else str(python), "python", "missing"))
    return files + 1, found


def _prefix(store: Store, folder: Folder) -> Path:
    """The version to look at: where it is not known which one to use, the last that was made."""
    if folder.content:
        return folder.path / folder.content
    by_age = sorted(folder.prefixes, key=lambda prefix: (Marker.read(prefix) is not None, prefix.stat().st_mtime))
    if not by_age:
        raise store.not_found(folder.name)  # removed meanwhile
    return by_age[-1]


def _repair(store: Store, folder: Folder, damaged: list[str]) -> None:
    prefix = _prefix(store, folder)
    store.report(_SHARE_OF_VERIFYING[1], f"Repairing {folder.name}: {len(damaged)} files")
    if damaged == ["current"]:
        folder.switch(prefix.name)
        return
    folder.check_unused([prefix])
    marker = Marker.read(prefix)
    if marker is None:
        _rebuild_from_lock_file(store, folder, prefix)
        return
    specification = recorded_specification(store, folder.name, marker)
    rebuild(store, folder, specification, marker.engine, kept_lock(Marked(prefix, marker)), trust_cache=False)
    if folder.content != prefix.name:  # resolved anew, as its lock file was damaged, with another result
        hidden, _ = folder.hide_unused([prefix])
        delete_hidden(hidden, store.report)


def _rebuild_from_lock_file(store: Store, folder: Folder, prefix: Path) -> None:
    """Without a marker, the hash that the prefix is called by tells whether its lock file is undamaged."""
    for name, engine in _ENGINES_OF_LOCKS.items():
        if (prefix / name).exists():
            text = (prefix / name).read_text(encoding="utf-8", errors="replace")
            values = {"name": folder.name, "engine": engine, "format": name, "text": text}
            specification = Specification.parse(values, store.context.machine)
            rebuild(store, folder, specification, engine, text, content=prefix.name, trust_cache=False)
            return
    raise store.damaged(folder.name, "its marker is gone, and so is its lock file")
