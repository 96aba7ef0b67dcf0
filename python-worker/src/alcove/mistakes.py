"""What authors do wrong, and where in their file it stands."""

from __future__ import annotations

import ast
from typing import NamedTuple


class Mistake(NamedTuple):
    """Something an author must change: where it is, what is wrong, what to write instead."""

    file: str
    line: int
    message: str
    hint: str


class Problem(Exception):
    """What is wrong with an op's signature.

    ``place`` is the part of it, as ``lines_of`` names parts; the op as a whole when it is empty.
    """

    def __init__(self, message: str, hint: str, place: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.place = place


def lines_of(first_line: int, file: str) -> dict[str, int]:
    """The lines on which the parts of an op's signature stand, as far as the file can be read.

    Args:
        first_line: that of the function with its decorators.
        file: the file it stands in.

    Returns:
        By part: a parameter by its name, ``return``, an option of the decorator as ``@title``, and of all classes of
        the file ``class Name`` and the fields as ``Name.field``.
    """
    try:
        with open(file, "rb") as source:
            tree = ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):
        return {}
    lines: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            lines[f"class {node.name}"] = _first_line(node)
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    lines[f"{node.name}.{statement.target.id}"] = statement.lineno
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _first_line(node) == first_line:
            lines.update(_lines_of_function(node))
    return lines


def _first_line(defined: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return min(node.lineno for node in (defined, *defined.decorator_list))


def _lines_of_function(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, int]:
    given = function.args
    parameters = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    lines = {parameter.arg: parameter.lineno for parameter in parameters if parameter}
    lines["return"] = function.returns.lineno if function.returns else function.lineno
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call):
            lines.update({f"@{keyword.arg}": keyword.value.lineno for keyword in decorator.keywords})
    return lines
