"""Ops for what becomes of results: of small ones together, of views that are kept, of what is like an array."""

import gc
from typing import Annotated, Any, NamedTuple

import numpy

import alcove
from alcove import Array, Axes, Axis, Image, Labels, Mask, Points, Shapes, Table, Vectors, axes, op

KEPT: list[Any] = []


@op
def polygons(count: int) -> Shapes:
    return [{"type": "polygon", "vertices": numpy.full((3 + n % 50, 2), float(n))} for n in range(count)]


@op
def arrays_of(sizes: list[int]) -> list[Array]:
    return [numpy.full(size, index, "uint8") for index, size in enumerate(sizes)]


@op
def all_kinds() -> dict:
    """Small ones of every layout that must be copied."""
    return {
        "plain": numpy.arange(5, dtype="float32"),
        "big-endian": numpy.arange(5, dtype=">i4"),
        "fortran": numpy.asfortranarray(numpy.arange(6, dtype="complex128").reshape(2, 3)),
        "step": numpy.arange(20, dtype="int16")[::3],
        "scalar": numpy.array(2.5),
        "empty": numpy.zeros((0, 2)),
        "bool": numpy.array([[True, False]]),
        "named": alcove.set_axes(numpy.ones((2, 2), "uint8"), "y x"),
    }


class Two(NamedTuple):
    first: Image
    second: Points


@op
def two_outputs(image: Image) -> Two:
    return Two(image + 1, numpy.ones((2, 2)))


@op
def tables(count: int, rows: int) -> list[Table]:
    return [Table({"number": numpy.arange(rows), "area": numpy.full(rows, float(n))}) for n in range(count)]


@op
def unsendable_after_small() -> list[Any]:
    return [numpy.ones(5), {1}]


# Views that only a circle holds


@op
def in_a_circle(array: Array) -> float:
    """As an exception does that is kept with its traceback, whose frames have the array."""
    circle: list[Any] = [array[1:]]
    circle.append(circle)
    return float(circle[0].sum())


@op
def caught(array: Array) -> str:
    try:
        raise ValueError(f"about {array.size} elements")
    except ValueError as error:
        kept = error  # the exception has a traceback, that this frame, and this the exception
    return str(kept)


@op
def own_in_a_circle(size: int) -> None:
    circle: list[Any] = [alcove.empty(size, "uint8")]
    circle.append(circle)


@op
def without_collector(enabled: bool) -> int:
    """Whether garbage is looked for by itself; the number of searches for all of it that there were."""
    (gc.enable if enabled else gc.disable)()
    return gc.get_stats()[2]["collections"]


@op
def keep_all(array: Array) -> None:
    KEPT.append(array[1:])


@op
def keep_what(array: Array, way: str) -> None:
    """Keeps the array's memory by another way than as an ndarray."""
    import ctypes

    if way == "memoryview":
        KEPT.append(memoryview(array))
    elif way == "dlpack":
        KEPT.append(numpy.from_dlpack(array))
    elif way == "capsule":
        KEPT.append(array.__dlpack__())
    elif way == "ctypes":
        KEPT.append((ctypes.c_uint8 * array.nbytes).from_buffer(array))
    elif way == "bytes":
        KEPT.append(memoryview(array).cast("B")[3:])
    elif way == "xarray":
        KEPT.append(alcove.to_xarray(array))


@op
def drop() -> None:
    KEPT.clear()


@op
def seen_by_others(array: Array) -> dict:
    """What the buffer protocol and DLPack tell of an array: addresses, and whether it may be written to."""
    import ctypes

    view = memoryview(array)
    found: dict[str, Any] = {"flags": array.flags.writeable, "buffer": not view.readonly, "own": array.flags.owndata}
    address = array.__array_interface__["data"][0]
    found["same"] = numpy.asarray(view).__array_interface__["data"][0] == address
    try:
        there = numpy.from_dlpack(array)
    except (BufferError, TypeError) as error:  # before its version 2.1 numpy lends no read-only memory
        found["dlpack"] = str(error)
    else:
        found["dlpack"] = there.flags.writeable
        found["same"] = found["same"] and there.__array_interface__["data"][0] == address
    if array.flags.writeable:
        (ctypes.c_uint8 * array.nbytes).from_buffer(array)[0] = 9
    return found


@op
def numpy_version() -> list[int]:
    return [int(part) for part in numpy.__version__.split(".")[:2]]


# Axes of views


@op
def crop(image: Image) -> Image:
    return image[1:, ::2]


@op
def parts(image: Array) -> dict:
    return {"row": image[1], "turned": image.T, "inner": [image[1:, 1:], image[::-1]], "copy": image.copy()}


@op
def mirrored(image: Image) -> Image:
    return image[::-1]


@op
def turned(image: Image) -> Image:
    return numpy.rot90(image)


# Labelled arrays


@op
def labelled(image: Image) -> Image:
    return alcove.to_xarray(image)


@op
def what_xarray_sees(image: Annotated[Image, Axes("z? y x")]) -> dict:
    seen = alcove.to_xarray(image)
    return {
        "dims": list(seen.dims),
        "coords": {name: seen[name].values.tolist() for name in seen.coords},
        "units": {name: seen[name].attrs.get("units") for name in seen.coords},
        "same": numpy.shares_memory(seen.data, image),
        "sum": float(seen.sum()),
    }


@op
def labelled_in_block(shape: list[int]) -> Image:
    made = alcove.to_xarray(alcove.set_axes(alcove.empty(shape, "uint16"), (Axis("y", unit="micrometer"), Axis("x"))))
    made[...] = 3
    return made


@op
def labelled_everywhere(image: Image) -> dict:
    seen = alcove.to_xarray(image)
    return {"list": [seen[1:]], "table": Table({"a": seen[0]}), "nested": {"deep": (seen.isel(x=0),)}}


@op
def labelled_labels(image: Image) -> Labels:
    return alcove.to_xarray(image).astype("int32")


@op
def labelled_mask(image: Image) -> Mask:
    return alcove.to_xarray(image) > 2


@op
def labelled_vectors() -> Vectors:
    import xarray

    return xarray.DataArray(numpy.zeros((3, 2, 2), "float32"))


@op
def with_coordinates(values: list[Any]) -> Array:
    import xarray

    return xarray.DataArray(numpy.zeros(len(values)), [("x", values, {"units": "second"})])


@op
def plain_data_array() -> Image:
    import xarray

    return xarray.DataArray(numpy.ones((2, 2)))


class Tensor:
    """Of another library."""

    def __array__(self) -> Any:
        raise TypeError("call .numpy() first")


Tensor.__module__ = "torch"


@op
def tensor() -> Image:
    return Tensor()


@op
def tensor_within() -> list[Any]:
    return [Tensor()]


@op
def known_axes(image: Array) -> Any:
    found = axes(image)
    return None if found is None else [tuple(axis) for axis in found]


# One array in several places


@op
def pass_on(values: list[Any]) -> list[Any]:
    return values


@op
def by_other_ways(array: Array) -> dict:
    """Views of the array that do not have it, nor its block, as their base."""
    import ctypes

    ways = {"memoryview": numpy.asarray(memoryview(array)), "record": array.view(numpy.recarray)}
    if array.flags.writeable:
        ways["dlpack"] = numpy.from_dlpack(array)
        ways["ctypes"] = numpy.ctypeslib.as_array((ctypes.c_uint8 * array.nbytes).from_buffer(array))
    return ways


@op
def last_kept() -> Array:
    return KEPT[-1]


@op
def layouts(array: Array) -> dict:
    double, back = [2 * size for size in array.shape], (..., *[slice(None, None, -1)] * array.ndim)
    padded = numpy.zeros(double, array.dtype)[(..., *[slice(None, None, 2)] * array.ndim)]
    padded[...] = array
    shared = alcove.empty(array.shape, array.dtype)
    shared[...] = array
    return {
        "same": array,
        "view": array[...],
        "copy": array.copy(),
        "fortran": numpy.array(array, order="F"),
        "swapped": array.astype(array.dtype.newbyteorder()),
        "padded": padded,
        "turned": array.T,
        "shared": shared,
        "reversed": array[back].copy()[back],
    }


@op
def label_named_columns() -> Any:
    import xarray

    return xarray.DataArray(numpy.zeros(2), dims="x", coords={"columns": ("x", [1, 2])})


class Lazy:
    """What numpy makes an array of."""

    def __array__(self) -> Any:
        return numpy.ones(3)


@op
def lazy() -> Any:
    return Lazy()


class Above(NamedTuple):
    seen: list[int]
    result: Annotated[Image, Axes("z y x")]
    part: Array


@op
def above(image: Annotated[Image, Axes("z y x")], places: list[int]) -> Above:
    result = alcove.empty(image.shape, image.dtype)
    flat, pixels = result.reshape(-1), image.reshape(-1)
    for place in places:
        flat[place] = pixels[place] + 1
    return Above([int(pixels[place]) for place in places], result, image[4:])


@op
def be_idle_after(seconds: float) -> None:
    """Instead of a minute."""
    import alcove.server

    alcove.server._IDLE_SECONDS = seconds
