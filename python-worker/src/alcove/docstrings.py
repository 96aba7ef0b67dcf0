"""What a docstring says of a function and of each of its parameters."""

from __future__ import annotations

import inspect
import re
from typing import Any

_TEXT_BEYOND_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PARAMETER_TEXT = re.compile(r"^(\w+)(?:\s*\([^)]*\))?\s*:\s*(.+)$")


def read_docstring(function: Any, names: set[str]) -> tuple[dict[str, str], str]:
    """The texts of ``name: text`` lines for the function's parameters, and what stands before them."""
    texts: dict[str, str] = {}
    summary: list[str] = []
    current = ""
    for line in _TEXT_BEYOND_XML.sub("\ufffd", inspect.getdoc(function) or "").splitlines():
        match = _PARAMETER_TEXT.match(line.strip())
        if match and match[1] in names:
            current = match[1]
            texts[current] = match[2]
        elif current and line.strip():
            texts[current] += " " + line.strip()
        elif current:
            current = ""
        elif not texts and line.strip() not in ("Args:", "Parameters:"):
            summary.append(line)
    return texts, "\n".join(summary).strip()
