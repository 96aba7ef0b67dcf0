"""What went wrong, for people: a message, and the next step."""

from __future__ import annotations

from typing import Optional

from alcove.messages import AlcoveError, OpError

_HINTS = {"array_unavailable": "copy the line that the sharing program printed, while it runs"}


class DemoError(Exception):
    """Ends the program with its message and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def explained(error: Exception) -> Optional[DemoError]:
    """The error as people are told of it; None for a mistake of this program."""
    if isinstance(error, DemoError):
        return error
    if isinstance(error, AlcoveError):
        return DemoError(str(error), str(error.data.get("hint") or _HINTS.get(error.kind, "")))
    if isinstance(error, OpError):
        return DemoError(str(error), error.hint or "")
    if isinstance(error, ModuleNotFoundError):
        return DemoError(f"{error.name} is not installed here", f"python -m pip install {error.name}")
    if isinstance(error, OSError):
        return DemoError(str(error), "check the file's name, and whether you may read and write there")
    return None
