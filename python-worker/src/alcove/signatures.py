"""What a function says of itself: its signature, its docstring, what kind of function it is.

Of a plain function, as most ops are, it is told from its code: to import ``inspect`` takes longer than to load an op
file. Of any other ``inspect`` tells it, and this module says the same of a plain one.
"""

from __future__ import annotations

import sys
import types
from typing import Any, NamedTuple, Optional

MISSING: Any = object()
"""Stands for an annotation or a default that is not there."""

# Flags of code, as the language defines them.
_VARARGS, _VARKEYWORDS, _GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x04, 0x08, 0x20, 0x80, 0x200


class Parameter(NamedTuple):
    """A parameter; ``is_named`` tells whether callers can give it by its name."""

    name: str
    annotation: Any
    default: Any
    is_named: bool


class Signature(NamedTuple):
    """The parameters in order, and the annotation of the result."""

    parameters: list[Parameter]
    result: Any


def signature_of(function: Any) -> Signature:
    """The signature of a function, or of whatever passes for one."""
    if _is_plain(function) and sys.version_info < (3, 14):  # where annotations must be asked for as texts first
        return _signature_of_plain(function)
    import inspect

    if sys.version_info >= (3, 14):  # annotations are evaluated only now, and ``evaluate`` tells what is wrong
        import annotationlib

        told = inspect.signature(function, annotation_format=annotationlib.Format.FORWARDREF)
    else:
        told = inspect.signature(function)

    def known(value: Any) -> Any:
        return MISSING if value is inspect.Signature.empty else value

    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = [
        Parameter(name, known(parameter.annotation), known(parameter.default), parameter.kind in named)
        for name, parameter in told.parameters.items()
    ]
    return Signature(parameters, known(told.return_annotation))


def _signature_of_plain(function: types.FunctionType) -> Signature:
    code, annotations = function.__code__, function.__annotations__
    positional = code.co_varnames[: code.co_argcount]
    by_name = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    others = iter(code.co_varnames[code.co_argcount + code.co_kwonlyargcount :])
    given = function.__defaults__ or ()
    defaults = {**dict(zip(positional[len(positional) - len(given) :], given)), **(function.__kwdefaults__ or {})}

    def parameter(name: str, is_named: bool) -> Parameter:
        return Parameter(name, annotations.get(name, MISSING), defaults.get(name, MISSING), is_named)

    parameters = [parameter(name, index >= code.co_posonlyargcount) for index, name in enumerate(positional)]
    if code.co_flags & _VARARGS:
        parameters.append(parameter(next(others), False))
    parameters += [parameter(name, True) for name in by_name]
    if code.co_flags & _VARKEYWORDS:
        parameters.append(parameter(next(others), False))
    return Signature(parameters, annotations.get("return", MISSING))


def below_decorators(function: Any) -> Any:
    """The function below its decorators, which is the one that the author has written."""
    function = getattr(function, "__func__", function)  # in Python 3.9 a staticmethod wraps nothing
    if _is_plain(function):
        return function
    import inspect

    try:
        return inspect.unwrap(function)
    except ValueError:  # it wraps itself
        return function


def is_async(function: Any) -> bool:
    """Whether its call gives something to await, or to iterate over while awaiting."""
    if _is_plain(function):
        return bool(function.__code__.co_flags & (_COROUTINE | _ASYNC_GENERATOR))
    import inspect

    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def is_generator(function: Any) -> bool:
    """Whether it yields."""
    if _is_plain(function):
        return bool(function.__code__.co_flags & _GENERATOR)
    import inspect

    return inspect.isgeneratorfunction(function)


def docstring_of(documented: Any) -> Optional[str]:
    """The docstring, without the indentation that all its lines but the first have in common."""
    if not _is_plain(documented):
        import inspect

        return inspect.getdoc(documented)
    if not isinstance(documented.__doc__, str):
        return None
    first, *lines = documented.__doc__.expandtabs().split("\n")
    indentation = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    text = [first.lstrip(), *(line[indentation:] for line in lines)]
    while text and not text[-1]:
        text.pop()
    while text and not text[0]:
        text.pop(0)
    return "\n".join(text)


def _is_plain(function: Any) -> bool:
    """Whether it is what a def makes, and no decorator has said anything else about it."""
    return type(function) is types.FunctionType and not function.__dict__
