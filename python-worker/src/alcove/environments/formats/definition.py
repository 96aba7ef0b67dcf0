"""The text of a file that somebody wrote, and the mistakes found in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from ..failures import failure
from ..wanted import Dependency

_LONGEST_WORD = 60  # comparing takes time
_LONGEST_SHOWN = 100
_MOST_TOLD = 50


class Mistake(NamedTuple):
    """Something that the author must change."""

    line: int | None
    """Of the text, from 1."""
    message: str
    hint: str


class Reference(NamedTuple):
    """Another file that says what is wanted."""

    path: str
    """As written: relative to the file that names it."""
    line: int | None


class Definition:
    """A text, where it came from, and what is wrong with it."""

    def __init__(self, text: str, source: str, first_line: int | None, what: str) -> None:
        """
        Args:
            text: the content of a file, or the part of it that counts.
            source: the file, for messages; "" when there is none.
            first_line: the line of source where the text begins, from 1; None when that is not known.
            what: what the text is called in messages: "header", "requirements.txt".
        """
        self.text = text
        self.source = source
        self.first_line = first_line
        self.what = what
        self.mistakes: list[Mistake] = []
        self.reference: Reference | None = None

    @property
    def file(self) -> str:
        """What the text is called, without a folder."""
        return Path(self.source).name or self.what

    def mistake(self, line: int | None, message: str, hint: str) -> None:
        """Notes a mistake; ``check`` reports all of them at once."""
        self.mistakes.append(Mistake(line, message, hint))

    def unknown(self, line: int | None, what: str, key: str, known: Iterable[str]) -> None:
        """Notes an entry that does not exist, with the one that was probably meant."""
        self.mistake(line, f"unknown {what}"[:_LONGEST_SHOWN], instead(key, known))

    def dependency(self, text: str, line: int | None) -> Dependency:
        """A package that is asked for in this line of the text."""
        return Dependency(text, self.source, self._line_in_source(line))

    def place(self, line: int | None) -> str:
        """Where a line of the text stands: "/ops/cells.py:12"."""
        if line is None:
            return f"{self.source or self.what}: {self.what}"
        if self.first_line is None or not self.source:
            return f"{self.source or self.what}: {self.what} line {line}"
        return f"{self.source}:{self._line_in_source(line)}"

    def check(self) -> None:
        """
        Raises:
            OpError: ``spec_invalid`` when there are mistakes; ``details["mistakes"]`` has file, line, message and hint
                of each.
        """
        if self.mistakes:
            raise self.invalid()

    def invalid(self) -> Exception:
        """The failure that tells all mistakes, or as many as anybody reads."""
        found = sorted(self.mistakes, key=lambda mistake: mistake.line or 0)
        listed: list[dict[str, Any]] = [
            {
                "file": self.source,
                "line": self._line_in_source(mistake.line),
                "message": mistake.message,
                "hint": mistake.hint,
            }
            for mistake in found[:_MOST_TOLD]
        ]
        lines = [f"{self.place(mistake.line)}: {mistake.message}" for mistake in found[:_MOST_TOLD]]
        more = [f"and {len(found) - _MOST_TOLD} more mistakes"] if len(found) > _MOST_TOLD else []
        message = "\n".join([*lines, *more])
        return failure("spec_invalid", message, found[0].hint, mistakes=listed)

    def _line_in_source(self, line: int | None) -> int | None:
        return None if line is None else (self.first_line or 1) + line - 1


def instead(key: str, known: Iterable[str]) -> str:
    """The hint for a word that nobody knows."""
    choices = sorted(known)
    close = difflib.get_close_matches(key[:_LONGEST_WORD], choices, n=1)
    return f"Did you mean {close[0]!r}?" if close else "Known: " + ", ".join(choices)


def shown(value: object) -> str:
    """A value as a message can show it."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
