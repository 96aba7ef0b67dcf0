"""What to tell an author whose file could not be imported."""

from __future__ import annotations

import os
import traceback

from .evaluating import advice_on_unions
from .messages import text_of
from .mistakes import Mistake

_ENCODING = "save the file as UTF-8, or name its encoding in its first line: # -*- coding: latin-1 -*-"


def mistake_of(error: BaseException, file: str) -> Mistake:
    """The mistake that made importing a file fail: in the file itself, or in one of the author's that it imports.

    Args:
        error: what was raised.
        file: the path of the op file, or the name of a module.
    """
    if isinstance(error, (SyntaxError, ValueError)):
        source = getattr(error, "filename", None) or file
        if os.path.isfile(source):
            return _unreadable(source) or _ungrammatical(error, source) or _raised(error, file)
    return _raised(error, file)


def _unreadable(file: str) -> Mistake | None:
    """The mistake in a file that is no text in the encoding it claims."""
    import tokenize

    with open(file, "rb") as source:
        content = source.read()
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        return Mistake(file, line, "a null byte: this is no text in UTF-8", "save the file as UTF-8")
    try:
        with open(file, "rb") as lines:
            encoding, _ = tokenize.detect_encoding(lines.readline)
    except SyntaxError as error:
        if "unknown encoding" in str(error):
            return Mistake(file, 1, f"unknown encoding {error.msg.rpartition(': ')[2]}", _ENCODING)
        encoding = "utf-8"
    try:
        content.decode(encoding)
    except LookupError:  # a codec, but not one of text
        return Mistake(file, 1, f"unknown encoding {encoding}", _ENCODING)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Mistake(file, line, f"the byte 0x{content[error.start]:02x} is no text in {encoding}", _ENCODING)
    return None


def _ungrammatical(error: BaseException, file: str) -> Mistake | None:
    if not isinstance(error, SyntaxError):
        return None
    hint = 'correct the line; if it needs a newer Python, say so in the file\'s header: requires-python = ">=3.12"'
    return Mistake(file, error.lineno or 1, f"syntax error: {error.msg}", hint)


def _raised(error: BaseException, file: str) -> Mistake:
    frames = traceback.extract_tb(error.__traceback__)
    folder = os.path.join(os.path.dirname(file), "")
    own = [frame for frame in frames if frame.filename == file]
    if os.path.isabs(file):
        own = [frame for frame in frames if frame.filename.startswith(folder) and "-packages" not in frame.filename]
    where, line = (own[-1].filename, own[-1].lineno) if own else (file, 1)
    return Mistake(where, line or 1, text_of(error), _hint(error))


def _hint(error: BaseException) -> str:
    text = text_of(error)
    if isinstance(error, ModuleNotFoundError):
        return f"add the package of {error.name} to the file's dependencies, and import it inside the op"
    if isinstance(error, SystemExit):
        return "put what must not run on import under if __name__ == '__main__'"
    if "partially initialized module" in text:
        return "two files import each other: import inside the op, or move what both need into a third file"
    if "relative import" in text:
        return "files beside an op file are imported by their names: import helper"
    if isinstance(error, TypeError) and "unsupported operand type(s) for |" in text:
        return advice_on_unions(error)
    return "loading the file must work without running it"
