"""``alcove-pack.json``, the first thing in a pack: what the environment is, and every file of the pack with its hash.

A pack comes from elsewhere, so that nothing in it is believed: its manifest is checked here, member by member.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from alcove import OpError

from ..failures import failure
from ..locks.conda_locks import FILE_NAME as CONDA_LOCK
from ..locks.pylocks import FILE_NAME as PYLOCK

FORMAT = 1
MANIFEST = "alcove-pack.json"
MOST_BYTES = 64 << 20
"""More than any manifest has."""
PACKAGES = "packages"
PYTHON = "python"
TOOLBOX = "toolbox"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE_NAME = re.compile(r"(?!\.{1,2}$)[\w.+!=~@ -]{1,255}")
_PYTHONS = ("conda", "included", "needed")


@dataclass(frozen=True)
class Entry:
    """A file in a pack, or, in the Python that comes with it, a link."""

    path: str
    """With slashes."""
    sha256: str = ""
    size: int = 0
    """In bytes."""
    executable: bool = False
    link: str = ""
    """What a link points to, relative to its own folder; "" for files."""

    @property
    def parts(self) -> list[str]:
        return self.path.split("/")


@dataclass(frozen=True)
class Manifest:
    """The fields are the file's."""

    format: int
    name: str
    platform: str
    python_version: str
    python: str
    """Where the Python comes from: "conda", as one of the packages, "included", or "needed" on the other machine."""
    specification: dict[str, Any]
    lock_file: str
    files: tuple[Entry, ...]
    """In the order in which they lie in the pack."""

    @property
    def lock_sha256(self) -> str:
        """The hash of the lock file."""
        return next(entry.sha256 for entry in self.files if entry.path == self.lock_file)

    @property
    def text(self) -> str:
        """The file's content."""
        files = [{key: value for key, value in asdict(entry).items() if value} for entry in self.files]
        return json.dumps({**asdict(self), "files": files}, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, text: str, file: Path) -> Manifest:
        """Reads and checks it.

        Raises:
            OpError: ``damaged``.
        """
        try:
            values = json.loads(text)
            if values["format"] != FORMAT:
                raise other_version(file, values["format"])
            entries = tuple(Entry(**entry) for entry in values["files"])
            known = {field: values[field] for field in cls.__dataclass_fields__ if field != "files"}
            manifest = cls(**known, files=entries)
            wrong = next(_mistakes(manifest), None)
        except (ValueError, KeyError, TypeError, RecursionError, AttributeError) as error:
            raise damaged(file, f"its {MANIFEST} cannot be understood") from error
        if wrong:
            raise damaged(file, wrong)
        return manifest


def damaged(file: Path, problem: str) -> OpError:
    """The failure of a pack that is not as it should be."""
    return failure(
        "damaged",
        f"{file.name} is damaged, or no packed environment: {problem}",
        "Copy it again from where it was made; if that does not help, make it anew",
        file=str(file),
    )


def other_version(file: Path, version: object) -> OpError:
    """The failure of a pack that another version of Alcove made."""
    return failure(
        "damaged",
        f"{file.name} was made by another version of Alcove: its format is {version!r}, here {FORMAT} is understood",
        "Use the same version of Alcove on both machines",
        file=str(file),
    )


def _mistakes(manifest: Manifest) -> Iterator[str]:
    texts = (manifest.name, manifest.platform, manifest.python_version)
    if not all(isinstance(text, str) for text in texts) or not isinstance(manifest.specification, dict):
        yield "its manifest does not say what it is"
    if manifest.lock_file not in (CONDA_LOCK, PYLOCK) or manifest.python not in _PYTHONS:
        yield f"it has no lock file, but {manifest.lock_file!r}"
    paths = [entry.path for entry in manifest.files]
    if len({path.casefold() for path in paths}) < len(paths):
        yield "two of its files have the same name"
    if manifest.lock_file not in paths:
        yield "its lock file is missing"
    for entry in manifest.files:
        yield from _mistakes_of(entry, manifest)


def _mistakes_of(entry: Entry, manifest: Manifest) -> Iterator[str]:
    if not isinstance(entry.size, int) or isinstance(entry.size, bool) or entry.size < 0:
        yield f"{entry.path!r} has no size"
    if not all(_FILE_NAME.fullmatch(part) for part in entry.parts):
        yield f"{entry.path!r} is no name for a file"
    top = entry.parts[0]
    if entry.link:
        if top != PYTHON or not _stays_inside(entry):
            yield f"{entry.path!r} is a link to {entry.link!r}"
    elif not _SHA256.fullmatch(entry.sha256):
        yield f"{entry.path!r} has no hash"
    elif top == PACKAGES:
        if len(entry.parts) != 3 or entry.parts[1] != entry.sha256:
            yield f"{entry.path!r} does not lie where its hash says"
    elif top == PYTHON:
        if len(entry.parts) < 3 or manifest.python != "included":
            yield f"{entry.path!r} is no part of a Python"
    elif not (top == TOOLBOX and len(entry.parts) == 2) and entry.path != manifest.lock_file:
        yield f"{entry.path!r} has no place in a pack"


def _stays_inside(entry: Entry) -> bool:
    """Whether a link of the Python that comes along points to something of that Python."""
    if not isinstance(entry.link, str) or re.search(r"[\\:\0]", entry.link) or entry.link.startswith("/"):
        return False
    place = entry.parts[1:-1]
    for part in entry.link.split("/"):
        if part == "..":
            if not place:
                return False
            place.pop()
        elif part not in ("", "."):
            place.append(part)
    return bool(place)
