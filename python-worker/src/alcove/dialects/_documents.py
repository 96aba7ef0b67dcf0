"""Documents as files: their bytes, their dialect, their mistakes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from alcove import OpError
from alcove.dialects import _json, _rules, _schemas, _xml, _yaml
from alcove.dialects._reading import Found, Parsed, Unreadable
from alcove.messages import depth_exceeds
from alcove.mistakes import Mistake

_LARGEST_BYTES = 4 << 20
_MAX_DEPTH = 200


class _Dialect(NamedTuple):
    parse: Callable[[bytes], Parsed]
    write: Callable[[dict[str, Any]], str]


DIALECTS = {
    "json": _Dialect(_json.parse, _json.write),
    "yaml": _Dialect(_yaml.parse, _yaml.write),
    "xml": _Dialect(_xml.parse, _xml.write),
}
_SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".xml": "xml"}


def read(path: Path) -> tuple[Any, list[Mistake]]:
    """The document in a file and all its mistakes; the document is None where it cannot be made out.

    Raises:
        OpError: when there is no such file, it may not be read, or its name has the ending of no dialect.
    """
    dialect = _SUFFIXES.get(path.suffix.lower())
    if dialect is None:
        raise _failure("failed", path, f"{path} is in no dialect that is known", "name it .json, .yaml, .yml or .xml")
    content = _content(path)
    if len(content) > _LARGEST_BYTES:
        message = f"the file has more than {_LARGEST_BYTES >> 20} MiB, which no document of ops needs"
        return None, [Mistake(str(path), 1, message, "check that it is the right file")]
    try:
        parsed = DIALECTS[dialect].parse(content)
    except Unreadable as unreadable:
        return None, [Mistake(str(path), *mistake) for mistake in unreadable.mistakes]
    found = parsed.found or problems(parsed.value)
    mistakes = [Mistake(str(path), parsed.line_of(place), message, hint) for place, message, hint in found]
    return parsed.value, sorted(mistakes, key=lambda mistake: mistake.line)


def mistakes_in(document: Any) -> list[Mistake]:
    """All mistakes of a document that stands in no file."""
    return [Mistake("", 0, message, hint) for _, message, hint in problems(document)]


def problems(document: Any) -> list[Found]:
    """All that is wrong with a document."""
    if depth_exceeds(document, _MAX_DEPTH):
        return [Found((), f"nested deeper than {_MAX_DEPTH}", "no op needs that")]
    return _schemas.violations(document) or list(_rules.broken_rules(document))


def _content(path: Path) -> bytes:
    try:
        # Without blocking: a pipe that nobody writes to would never open.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _failure("failed", path, f"{path} is no file", "Name a file.")
            return file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise _failure("not_found", path, f"there is no file {path}", "Check the path.") from None
    except IsADirectoryError:
        raise _failure("failed", path, f"{path} is a folder", "Name a file.") from None
    except PermissionError:
        hint = "Ask its owner for the right to read it."
        raise _failure("permission", path, f"{path} may not be read", hint) from None
    except OSError as error:
        raise _failure("failed", path, f"{path} cannot be read: {error.strerror}", "Check the disk.") from None


def _failure(cause: str, path: Path, message: str, hint: str) -> OpError:
    return OpError(message, hint=hint, cause=cause, path=str(path))
