"""Reading pylock.toml (PEP 751): what it pins for a computer, and whether its files fit there."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName
from packaging.specifiers import SpecifierSet
from packaging.tags import platform_tags
from packaging.utils import canonicalize_name

from ..engines import Package
from . import wheels
from .locked import public_url

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE_NAME = "pylock.toml"

_SYSTEMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "osx": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "win": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
_MACHINES = {"linux-64": "x86_64", "osx-64": "x86_64", "win-64": "AMD64", "win-arm64": "ARM64", "osx-arm64": "arm64"}


@dataclass(frozen=True)
class Target:
    """A computer and a Python that packages may be for."""

    platform: str
    """conda's name, "linux-64"."""
    python_version: str
    """"3.12.4"."""
    here: bool = False
    """Whether it is this computer, whose libraries need no guess."""

    def best(self, files: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The most specific wheel among files of a lock."""
        tags = list(platform_tags()) if self.here else wheels.all_platform_tags(self.platform)
        return wheels.best(files, self.platform, self.python_version, platform_tags=tags)

    @property
    def markers(self) -> dict[str, str]:
        """What PEP 508's markers are compared with."""
        return {
            **_SYSTEMS[self.platform.partition("-")[0]],
            "platform_machine": _MACHINES.get(self.platform, "aarch64"),
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "implementation_version": self.python_version,
            "python_full_version": self.python_version,
            "python_version": ".".join(self.python_version.split(".")[:2]),
            # What is left says which release of the system; nobody knows that of a computer elsewhere.
            "platform_release": "",
            "platform_version": "",
        }


class Pylock:
    """A lock for all platforms."""

    def __init__(self, text: str) -> None:
        self.text = "".join(line + "\n" for line in text.splitlines() if not line.startswith("#"))
        """Without comments, in which uv tells its command line and so a path of this machine."""
        self._table: dict[str, Any] = tomllib.loads(text)
        self._packages: list[dict[str, Any]] = self._table.get("packages", [])

    @property
    def requires_python(self) -> str:
        """The versions of Python that it is for, "" for all."""
        return str(self._table.get("requires-python", ""))

    @property
    def unpinned(self) -> list[str]:
        """Names of packages whose content no hash or commit pins: local folders, say."""
        return [package["name"] for package in self._packages if not _is_pinned(package)]

    @property
    def hashed(self) -> bool:
        """Whether every package is pinned by a hash; a Git commit is a pin but none that installers check."""
        return not any("vcs" in package for package in self._packages)

    def is_for(self, target: Target) -> bool:
        """Whether the lock was made for such a computer, too."""
        environments = self._table.get("environments", [])
        fits = not environments or any(_holds(marker, target) for marker in environments)
        return fits and SpecifierSet(self.requires_python).contains(target.python_version, prereleases=True)

    def missing(self, target: Target) -> list[str]:
        """Packages that are wanted there, and of which there is neither a fitting wheel nor a source."""
        return [_label(package) for package in self._wanted(target) if _file(package, target) is None]

    def packages(self, target: Target) -> tuple[Package, ...]:
        """What will be installed there, by name."""
        found = [_described(package, _file(package, target)) for package in self._wanted(target)]
        return tuple(sorted(found, key=lambda package: package.name))

    def _wanted(self, target: Target) -> list[dict[str, Any]]:
        return [package for package in self._packages if _holds(package.get("marker"), target)]


def _holds(marker: str | None, target: Target) -> bool:
    if marker is None:
        return True
    try:
        environment: Mapping[str, Any] = {**target.markers, "extras": frozenset(), "dependency_groups": frozenset()}
        return Marker(marker).evaluate(environment, context="lock_file")
    except (InvalidMarker, UndefinedEnvironmentName):
        return True


def _label(package: dict[str, Any]) -> str:
    return " ".join(part for part in (package["name"], str(package.get("version", ""))) if part)


def _file(package: dict[str, Any], target: Target) -> Mapping[str, Any] | None:
    """The file that would be installed, the most specific wheel before the source."""
    return (
        target.best(package.get("wheels", ())) or package.get("archive") or package.get("sdist") or package.get("vcs")
    )


def _described(package: dict[str, Any], file: Mapping[str, Any] | None) -> Package:
    file = file or {}
    commit = f"@{file['commit-id']}" if "commit-id" in file else ""
    return Package(
        canonicalize_name(package["name"]),
        str(package.get("version", "")),
        url=public_url(str(file.get("url", ""))) + commit,
        sha256=file.get("hashes", {}).get("sha256", ""),
        size_bytes=file.get("size", 0),
    )


def _is_pinned(package: dict[str, Any]) -> bool:
    if "vcs" in package:
        return bool(package["vcs"].get("commit-id"))
    files = [*package.get("wheels", ()), *(package[key] for key in ("sdist", "archive") if key in package)]
    return bool(files) and all("sha256" in file.get("hashes", {}) for file in files)
