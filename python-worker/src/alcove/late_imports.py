"""What is to be done about a module when somebody imports it, and costs nothing where nobody does."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Callable, Optional


def when_imported(name: str, then: Callable[[], None]) -> None:
    """Calls ``then`` once the module of this name has been imported: at once if it is there already."""
    if name in sys.modules:
        then()
    else:
        sys.meta_path.insert(0, _Finder(name, then))


class _Finder:
    """Finds one module as those behind it would, and has its loader call back; until then it is asked for every one."""

    def __init__(self, name: str, then: Callable[[], None]) -> None:
        self._name = name
        self._then = then

    def find_spec(
        self, name: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        found = PathFinder.find_spec(name, path) if name == self._name else None
        if found is None or found.loader is None:
            return None
        load = found.loader.exec_module

        def load_and_tell(module: ModuleType) -> None:
            load(module)
            self._then()
            if self in sys.meta_path:  # until now: whoever is interrupted here imports it once more
                sys.meta_path.remove(self)

        found.loader.exec_module = load_and_tell  # type: ignore[method-assign]
        return found
