"""From a function's signature to its descriptor: what dialogs, command lines and hosts know of an op."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import inspect
import math
import re
import sys
import typing
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union

from .annotations import Array, Axes, DTypes, Label, Range, Unit
from .arrays import DTYPES
from .docstrings import read_docstring
from .fitting import is_finite, mismatch
from .messages import AlcoveError
from .ops import Declaration
from .values import encode_value

_SIMPLE_TYPES = {
    bool: "boolean",
    int: "integer",
    float: "float",
    complex: "complex",
    str: "string",
    bytes: "bytes",
    Path: "path",
    dict: "object",
    list: "list",
}
_UNIONS = [Union] + ([__import__("types").UnionType] if hasattr(__import__("types"), "UnionType") else [])
_NUMERIC = ("integer", "float")
_OPTIONS: dict[str, Any] = {
    **dict.fromkeys(("name", "title", "output", "menu", "version"), str),
    **dict.fromkeys(("idempotent", "gpu"), bool),
    "grace": (int, float),
}


class Mistake(NamedTuple):
    """Something an author must change: where it is, what is wrong, what to write instead."""

    file: str
    line: int
    message: str
    hint: str


class Described(NamedTuple):
    """A parameter or output: its descriptor, and the Python type that arguments are converted to."""

    descriptor: dict[str, Any]
    annotation: Any


class Description(NamedTuple):
    """An op: its descriptor and the parameters and outputs that the descriptor was made of."""

    descriptor: dict[str, Any]
    inputs: list[Described]
    outputs: list[Described]


class _Problem(Exception):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def describe(declaration: Declaration, file: str, mistakes: list[Mistake]) -> Optional[Description]:
    """The description of an op, or None when its signature has mistakes, which are then appended to ``mistakes``."""
    function = declaration.function
    problems = _problems_of_options(declaration.options)
    signature = _signature(function)
    hints = _hints(function, problems)
    texts, summary = read_docstring(function, set(signature.parameters))
    inputs = [_input(parameter, hints, texts, problems) for parameter in signature.parameters.values()]
    if signature.return_annotation is signature.empty:
        problems.append(_Problem("the result has no type", "write -> Labels, -> float, -> None or the like"))
    outputs = _outputs(declaration, hints, problems)
    if problems:
        line = function.__code__.co_firstlineno if hasattr(function, "__code__") else declaration.line
        mistakes += [Mistake(file, line, f"{declaration.name}: {found.message}", found.hint) for found in problems]
        return None
    descriptor: dict[str, Any] = {
        "name": declaration.name,
        "title": declaration.options.get("title") or declaration.name.replace("_", " ").capitalize(),
        "description": summary,
        "form": "function",
        "inputs": [found.descriptor for found in inputs if found],
        "outputs": [found.descriptor for found in outputs],
        "idempotent": bool(declaration.options.get("idempotent", False)),
        "gpu": bool(declaration.options.get("gpu", False)),
    }
    for option in ("version", "menu", "grace"):
        if declaration.options.get(option) is not None:
            descriptor[option] = declaration.options[option]
    return Description(descriptor, [found for found in inputs if found], outputs)


def _problems_of_options(options: dict[str, Any]) -> list[_Problem]:
    problems = []
    for name, value in options.items():
        if name not in _OPTIONS:
            problems.append(_Problem(f"@op has no option {name}", "one of " + ", ".join(_OPTIONS)))
        elif value is not None and not (isinstance(value, _OPTIONS[name]) and (name != "grace" or is_finite(value))):
            kind = {str: "a text", bool: "True or False"}.get(_OPTIONS[name], "a number of seconds")
            problems.append(_Problem(f"@op was given {name}={value!r}", f"give {kind}"))
    return problems


def _signature(function: Any) -> inspect.Signature:
    if sys.version_info >= (3, 14):  # where annotations are evaluated only now, and the hints tell what is wrong
        import annotationlib

        return inspect.signature(function, annotation_format=annotationlib.Format.FORWARDREF)
    return inspect.signature(function)


def _hints(function: Any, problems: list[_Problem]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except TypeError as error:
        problems.append(
            _Problem(
                f"an annotation cannot be evaluated: {error}",
                "on Python 3.9 write Optional[X] for X | None, and Union[X, Y] for X | Y",
            )
        )
    except Exception as error:  # annotations are evaluated: anything may happen
        problems.append(_Problem(f"an annotation cannot be evaluated: {error}", "import the name at the file's top"))
    return {}


def _input(
    parameter: inspect.Parameter, hints: dict[str, Any], texts: dict[str, str], problems: list[_Problem]
) -> Optional[Described]:
    name = parameter.name
    try:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise _Problem(f"parameter {name} has no fixed name", "name every parameter; no *, ** or /")
        if parameter.annotation is parameter.empty:
            raise _Problem(f"parameter {name} has no type", f"write {name}: Image, {name}: float or the like")
        if name not in hints:
            return None  # its annotation was reported when the hints were evaluated
        descriptor = {"name": name, **_type(hints[name], f"parameter {name}")}
        descriptor["required"] = parameter.default is parameter.empty
        if not descriptor["required"]:
            descriptor["default"] = _default(parameter.default, descriptor, name)
        if texts.get(name):
            descriptor["description"] = texts[name]
        return Described(descriptor, hints[name])
    except _Problem as problem:
        problems.append(problem)
        return None


def _default(default: Any, descriptor: dict[str, Any], name: str) -> Any:
    if default is None:
        if not descriptor.get("nullable") and descriptor["type"] != "any":
            raise _Problem(f"parameter {name} has the default None, but its type has no None", "write Optional[...]")
        return None
    expected = mismatch(_plain(default), descriptor)
    if expected is not None:
        raise _Problem(f"parameter {name} has the default {default!r}, but must be {expected}", "change one of the two")
    try:
        return encode_value(default, name, None)
    except AlcoveError as error:
        raise _Problem(f"the default of parameter {name}: {error}", "use a plain value") from None


def _plain(default: Any) -> Any:
    """The default as a host would give it: an Enum's member by its name."""
    if isinstance(default, (list, tuple)):
        return [_plain(item) for item in default]
    return default.name if isinstance(default, enum.Enum) else default


def _type(annotation: Any, where: str) -> dict[str, Any]:
    if typing.get_origin(annotation) is Annotated:
        base, *refinements = typing.get_args(annotation)
        descriptor = _type(base, where)
        for refinement in refinements:
            _refine(descriptor, refinement, where)
        return descriptor
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in _UNIONS:
        inner = [argument for argument in arguments if argument is not type(None)]
        if len(inner) == 1 and len(arguments) == 2:
            return {**_type(inner[0], where), "nullable": True}
        raise _Problem(f"{where} may be of several types", "one type, or Optional[...] of one")
    if origin is Literal:
        choices = [choice for choice in arguments if choice is not None]
        return {**_choice(choices, where), **({"nullable": True} if None in arguments else {})}
    if origin in (list, collections.abc.Sequence):
        return {"type": "list", **({"items": _type(arguments[0], where)} if arguments else {})}
    if origin is dict:
        return {"type": "object"}
    if annotation is Any:
        return {"type": "any"}
    if isinstance(annotation, type):
        if issubclass(annotation, enum.Enum):
            return _choice([member.name for member in annotation], where)
        if issubclass(annotation, Array):  # type: ignore[misc]
            axes = getattr(annotation, "axes", None)
            return {"type": "array", "role": getattr(annotation, "role", "array"), **({"axes": axes} if axes else {})}
        if annotation in _SIMPLE_TYPES:
            return {"type": _SIMPLE_TYPES[annotation]}
    raise _Problem(
        f"{where} has the type {getattr(annotation, '__name__', annotation)}, which is none of an op's",
        "use int, float, bool, str, Path, Literal, an Enum, Optional, list, dict, Image, Labels, Mask, Points or Array",
    )


def _choice(choices: list[Any], where: str) -> dict[str, Any]:
    if not choices or any(type(choice) not in (str, int, bool) for choice in choices):
        raise _Problem(f"{where} has the choices {choices}", "give texts or integers, at least one")
    return {"type": "choice", "choices": choices}


def _refine(descriptor: dict[str, Any], refinement: Any, where: str) -> None:
    if isinstance(refinement, Range):
        if descriptor["type"] not in _NUMERIC:
            raise _Problem(f"{where}: Range is for numbers", "remove it")
        descriptor.update(_checked_range(refinement, where))
    elif isinstance(refinement, (Unit, Label)):
        if not isinstance(refinement[0], str):
            raise _Problem(f"{where}: {refinement}", "give a text")
        descriptor[type(refinement).__name__.lower()] = refinement[0]
    elif isinstance(refinement, (Axes, DTypes)):
        if descriptor["type"] != "array":
            raise _Problem(f"{where}: {type(refinement).__name__} is for arrays", "remove it")
        if isinstance(refinement, DTypes):
            descriptor["dtypes"] = _checked_dtypes(refinement, where)
        else:
            descriptor["axes"] = _checked_axes(refinement, where)


def _checked_range(given: Range, where: str) -> dict[str, Any]:
    members = {key: value for key, value in given._asdict().items() if value is not None}
    minimum, maximum = members.get("minimum", -math.inf), members.get("maximum", math.inf)
    if not all(map(is_finite, members.values())) or minimum > maximum or members.get("step", 1) <= 0:
        raise _Problem(f"{where}: {given}", "give finite numbers, the minimum first and a step above 0")
    return members


def _checked_dtypes(given: DTypes, where: str) -> list[str]:
    names = given.names.split() if isinstance(given.names, str) else []
    unknown = [name for name in names if name not in DTYPES]
    if unknown or not names:
        problem = f"no dtype {unknown[0]}" if unknown else str(given)
        raise _Problem(f"{where}: {problem}", "one of " + " ".join(DTYPES))
    return names


def _checked_axes(given: Axes, where: str) -> str:
    is_pattern = isinstance(given.pattern, str) and re.fullmatch(r"[a-z]+\??( [a-z]+\??)*", given.pattern)
    if not is_pattern or len(set(given.names())) < len(given.names()):
        raise _Problem(f"{where}: axes {given.pattern!r}", 'different names with blanks between, "c? z? y x"')
    return given.pattern


def _outputs(declaration: Declaration, hints: dict[str, Any], problems: list[_Problem]) -> list[Described]:
    annotation = hints.get("return", type(None))
    if annotation is type(None):
        return []
    try:
        fields = _fields(annotation)
    except Exception as error:  # annotations are evaluated
        problems.append(_Problem(f"the result's fields cannot be evaluated: {error}", "import the names they use"))
        return []
    named = fields if fields is not None else {"": annotation}
    outputs = []
    for name, field in named.items():
        try:
            descriptor = _type(field, f"output {name}".strip())
        except _Problem as problem:
            problems.append(problem)
            continue
        role = descriptor.get("role", "array")
        single = declaration.options.get("output") or (role if role != "array" else "result")
        outputs.append(Described({"name": name or single, **descriptor}, field))
    return outputs


def _fields(annotation: Any) -> Optional[dict[str, Any]]:
    """Name and type of each field of a NamedTuple or dataclass, else None."""
    is_tuple = isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields")
    if not is_tuple and not dataclasses.is_dataclass(annotation):
        return None
    hints = typing.get_type_hints(annotation, include_extras=True)
    names = annotation._fields if is_tuple else [field.name for field in dataclasses.fields(annotation)]
    return {name: hints[name] for name in names}
