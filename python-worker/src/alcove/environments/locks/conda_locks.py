"""conda-lock.yml, version 1: every package of an environment with origin and hash, for several platforms.

conda-lock, micromamba and rattler read the same format. It is written here by hand, not by a YAML library, as the text
goes into the hash that names an environment: another version of the library must not break its lines elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..failures import failure
from .locked import Locked, public_url
from .yaml_writing import quoted, scalar

FILE_NAME = "conda-lock.yml"

_HEADER = "# Made by Alcove, in conda-lock's format, version 1, which conda-lock, micromamba and rattler read.\n"
# micromamba wants at least one. It is no path, as a lock must not depend on the place of the file that asked for it.
_SOURCES = "  sources: [alcove]"


@dataclass(frozen=True)
class CondaLock:
    """What a lock file says."""

    channels: tuple[str, ...]
    """URLs, the most important first."""
    platforms: tuple[str, ...]
    packages: tuple[Locked, ...]

    @property
    def text(self) -> str:
        """The file; the same packages give the same text."""
        lines = ["version: 1", "metadata:", "  content_hash:"]
        lines += [f"    {platform}: {_digest(self._of(platform))}" for platform in sorted(self.platforms)]
        lines += ["  channels:" if self.channels else "  channels: []"]
        for channel in self.channels:
            lines += [f"  - url: {scalar(public_url(channel))}", "    used_env_vars: []"]
        lines += ["  platforms:", *(f"  - {platform}" for platform in sorted(self.platforms))]
        lines += [_SOURCES, "package:" if self.packages else "package: []"]
        for package in sorted(self.packages, key=_order):
            lines += _entry(package)
        return _HEADER + "".join(line + "\n" for line in lines)

    def part(self, *platforms: str) -> CondaLock:
        """The lock of these platforms alone.

        Raises:
            OpError: ``platform``, when the lock is not for one of them.
        """
        missing = [platform for platform in platforms if platform not in self.platforms]
        if missing:
            raise failure(
                "platform",
                f"The lock file is for {', '.join(self.platforms) or 'no platform'}, not for {', '.join(missing)}",
                f"Make it anew where it comes from, with {', '.join(missing)} among its platforms",
                platforms=list(self.platforms),
            )
        packages = [package for platform in platforms for package in self._of(platform)]
        return CondaLock(self.channels, platforms, tuple(packages))

    def conda(self, platform: str) -> tuple[Locked, ...]:
        """The packages from channels, by name."""
        return tuple(package for package in self._of(platform) if package.manager == "conda")

    def pip(self, platform: str) -> tuple[Locked, ...]:
        """The packages from indexes, by name."""
        return tuple(package for package in self._of(platform) if package.manager == "pip")

    def python_version(self, platform: str) -> str:
        """The version of its Python, "3.12.4"; "" when there is none among the packages."""
        return next((package.version for package in self.conda(platform) if package.name == "python"), "")

    def _of(self, platform: str) -> tuple[Locked, ...]:
        return tuple(sorted((package for package in self.packages if package.platform == platform), key=_order))


def locked(records: Iterable[Mapping[str, Any]], platform: str) -> tuple[Locked, ...]:
    """What a solver chose, as it goes into a lock.

    Args:
        records: as channels have them in their index, with "url" (and "sha256" and "md5" in hexadecimal).
        platform: what they were chosen for.

    Raises:
        OpError: ``channel_refused``, when a channel does not tell a package's SHA-256.
    """
    return tuple(_of_record(record, platform) for record in records)


def _of_record(record: Mapping[str, Any], platform: str) -> Locked:
    url = public_url(record["url"])
    if not record.get("sha256"):
        raise failure(
            "channel_refused",
            f"The channel does not tell the SHA-256 of {url.rsplit('/', 1)[-1]}, so that its download could not be "
            "checked",
            "Use a channel whose index is complete, conda-forge for example",
            url=url,
        )
    return Locked(
        name=record["name"],
        version=str(record["version"]),
        manager="conda",
        platform=platform,
        url=url,
        sha256=record["sha256"],
        md5=record.get("md5") or "",
        dependencies=_dependencies(record.get("depends") or ()),
        purls=tuple(record.get("purls") or ()),
        size_bytes=record.get("size") or 0,
        license=record.get("license") or "",
    )


def _dependencies(depends: Iterable[str]) -> dict[str, str]:
    """Versions and builds by name. The format has room for one entry of a name, so that two are joined."""
    found: dict[str, str] = {}
    for each in depends:
        name, _, wanted = str(each).strip().partition(" ")
        wanted = wanted.strip()
        before = found.get(name, "")
        found[name] = f"{before},{wanted}" if before and wanted and " " not in before + wanted else wanted or before
    return found


def _order(package: Locked) -> tuple[str, str, str]:
    return package.manager, package.name, package.platform


def _digest(packages: Sequence[Locked]) -> str:
    content = "".join(f"{package.manager} {package.url} {package.sha256}\n" for package in packages)
    return hashlib.sha256(content.encode()).hexdigest()


def _entry(package: Locked) -> list[str]:
    lines = [
        f"- name: {scalar(package.name)}",
        f"  version: {quoted(package.version)}",
        f"  manager: {package.manager}",
        f"  platform: {package.platform}",
        "  dependencies:" if package.dependencies else "  dependencies: {}",
    ]
    for name, wanted in sorted(package.dependencies.items()):
        lines.append(f"    {scalar(name)}: {quoted(wanted)}")
    lines += [f"  url: {scalar(public_url(package.url))}", "  hash:"]
    lines += [f"    md5: {quoted(package.md5)}"] if package.md5 else []
    lines += [f"    sha256: {quoted(package.sha256)}", "  category: main", "  optional: false"]
    return lines
