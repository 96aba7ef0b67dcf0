"""Which of a package's files fits a platform, also one that this is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from ..machine import Machine

OLDEST_GLIBC = (2, 28)
"""What is taken for Linux machines of which nothing is known: that of the oldest systems still in use."""
_OLDEST_MACOS = (13, 0)
_NEWEST_GLIBC = (2, 60)
_NEWEST_MACOS = (40, 0)
_MACHINES = {"64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}


def uv_platform(platform: str, glibc: tuple[int, int] = OLDEST_GLIBC) -> str:
    """uv's name for one of conda's platforms."""
    system, _, machine = platform.partition("-")
    machine = _MACHINES.get(machine, machine)
    if system == "linux":
        return f"{machine}-manylinux_{glibc[0]}_{glibc[1]}"
    if system == "osx":
        return f"{machine.replace('arm64', 'aarch64')}-apple-darwin"
    return f"{machine.replace('arm64', 'aarch64')}-pc-windows-msvc"


def glibc_of(machine: Machine, platform: str) -> tuple[int, int]:
    """The C library that wheels for a platform may count on: the machine's own where it is that platform's."""
    version = machine.virtual_packages.get("__glibc", "") if platform == machine.platform else ""
    parts = version.split(".")
    if len(parts) < 2 or not all(part.isdigit() for part in parts[:2]):
        return OLDEST_GLIBC
    return int(parts[0]), int(parts[1])


def best(
    files: Iterable[Mapping[str, Any]],
    platform: str,
    python_version: str,
    glibc: tuple[int, int] = OLDEST_GLIBC,
    platform_tags: Sequence[str] = (),
) -> Mapping[str, Any] | None:
    """The most specific wheel that fits.

    Args:
        files: tables of a pylock.toml, with "url" or "name".
        platform: conda's name.
        python_version: "3.12.4".
        glibc: the version of a Linux's C library.
        platform_tags: what the platform can run, the best first, where that is known better than by the above.
    """
    known = platform_tags or _platform_tags(platform, glibc)
    ranks = {tag: rank for rank, tag in enumerate(_tags(python_version, known))}
    ranked = [(min((ranks[tag] for tag in _tags_of(file) if tag in ranks), default=None), file) for file in files]
    fitting = [(rank, file) for rank, file in ranked if rank is not None]
    return min(fitting, key=lambda pair: pair[0])[1] if fitting else None


def file_name(file: Mapping[str, Any]) -> str:
    """The name of a file in a pylock.toml."""
    return str(file.get("name") or unquote(urlsplit(str(file.get("url", ""))).path.rsplit("/", 1)[-1]))


def _tags_of(file: Mapping[str, Any]) -> Iterable[Tag]:
    try:
        return parse_wheel_filename(file_name(file))[3]
    except InvalidWheelFilename:
        return ()


def _tags(python_version: str, platforms: Sequence[str]) -> list[Tag]:
    major, minor = (int(part) for part in python_version.split(".")[:2])
    return [
        *cpython_tags((major, minor), platforms=platforms, abis=[f"cp{major}{minor}"]),
        *compatible_tags((major, minor), f"cp{major}{minor}", platforms),
    ]


def all_platform_tags(platform: str) -> list[str]:
    """Everything that some computer of this platform can run, however new its system is."""
    return _platform_tags(platform, _NEWEST_GLIBC, _NEWEST_MACOS)


def _platform_tags(platform: str, glibc: tuple[int, int], macos: tuple[int, int] = _OLDEST_MACOS) -> list[str]:
    system, _, machine = platform.partition("-")
    machine = _MACHINES.get(machine, machine)
    if system == "osx":
        return list(mac_platforms(macos, machine))
    if system == "win":
        return ["win_amd64" if machine == "x86_64" else f"win_{machine}"]
    old = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    tags = []
    for minor in range(glibc[1], 4, -1):
        tags += [f"manylinux_2_{minor}_{machine}", *([f"{old[minor]}_{machine}"] if minor in old else [])]
    return [*tags, f"linux_{machine}"]
