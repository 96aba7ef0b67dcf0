"""Blocks, leases and locks, without a worker."""

from __future__ import annotations

import errno
import mmap
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from leftovers import DEADLINE
from worker_process import SOURCES

from alcove import leases, memory
from alcove.arrays import Arrays
from alcove.locks import try_lock
from alcove.memory import BlockPool, create_block, size_class
from alcove.messages import AlcoveError

PREFIX = "alcove-0123abcd"
HOLDER = """
import sys
sys.path.insert(0, sys.argv[1])
from alcove.locks import try_lock
lock = try_lock(sys.argv[2], shared=sys.argv[3] == "shared")
print("held" if lock else "refused", flush=True)
sys.stdin.read()
"""

Hold = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Locks a file in another process for as long as that lives."""
    holders: list[subprocess.Popen[str]] = []

    def start(path: Path, kind: str = "exclusive", answer: str = "held") -> subprocess.Popen[str]:
        command: list[str | Path] = [sys.executable, "-c", HOLDER, SOURCES, path, kind]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holders.append(holder)
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == answer
        return holder

    yield start
    for holder in holders:
        with holder:
            holder.kill()


# Blocks


@given(st.integers(1, 1 << 40))
def test_size_classes_are_tight_and_few(size: int) -> None:
    given_size = size_class(size)
    assert given_size >= size
    assert given_size == 4096 or given_size <= size * 1.25
    assert size_class(given_size) == given_size
    # Four steps between two powers of two, so at most three bits are set at the top.
    assert given_size // (given_size & -given_size) < 8


def pool_in(directory: Path, quota: int = 1 << 20) -> tuple[BlockPool, list[str]]:
    forgotten: list[str] = []
    return BlockPool(directory, f"{PREFIX}-w1-", quota, forgotten.extend), forgotten


def test_blocks_are_private_and_named_with_a_counter(tmp_path: Path) -> None:
    pool, _ = pool_in(tmp_path)
    names = [pool.take(5000).name for _ in range(3)]
    assert names == [f"{PREFIX}-w1-{number}" for number in range(3)]
    assert all(len(name) <= 31 for name in names)
    for name in names:
        status = (tmp_path / name).stat()
        assert status.st_mode & 0o777 == 0o600
        assert status.st_size == 5120
        assert status.st_blocks * 512 >= 5120  # reserved, not merely named
        assert (tmp_path / name).read_bytes() == bytes(5120)
    assert pool.total_bytes == 3 * 5120
    pool.unlink_unloaned()
    assert list(tmp_path.iterdir()) == []


def test_a_block_in_use_is_not_free(tmp_path: Path) -> None:
    pool, _ = pool_in(tmp_path)
    loaned, viewed, free = (pool.take(5000) for _ in range(3))
    pool.lend([loaned.name])
    view = viewed.root()[:10]
    pool.recycle()
    assert pool.take(5000) is free
    free_view = free.root()
    pool.recycle()
    assert pool.take(5000) not in (loaned, viewed, free)
    del view
    pool.recycle()
    pool.give_back_all()
    assert {path.name for path in tmp_path.iterdir()} == {loaned.name, free.name}
    pool.release([loaned.name])
    del free_view
    pool.recycle()
    pool.give_back_all()
    assert list(tmp_path.iterdir()) == []


VIEWS: dict[str, Callable[[Any], Any]] = {
    "a slice": lambda root: root[7:],
    "another shape": lambda root: root[:8].view("uint16").reshape(2, 2).T,
    "a memoryview": memoryview,
    "frombuffer": lambda root: numpy.frombuffer(root, "uint8"),
    "DLPack": lambda root: numpy.from_dlpack(root),
    "the root": lambda root: root,
}


@pytest.mark.parametrize("kind", VIEWS)
def test_whoever_holds_a_view_of_any_kind_keeps_the_block(tmp_path: Path, kind: str) -> None:
    pool, _ = pool_in(tmp_path)
    mapping = pool.take(5000)
    assert not mapping.is_viewed()
    view = VIEWS[kind](mapping.root())
    assert mapping.is_viewed()
    mapping.close(discard=False)  # which waits
    pool.recycle()
    assert pool.take(5000) is not mapping
    del view
    assert not mapping.is_viewed()
    pool.recycle()
    assert mapping in (pool.take(5000), pool.take(5000))
    pool.unlink_unloaned()


def test_blocks_that_the_host_holds_are_not_looked_at_after_each_call(tmp_path: Path) -> None:
    """A host may hold thousands, and every call would pay for them."""
    pool, _ = pool_in(tmp_path)
    held = [pool.take(5000) for _ in range(3)]
    views = [mapping.root() for mapping in held]
    pool.lend([mapping.name for mapping in held])
    assert (pool.has_taken, pool.new_views()) == (False, [])
    pool.release([held[0].name])
    assert (pool.has_taken, pool.new_views()) == (True, [held[0]])
    views.clear()
    pool.recycle()
    assert (pool.has_taken, pool.take(5000)) == (False, held[0])
    assert pool.claim(held[1].name) is held[1]  # it comes back as an input, and stays lent
    pool.recycle()
    assert pool.take(5000) not in held[1:]
    pool.release([mapping.name for mapping in held])
    pool.unlink_unloaned()


def test_the_block_used_last_is_used_first_and_given_back_last(tmp_path: Path) -> None:
    pool, forgotten = pool_in(tmp_path, quota=3 * 5120)
    blocks = [pool.take(5000) for _ in range(3)]
    pool.lend([block.name for block in blocks])
    for block in (blocks[1], blocks[0], blocks[2]):
        pool.release([block.name])
        pool.recycle()
    assert pool.take(5000) is blocks[2]
    larger = pool.take(9000)
    assert forgotten == [blocks[1].name, blocks[0].name]
    assert pool.total_bytes == 5120 + larger.size
    assert {path.name for path in tmp_path.iterdir()} == {blocks[2].name, larger.name}
    pool.unlink_unloaned()


def test_blocks_that_the_host_never_saw_are_not_spoken_of(tmp_path: Path) -> None:
    pool, forgotten = pool_in(tmp_path)
    pool.take(5000)
    pool.recycle()
    pool.give_back_all()
    assert forgotten == []
    assert pool.total_bytes == 0


@pytest.mark.skipif(not hasattr(mmap, "MADV_REMOVE"), reason="only Linux frees pages that are mapped elsewhere")
def test_pages_are_free_as_soon_as_a_block_is_given_back(tmp_path: Path) -> None:
    pool, _ = pool_in(tmp_path)
    block = pool.take(5000)
    with open(tmp_path / block.name, "rb") as other_side:  # as the host has it mapped
        block.root()[...] = 1
        assert os.fstat(other_side.fileno()).st_blocks > 0
        pool.recycle()
        pool.give_back_all()
        assert os.fstat(other_side.fileno()).st_blocks == 0


def test_where_blocks_are_reserved_by_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:1000]))
    pool, _ = pool_in(tmp_path)
    block = pool.take(5000)
    status = (tmp_path / block.name).stat()
    assert status.st_size == block.size == 5120
    assert status.st_blocks * 512 >= 5120
    pool.unlink_unloaned()


@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.EINVAL])
def test_a_file_system_that_reserves_nothing_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    block = create_block(tmp_path, "block", 3 << 20)
    assert (tmp_path / "block").stat().st_blocks * 512 >= block.size == 3 << 20


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="this platform reserves by writing")
def test_memory_is_reserved_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its version 6.12 Linux gave up at a signal and began anew: with a timer that rings often, a block of many
    pages would never have been there."""
    pieces: list[tuple[int, int]] = []
    reserve = os.posix_fallocate

    def reserve_a_piece(descriptor: int, begin: int, length: int) -> None:
        pieces.append((begin, length))
        reserve(descriptor, begin, length)

    monkeypatch.setattr(os, "posix_fallocate", reserve_a_piece)
    create_block(tmp_path, "block", (5 << 20) + 100)
    assert max(length for _, length in pieces) <= 1 << 20
    assert [begin for begin, _ in pieces] == [sum(length for _, length in pieces[:index]) for index in range(6)]
    assert sum(length for _, length in pieces) == (5 << 20) + 100


def test_what_is_larger_than_the_free_room_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half way there would be no memory left for anybody."""
    monkeypatch.setattr(memory, "reserve", lambda *arguments: pytest.fail("begun"))
    with pytest.raises(AlcoveError) as error:
        create_block(tmp_path, "block", 1 << 60)
    assert error.value.kind == "out_of_shared_memory"
    assert 0 < error.value.data["free_bytes"] < 1 << 60
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_reservation_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(memory, "reserve", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create_block(tmp_path, "block", 5000)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_reserved_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    pool, _ = pool_in(tmp_path)
    with pytest.raises(AlcoveError) as error:
        pool.take(5000)
    assert error.value.kind == "out_of_shared_memory"
    assert error.value.data["hint"]
    assert (list(tmp_path.iterdir()), pool.total_bytes) == ([], 0)


def test_an_idle_worker_gives_everything_back_that_is_free(tmp_path: Path) -> None:
    forgotten: list[str] = []
    arrays = Arrays(tmp_path, f"{PREFIX}-w1-", 1 << 20, forgotten.extend)
    free, loaned, held = (arrays.describe(numpy.ones(5000, "uint8"))["block"] for _ in range(3))
    arrays.lend({free, loaned})
    arrays.release([free])
    view = arrays.attach({"block": held, "offset": 0, "dtype": "uint8", "shape": [5000]}, "x")
    arrays.give_back()
    assert {path.name for path in tmp_path.iterdir()} == {loaned, held}
    assert forgotten == [free]
    assert view.sum() == 5000
    arrays.close()
    assert {path.name for path in tmp_path.iterdir()} == {loaned}


# Locks


def test_a_lock_excludes_and_falls_with_its_holder(tmp_path: Path, hold: Hold) -> None:
    path = tmp_path / "lock"
    assert try_lock(path) is None
    path.touch()
    holder = hold(path)
    assert try_lock(path) is None
    assert try_lock(path, shared=True) is None
    holder.kill()
    holder.wait(DEADLINE)
    lock = try_lock(path)
    assert lock is not None
    lock.release()
    lock.release()
    with pytest.raises(ValueError, match="released"):
        _ = lock.descriptor


def test_shared_locks_exclude_exclusive_ones_alone(tmp_path: Path, hold: Hold) -> None:
    path = tmp_path / "lock"
    path.touch()
    hold(path, "shared")
    hold(path, "shared")
    hold(path, "exclusive", "refused")
    assert try_lock(path) is None
    lock = try_lock(path, shared=True)
    assert lock is not None
    lock.release()


# Leases


def leave(directory: Path, prefix: str, *, lease: bool = True) -> list[str]:
    names = [f"{prefix}-h-0", f"{prefix}-w1-0", f"{prefix}-w12-345"] + ([f"{prefix}.lease"] if lease else [])
    for name in names:
        (directory / name).write_bytes(b"x")
    return names


def test_what_dead_hosts_left_is_swept(tmp_path: Path) -> None:
    left = leave(tmp_path, PREFIX) + leave(tmp_path, "alcove-00000001")
    left += leave(tmp_path, "alcove-00000002", lease=False)
    assert sorted(leases.sweep(tmp_path)) == sorted(left)
    assert list(tmp_path.iterdir()) == []
    assert leases.sweep(tmp_path) == []


def test_what_a_living_host_has_stays(tmp_path: Path, hold: Hold) -> None:
    kept = leave(tmp_path, PREFIX)
    leave(tmp_path, "alcove-00000001")
    holder = hold(tmp_path / f"{PREFIX}.lease")
    assert len(leases.sweep(tmp_path)) == 4
    leases.sweep_host(tmp_path, PREFIX, 0.01)
    assert {path.name for path in tmp_path.iterdir()} == set(kept)
    holder.kill()
    holder.wait(DEADLINE)
    leases.sweep_host(tmp_path, PREFIX, 0.01)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    names = [
        "alcove-0123abcd",
        "alcove-0123abcd.new",
        "alcove-0123ABCD-h-0",
        "alcove-123-h-0",
        "alcove-0123abcd-h-0.txt",
        "alcove-tests",
        "other-0123abcd-h-0",
        "x.lease",
    ]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "alcove-0123abcd-folder").mkdir()
    leases.sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*names, "alcove-0123abcd-folder"}


def test_sweeping_waits_for_a_lock_that_is_about_to_fall(tmp_path: Path, hold: Hold) -> None:
    leave(tmp_path, PREFIX)
    holder = hold(tmp_path / f"{PREFIX}.lease")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from alcove import leases\n"
        "print('began', flush=True); leases.sweep_host(Path(sys.argv[2]), sys.argv[3], 600)"
    )
    command: list[str | Path] = [sys.executable, "-c", program, SOURCES, tmp_path, PREFIX]
    sweeper = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with sweeper:
        assert sweeper.stdout is not None
        assert sweeper.stdout.readline() == "began\n"
        holder.kill()
        assert sweeper.wait(DEADLINE) == 0
    assert list(tmp_path.iterdir()) == []


def test_sweeping_nothing(tmp_path: Path) -> None:
    leases.sweep_host(tmp_path, PREFIX, 600)
    leases.sweep_host(tmp_path / "not there", PREFIX, 600)
    assert leases.sweep(tmp_path / "not there") == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can play two users")
def test_another_users_files_stay(tmp_path: Path) -> None:
    """As in /dev/shm, where everybody may write and nobody may delete what is another's."""
    shared = tmp_path / "memory"
    shared.mkdir(mode=0o1777)
    shared.chmod(0o1777)
    names = leave(shared, PREFIX) + leave(shared, "alcove-00000001", lease=False)
    for name in names:
        (shared / name).chmod(0o600)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from alcove import leases\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "print(leases.sweep(Path(sys.argv[2]))); leases.sweep_host(Path(sys.argv[2]), sys.argv[3], 0.01)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, SOURCES, shared, PREFIX], capture_output=True, text=True, timeout=DEADLINE
    )
    assert (result.returncode, result.stdout.strip()) == (0, "[]"), result.stderr
    assert {path.name for path in shared.iterdir()} == set(names)
