"""Declaring ops: the decorator, which leaves the function a plain function."""

from __future__ import annotations

import sys
from typing import Any, Callable, Optional, TypeVar, Union, overload

Function = TypeVar("Function", bound=Callable[..., Any])


class Declaration:
    """What ``@op`` was told about a function; its signature is read when the file is loaded."""

    def __init__(self, function: Callable[..., Any], line: int, options: dict[str, Any]) -> None:
        self.function = function
        self.line = line
        self.options = options

    @property
    def name(self) -> str:
        """The op's name: the function's unless ``@op(name=...)`` says otherwise."""
        function = getattr(self.function, "__func__", self.function)  # in Python 3.9 a staticmethod has no name
        return str(self.options.get("name") or getattr(function, "__name__", "?"))


# By module name. A list, not a dictionary by op name: two ops of one name are a mistake to be reported.
declarations: dict[str, list[Declaration]] = {}


@overload
def op(function: Function) -> Function: ...


@overload
def op(
    *,
    name: Optional[str] = None,
    title: Optional[str] = None,
    output: Optional[str] = None,
    menu: Optional[str] = None,
    version: Optional[str] = None,
    idempotent: Optional[bool] = None,
    gpu: bool = False,
    grace: Optional[float] = None,
    memory: Optional[int] = None,
) -> Callable[[Function], Function]: ...


def op(function: Optional[Function] = None, **options: Any) -> Union[Function, Callable[[Function], Function]]:
    """Declares a function as an op. The function itself stays what it is: callable and testable without any host.

    Args:
        function: the function, when the decorator is used without parentheses.
        options: ``name`` (default: the function's), ``title`` for menus, ``output`` (the name of a single output),
            ``menu`` ("Segmentation>Cells"), ``version``, ``idempotent`` (whether a host may run it again after its
            worker crashed; unsaid, a batch does so and a single call is not repeated), ``gpu`` (one worker at a time by
            default), ``grace`` (seconds that a cancelled call is given before its worker is killed), ``memory`` (bytes
            that one call needs).
    """

    if isinstance(function, str):
        raise TypeError(f'write @op(name="{function}")')

    def declare(declared: Function) -> Function:
        frame = sys._getframe(1 if function is None else 2)
        # What has no name is no function, and its module is not where it was declared.
        module = getattr(declared, "__module__", None) if hasattr(declared, "__name__") else None
        found = declarations.setdefault(module or frame.f_globals["__name__"], [])
        found.append(Declaration(declared, frame.f_lineno, options))
        return declared

    return declare if function is None else declare(function)
