"""Keeping what is expensive to make, a model say, between the calls of an op."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar, Union, overload

if TYPE_CHECKING:
    from typing import ParamSpec, Protocol

    Parameters = ParamSpec("Parameters")
    Result = TypeVar("Result", covariant=True)

    class Cached(Protocol[Parameters, Result]):
        """A function whose results are kept."""

        def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result: ...

        def clear(self) -> None:
            """Forgets all results."""


@overload
def cached(function: Callable[Parameters, Result]) -> Cached[Parameters, Result]: ...


@overload
def cached(*, size: int = 1) -> Callable[[Callable[Parameters, Result]], Cached[Parameters, Result]]: ...


def cached(function: Optional[Callable[..., Any]] = None, *, size: int = 1) -> Union[Any, Callable[..., Any]]:
    """Keeps what a function returned, in this worker, and returns it again for the same arguments.

    The result that was not used for longest is dropped before another is made, so never more than ``size`` are in
    memory. Threads that want the same wait for the one that makes it. ``clear()`` of the decorated function forgets
    everything.

    Args:
        function: the function, when the decorator is used without parentheses. Its arguments must be hashable: names,
            numbers, paths, tuples of these.
        size: how many results are kept, 1 or more.

    Raises:
        TypeError: in a call, when an argument is not hashable, as arrays, lists and dictionaries are not.
        ValueError: when the size is no integer from 1.
    """
    if not isinstance(size, int) or size < 1:
        raise ValueError(f"@cached keeps at least one result, not {size!r}")

    def decorate(made: Callable[..., Any]) -> Any:
        results: OrderedDict[Any, Any] = OrderedDict()
        lock = threading.RLock()

        @functools.wraps(made)
        def remembered(*args: Any, **kwargs: Any) -> Any:
            key = (args, tuple(sorted(kwargs.items())))
            _require_hashable(made, args, kwargs)
            with lock:
                if key in results:
                    results.move_to_end(key)
                    return results[key]
                _drop_oldest(results, size - 1)  # now, not then: two models may be more than the memory holds
                results[key] = result = made(*args, **kwargs)
                _drop_oldest(results, size)  # it may have called itself
                return result

        remembered.clear = results.clear  # type: ignore[attr-defined]
        return remembered

    return decorate if function is None else decorate(function)


def _drop_oldest(results: OrderedDict[Any, Any], size: int) -> None:
    while len(results) > size:
        results.popitem(last=False)


def _require_hashable(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    for value in (*args, *kwargs.values()):
        try:
            hash(value)
        except TypeError:
            raise TypeError(
                f"{function.__name__} is cached, and {type(value).__name__} is nothing to remember a result by: "
                "give it what the result depends on as names, numbers or tuples"
            ) from None
