"""What an environment shall hold, whichever file said so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OLDEST_PYTHON = ">=3.9"
"""What the worker itself needs of an environment's Python."""

DEFAULT_CHANNELS = ("conda-forge",)


@dataclass(frozen=True)
class Dependency:
    """A package that is asked for, and where."""

    text: str
    file: str
    """The file that asks for it, "" when there is none."""
    line: int | None
    """The line of that file, from 1; None when it is not known."""

    @property
    def place(self) -> str:
        """For messages: "/ops/cells.py:5", or as much of that as is known; "" for what stands in no file."""
        if not self.file:
            return ""
        return ":".join([self.file, *([] if self.line is None else [str(self.line)])])


@dataclass(frozen=True)
class LockFile:
    """A lock that somebody made before: what it lists is installed as it is."""

    format: str
    """"conda-lock.yml", "pixi.lock" or "pylock.toml"."""
    text: str


@dataclass(frozen=True)
class Wanted:
    """Packages, and where they may come from."""

    requires_python: str = ""
    """A range of versions as in PEP 440; "" when nothing is said."""
    python: tuple[Dependency, ...] = ()
    """Packages from package indexes, as in PEP 508."""
    conda: tuple[Dependency, ...] = ()
    """Packages from channels, as conda's MatchSpecs."""
    channels: tuple[str, ...] = ()
    """Names or addresses as written; none means the default, conda-forge."""
    platforms: tuple[str, ...] = ()
    """conda's names, "linux-64"; none means the machine's own."""
    uv: dict[str, Any] = field(default_factory=dict)
    """Settings for uv's resolver, as in ``[tool.uv]``."""
    lock: LockFile | None = None
    """Set when the specification is itself a lock; then nothing else is."""
    variant: str = ""
    """"gpu" or "cpu", "" when the specification knows no variants."""
    hashes: bool = False
    """Whether every package in ``python`` is pinned by version and hashes, which stand in its text as in a
    requirements.txt."""
    virtual_packages: dict[str, str] = field(default_factory=dict)
    """Versions that hold instead of what the machine has: {"__cuda": "12.4"}; "" for none."""
    notices: tuple[str, ...] = ()
    """What its author should know: which parts of a file play no role, say."""
