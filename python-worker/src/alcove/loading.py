"""Loading op files and modules: import, look at every op's signature, name the ops by the content of their source."""

from __future__ import annotations

import importlib
import importlib.util
import keyword
import os
import sys
import traceback
import types
from typing import Any, Callable, NamedTuple

from . import by_path, local_modules
from .descriptors import Description, describe, line_of
from .import_failures import mistake_of
from .messages import AlcoveError, text_of
from .mistakes import Mistake
from .ops import declarations
from .sources import digest, sources


class LoadedOp(NamedTuple):
    """An op that can be called: its function, and its description with the ``id`` filled in.

    ``folder`` is where the modules are that its file imports; empty for an op of a module, which needs none.
    """

    function: Callable[..., Any]
    description: Description
    folder: str

    def call(self, /, **arguments: Any) -> Any:
        """Calls the function where its file's imports find what they mean."""
        if self.folder:
            local_modules.enter(self.folder)
        return self.function(**arguments)

    @property
    def descriptor(self) -> dict[str, Any]:
        """The descriptor as the host sees it."""
        return self.description.descriptor


def load_file(path: str) -> list[LoadedOp]:
    """The ops of an op file, which is imported anew, as are the folder's other modules when one of them has changed.

    Raises:
        AlcoveError: ``load_failed``; ``data.mistakes`` has every mistake of the file.
    """
    file = _existing(path)
    folder = os.path.dirname(file)
    local_modules.enter(folder)
    local_modules.drop_stale(file)
    importlib.invalidate_caches()
    name = _module_name(file)
    module = _execute(lambda: _import_file(name, file), file)
    local_modules.remember_contents(folder)
    return _ops_of(module, file, digest(file), folder)


def load_module(name: str) -> list[LoadedOp]:
    """The ops of an importable module; raises what ``load_file`` does."""
    declarations.pop(name, None)
    loaded = sys.modules.get(name)
    module = _execute(lambda: importlib.reload(loaded) if loaded else importlib.import_module(name), name)
    file = getattr(module, "__file__", None)
    return _ops_of(module, file or name, digest(file) if file else "", "")


def describe_file(path: str) -> dict[str, Any]:
    """What a host that only wants to know an op file's ops is told: their descriptors, and which files they are from.

    Raises:
        AlcoveError: what ``load_file`` raises.
    """
    ops = [loaded.descriptor for loaded in load_file(path)]
    return {"ops": ops, "sources": sources_of(path)}


def sources_of(path: str) -> list[str]:
    """All files of the author's that an op file's descriptors, or its mistakes, depend on; none when it is gone."""
    try:
        return sources(os.path.realpath(path))
    except (OSError, ValueError, RecursionError, MemoryError):
        return []


def _existing(path: str) -> str:
    try:
        file = os.path.realpath(path)
        if os.path.isfile(file) and os.path.splitext(file)[1] == ".py":
            return file
        os.stat(file)
        problem = "its name does not end in .py" if os.path.isfile(file) else "it is no file"
    except (FileNotFoundError, NotADirectoryError):
        problem = "it does not exist"
    except (OSError, ValueError) as error:
        problem = text_of(error)
    mistake = Mistake(path, 1, f"no op file: {problem}", "give the path of a Python file with @op in it")
    raise _load_failed(FileNotFoundError(path), [mistake])


def _module_name(file: str) -> str:
    """The file's own name where it can be imported by it, as multiprocessing's spawn does, else one after its path."""
    name = os.path.splitext(os.path.basename(file))[0]
    taken = name in sys.modules or name in sys.builtin_module_names or name in getattr(sys, "stdlib_module_names", ())
    if name.isidentifier() and not keyword.iskeyword(name) and not taken:
        return name
    return by_path.name_of(file)


def _import_file(name: str, file: str) -> types.ModuleType:
    declarations.pop(name, None)
    specification = importlib.util.spec_from_file_location(name, file, loader=local_modules.SourceLoader(name, file))
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification._initializing = True  # type: ignore[attr-defined] # as import does: errors tell of circular imports
    try:
        specification.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    finally:
        specification._initializing = False  # type: ignore[attr-defined]
    return module


def _execute(action: Callable[[], types.ModuleType], file: str) -> types.ModuleType:
    try:
        return action()
    except (Exception, SystemExit) as error:
        raise _load_failed(error, [mistake_of(error, file)]) from None


def _load_failed(error: BaseException, mistakes: list[Mistake]) -> AlcoveError:
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    first = f"{mistakes[0].file}:{mistakes[0].line}: {mistakes[0].message}"
    return AlcoveError(
        "load_failed",
        first if len(mistakes) == 1 else f"{len(mistakes)} mistakes, the first is {first}",
        type=type(error).__name__,
        traceback=text,
        mistakes=[mistake._asdict() for mistake in mistakes],
    )


def _ops_of(module: types.ModuleType, file: str, digest: str, folder: str) -> list[LoadedOp]:
    mistakes: list[Mistake] = []
    found: list[LoadedOp] = []
    lines: dict[str, int] = {}
    for declaration in declarations.get(module.__name__, []):
        name, line = declaration.name, line_of(declaration, file)
        first = lines.setdefault(name, line)
        if first != line:
            message = f"a second op named {name}; the first is in line {first}"
            mistakes.append(Mistake(file, line, message, f'rename one, or write @op(name="another {name}")'))
        description = describe(declaration, file, mistakes)
        if description is not None:
            description.descriptor["id"] = f"{digest}:{name}"
            found.append(LoadedOp(declaration.function, description, folder))
    if not declarations.get(module.__name__):
        mistakes.append(Mistake(file, 1, "no op in this file", "put @op (from alcove import op) above a function"))
    if mistakes:
        mistakes.sort(key=lambda mistake: mistake.line)
        raise _load_failed(ValueError("mistakes in the signatures of ops"), mistakes)
    return found
