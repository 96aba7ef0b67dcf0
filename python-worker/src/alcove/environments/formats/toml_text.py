"""TOML, with the lines that things stand in."""

from __future__ import annotations

import re
import sys
from typing import Any

from .definition import Definition

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_PART = r"""[\w-]+|"[^"]*"|'[^']*'"""
_KEY = re.compile(rf"\s*((?:{_PART})(?:\s*\.\s*(?:{_PART}))*)\s*=")
_TABLE = re.compile(rf"\s*\[\[?\s*((?:{_PART})(?:\s*\.\s*(?:{_PART}))*)\s*\]")


class TomlText:
    """A parsed text, and where its keys stand.

    tomllib tells no lines, so they are looked for: good enough for what people write, and only messages depend on it.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.table: dict[str, Any] = {}
        self._lines = definition.text.split("\n")  # as TOML counts them
        self._keys = list(self._found())
        try:
            self.table = tomllib.loads(definition.text)
        except RecursionError:
            definition.mistake(None, "not valid TOML: it is nested too deeply", "Write what is needed, and no more")
        except ValueError as error:
            message, line = self._error(str(error))
            definition.mistake(
                line, f"not valid TOML: {message}", "Correct the line; strings need quotes, lists commas"
            )

    def line(self, *path: str) -> int | None:
        """The line of the entry at this path; of the nearest table around it when it is not to be found."""
        for length in range(len(path), 0, -1):
            for keys, number in self._keys:
                if keys[:length] == path[:length]:
                    return number
        return None

    def line_of(self, text: str, *path: str) -> int | None:
        """The line in which a text stands at or below the entry at this path."""
        start = self.line(*path) or 1
        for number in range(start, len(self._lines) + 1):
            if text in self._lines[number - 1]:
                return number
        return self.line(*path)

    def _found(self) -> list[tuple[tuple[str, ...], int]]:
        found: list[tuple[tuple[str, ...], int]] = []
        table: tuple[str, ...] = ()
        for number, line in enumerate(self._lines, 1):
            if match := _TABLE.match(line):
                table = _path(match[1])
                found.append((table, number))
            elif match := _KEY.match(line):
                found.append((table + _path(match[1]), number))
        return found

    def _error(self, message: str) -> tuple[str, int]:
        match = re.search(r"\s*\(at line (\d+), column \d+\)", message)
        line = int(match[1]) if match else len(self._lines) or 1
        return re.sub(r"\s*\(at [^)]*\)", "", message), line


def _path(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))
