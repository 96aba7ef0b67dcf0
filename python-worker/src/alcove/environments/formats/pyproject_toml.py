"""pyproject.toml: what a project depends on, without the project itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..machine import Machine
from ..wanted import Wanted
from .alcove_table import check_top, tool, with_alcove
from .definition import Definition
from .python_packages import check_dependencies, check_requires_python, check_uv
from .toml_text import TomlText

_KEYS = ("build-system", "project", "dependency-groups", "tool")
_KEYS_OF_PROJECT = (
    "name version description readme requires-python license license-files authors maintainers keywords classifiers "
    "urls scripts gui-scripts entry-points import-names import-namespaces dependencies optional-dependencies dynamic"
).split()
# Of [tool.uv]: how the project itself is developed and built.
_ABOUT_THE_PROJECT = frozenset(
    "package managed dev-dependencies default-groups dependency-groups workspace build-backend publish-url check-url "
    "trusted-publishing pip cache-keys required-version".split()
)


def read(definition: Definition, machine: Machine, variant: str) -> Wanted:
    """What a pyproject.toml asks for; its mistakes are noted in ``definition``."""
    toml = TomlText(definition)
    if definition.mistakes:
        return Wanted()
    check_top(toml, _KEYS)
    project = _project(toml)
    uv = check_uv(definition, tool(toml, "uv"), toml.line, "tool", "uv")
    wanted = Wanted(
        requires_python=check_requires_python(
            definition, project.get("requires-python", ""), toml.line("project", "requires-python")
        ),
        python=check_dependencies(
            definition,
            project.get("dependencies", []),
            toml.line("project", "dependencies"),
            lambda text: toml.line_of(text, "project", "dependencies"),
        ),
        uv={key: value for key, value in uv.items() if key not in _ABOUT_THE_PROJECT},
    )
    return replace(with_alcove(toml, wanted, machine, variant), notices=_notices(toml, project))


def _project(toml: TomlText) -> dict[str, Any]:
    project = toml.table.get("project", {})
    if not isinstance(project, dict):
        toml.definition.mistake(toml.line("project"), "project must be a table", "Write [project] above its entries")
        return {}
    for key in project:
        if key not in _KEYS_OF_PROJECT:
            toml.definition.unknown(toml.line("project", key), f"entry {key!r} in [project]", key, _KEYS_OF_PROJECT)
    dynamic = project.get("dynamic", [])
    for key in ("dependencies", "requires-python"):
        if isinstance(dynamic, list) and key in dynamic:
            hint = f"Write {key} itself into [project]"
            toml.definition.mistake(toml.line("project", "dynamic"), f"{key} is said by a program only", hint)
    return project


def _notices(toml: TomlText, project: dict[str, Any]) -> tuple[str, ...]:
    left_out = [
        *(["the project itself"] if "build-system" in toml.table else []),
        *(["optional-dependencies"] if project.get("optional-dependencies") else []),
        *(["dependency-groups, which are for developers"] if toml.table.get("dependency-groups") else []),
    ]
    return (f"Not installed from {toml.definition.file}: {'; '.join(left_out)}",) if left_out else ()
