"""Environments as a set of ops: make them, keep them up to date and sound, and get rid of them.

The Java manager runs this package as a worker in the toolbox; from Python the ops are plain functions. What holds for
every kind of environment (locks, staging, marker, switching) is in ``store`` and ``building``; what differs is an
``engine``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from alcove import op, progress

from .context import Context
from .failures import failure, translated
from .machine import Machine
from .networking import settings_file
from .networking.settings import Settings, own_file
from .packs import packing, unpacking
from .reports import Report
from .specification import Specification
from .store import cleaning, exporting, listing, lock_making, moving, repairing, updating
from .store.folders import caches_lock
from .store.locking import shared
from .store.store import Store, result

__all__ = [
    "clean",
    "create",
    "describe_settings",
    "export",
    "list_environments",
    "lock",
    "pack",
    "remove",
    "rename",
    "set_setting",
    "show",
    "unpack",
    "update",
    "usage",
    "verify",
]


@op(idempotent=True)
def create(specification: dict[str, Any], directory: Path, offline: bool = False) -> dict[str, Any]:
    """Make an environment, or find that it is there already.

    Nothing is to be seen of it until it is complete, whatever happens meanwhile. An environment that was made from the
    same text is taken as it is, without asking the network for newer packages.

    specification: "name" (its folder), "engine" ("auto", "rattler", "uv", "micromamba", "existing"), "format" (of
        "text": "script", "environment.yml", "requirements.txt", "pyproject.toml", "pixi.toml", "conda-lock.yml",
        "pixi.lock", "pylock.toml"), "text" (the content of such a file; for "script" the TOML of the PEP 723 header
        without comment marks; for "existing" the interpreter's path), "source" (the file, for messages), "first_line"
        (the line of source, from 1, where the text begins; optional), "variant" ("auto", "gpu", "cpu"; optional)
    directory: the folder that holds all environments
    offline: use what earlier installs left on this machine, and no network

    Returns "name", "hash", "directory" (the prefix), "python" (its interpreter), "engine", "created" (false when it was
    there), "packages" (how many are installed) and "variant" ("gpu", "cpu", or "" when there are none).
    """
    with _store(directory, offline) as store:
        return store.create(Specification.parse(specification, store.context.machine))


@op
def update(
    directory: Path,
    specification: dict[str, Any] | None = None,
    name: str = "",
    dry_run: bool = False,
    offline: bool = False,
) -> dict[str, Any]:
    """Take the newest packages that fit, or say what would change.

    The new version is built beside the old one. Workers that run in the old one go on; it is removed when nobody uses
    it any more.

    directory: the folder that holds all environments
    specification: what the environment shall hold, as for create; without one, what it was made from
    name: of an environment that is there; not needed with a specification
    dry_run: only say what would change
    offline: use what earlier installs left on this machine, and no network

    Returns "name", "hash", "changed", "changes" (each with "change": "added", "removed", "upgraded", "downgraded" or
    "rebuilt", "name", "manager", "from" and "to"), "download_bytes" (of new packages, 0 when it is not known) and
    "kept_old" (true while workers still run in the old version).
    """
    with _store(directory, offline) as store:
        if specification is not None:
            wanted = {**specification, "name": name} if name else specification
            parsed = Specification.parse(wanted, store.context.machine)
        elif name:
            parsed = updating.specification_of(store, name)
        else:
            raise failure("spec_invalid", "Nothing to update was named", "Give a specification or a name")
        return updating.update(store, parsed, dry_run)


@op
def verify(directory: Path, name: str, repair: bool = False, offline: bool = False) -> dict[str, Any]:
    """Compare every file of an environment with what was installed, and repair it if asked for.

    Files that were added are not looked at, and missing compiled modules (.pyc) are no damage; changed ones are.
    Repairing installs the very same packages anew, with everything checked against their hashes; a worker that runs in
    the environment prevents it.

    directory: the folder that holds all environments
    name: the environment's name, as listed
    repair: make it anew when something is damaged
    offline: repair with what earlier installs left on this machine, and no network

    Returns "name", "hash", "files" (how many were looked at), "damaged" (each with "path", "package" and "problem":
    "missing", "changed" or "unreadable") and "repaired".
    """
    with _store(directory, offline) as store:
        return repairing.verify_environment(store, name, repair)


@op(name="list", idempotent=True)
def list_environments(directory: Path) -> list[dict[str, Any]]:
    """List the environments: where each is, what made it, how large it is, and whether it works.

    "state" is "ready"; "broken", when the Python under it is gone; or "incomplete", when its marker is. "location" is
    "own" or "shared" (of a central directory, which is only read). "current" tells the version to use from older ones.
    "size_bytes" counts a file once however many names it has, in bytes as files count them and not as disks round them,
    and as much as it was when the environment was made. "last_used" is when a worker last started in it.

    directory: the folder that holds all environments
    """
    with _store(directory) as store:
        return listing.describe_all(store)


@op(idempotent=True)
def show(directory: Path, name: str) -> dict[str, Any]:
    """Tell everything about one environment.

    What list says, and "packages" (each with "name", "version", "manager", "build", "license", "size_bytes", "url",
    "sha256"), "specification", "lock_file" (its name in the environment), "used_by" (the files it was made for or that
    refer to it), "own_bytes" (what removing it frees) and "shared_bytes" (of files that caches or other environments
    hold, too).

    directory: the folder that holds all environments
    name: the environment's name, as listed
    """
    with _store(directory) as store:
        return listing.describe(store, name)


@op(idempotent=True)
def usage(directory: Path) -> dict[str, Any]:
    """Measure what environments and caches take up, counting a file once however many names it has.

    Bytes are as files count them, not as disks round them.

    Returns "environments" (each with "name", "own_bytes", which removing it frees, and "shared_bytes", of files that
    have names elsewhere, too), "environments_bytes", "caches_bytes" and "total_bytes", which is less than their sum as
    environments link files from caches.

    directory: the folder that holds all environments
    """
    with _store(directory) as store:
        return listing.measure(store)


@op
def rename(directory: Path, name: str, new_name: str) -> dict[str, Any]:
    """Give an environment another name.

    Where its place is written into files, it is made again from its lock file under the new name. A worker that runs in
    the old one goes on.

    directory: the folder that holds all environments
    name: the environment's name, as listed
    new_name: up to 100 letters, digits, ".", "_" and "-"

    Returns "name", "hash" and "directory" (the prefix).
    """
    with _store(directory) as store:
        renamed = result(moving.rename(store, name, new_name), False)
        return {key: renamed[key] for key in ("name", "hash", "directory")}


@op
def remove(directory: Path, name: str, dry_run: bool = False) -> dict[str, Any]:
    """Remove an environment that no worker uses.

    "freed_bytes" leaves out the files that a cache or another environment still holds.

    directory: the folder that holds all environments
    name: the environment's name, as listed
    dry_run: only say what that would free
    """
    with _store(directory) as store:
        return {"name": name, "freed_bytes": moving.remove(store, name, dry_run)}


@op
def clean(
    directory: Path, unused_days: float | None = None, caches: bool = False, dry_run: bool = False
) -> dict[str, Any]:
    """Get room back: what killed processes left, old versions of environments, and if asked for, more.

    Nothing that a worker uses or that somebody is building is touched.

    directory: the folder that holds all environments
    unused_days: also remove environments in which no worker was started for so many days
    caches: also empty Alcove's own caches; what is needed again is downloaded again
    dry_run: only say what that would remove

    Returns "freed_bytes", "items" (each with "kind": "environment", "version", "cache" or "leftover", "name", "path",
    "bytes" and "reason") and "kept" (what stays because it is in use, with "kind", "name", "path" and "reason").
    """
    with _store(directory) as store:
        return cleaning.clean(store, unused_days, caches, dry_run)


@op(idempotent=True)
def lock(
    specification: dict[str, Any], directory: Path, platforms: Sequence[str] = (), offline: bool = False
) -> dict[str, Any]:
    """Decide on all packages of an environment, for several platforms at once, without making it.

    specification: as for create
    directory: the folder that holds all environments
    platforms: conda's names ("linux-64", "osx-arm64", "win-64"); none means those that the specification names, else
        this computer's
    offline: use what earlier installs left on this machine, and no network

    Returns "file_name" ("conda-lock.yml" or "pylock.toml"), "text" (the lock file, itself a specification of that
    format), "platforms" and "packages" (how many there are, by platform).
    """
    with _store(directory, offline) as store, shared(caches_lock(directory), store.report.again):
        parsed = Specification.parse(specification, store.context.machine)
        return lock_making.lock(parsed, store.context, platforms, store.report)


@op(idempotent=True)
def export(directory: Path, name: str, format: str) -> dict[str, Any]:
    """Give an environment as a file from which other tools, or Alcove elsewhere, make it again.

    directory: the folder that holds all environments
    name: the environment's name, as listed
    format: "environment.yml", "requirements.txt", or a lock file: "conda-lock.yml" or "pixi.lock" where there are
        conda packages, else "pylock.toml"

    Returns "file_name" and "text".
    """
    with _store(directory) as store:
        return exporting.export(store, name, format)


@op
def pack(directory: Path, name: str, file: Path, toolbox: Path | None = None) -> dict[str, Any]:
    """Write an environment into one file, from which unpack makes it on a machine without network.

    directory: the folder that holds all environments
    name: the environment's name, as listed
    file: the file to write, which must not be there yet
    toolbox: a folder with wheels of the toolbox, to be put in as well

    Returns "file", "bytes" (its size) and "packages" (how many are in it).
    """
    with _store(directory) as store:
        return packing.pack(store, name, file.absolute(), toolbox)


@op
def unpack(file: Path, directory: Path, name: str | None = None) -> dict[str, Any]:
    """Make an environment from a file that pack wrote, without network.

    file: the packed environment
    directory: the folder that holds all environments
    name: what to call it; otherwise it keeps its name

    Returns what create returns.
    """
    with _store(directory, offline=True) as store:
        return unpacking.unpack(store, file.absolute(), name)


@op(name="settings", idempotent=True)
def describe_settings(directory: Path) -> list[dict[str, Any]]:
    """Tell every setting that holds for environments: channels, mirrors, proxies, certificates, caches.

    directory: the folder that holds all environments

    Returns for each "name" (its key in settings.toml, None when only a variable sets it), "variable", "value" (with
    passwords masked), "source" (a variable, file and line, or "default") and "description"; for those with a name also
    "text" (the value as the variable would have it), "is_variable" (whether a variable set it), "example" and
    "choices".
    """
    return Settings.load(directory).describe()


@op(name="set")
def set_setting(directory: Path, name: str, value: str | None = None) -> str:
    """Change a setting in the user's settings.toml, of which all else stays as it is, comments too.

    directory: the folder that holds all environments
    name: the setting's key
    value: as its variable would have it; without one the setting is taken out of the file

    Returns the file. A variable that sets the same goes on to win.
    """
    with translated(directory):
        file = own_file()
        settings_file.change(file, name, value)
        return str(file)


@contextlib.contextmanager
def _store(directory: Path, offline: bool = False) -> Iterator[Store]:
    with translated(directory):
        settings = Settings.load(directory)
        context = Context(directory, offline or settings.offline, settings, Machine.detect())
        yield Store(context, Report(progress))
