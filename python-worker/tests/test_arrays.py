"""Arrays through shared memory: what an op sees, what comes back, and what becomes of the blocks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from worker_process import QUOTA_BYTES, Failure, Host, WorkerProcess, describe_array

from alcove.arrays import DTYPES

Start = Callable[..., WorkerProcess]


@pytest.fixture
def worker(worker: WorkerProcess) -> WorkerProcess:
    worker.load("pictures.py")
    return worker


def failure_of(worker: WorkerProcess, op: str, **inputs: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        worker.call(op, **inputs)
    return failure.value


def mapping_at(worker: WorkerProcess, address: int) -> str:
    """The name of the file that is mapped at an address in the worker."""
    paths = [path for start, end, path in worker.call("mappings")["result"] if start <= address < end]
    return Path(paths[0]).name if paths else ""


def test_an_input_is_a_read_only_view_of_the_hosts_block(host: Host, worker: WorkerProcess) -> None:
    descriptor = host.share(numpy.arange(12, dtype="uint16").reshape(3, 4))
    seen = worker.call("describe_array", array=descriptor)["result"]
    assert seen["dtype"] == "<u2"
    assert seen["shape"] == [3, 4]
    assert seen["sum"] == 66
    assert seen["writable"] is False
    assert mapping_at(worker, seen["address"]) == descriptor["block"]
    assert worker.kept == []


def test_an_offset_into_a_block(host: Host, worker: WorkerProcess) -> None:
    name = host.block(8192)
    content = numpy.arange(8192, dtype="uint32").astype("uint8")
    (host.directory / name).write_bytes(content.tobytes())
    descriptor = describe_array(name, "uint8", [10], 4096 + 64)
    seen = worker.call("describe_array", array=descriptor)["result"]
    assert seen["sum"] == int(content[4160:4170].sum())


def test_every_dtype_goes_both_ways(host: Host, worker: WorkerProcess) -> None:
    for dtype in DTYPES:
        array = (numpy.arange(6) % (2 if dtype == "bool" else 6)).astype(dtype).reshape(2, 3)
        seen = worker.call("describe_array", array=host.share(array))["result"]
        assert numpy.dtype(seen["dtype"]) == array.dtype
        doubled = worker.call("double", array=host.share(array))["result"]
        assert doubled["dtype"] == dtype
        assert numpy.array_equal(host.array(doubled), array + array)


def test_arrays_with_no_element_or_no_dimension(host: Host, worker: WorkerProcess) -> None:
    nothing = worker.call("same", array=host.share(numpy.zeros((0, 5), "float32")))["result"]
    assert nothing == describe_array(None, "float32", [0, 5])
    zero_dimensional = worker.call("double", array=host.share(numpy.array(2.5)))["result"]
    assert zero_dimensional["shape"] == []
    assert host.array(zero_dimensional) == 5.0
    made = worker.call("make_shared", shape=[], dtype="int32", value=5)["result"]
    assert (made["shape"], host.array(made)) == ([], 5)
    for op in ("make", "make_shared"):
        made = worker.call(op, shape=[3, 0], dtype="uint8")["result"]
        assert made == describe_array(None, "uint8", [3, 0])
    assert worker.call("describe_array", array=describe_array(None, "bool", [0]))["result"]["shape"] == [0]


def test_an_input_that_is_returned_is_not_copied(host: Host, worker: WorkerProcess) -> None:
    descriptor = host.share(numpy.arange(64, dtype="uint8"))
    returned = worker.call("same", array=descriptor)["result"]
    assert (returned["block"], returned["offset"]) == (descriptor["block"], 0)
    assert host.blocks_of_workers() == set()


def test_a_view_of_an_input_is_not_copied_where_its_place_can_be_told(host: Host, worker: WorkerProcess) -> None:
    array = numpy.arange(256, dtype="uint8")
    descriptor = host.share(array)
    aligned = worker.call("part", array=descriptor, start=64, stop=200)["result"]
    assert (aligned["block"], aligned["offset"], aligned["shape"]) == (descriptor["block"], 64, [136])
    assert numpy.array_equal(host.array(aligned), array[64:200])
    elsewhere = worker.call("part", array=descriptor, start=65, stop=200)["result"]
    assert elsewhere["block"].startswith(worker.prefix)
    assert numpy.array_equal(host.array(elsewhere), array[65:200])


def test_a_result_that_is_not_contiguous_is_copied(host: Host, worker: WorkerProcess) -> None:
    array = numpy.arange(12, dtype="int64").reshape(3, 4)
    returned = worker.call("transposed", array=host.share(array))["result"]
    assert returned["block"].startswith(worker.prefix)
    assert numpy.array_equal(host.array(returned), array.T)


def test_a_result_in_another_byte_order_arrives_in_the_wires(host: Host, worker: WorkerProcess) -> None:
    returned = worker.call("make", shape=[3], dtype=">u2", value=258)["result"]
    assert returned["dtype"] == "uint16"
    assert host.array(returned).tolist() == [258] * 3


def test_what_empty_made_is_not_copied(host: Host, worker: WorkerProcess) -> None:
    returned = worker.call("make_shared", shape=[100, 100], dtype="float32", value=1.5)["result"]
    assert host.blocks_of_workers() == {returned["block"]}
    assert (host.array(returned) == 1.5).all()
    two = worker.call("make_two_in_one", count=6400)["result"]
    assert two["first"]["block"] == two["second"]["block"]
    assert (two["first"]["offset"], two["second"]["offset"]) == (0, 6400)
    assert host.array(two["second"]).tolist() == [2] * 6400


def test_empty_may_be_used_in_forked_children(host: Host, worker: WorkerProcess) -> None:
    for _ in range(2):
        returned = worker.call("make_in_children", size=10_000)["result"]
        assert set(host.array(returned).tolist()) == {40_000}
    assert host.blocks_of_workers() == worker.loaned


def test_a_subclass_of_ndarray_is_an_array(host: Host, worker: WorkerProcess) -> None:
    assert host.array(worker.call("make_subclass")["result"]).tolist() == [0, 1, 2]


def test_a_block_on_loan_is_never_used_again(host: Host, worker: WorkerProcess) -> None:
    made = [worker.call("make", shape=[5000], dtype="uint8", value=value)["result"] for value in range(5)]
    assert len({array["block"] for array in made}) == 5
    assert [host.array(array)[0] for array in made] == list(range(5))


def test_a_block_is_recycled_once_the_host_has_released_it(host: Host, worker: WorkerProcess) -> None:
    first = worker.call("make", shape=[5000], dtype="uint8")["result"]["block"]
    worker.release(first)
    second = worker.call("make", shape=[4500], dtype="uint8")["result"]["block"]
    assert second == first
    assert worker.request("status")["pooled_bytes"] == (host.directory / first).stat().st_size


def test_loans_are_counted(host: Host, worker: WorkerProcess) -> None:
    made = worker.call("make", shape=[5000], dtype="uint8", value=3)["result"]
    again = worker.call("same", array=made)["result"]
    assert again["block"] == made["block"]
    worker.release(made["block"])
    assert worker.call("make", shape=[5000], dtype="uint8")["result"]["block"] != made["block"]
    assert host.array(again)[0] == 3
    worker.release(made["block"])
    assert worker.call("make", shape=[5000], dtype="uint8")["result"]["block"] == made["block"]


def test_one_reply_lends_a_block_once_however_often_it_names_it(worker: WorkerProcess) -> None:
    two = worker.call("make_two_in_one", count=6400)["result"]
    worker.release(two["first"]["block"])
    assert worker.call("make", shape=[12_800], dtype="uint8")["result"]["block"] == two["first"]["block"]


def test_a_workers_block_comes_back_as_a_read_only_input(host: Host, worker: WorkerProcess) -> None:
    made = worker.call("make", shape=[5000], dtype="uint8", value=3)["result"]
    seen = worker.call("describe_array", array=made)["result"]
    assert (seen["sum"], seen["writable"]) == (15_000, False)


def test_blocks_of_a_call_that_failed_are_recycled(host: Host, worker: WorkerProcess) -> None:
    for _ in range(3):
        assert failure_of(worker, "make_then_fail", size=5000).kind == "unencodable_output"
    assert len(host.blocks_of_workers()) == 1


def test_what_the_op_keeps_is_told(host: Host, worker: WorkerProcess) -> None:
    kept, other = host.share(numpy.ones(5000, "uint8")), host.share(numpy.ones(10, "uint8"))
    worker.call("keep", array=kept)
    assert worker.kept == [kept["block"]]
    worker.call("same", array=other)
    assert worker.kept == []
    # Its maker drops the block; the view keeps its memory.
    worker.notify("forget", blocks=[kept["block"]])
    (host.directory / kept["block"]).unlink()
    assert worker.call("sum_of_kept") == {"result": 4999}
    worker.call("drop_kept")
    assert kept["block"] not in str(worker.call("mappings"))


def test_a_block_of_two_inputs_that_is_kept_is_told_once(host: Host, worker: WorkerProcess) -> None:
    descriptor = host.share(numpy.ones(5000, "uint8"))
    worker.call("keep_two", first=descriptor, second=descriptor)
    assert worker.kept == [descriptor["block"]]
    worker.call("drop_kept")


def test_axes_that_are_none(host: Host, worker: WorkerProcess) -> None:
    wrong: list[Any] = [{}, {"name": ["x"]}, {"name": "x", "scale": [1]}, {"name": "x", "unit": {}}, "x", None]
    for axis in [*wrong, *wrong]:  # what is wrong is found anew each time
        failure = failure_of(worker, "same", array={**host.share(numpy.ones(5, "uint8")), "axes": [axis]})
        assert (failure.kind, failure.data["path"]) == ("invalid_params", "inputs.array.axes")


def test_what_a_failed_op_keeps_is_told_too(host: Host, worker: WorkerProcess) -> None:
    descriptor = host.share(numpy.ones(10, "uint8"))
    assert failure_of(worker, "keep_and_fail", array=descriptor).data["kept"] == [descriptor["block"]]
    assert "kept" not in failure_of(worker, "fail_with_array", array=host.share(numpy.ones(10, "uint8"))).data


def test_a_workers_own_block_is_not_reused_while_a_view_lives(host: Host, worker: WorkerProcess) -> None:
    made = worker.call("make", shape=[5000], dtype="uint8", value=2)["result"]
    worker.call("keep", array=made)
    worker.release(made["block"])
    assert worker.call("make", shape=[5000], dtype="uint8", value=9)["result"]["block"] != made["block"]
    assert worker.call("sum_of_kept") == {"result": 2 * 4999}
    worker.call("drop_kept")
    worker.release()
    assert worker.call("make", shape=[5000], dtype="uint8")["result"]["block"] == made["block"]


def test_a_mapping_is_kept_until_the_maker_forgets(host: Host, worker: WorkerProcess) -> None:
    descriptor = host.share(numpy.ones(10, "uint8"))
    worker.call("same", array=descriptor)
    assert descriptor["block"] in str(worker.call("mappings"))
    worker.notify("forget", blocks=[descriptor["block"], "alcove-00000000-h-99"])
    assert descriptor["block"] not in str(worker.call("mappings"))


def test_a_block_that_is_missing_or_too_small(host: Host, worker: WorkerProcess) -> None:
    wrong: list[tuple[int | None, dict[str, Any]]] = [
        (None, {"shape": [1]}),
        (0, {"shape": [1]}),
        (100, {"shape": [101]}),
        (100, {"shape": [13], "dtype": "float64"}),
        (100, {"shape": [37], "offset": 64}),
        (100, {"shape": [1], "offset": 128}),
        (100, {"shape": [2**62]}),
        (100, {"shape": [2**40, 2**40]}),
    ]
    for size, members in wrong:
        name = f"{host.prefix}-h-99" if size is None else host.block(size)
        failure = failure_of(worker, "same", array={**describe_array(name, "uint8", [1]), **members})
        assert (failure.kind, failure.code) == ("array_unavailable", -32002)
        assert failure.data["block"] == name
    assert worker.call("same", array=host.share(numpy.ones(3)))


def test_a_name_cannot_lead_out_of_the_memory_directory(host: Host, worker: WorkerProcess, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x" * 100)
    for name in (str(tmp_path / "secret"), f"../{tmp_path.name}/secret", "..", "a/b", ""):
        failure = failure_of(worker, "same", array=describe_array(name, "uint8", [10]))
        assert (failure.kind, failure.data["path"]) == ("invalid_params", "inputs.array.block")


def test_a_writable_input_is_written_to(host: Host, worker: WorkerProcess) -> None:
    descriptor = host.share(numpy.zeros(10, "uint8"), writable=True)
    assert worker.call("describe_array", array=descriptor)["result"]["writable"] is True
    worker.call("write_to", array=descriptor)
    assert host.array(descriptor).tolist() == [7] * 10
    read_only = host.share(numpy.zeros(10, "uint8"))
    assert "read-only" in failure_of(worker, "write_to", array=read_only).message
    assert host.array(read_only).tolist() == [0] * 10


def test_a_writable_input_shares_its_block_with_no_other(host: Host, worker: WorkerProcess) -> None:
    descriptor = host.share(numpy.zeros(10, "uint8"))
    for first, second in ((True, False), (False, True), (True, True)):
        failure = failure_of(
            worker,
            "write_to_two",
            first={**descriptor, "writable": first},
            second={**descriptor, "writable": second},
        )
        assert (failure.kind, failure.data["path"]) == ("invalid_params", "inputs.second")
    assert worker.call("twice", array=descriptor)


def test_the_quota_holds_and_free_blocks_make_room(host: Host, worker: WorkerProcess) -> None:
    half = QUOTA_BYTES // 2
    assert worker.call("hold_several", sizes=[half, half])["result"] == QUOTA_BYTES
    failure = failure_of(worker, "hold_several", sizes=[half, half, 1])
    assert (failure.kind, failure.code) == ("out_of_shared_memory", -32003)
    assert failure.data["directory"] == str(host.directory)
    assert failure.data["wanted_bytes"] == 4096
    assert failure.data["free_bytes"] == 0
    assert failure.data["hint"]
    # Another size: the free blocks are given back, and the host is told of those it knew.
    made = worker.call("make_shared", shape=[half], dtype="uint8")["result"]["block"]
    worker.release(made)
    assert worker.call("hold_several", sizes=[QUOTA_BYTES])["result"] == QUOTA_BYTES
    assert made in worker.notification("forget")["blocks"]
    assert made not in host.blocks_of_workers()
    assert worker.request("status")["pooled_bytes"] == QUOTA_BYTES


@pytest.fixture
def small_host(tmp_path: Path) -> Iterator[Host]:
    """A host whose memory directory has room for 1 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    path = tmp_path / "small"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(path)], check=True)
    host = Host(path)
    try:
        yield host
        host.close()
        assert list(path.iterdir()) == []
    finally:
        for worker in host.workers:
            worker.kill()
        subprocess.run(["umount", str(path)], check=True)


def test_a_full_file_system_is_an_error_and_no_crash(small_host: Host, mode: str) -> None:
    worker = small_host.start(portable=mode == "portable")
    worker.initialize()
    worker.load("pictures.py")
    failure = failure_of(worker, "make_shared", shape=[2 << 20], dtype="uint8")
    assert failure.kind == "out_of_shared_memory"
    assert failure.data["wanted_bytes"] == 2 << 20
    assert failure.data["free_bytes"] <= 1 << 20
    assert "--shm-size" in failure.data["hint"]
    assert small_host.blocks_of_workers() == set()
    # A free block may be in the way of one of another size although the quota would have room for both.
    for size in (600_000, 900_000, 600_000):
        made = worker.call("make_shared", shape=[size], dtype="uint8", value=1)["result"]
        assert small_host.array(made).sum() == size
        worker.release(made["block"])


def test_numpy_is_imported_only_when_an_array_appears(start: Start) -> None:
    worker = start()
    worker.initialize()
    worker.load("arithmetic.py")
    worker.call("echo", value={"a": [1.5, {"$type": "bytes", "base64": "AA=="}]})
    assert "numpy" not in worker.call("imported")["result"]
    worker.call("echo", value=describe_array(None, "uint8", [0]))
    assert "numpy" in worker.call("imported")["result"]
