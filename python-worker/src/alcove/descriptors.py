"""From a function's signature to its descriptor: what dialogs, command lines and hosts know of an op."""

from __future__ import annotations

import enum
import sys
import typing
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Optional

from .docstrings import Texts, read_docstring
from .evaluating import cannot_be_evaluated, evaluate
from .fitting import is_finite, mismatch
from .messages import AlcoveError
from .mistakes import Mistake, Problem, lines_of
from .ops import Declaration
from .signatures import (
    MISSING,
    Parameter,
    Signature,
    below_decorators,
    docstring_of,
    is_async,
    is_generator,
    signature_of,
)
from .type_descriptors import check_text, describe_type, is_dataclass
from .values import encode_value

# The order in which they are written; what is not said is left out.
_MEMBERS = (
    "name type nullable role axes dtypes items choices minimum maximum step unit label direction required default "
    "description"
).split()
_TEXT_OPTIONS = ("name", "title", "output", "menu", "version")
_SWITCHES = ("idempotent", "gpu")
_OPTIONS = (*_TEXT_OPTIONS, *_SWITCHES, "grace", "memory")
_WITHOUT_DEFAULT = ("array", "table", "shapes")


class Described(NamedTuple):
    """A parameter or output.

    ``annotation`` is the Python type that arguments are converted to; ``private`` tells that it was declared
    ``Writable``: the op wants a copy of its own.
    """

    descriptor: dict[str, Any]
    annotation: Any
    private: bool = False


class Description(NamedTuple):
    """An op: its descriptor and the parameters and outputs that the descriptor was made of.

    ``mutable_defaults`` are those that a call could change for the next one.
    """

    descriptor: dict[str, Any]
    inputs: list[Described]
    outputs: list[Described]
    mutable_defaults: Mapping[str, Any] = MappingProxyType({})


def describe(declaration: Declaration, file: str, mistakes: list[Mistake]) -> Optional[Description]:
    """The description of an op, or None when its signature has mistakes, which are then appended to ``mistakes``."""
    problems: list[Problem] = []
    description = _describe(declaration, problems)
    if not problems:
        return description
    op_line = line_of(declaration, file)
    lines = lines_of(op_line, file)
    name = declaration.name if declaration.name.isprintable() else repr(declaration.name)
    mistakes += [
        Mistake(file, lines.get(problem.place, op_line), f"{name}: {problem.message}", problem.hint)
        for problem in problems
    ]
    return None


def line_of(declaration: Declaration, file: str) -> int:
    """The line of the file on which the op, with its decorators, begins."""
    code = getattr(below_decorators(declaration.function), "__code__", None)
    # Before Python 3.11 the decorator that runs does not know its own line but that of the def.
    return code.co_firstlineno if code is not None and code.co_filename == file else declaration.line


def _describe(declaration: Declaration, problems: list[Problem]) -> Optional[Description]:
    function, options = declaration.function, declaration.options
    problems += _problems_of_options(options)
    try:
        _check_kind(function)
    except Problem as problem:
        problems.append(problem)
        return None
    signature = signature_of(function)
    texts = read_docstring(docstring_of(function), [parameter.name for parameter in signature.parameters])
    names = getattr(below_decorators(function), "__globals__", {})
    inputs = [
        found
        for parameter in signature.parameters
        if (found := _input(parameter, names, texts.of.get(parameter.name), problems))
    ]
    outputs = _outputs(declaration, signature, names, texts, problems)
    form = _form(inputs, outputs, problems)
    if problems:
        return None
    name = declaration.name
    descriptor: dict[str, Any] = {
        "name": name,
        "title": options.get("title") or name[:1].upper() + name[1:].replace("_", " "),
        "description": texts.summary,
        "form": form,
        "inputs": [found.descriptor for found in inputs],
        "outputs": [found.descriptor for found in outputs],
        **({} if options.get("idempotent") is None else {"idempotent": options["idempotent"]}),
        "gpu": bool(options.get("gpu", False)),
    }
    for option in ("version", "menu", "grace", "memory"):
        if options.get(option) is not None:
            descriptor[option] = options[option]
    mutable = {
        parameter.name: parameter.default
        for parameter in signature.parameters
        if isinstance(parameter.default, (list, dict, bytearray))
    }
    return Description(descriptor, inputs, outputs, mutable)


def _problems_of_options(options: dict[str, Any]) -> list[Problem]:
    problems = []
    for name, value in options.items():
        try:
            if name not in _OPTIONS:
                raise Problem(f"@op has no option {name}", "one of " + ", ".join(_OPTIONS))
            if value is not None:
                _check_option(name, value)
        except Problem as problem:
            problem.place = f"@{name}"
            problems.append(problem)
    return problems


def _check_option(name: str, value: Any) -> None:
    given = f"@op was given {name}={value!r}"
    if name in _SWITCHES:
        if not isinstance(value, bool):
            raise Problem(given, "give True or False")
    elif name == "grace":
        if not is_finite(value) or value < 0:
            raise Problem(given, "give a number of seconds, 0 or more")
    elif name == "memory":
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise Problem(given, "give a number of bytes as an int: 2 * 1024**3")
    else:
        check_text(value, f"@op was given {name}, which")
        if name == "name" and (not value.isprintable() or value != value.strip() or not value or ":" in value):
            raise Problem(given, "give a name without colons, and without blanks around it")
        if name == "output" and not value.isidentifier():
            raise Problem(given, "give a name as Python's variables have them")
        if name == "menu" and not all(part.strip() for part in value.split(">")):
            raise Problem(given, 'give a path with > between: "Segmentation>Cells"')


def _check_kind(function: Any) -> None:
    """Raises a Problem when there is something else below ``@op`` than a plain function."""
    bare = below_decorators(function)
    if isinstance(function, type):
        raise Problem("it is a class", "put @op above a function", f"class {function.__name__}")
    if isinstance(function, (staticmethod, classmethod, property)) or _is_method(bare):
        raise Problem("it is a method", "put @op above a function outside of classes")
    if not callable(function) or not hasattr(function, "__name__"):
        raise Problem(f"it is no function but {type(function).__name__}", "put @op above a def")
    if function.__name__ == "<lambda>":
        raise Problem("it is a lambda, which has no types", "write a def")
    if is_async(bare):
        raise Problem("it is async, but a worker runs one op at a time", "write a def, and asyncio.run(...) in it")
    if is_generator(bare):
        raise Problem("it yields, but an op returns once", "return a list; progress(...) tells what happens until then")


def _is_method(function: Any) -> bool:
    outer = getattr(function, "__qualname__", "").rpartition(".")[0]
    return bool(outer) and not outer.endswith("<locals>")


def _input(
    parameter: Parameter, names: dict[str, Any], text: Optional[str], problems: list[Problem]
) -> Optional[Described]:
    name = parameter.name
    try:
        if not parameter.is_named:
            raise Problem(f"parameter {name} has no fixed name", "name every parameter; no *, ** or /")
        if parameter.annotation is MISSING:
            raise Problem(f"parameter {name} has no type", f"write {name}: Image, {name}: float or the like")
        annotation = evaluate(parameter.annotation, names, name)
        descriptor = describe_type(annotation, f"parameter {name}")
        private = descriptor.pop("private", False)
        has_default = parameter.default is not MISSING
        if "direction" in descriptor:
            _check_written_to(descriptor, name, private, has_default)
        descriptor["required"] = not has_default
        if has_default:
            descriptor["default"] = _default(parameter.default, descriptor, name)
        if text:
            descriptor["description"] = text
        return Described(_ordered({"name": name, **descriptor}), annotation, private)
    except Problem as problem:
        problem.place = name
        problems.append(problem)
        return None


def _ordered(descriptor: dict[str, Any]) -> dict[str, Any]:
    ordered = {member: descriptor[member] for member in _MEMBERS if member in descriptor}
    if "items" in ordered:
        ordered["items"] = _ordered(ordered["items"])
    return ordered


def _check_written_to(descriptor: dict[str, Any], name: str, private: bool, has_default: bool) -> None:
    word = {"out": "Out", "inout": "InOut"}[descriptor["direction"]]
    if private:
        raise Problem(
            f"parameter {name} is {word} and Writable", f"{word} alone: the op writes to the host's own array"
        )
    if descriptor.get("nullable"):
        raise Problem(
            f"parameter {name} is {word} of an Optional", f"write {word}[...] of an array that is always there"
        )
    if has_default:
        raise Problem(f"parameter {name} is {word} and has a default", "remove the default: the host gives the array")


def _default(default: Any, descriptor: dict[str, Any], name: str) -> Any:
    if default is None:
        if not descriptor.get("nullable") and descriptor["type"] != "any":
            raise Problem(f"parameter {name} has the default None, but its type has no None", "write Optional[...]")
        return None
    if descriptor["type"] in _WITHOUT_DEFAULT:
        raise Problem(f"parameter {name} has {_shown(default)} as its default", "write Optional[...] = None")
    expected = mismatch(_plain(default), descriptor)
    if expected is not None:
        raise Problem(
            f"parameter {name} has the default {_shown(default)}, but must be {expected}", "change one of the two"
        )
    try:
        encoded = encode_value(default, name, None)
    except AlcoveError as error:
        problem = f"the default of parameter {name} cannot be sent: {error.data['type']}"
        raise Problem(problem, "use a plain value, or None") from None
    for text in _texts_in(encoded):
        check_text(text, f"parameter {name}: its default")
    return encoded


def _shown(default: Any) -> str:
    text = repr(default)
    return text if len(text) <= 100 else text[:97] + "..."


def _plain(default: Any) -> Any:
    """The default as a host would give it: an Enum's member by its name."""
    if isinstance(default, (list, tuple)):
        return [_plain(item) for item in default]
    return default.name if isinstance(default, enum.Enum) else default


def _texts_in(encoded: Any) -> list[str]:
    if isinstance(encoded, dict):
        return [text for item in encoded.items() for part in item for text in _texts_in(part)]
    if isinstance(encoded, list):
        return [text for item in encoded for text in _texts_in(item)]
    return [encoded] if isinstance(encoded, str) else []


def _outputs(
    declaration: Declaration, signature: Signature, names: dict[str, Any], texts: Texts, problems: list[Problem]
) -> list[Described]:
    chosen = declaration.options.get("output")
    try:
        if signature.result is MISSING:
            raise Problem("the result has no type", "write -> Labels, -> float, -> None or the like")
        annotation = evaluate(signature.result, names, "return")
        if annotation is type(None):
            if chosen is not None:
                hint = "remove it, or give the result a type"
                raise Problem("output names a result, but there is none", hint, "@output")
            return []
        fields = _fields(annotation)
        if fields is None:
            descriptor = _output_type(annotation, "output")
            name = chosen or _name_by_kind(descriptor)
            return [Described(_described(name, descriptor, texts.results.get(name) or texts.result), annotation)]
        if chosen is not None:
            problem = f"{annotation.__name__} names the outputs, and output names them again"
            raise Problem(problem, "remove output", "@output")
    except Problem as problem:
        problem.place = problem.place or "return"
        problems.append(problem)
        return []
    return _several_outputs(annotation, fields, texts, problems)


def _several_outputs(annotation: Any, fields: dict[str, Any], texts: Texts, problems: list[Problem]) -> list[Described]:
    told = {**read_docstring(docstring_of(annotation), list(fields)).of, **texts.results}
    outputs = []
    for name, field in fields.items():
        try:
            descriptor = _output_type(field, f"output {name}")
            outputs.append(Described(_described(name, descriptor, told.get(name)), field))
        except Problem as problem:
            problem.place = f"{annotation.__name__}.{name}"
            problems.append(problem)
    return outputs


def _output_type(annotation: Any, where: str) -> dict[str, Any]:
    descriptor = describe_type(annotation, where)
    if "direction" in descriptor or "private" in descriptor:
        raise Problem(f"{where}: Out, InOut and Writable are for parameters", "write the array's role alone: Image")
    return descriptor


def _described(name: str, descriptor: dict[str, Any], text: Optional[str]) -> dict[str, Any]:
    return _ordered({"name": name, **descriptor, **({"description": text} if text else {})})


def _name_by_kind(descriptor: dict[str, Any]) -> str:
    """The name of a single output that nobody named."""
    kind: str = descriptor.get("role", "array") if descriptor["type"] == "array" else descriptor["type"]
    return kind if descriptor["type"] in _WITHOUT_DEFAULT and kind != "array" else "result"


def _fields(annotation: Any) -> Optional[dict[str, Any]]:
    """Name and type of each field of a NamedTuple or dataclass, else None."""
    if not isinstance(annotation, type):
        return None
    is_tuple = issubclass(annotation, tuple) and hasattr(annotation, "_fields")
    if not is_tuple and not is_dataclass(annotation):
        return None
    try:
        hints = typing.get_type_hints(annotation, include_extras=True)
    except Exception as error:  # annotations are evaluated
        raise cannot_be_evaluated(error, vars(sys.modules[annotation.__module__]), "return") from None
    fields = getattr(annotation, "_fields", []) if is_tuple else _fields_of_dataclass(annotation)
    untyped = [name for name in fields if name not in hints]
    if untyped or not fields:
        raise Problem(
            f"{annotation.__name__} has " + (f"no type for {untyped[0]}" if untyped else "no fields"),
            "derive it from typing.NamedTuple, and give it fields with types",
        )
    return {name: hints[name] for name in fields}


def _fields_of_dataclass(annotation: type) -> list[str]:
    import dataclasses

    return [field.name for field in dataclasses.fields(annotation)]


def _form(inputs: list[Described], outputs: list[Described], problems: list[Problem]) -> str:
    directions = {found.descriptor.get("direction"): found.descriptor["name"] for found in inputs}
    if "out" in directions and "inout" in directions:
        problem = f"parameter {directions['out']} is Out, and {directions['inout']} is InOut"
        problems.append(Problem(problem, "fill arrays (Out) or change them (InOut): two ops", directions["inout"]))
    elif outputs and ("out" in directions or "inout" in directions):
        place = directions.get("out") or directions.get("inout")
        problems.append(
            Problem(
                f"parameter {place} is written to, and there is a result as well",
                "write -> None, or return everything and declare no Out or InOut",
                "return",
            )
        )
    return "computer" if "out" in directions else "inplace" if "inout" in directions else "function"
