"""``share`` and ``attach``: what other processes see of an array, and what is left of it when."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy
import pytest
from leftovers import DEADLINE
from worker_process import SOURCES

import alcove
from alcove import leases, sharing
from alcove.messages import AlcoveError

Run = Callable[..., "subprocess.Popen[str]"]

SWEEP = (
    "from pathlib import Path; from alcove import leases; print(sorted(leases.sweep(Path(sys.argv[1]))), flush=True)"
)


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A memory directory of the test's own, in which nothing may be left."""
    memory = tmp_path / "memory µ"
    memory.mkdir()
    monkeypatch.setenv("ALCOVE_MEMORY_DIR", str(memory))
    yield memory
    assert list(memory.iterdir()) == []


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs a program in another Python; it says and asks what it likes through its pipes."""
    processes: list[subprocess.Popen[str]] = []

    def start(program: str, *arguments: object) -> subprocess.Popen[str]:
        start = f"import sys; sys.path.insert(0, {str(SOURCES)!r}); import alcove, numpy\n"
        command = [sys.executable, "-c", start + program, *map(str, arguments)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield start
    for process in processes:
        with process:
            process.kill()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_another_process_sees_the_same_pixels(run: Run) -> None:
    with alcove.share(numpy.arange(6, dtype="uint16").reshape(2, 3), "y x") as shared:
        program = (
            "with alcove.attach(sys.argv[1], 'uint16', (2, 3), axes='y x') as shared:\n"
            "    print(shared.array.tolist(), [axis.name for axis in shared.axes])\n"
            "    shared.array[0, 0] = 7\n"
        )
        other = run(program, shared.name)
        assert said(other) == "[[0, 1, 2], [3, 4, 5]] ['y', 'x']"
        assert other.wait(DEADLINE) == 0
        assert shared.array.tolist() == [[7, 1, 2], [3, 4, 5]]
        assert [axis.name for axis in shared.axes or ()] == ["y", "x"]
        assert alcove.axes(shared.array) == shared.axes


def test_plain_numpy_opens_the_file(memory: Path) -> None:
    shared = alcove.share([[1.5, 2.5]])
    assert (shared.file, shared.offset) == (memory / str(shared.name), 0)
    seen = numpy.memmap(shared.file, "float64", "r+", shared.offset, (1, 2))
    seen[0, 0] = 3
    assert shared.array.tolist() == [[3.0, 2.5]]
    shared.close()


def test_blocks_are_named_as_those_of_any_host(memory: Path) -> None:
    first, second = alcove.share(numpy.ones(5)), alcove.share_empty((1000, 3), "complex64")
    names = [str(first.name), str(second.name)]
    lease = next(memory.glob("*.lease"))
    assert names == [f"{lease.stem}-h-0", f"{lease.stem}-h-1"]
    assert all(len(name) <= 31 for name in names)
    assert [(memory / name).stat().st_size for name in names] == [40, 24_000]
    assert {path.stat().st_mode & 0o777 for path in memory.iterdir()} == {0o600}
    assert not second.array.any()
    first.close()
    first.close()
    assert sorted(path.name for path in memory.iterdir()) == sorted([names[1], lease.name])
    second.close()


def test_after_closing_there_is_no_array_but_views_keep_their_content() -> None:
    shared = alcove.share(numpy.arange(1000))
    view = shared.array[10:20]
    shared.close()
    with pytest.raises(ValueError, match="is closed"):
        _ = shared.array
    assert "closed" in repr(shared)
    other = alcove.share(numpy.zeros(1000, int))
    assert view.tolist() == list(range(10, 20))
    other.close()


def test_whoever_attached_keeps_its_view_when_the_array_is_closed() -> None:
    shared = alcove.share(numpy.arange(1000))
    attached = alcove.attach(str(shared.name), int, 1000)
    shared.close()
    assert attached.array.sum() == 499_500
    attached.close()


def test_what_is_attached_may_be_read_only_and_a_part(memory: Path) -> None:
    shared = alcove.share(numpy.arange(64, dtype="int32"))
    part = alcove.attach(str(shared.name), "int32", (4, 4), offset=64, writable=False)
    assert part.array.tolist() == numpy.arange(16, 32).reshape(4, 4).tolist()
    assert part.offset == 64
    with pytest.raises(ValueError, match="read-only"):
        part.array[0, 0] = 1
    part.close()
    assert shared.file is not None
    assert shared.file.exists()
    shared.close()


@pytest.mark.parametrize("dtype", sharing.DTYPES)
def test_every_dtype(dtype: str) -> None:
    content = (numpy.arange(6) % 2).astype(dtype).reshape(2, 3)
    for array in (content, content.T, content.astype(content.dtype.newbyteorder(">")), content[:, :0], content[0, 0]):
        with alcove.share(array) as shared, alcove.attach(shared.name or "-", dtype, array.shape) as seen:
            assert shared.array.dtype == numpy.dtype(dtype)
            assert numpy.array_equal(seen.array, array)
            assert (shared.file is None) == (array.size == 0)


def test_what_cannot_be_shared() -> None:
    for array in (numpy.array(["text"]), numpy.zeros(2, "datetime64[s]"), numpy.zeros(2, "longdouble"), [object()]):
        with pytest.raises(TypeError, match="cannot be shared"):
            alcove.share(array)
    with pytest.raises(TypeError, match="cannot be shared"):
        alcove.attach("x", ">u2", 1)
    with pytest.raises(ValueError, match="2 axes for an array of 1 dim"):
        alcove.share(numpy.ones(3), "y x")
    with pytest.raises(ValueError, match="sizes from 0"):
        alcove.share_empty((-1, 5), "uint8")


def test_a_block_that_is_missing_or_too_small(memory: Path) -> None:
    shared = alcove.share(numpy.ones(100, "uint8"))
    wrong = [
        ("alcove-00000000-h-0", (1,), 0),
        (shared.name, (101,), 0),
        (shared.name, (37,), 64),
        (shared.name, (1,), 100),
        (shared.name, (2**40, 2**40), 0),
        (f"../{memory.name}/{shared.name}", (1,), 0),
        ("a\0b", (1,), 0),
        ("..", (1,), 0),
        ("", (1,), 0),
    ]
    for name, shape, offset in wrong:
        with pytest.raises(AlcoveError) as error:
            alcove.attach(str(name), "uint8", shape, offset=offset)
        assert (error.value.kind, error.value.data["block"]) == ("array_unavailable", name)
    with pytest.raises(ValueError, match="offset"):
        alcove.attach(str(shared.name), "uint8", 1, offset=-1)
    shared.close()


def test_half_of_the_free_room_may_be_taken(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "free_bytes", lambda directory: 20_000)
    first = alcove.share_empty(6000, "uint8")
    with pytest.raises(AlcoveError) as error:
        alcove.share_empty(4001, "uint8")
    assert error.value.kind == "out_of_shared_memory"
    assert (error.value.data["free_bytes"], error.value.data["directory"]) == (4000, str(memory))
    first.close()
    alcove.share_empty(10_000, "uint8").close()
    with pytest.raises(AlcoveError):  # and it leaves no lease
        alcove.share_empty(10_001, "uint8")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_file_system_is_an_error_and_no_crash(memory: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(memory)], check=True)
    try:
        first = alcove.share_empty(500_000, "uint8")  # within the quota, and then somebody takes the rest
        (memory / "somebody's").write_bytes(bytes(1 << 19))
        first.close()
        with pytest.raises(AlcoveError, match="no room for 600000 bytes") as error:
            alcove.share_empty(600_000, "uint8")
        assert "--shm-size" in error.value.data["hint"] or "no longer needed" in error.value.data["hint"]
        assert [path.name for path in memory.iterdir()] == ["somebody's"]
        with alcove.share(numpy.full(200_000, 7, "uint8")) as shared:
            assert shared.array.sum() == 1_400_000
    finally:
        subprocess.run(["umount", str(memory)], check=True)


def test_what_a_process_shared_goes_with_it(memory: Path, run: Run) -> None:
    other = run("shared = alcove.share(numpy.ones(100)); print(shared.name)\nsys.stdin.read()")
    name = said(other)
    assert (memory / name).exists()
    assert other.stdin is not None
    other.stdin.close()
    assert other.wait(DEADLINE) == 0
    assert list(memory.iterdir()) == []


def test_what_a_killed_process_shared_is_swept(memory: Path, run: Run) -> None:
    other = run("shared = alcove.share(numpy.ones(100)); print(shared.name, flush=True)\nsys.stdin.read()")
    name = said(other)
    lease = name.partition("-h-")[0] + ".lease"
    assert leases.sweep(memory) == []
    other.kill()
    other.wait(DEADLINE)
    assert {path.name for path in memory.iterdir()} == {name, lease}
    alcove.share(numpy.ones(1)).close()  # whoever shares sweeps first
    assert list(memory.iterdir()) == []


def test_no_sweeper_takes_what_a_living_process_shares(memory: Path, run: Run) -> None:
    """A POSIX lock falls when its process closes any descriptor of the file, as a careless sweeper would."""
    with alcove.share(numpy.ones(100)) as shared:
        assert leases.sweep(memory) == []
        other = run(SWEEP, memory)
        assert said(other) == "[]"
        assert (shared.file or memory / "none").exists()


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="there is no list of open files")
def test_no_sweeper_opens_a_lease_that_something_else_in_this_process_holds(memory: Path, run: Run) -> None:
    """A Java machine within this process, say, knows nothing of us, nor we of it."""
    lease = memory / "alcove-0123abcd.lease"
    lease.touch()
    lock = leases.try_lock(lease)
    assert lock is not None
    assert leases.sweep(memory) == []
    other = run(SWEEP, memory)
    assert said(other) == "[]"
    lock.release()
    assert leases.sweep(memory) == [lease.name]


def test_a_lease_that_nobody_came_to_lock_is_swept(memory: Path) -> None:
    for name, age in (("alcove-00000001.new", 61), ("alcove-00000002.new", 0), ("alcove-of-mine.new", 61)):
        (memory / name).touch()
        os.utime(memory / name, (0, os.stat(memory / name).st_mtime - age))
    assert leases.sweep(memory) == ["alcove-00000001.new"]
    for path in memory.iterdir():
        path.unlink()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_neither_deletes_nor_holds_what_its_parent_shares(memory: Path, run: Run) -> None:
    program = """if True:
        import os
        shared = alcove.share(numpy.ones(100))
        child = os.fork()
        if child == 0:
            own = alcove.share(numpy.ones(50))
            assert own.name[:15] != shared.name[:15]
            shared.close()
            print(own.name, flush=True)
            sys.stdin.readline()
            sys.exit()  # with all that a Python does at its end
        sys.stdin.readline()
        os.waitpid(child, 0)
        print(sorted(os.listdir(sys.argv[1])) == [shared.name, shared.name[:15] + ".lease"], flush=True)
        sys.stdin.readline()
    """
    parent = run(program, memory)
    name = said(parent)
    assert (memory / name).exists()
    assert len(list(memory.iterdir())) == 4
    assert leases.sweep(memory) == []
    assert parent.stdin is not None
    parent.stdin.write("\n\n")
    parent.stdin.flush()
    parent.stdin.close()
    assert said(parent) == "True"
    assert parent.wait(DEADLINE) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_when_the_parent_is_killed_its_child_does_not_keep_the_lease(memory: Path, run: Run) -> None:
    program = """if True:
        import os
        shared = alcove.share(numpy.ones(100))
        child = os.fork()
        if child == 0:
            sys.stdin.read()
            exec(sys.argv[2])
            os._exit(0)
        print(shared.name, flush=True)
        os.waitpid(child, 0)
    """
    parent = run(program, memory, SWEEP)
    name = said(parent)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(DEADLINE)
    assert parent.stdin is not None
    parent.stdin.close()
    assert said(parent) == str(sorted([name, name.partition("-h-")[0] + ".lease"]))


def test_threads_may_share_at_once(memory: Path) -> None:
    failures: list[BaseException] = []

    def work(value: int) -> None:
        try:
            for _ in range(50):
                with alcove.share(numpy.full(100, value)) as shared:
                    assert alcove.attach(str(shared.name), int, 100).array.tolist() == [value] * 100
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(value,)) for value in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
