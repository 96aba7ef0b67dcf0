"""Images that are larger than, or ordered otherwise than, what an op is written for."""

from __future__ import annotations

from typing import Any

import hypothesis
import numpy
import pytest
from hypothesis import strategies as st
from worker_process import Failure, Host, WorkerProcess

import alcove
from alcove.adaptation import call_adapted
from alcove.descriptors import Described, Description

# A z-stack over time, as hosts describe one.
CALIBRATED = [
    {"name": "t", "type": "time", "unit": "second", "scale": 60.0, "translation": 5.0},
    {"name": "z", "type": "space", "unit": "micrometer", "scale": 0.5},
    {"name": "y", "type": "space", "unit": "micrometer", "scale": 0.1},
    {"name": "x", "type": "space", "unit": "micrometer", "scale": 0.2, "translation": -1.0},
]
T, Z, Y, X = CALIBRATED


@pytest.fixture
def worker(worker: WorkerProcess) -> WorkerProcess:
    worker.load("pictures.py")
    return worker


@pytest.fixture
def image() -> Any:
    return numpy.arange(2 * 3 * 4 * 5, dtype="uint16").reshape(2, 3, 4, 5)


def failure_of(worker: WorkerProcess, op: str, **inputs: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        worker.call(op, **inputs)
    return failure.value


def names(descriptor: dict[str, Any]) -> str:
    return " ".join(axis["name"] for axis in descriptor["axes"])


def test_an_image_with_the_ops_axes_goes_in_as_it_is(host: Host, worker: WorkerProcess, image: Any) -> None:
    result = worker.call("plane", image=host.share(image[0, 0], axes="y x"))["image"]
    assert numpy.array_equal(host.array(result), image[0, 0] * 2)
    assert result["axes"] == [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]


def test_axes_that_the_op_does_not_know_are_iterated(host: Host, worker: WorkerProcess, image: Any) -> None:
    result = worker.call("plane", image=host.share(image, axes=CALIBRATED))["image"]
    assert numpy.array_equal(host.array(result), image * 2)
    assert result["axes"] == CALIBRATED
    assert worker.call("plane_shape", image=host.share(image, axes=CALIBRATED))["result"] == [[4, 5]] * 6


def test_iterating_tells_the_progress(host: Host, worker: WorkerProcess, image: Any) -> None:
    worker.call("plane", image=host.share(image, axes=CALIBRATED))
    updates = worker.take_notifications("progress")
    assert updates[0]["message"] == "t 1/2, z 1/3"
    assert updates[0]["fraction"] == 0.0
    assert updates[-1]["message"] == "t 2/2, z 3/3"
    assert updates[-1]["fraction"] == pytest.approx(5 / 6)


def test_the_ops_own_progress_is_of_its_slice(host: Host, worker: WorkerProcess, image: Any) -> None:
    worker.call("label_plane", image=host.share(image, axes=CALIBRATED))
    updates = worker.take_notifications("progress")
    fractions = [update["fraction"] for update in updates]
    assert fractions == sorted(fractions)
    assert updates[-1]["fraction"] == pytest.approx(5.5 / 6)
    assert updates[-1]["message"] == "labelling"


def test_iterating_labels_warns_that_numbers_restart(host: Host, worker: WorkerProcess, image: Any) -> None:
    labels = worker.call("label_plane", image=host.share(image, axes=CALIBRATED))["labels"]
    assert labels["shape"] == [2, 3, 4, 5]
    assert labels["dtype"] == "uint8"
    record = worker.notification("log")
    assert (record["level"], record["logger"]) == ("warning", "alcove")
    assert "numbered anew at each position along t z" in record["message"]


def test_iterating_can_be_cancelled_between_slices(host: Host, worker: WorkerProcess) -> None:
    call = worker.send_call("plane", image=host.share(numpy.zeros((100_000, 4, 5), "uint8"), axes="t y x"))
    worker.notification("progress")
    worker.notify("cancel", id=call)
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(call)


def test_axes_in_another_order_are_permuted_as_a_view(host: Host, worker: WorkerProcess, image: Any) -> None:
    flipped = worker.call("flipped", image=host.share(image[0, 0], axes=[Y, X]))["image"]
    assert numpy.array_equal(host.array(flipped), image[0, 0].T)
    assert flipped["axes"] == [X, Y]
    descriptor = host.share(image, axes=[X, Z, Y, T])  # named differently on purpose: x has 2, t has 5
    result = worker.call("stack", image=descriptor)["result"]
    assert [seen["shape"] for seen in result] == [[3, 4, 2]] * 5
    assert [seen["base"] for seen in result] == [True] * 5
    addresses = [seen["address"] for seen in result]
    assert numpy.diff(addresses).tolist() == [2] * 4


def test_axes_between_are_brought_to_the_front(host: Host, worker: WorkerProcess, image: Any) -> None:
    result = worker.call("plane", image=host.share(image, axes=[Y, Z, X, T]))["image"]
    assert names(result) == "z t y x"
    assert numpy.array_equal(host.array(result), image.transpose(1, 3, 0, 2) * 2)


def test_optional_axes_may_be_absent(host: Host, worker: WorkerProcess) -> None:
    for given, seen in (("y x", "y x"), ("z y x", "z y x"), ("x y c", "c y x"), ("x z y c", "c z y x")):
        image = numpy.zeros(tuple(range(2, 2 + len(given.split()))))
        result = worker.call("stack", image=host.share(image, axes=given))["result"]
        assert " ".join(axis[0] for axis in result["axes"]) == seen


def test_a_missing_axis_is_an_error(host: Host, worker: WorkerProcess, image: Any) -> None:
    for axes, array in (("y x", image[0, 0]), ("t y x", image[0]), (None, image[0, 0]), (None, numpy.zeros(()))):
        failure = failure_of(worker, "volume", image=host.share(array, axes=axes))
        assert (failure.kind, failure.data["path"]) == ("invalid_params", "inputs.image")
        assert failure.data["expected"] == "axes z y x"


def test_without_axes_the_last_ones_are_the_ops(host: Host, worker: WorkerProcess, image: Any) -> None:
    result = worker.call("plane", image=host.share(image))["image"]
    assert numpy.array_equal(host.array(result), image * 2)
    assert names(result) == "axis0 axis1 y x"
    assert names(worker.call("volume", image=host.share(image[0]))["labels"]) == "z y x"
    assert len(worker.call("stack", image=host.share(image[0, 0]))["result"]["axes"]) == 2


def test_calibration_goes_to_outputs_by_the_axes_names(host: Host, worker: WorkerProcess, image: Any) -> None:
    shared = host.share(image[0], axes=[Z, Y, X])
    assert worker.call("volume", image=shared)["labels"]["axes"] == [Z, Y, X]
    assert worker.call("projection", image=shared)["image"]["axes"] == [Y, X]
    assert worker.call("projection", image=host.share(image, axes=CALIBRATED))["image"]["axes"] == [T, Y, X]


def test_axes_that_the_op_sets_itself_stay(host: Host, worker: WorkerProcess, image: Any) -> None:
    own = [
        {"name": "y", "type": "space", "unit": "metre", "scale": 2.0},
        {"name": "x", "type": "space", "scale": 3.0},
    ]
    assert worker.call("own_axes", image=host.share(image[0, 0], axes=[Y, X]))["image"]["axes"] == own


def test_axes_of_plain_arrays_are_seen_but_not_touched(host: Host, worker: WorkerProcess, image: Any) -> None:
    seen = worker.call("describe_array", array=host.share(image, axes=[X, Y, T, Z]))["result"]["axes"]
    assert seen[0] == ["x", "space", "micrometer", 0.2, -1.0]
    assert [axis[0] for axis in seen] == ["x", "y", "t", "z"]
    assert worker.call("describe_array", array=host.share(image))["result"]["axes"] is None
    assert worker.call("same", array=host.share(image, axes=[X, Y, T, Z]))["result"]["axes"] == [X, Y, T, Z]


def test_several_images_are_iterated_together(host: Host, worker: WorkerProcess, image: Any) -> None:
    stack, other, one = host.share(image, axes=CALIBRATED), host.share(image, axes=CALIBRATED), image[0, 0]
    assert numpy.array_equal(host.array(worker.call("masked", image=stack, other=other)["image"]), image * 2)
    for image_, second in ((stack, host.share(one, axes="y x")), (host.share(one, axes="y x"), stack)):
        result = worker.call("masked", image=image_, other=second)["image"]
        assert numpy.array_equal(host.array(result), image + one)
        assert names(result) == "t z y x"
    # Each lacks an axis that the other has.
    times, planes = host.share(image[:, 0], axes="t y x"), host.share(image[0], axes="z y x")
    result = worker.call("masked", image=times, other=planes)["image"]
    assert names(result) == "t z y x"
    assert numpy.array_equal(host.array(result), image[:, 0][:, None] + image[0])
    failure = failure_of(worker, "masked", image=stack, other=host.share(image[:, :2], axes=CALIBRATED))
    assert (failure.kind, failure.data["path"]) == ("invalid_params", "inputs.other")
    assert "along z" in failure.message


def test_what_is_no_image_comes_as_a_list(host: Host, worker: WorkerProcess, image: Any) -> None:
    shared = host.share(image[0], axes="z y x")
    assert worker.call("mean", image=shared)["result"] == [float(plane.mean()) for plane in image[0]]
    points = worker.call("centre", image=shared)["points"]
    assert [host.array(array).tolist() for array in points] == [[[1.5, 2.0]]] * 3
    both = worker.call("both", image=shared)
    assert both["labels"]["shape"] == [3, 4, 5]
    assert both["count"] == [int(plane.max()) for plane in image[0]]


def test_no_positions_at_all_is_an_error(host: Host, worker: WorkerProcess) -> None:
    failure = failure_of(worker, "plane", image=host.share(numpy.zeros((0, 4, 5), "uint8"), axes="t y x"))
    assert (failure.kind, failure.data["path"]) == ("invalid_params", "inputs.image")
    assert "without any position along t" in failure.message


def test_slices_of_different_sizes_are_an_error(host: Host, worker: WorkerProcess) -> None:
    image = numpy.ones((2, 4, 5), "uint8")
    image[1] = 3
    failure = failure_of(worker, "odd_sizes", image=host.share(image, axes="z y x"))
    assert failure.kind == "op_failed"
    assert "(1, 5)" in failure.message
    assert "(3, 5)" in failure.message


def test_the_dtypes_that_an_op_takes(host: Host, worker: WorkerProcess) -> None:
    for dtype in ("uint8", "uint16"):
        assert worker.call("only_bytes", image=host.share(numpy.zeros((2, 2), dtype))) == {"image": None}
    failure = failure_of(worker, "only_bytes", image=host.share(numpy.zeros((2, 2), "float32")))
    assert failure.data["expected"] == "dtype uint8 or uint16"
    assert failure.data["hint"] == "convert it, or call the op with adapt convert"


def test_a_result_that_is_no_array_is_an_error(host: Host, worker: WorkerProcess) -> None:
    plane, stack = host.share(numpy.ones((3, 4)), axes="y x"), host.share(numpy.ones((2, 3, 4)), axes="z y x")
    for op, returned in (("return_nothing", "None"), ("return_a_number", "float64"), ("return_a_list", "list")):
        for shared in (plane, stack):
            failure = failure_of(worker, op, image=shared)
            assert failure.kind == "op_failed"
            declared = "which is declared as a labels array"
            assert failure.message == f"the op returned {returned} for its output labels, {declared}"
    assert "declares the outputs labels, count" in failure_of(worker, "return_too_few", image=shared).message


def test_several_outputs_in_every_form(host: Host, worker: WorkerProcess) -> None:
    shared = host.share(numpy.ones((2, 3)), axes="y x")
    for op, count in (("return_dataclass", 1), ("return_plain_tuple", 2), ("both", 1)):
        outputs = worker.call(op, image=shared)
        assert list(outputs) == ["labels", "count"]
        assert outputs["count"] == count
        assert outputs["labels"]["dtype"] == "uint8"


def test_iterating_labels_warns_that_their_numbers_restart(host: Host, worker: WorkerProcess, image: Any) -> None:
    worker.call("label_plane", image=host.share(image[0], axes="z y x"))
    (log,) = worker.take_notifications("log")
    assert (log["level"], log["message"]) == ("warning", "labels are numbered anew at each position along z")
    worker.call("label_plane", image=host.share(image[0, 0], axes="y x"))
    worker.call("plane", image=host.share(image[0], axes="z y x"))
    assert worker.take_notifications("log") == []


@pytest.fixture
def adapting(worker: WorkerProcess) -> Any:
    """Calls an op of ``adapting.py`` with an ``adapt``."""
    ops = worker.load("adapting.py")

    def call(op: str, adapt: str = "lossless", **inputs: Any) -> Any:
        result = worker.request("call", op=ops[op]["id"], adapt=adapt, inputs=inputs)
        worker.kept = result["kept"]
        return result["outputs"]

    return call


def test_arrays_in_a_list_are_fitted_each_by_itself(host: Host, adapting: Any, image: Any) -> None:
    plane = image[0, 0]
    images = [host.share(plane, axes="y x"), host.share(plane.T, axes="x y"), host.share(plane.astype("uint8"))]
    assert adapting("sum_all", images=images) == {"result": [[4, 5, "uint16", int(plane.sum())]] * 3}
    with pytest.raises(Failure) as failure:
        adapting("sum_all", images=[images[0], host.share(image[0], axes="z y x")])
    assert (failure.value.kind, failure.value.data["path"]) == ("invalid_params", "inputs.images[1]")
    with pytest.raises(Failure) as failure:
        adapting("sum_all", images=[host.share(plane.astype("float32"))])
    assert failure.value.data == {
        "kind": "invalid_params",
        "path": "inputs.images[0]",
        "expected": "dtype uint16",
        "hint": "convert it, or call the op with adapt convert",
    }
    assert adapting("sum_all", "convert", images=[host.share(plane.astype("float32"))]) == {
        "result": [[4, 5, "uint16", int(plane.sum())]]
    }


def test_what_the_op_may_change(host: Host, adapting: Any, image: Any) -> None:
    bytes_ = host.share(image[0].astype("uint8"), axes="z y x")
    words = host.share(image[0], axes="z y x")
    # A private copy is, whether it was converted or not; an array that was only converted is not.
    assert adapting("may_change", private=bytes_, shared=bytes_) == {"result": [[True, False]] * 3}
    assert adapting("may_change", private=words, shared=words) == {"result": [[True, False]] * 3}


def test_calls_for_slices_do_not_see_what_others_changed(host: Host, adapting: Any, image: Any) -> None:
    array = host.share(numpy.zeros(2))
    inputs = {"names": ["a"], "private": array, "arrays": [array]}
    assert adapting("eat", image=host.share(image[0], axes="z y x"), **inputs) == {"result": [[2, 1.0, 1]] * 3}
    assert host.array(array).tolist() == [0, 0]


def test_nothing_is_kept_of_what_was_fitted(host: Host, worker: WorkerProcess, adapting: Any, image: Any) -> None:
    for shared in (host.share(image, axes="x y z t"), host.share(image[0, 0], axes="y x")):
        worker.call("plane", image=shared)
        assert worker.kept == []
    out = host.share(numpy.zeros((2, 3), "uint16"), axes="y x", writable=True)
    assert adapting("fill", out=out) == {}
    assert worker.kept == []


def test_slices_that_are_nothing(host: Host, adapting: Any) -> None:
    stack = numpy.zeros((2, 2, 2), "uint8")
    assert adapting("bright_or_none", image=host.share(stack, axes="z y x")) == {"image": None}
    stack[...] = 1
    assert adapting("bright_or_none", image=host.share(stack, axes="z y x"))["image"]["shape"] == [2, 2, 2]
    for dark in (0, 1):
        stack[dark] = 0
        with pytest.raises(Failure, match=r"op_failed: the op returned .* for one slice and .* for another") as failure:
            adapting("bright_or_none", image=host.share(stack, axes="z y x"))
        assert "None" in failure.value.message
        stack[dark] = 1


def test_shapes_are_sent_with_coordinates(host: Host, adapting: Any) -> None:
    (shape,) = adapting("outline", dtype="int16")["shapes"]
    assert (shape["type"], shape["vertices"]["dtype"]) == ("polygon", "float64")
    for dtype, type_ in (("complex64", "polygon"), ("float64", "circle")):
        with pytest.raises(Failure, match="which is declared as a list of shapes"):
            adapting("outline", dtype=dtype, type=type_)


def test_an_op_that_writes_all_over_its_memory(host: Host, adapting: Any) -> None:
    out = host.share(numpy.zeros((3, 2, 2), "uint16"), axes="x y t", writable=True)
    assert adapting("fill", out=out) == {}
    assert host.array(out).tolist() == numpy.full((3, 2, 2), 7).tolist()


@hypothesis.settings(deadline=None)
@hypothesis.given(st.data())
def test_any_axes_in_any_order(data: Any) -> None:
    given_axes = data.draw(
        st.lists(st.sampled_from("tczabyx"), unique=True).filter(lambda names: {"y", "x"} <= {*names})
    )
    wanted = data.draw(st.permutations(["y", "x", *data.draw(st.sampled_from([[], ["z?"], ["c?", "z?"]]))]))
    sizes = dict(zip("tczabyx", (2, 3, 4, 1, 2, 5, 3), strict=True))
    image = numpy.arange(numpy.prod([sizes[name] for name in given_axes])).reshape([sizes[name] for name in given_axes])
    inner = [name.rstrip("?") for name in wanted if name.rstrip("?") in given_axes]
    outer = [name for name in given_axes if name not in inner]
    seen = []

    def op(image: Any) -> Any:
        seen.append([axis.name for axis in alcove.axes(image) or ()])
        return alcove.set_axes(image + 1, " ".join(inner))

    array = {"type": "array", "role": "image", "axes": " ".join(wanted)}
    described = [Described({"name": "image", **array}, Any)]
    arguments = {"image": alcove.set_axes(image, " ".join(given_axes))}
    result = call_adapted(op, Description({}, described, described, {}), arguments)["image"]
    assert [axis.name for axis in alcove.axes(result) or ()] == outer + inner
    assert seen == [inner] * int(numpy.prod([sizes[name] for name in outer], dtype=int))
    assert numpy.array_equal(result, image.transpose([given_axes.index(name) for name in outer + inner]) + 1)
