"""What a docstring says of a function, its parameters and its results.

Three styles are read, also mixed: plain ``name: text`` lines, Google's (``Args:``, indented entries) and NumPy's
(``Parameters`` underlined, ``name : type``, the text indented below).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

# Compiled when they are wanted: each takes longer than to read a signature, and many a docstring is short.
_BEYOND_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"

_INPUTS = ("args", "arguments", "parameters", "params", "keyword args", "keyword arguments", "other parameters")
_FIELDS = ("attributes", "fields")
_RESULTS = ("returns", "return")
_OTHERS = ("yields", "yield", "raises", "warns", "warnings", "warning", "notes", "note", "examples", "example")
_HEADINGS = {*_INPUTS, *_FIELDS, *_RESULTS, *_OTHERS, "see also", "references", "todo"}
_NAMES = r"\*{0,2}(\w+(?:\s*,\s*\*{0,2}\w+)*)"
_PLAIN_ENTRY = r"(\w+)(?:\s*\(.*?\))?\s*:(?!:)\s*(.*)"
_GOOGLE_ENTRY = _NAMES + r"\s*(?:\(.*?\))?\s*:(?!:)\s*(.*)"
_NUMPY_ENTRY = _NAMES + r"\s*(?::.*)?"
_GOOGLE_TYPE = r"[\w.]+(?:\[[^:]*\])?\s*:\s+"


class Texts(NamedTuple):
    """``summary`` is all before the first section or parameter, ``of`` what is said of each name that was asked for.

    ``result`` is the text on the result as a whole, ``results`` what is said of each by its name.
    """

    summary: str
    of: dict[str, str]
    result: str
    results: dict[str, str]


class _Section(NamedTuple):
    heading: str  # in lower case; empty for what stands under none
    is_numpy: bool
    lines: list[str]


def read_docstring(docstring: Optional[str], names: list[str]) -> Texts:
    """What a docstring says; characters that XML 1.0 cannot hold are replaced by U+FFFD.

    Args:
        docstring: dedented, as ``inspect.getdoc`` gives it.
        names: those of the function's parameters or the class's fields.
    """
    text = docstring or ""
    lines = (re.sub(_BEYOND_XML, "\ufffd", text) if beyond_xml(text) else text).splitlines()
    sections = _sections(lines, names)
    summary, of = _plain(sections[0].lines, names)
    results: dict[str, str] = {}
    result = ""
    for section in sections[1:]:
        if section.heading in _RESULTS:
            results.update(_entries(section))
            result = result or _whole(section)
        elif section.heading in _INPUTS + _FIELDS:
            of.update({name: text for name, text in _entries(section).items() if name in names})
        elif not section.heading:
            of.update(_plain(section.lines, names)[1])
    return Texts(summary, {name: text for name, text in of.items() if text}, result, results)


def beyond_xml(text: str) -> Optional[str]:
    """The first character of the text that XML 1.0 cannot hold, or None."""
    if text.replace("\n", "").isprintable():
        return None
    found = re.search(_BEYOND_XML, text)
    return found[0] if found else None


def _sections(lines: list[str], names: list[str]) -> list[_Section]:
    sections = [_Section("", False, [])]
    for index, line in enumerate(lines):
        current = sections[-1]
        below = lines[index + 1].strip() if index + 1 < len(lines) else ""
        title, colon, text = line.partition(":")
        heading = title.strip().lower()
        if line[:1].isspace() or heading not in _HEADINGS:
            # What Google's sections hold is indented.
            if line.strip() and not line[0].isspace() and current.heading and not current.is_numpy:
                sections.append(_Section("", False, [line]))
            else:
                current.lines.append(line)
        elif not colon and len(below) >= 3 and not below.strip("-="):
            sections.append(_Section(heading, True, []))
        elif colon and not text.strip():
            sections.append(_Section(heading, False, []))
        elif colon and heading in _RESULTS and title.strip() not in names:
            sections.append(_Section(heading, False, [text]))
        else:
            current.lines.append(line)
    return sections


def _plain(lines: list[str], names: list[str]) -> tuple[str, dict[str, str]]:
    """What stands before the first ``name: text``, and the texts; each ends at a blank line."""
    summary: list[str] = []
    found: dict[str, list[str]] = {}
    current: Optional[list[str]] = summary
    for line in lines:
        match = re.fullmatch(_PLAIN_ENTRY, line.strip()) if ":" in line else None
        if match and match[1] in names:
            current = found.setdefault(match[1], [])
            current.append(match[2])
        elif current is not None and (line.strip() or current is summary):
            current.append(line)
        else:
            current = None
    return "\n".join(summary).strip(), {name: _joined(text) for name, text in found.items()}


def _entries(section: _Section) -> dict[str, str]:
    """Of a section the names, or what else an entry begins with, each with its text."""
    pattern = _NUMPY_ENTRY if section.is_numpy else _GOOGLE_ENTRY
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in _dedented(section):
        match = None if line[:1].isspace() else re.fullmatch(pattern, line)
        if match:
            current = [] if section.is_numpy else [match[2]]
            for name in match[1].split(","):
                found[name.strip().lstrip("*")] = current
        elif section.is_numpy and line and not line[0].isspace():
            current = found.setdefault(line, [])
        else:
            current.append(line)
    return {name: _joined(text) for name, text in found.items()}


def _whole(section: _Section) -> str:
    """The text of a section on a result, without its type."""
    if section.is_numpy:
        entries = _entries(section)
        return next((text for text in entries.values() if text), "")
    return re.sub(_GOOGLE_TYPE, "", _joined(_dedented(section)), count=1)


def _dedented(section: _Section) -> list[str]:
    """The lines without the blank ones around them and the indentation of the first."""
    text = "\n".join(line.rstrip() for line in section.lines).strip("\n").splitlines()
    indentation = min((len(line) - len(line.lstrip()) for line in text if line), default=0)
    lines = [line[indentation:] for line in text]
    return lines[1:] if section.is_numpy and lines and not lines[0].strip("-=") else lines


def _joined(lines: list[str]) -> str:
    """The paragraphs, each on one line, with a blank line between them."""
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
