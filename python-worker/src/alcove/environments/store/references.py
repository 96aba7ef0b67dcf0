"""``reference.json``: an environment that is another, shared one, because its op file names a shared file."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .. import disk
from ..formats import read_file
from ..specification import Specification
from .folders import Folder

REFERENCE = "reference.json"
_MOST_OF_STEM = 40


@dataclass(frozen=True)
class Reference:
    """The content of the file. Java reads it, too."""

    environment: str
    """The shared environment's name."""
    file: str
    """The shared file's absolute path."""
    sha256: str
    """The shared file's, when the reference was written; another one now means that it does not hold any more."""
    source: str
    """The op file that names the shared file."""

    @classmethod
    def to(cls, specification: Specification) -> Reference | None:
        """The reference that the specification makes, None when it makes none."""
        if specification.reference is None:
            return None
        content = specification.reference.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        stem = re.sub(r"[^A-Za-z0-9_-]", "_", re.sub(r"\.[^.]*$", "", specification.reference.name))
        name = f"{stem[:_MOST_OF_STEM]}-{digest[:8]}"
        return cls(name, str(specification.reference), digest, specification.source)

    def referred(self, specification: Specification) -> Specification:
        """The specification of the shared environment, from one that refers to it."""
        read = read_file(Path(self.file))
        return replace(
            specification,
            name=self.environment,
            format=read.format,
            text=read.text,
            source=self.file,
            first_line=1,
            reference=None,
        )

    @classmethod
    def read(cls, folder: Folder) -> Reference | None:
        """What is written there, None when there is nothing that can be understood."""
        try:
            values = json.loads((folder.path / REFERENCE).read_text(encoding="utf-8"))
            return cls(**{field: str(values[field]) for field in cls.__dataclass_fields__})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, folder: Folder) -> None:
        """Writes it unless it is there already."""
        if Reference.read(folder) != self:
            folder.path.mkdir(parents=True, exist_ok=True)
            disk.write(folder.path / REFERENCE, json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")
