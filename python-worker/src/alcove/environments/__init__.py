"""Environments as a set of ops: make one, list them, remove one.

The Java manager runs this package as a worker in the toolbox; from Python the ops are plain functions. What holds for
every kind of environment (locks, staging, marker, switching) is in ``store``; what differs is an ``engine``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alcove import op, progress

from .engines import Engine
from .failures import failure, translated
from .reports import Report
from .specification import Specification
from .store import Store
from .uv_engine import UvEngine

__all__ = ["create", "list_environments", "remove"]


@op(idempotent=True)
def create(specification: dict[str, Any], directory: Path, offline: bool = False) -> dict[str, Any]:
    """Make an environment, or find that it is there already.

    Nothing is to be seen of it until it is complete, whatever happens meanwhile. An environment that was made from the
    same header is taken as it is, without asking the network for newer packages.

    specification: "name" (its folder), "engine" ("uv"), "header" (the TOML of the PEP 723 block without comment
        marks), "source" (the op file, for messages), "header_line" (the line of source, from 1, where the TOML begins;
        optional)
    directory: the folder that holds all environments
    offline: use what earlier installs left on this machine, and no network

    Returns "name", "hash", "directory" (the prefix), "python" (its interpreter), "engine", "created" (false when it was
    there) and "packages" (how many are installed).
    """
    with translated(directory):
        parsed = Specification.parse(specification)
        return Store(directory).create(parsed, _engine(parsed, directory, offline), Report(progress))


@op(name="list", idempotent=True)
def list_environments(directory: Path) -> list[dict[str, Any]]:
    """List the environments: where each is, what made it, how large it is, and whether it works.

    "state" is "ready"; "broken", when the Python under it is gone; or "incomplete", when its marker is. "size_bytes"
    counts a file once however many names it has, and as much as it was when the environment was made.

    directory: the folder that holds all environments
    """
    with translated(directory):
        return Store(directory).describe()


@op
def remove(directory: Path, name: str) -> dict[str, Any]:
    """Remove an environment that no worker uses.

    "freed_bytes" leaves out the files that uv's cache or another environment still holds.

    directory: the folder that holds all environments
    name: the environment's name, as listed
    """
    with translated(directory):
        return {"name": name, "freed_bytes": Store(directory).remove(name, Report(progress))}


def _engine(specification: Specification, directory: Path, offline: bool) -> Engine:
    if specification.engine == UvEngine.name:
        return UvEngine(specification, directory, offline)
    raise failure(
        "spec_invalid",
        f"There is no environment engine {specification.engine!r}",
        f"The only one so far is {UvEngine.name!r}",
    )
