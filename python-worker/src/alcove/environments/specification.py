"""What is asked for: a name, an engine, and the PEP 723 header of an op file, checked before anything else happens."""

from __future__ import annotations

import difflib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .failures import failure

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OLDEST_PYTHON = ">=3.9"
"""What the worker itself needs of an environment's Python."""

_NAME = re.compile(r"\w([\w.-]{0,98}\w)?")
_KEYS = ("dependencies", "requires-python", "tool")
_PLANNED = ("conda", "channels", "platforms", "environment", "gpu", "cpu")


class Mistake(NamedTuple):
    """Something in the header that its author must change."""

    line: int | None
    message: str
    hint: str


@dataclass(frozen=True)
class Specification:
    """A checked specification; ``source`` and ``header_line`` serve messages alone."""

    name: str
    engine: str
    header: str
    source: str
    header_line: int | None
    requires_python: str
    dependencies: tuple[str, ...]
    uv: dict[str, Any]
    """The header's ``[tool.uv]``."""

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Specification:
        """Checks everything that can be known without a solver and reports all mistakes at once.

        Raises:
            OpError: ``spec_invalid``; ``details["mistakes"]`` has file, line, message and hint of each.
        """
        name, engine, header, source, line = _members(values)
        mistakes: list[Mistake] = []
        table = _checked(header, mistakes)
        if mistakes:
            raise _invalid(mistakes, source, line)
        return cls(
            name=name,
            engine=engine,
            header=header,
            source=source,
            header_line=line,
            requires_python=table.get("requires-python", ""),
            dependencies=tuple(table.get("dependencies", ())),
            uv=table.get("tool", {}).get("uv", {}),
        )

    @property
    def file(self) -> str:
        """The op file's name without its folder, for messages."""
        return Path(self.source).name or self.name

    def place(self, line: int) -> str:
        """Where a line of the header, counted from 1, stands in the op file."""
        return _place(self.source, self.header_line, line)

    def to_json(self) -> dict[str, Any]:
        """What the marker keeps, in the shape that ``parse`` takes."""
        known = {"name": self.name, "engine": self.engine, "header": self.header, "source": self.source}
        return known if self.header_line is None else {**known, "header_line": self.header_line}


def requires_python(header: str) -> str:
    """The versions of Python that a header allows; empty when it does not say so, or has mistakes."""
    mistakes: list[Mistake] = []
    table = _checked(header, mistakes)
    return "" if mistakes else str(table.get("requires-python", ""))


def check_name(name: object) -> str:
    """The name, if it is fit to be a folder's on every system."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise failure(
        "spec_invalid",
        f"{name!r} cannot be the name of an environment",
        "Use up to 100 letters, digits, '.', '_' and '-', beginning and ending with a letter or digit",
    )


def _members(values: dict[str, Any]) -> tuple[str, str, str, str, int | None]:
    def text(key: str, default: str | None = None) -> str:
        value = values.get(key, default)
        if not isinstance(value, str):
            raise failure("spec_invalid", f"The specification's {key!r} must be a text, not {value!r}", f"Give {key!r}")
        return value

    line = values.get("header_line")
    if line is not None and (not isinstance(line, int) or isinstance(line, bool) or line < 1):
        raise failure("spec_invalid", f"The specification's 'header_line' is {line!r}", "Count lines from 1")
    return check_name(values.get("name")), text("engine", "uv"), text("header"), text("source", ""), line


def _checked(header: str, mistakes: list[Mistake]) -> dict[str, Any]:
    try:
        table: dict[str, Any] = tomllib.loads(header)
    except tomllib.TOMLDecodeError as error:
        message, line = _toml_error(str(error), header)
        hint = "Correct the line; strings need quotes, lists commas"
        mistakes.append(Mistake(line, f"not valid TOML: {message}", hint))
        return {}
    for key in table:
        if key not in _KEYS:
            mistakes.append(Mistake(_line_of_key(header, key), f"unknown entry {key!r}", _instead(key, _KEYS)))
    _check_requires_python(table, header, mistakes)
    _check_dependencies(table, header, mistakes)
    _check_tools(table, header, mistakes)
    return table


def _toml_error(message: str, header: str) -> tuple[str, int]:
    match = re.search(r"\s*\(at line (\d+), column \d+\)", message)
    line = int(match[1]) if match else len(header.splitlines()) or 1
    return re.sub(r"\s*\(at [^)]*\)", "", message), line


def _check_requires_python(table: dict[str, Any], header: str, mistakes: list[Mistake]) -> None:
    wanted = table.get("requires-python", "")
    line = _line_of_key(header, "requires-python")
    try:
        allowed = SpecifierSet(wanted) & SpecifierSet(OLDEST_PYTHON)
    except (InvalidSpecifier, AttributeError, TypeError):
        mistakes.append(Mistake(line, f"requires-python = {wanted!r} is not a version range", 'Write it like ">=3.10"'))
        return
    versions = (f"3.{minor}.{patch}" for minor in range(50) for patch in range(50))
    if not any(allowed.contains(version, prereleases=True) for version in versions):
        message = f"no Python fits requires-python = {wanted!r}"
        mistakes.append(Mistake(line, message, f"Ops need Python {OLDEST_PYTHON}; choose a range within that"))


def _check_dependencies(table: dict[str, Any], header: str, mistakes: list[Mistake]) -> None:
    dependencies = table.get("dependencies", [])
    if not isinstance(dependencies, list):
        line = _line_of_key(header, "dependencies")
        mistakes.append(Mistake(line, "dependencies must be a list", 'Write dependencies = ["numpy", "scipy"]'))
        return
    for dependency in dependencies:
        try:
            Requirement(dependency)
        except (InvalidRequirement, TypeError):
            line = _line_of_text(header, str(dependency)) or _line_of_key(header, "dependencies")
            message = f"{dependency!r} is not a package requirement"
            mistakes.append(Mistake(line, message, 'Write it like "scikit-image" or "numpy>=2,<3"'))


def _check_tools(table: dict[str, Any], header: str, mistakes: list[Mistake]) -> None:
    tool = table.get("tool", {})
    if not isinstance(tool, dict) or not all(isinstance(tool.get(name, {}), dict) for name in ("alcove", "uv")):
        line = _line_of_text(header, "tool")
        mistakes.append(Mistake(line, "tool must hold tables", "Write [tool.uv] above its entries"))
        return
    for key in tool.get("alcove", {}):
        line = _line_of_key(header, key) or _line_of_text(header, "tool.alcove")
        if key in _PLANNED:
            hint = "Remove it and name Python packages under dependencies; conda packages are not supported yet"
            mistakes.append(Mistake(line, f"{key!r} in [tool.alcove] is not supported yet", hint))
        else:
            mistakes.append(Mistake(line, f"unknown entry {key!r} in [tool.alcove]", _instead(key, _PLANNED)))
    _check_sources(tool.get("uv", {}), header, mistakes)


def _check_sources(uv: dict[str, Any], header: str, mistakes: list[Mistake]) -> None:
    """Refuses sources relative to the op file: the environment lies elsewhere, and could not notice their changes."""
    sources = uv.get("sources", {})
    for name, source in sources.items() if isinstance(sources, dict) else ():
        choices = source if isinstance(source, list) else [source]
        for choice in (choice for choice in choices if isinstance(choice, dict)):
            path = choice.get("path")
            if "workspace" in choice or (path is not None and not Path(str(path)).is_absolute()):
                line = _line_of_key(header, name) or _line_of_text(header, name)
                message = f"the source of {name!r} lies relative to the op file"
                mistakes.append(Mistake(line, message, "Give the full path of a wheel, a URL or a package index"))


def _instead(key: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else "Known entries: " + ", ".join(known)


def _line_of_key(header: str, key: str) -> int | None:
    name = re.escape(key)
    return _line_where(header, re.compile(rf"\s*([\w.\"'-]+\.)?[\"']?{name}[\"']?\s*[.=]|\s*\[+.*\b{name}\b"))


def _line_of_text(header: str, text: str) -> int | None:
    return _line_where(header, re.compile(".*" + re.escape(text)))


def _line_where(header: str, pattern: re.Pattern[str]) -> int | None:
    return next((number for number, line in enumerate(header.splitlines(), 1) if pattern.match(line)), None)


def _place(source: str, header_line: int | None, line: int | None) -> str:
    if line is None:
        return f"{source or 'header'}: header"
    if header_line is None:
        return f"{source or 'header'}: header line {line}"
    return f"{source}:{header_line + line - 1}"


def _invalid(mistakes: list[Mistake], source: str, header_line: int | None) -> Exception:
    listed = [
        {
            "file": source,
            "line": mistake.line and (header_line or 1) + mistake.line - 1,
            "message": mistake.message,
            "hint": mistake.hint,
        }
        for mistake in mistakes
    ]
    message = "\n".join(f"{_place(source, header_line, mistake.line)}: {mistake.message}" for mistake in mistakes)
    return failure("spec_invalid", message, mistakes[0].hint, mistakes=listed)
