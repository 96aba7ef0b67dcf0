"""What an engine knows besides its specification."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .locks.archives import Archives
from .machine import Machine
from .networking.settings import Settings


@dataclass(frozen=True)
class Context:
    """Where environments go, what they are for, and how the network may be used."""

    directory: Path
    """The folder that holds all environments."""
    offline: bool
    """Whether only what is on this machine may be used."""
    settings: Settings
    machine: Machine
    archives: Archives | None = None
    """Package files on this machine, to be taken instead of downloads."""
