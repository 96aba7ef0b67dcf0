"""Modules by the path of their file: for op files that no import finds by name, as ``2 cells.py`` or ``json.py``.

A child process that multiprocessing starts anew imports what it is to run by the name of its module, and where that
fails, the pool waits for ever. So such a module is named after its path, in hexadecimal digits, below this one, which
finds the file in whatever process it is.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Optional

from .local_modules import SourceLoader

__path__: list[str] = []  # what makes a package of a module, so that names below it are looked for


def name_of(file: str) -> str:
    """The name under which the module of a file can be imported."""
    return f"{__name__}.{os.fsencode(file).hex()}"


class _Finder:
    @staticmethod
    def find_spec(
        name: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        package, _, digits = name.rpartition(".")
        if package != __name__:
            return None
        file = os.fsdecode(bytes.fromhex(digits))
        return importlib.util.spec_from_file_location(name, file, loader=SourceLoader(name, file))


sys.meta_path.append(_Finder)
