"""Arrays in results, and what becomes of the blocks that they and the inputs lie in."""

from __future__ import annotations

import itertools
import os
import shutil
from typing import Any

import numpy
import pytest
from worker_process import QUOTA_BYTES, Failure, Host, WorkerProcess, describe_array

from alcove.arrays import DTYPES


@pytest.fixture
def worker(host: Host) -> WorkerProcess:
    """In one mode alone: how a worker reads changes nothing here."""
    worker = host.start()
    worker.initialize()
    worker.load("pictures.py")
    worker.load("results.py")
    return worker


def call(worker: WorkerProcess, op: str, **inputs: Any) -> Any:
    """The only output."""
    (value,) = worker.call(op, **inputs).values()
    return value


def place_of(descriptor: dict[str, Any]) -> tuple[str, int]:
    return descriptor["block"], descriptor["offset"]


# Small ones together


def test_a_thousand_polygons_lie_in_one_block(host: Host, worker: WorkerProcess) -> None:
    shapes = call(worker, "polygons", count=1000)
    places = {place_of(shape["vertices"]) for shape in shapes}
    assert len(places) == 1000
    assert {offset % 64 for _, offset in places} == {0}
    assert len(host.blocks_of_workers()) == 1
    for number in (0, 1, 500, 999):
        array = host.array(shapes[number]["vertices"])
        assert array.tolist() == [[float(number)] * 2] * (3 + number % 50)
    worker.release(*host.blocks_of_workers())
    again = call(worker, "polygons", count=1000)
    assert {place_of(shape["vertices"]) for shape in again} == places  # one loan, one release


def test_no_more_than_a_mebibyte_lies_together(host: Host, worker: WorkerProcess) -> None:
    sizes = [60_000] * 40 + [1 << 16, (1 << 16) + 1, 200_000]
    arrays = call(worker, "arrays_of", sizes=sizes)
    for index, (array, size) in enumerate(zip(arrays, sizes, strict=True)):
        assert host.array(array).tobytes() == bytes([index]) * size
    blocks = [array["block"] for array in arrays]
    assert len(set(blocks[:41])) == 3
    assert len({*blocks[40:]}) == 3  # those that are large have a block of their own
    assert all((host.directory / name).stat().st_size <= 1 << 20 for name in blocks)


def test_every_layout_lies_together(host: Host, worker: WorkerProcess) -> None:
    found = call(worker, "all_kinds")
    assert host.array(found["plain"]).tolist() == [0, 1, 2, 3, 4]
    assert (found["big-endian"]["dtype"], host.array(found["big-endian"]).tolist()) == ("int32", [0, 1, 2, 3, 4])
    assert host.array(found["fortran"]).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert host.array(found["step"]).tolist() == [0, 3, 6, 9, 12, 15, 18]
    assert host.array(found["scalar"]) == 2.5
    assert found["empty"] == describe_array(None, "float64", [0, 2])
    assert host.array(found["bool"]).tolist() == [[True, False]]
    assert [axis["name"] for axis in found["named"]["axes"]] == ["y", "x"]
    assert len(host.blocks_of_workers()) == 1


def test_many_small_tables_make_one_block(host: Host, worker: WorkerProcess) -> None:
    tables = call(worker, "tables", count=100, rows=20)
    assert len(host.blocks_of_workers()) == 1
    assert host.array(tables[99]["columns"][1]["values"]).tolist() == [99.0] * 20


def test_an_output_of_its_own_has_a_block_of_its_own(host: Host, worker: WorkerProcess) -> None:
    """So that a host may pass it back to be written to whatever else came with it."""
    two = worker.call("two_outputs", image=host.share(numpy.zeros((2, 2), "uint8"), axes="y x"))
    assert two["first"]["block"] != two["second"]["block"]


def test_small_results_that_find_no_room(host: Host, worker: WorkerProcess) -> None:
    half = QUOTA_BYTES // 2
    held = [call(worker, "make_shared", shape=[half], dtype="uint8") for _ in range(2)]
    with pytest.raises(Failure) as failure:
        worker.call("polygons", count=10)
    assert failure.value.kind == "out_of_shared_memory"
    worker.release(held[0]["block"])
    assert len(call(worker, "polygons", count=10)) == 10


def test_what_a_failed_call_left_waiting_is_in_no_later_reply(host: Host, worker: WorkerProcess) -> None:
    with pytest.raises(Failure, match="cannot be sent"):
        worker.call("unsendable_after_small")
    assert host.blocks_of_workers() == set()
    worker.call("polygons", count=1)
    (name,) = host.blocks_of_workers()
    assert (host.directory / name).read_bytes()[:8] == numpy.zeros(1).tobytes()


# Views that live


def test_what_only_a_circle_holds_is_not_kept(host: Host, worker: WorkerProcess) -> None:
    before = call(worker, "without_collector", enabled=False)
    for op in ("in_a_circle", "caught"):
        worker.call(op, array=host.share(numpy.ones(100)))
        assert worker.kept == []
    worker.call("own_in_a_circle", size=5000)
    worker.call("make_shared", shape=[5000], dtype="uint8")
    assert len(host.blocks_of_workers()) == 1
    # It is looked for only where something seems to be kept.
    searches = call(worker, "without_collector", enabled=False)
    assert searches == before + 3
    for _ in range(3):
        worker.call("double", array=host.share(numpy.ones(100)))
    assert call(worker, "without_collector", enabled=True) == searches


def test_an_op_that_keeps_all_it_gets_does_not_pay_each_time(host: Host, worker: WorkerProcess) -> None:
    before = call(worker, "without_collector", enabled=False)
    for _ in range(100):
        descriptor = host.share(numpy.ones(10))
        worker.call("keep_all", array=descriptor)
        assert worker.kept == [descriptor["block"]]
    assert call(worker, "without_collector", enabled=True) - before < 50


WAYS = ["memoryview", "dlpack", "capsule", "ctypes", "bytes", "xarray"]


@pytest.mark.parametrize("way", WAYS)
def test_memory_that_is_kept_by_other_ways(host: Host, worker: WorkerProcess, way: str) -> None:
    # ctypes and, before version 2.1, numpy's DLPack take no read-only memory.
    descriptor = host.share(numpy.arange(10, dtype="uint8"), writable=way in ("ctypes", "dlpack", "capsule"))
    worker.call("keep_what", array=descriptor, way=way)
    assert worker.kept == [descriptor["block"]]
    worker.call("drop")
    made = call(worker, "make_shared", shape=[5000], dtype="uint8", value=1)
    worker.call("keep_what", array={**made, "writable": True}, way=way)
    worker.release(made["block"])
    other = call(worker, "make_shared", shape=[5000], dtype="uint8", value=2)["block"]
    assert other != made["block"]
    worker.call("drop")
    worker.release(other)
    assert {call(worker, "make", shape=[5000], dtype="uint8")["block"] for _ in range(2)} == {
        made["block"],
        other,
    }


def test_a_view_outlives_its_mapping(host: Host, worker: WorkerProcess) -> None:
    """The maker's ``forget`` ends the mapping only when the last view is gone."""
    descriptor = host.share(numpy.arange(10, dtype="uint8"))
    worker.call("keep", array=descriptor)
    worker.notify("forget", blocks=[descriptor["block"]])
    (host.directory / descriptor["block"]).unlink()
    assert descriptor["block"] in str(worker.call("mappings"))
    assert call(worker, "sum_of_kept") == 45
    worker.call("drop_kept")
    assert descriptor["block"] not in str(worker.call("mappings"))


def test_flags_and_protocols_tell_what_may_be_written_to(host: Host, worker: WorkerProcess) -> None:
    tells = call(worker, "numpy_version") >= [2, 1]
    for array in (numpy.ones(10, "uint8"), numpy.ones((2, 3), "float32"), numpy.array(5, "int64")):
        descriptor = host.share(array)
        seen = call(worker, "seen_by_others", array=descriptor)
        assert (seen["flags"], seen["buffer"], seen["own"], seen["same"]) == (False, False, False, True)
        assert seen["dlpack"] is False if tells else isinstance(seen["dlpack"], str)
        assert numpy.array_equal(host.array(descriptor), array)
        descriptor = host.share(array, writable=True)
        seen = call(worker, "seen_by_others", array=descriptor)
        assert (seen["flags"], seen["buffer"], seen["same"]) == (True, True, True)
        assert seen["dlpack"] is True or not tells
        assert (host.directory / descriptor["block"]).read_bytes()[0] == 9
    made = call(worker, "make_shared", shape=[3], dtype="uint8")
    assert call(worker, "seen_by_others", array=made)["buffer"] is False  # its own block, as an input
    assert worker.kept == []


# One array in several places


def test_the_same_array_twice(host: Host, worker: WorkerProcess) -> None:
    descriptor = host.share(numpy.arange(64, dtype="uint8"))
    outputs = worker.call("pass_on", values=[descriptor, {"again": descriptor}, {**descriptor, "shape": [8, 8]}])
    first, again, square = outputs["result"][0], outputs["result"][1]["again"], outputs["result"][2]
    assert place_of(first) == place_of(again) == place_of(square) == (descriptor["block"], 0)
    assert square["shape"] == [8, 8]
    made = call(worker, "make", shape=[5000], dtype="uint8", value=1)
    both = call(worker, "pass_on", values=[made, made])
    assert place_of(both[0]) == place_of(both[1]) == place_of(made)
    worker.release(made["block"])  # two replies named it, so one loan is left
    assert call(worker, "make", shape=[5000], dtype="uint8")["block"] != made["block"]
    worker.release(made["block"])
    assert call(worker, "make", shape=[5000], dtype="uint8")["block"] == made["block"]


def test_a_view_that_came_by_other_ways_is_not_copied(host: Host, worker: WorkerProcess) -> None:
    descriptor = host.share(numpy.arange(64, dtype="uint8"), writable=True)
    ways = call(worker, "by_other_ways", array=descriptor)
    assert set(ways) == {"memoryview", "record", "dlpack", "ctypes"}
    assert {place_of(found) for found in ways.values()} == {(descriptor["block"], 0)}
    made = call(worker, "make_shared", shape=[64], dtype="uint8")
    ways = call(worker, "by_other_ways", array=made)
    assert {place_of(found) for found in ways.values()} == {place_of(made)}


def test_views_of_what_empty_made_and_of_a_workers_own_block(host: Host, worker: WorkerProcess) -> None:
    made = call(worker, "make_shared", shape=[100, 64], dtype="uint8", value=5)
    part = call(worker, "part", array=made, start=10, stop=20)
    assert place_of(part) == (made["block"], 640)
    column = call(worker, "transposed", array=made)
    assert column["block"] != made["block"]
    worker.release(made["block"])
    assert host.array(part).tolist() == [[5] * 64] * 10
    assert call(worker, "make_shared", shape=[6400], dtype="uint8", value=6)["block"] != made["block"]
    worker.release(part["block"])
    assert call(worker, "make_shared", shape=[6400], dtype="uint8", value=7)["block"] == made["block"]


def test_a_workers_block_comes_back_while_the_op_keeps_it(host: Host, worker: WorkerProcess) -> None:
    made = call(worker, "make", shape=[5000], dtype="uint8", value=2)
    worker.call("keep", array=made)
    assert worker.kept == []  # it is the worker's own, who knows
    again = call(worker, "same", array=made)
    assert place_of(again) == place_of(made)
    worker.release(made["block"], made["block"])
    assert call(worker, "sum_of_kept") == 2 * 4999
    # Free for the host, not for the worker; the host may not name it again, but if it does nothing breaks.
    assert host.array(call(worker, "double", array=made)).tolist() == [4] * 5000


def test_an_input_that_an_earlier_call_kept_is_copied(host: Host, worker: WorkerProcess) -> None:
    """Its maker was told that it is kept, and has dropped it: it cannot be named any more."""
    descriptor = host.share(numpy.arange(100, dtype="uint8"))
    worker.call("keep_all", array=descriptor)
    returned = call(worker, "last_kept")
    assert returned["block"].startswith(worker.prefix)
    assert host.array(returned).tolist() == list(range(1, 100))


def test_every_dtype_in_every_layout(host: Host, worker: WorkerProcess) -> None:
    shapes = ((24,), (4, 6), (2, 3, 4), (), (0, 3), (1, 1, 1))
    for dtype, shape in itertools.product(DTYPES, shapes):
        content = (numpy.arange(24) % 2 if dtype == "bool" else numpy.arange(24)).astype(dtype)
        array = content[: int(numpy.prod(shape))].reshape(shape)
        found = call(worker, "layouts", array=host.share(array))
        for way, descriptor in found.items():
            seen = host.array(descriptor)
            assert (descriptor["dtype"], seen.shape) == (dtype, array.T.shape if way == "turned" else array.shape)
            assert numpy.array_equal(seen, array.T if way == "turned" else array)
        worker.release(*{each["block"] for each in found.values() if str(each["block"]).startswith(worker.prefix)})


# Axes of results


SCALED = [{"name": "y", "unit": "micrometer", "scale": 0.5, "translation": 10.0}, {"name": "x", "scale": 2.0}]


def axes_in(descriptor: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Name, scale and translation of each."""
    axes = descriptor.get("axes", [])
    return [(axis["name"], axis.get("scale", 1.0), axis.get("translation", 0.0)) for axis in axes]


def test_a_part_of_an_input_has_its_place(host: Host, worker: WorkerProcess) -> None:
    image = host.share(numpy.arange(20.0).reshape(4, 5), axes=SCALED)
    assert axes_in(call(worker, "crop", image=image)) == [("y", 0.5, 10.5), ("x", 4.0, 0.0)]
    found = call(worker, "parts", image=image)
    assert axes_in(found["row"]) == [("x", 2.0, 0.0)]
    assert axes_in(found["turned"]) == [("x", 2.0, 0.0), ("y", 0.5, 10.0)]
    assert axes_in(found["inner"][0]) == [("y", 0.5, 10.5), ("x", 2.0, 2.0)]
    assert axes_in(found["inner"][1]) == [("y", -0.5, 11.5), ("x", 2.0, 0.0)]
    assert "axes" not in found["copy"]
    assert found["row"]["axes"][0].get("unit") is None
    assert found["turned"]["axes"][1]["unit"] == "micrometer"


def test_what_is_mirrored_or_turned_is_an_image_as_declared(host: Host, worker: WorkerProcess) -> None:
    image = host.share(numpy.arange(20.0).reshape(4, 5), axes=SCALED)
    for op in ("mirrored", "turned"):
        assert axes_in(call(worker, op, image=image)) == [("y", 0.5, 10.0), ("x", 2.0, 0.0)]


def test_parts_of_slices_keep_their_place_in_the_whole(host: Host, worker: WorkerProcess) -> None:
    axes = [{"name": "z", "scale": 3.0}, *SCALED]
    image = host.share(numpy.arange(60.0).reshape(3, 4, 5), axes=axes)
    found = call(worker, "crop", image=image)
    assert axes_in(found) == [("z", 3.0, 0.0), ("y", 0.5, 10.5), ("x", 4.0, 0.0)]
    assert numpy.array_equal(host.array(found), numpy.arange(60.0).reshape(3, 4, 5)[:, 1:, ::2])


def test_an_array_without_names_beside_the_same_with_names(host: Host, worker: WorkerProcess) -> None:
    named = host.share(numpy.arange(20.0).reshape(4, 5), axes="y x")
    nameless = {key: value for key, value in named.items() if key != "axes"}
    for first, second in ((named, nameless), (nameless, named)):
        found = call(worker, "pass_on", values=[first, second])
        assert [len(axes_in(array)) for array in found] == [len(axes_in(first)), len(axes_in(second))]


# Above 2 GiB

LARGE = 5 << 29  # bytes: 2.5 GiB


def test_an_array_of_two_and_a_half_gibibytes(host: Host) -> None:
    """The input takes only the pages that are touched, the result all of its 2.5 GiB."""
    if min(shutil.disk_usage(host.directory).free, available_memory()) < LARGE + (1 << 30):
        pytest.skip("there are no 3.5 GiB of memory free")
    worker = host.start()
    memory = {"directory": str(host.directory), "prefix": worker.prefix, "quota_bytes": 4 << 30}
    worker.initialize(memory=memory)
    worker.load("results.py")
    name = host.block(LARGE)
    places = (0, (1 << 31) - 1, 1 << 31, LARGE - 1)
    with open(host.directory / name, "r+b") as file:
        for place in places:
            file.seek(place)
            file.write(b"\7")
    axes = [{"name": "z"}, {"name": "y"}, {"name": "x"}]
    image = {**describe_array(name, "uint8", [5, 1 << 14, 1 << 15]), "axes": axes}
    outputs = worker.call("above", image=image, places=list(places))
    assert outputs["seen"] == [7] * 4
    result = outputs["result"]
    assert (result["shape"], axes_in(result)) == (image["shape"], axes_in(image))
    with open(host.directory / result["block"], "rb") as file:
        assert [os.pread(file.fileno(), 1, place) for place in places] == [b"\x08"] * 4
    part = outputs["part"]  # lies where it lies, beyond what 32 bits can say
    assert place_of(part) == (name, 4 << 29)
    worker.release(result["block"])
    assert worker.request("status")["pooled_bytes"] == LARGE


def available_memory() -> int:
    """Bytes; as much as there is where the platform does not tell."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvailable"))
    except OSError:
        return 1 << 62


# Giving back


def test_an_idle_worker_gives_its_free_blocks_back_and_says_so(host: Host, worker: WorkerProcess) -> None:
    free, held = (call(worker, "make", shape=[5000], dtype="uint8")["block"] for _ in range(2))
    worker.call("be_idle_after", seconds=0.01)
    worker.release(free)
    assert worker.notification("forget")["blocks"] == [free]  # said first, so that nobody attaches what is going
    made = call(worker, "make", shape=[5000], dtype="uint8")["block"]  # answered: the block has gone by now
    assert made not in (free, held)  # no name is used again
    assert host.blocks_of_workers() == {held, made}
