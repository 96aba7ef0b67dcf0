"""``alcove.json``, the file that says that a prefix is complete and what it is. Java reads it, too."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .. import disk
from ..engines import Installed, Lock, Package
from ..specification import Specification

FORMAT = 2
MARKER = "alcove.json"
PACKAGES = "alcove-packages.json"

_COMPARED = ("engine", "format", "text", "variant")


@dataclass(frozen=True)
class Marker:
    """What is known of a complete environment; the fields are the file's."""

    format: int
    name: str
    hash: str
    engine: str
    """The engine that made it, never "auto"."""
    python: str
    """The interpreter, relative to the prefix, with slashes; absolute when it lies outside."""
    base_python: str | None
    """The Python outside that it stands on; where that is gone, the environment is broken. None when there is none."""
    python_version: str
    platform: str
    variant: str
    """"gpu" or "cpu", "" when the specification knows no variants."""
    created: str
    """ISO 8601, UTC."""
    size_bytes: int
    download_bytes: int
    """What had to be downloaded for it, as far as is known, whether or not caches had some of it."""
    path: list[str]
    """Folders that a worker's PATH begins with, relative to the prefix, with slashes; "" is the prefix itself."""
    variables: dict[str, str | None]
    """Environment variables that a worker needs; None unsets one."""
    specification: dict[str, Any]
    lock_file: str
    """What the lock file in the prefix is called, "" when there is none."""
    lock_sha256: str
    files_sha256: str
    """Of ``alcove-files.json``, against which files are verified."""
    package_count: int
    """How many packages ``alcove-packages.json`` lists."""

    @classmethod
    def describe(
        cls,
        built: Path,
        content: str,
        engine: str,
        lock: Lock,
        installed: Installed,
        specification: Specification,
        files_sha256: str,
        size_bytes: int,
    ) -> Marker:
        """The marker of what stands in ``built``, still unwritten."""
        inside = installed.python.is_relative_to(built)
        return cls(
            format=FORMAT,
            name=specification.name,
            hash=content,
            engine=engine,
            python=installed.python.relative_to(built).as_posix() if inside else str(installed.python),
            base_python=None if installed.base_python is None else str(installed.base_python),
            python_version=lock.python_version,
            platform=lock.platform,
            variant=specification.wanted.variant,
            created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            size_bytes=size_bytes,
            download_bytes=sum(package.size_bytes for package in installed.packages),
            path=installed.path,
            variables=installed.variables,
            specification=specification.to_json(),
            lock_file=lock.file_name,
            lock_sha256=hashlib.sha256(lock.text.encode()).hexdigest(),
            files_sha256=files_sha256,
            package_count=len(installed.packages),
        )

    @classmethod
    def read(cls, prefix: Path) -> Marker | None:
        """The marker in a prefix, or None when there is none that this version understands."""
        try:
            values = json.loads((prefix / MARKER).read_text(encoding="utf-8"))
            known = {field: values[field] for field in cls.__dataclass_fields__}
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return cls(**known) if known["format"] == FORMAT else None

    def write(self, prefix: Path) -> None:
        """Writes the marker; everything else must be in place."""
        disk.write(prefix / MARKER, json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    def works_in(self, prefix: Path) -> bool:
        """Whether the Python that the environment needs is still there; looks, and starts nothing."""
        base = self.base_python
        return os.access(prefix / self.python, os.X_OK) and (base is None or os.access(base, os.X_OK))

    def made_also_from(self, specification: Specification) -> Marker:
        """The marker after another text, a comment changed, say, turned out to ask for the very same packages."""
        return replace(self, specification=specification.to_json(), variant=specification.wanted.variant)

    def is_for(self, specification: Specification) -> bool:
        """Whether this is what the specification asks for, so that nothing need be resolved."""
        wanted = specification.to_json()
        same = all(self.specification.get(key) == wanted.get(key) for key in _COMPARED)
        return same and self.variant == specification.wanted.variant


def write_packages(prefix: Path, packages: list[Package]) -> None:
    """Writes what is installed, in a file of its own: the marker is read often and must be small."""
    listed = ",\n".join(json.dumps(asdict(package), ensure_ascii=False) for package in packages)
    (prefix / PACKAGES).write_text(f"[\n{listed}\n]\n", encoding="utf-8", newline="\n")


def read_packages(prefix: Path) -> list[Package]:
    """What is installed, by name; nothing where the file is missing or damaged."""
    try:
        values = json.loads((prefix / PACKAGES).read_text(encoding="utf-8"))
        return [Package(**{field: value[field] for field in Package.__dataclass_fields__}) for value in values]
    except (OSError, ValueError, KeyError, TypeError):
        return []
