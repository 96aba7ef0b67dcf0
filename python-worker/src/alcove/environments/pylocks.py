"""Reading pylock.toml (PEP 751): what it pins, and how much there is to download."""

from __future__ import annotations

import platform
import sys
from typing import Any

from packaging.tags import Tag, compatible_tags, cpython_tags, platform_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_MACHINES = {"amd64": "x86_64", "aarch64": "arm64"}


class Pylock:
    """A lock for all platforms."""

    def __init__(self, text: str) -> None:
        self.text = "".join(line + "\n" for line in text.splitlines() if not line.startswith("#"))
        """Without comments, in which uv tells its command line and so a path of this machine."""
        self._packages: list[dict[str, Any]] = tomllib.loads(text).get("packages", [])

    @property
    def unpinned(self) -> list[str]:
        """Names of packages whose content no hash or commit pins: local folders, say."""
        return [package["name"] for package in self._packages if not _is_pinned(package)]

    @property
    def hashed(self) -> bool:
        """Whether every package is pinned by a hash; a Git commit is a pin but none that installers check."""
        return not any("vcs" in package for package in self._packages)

    def download_bytes(self, wanted: dict[str, str], python_version: str) -> int:
        """How many bytes of wheels make up the wanted packages here, as far as the lock tells sizes.

        Args:
            wanted: version by name.
            python_version: of the environment, "3.12.4".
        """
        ranks = {tag: rank for rank, tag in enumerate(_tags(python_version))}
        return sum(
            _wheel_bytes(package, ranks)
            for package in self._packages
            if wanted.get(canonicalize_name(package["name"])) == package.get("version")
        )


def _is_pinned(package: dict[str, Any]) -> bool:
    if "vcs" in package:
        return bool(package["vcs"].get("commit-id"))
    files = [*package.get("wheels", ()), *(package[key] for key in ("sdist", "archive") if key in package)]
    return bool(files) and all("sha256" in file.get("hashes", {}) for file in files)


def _tags(python_version: str) -> list[Tag]:
    major, minor = (int(part) for part in python_version.split(".")[:2])
    platforms = list(platform_tags())
    interpreter = f"cp{major}{minor}"
    return [
        *cpython_tags((major, minor), abis=[interpreter], platforms=platforms),
        *compatible_tags((major, minor), interpreter, platforms),
    ]


def _wheel_bytes(package: dict[str, Any], ranks: dict[Tag, int]) -> int:
    best = (len(ranks), 0)
    for wheel in package.get("wheels", ()):
        try:
            tags = parse_wheel_filename(str(wheel.get("name") or wheel.get("url", "").rsplit("/", 1)[-1]))[3]
        except InvalidWheelFilename:
            continue
        best = min(best, (min(ranks.get(tag, len(ranks)) for tag in tags), wheel.get("size", 0)))
    return best[1] if best[0] < len(ranks) else 0


def platform_name() -> str:
    """This platform, as in "linux-x86_64", "macos-arm64", "windows-x86_64"."""
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    return f"{system}-{_MACHINES.get(machine, machine)}"
