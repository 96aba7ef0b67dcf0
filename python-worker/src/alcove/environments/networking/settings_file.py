"""Changing one setting in ``settings.toml``, and nothing else in it: comments, order and line ends stay as they are."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..failures import failure
from .masking import MASK, without_secrets
from .setting_kinds import KEYS, Kind, WrongValue

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def change(file: Path, key: str, text: str | None) -> None:
    """Writes a setting into a settings file, which is made where there is none.

    Args:
        file: the user's ``settings.toml``.
        key: the setting's name.
        text: its value as its variable would have it; None takes it out of the file.

    Raises:
        OpError: ``spec_invalid`` when there is no such setting, the value is wrong, or the file has mistakes;
            ``permission`` when it cannot be written.
    """
    value = None if text is None else _value(key, text, file.parent)
    with _refusals_told(file):
        before = _read(file)
        after = changed(before, key, value, file)
        if after != before:
            _replace(file, after)


def changed(text: str, key: str, value: Any | None, file: Path) -> str:
    """The text of a settings file with another value of one key; with None, without it."""
    wanted = dict(_parsed(text, file))
    wanted.pop(key, None)
    if value is not None:
        wanted[key] = value
    line_end = "\r\n" if "\r\n" in text else "\n"
    result = _edited(text, key, value).replace("\r\n", "\n").replace("\n", line_end)
    with contextlib.suppress(tomllib.TOMLDecodeError):
        if tomllib.loads(result) == wanted:
            return result
    raise failure(
        "spec_invalid", f"{file} is written in a way that cannot be changed here", f"Change {key} in the file"
    )


class _Statement(NamedTuple):
    """Lines of a file that say one thing."""

    start: int
    end: int
    key: str
    """The setting that it belongs to."""
    is_plain: bool
    """Whether it gives the setting its whole value."""


def _edited(text: str, key: str, value: Any | None) -> str:
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    statements = _statements(lines)
    of_key = [statement for statement in statements if statement.key == key]
    if value is not None and len(of_key) == 1 and of_key[0].is_plain and not isinstance(value, dict):
        start, end = of_key[0].start, of_key[0].end
        lines[start:end] = [_assignment(key, value).rstrip("\n") + _comment_of("".join(lines[start:end]))]
        return "".join(lines)
    headers = [statement.start for statement in statements if _is_header(lines[statement.start])]
    end_of_plain = _before_comments(lines, headers[0]) if headers else len(lines)
    place_of_table = of_key[0].start if of_key and of_key[0].start in headers else None
    for statement in reversed(of_key):
        del lines[statement.start : statement.end]
        if statement.start < end_of_plain:
            end_of_plain -= statement.end - statement.start
    if isinstance(value, dict) and place_of_table is not None:
        lines[place_of_table:place_of_table] = [_table(key, value)]
    elif isinstance(value, dict):
        blank = ["\n"] if lines and lines[-1].strip() else []
        lines += [*blank, _table(key, value)]
    elif value is not None:
        lines[end_of_plain:end_of_plain] = [_assignment(key, value)]
    return "".join(lines)


def _statements(lines: list[str]) -> list[_Statement]:
    found = []
    table = ""
    start = 0
    while start < len(lines):
        if not lines[start].strip() or lines[start].lstrip().startswith("#"):
            start += 1
            continue
        end, parsed = _statement(lines, start)
        first = next(iter(parsed), "")
        if _is_header(lines[start]):
            table = first
        is_plain = not table and not isinstance(parsed.get(first), dict)
        found.append(_Statement(start, end, table or first, is_plain))
        start = end
    return found


def _statement(lines: list[str], start: int) -> tuple[int, dict[str, Any]]:
    """Where the statement ends that begins there (a list may go over many lines), and what it says alone."""
    for end in range(start + 1, len(lines) + 1):
        with contextlib.suppress(tomllib.TOMLDecodeError):
            return end, tomllib.loads("".join(lines[start:end]))
    return len(lines), {}


def _is_header(line: str) -> bool:
    return line.lstrip().startswith("[")


def _before_comments(lines: list[str], header: int) -> int:
    """Where the comments begin that stand directly above a table, with the blank line before them."""
    while header > 0 and lines[header - 1].lstrip().startswith("#"):
        header -= 1
    while header > 0 and not lines[header - 1].strip():
        header -= 1
    return header


def _comment_of(statement: str) -> str:
    """What stands behind a value, with the line's end."""
    whole = tomllib.loads(statement)
    for place, sign in enumerate(statement):
        if sign == "#":
            with contextlib.suppress(tomllib.TOMLDecodeError):
                if tomllib.loads(statement[:place]) == whole:
                    return "  " + statement[place:]
    return "\n"


def _assignment(key: str, value: Any) -> str:
    return f"{key} = {_toml(value)}\n"


def _table(key: str, value: Mapping[str, Any]) -> str:
    return "".join([f"[{key}]\n", *(f"{_toml(name)} = {_toml(each)}\n" for name, each in value.items())])


def _toml(value: Any) -> str:
    """Texts, whole numbers, truths and lists are written in TOML as in JSON."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _value(key: str, text: str, folder: Path) -> Any:
    """What TOML shall give, once it is sure that it would be taken."""
    if key not in KEYS:
        raise failure("spec_invalid", f"There is no setting {key!r}", "Known settings: " + ", ".join(KEYS))
    kind: Kind = KEYS[key]
    if MASK in text:
        raise failure("spec_invalid", f"{key} holds a masked password", "Write the password instead of ***")
    try:
        value = kind.parse(text.strip())
        kind.from_toml(value, folder)
    except WrongValue as error:
        message = f"{key} must be {error}, and is {without_secrets(text)!r}"
        raise failure("spec_invalid", message, f"For example: {kind.example}") from None
    return value


def _parsed(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise failure("spec_invalid", f"{file}: {error}", "Correct that line of the file first") from None


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise failure("spec_invalid", f"{file} cannot be read: {error}", "Save it as UTF-8") from None


def _replace(file: Path, text: str) -> None:
    """Puts a new content in place, whole or not at all. A file that links to another stays a link."""
    real = file.resolve()
    real.parent.mkdir(parents=True, exist_ok=True)
    # A proxy's password may stand in it: a new file is its owner's alone, as those of tempfile are.
    descriptor, name = tempfile.mkstemp(dir=real.parent, prefix=".settings-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        if real.exists():
            os.chmod(name, real.stat().st_mode & 0o777)
        os.replace(name, real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _refusals_told(file: Path) -> Any:
    try:
        yield
    except OSError as error:
        message = f"{file} could not be written: {error.strerror or error}"
        raise failure("permission", message, "Set it by its variable, or ask who looks after this machine") from None
