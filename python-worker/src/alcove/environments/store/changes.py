"""What an update changes, package by package."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from packaging.version import InvalidVersion, Version

from ..engines import Package

Kind = Literal["added", "removed", "upgraded", "downgraded", "rebuilt"]


@dataclass(frozen=True)
class Change:
    """What happens to one package."""

    change: Kind
    """"rebuilt" is another file of the same version."""
    name: str
    manager: str
    """"conda" or "pip"; "python" for the Python that a virtual environment stands on."""
    before: str
    """The version, for "rebuilt" with the build where that says more; "" when it is added."""
    after: str

    def to_json(self) -> dict[str, Any]:
        """The members that hosts see."""
        return {
            "change": self.change,
            "name": self.name,
            "manager": self.manager,
            "from": self.before,
            "to": self.after,
        }


def changes(before: Iterable[Package], after: Iterable[Package]) -> list[Change]:
    """The differences between two sets of packages, by name."""
    old = {(package.name, package.manager): package for package in before}
    new = {(package.name, package.manager): package for package in after}
    found = []
    for name, manager in sorted(old.keys() | new.keys()):
        change = _change(old.get((name, manager)), new.get((name, manager)))
        if change is not None:
            found.append(change)
    return found


def _change(old: Package | None, new: Package | None) -> Change | None:
    if old is None:
        return None if new is None else Change("added", new.name, new.manager, "", new.version)
    if new is None:
        return Change("removed", old.name, old.manager, old.version, "")
    if old.version != new.version:
        kind: Kind = "upgraded" if _is_older(old, new) else "downgraded"
        return Change(kind, new.name, new.manager, old.version, new.version)
    if _is_same_file(old, new):
        return None
    builds = (old.build, new.build) if old.build != new.build else ("", "")
    before, after = (" ".join(filter(None, (old.version, build))) for build in builds)
    return Change("rebuilt", new.name, new.manager, before, after)


def _is_older(old: Package, new: Package) -> bool:
    if new.manager == "conda":
        from rattler import Version as CondaVersion  # slow to load, and only needed here

        return bool(CondaVersion(old.version) < CondaVersion(new.version))
    try:
        return Version(old.version) < Version(new.version)
    except InvalidVersion:
        return old.version < new.version


def _is_same_file(old: Package, new: Package) -> bool:
    if old.build != new.build:
        return False
    if old.sha256 and new.sha256:
        return old.sha256 == new.sha256
    return not (old.url and new.url) or old.url == new.url  # of a Git repository: with the commit
