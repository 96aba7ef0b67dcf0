"""``alcove.axes`` of views: told from memory alone, and never wrongly."""

from __future__ import annotations

import gc
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcove import Axis, axes, set_axes
from alcove.array_axes import given_axes, remember_axes

Z, Y, X = Axis("z", unit="micrometer", scale=2.0, translation=1.0), Axis("y", scale=0.5), Axis("x", translation=-3.0)


def volume() -> Any:
    """z y x, 4 x 5 x 6."""
    return set_axes(numpy.arange(120, dtype="uint16").reshape(4, 5, 6), (Z, Y, X))


def test_slices_move_and_stretch_their_axes() -> None:
    image = volume()
    assert axes(image) == (Z, Y, X)
    assert axes(image[:]) == (Z, Y, X)
    assert axes(image[1:, :, 2:4]) == (Z._replace(translation=3.0), Y, X._replace(translation=-1.0))
    assert axes(image[::2, 1::3]) == (Z._replace(scale=4.0), Axis("y", scale=1.5, translation=0.5), X)
    assert axes(image[::-1]) == (Z._replace(scale=-2.0, translation=7.0), Y, X)
    assert axes(image[:, :, 4::-2]) == (Z, Y, X._replace(scale=-2.0, translation=1.0))
    twice = (Z._replace(translation=5.0), Axis("y", scale=1.0, translation=1.0), X)
    assert axes(image[1:4][:, 2:][1:, ::2]) == twice


def test_an_axis_that_is_indexed_by_a_number_is_gone() -> None:
    image = volume()
    assert axes(image[2]) == (Y, X)
    assert axes(image[:, -1, 1:]) == (Z, X._replace(translation=-2.0))
    assert axes(image[1, 2]) == (X,)
    assert axes(image[1, 2, 3, ...]) == ()


def test_turned_and_mirrored() -> None:
    image = volume()
    assert axes(image.T) == (X, Y, Z)
    assert axes(image.transpose(1, 0, 2)[::2]) == (Y._replace(scale=1.0), Z, X)
    assert axes(numpy.rot90(image, axes=(1, 2))) == (Z, X._replace(scale=-1.0, translation=2.0), Y)
    assert axes(numpy.moveaxis(image[..., 3:], 0, -1)) == (Y, X._replace(translation=0.0), Z)


def test_what_cannot_be_told_is_not_guessed() -> None:
    image = volume()
    for view in (
        image.reshape(20, 6),
        image.reshape(4, 5, 3, 2),
        image.reshape(2, 2, 5, 6),
        image.ravel(),
        image[:, None],
        image[..., None],
        image[1:2, 3],  # z, or y in steps of five
        image[:0],
        image.view("uint8"),
        numpy.broadcast_to(image[0], (4, 5, 6))[:, 1:],
        numpy.lib.stride_tricks.sliding_window_view(image, 2, axis=0),
        image.diagonal(),
    ):
        assert axes(view) is None
    assert axes(image.copy()) is None
    assert axes(image[1:] + 1) is None
    assert axes(image[[0, 2]]) is None


def test_where_elements_are_shared_nothing_is_told() -> None:
    """The second window begins where the first has its second element."""
    windows = set_axes(numpy.lib.stride_tricks.sliding_window_view(numpy.arange(6), 2), "place within")
    assert axes(windows[1]) is None
    spread = set_axes(numpy.broadcast_to(numpy.arange(3), (4, 3)), "y x")
    assert axes(spread[1:]) is None


def test_axes_of_one_element() -> None:
    single = set_axes(numpy.zeros((1, 1, 5, 6)), "t c y x")
    assert [axis.name for axis in axes(single[..., 1:]) or ()] == ["t", "c", "y", "x"]
    assert axes(single[0]) is None  # t or c
    assert [axis.name for axis in axes(single[0, 0]) or ()] == ["y", "x"]
    image = volume()
    assert axes(image[1:2]) == (Z._replace(translation=3.0), Y, X)
    assert axes(image[:, 3:4]) == (Z, Y._replace(translation=1.5), X)
    one = (Z._replace(translation=3.0), Y._replace(translation=1.5), X._replace(translation=-1.0))
    assert axes(image[1:2, 3:4, 2:3]) == one
    assert axes(image[2:3].T) == (X, Y, Z._replace(translation=5.0))


def test_parts_of_complex_numbers_lie_where_these_do() -> None:
    image = set_axes(numpy.zeros((4, 5), "complex128"), (Y, X))
    assert axes(image.real[1:]) == (Y._replace(translation=0.5), X)
    assert axes(image.imag) == (Y, X)


def test_views_by_other_ways() -> None:
    image = volume()
    assert axes(numpy.asarray(memoryview(image))) == (Z, Y, X)
    assert axes(numpy.from_dlpack(image)[1:]) == (Z._replace(translation=3.0), Y, X)
    assert axes(image.view(numpy.recarray)[:, 1:]) is not None
    assert axes(image.view("int16")) == (Z, Y, X)


def test_the_innermost_and_latest_names_count() -> None:
    whole = numpy.zeros((4, 5, 6))
    part = set_axes(whole[1:], "t y x")
    assert axes(whole) is None
    set_axes(whole, "z y x")
    assert [axis.name for axis in axes(part[:, 1:]) or ()] == ["t", "y", "x"]
    assert [axis.name for axis in axes(whole[:, 1:]) or ()] == ["z", "y", "x"]
    again = set_axes(whole[:], "c y x")
    assert [axis.name for axis in axes(whole[::2]) or ()] == ["c", "y", "x"]
    del again
    assert [axis.name for axis in axes(whole[::2]) or ()] == ["z", "y", "x"]
    del part, whole


def test_an_array_without_names_does_not_borrow_those_of_another() -> None:
    whole = volume()
    nameless = remember_axes(whole[:], None)
    assert axes(nameless) is None
    assert axes(nameless[1:]) is None
    del nameless
    assert axes(whole[1:]) is not None


def test_only_an_arrays_own_axes() -> None:
    image = volume()
    assert given_axes(image) == (Z, Y, X)
    assert given_axes(image[1:]) is None


def test_what_is_gone_is_not_remembered() -> None:
    image = volume()
    view = image[1:]
    part = set_axes(image[1:], "t y x")
    del image
    gc.collect()
    assert axes(view) is not None  # the owner of the memory lives as long as a view of it
    del part
    again = view.base[1:]
    assert axes(again) == axes(view)


@st.composite
def layouts(draw: st.DrawFn) -> Any:
    """An array with axes, of any layout in which no two elements are one."""
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    steps = draw(st.lists(st.integers(1, 2), min_size=len(shape), max_size=len(shape)))
    order = draw(st.permutations(range(len(shape))))
    whole = numpy.zeros([size * step for size, step in zip(shape, steps, strict=True)], "int32")
    array = whole[tuple(slice(None, None, step) for step in steps)]
    array = array[tuple(slice(None, None, draw(st.sampled_from([1, -1]))) for _ in shape)].transpose(order)
    names = [Axis(f"a{index}", scale=1.0 + index, translation=10.0 * index) for index in range(array.ndim)]
    return set_axes(array, names)


def indices(size: int) -> st.SearchStrategy[Any]:
    bound = st.none() | st.integers(-size, size)
    step = st.none() | st.integers(-3, 3).filter(bool)
    return st.integers(-size, size - 1) | st.builds(slice, bound, bound, step) | st.just(slice(None))


@given(st.data())
def test_never_wrong(data: st.DataObject) -> None:
    """Whatever slices and numbers a view is made with, its axes are right, or None; None only where it must be."""
    array = data.draw(layouts())
    index = tuple(data.draw(indices(size)) for size in array.shape)
    view = array[(*index, ...)]
    true = []
    for axis, size, part in zip(axes(array) or (), array.shape, index, strict=True):
        if isinstance(part, slice):
            start, _, step = part.indices(size)
            true.append(axis._replace(scale=axis.scale * step, translation=axis.translation + axis.scale * start))
    # Two axes of one element each are taken to be in order: nothing tells which is which.
    order = data.draw(st.permutations(range(view.ndim)) if view.shape.count(1) < 2 else st.just(range(view.ndim)))
    view, true = view.transpose(order), [true[place] for place in order]
    found = axes(view)
    if found is None:
        assert view.size == 0 or 1 in view.shape
        return
    assert [axis.name for axis in found] == [axis.name for axis in true]
    for axis, expected, size in zip(found, true, view.shape, strict=True):
        assert axis.translation == pytest.approx(expected.translation)
        if size > 1:
            assert axis.scale == pytest.approx(expected.scale)
