"""From the type of a parameter or an output to its descriptor."""

from __future__ import annotations

import collections.abc
import enum
import math
import re
import types
import typing
from typing import Annotated, Any, Literal, TypeVar, Union

from .annotations import Array, Axes, Direction, DTypes, Kind, Label, Range, Shapes, Unit, Writable
from .arrays import DTYPES
from .docstrings import beyond_xml
from .evaluating import advice_on_hidden
from .fitting import is_finite, is_path_type
from .messages import MAX_INTEGER_DIGITS
from .mistakes import Problem
from .tables import Table

_SIMPLE_TYPES: dict[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "float",
    complex: "complex",
    str: "string",
    bytes: "bytes",
    dict: "object",
    list: "list",
    collections.abc.Sequence: "list",
    Table: "table",
    Shapes: "shapes",
}
_UNIONS = (Union, getattr(types, "UnionType", Union))
_LISTS = (list, collections.abc.Sequence)
_NUMERIC = ("integer", "float")
_REFINEMENTS = (Range, Unit, Label, Axes, DTypes)
_LARGEST_INTEGER = 10**MAX_INTEGER_DIGITS
_TYPES = "write int, float, bool, str, Path, Literal, an Enum, Optional, list, dict, Table, Image, Labels, Array, ..."
_ROLES = "write its role: Image, Labels, Mask, Points, Vectors, Tracks, or Array (from alcove import Image)"
# What to write for a type by the package and the name of it or of a type it is derived from: none need be installed.
_INSTEAD = {
    ("numpy", "ndarray"): _ROLES,
    ("numpy", "integer"): "write int",
    ("numpy", "floating"): "write float",
    ("numpy", "complexfloating"): "write complex",
    ("numpy", "bool"): "write bool",
    ("numpy", "bool_"): "write bool",
    ("PIL", "Image"): "write Image (from alcove import Image); PIL.Image.fromarray(image) makes Pillow's of it",
    ("torch", "Tensor"): _ROLES + "; torch.from_numpy(image) makes a tensor of it",
    ("xarray", "DataArray"): _ROLES,
    ("dask", "Array"): _ROLES,
    ("zarr", "Array"): _ROLES,
    ("pandas", "DataFrame"): "write Table (from alcove import Table); pandas.DataFrame(table) makes a data frame of it",
    ("polars", "DataFrame"): "write Table (from alcove import Table); polars.DataFrame(table) makes a data frame of it",
    ("pathlib", "PurePath"): "write Path",
    ("os", "PathLike"): "write Path",
    ("alcove", "Shape"): "write Shapes, which is a list of them",
    ("builtins", "object"): "write Any",
    (
        "builtins",
        "tuple",
    ): "write list[X] for several values of one type; several results are a NamedTuple or a dataclass",
    ("builtins", "set"): "write list[X]",
    ("builtins", "frozenset"): "write list[X]",
    ("builtins", "bytearray"): "write bytes",
    ("builtins", "memoryview"): "write bytes",
    ("collections", "Iterable"): "write list[X]",
    ("collections", "Collection"): "write list[X]",
    ("collections", "Mapping"): "write dict[str, X]",
    ("collections", "Callable"): "write Literal[...] with the names of what there is to call",
    ("datetime", "date"): "write str, and read it with fromisoformat",
    ("datetime", "time"): "write str, and read it with fromisoformat",
    ("datetime", "timedelta"): 'write Annotated[float, Unit("second")]',
    ("decimal", "Decimal"): "write float, or str where every digit counts",
    ("typing", "TypeAliasType"): "define the type without the word type: Name = Annotated[...]",
}


def describe_type(annotation: Any, where: str) -> dict[str, Any]:
    """The members of a descriptor that say what the values are.

    ``private`` is among them where the annotation has ``Writable``; it is no member of a descriptor's.

    Args:
        annotation: an evaluated annotation.
        where: "parameter sigma" or the like, for the problem.

    Raises:
        Problem: when there is no such type in the protocol.
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        descriptor = describe_type(arguments[0], where)
        for refinement in arguments[1:]:
            _refine(descriptor, refinement, where)
        return descriptor
    if origin in _UNIONS:
        return _optional(arguments, where)
    if origin is Literal:
        choices = [choice for choice in arguments if choice is not None]
        return {**_choice(choices, where), **({"nullable": True} if None in arguments else {})}
    if origin in _LISTS:
        return {"type": "list", "items": _inner(arguments[0], where)} if arguments else {"type": "list"}
    if origin is dict:
        if arguments and arguments[0] not in (str, Any):
            raise Problem(f"{where} has keys that are no texts", "write dict[str, X]")
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
        if is_path_type(annotation):
            return {"type": "path"}
    name = getattr(annotation, "__name__", annotation)
    raise Problem(f"{where} has the type {name}, which is none of an op's", _instead_of(annotation, origin))


def is_dataclass(annotation: type) -> bool:
    """As ``dataclasses`` says it, which is slow to import."""
    return hasattr(annotation, "__dataclass_fields__")


def _optional(arguments: tuple[Any, ...], where: str) -> dict[str, Any]:
    inner = [argument for argument in arguments if argument is not type(None)]
    if len(inner) > 1 or len(inner) == len(arguments):
        raise Problem(
            f"{where} may be of several types",
            "decide for one, or for Optional[...] of one; a float may be given as an int, and Any takes everything",
        )
    descriptor = describe_type(inner[0], where)
    if "direction" in descriptor:
        raise Problem(f"{where} is an array to be written to, or None", "write Out[Image] or InOut[Image] alone")
    return {**descriptor, "nullable": True}


def _inner(annotation: Any, where: str) -> dict[str, Any]:
    descriptor = describe_type(annotation, where)
    for member, word in (("direction", "Out and InOut are"), ("private", "Writable is")):
        if member in descriptor:
            raise Problem(f"{where} is a list; {word} for a single array", "give the array a parameter of its own")
    return descriptor


def _instead_of(annotation: Any, origin: Any) -> str:
    """What to write instead of something that is no type of an op's."""
    if isinstance(annotation, TypeVar):
        return "write what it is of: Out[Image], InOut[Labels]" if annotation is Kind else "decide for one type"
    if isinstance(annotation, types.FunctionType):
        return advice_on_hidden(annotation.__name__)
    if isinstance(annotation, types.ModuleType):
        name = annotation.__name__.rpartition(".")[2]
        return f"it is a module; from alcove import {name}" if name == "Image" else "it is a module; " + _TYPES
    if isinstance(annotation, str):
        return f'on Python 3.9 and 3.10 put the quotes around the whole type: "list[{annotation}]"'
    kind = annotation if isinstance(annotation, type) and origin is None else origin
    if not isinstance(kind, type):
        kind = type(annotation)
    if issubclass(kind, dict) and hasattr(kind, "__total__") and kind.__name__ != "Shape":
        return "write dict[str, Any]; several results are a NamedTuple or a dataclass"
    if hasattr(kind, "_fields") or is_dataclass(kind):
        return "give each of its fields a parameter; as a result it stands alone, not in Optional or list"
    for base in kind.__mro__:
        advice = _INSTEAD.get((base.__module__.partition(".")[0].lstrip("_"), base.__name__))
        if advice and (base is not object or kind is object):
            return advice
    return _TYPES


def _choice(choices: list[Any], where: str) -> dict[str, Any]:
    if not choices or any(type(choice) not in (str, int, bool) for choice in choices):
        raise Problem(f"{where} has the choices {choices}", "give texts or integers, at least one")
    for choice in choices:
        if isinstance(choice, str):
            check_text(choice, f"{where}: a choice")
        elif not -_LARGEST_INTEGER < choice < _LARGEST_INTEGER:
            raise Problem(f"{where} has a choice of more than {MAX_INTEGER_DIGITS} digits", "give it as a text")
    return {"type": "choice", "choices": choices}


def check_text(text: Any, what: str) -> str:
    """The text, if a descriptor can hold it in each of its dialects.

    Raises:
        Problem: when it is no text, or has something in it that XML 1.0 cannot hold.
    """
    if not isinstance(text, str):
        raise Problem(f"{what} is {text!r}", "give a text")
    beyond = beyond_xml(text)
    if beyond:
        raise Problem(f"{what} {text!r} has the character {beyond!r} in it", "leave out what XML 1.0 cannot hold")
    return text


def _refine(descriptor: dict[str, Any], refinement: Any, where: str) -> None:
    name = refinement.__name__ if isinstance(refinement, type) else type(refinement).__name__
    if isinstance(refinement, type) and refinement in _REFINEMENTS:
        raise Problem(f"{where}: {name} says nothing", f"write {name}(...)")
    if isinstance(refinement, Range):
        if descriptor["type"] not in _NUMERIC:
            is_list = descriptor["type"] == "list"
            raise Problem(
                f"{where}: Range is for numbers", "write list[Annotated[float, Range(...)]]" if is_list else "remove it"
            )
        descriptor.update(_checked_range(refinement, where, whole=descriptor["type"] == "integer"))
    elif isinstance(refinement, Unit):
        descriptor["unit"] = check_text(refinement.name, f"{where}: {name}")
    elif isinstance(refinement, Label):
        descriptor["label"] = check_text(refinement.text, f"{where}: {name}")
    elif isinstance(refinement, (Axes, DTypes, Direction, Writable)) or refinement is Writable:
        word = {"out": "Out", "inout": "InOut"}[refinement.name] if isinstance(refinement, Direction) else name
        if descriptor["type"] != "array":
            raise Problem(f"{where}: {word} is for arrays", "remove it")
        if isinstance(refinement, DTypes):
            descriptor["dtypes"] = _checked_dtypes(refinement, where)
        elif isinstance(refinement, Axes):
            descriptor["axes"] = _checked_axes(refinement, where)
        elif isinstance(refinement, Direction):
            descriptor["direction"] = refinement.name
        else:
            descriptor["private"] = True


def _checked_range(given: Range, where: str, whole: bool) -> dict[str, Any]:
    members = {key: value for key, value in vars(given).items() if value is not None}
    minimum, maximum = members.get("minimum", -math.inf), members.get("maximum", math.inf)
    if not all(map(is_finite, members.values())) or minimum > maximum or members.get("step", 1) <= 0:
        raise Problem(f"{where}: {given}", "give finite numbers, the minimum first and a step above 0")
    if whole and any(value != int(value) for value in members.values()):
        raise Problem(f"{where}: {given}, but it is an int", "give integers, or make it a float")
    return {key: int(value) for key, value in members.items()} if whole else members


def _checked_dtypes(given: DTypes, where: str) -> list[str]:
    names = given.names.split() if isinstance(given.names, str) else []
    unknown = [name for name in names if name not in DTYPES]
    if unknown or not names or len(set(names)) < len(names):
        problem = f"no dtype {unknown[0]}" if unknown else str(given)
        raise Problem(
            f"{where}: {problem}",
            'names with blanks between, each once: DTypes("uint8 uint16"); there are ' + " ".join(DTYPES),
        )
    return names


def _checked_axes(given: Axes, where: str) -> str:
    is_pattern = isinstance(given.pattern, str) and re.fullmatch(r"[a-z]+\??( [a-z]+\??)*", given.pattern)
    if not is_pattern or len(set(given.names())) < len(given.names()):
        raise Problem(f"{where}: axes {given.pattern!r}", 'different names with blanks between: Axes("c? z? y x")')
    return given.pattern
