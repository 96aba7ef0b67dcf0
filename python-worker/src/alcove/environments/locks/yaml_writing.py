"""Texts as YAML has them, for files that are written line by line."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.+=-]*|https?://[A-Za-z0-9_.:/%+!~=@-]+|file:///[A-Za-z0-9_./%+!~=@-]+")
# What YAML, at least in its older version, takes for something else than a text.
_NOT_TEXT = frozenset("y yes n no true false on off null nan inf".split())


def scalar(text: str) -> str:
    """A text, in quotes when it needs them."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT
    return text if plain else quoted(text)


def quoted(text: str) -> str:
    """A text in quotes: what JSON writes is YAML, too."""
    return json.dumps(text, ensure_ascii=False)
