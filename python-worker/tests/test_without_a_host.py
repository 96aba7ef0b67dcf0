"""An op is a plain function: everything that op authors import works without any host."""

from __future__ import annotations

from typing import Annotated, get_args

import numpy
import pytest

import alcove
from alcove import (
    Axes,
    Axis,
    Cancelled,
    DTypes,
    Image,
    InOut,
    Label,
    Labels,
    OpError,
    Out,
    Range,
    Shape,
    Shapes,
    Table,
    Unit,
    Writable,
    axes,
    cached,
    empty,
    op,
    progress,
    set_axes,
)
from alcove.annotations import Direction, named_axes


def test_an_op_stays_the_function_it_was() -> None:
    def function(image: Image, sigma: float = 1.0) -> Image:
        return image * sigma

    assert op(function) is function
    assert op(name="other", idempotent=True)(function) is function


def test_an_op_is_called_like_any_function() -> None:
    @op(title="Segment", idempotent=True, memory=2**30)
    def segment(image: Annotated[Image, Axes("y x"), Writable], threshold: float = 0.5) -> Labels:
        progress(0.5, "half")
        labels = empty(image.shape, "uint16")
        labels[...] = image > threshold
        return labels

    assert segment(numpy.array([[0.2, 0.8]])).tolist() == [[0, 1]]
    assert segment(image=numpy.array([[0.2, 0.8]]), threshold=0.1).tolist() == [[1, 1]]


def test_ops_that_write_to_arrays_are_called_with_arrays() -> None:
    @op
    def invert(image: Image, out: Out[Image]) -> None:
        numpy.subtract(255, image, out=out)

    @op
    def double(image: InOut[Annotated[Image, Axes("y x")]]) -> None:
        image *= 2

    image, out = numpy.full((2, 3), 5, "uint8"), numpy.empty((2, 3), "uint8")
    invert(image, out)
    double(out)
    assert out.tolist() == [[244] * 3] * 2


def test_what_is_cached_is_called_like_any_function() -> None:
    calls = []

    @op
    @cached
    def weights(name: str) -> list[float]:
        calls.append(name)
        return [1.0]

    assert weights("a") is weights("a")
    assert calls == ["a"]


def test_tables_and_shapes_are_plain_values() -> None:
    @op
    def measure(labels: Labels, outlines: Shapes) -> Table:
        return Table({"label": list(range(1, labels.max() + 1)), "outlines": [len(outlines)] * int(labels.max())})

    outline = Shape(type="polygon", vertices=numpy.zeros((3, 2)))
    assert measure(numpy.array([[0, 2]]), [outline]) == {"label": [1, 2], "outlines": [1, 1]}


def test_progress_does_nothing() -> None:
    progress()
    progress(0.5, "half")
    assert list(progress.over([1, 2, 3])) == [1, 2, 3]
    assert list(progress.over(iter("ab"), "letters")) == ["a", "b"]


def test_empty_is_numpys() -> None:
    array = empty((2, 3), "uint16")
    assert (array.shape, array.dtype, array.flags.owndata) == ((2, 3), numpy.uint16, True)


def test_axes_are_remembered_for_as_long_as_the_array_lives() -> None:
    array = numpy.zeros((2, 3))
    assert axes(array) is None
    assert set_axes(array, "y x") is array
    assert axes(array) == (Axis("y"), Axis("x"))
    calibrated = (Axis("t", "time", "second", 0.5), Axis("x", unit="micrometer", translation=1))
    assert axes(set_axes(array, calibrated)) == calibrated
    assert axes(array.copy()) is None
    for _ in range(100):  # arrays come and go at the same place in memory
        other = numpy.zeros((2, 3))
        assert axes(other) is None
        set_axes(other, "a b")
        del other


@pytest.mark.parametrize(
    "wrong",
    [
        "y",
        "z y x",
        (),
        (Axis("y"), Axis("x", scale=float("nan"))),
        (Axis("y"), Axis("x", translation=float("inf"))),
        (Axis("y"), Axis("x", unit=5)),  # type: ignore[arg-type]
        (Axis("y"), Axis(5)),  # type: ignore[arg-type]
    ],
)
def test_axes_that_cannot_be_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"ax|text|number"):
        set_axes(numpy.zeros((2, 3)), wrong)  # type: ignore[arg-type]


def test_names_of_axes_tell_their_types() -> None:
    assert [axis.type for axis in named_axes("t c z y x")] == ["time", "channel", "space", "space", "space"]
    assert named_axes(("y", "x")) == named_axes("y x")


def test_refinements_are_what_they_are_written_as() -> None:
    annotation = Annotated[float, Range(0, 1, step=0.1), Unit("um"), Label("Blur"), Axes("c? y x"), DTypes("uint8")]
    assert get_args(annotation)[1:] == (
        Range(0, 1, 0.1),
        Unit("um"),
        Label("Blur"),
        Axes("c? y x"),
        DTypes("uint8"),
    )
    assert Axes("c? z? y x").names() == ["c", "z", "y", "x"]
    assert Axes("c? z? y x").required() == ["y", "x"]


def test_refinements_that_look_alike_are_different_types() -> None:
    """typing hands out one type for arguments that are equal."""
    assert get_args(Annotated[float, Unit("s")])[1] == Unit("s")
    assert get_args(Annotated[float, Label("s")])[1] == Label("s") != Unit("s")
    for minimum in (0, 0.0, False):
        assert get_args(Annotated[float, Range(minimum)])[1].minimum is minimum
    assert Range(0) != Range(0.0)
    assert len({Range(0, 1), Range(0, 1), Range(0.0, 1), Axes("y x"), DTypes("y x")}) == 4


def test_out_and_inout_are_the_type_with_a_direction() -> None:
    assert get_args(Out[Image]) == (Image, Direction("out"))
    assert get_args(InOut[Annotated[Image, Axes("y x")]]) == (Image, Axes("y x"), Direction("inout"))


def test_errors() -> None:
    error = OpError("no camera", hint="plug it in", cause="camera")
    assert (str(error), error.hint, error.details) == ("no camera", "plug it in", {"cause": "camera"})
    assert not issubclass(Cancelled, Exception)


def test_the_types_of_arrays_are_roles() -> None:
    for name in ("Array", "Image", "Labels", "Mask", "Points", "Vectors", "Tracks"):
        assert getattr(alcove, name).role == name.lower()
