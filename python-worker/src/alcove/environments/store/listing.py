"""What environments there are, what is in them, and what they take up."""

from __future__ import annotations

import datetime
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .. import disk
from .folders import Folder
from .locking import IN_USE, unused
from .markers import Marker, read_packages
from .references import Reference
from .store import Store

_UNKNOWN = dict.fromkeys(("engine", "variant", "python", "python_version", "created", "source"))


def describe_all(store: Store) -> list[dict[str, Any]]:
    """Describes every environment, one's own first, by name."""
    return [
        _described(store, folder, prefix)
        for folder in [*store.folders, *store.shared_folders]
        for prefix in folder.prefixes
    ]


def describe(store: Store, name: str) -> dict[str, Any]:
    """Describes one environment with everything that is known of it; see ``alcove.environments.show``."""
    folder = store.found(name)
    prefix = folder.path / folder.content if folder.content else folder.prefixes[-1]
    marker = Marker.read(prefix)
    held = disk.Links(store.report.again).held([prefix])
    return {
        **_described(store, folder, prefix),
        "packages": [asdict(package) for package in read_packages(prefix)],
        "specification": None if marker is None else marker.specification,
        "lock_file": "" if marker is None else marker.lock_file,
        "used_by": _used_by(store, folder, marker),
        "shared_bytes": held.shared_bytes,
        "own_bytes": held.own_bytes,
    }


def measure(store: Store) -> dict[str, Any]:
    """What all environments and caches take up; see ``alcove.environments.usage``."""
    look = store.report.again
    environments = []
    for folder in store.folders:
        store.report(0.0, f"Measuring {folder.name}")
        held = disk.Links(look).held([folder.path])
        environments.append({"name": folder.name, "own_bytes": held.own_bytes, "shared_bytes": held.shared_bytes})
    data = store.directory.parent
    places = {"environments": [store.directory], "caches": [data / "cache"]}
    totals = {f"{name}_bytes": disk.Links(look).held(paths).all_bytes for name, paths in places.items()}
    total = disk.Links(look).held([store.directory, data / "cache"]).all_bytes
    return {"environments": environments, **totals, "total_bytes": total}


def _described(store: Store, folder: Folder, prefix: Path) -> dict[str, Any]:
    marker = Marker.read(prefix)
    with unused([prefix]) as free:
        common = {
            "name": folder.name,
            "hash": prefix.name,
            "directory": str(prefix),
            "location": "own" if folder.path.parent == store.directory else "shared",
            "current": folder.content == prefix.name,
            "in_use": not free and os.access(prefix / IN_USE, os.W_OK),
            "last_used": last_used(prefix),
        }
    if marker is None:
        return {**common, **_UNKNOWN, "packages": 0, "size_bytes": disk.size(prefix), "state": "incomplete"}
    return {
        **common,
        "engine": marker.engine,
        "variant": marker.variant,
        "python": str(prefix / marker.python),
        "python_version": marker.python_version,
        "created": marker.created,
        "size_bytes": marker.size_bytes,
        "packages": marker.package_count,
        "source": marker.specification.get("source", ""),
        "state": "ready" if marker.works_in(prefix) else "broken",
    }


def last_used(prefix: Path) -> str | None:
    """When a worker last moved in, else when the environment was made; ISO 8601, UTC. None when nobody knows."""
    try:
        seconds = (prefix / IN_USE).stat().st_mtime
    except OSError:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(timespec="seconds")


def _used_by(store: Store, folder: Folder, marker: Marker | None) -> list[str]:
    """The op files that it was made for or that refer to it."""
    found = [] if marker is None else [str(marker.specification.get("source", ""))]
    for other in [*store.folders, *store.shared_folders]:
        reference = Reference.read(other)
        if reference is not None and reference.environment == folder.name:
            found.append(reference.source)
    return sorted({source for source in found if source})
