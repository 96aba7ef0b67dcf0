"""What belongs into the pack of an environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..context import Context
from ..engines import Package
from ..failures import failure
from ..locks import conda_locks, lock_reading
from ..locks.locked import Locked
from ..locks.pylocks import Pylock, Target
from ..store.markers import Marker
from ..uv import uv_calls


def packages(text: str, marker: Marker) -> tuple[Locked, ...]:
    """The package files, in the order of their hashes.

    Args:
        text: the environment's lock file.
        marker: the environment's.

    Raises:
        OpError: ``platform``, when one of them would have to be built on the other machine.
    """
    if marker.lock_file == conda_locks.FILE_NAME:
        found: Sequence[Locked] = lock_reading.read(text, conda_locks.FILE_NAME).packages
    else:
        target = Target(marker.platform, marker.python_version, here=True)
        found = [_wheel(package, marker.platform) for package in Pylock(text).packages(target)]
    for package in found:
        if package.manager == "pip" and not package.file_name.endswith(".whl"):
            raise _unbuilt(package.name)
    return tuple(sorted(found, key=lambda package: (package.sha256, package.file_name)))


def _wheel(package: Package, platform: str) -> Locked:
    known = package.name, package.version, "pip", platform, package.url, package.sha256
    return Locked(*known, size_bytes=package.size_bytes)


def _unbuilt(name: str) -> Exception:
    return failure(
        "platform",
        f"{name} is not published ready-made for this platform: it was built here from its source, which the other "
        "machine cannot do without network",
        "Choose a version of it that has wheels, or build a wheel of it and name that by its address",
        package=name,
    )


def python(marker: Marker, context: Context) -> tuple[str, list[tuple[str, Path]]]:
    """Where the environment's Python comes from, and what of it goes into the pack: paths and files.

    A Python that uv downloaded goes along, with the link that uv keeps for its minor version. Any other Python is
    expected on the other machine, and conda's is one of the packages.
    """
    if marker.base_python is None:
        return "conda", []
    folder = pythons(context).resolve()
    base = Path(marker.base_python).resolve()
    if not base.is_relative_to(folder):
        return "needed", []
    real = folder / base.relative_to(folder).parts[0]
    links = [(link.name, link) for link in sorted(folder.iterdir()) if link.is_symlink() and link.resolve() == real]
    return "included", [*_tree(real, real.name), *links]


def pythons(context: Context) -> Path:
    """The folder of the Pythons that uv downloads."""
    return Path(uv_calls.variables(context)["UV_PYTHON_INSTALL_DIR"])


def _tree(folder: Path, path: str) -> Iterator[tuple[str, Path]]:
    """All files and links, but not what Python makes itself."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                yield from _tree(Path(entry.path), f"{path}/{entry.name}")
        else:
            yield f"{path}/{entry.name}", Path(entry.path)


def wheels_in(toolbox: Path | None) -> list[Path]:
    """The wheels in a folder that make a toolbox."""
    return [] if toolbox is None else sorted(toolbox.glob("*.whl"))
