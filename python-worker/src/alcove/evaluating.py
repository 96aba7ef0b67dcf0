"""Evaluating annotations, and what an author is told whose annotation cannot be evaluated."""

from __future__ import annotations

import builtins
import re
import types
import typing
from typing import Any

from . import annotations as alcove_names
from .mistakes import Problem


def evaluate(annotation: Any, names: dict[str, Any], place: str) -> Any:
    """The type that an annotation stands for, which may be a text or have texts in it.

    Args:
        annotation: what stands in the signature.
        names: the global names of the place where it stands.
        place: the part of the signature, for the problem.

    Raises:
        Problem: when it cannot be evaluated.
    """

    def annotated() -> None: ...

    try:
        if isinstance(annotation, str):
            annotation = eval(annotation, names)
        annotated.__annotations__ = {"it": annotation}
        return typing.get_type_hints(annotated, names, include_extras=True)["it"]
    except Exception as error:  # an annotation is any expression: anything may happen
        raise cannot_be_evaluated(error, names, place) from None


def cannot_be_evaluated(error: Exception, names: dict[str, Any], place: str) -> Problem:
    """What to tell the author whose annotation raised the error."""
    reason = "it is no expression" if isinstance(error, SyntaxError) else error
    return Problem(f"an annotation cannot be evaluated: {reason}", _advice(error, names), place)


def _advice(error: Exception, names: dict[str, Any]) -> str:
    if isinstance(error, NameError):
        return _advice_on_name(re.findall(r"'(\w+)'", str(error)))
    if isinstance(error, SyntaxError):
        return "write a type, such as list[int]"
    if "unsupported operand" in str(error):
        return advice_on_unions(error)
    hidden = [name for name, value in names.items() if hides_a_type(name, value)]
    if hidden:
        return advice_on_hidden(hidden[0])
    return "write a type: Image, float, Optional[int], list[str] or the like"


def _advice_on_name(missing: list[str]) -> str:
    name = missing[0] if missing else "it"
    if name in ("numpy", "np"):
        return (
            "write Image, Labels, Mask, Points or Array (from alcove import Image): no package need be there for them"
        )
    if name in typing.__all__:
        return f"from typing import {name}"
    if name in ("Path", "Table") or hasattr(alcove_names, name):
        return f"from {'pathlib' if name == 'Path' else 'alcove'} import {name}"
    return f"import or define {name} at the top of the file"


def advice_on_unions(error: Exception) -> str:
    """What to write for a ``|`` that Python cannot evaluate."""
    if "'str'" in str(error):
        return 'put quotes around the whole type: "Image | None"'
    return "on Python 3.9 write Optional[X] for X | None, and Union[X, Y] for X | Y"


def hides_a_type(name: str, value: Any) -> bool:
    """Whether a global name is a function of the author's that stands for Python's own type of that name no more."""
    return isinstance(value, types.FunctionType) and isinstance(getattr(builtins, name, None), type)


def advice_on_hidden(name: str) -> str:
    """What to do about a function that ``hides_a_type``."""
    return f'the function {name} hides Python\'s own {name}: give it another name and write @op(name="{name}")'
