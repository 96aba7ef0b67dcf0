"""What an engine is: the part of making an environment that depends on where packages come from."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from pathlib import Path

from .reports import Report


@dataclass(frozen=True)
class Lock:
    """Everything that will be installed, decided and hashed, before anything is."""

    text: str
    """The lock file without what depends on this machine; equal texts give equal environments."""
    python: Path | None
    """The interpreter that was chosen to build on; None when the lock itself brings one."""
    python_version: str
    """The version of the environment's Python, "3.12.4"."""
    platform: str
    """What the packages are for, "linux-x86_64"."""


@dataclass(frozen=True)
class Package:
    """An installed package."""

    name: str
    version: str


@dataclass(frozen=True)
class Installed:
    """What stands in a prefix."""

    python: Path
    """Its interpreter."""
    base_python: Path | None
    """The interpreter outside that it needs; None when there is none."""
    packages: list[Package]
    """All packages, by name."""


class Engine(abc.ABC):
    """Locks and installs one specification.

    It writes where it is told to, and decides nothing else: names, places, locks against other processes, and what
    counts as ready are the store's.
    """

    name: str
    """As in a specification's "engine"."""

    @abc.abstractmethod
    def lock(self, work: Path, report: Report) -> Lock:
        """Decides what is to be installed.

        Args:
            work: an empty folder that the same engine finds again in ``install``, and that is deleted afterwards.
            report: takes the share of the whole from 0 to 0.2.
        """

    @abc.abstractmethod
    def install(self, lock: Lock, work: Path, prefix: Path, final: Path, report: Report) -> Installed:
        """Installs a lock and returns what is then there.

        Args:
            lock: from ``lock``.
            work: the folder given to ``lock``.
            prefix: where to install; does not exist yet, its parent does.
            final: where the prefix will be moved to, for engines that write their path into files.
            report: takes the share of the whole from 0.2 to 0.97.
        """
