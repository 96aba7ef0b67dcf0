"""Getting room back without taking it from anybody, and directories that are only read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import LiveIn, Other, Steps, build, leftovers, run_in, specification
from package_index import PackageIndex

from alcove import Cancelled, OpError, environments
from alcove.environments import disk

NAME = "cells-1a2b3c4d"
MEGABYTE = 1_000_000


def unused_for(created: dict[str, Any], days: float) -> None:
    moment = time.time() - days * 86_400
    os.utime(Path(created["directory"]) / ".in-use", (moment, moment))


def cleaned(directory: Path, **options: Any) -> list[tuple[str, str, str]]:
    return [(item["kind"], item["name"], item["reason"]) for item in environments.clean(directory, **options)["items"]]


def used_bytes(directory: Path) -> int:
    return disk.size(directory.parent)


def test_without_a_wish_only_remains_go(directory: Path, index: PackageIndex, live_in: LiveIn) -> None:
    index.add("cellular")
    old = build(directory)
    current = build(directory, "cellular")
    unused_for(current, 400)
    remains = directory / NAME / ".staging-0123abcd" / "prefix"
    remains.mkdir(parents=True)
    (remains / "half.bin").write_bytes(b"0" * MEGABYTE)
    worker = live_in(old)
    left = ("leftover", NAME, "left by a process that was killed or cancelled")

    assert environments.clean(directory, dry_run=True)["freed_bytes"] == MEGABYTE
    assert cleaned(directory, dry_run=True) == [left]
    assert environments.clean(directory, dry_run=True)["kept"] == [
        {"kind": "version", "name": NAME, "path": old["directory"], "reason": "a worker runs in it"}
    ]
    worker.communicate()
    assert cleaned(directory) == [left, ("version", NAME, "replaced by another version")]

    assert cleaned(directory) == []
    assert leftovers(directory) == []
    assert build(directory, "cellular") == {**current, "created": False}


def test_environments_go_that_nobody_used_for_long(
    directory: Path, index: PackageIndex, live_in: LiveIn, tmp_path: Path
) -> None:
    index.add("cellular", pad=MEGABYTE)
    (tmp_path / "there.py").touch()
    there = str(tmp_path / "there.py")
    for name, days in {"fresh": 1, "lived-in": 40, "forgotten": 40, "future": -40}.items():
        unused_for(build(directory, "cellular", name=name, source=there), days)
    gone = build(directory, "cellular", name="gone", source="/ops/gone.py")
    unused_for(gone, 40)
    lived_in = build(directory, "cellular", name="lived-in", source=there)
    worker = live_in(lived_in)
    before = used_bytes(directory)

    planned = environments.clean(directory, unused_days=30, dry_run=True)

    assert [(item["name"], item["reason"]) for item in planned["items"]] == [
        ("forgotten", "not used for 40 days"),
        ("gone", "not used for 40 days; its file /ops/gone.py is gone"),
    ]
    assert used_bytes(directory) == before
    done = environments.clean(directory, unused_days=30)
    assert done["items"] == planned["items"]
    assert before - used_bytes(directory) == pytest.approx(done["freed_bytes"], abs=1000)
    assert [each["name"] for each in done["kept"]] == ["lived-in"]
    assert [each["name"] for each in environments.list_environments(directory)] == ["fresh", "future", "lived-in"]
    worker.communicate()


def test_caches_are_emptied_with_what_that_frees_said_before(directory: Path, index: PackageIndex) -> None:
    """A file counts when its last name goes: here that in the cache, after that in the environment."""
    index.add("cellular", pad=MEGABYTE)
    index.add("tissue", pad=2 * MEGABYTE)
    unused_for(build(directory, "cellular", "tissue"), 40)
    kept = build(directory, "tissue", name="kept")
    before = used_bytes(directory)
    assert environments.usage(directory)["total_bytes"] == pytest.approx(before, abs=1000)

    planned = environments.clean(directory, unused_days=30, caches=True, dry_run=True)

    assert [item["kind"] for item in planned["items"]] == ["environment", "cache", "cache"]  # wheels, and bytecode
    assert planned["items"][0]["bytes"] < MEGABYTE < planned["items"][1]["bytes"]
    assert planned["freed_bytes"] < 2 * MEGABYTE
    done = environments.clean(directory, unused_days=30, caches=True)
    assert done["freed_bytes"] == planned["freed_bytes"]
    assert before - used_bytes(directory) == pytest.approx(done["freed_bytes"], abs=1000)
    assert run_in(kept, "import tissue; print(tissue.VERSION)") == "1.0"
    assert build(directory, "cellular")["created"] is True


def test_what_is_being_built_is_not_touched(directory: Path, index: PackageIndex, other: Callable[..., Other]) -> None:
    index.held.add(index.add("cellular", pad=3 * MEGABYTE))
    builder = other("create", specification=specification("cellular"), directory=directory)
    builder.wait_for("Downloading")

    done = environments.clean(directory, unused_days=0, caches=True)

    assert done["items"] == []
    assert {(each["kind"], each["name"]) for each in done["kept"]} == {("environment", NAME), ("cache", "uv")}
    index.released.set()
    kind, made = builder.outcome()
    assert kind == "result"
    assert run_in(made, "import cellular; print(cellular.VERSION)") == "1.0"


def test_a_big_deletion_can_be_cancelled_and_is_ended_later(directory: Path, index: PackageIndex, steps: Steps) -> None:
    prefix = Path(build(directory)["directory"])
    for folder in "abc":
        (prefix / folder).mkdir()
        for file in range(300):
            (prefix / folder / str(file)).touch()

    def at(message: str) -> None:
        if any(len(list(hidden.glob("[abc]/*"))) < 900 for hidden in directory.glob("*/.removing-*")):
            raise Cancelled

    steps.at = at
    with pytest.raises(Cancelled):
        environments.remove(directory, NAME)

    steps.at = lambda message: None
    assert environments.list_environments(directory) == []
    assert list(directory.glob("*/.removing-*")) != []
    assert cleaned(directory) == [("leftover", NAME, "left by a process that was killed or cancelled")]
    assert leftovers(directory) == []


def test_clearing_up_after_a_cancel_takes_no_longer_than_it_may(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    for file in range(1000):
        (tmp_path / "big" / str(file)).touch()

    disk.delete_within(tmp_path / "big", 0)
    assert 0 < len(list((tmp_path / "big").iterdir())) < 1000
    disk.delete_within(tmp_path / "big", 60)
    assert not (tmp_path / "big").exists()


def test_what_may_not_be_read_or_written_is_deleted_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "prefix"
    (folder / "closed" / "inner").mkdir(parents=True)
    (folder / "closed" / "inner" / "file").touch(0o400)
    (folder / "closed" / "inner").chmod(0o000)
    (folder / "closed").chmod(0o500)
    program = (
        "import sys; from pathlib import Path; from alcove.environments import disk; disk.delete(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", program, str(folder)]
    if sys.platform == "linux" and os.getuid() == 0:  # whom nothing is forbidden, unless he gives that up
        dropped = "-dac_override,-dac_read_search"
        command = ["setpriv", f"--bounding-set={dropped}", f"--inh-caps={dropped}", *command]

    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})

    assert not folder.exists()


def test_a_reference_to_nothing_goes(directory: Path, index: PackageIndex, tmp_path: Path) -> None:
    index.add("cellular")
    (tmp_path / "requirements.txt").write_text("cellular\n")
    text = f"[tool.alcove]\nenvironment = {str(tmp_path / 'requirements.txt')!r}\n"
    made = environments.create(specification(text=text), directory)
    assert cleaned(directory) == []

    environments.remove(directory, made["name"])

    assert cleaned(directory) == [("leftover", NAME, "the shared environment that it names is gone")]
    assert leftovers(directory) == []


@pytest.fixture
def central(directory: Path, index: PackageIndex, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A central directory with an environment, in a file system that is mounted to be only read."""
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("mounting a file system needs root")
    central = directory.parents[1] / "central"
    central.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(central)], check=True)
    try:
        index.add("cellular")
        build(central / "environments", "cellular")
        (central / "environments" / NAME / "0123abcd").mkdir()  # an old one that nobody removed
        monkeypatch.setenv("ALCOVE_ENVIRONMENTS_PATH", os.pathsep.join(["/nowhere", str(central / "environments")]))
        subprocess.run(["mount", "-o", "remount,ro", str(central)], check=True)
        yield central / "environments"
    finally:
        subprocess.run(["umount", str(central)], check=True)


def test_a_central_environment_is_used_and_never_changed(
    directory: Path, central: Path, index: PackageIndex, live_in: LiveIn
) -> None:
    del index.requests[:]

    made = build(directory, "cellular")

    assert (made["created"], made["directory"]) == (False, str(central / NAME / made["hash"]))
    assert not directory.exists()
    assert index.requests == []
    live_in(made)
    (listed,) = (each for each in environments.list_environments(directory) if each["current"])
    assert (listed["location"], listed["state"], listed["in_use"]) == ("shared", "ready", False)
    assert environments.show(directory, NAME)["packages"][0]["name"] == "cellular"
    assert environments.verify(directory, NAME)["damaged"] == []
    assert environments.clean(directory, unused_days=0, caches=True)["items"] == []
    for change in (
        lambda: environments.update(directory, name=NAME),
        lambda: environments.verify(directory, NAME, repair=True),
        lambda: environments.rename(directory, NAME, "mine"),
        lambda: environments.remove(directory, NAME),
    ):
        with pytest.raises(OpError, match="shared one") as raised:
            change()
        assert raised.value.details["cause"] == "permission"
    own = build(directory, name=NAME)  # asks for something else
    assert own["directory"].startswith(str(directory))
    assert [each["location"] for each in environments.list_environments(directory)] == ["own", "shared", "shared"]


def test_a_directory_that_is_only_read_is_used_and_refuses_the_rest(directory: Path, central: Path) -> None:
    (listed,) = (each for each in environments.list_environments(central) if each["current"])
    assert (listed["location"], listed["in_use"]) == ("own", False)
    assert build(central, "cellular")["created"] is False
    for change in (
        lambda: build(central, name="other"),
        lambda: environments.update(central, name=NAME),
        lambda: environments.remove(central, NAME),
        lambda: environments.rename(central, NAME, "mine"),
        lambda: environments.clean(central, unused_days=0),
    ):
        with pytest.raises(OpError) as raised:
            change()
        assert raised.value.details["cause"] == "permission"
