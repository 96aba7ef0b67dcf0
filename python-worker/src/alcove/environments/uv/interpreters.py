"""Choosing the Python that an environment stands on."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ..wanted import OLDEST_PYTHON


class Interpreter(NamedTuple):
    """A CPython on this machine."""

    path: Path
    version: str


def allowed_versions(requires_python: str) -> SpecifierSet:
    """The versions that both the header and the worker agree to."""
    return SpecifierSet(requires_python) & SpecifierSet(OLDEST_PYTHON)


def own(allowed: SpecifierSet) -> Interpreter | None:
    """The Python under the one that runs this, if it fits: it is there, it works, and it needs no download."""
    version = platform.python_version()
    if platform.python_implementation() != "CPython" or not allowed.contains(version, prereleases=True):
        return None
    base = Path(getattr(sys, "_base_executable", sys.executable))
    # "python3" may be another version tomorrow; then "python3.12" is gone, and the environment is seen to be broken.
    exact = base.with_name("python{}.{}".format(*sys.version_info))
    return Interpreter(exact if exact.exists() else base, version)


def listed(uv_list: Callable[[], str], allowed: SpecifierSet) -> Interpreter | None:
    """The newest fitting release among those that uv finds on this machine.

    Args:
        uv_list: gives the output of ``uv python list --only-installed --output-format json``. (``uv python find`` would
            do, but gives up at the first interpreter in the search path that does not start, as pyenv's shims don't.)
        allowed: versions that fit.
    """
    fitting = [found for found in json.loads(uv_list()) if _fits(found, allowed)]
    if not fitting:
        return None
    best = max(fitting, key=lambda found: Version(found["version"]))  # the first of equals: uv's own order
    return Interpreter(Path(os.path.abspath(best["path"])), best["version"])


def _fits(found: dict[str, Any], allowed: SpecifierSet) -> bool:
    return (
        found.get("implementation") == "cpython"
        and found.get("variant") == "default"
        and found.get("path") is not None
        and allowed.contains(found["version"])
    )
