"""``alcove.json``, the file that says that a prefix is complete and what it is. Java reads it, too."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from . import disk
from .engines import Installed, Lock
from .specification import Specification

FORMAT = 1
_FILE = "alcove.json"


@dataclass(frozen=True)
class Marker:
    """What is known of a complete environment; the fields are the file's."""

    format: int
    name: str
    hash: str
    engine: str
    python: str
    """The interpreter, relative to the prefix, with slashes."""
    base_python: str | None
    """The Python outside that it stands on; where that is gone, the environment is broken. None when there is none."""
    python_version: str
    platform: str
    created: str
    """ISO 8601, UTC."""
    size_bytes: int
    specification: dict[str, Any]
    lock_sha256: str
    packages: list[dict[str, str]]
    """Name and version of each installed package."""

    @classmethod
    def describe(
        cls,
        built: Path,
        content: str,
        lock: Lock,
        installed: Installed,
        specification: Specification,
    ) -> Marker:
        """The marker of what stands in ``built``, still unwritten."""
        return cls(
            format=FORMAT,
            name=specification.name,
            hash=content,
            engine=specification.engine,
            python=installed.python.relative_to(built).as_posix(),
            base_python=None if installed.base_python is None else str(installed.base_python),
            python_version=lock.python_version,
            platform=lock.platform,
            created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            size_bytes=disk.size(built),
            specification=specification.to_json(),
            lock_sha256=hashlib.sha256(lock.text.encode()).hexdigest(),
            packages=[asdict(package) for package in installed.packages],
        )

    @classmethod
    def read(cls, prefix: Path) -> Marker | None:
        """The marker in a prefix, or None when there is none that this version understands."""
        try:
            values = json.loads((prefix / _FILE).read_text(encoding="utf-8"))
            known = {field: values[field] for field in cls.__dataclass_fields__}
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return cls(**known) if known["format"] == FORMAT else None

    def write(self, prefix: Path) -> None:
        """Writes the marker; everything else must be in place."""
        disk.write(prefix / _FILE, json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    def works_in(self, prefix: Path) -> bool:
        """Whether the Python that the environment needs is still there; looks, and starts nothing."""
        base = self.base_python
        return os.access(prefix / self.python, os.X_OK) and (base is None or os.access(base, os.X_OK))

    def made_also_from(self, specification: Specification) -> Marker:
        """The marker after another header, a comment changed, say, turned out to ask for the very same packages."""
        return replace(self, specification=specification.to_json())

    def is_for(self, specification: Specification) -> bool:
        """Whether this is what the specification asks for, so that nothing need be resolved."""
        made_from = self.specification
        return made_from.get("engine") == specification.engine and made_from.get("header") == specification.header
