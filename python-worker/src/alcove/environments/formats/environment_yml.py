"""environment.yml: conda's own format, with a ``pip:`` part, and with ``gpu:`` and ``cpu:`` for variants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..machine import VARIANTS, Machine
from ..wanted import DEFAULT_CHANNELS, Dependency, Wanted
from .alcove_table import merged
from .conda_packages import check_channels, check_platforms, check_spec
from .definition import Definition
from .requirements_txt import Requirements
from .yaml_text import Node, parse

_KEYS = ("name", "channels", "dependencies", "platforms", *VARIANTS)
_IGNORED = ("prefix",)  # "conda env export" writes where it was
_KEYS_OF_VARIANT = ("channels", "dependencies")
_NOT_HERE = {
    "variables": "Set them in the op itself, with os.environ",
    "category": "Remove it: everything in the file is installed",
}
_MOST_PACKAGES = 2000
_NO_DEFAULTS = "nodefaults"  # for conda: not what the user's settings add; nothing adds any here


def read(definition: Definition, machine: Machine, variant: str) -> Wanted:
    """What an environment.yml asks for; its mistakes are noted in ``definition``."""
    root = parse(definition)
    entries = root.entries
    _check_keys(definition, entries, (*_KEYS, *_IGNORED), "entry")
    platforms = entries.get("platforms", Node([], 1))
    wanted = replace(
        _with_packages(definition, entries, Wanted()),
        platforms=check_platforms(definition, _list(platforms), platforms.line, platforms.line_of),
    )
    variants = {name: _with_variant(definition, entries[name], wanted) for name in VARIANTS if name in entries}
    if not variants:
        return wanted
    chosen = machine.variant(variant).name
    return replace(variants.get(chosen, wanted), variant=chosen)


def _with_variant(definition: Definition, node: Node, wanted: Wanted) -> Wanted:
    if not isinstance(node.value, dict):
        hint = "Write 'dependencies:' below it, indented"
        definition.mistake(node.line, "a variant must be a map", hint)
        return wanted
    _check_keys(definition, node.entries, _KEYS_OF_VARIANT, "entry of a variant")
    if "channels" in node.entries:
        # They come in addition, also to what holds when none is named.
        wanted = replace(wanted, channels=wanted.channels or DEFAULT_CHANNELS)
    return _with_packages(definition, node.entries, wanted)


def _with_packages(definition: Definition, entries: dict[str, Node], wanted: Wanted) -> Wanted:
    channels = entries.get("channels", Node([], 1))
    names = check_channels(definition, _list(channels), channels.line, channels.line_of)
    conda, pip = _dependencies(definition, entries.get("dependencies", Node([], 1)))
    new = tuple(name for name in names if name not in (*wanted.channels, _NO_DEFAULTS))
    return replace(
        wanted,
        channels=new + wanted.channels,
        conda=wanted.conda + tuple(conda),
        python=wanted.python + tuple(pip.packages),
        uv=merged(wanted.uv, pip.uv),
    )


def _dependencies(definition: Definition, node: Node) -> tuple[list[Dependency], Requirements]:
    conda: list[Dependency] = []
    pip = Requirements(definition)
    if not isinstance(node.value, list) and node.value is not None:
        definition.mistake(node.line, "dependencies must be a list", "Write '- numpy' below it, one line per package")
    if len(node.items) > _MOST_PACKAGES:
        definition.mistake(node.line, f"dependencies name {len(node.items)} packages", f"Name at most {_MOST_PACKAGES}")
        return conda, pip
    for item in node.items:
        if isinstance(item.value, dict):
            _take_pip_part(definition, item, pip)
        elif isinstance(item.value, str) and check_spec(definition, item.value, item.line):
            conda.append(definition.dependency(item.value, item.line))
        elif not isinstance(item.value, str):
            definition.mistake(item.line, f"{item!r} is not a conda package", "Write '- numpy' or '- numpy>=1.26'")
    return conda, pip


def _take_pip_part(definition: Definition, item: Node, pip: Requirements) -> None:
    for key, part in item.entries.items():
        if key != "pip":
            value = part.value if isinstance(part.value, str) else "1.2"
            hint = f"Write '- {key}={value}'; only 'pip:' can have packages below it"
            definition.mistake(part.line, f"unknown part {key!r} of dependencies", hint)
        elif not isinstance(part.value, list):
            definition.mistake(part.line, "pip: must be a list", "Write '- package' below it, indented")
        else:
            for requirement in part.items:
                if isinstance(requirement.value, str):
                    pip.take(requirement.value.strip(), requirement.line)
                else:
                    definition.mistake(
                        requirement.line, f"{requirement!r} is not a package requirement", "Write '- numpy'"
                    )


def _check_keys(definition: Definition, entries: dict[str, Node], known: tuple[str, ...], what: str) -> None:
    for key, node in entries.items():
        if key in _NOT_HERE:
            definition.mistake(node.line, f"{key!r} is not supported", _NOT_HERE[key])
        elif key not in known:
            definition.unknown(node.line, f"{what} {key!r}", key, [name for name in known if name not in _IGNORED])


def _list(node: Node) -> Any:
    return node.texts if isinstance(node.value, list) else [] if node.value is None else node
