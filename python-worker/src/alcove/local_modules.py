"""The author's own modules: those in and below the folder of an op file.

Two folders may each have their ``helpers.py``, and ``sys.modules`` has room for one of them. So it holds the modules of
one folder at a time: of the op that runs, or of the file that is being loaded.
"""

from __future__ import annotations

import importlib.machinery
import os
import re
import sys
import types
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from importlib.abc import PathEntryFinder

_STANDARD_LIBRARY = os.path.join(os.path.dirname(os.__file__), "")
_INSTALLED = r"[/\\](site|dist)-packages[/\\]"


class SourceLoader(importlib.machinery.SourceFileLoader):
    """Compiles what stands in the file: cached bytecode is told from it by the second of its last change alone."""

    def get_code(self, fullname: str) -> Optional[types.CodeType]:
        """The code of what stands in the file now."""
        return self.source_to_code(self.get_data(self.path), self.path)


_find_in = importlib.machinery.FileFinder.path_hook(
    (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES),
    (SourceLoader, importlib.machinery.SOURCE_SUFFIXES),
    (importlib.machinery.SourcelessFileLoader, importlib.machinery.BYTECODE_SUFFIXES),
)

_folder = ""  # the one whose modules are there, and which is on sys.path
_put_away: dict[str, dict[str, types.ModuleType]] = {}  # by folder, what belongs into sys.modules
_contents: dict[str, bytes] = {}  # of the files when they were imported


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
    sys.path.insert(_place_on_path(), folder)
    _folder = folder
    if _finder not in sys.path_hooks:
        sys.path_hooks.insert(0, _finder)
    sys.path_importer_cache.pop(folder, None)


def _place_on_path() -> int:
    """Before installed packages, but behind the standard library: the modules that Python itself needs must stay its
    own in a child process, too, which takes over the path and has imported nothing yet."""
    own = [
        index
        for index, path in enumerate(sys.path)
        if os.path.join(path, "").startswith(_STANDARD_LIBRARY) and not re.search(_INSTALLED, os.path.join(path, ""))
    ]
    return own[-1] + 1 if own else 0


def _finder(path: str) -> PathEntryFinder:
    """The finder for a folder of the author's own modules; ImportError, as the protocol wants it, for any other."""
    inside = os.path.join(_folder, "")
    if not os.path.join(path, "").startswith(inside) or _is_installed(os.path.join(path, "")):
        raise ImportError(path)
    return _find_in(path)


def drop_stale(file: str) -> None:
    """Makes the file be imported anew, and with it every module of its folder when one of them has changed.

    Else they stay: pickle, and so multiprocessing, wants the functions of other op files where it finds them by name.
    """
    local = _modules_in(os.path.dirname(file))
    changed = any(_contents.get(source) != _content(source) for source in local.values())
    for name, source in local.items():
        if changed or source == file:
            del sys.modules[name]


def remember_contents(folder: str) -> None:
    """Takes the files of the folder's modules as those that were imported."""
    _contents.update({source: _content(source) for source in _modules_in(folder).values()})


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as source:
            return source.read()
    except OSError:
        return b""


def _is_installed(file: str) -> bool:
    return file.startswith(_STANDARD_LIBRARY) or bool(re.search(_INSTALLED, file))


def _modules_in(folder: str) -> dict[str, str]:
    inside = os.path.join(folder, "")
    files = {name: str(getattr(module, "__file__", None) or "") for name, module in list(sys.modules.items())}
    return {
        name: file
        for name, file in files.items()
        # A Python, an environment or this very package may lie below the folder, a home directory perhaps.
        if file.startswith(inside) and not _is_installed(file) and name.partition(".")[0] not in ("__main__", "alcove")
    }
