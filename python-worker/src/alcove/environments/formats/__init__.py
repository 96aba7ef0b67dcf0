"""Reading the files in which people write what an environment shall hold."""

from __future__ import annotations

from .definition import instead
from .reading import FORMATS, Text, format_of, place, read, read_file

__all__ = ["FORMATS", "Text", "format_of", "instead", "place", "read", "read_file"]
