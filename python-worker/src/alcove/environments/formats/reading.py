"""Any text of a known format, to what it asks for."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from alcove import OpError

from ..failures import failure
from ..machine import Machine
from ..networking.masking import secret_places
from ..wanted import Wanted
from . import environment_yml, lock_files, pixi_toml, pyproject_toml, requirements_txt, script
from .definition import Definition, Reference

Reader = Callable[[Definition, Machine, str], Wanted]

_READERS: dict[str, Reader] = {
    "script": script.read,
    "environment.yml": environment_yml.read,
    "requirements.txt": requirements_txt.read,
    "pyproject.toml": pyproject_toml.read,
    "pixi.toml": pixi_toml.read,
    "conda-lock.yml": lock_files.read_conda_lock,
    "pixi.lock": lock_files.read_pixi_lock,
    "pylock.toml": lock_files.read_pylock,
}
FORMATS = tuple(_READERS)

# The first that fits decides.
_FILE_NAMES = {
    "*conda-lock.y*ml": "conda-lock.yml",
    "pixi.lock": "pixi.lock",
    "pylock.toml": "pylock.toml",
    "pylock.*.toml": "pylock.toml",
    "pixi.toml": "pixi.toml",
    "pyproject.toml": "pyproject.toml",
    "*.yml": "environment.yml",
    "*.yaml": "environment.yml",
    "*.txt": "requirements.txt",
    "*.in": "requirements.txt",
}
_MOST_CHARACTERS = 500_000
_MOST_CHARACTERS_OF_LOCK = 20_000_000
_LOCKS = ("conda-lock.yml", "pixi.lock", "pylock.toml", "requirements.txt")


@dataclass(frozen=True)
class Text:
    """A text and where it came from."""

    format: str
    text: str
    source: str = ""
    """The file, for messages and for finding others relative to it; "" when there is none."""
    first_line: int | None = 1
    """The line of source where the text begins, from 1; None when that is not known."""


class Content(NamedTuple):
    """What a text asks for."""

    wanted: Wanted
    reference: Path | None
    """The file that says it, when the text only names that."""


def read(text: Text, machine: Machine, variant: str = "auto") -> Content:
    """What a text, or the file that it names instead of packages, asks for.

    Args:
        text: of one of FORMATS.
        machine: decides between variants.
        variant: "gpu" or "cpu" when the user has decided, else "auto".

    Raises:
        OpError: ``spec_invalid``, with all mistakes.
    """
    definition = _definition(text)
    wanted = _wanted(definition, text, machine, variant)
    if definition.reference is None:
        return Content(wanted, None)
    path = _resolved(definition, definition.reference)
    return Content(_wanted_of_other(definition, definition.reference, path, machine, variant), path)


def format_of(file: Path) -> str:
    """The format that a file has by its name.

    Raises:
        OpError: ``spec_invalid`` when the name says none.
    """
    name = file.name.lower()
    for pattern, format in _FILE_NAMES.items():
        if fnmatch.fnmatchcase(name, pattern):
            return format
    known = ", ".join(name for name in FORMATS if name != "script")
    raise failure("spec_invalid", f"{file} has a name that says no format", f"Call it like one of {known}")


def read_file(file: Path) -> Text:
    """The text of a file in a known format.

    Raises:
        OpError: ``spec_invalid`` when it cannot be read, is no text, or has no known format.
    """
    format = format_of(file)
    try:
        if file.exists() and not file.is_file():  # a pipe, say, whose end might never come
            raise ValueError("it is no file")
        with open(file, "rb") as stream:
            content = stream.read(_MOST_CHARACTERS_OF_LOCK + 1)
        return Text(format, content.decode("utf-8"), str(file))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{file}:{line}: a byte that is not UTF-8"
        raise failure("spec_invalid", message, "Save the file as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"{file} cannot be read: {reason}"
        raise failure("spec_invalid", message, "Correct the path, or ask for permission to read it") from None


def place(text: Text, line: int) -> str:
    """Where a line of the text, counted from 1, stands in its file."""
    return _definition(text).place(line)


def _definition(text: Text) -> Definition:
    what = "header" if text.format == "script" else text.format
    return Definition(text.text.removeprefix("\ufeff"), text.source, text.first_line, what)


def _wanted(definition: Definition, text: Text, machine: Machine, variant: str) -> Wanted:
    _check_text(definition, text.format)
    definition.check()
    wanted = _READERS[text.format](definition, machine, variant)
    definition.check()
    return wanted


def _check_text(definition: Definition, format: str) -> None:
    most = _MOST_CHARACTERS_OF_LOCK if format in _LOCKS else _MOST_CHARACTERS
    if len(definition.text) > most:
        definition.mistake(None, f"the file has {len(definition.text)} characters", f"It can have {most}")
        return
    # Control characters and halves of surrogate pairs, which no file in UTF-8 can hold.
    strange = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", definition.text)
    if strange is not None:
        line = definition.text.count("\n", 0, strange.start()) + 1
        definition.mistake(line, f"the character {strange[0]!r}", "Remove it; is this a text file in UTF-8?")
    # Files are shared, and what is made from them keeps the text; so it does not get further than here.
    for position in secret_places(definition.text):
        line = definition.text.count("\n", 0, position) + 1
        hint = "Put it into the file that ALCOVE_AUTHENTICATION_FILE names, or into ~/.netrc, and leave it out here"
        definition.mistake(line, "a password or token in a URL", hint)


def _resolved(definition: Definition, reference: Reference) -> Path:
    path = Path(reference.path).expanduser() if reference.path.startswith("~/") else Path(reference.path)
    if not path.is_absolute() and not definition.source:
        hint = "Give the full path, or save the op in a file"
        definition.mistake(reference.line, f"{reference.path!r} is relative to a file, and there is none", hint)
        definition.check()
    # Not resolved further: the format is known by the name, which a link may give.
    return Path(os.path.abspath(Path(definition.source).parent / path))


def _wanted_of_other(
    definition: Definition, reference: Reference, path: Path, machine: Machine, variant: str
) -> Wanted:
    try:
        if path == Path(os.path.abspath(definition.source)) or path.suffix == ".py":
            hint = "Write what it needs into an environment.yml or requirements.txt, and name that"
            raise failure("spec_invalid", f"{path} is an op file itself", hint)
        text = read_file(path)
    except OpError as error:
        definition.mistake(reference.line, f"environment = {reference.path!r}: {error}", str(error.hint))
        raise definition.invalid() from None
    other = _definition(text)
    wanted = _wanted(other, text, machine, variant)
    if other.reference is not None:
        hint = f"Name {other.reference.path!r} here, as seen from here"
        definition.mistake(reference.line, f"{path} names another file itself", hint)
        definition.check()
    return wanted
