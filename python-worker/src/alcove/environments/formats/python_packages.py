"""What is asked of package indexes, checked as far as that goes without them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..wanted import OLDEST_PYTHON, Dependency
from .definition import Definition, shown

LineOf = Callable[[str], int | None]
"""The line in which a text stands."""

_MOST_PACKAGES = 2000
_LONGEST = 2000
_LONGEST_RANGE = 200


def check_requires_python(
    definition: Definition, wanted: object, line: int | None, key: str = "requires-python"
) -> str:
    """The range of versions, "" when it is none."""
    if not isinstance(wanted, str) or len(wanted) > _LONGEST_RANGE:
        definition.mistake(line, f"{key} = {shown(wanted)} is not a version range", 'Write it like ">=3.10", in quotes')
        return ""
    try:
        allowed = SpecifierSet(wanted) & SpecifierSet(OLDEST_PYTHON)
    except InvalidSpecifier:
        definition.mistake(line, f"{key} = {shown(wanted)} is not a version range", 'Write it like ">=3.10"')
        return ""
    versions = (f"3.{minor}.{patch}" for minor in range(50) for patch in range(50))
    if not any(allowed.contains(version, prereleases=True) for version in versions):
        message = f"no Python fits {key} = {shown(wanted)}"
        definition.mistake(line, message, f"Ops need Python {OLDEST_PYTHON}; choose a range within that")
        return ""
    return wanted


def check_dependencies(
    definition: Definition, dependencies: object, line: int | None, line_of: LineOf, key: str = "dependencies"
) -> tuple[Dependency, ...]:
    """The packages of a list, as in PEP 508; those that are not so are noted as mistakes."""
    if not isinstance(dependencies, list):
        definition.mistake(line, f"{key} must be a list", f'Write {key} = ["numpy", "scipy"]')
        return ()
    if len(dependencies) > _MOST_PACKAGES:
        definition.mistake(line, f"{key} names {len(dependencies)} packages", f"Name at most {_MOST_PACKAGES}")
        return ()
    found = []
    for dependency in dependencies:
        place = line_of(str(dependency)) or line
        if check_requirement(definition, dependency, place) is not None:
            found.append(definition.dependency(dependency, place))
    return tuple(found)


def check_requirement(definition: Definition, text: object, line: int | None) -> Requirement | None:
    """A package as in PEP 508; None, and noted, when it is none that can be used."""
    if isinstance(text, str) and len(text) <= _LONGEST:
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            pass
        else:
            return requirement if _check_address(definition, requirement, line) else None
    message = f"{shown(text)} is not a package requirement"
    definition.mistake(line, message, 'Write it like "scikit-image" or "numpy>=2,<3"')
    return None


def _check_address(definition: Definition, requirement: Requirement, line: int | None) -> bool:
    address = requirement.url
    if address is None or address.startswith(("https://", "http://", "git+", "file:///")):
        return True
    message = f"the address of {requirement.name!r} is {address!r}"
    definition.mistake(line, message, "Give the full address of a wheel: 'name @ https://...' or 'name @ file:///...'")
    return False


def check_uv(definition: Definition, uv: object, line: Callable[..., int | None], *path: str) -> dict[str, Any]:
    """``[tool.uv]`` without sources that lie relative to the file, which are noted as mistakes: the environment lies
    elsewhere, and could not notice their changes.

    Args:
        definition: where mistakes go.
        uv: the table.
        line: finds the line of an entry by its path.
        *path: the table's own path.
    """
    if not isinstance(uv, dict):
        definition.mistake(
            line(*path), f"{'.'.join(path)} must be a table", f"Write [{'.'.join(path)}] above its entries"
        )
        return {}
    sources = uv.get("sources", {})
    for name, source in sources.items() if isinstance(sources, dict) else ():
        choices = source if isinstance(source, list) else [source]
        for choice in (choice for choice in choices if isinstance(choice, dict)):
            place = choice.get("path")
            if "workspace" in choice or (place is not None and not Path(str(place)).is_absolute()):
                message = f"the source of {name!r} lies relative to the op file"
                hint = "Give the full path of a wheel, a URL or a package index"
                definition.mistake(line(*path, "sources", name), message, hint)
    return uv
