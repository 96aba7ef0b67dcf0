"""Functions that are more than a plain def, and are ops all the same."""

import functools
from typing import Callable, TypeVar

from alcove import Image, op

Function = TypeVar("Function", bound=Callable[..., object])


def twice(function: Function) -> Function:
    @functools.wraps(function)
    def wrapper(*arguments: object, **named: object) -> object:
        function(*arguments, **named)
        return function(*arguments, **named)

    return wrapper  # type: ignore[return-value]


@op
@twice
def wrapped(image: Image, sigma: float = 1.0) -> Image:
    """Shows its own signature.

    sigma: is told by the function itself
    """
    return image * sigma


@op
@functools.cache
def remembered(number: int = 3) -> int:
    return number**2


@op
def keywords_only(*, image: Image, sigma: float = 1.0) -> Image:
    return image * sigma


@op
def a_default_before(first: int = 1, *, second: int, third: int = 3) -> int:
    return first + second + third
