import datetime
import pathlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypedDict, TypeVar, Union

from alcove import Shape, op


class Options(TypedDict):
    size: int


class Found(NamedTuple):
    size: int


Anything = TypeVar("Anything")


@op
def unknown(
    everything: object,
    pair: tuple[int, int],
    names: set[str],
    items: list[frozenset],
    day: datetime.datetime,
    seconds: datetime.timedelta,
    folder: pathlib.PurePath,
    function: Callable[[int], int],
    many: Iterable[int],
    options: Options,
    either: Union[int, str],
    one_of_three: Union[int, str, None],
    variable: Anything,
    constant: 5,
    none: None,
    shapes: list[Shape],
    by_number: dict[int, str],
    found: Found,
) -> Iterator[Any]:
    return []


@op
def pair_of_results() -> tuple[int, int]:
    return 1, 2


@op
def options_as_result() -> Options:
    return {"size": 1}
