"""Environments from conda channels by micromamba, an executable that the user has.

It differs from the engine ``rattler`` in who solves and who installs: the lock, the part from package indexes, the
channels that may be used, compiling and activation are the same. docs/bootstrapping.md tells what of it was tried with
a real micromamba.
"""

from __future__ import annotations

from ..context import Context
from ..specification import Specification
from .micromamba_calls import Micromamba
from .rattler_engine import RattlerEngine


class MicromambaEngine(RattlerEngine):
    """Engine ``micromamba``."""

    name = "micromamba"

    def __init__(self, specification: Specification, context: Context) -> None:
        super().__init__(specification, context)
        self._rattler = Micromamba(specification, context)
