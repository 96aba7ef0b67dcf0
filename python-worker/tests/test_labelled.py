"""xarray's DataArrays: what an op sees of an image, and what the host gets of one."""

from __future__ import annotations

import sys
from typing import Any

import numpy
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st
from worker_process import Failure, Host, WorkerProcess

import alcove
from alcove import Axis, OpError
from alcove.array_axes import given_axes
from alcove.labelled import is_labelled, unlabelled

Y, X = Axis("y", unit="micrometer", scale=0.1, translation=3.0), Axis("x")


@pytest.fixture
def worker(host: Host) -> WorkerProcess:
    worker = host.start()
    worker.initialize()
    worker.load("results.py")
    return worker


def call(worker: WorkerProcess, op: str, **inputs: Any) -> Any:
    """The only output."""
    (value,) = worker.call(op, **inputs).values()
    return value


def axes_in(descriptor: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Name, unit, scale and translation of each axis."""
    axes = descriptor.get("axes", [])
    return [(axis["name"], axis.get("unit"), axis.get("scale", 1.0), axis.get("translation", 0.0)) for axis in axes]


# Without a worker


def test_dims_are_names_and_coordinates_positions() -> None:
    image = alcove.set_axes(numpy.arange(12.0).reshape(3, 4), (Y, X))
    seen = alcove.to_xarray(image)
    assert seen.dims == ("y", "x")
    assert seen["y"].values.tolist() == [3.0, 3.1, 3.2]
    assert seen["y"].attrs["units"] == "micrometer"
    assert list(seen.coords) == ["y"]  # x has none to tell of
    assert seen.data is image
    seen[0, 0] = 7
    assert image[0, 0] == 7


def test_an_array_without_axes_has_xarrays_own_names() -> None:
    seen = alcove.to_xarray(numpy.zeros((2, 3)))
    assert seen.dims == ("dim_0", "dim_1")
    assert alcove.axes(unlabelled(seen)) is None


@given(
    st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-6),
    st.floats(-1e6, 1e6),
    st.integers(1, 2000),
    st.sampled_from([None, "second"]),
)
def test_there_and_back(scale: float, translation: float, size: int, unit: str | None) -> None:
    array = alcove.set_axes(numpy.zeros((size, 2)), (Axis("t", "time", unit, scale, translation), X))
    back = unlabelled(alcove.to_xarray(array))
    (time, x) = given_axes(back) or (None, None)
    assert x == X
    assert time is not None
    assert (time.name, time.type, time.unit, time.translation) == ("t", "time", unit, translation)
    # Where steps are tiny beside the translation, the coordinates themselves have lost digits.
    assert time.scale == pytest.approx(scale, rel=1e-11, abs=1e-10)


def test_round_numbers_come_back_as_they_were() -> None:
    for scale in (0.1, 0.065, 1 / 3, 2.0, -0.3):
        array = alcove.set_axes(numpy.zeros(512), [Axis("x", scale=scale, translation=12.34)])
        assert given_axes(unlabelled(alcove.to_xarray(array))) == alcove.axes(array)


def test_parts_of_a_labelled_array_keep_their_positions() -> None:
    image = alcove.set_axes(numpy.zeros((6, 8)), (Y, X._replace(scale=2.0)))
    part = unlabelled(alcove.to_xarray(image)[1:, ::-2])
    found = given_axes(part)
    assert found is not None
    assert found[0].translation == pytest.approx(3.1)
    assert (found[1].scale, found[1].translation) == (-4.0, 14.0)
    assert numpy.shares_memory(part, image)
    assert alcove.axes(image) == (Y, X._replace(scale=2.0))


def test_other_names_are_the_labelled_arrays_alone() -> None:
    image = alcove.set_axes(numpy.zeros((6, 8)), (Y, X))
    renamed = unlabelled(alcove.to_xarray(image).rename(y="z"))
    assert given_axes(renamed) == (Y._replace(name="z"), X)
    assert alcove.axes(image) == (Y, X)


@pytest.mark.parametrize(
    "values",
    [
        [0.0, 1.0, 2.5],
        [1.0, 1.0],
        [0.0, float("nan"), 2.0],
        ["DAPI", "GFP"],
        numpy.array(["2020-01-01", "2020-01-02"], "datetime64[ns]"),
        [0, 1, 1],
    ],
)
def test_coordinates_that_are_not_even_are_left_out(values: Any, caplog: pytest.LogCaptureFixture) -> None:
    labelled = xarray.DataArray(numpy.zeros(len(values)), [("x", values, {"units": "second"})])
    assert given_axes(unlabelled(labelled)) == (Axis("x", unit="second"),)
    assert "of x are not evenly spaced" in caplog.text


@pytest.mark.parametrize(
    ("values", "scale", "translation"),
    [
        ([5], 1.0, 5.0),
        ([3, 5, 7], 2.0, 3.0),
        (numpy.arange(3, dtype="uint8")[::-1], -1.0, 2.0),
        (numpy.float32([0.1, 0.2, 0.3, 0.4]), 0.1, 0.1),
        (1000 + 0.1 * numpy.arange(100, dtype="float32"), 0.1, 1000.0),
        ([], 1.0, 0.0),
    ],
)
def test_coordinates_that_are_even(
    values: Any, scale: float, translation: float, caplog: pytest.LogCaptureFixture
) -> None:
    (axis,) = given_axes(unlabelled(xarray.DataArray(numpy.zeros(len(values)), [("x", values)]))) or (X,)
    assert axis.scale == pytest.approx(scale, rel=1e-4)
    assert axis.translation == pytest.approx(translation)
    assert caplog.text == ""


def test_other_coordinates_do_not_matter() -> None:
    labelled = xarray.DataArray(
        numpy.zeros((2, 2)), dims=("y", "x"), coords={"lat": (("y", "x"), numpy.ones((2, 2))), "run": 5}
    )
    assert given_axes(unlabelled(labelled)) == (Axis("y"), Axis("x"))


def test_a_label_is_not_taken_for_a_column(host: Host) -> None:
    labelled = xarray.DataArray(numpy.zeros(2), dims="x", coords={"columns": ("x", [1, 2])})
    assert is_labelled(labelled)
    worker = host.start()
    worker.initialize()
    worker.load("results.py")
    assert host.array(call(worker, "label_named_columns")).tolist() == [0, 0]


def test_without_xarray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(OpError, match="needs xarray") as error:
        alcove.to_xarray(numpy.zeros(2))
    assert error.value.hint == "add xarray to the dependencies in the op file's header"
    assert not is_labelled(numpy.zeros(2))


def test_a_labelled_array_may_be_shared(tmp_path: Any) -> None:
    labelled = alcove.to_xarray(alcove.set_axes(numpy.arange(6.0).reshape(2, 3), (Y, X)))
    with alcove.share(labelled, directory=tmp_path) as shared:
        assert shared.axes == (Y, X)
        assert shared.array.tolist() == [[0, 1, 2], [3, 4, 5]]


# Through a worker

SCALED = [{"name": "y", "unit": "micrometer", "scale": 0.5, "translation": 10.0}, {"name": "x"}]


def test_an_op_sees_names_and_positions(host: Host, worker: WorkerProcess) -> None:
    seen = call(worker, "what_xarray_sees", image=host.share(numpy.ones((3, 4)), axes=SCALED))
    assert seen == {
        "dims": ["y", "x"],
        "coords": {"y": [10.0, 10.5, 11.0]},
        "units": {"y": "micrometer"},
        "same": True,
        "sum": 12.0,
    }


def test_what_is_returned_is_not_copied(host: Host, worker: WorkerProcess) -> None:
    image = host.share(numpy.arange(12.0).reshape(3, 4), axes=SCALED)
    returned = call(worker, "labelled", image=image)
    assert returned["block"] == image["block"]
    assert axes_in(returned) == [("y", "micrometer", 0.5, 10.0), ("x", None, 1.0, 0.0)]
    made = call(worker, "labelled_in_block", shape=[30, 40])
    assert host.blocks_of_workers() == {made["block"]}
    assert axes_in(made) == [("y", "micrometer", 1.0, 0.0), ("x", None, 1.0, 0.0)]
    assert worker.kept == []


def test_within_structured_results(host: Host, worker: WorkerProcess) -> None:
    found = call(worker, "labelled_everywhere", image=host.share(numpy.arange(12.0).reshape(3, 4), axes=SCALED))
    assert axes_in(found["list"][0]) == [("y", "micrometer", 0.5, 10.5), ("x", None, 1.0, 0.0)]
    assert host.array(found["table"]["columns"][0]["values"]).tolist() == [0, 1, 2, 3]
    assert host.array(found["nested"]["deep"][0]).tolist() == [0, 4, 8]
    assert axes_in(found["nested"]["deep"][0]) == [("y", "micrometer", 0.5, 10.0)]


def test_every_role_takes_one(host: Host, worker: WorkerProcess) -> None:
    image = host.share(numpy.arange(12.0).reshape(3, 4), axes=SCALED)
    labels = call(worker, "labelled_labels", image=image)
    assert (labels["dtype"], axes_in(labels)[0]) == ("int32", ("y", "micrometer", 0.5, 10.0))
    assert call(worker, "labelled_mask", image=image)["dtype"] == "bool"
    assert call(worker, "labelled_vectors")["dtype"] == "float64"
    stack = host.share(numpy.arange(24.0).reshape(2, 3, 4), axes=[{"name": "t"}, *SCALED])
    over_time = call(worker, "labelled_labels", image=stack)
    assert [axis["name"] for axis in over_time["axes"]] == ["t", "y", "x"]
    assert axes_in(over_time)[1] == ("y", "micrometer", 0.5, 10.0)


def test_dims_without_names_are_as_the_op_declares(worker: WorkerProcess) -> None:
    assert [axis["name"] for axis in call(worker, "plain_data_array")["axes"]] == ["y", "x"]


def test_a_warning_is_logged(worker: WorkerProcess) -> None:
    assert axes_in(call(worker, "with_coordinates", values=[0, 1, 5])) == [("x", "second", 1.0, 0.0)]
    record = worker.notification("log")
    assert (record["level"], record["logger"]) == ("warning", "alcove")
    assert "not evenly spaced" in record["message"]


def test_what_is_like_an_array_and_is_none(worker: WorkerProcess) -> None:
    for op, kind in (("tensor", "op_failed"), ("tensor_within", "unencodable_output")):
        with pytest.raises(Failure, match="Tensor") as failure:
            worker.call(op)
        assert failure.value.kind == kind
        assert failure.value.data["hint"] == "return an ndarray: call .detach().cpu().numpy() on it"
    with pytest.raises(Failure) as failure:
        worker.call("lazy")
    assert "numpy.asarray" in failure.value.data["hint"]
