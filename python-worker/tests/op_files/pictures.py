"""Ops on arrays."""

import multiprocessing
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import numpy

import alcove
from alcove import Array, Axes, Axis, DTypes, Image, Labels, Points, axes, op, progress

KEPT: list[Any] = []


@op
def describe_array(array: Array) -> dict:
    """What the op sees: the address is that of memory in this process."""
    found = axes(array)
    return {
        "dtype": array.dtype.str,
        "shape": array.shape,
        "writable": array.flags.writeable,
        "contiguous": array.flags.c_contiguous,
        "address": array.__array_interface__["data"][0],
        "sum": array.sum() if array.size else 0,
        "axes": None if found is None else [tuple(axis) for axis in found],
    }


@op
def mappings() -> list:
    """Start, end and path of every mapped file."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        lines = [line.split(maxsplit=5) for line in maps]
    return [[*(int(end, 16) for end in line[0].split("-")), line[5].strip()] for line in lines if len(line) == 6]


@op
def same(array: Array) -> Array:
    return array


@op
def twice(array: Array) -> list:
    return [array, array[1:]]


@op
def part(array: Array, start: int, stop: int) -> Array:
    return array[start:stop]


@op
def transposed(array: Array) -> Array:
    return array.T


@op
def double(array: Array) -> Array:
    return array + array


@op
def write_to(array: Array) -> None:
    array[...] = 7


@op
def write_to_two(first: Array, second: Array) -> None:
    first[...] = second


@op
def make(shape: list[int], dtype: str, value: complex = 0) -> Array:
    return numpy.full(shape, value if dtype.lstrip("<>").startswith("c") else value.real, dtype)


@op
def make_shared(shape: list[int], dtype: str, value: float = 0) -> Array:
    array = alcove.empty(shape, dtype)
    array[...] = value
    return array


@op
def make_two_in_one(count: int) -> dict:
    array = alcove.empty(2 * count, "uint8")
    array[:count], array[count:] = 1, 2
    return {"first": array[:count], "second": array[count:]}


@op
def make_subclass() -> Array:
    class Named(numpy.ndarray):
        pass

    return numpy.arange(3).view(Named)


@op
def make_then_fail(size: int) -> Any:
    return {"array": alcove.empty(size, "uint8"), "other": {1}}


@op
def hold_several(sizes: list[int]) -> int:
    arrays = [alcove.empty(size, "uint8") for size in sizes]
    for array in arrays:
        array[...] = 1
    return sum(array.sum() for array in arrays)


@op
def keep(array: Array) -> None:
    KEPT.append(array[1:])


@op
def keep_two(first: Array, second: Array) -> None:
    KEPT.extend([first, second])


@op
def keep_and_fail(array: Array) -> None:
    KEPT.append(array)
    raise ValueError("kept it")


@op
def fail_with_array(array: Array) -> None:
    doubled = array * 2
    raise ValueError(f"nothing is kept by this traceback: {doubled.sum()}")


@op
def sum_of_kept() -> int:
    return sum(int(array.sum()) for array in KEPT)


@op
def drop_kept() -> None:
    KEPT.clear()


def _filled(size: int) -> int:
    array = alcove.empty(size, "uint8")
    array[...] = 1
    return int(array.sum())


@op
def make_in_children(size: int) -> Array:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        total = sum(pool.map(_filled, [size] * 4))
    array = alcove.empty(size, "int64")
    array[...] = total
    return array


# What the adaptation is for


@op
def plane(image: Image) -> Image:
    """An op that knows nothing but y and x."""
    assert image.ndim == 2
    return image * 2


@op
def plane_shape(image: Image) -> list[int]:
    return list(image.shape)


@op
def label_plane(image: Image) -> Labels:
    progress(0.5, "labelling")
    return (image > image.mean()).astype("uint8")


@op
def flipped(image: Annotated[Image, Axes("x y")]) -> Annotated[Image, Axes("x y")]:
    return image


@op
def stack(image: Annotated[Image, Axes("c? z? y x")]) -> dict:
    found = axes(image)
    return {
        "axes": [tuple(axis) for axis in found or ()],
        "shape": image.shape,
        "address": image.__array_interface__["data"][0],
        "base": image.base is not None,
    }


@op
def volume(image: Annotated[Image, Axes("z y x")]) -> Annotated[Labels, Axes("z y x")]:
    return numpy.zeros(image.shape, "int32")


@op
def projection(image: Annotated[Image, Axes("z y x")]) -> Image:
    return image.max(axis=0)


@op
def masked(image: Image, other: Image) -> Image:
    return image + other


@op
def centre(image: Image) -> Points:
    return numpy.array([[(size - 1) / 2 for size in image.shape]])


@op
def mean(image: Image) -> float:
    return float(image.mean())


class Both(NamedTuple):
    labels: Labels
    count: int


@op
def both(image: Image) -> Both:
    return Both(image.astype("uint8"), int(image.max()))


@op
def own_axes(image: Image) -> Image:
    return alcove.set_axes(image[:, :1].copy(), (Axis("y", unit="metre", scale=2), Axis("x", scale=3)))


@op
def odd_sizes(image: Image) -> Image:
    return image[: int(image.max())]


@op
def only_bytes(image: Annotated[Image, DTypes("uint8 uint16")]) -> Image | None:
    return None


@op
def return_nothing(image: Image) -> Labels:
    return None


@op
def return_a_number(image: Image) -> Labels:
    return image.mean()


@op
def return_a_list(image: Image) -> Labels:
    return [1, 2]


@op
def return_too_few(image: Image) -> Both:
    return (image,)


@dataclass
class Pair:
    labels: Labels
    count: int


@op
def return_dataclass(image: Image) -> Pair:
    return Pair(image.astype("uint8"), 1)


@op
def return_plain_tuple(image: Image) -> Both:
    return image.astype("uint8"), 2  # type: ignore[return-value]
