"""The header of an op file: PEP 723's block without its comment signs."""

from __future__ import annotations

from ..machine import Machine
from ..wanted import Wanted
from .alcove_table import check_top, tool, with_alcove
from .definition import Definition
from .python_packages import check_dependencies, check_requires_python, check_uv
from .toml_text import TomlText

_KEYS = ("dependencies", "requires-python", "tool")


def read(definition: Definition, machine: Machine, variant: str) -> Wanted:
    """What a header asks for; its mistakes are noted in ``definition``."""
    toml = TomlText(definition)
    if definition.mistakes:
        return Wanted()
    check_top(toml, _KEYS)
    wanted = Wanted(
        requires_python=check_requires_python(
            definition, toml.table.get("requires-python", ""), toml.line("requires-python")
        ),
        python=check_dependencies(
            definition,
            toml.table.get("dependencies", []),
            toml.line("dependencies"),
            lambda text: toml.line_of(text, "dependencies"),
        ),
        uv=check_uv(definition, tool(toml, "uv"), toml.line, "tool", "uv"),
    )
    return with_alcove(toml, wanted, machine, variant)
