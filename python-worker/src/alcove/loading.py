"""Loading op files and modules: import, look at every op's signature, name the ops by the content of their source."""

from __future__ import annotations

import collections.abc
import enum
import importlib
import importlib.machinery
import importlib.util
import keyword
import sys
import traceback
import types
import typing
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional

from . import local_modules
from .descriptors import Described, Description, Mistake, describe
from .messages import AlcoveError, text_of
from .ops import declarations
from .sources import digest


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
    folder = str(file.parent)
    local_modules.enter(folder)
    local_modules.drop_stale(file)
    importlib.invalidate_caches()
    name = _module_name(file)
    module = _execute(lambda: _import_file(name, file), str(file))
    local_modules.remember_contents(folder)
    return _ops_of(module, str(file), digest(file), folder)


def load_module(name: str) -> list[LoadedOp]:
    """The ops of an importable module; raises what ``load_file`` does."""
    declarations.pop(name, None)
    loaded = sys.modules.get(name)
    module = _execute(lambda: importlib.reload(loaded) if loaded else importlib.import_module(name), name)
    file = getattr(module, "__file__", None)
    return _ops_of(module, file or name, digest(Path(file)) if file else "", "")


def _existing(path: str) -> Path:
    try:
        file = Path(path).resolve()
        if file.is_file():
            return file
        problem = "it is no file" if file.exists() else "it does not exist"
    except (OSError, ValueError) as error:
        problem = text_of(error)
    mistake = Mistake(path, 1, f"no op file: {problem}", "check the path")
    raise _load_failed(FileNotFoundError(path), [mistake])


def _module_name(file: Path) -> str:
    """The file's own name where it can be imported by it (multiprocessing's spawn does), else one that harms nobody."""
    name = file.stem
    taken = name in sys.modules or name in sys.builtin_module_names or name in getattr(sys, "stdlib_module_names", ())
    if name.isidentifier() and not keyword.iskeyword(name) and not taken:
        return name
    return "alcove_op_" + "".join(letter if letter.isalnum() else "_" for letter in name)


def _import_file(name: str, file: Path) -> types.ModuleType:
    declarations.pop(name, None)
    if file.suffix != ".py":
        raise ImportError(f"{file.name} is not a Python file (its name must end in .py)")
    specification = importlib.util.spec_from_file_location(name, file, loader=_SourceLoader(name, str(file)))
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


class _SourceLoader(importlib.machinery.SourceFileLoader):
    """Compiles what stands in the file: cached bytecode is told from it by the second of its last change alone."""

    def get_code(self, fullname: str) -> Optional[types.CodeType]:
        return self.source_to_code(self.get_data(self.path), self.path)


def _execute(action: Callable[[], types.ModuleType], file: str) -> types.ModuleType:
    try:
        return action()
    except SyntaxError as error:
        mistake = Mistake(error.filename or file, error.lineno or 1, f"syntax error: {error.msg}", "correct the line")
        raise _load_failed(error, [mistake]) from None
    except (Exception, SystemExit) as error:
        raise _load_failed(error, [Mistake(file, _line_in(error, file), text_of(error), _hint(error))]) from None


def _line_in(error: BaseException, file: str) -> int:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return (lines[-1] if lines else None) or 1


def _hint(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"add the package of {error.name} to the file's dependencies, and import it inside the op"
    if isinstance(error, SystemExit):
        return "put what must not run on import under if __name__ == '__main__'"
    return "loading the file must work without running it"


def _load_failed(error: BaseException, mistakes: list[Mistake]) -> AlcoveError:
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return AlcoveError(
        "load_failed",
        "; ".join(f"{mistake.file}:{mistake.line}: {mistake.message}" for mistake in mistakes),
        type=type(error).__name__,
        traceback=text,
        mistakes=[mistake._asdict() for mistake in mistakes],
    )


def _ops_of(module: types.ModuleType, file: str, digest: str, folder: str) -> list[LoadedOp]:
    mistakes: list[Mistake] = []
    found: list[LoadedOp] = []
    names: set[str] = set()
    for declaration in declarations.get(module.__name__, []):
        if declaration.name in names:
            mistakes.append(Mistake(file, declaration.line, f"a second op named {declaration.name}", "rename one"))
            continue
        names.add(declaration.name)
        description = describe(declaration, file, mistakes)
        if description is not None:
            description.descriptor["id"] = f"{digest}:{declaration.name}"
            found.append(LoadedOp(declaration.function, description, folder))
    if not declarations.get(module.__name__):
        mistakes.append(Mistake(file, 1, "no op in this file", "put @op (from alcove import op) above a function"))
    if mistakes:
        raise _load_failed(ValueError("mistakes in the signatures of ops"), mistakes)
    return found


def to_argument(value: Any, described: Described) -> Any:
    """The Python object that a checked value stands for: a Path for a string, an Enum's member for its name."""
    return _convert(value, described.annotation)


def _convert(value: Any, annotation: Any) -> Any:
    if value is None:
        return None
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _convert(value, arguments[0])
    if origin in (list, collections.abc.Sequence):
        return [_convert(item, arguments[0]) for item in value]
    if origin is not None and type(None) in arguments:
        return _convert(value, _without_none(arguments))
    if annotation is Path:
        return Path(value)
    if annotation is float:
        return float(value)
    if annotation is complex:
        return complex(value)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return annotation[value]
    return value


def _without_none(arguments: tuple[Any, ...]) -> Optional[Any]:
    return next(argument for argument in arguments if argument is not type(None))
