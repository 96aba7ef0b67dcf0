"""What an engine is: the part of making an environment that depends on where packages come from."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .context import Context
from .reports import Report
from .specification import Specification


@dataclass(frozen=True)
class Package:
    """A package that is, or is to be, installed."""

    name: str
    """As its manager normalises it."""
    version: str
    manager: str = "pip"
    """Where it comes from: "conda" (a channel) or "pip" (an index)."""
    build: str = ""
    """conda's build string, "py311_0"."""
    url: str = ""
    """Where it was downloaded from, without passwords."""
    sha256: str = ""
    """Of the downloaded file, in hexadecimal."""
    size_bytes: int = 0
    """Of the downloaded file; 0 when it is not known."""
    license: str = ""
    """As the package names it."""


@dataclass(frozen=True)
class Lock:
    """Everything that will be installed on this platform, decided and hashed, before anything is."""

    text: str
    """The lock file for this platform, without what depends on this machine; equal texts give equal environments."""
    python: Path | None
    """The interpreter that was chosen to build on; None when the lock itself brings one."""
    python_version: str
    """The version of the environment's Python, "3.12.4"."""
    platform: str
    """What the packages are for, "linux-64"."""
    file_name: str = "pylock.toml"
    """What the lock file is called in the prefix; "" when there is none."""
    packages: tuple[Package, ...] = ()
    """What will be installed, by name."""


@dataclass(frozen=True)
class Installed:
    """What stands in a prefix."""

    python: Path
    """Its interpreter."""
    base_python: Path | None
    """The interpreter outside that it needs; None when there is none."""
    packages: list[Package]
    """All packages, by name."""
    path: list[str] = field(default_factory=list)
    """Folders in the prefix that a worker's PATH begins with, relative, with slashes; "" is the prefix itself."""
    variables: dict[str, str | None] = field(default_factory=dict)
    """Environment variables that activation sets for a worker, with the final prefix in them; None unsets one."""


class Engine(abc.ABC):
    """Locks and installs one specification.

    It writes where it is told to, and decides nothing else: names, places, locks against other processes, and what
    counts as ready are the store's.
    """

    name: str
    """As in a specification's "engine"."""

    def __init__(self, specification: Specification, context: Context) -> None:
        self._specification = specification
        self._context = context

    def notes(self) -> list[str]:
        """What the user should know before anything is installed."""
        return self._specification.notes(self._context.machine)

    @abc.abstractmethod
    def lock(self, work: Path, report: Report) -> Lock:
        """Decides what is to be installed on this platform; the newest that fits, or what a given lock file says.

        Args:
            work: an empty folder that the same engine finds again in ``install``, and that is deleted afterwards.
            report: takes the share of the whole from 0 to 0.2.
        """

    @abc.abstractmethod
    def lock_for(self, platforms: Sequence[str], work: Path, report: Report) -> str:
        """Decides for several platforms, and returns the text of one lock file for all of them."""

    @abc.abstractmethod
    def relock(self, text: str, work: Path, report: Report) -> Lock:
        """The lock that ``lock`` gave earlier, from its text: for repairs, and for prefixes that must move.

        Args:
            text: a lock's text.
            work: as for ``lock``; whatever ``install`` needs is put there.
            report: takes the share of the whole from 0 to 0.2.
        """

    @abc.abstractmethod
    def install(
        self, lock: Lock, work: Path, prefix: Path, final: Path, report: Report, trust_cache: bool = True
    ) -> Installed:
        """Installs a lock and returns what is then there.

        Args:
            lock: from ``lock`` or ``relock``.
            work: the folder given to those.
            prefix: where to install; does not exist yet, its parent does.
            final: where the prefix will be moved to, for engines that write their path into files.
            report: takes the share of the whole from 0.2 to 0.97.
            trust_cache: false for repairs: unpacked packages in caches may be what is damaged.
        """
