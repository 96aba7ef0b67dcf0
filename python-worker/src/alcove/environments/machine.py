"""What kind of computer environments are made for."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from . import virtual_packages
from .failures import failure

PLATFORMS = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64", "win-arm64")
"""conda's names for the systems that environments can be made for."""
VARIANTS = ("gpu", "cpu")

_SYSTEMS = {"linux": "linux", "darwin": "osx", "win32": "win"}
_PROCESSORS = {"x86_64": "64", "amd64": "64"}
_VERSION = re.compile(r"\d+(\.\d+)*")
# conda's variables, and the virtual package that each stands for.
_OVERRIDES = {
    "CONDA_OVERRIDE_CUDA": virtual_packages.CUDA,
    "CONDA_OVERRIDE_GLIBC": "__glibc",
    "CONDA_OVERRIDE_LINUX": "__linux",
    "CONDA_OVERRIDE_OSX": "__osx",
    "CONDA_OVERRIDE_WIN": "__win",
}


class Variant(NamedTuple):
    """Which of a specification's variants is taken, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Machine:
    """A platform, and what conda calls its virtual packages."""

    platform: str
    """conda's name for it, "linux-64"."""
    virtual_packages: dict[str, str] = field(default_factory=dict)
    """Versions by name: "__glibc", "__cuda", ...; for "__archspec" the kind of processor."""
    forced_variant: str = ""
    """What ALCOVE_VARIANT says: "gpu", "cpu" or ""."""
    driver_trouble: str = ""
    """Why a GPU that is there cannot be used, "" when nothing is known of that."""

    @classmethod
    def detect(cls, environment: Mapping[str, str] = os.environ) -> Machine:
        """This computer, with what the user's variables (CONDA_OVERRIDE_CUDA, ALCOVE_VARIANT and the like) say instead.

        Raises:
            OpError: ``spec_invalid`` when such a variable makes no sense.
        """
        forced = environment.get("ALCOVE_VARIANT", "")
        if forced and forced not in VARIANTS:
            raise failure("spec_invalid", f"ALCOVE_VARIANT is {forced!r}", "Set it to 'gpu' or 'cpu', or remove it")
        overrides = {name: environment[variable] for variable, name in _OVERRIDES.items() if variable in environment}
        for variable, name in _OVERRIDES.items():
            if overrides.get(name) and not _VERSION.fullmatch(overrides[name]):
                hint = "Set it to a version such as '12.4', to '' for a computer without it, or remove it"
                raise failure("spec_invalid", f"{variable} is {overrides[name]!r}", hint)
        found = virtual_packages.detect()
        return cls(platform_name(), found.versions, forced, found.trouble).overridden(overrides)

    def overridden(self, versions: Mapping[str, str]) -> Machine:
        """The machine if its virtual packages had these versions; an empty one takes the package away."""
        merged = {**self.virtual_packages, **versions}
        return replace(self, virtual_packages={name: version for name, version in merged.items() if version})

    @property
    def has_cuda(self) -> bool:
        """Whether programs can use an NVIDIA GPU here."""
        return virtual_packages.CUDA in self.virtual_packages

    def variant(self, asked: str = "auto") -> Variant:
        """Which variant fits this machine.

        Args:
            asked: "gpu" or "cpu" when a user has decided, else "auto".
        """
        if asked in VARIANTS:
            return Variant(asked, "it was asked for")
        if self.forced_variant:
            return Variant(self.forced_variant, "ALCOVE_VARIANT says so")
        if self.has_cuda:
            return Variant("gpu", f"CUDA {self.virtual_packages[virtual_packages.CUDA]} was found")
        return Variant("cpu", self.driver_trouble or "no NVIDIA GPU with CUDA was found")


def platform_name() -> str:
    """This computer's platform as conda names it: "linux-64", "osx-arm64", "win-64"."""
    system = _SYSTEMS.get(sys.platform, sys.platform)
    processor = platform.machine().lower()
    if system != "linux" and processor == "aarch64":
        processor = "arm64"
    return f"{system}-{_PROCESSORS.get(processor, processor)}"
