"""Which engine makes an environment."""

from __future__ import annotations

import importlib

from .context import Context
from .engines import Engine
from .failures import failure
from .specification import Specification

# Imported when needed: a solver takes longer to load than a look at an environment that is ready.
_ENGINES = {
    "rattler": ("conda.rattler_engine", "RattlerEngine"),
    "uv": ("uv.uv_engine", "UvEngine"),
    "micromamba": ("conda.micromamba_engine", "MicromambaEngine"),
    "existing": ("existing_engine", "ExistingEngine"),
}


def engine_for(specification: Specification, context: Context) -> Engine:
    """The engine that the specification asks for, or that suits it where it says "auto".

    Raises:
        OpError: ``spec_invalid`` when there is none of that name.
    """
    name = specification.engine_name
    if specification.engine == "auto" and name == "rattler":
        name = context.settings.conda_engine
    if name not in _ENGINES:
        hint = "Known: auto, " + ", ".join(_ENGINES)
        raise failure("spec_invalid", f"There is no environment engine {name!r}", hint)
    module, kind = _ENGINES[name]
    made: Engine = getattr(importlib.import_module(f".{module}", __package__), kind)(specification, context)
    return made
