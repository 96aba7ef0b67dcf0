"""The author's own modules: those in and below the folder of an op file.

Two folders may each have their ``helpers.py``, and ``sys.modules`` has room for one of them. So it holds the modules of
one folder at a time: of the op that runs, or of the file that is being loaded.
"""

from __future__ import annotations

import os
import re
import sys
import types
from pathlib import Path

_STANDARD_LIBRARY = os.path.join(os.path.dirname(os.__file__), "")
_INSTALLED = re.compile(r"[/\\](site|dist)-packages[/\\]")

_folder = ""  # the one whose modules are there, and which is on sys.path
_put_away: dict[str, dict[str, types.ModuleType]] = {}  # by folder, what belongs into sys.modules
_contents: dict[Path, bytes] = {}  # of the files when they were imported


def enter(folder: str) -> None:
    """Makes imports find the modules of this folder, and no other's."""
    global _folder
    if folder == _folder:
        return
    if _folder:
        _put_away[_folder] = {name: sys.modules.pop(name) for name in _modules_in(_folder)}
        if _folder in sys.path:  # an op may have taken it away
            sys.path.remove(_folder)
    sys.modules.update(_put_away.pop(folder, {}))
    sys.path.insert(0, folder)
    _folder = folder


def drop_stale(file: Path) -> None:
    """Makes the file be imported anew, and with it every module of its folder when one of them has changed.

    Else they stay: pickle, and so multiprocessing, wants the functions of other op files where it finds them by name.
    """
    local = _modules_in(str(file.parent))
    changed = any(_contents.get(source) != _content(source) for source in local.values())
    for name, source in local.items():
        if changed or source == file:
            del sys.modules[name]


def remember_contents(folder: str) -> None:
    """Takes the files of the folder's modules as those that were imported."""
    _contents.update({source: _content(source) for source in _modules_in(folder).values()})


def _content(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError:
        return b""


def _modules_in(folder: str) -> dict[str, Path]:
    inside = os.path.join(folder, "")
    files = {name: str(getattr(module, "__file__", None) or "") for name, module in list(sys.modules.items())}
    return {
        name: Path(file)
        for name, file in files.items()
        # A Python, an environment or this very package may lie below the folder, a home directory perhaps.
        if file.startswith(inside)
        and not file.startswith(_STANDARD_LIBRARY)
        and not _INSTALLED.search(file)
        and name.partition(".")[0] not in ("__main__", "alcove")
    }
