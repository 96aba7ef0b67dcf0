"""``[tool.alcove]``, in an op file's header or a pyproject.toml: conda packages, variants, a shared file."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from ..machine import Machine
from ..wanted import DEFAULT_CHANNELS, Wanted
from .conda_packages import check_channels, check_conda, check_platforms, check_virtual_packages
from .definition import Reference
from .python_packages import LineOf, check_dependencies, check_uv
from .toml_text import TomlText

_VARIANTS = ("gpu", "cpu")
_KEYS = ("conda", "channels", "platforms", "environment", "virtual-packages", *_VARIANTS)
_KEYS_OF_VARIANT = ("conda", "channels", "dependencies", "uv")
_TABLE = ("tool", "alcove")


def with_alcove(toml: TomlText, wanted: Wanted, machine: Machine, asked: str) -> Wanted:
    """What is wanted besides because of ``[tool.alcove]``.

    Args:
        toml: the text with the table; without one, nothing changes.
        wanted: what the rest of the text asks for.
        machine: decides between variants.
        asked: the variant that the user has decided for, "auto" for none.
    """
    table = tool(toml, "alcove")
    _check_keys(toml, table, _TABLE, _KEYS)
    _take_reference(toml, table, wanted)
    versions = check_virtual_packages(
        toml.definition, table.get("virtual-packages", {}), toml.line(*_TABLE, "virtual-packages")
    )
    platforms = check_platforms(
        toml.definition,
        table.get("platforms", []),
        toml.line(*_TABLE, "platforms"),
        _finder(toml, *_TABLE, "platforms"),
    )
    wanted = replace(_with_packages(toml, table, wanted, *_TABLE), platforms=platforms, virtual_packages=versions)
    variants = {name: _with_variant(toml, table, wanted, name) for name in _VARIANTS if name in table}
    if not variants:
        return wanted
    chosen = machine.overridden(versions).variant(asked).name
    return replace(variants.get(chosen, wanted), variant=chosen)


def check_top(toml: TomlText, keys: tuple[str, ...]) -> None:
    """Notes entries of a text that are not among these, and a [tool] that is no table of tables."""
    for key in toml.table:
        if key not in keys:
            toml.definition.unknown(toml.line(key), f"entry {key!r}", key, keys)
    if not isinstance(toml.table.get("tool", {}), dict):
        toml.definition.mistake(toml.line("tool"), "tool must hold tables", "Write [tool.uv] above its entries")


def _take_reference(toml: TomlText, table: dict[str, Any], wanted: Wanted) -> None:
    path = table.get("environment")
    if path is None:
        return
    line = toml.line(*_TABLE, "environment")
    others = ["dependencies"] * bool(wanted.python) + ["requires-python"] * bool(wanted.requires_python)
    others += ["tool.uv"] * bool(wanted.uv) + [key for key in table if key != "environment"]
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        toml.definition.mistake(
            line, f"environment = {path!r} is not a file", 'Write environment = "../environment.yml"'
        )
    elif others:
        message = f"{others[0]!r} beside environment = {path!r}: the shared file alone says what is installed"
        toml.definition.mistake(line, message, f"Move what {others[0]!r} says to {path}, or remove 'environment'")
    else:
        toml.definition.reference = Reference(path, line)


def tool(toml: TomlText, name: str) -> dict[str, Any]:
    """The table ``[tool.<name>]``, empty when there is none."""
    tools = toml.table.get("tool", {})
    if not isinstance(tools, dict):
        return {}  # noted where the whole is checked
    table = tools.get(name, {})
    if isinstance(table, dict):
        return table
    toml.definition.mistake(
        toml.line("tool", name), f"tool.{name} must be a table", f"Write [tool.{name}] above its entries"
    )
    return {}


def _with_variant(toml: TomlText, table: dict[str, Any], wanted: Wanted, name: str) -> Wanted:
    path = (*_TABLE, name)
    variant = table[name]
    if not isinstance(variant, dict):
        toml.definition.mistake(
            toml.line(*path), f"{name} must be a table", f"Write [tool.alcove.{name}] above its entries"
        )
        return wanted
    _check_keys(toml, variant, path, _KEYS_OF_VARIANT)
    if variant.get("channels"):
        # They come in addition, also to what holds when none is named.
        wanted = replace(wanted, channels=wanted.channels or DEFAULT_CHANNELS)
    wanted = _with_packages(toml, variant, wanted, *path)
    more = check_dependencies(
        toml.definition,
        variant.get("dependencies", []),
        toml.line(*path, "dependencies"),
        _finder(toml, *path, "dependencies"),
    )
    uv = check_uv(toml.definition, variant.get("uv", {}), toml.line, *path, "uv")
    return replace(wanted, python=wanted.python + more, uv=merged(wanted.uv, uv))


def _with_packages(toml: TomlText, table: dict[str, Any], wanted: Wanted, *path: str) -> Wanted:
    conda = check_conda(
        toml.definition, table.get("conda", []), toml.line(*path, "conda"), _finder(toml, *path, "conda")
    )
    channels = check_channels(
        toml.definition, table.get("channels", []), toml.line(*path, "channels"), _finder(toml, *path, "channels")
    )
    new = tuple(channel for channel in channels if channel not in wanted.channels)
    return replace(wanted, conda=wanted.conda + conda, channels=new + wanted.channels)


def merged(settings: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Both tables: inner tables are merged, lists follow one another, the first one's last; else ``more`` counts."""
    result = copy.deepcopy(settings)
    for key, value in more.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = merged(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            result[key] = value + old
        else:
            result[key] = value
    return result


def _check_keys(toml: TomlText, table: dict[str, Any], path: tuple[str, ...], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            where = ".".join(path)
            toml.definition.unknown(toml.line(*path, key), f"entry {key!r} in [{where}]", key, known)


def _finder(toml: TomlText, *path: str) -> LineOf:
    return lambda text: toml.line_of(text, *path)
