"""Cancel, kill -9, and several who want the same environment at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Other, Steps, build, leftovers, run_in, specification
from package_index import PackageIndex

from alcove import Cancelled, environments
from alcove.environments import disk

Start = Callable[..., Other]
PATIENCE = 60


@pytest.fixture
def slow(index: PackageIndex) -> PackageIndex:
    """An index where "cellular" stays half downloaded until it is released."""
    index.held.add(index.add("cellular", pad=3_000_000))
    return index


def cancel_at(steps: Steps, text: str) -> None:
    def at(message: str) -> None:
        if message.startswith(text):
            raise Cancelled

    steps.at = at


@pytest.mark.parametrize("step", ["Looking", "Resolving", "Resolved", "Making", "Installing", "Compiling"])
def test_cancel_at_any_step_leaves_nothing(directory: Path, index: PackageIndex, steps: Steps, step: str) -> None:
    index.add("cellular")
    cancel_at(steps, step)

    with pytest.raises(Cancelled):
        build(directory, "cellular")

    assert leftovers(directory) == []
    steps.at = lambda message: None
    assert build(directory, "cellular")["created"] is True


def test_cancel_during_a_download_ends_uv_and_leaves_nothing(directory: Path, slow: PackageIndex, steps: Steps) -> None:
    def at(message: str) -> None:
        if slow.reached.is_set():
            raise Cancelled

    steps.at = at

    with pytest.raises(Cancelled):
        build(directory, "cellular")

    assert slow.dropped.wait(PATIENCE)
    assert leftovers(directory) == []
    assert list((directory.parent / "cache" / "uv").glob(".tmp*")) == []


def test_cancel_leaves_an_older_environment_of_that_name_alone(
    directory: Path, index: PackageIndex, steps: Steps
) -> None:
    index.add("cellular")
    index.add("tissue")
    old = build(directory, "cellular")
    cancel_at(steps, "Compiling")

    with pytest.raises(Cancelled):
        build(directory, "cellular", "tissue")

    assert leftovers(directory) == []
    steps.at = lambda message: None
    assert build(directory, "cellular") == {**old, "created": False}


@pytest.mark.parametrize("delete", [disk.delete, lambda folder: disk.delete_within(folder, 60)], ids=["all", "within"])
def test_a_cancel_that_comes_during_the_clearing_up_does_not_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delete: Callable[[Path], None]
) -> None:
    """After a second of patience a worker raises Cancelled wherever the op's thread is."""
    folder = tmp_path / "staging"
    for number in range(20):
        (folder / str(number)).mkdir(parents=True)
    removed: list[object] = []
    rmdir = os.rmdir

    def interrupted(*arguments: Any, **options: Any) -> None:
        removed.append(arguments)
        if len(removed) == 10:
            raise Cancelled
        rmdir(*arguments, **options)

    monkeypatch.setattr(os, "rmdir", interrupted)

    with pytest.raises(Cancelled):
        delete(folder)
    assert not folder.exists()


def test_kill_during_a_download_ends_uv_and_the_next_one_clears_up(
    directory: Path, slow: PackageIndex, other: Start
) -> None:
    builder = other("create", specification=specification("cellular"), directory=directory)
    builder.wait_for("Downloading cellular")
    assert slow.reached.wait(PATIENCE)

    builder.kill()

    assert slow.dropped.wait(PATIENCE), "uv goes on without its owner"
    assert environments.list_environments(directory) == []
    slow.released.set()
    created = build(directory, "cellular")
    assert run_in(created, "import cellular; print(cellular.VERSION)") == "1.0"
    assert leftovers(directory) == []
    assert list((directory.parent / "cache" / "uv").glob(".tmp*")) == []


@pytest.mark.parametrize("step", ["Looking", "Resolving", "Resolved", "Making", "Installing", "Compiling", "Ready"])
def test_kill_at_any_step_can_be_made_good(directory: Path, index: PackageIndex, other: Start, step: str) -> None:
    index.add("cellular")
    builder = other("create", specification=specification("cellular"), directory=directory)
    builder.wait_for(step)

    builder.kill()

    created = build(directory, "cellular")
    assert run_in(created, "import cellular; print(cellular.VERSION)") == "1.0"
    assert leftovers(directory) == []


_KILLED_IN = """
import os, signal
from alcove.environments import disk
from alcove.environments.store import store

def killed(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

%s = killed
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("function", ["store.Marker.write", "disk.move", "disk.write", "store.result"])
def test_kill_at_the_delicate_moments_can_be_made_good(
    directory: Path, index: PackageIndex, other: Start, function: str
) -> None:
    """Before the marker is written, before it takes its place, before the rename, and when all is done."""
    index.add("cellular")
    builder = other(
        "create", before=_KILLED_IN % function, specification=specification("cellular"), directory=directory
    )
    builder.process.communicate()
    assert builder.process.returncode == -signal.SIGKILL

    created = build(directory, "cellular")

    assert created["created"] is (function != "store.result")
    assert run_in(created, "import cellular; print(cellular.VERSION)") == "1.0"
    assert leftovers(directory) == []


def test_two_processes_make_one_environment(directory: Path, slow: PackageIndex, other: Start) -> None:
    arguments = {"specification": specification("cellular"), "directory": directory}
    first = other("create", **arguments)
    first.wait_for("Downloading")
    second = other("create", **arguments)
    second.wait_for("Another process is building this environment; waiting")

    slow.released.set()

    kind, made = first.outcome()
    assert (kind, made["created"]) == ("result", True)
    assert second.outcome() == ("result", {**made, "created": False})
    assert leftovers(directory) == []


def test_waiting_for_another_can_be_cancelled_and_harms_nobody(
    directory: Path, slow: PackageIndex, other: Start, steps: Steps
) -> None:
    first = other("create", specification=specification("cellular"), directory=directory)
    first.wait_for("Downloading")
    cancel_at(steps, "Another process")

    with pytest.raises(Cancelled):
        build(directory, "cellular")

    slow.released.set()
    assert first.outcome()[0] == "result"


def test_who_waits_for_one_that_is_killed_takes_over(directory: Path, slow: PackageIndex, other: Start) -> None:
    arguments = {"specification": specification("cellular"), "directory": directory}
    first = other("create", **arguments)
    first.wait_for("Downloading")
    second = other("create", **arguments)
    second.wait_for("Another process")

    first.kill()
    slow.released.set()

    kind, made = second.outcome()
    assert (kind, made["created"]) == ("result", True)
    assert leftovers(directory) == []


def test_two_threads_make_one_environment(directory: Path, slow: PackageIndex, steps: Steps) -> None:
    """POSIX locks know processes only; a thread that opened the file would even take the lock from another."""
    results: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda: results.append(build(directory, "cellular")), daemon=True) for _ in range(2)
    ]
    waiting = threading.Event()
    steps.at = lambda message: waiting.set() if message.startswith("Another process") else None

    for thread in threads:
        thread.start()
    assert slow.reached.wait(PATIENCE)
    assert waiting.wait(PATIENCE)
    slow.released.set()
    for thread in threads:
        thread.join()

    assert sorted(result["created"] for result in results) == [False, True]
    assert leftovers(directory) == []


def test_different_environments_are_built_at_the_same_time(directory: Path, slow: PackageIndex, other: Start) -> None:
    slow.add("tissue")
    first = other("create", specification=specification("cellular", name="first"), directory=directory)
    first.wait_for("Downloading")

    second = build(directory, "tissue", name="second")

    assert second["created"] is True
    slow.released.set()
    assert first.outcome()[0] == "result"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups are POSIX's")
def test_uv_is_no_part_of_the_terminals_process_group(directory: Path, slow: PackageIndex, other: Start) -> None:
    """Ctrl-C goes to the host, which decides; the download must not fail on its own."""
    builder = other("create", specification=specification("cellular"), directory=directory)
    builder.wait_for("Downloading")
    assert slow.reached.wait(PATIENCE)

    builder.process.send_signal(signal.SIGINT)

    assert builder.process.wait(PATIENCE) != 0
    assert slow.dropped.wait(PATIENCE)
    assert leftovers(directory) == []
