"""Removing environments, also when somebody lives in them or the power goes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import LiveIn, Other, build, leftovers, run_in, specification
from package_index import PackageIndex

from alcove import OpError, environments


def test_removed_is_gone(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", pad=1_000_000)
    build(directory, "cellular")
    build(directory, "cellular", name="kept")

    removed = environments.remove(directory, "cells-1a2b3c4d")

    assert removed["name"] == "cells-1a2b3c4d"
    # The wheel's files are in the cache and in the other environment still.
    assert 0 < removed["freed_bytes"] < 1_000_000
    assert [listed["name"] for listed in environments.list_environments(directory)] == ["kept"]
    assert not (directory / "cells-1a2b3c4d").exists() or sys.platform == "win32"


def test_all_versions_of_a_name_are_removed(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")
    build(directory)
    build(directory, "cellular")

    environments.remove(directory, "cells-1a2b3c4d")

    assert environments.list_environments(directory) == []


def test_unknown_names_are_answered_with_the_known(directory: Path) -> None:
    build(directory, name="cells-1a2b3c4d")

    with pytest.raises(OpError, match="no environment 'cell'") as raised:
        environments.remove(directory, "cell")

    assert raised.value.details == {"cause": "not_found", "known": ["cells-1a2b3c4d"]}
    assert raised.value.hint == "Known: cells-1a2b3c4d"


@pytest.mark.parametrize("name", ["", "..", "a/b", ".lock", "cells\\..", "/"])
def test_names_lead_nowhere_else(directory: Path, name: str) -> None:
    build(directory)

    with pytest.raises(OpError) as raised:
        environments.remove(directory, name)

    assert raised.value.details["cause"] == "spec_invalid"
    assert len(environments.list_environments(directory)) == 1


def test_what_a_worker_uses_stays(directory: Path, index: PackageIndex, live_in: LiveIn) -> None:
    index.add("cellular")
    created = build(directory, "cellular")
    workers = [live_in(created), live_in(created)]
    assert [listed["in_use"] for listed in environments.list_environments(directory)] == [True]
    workers[0].communicate()

    with pytest.raises(OpError, match="in use") as raised:
        environments.remove(directory, "cells-1a2b3c4d")

    assert raised.value.details["cause"] == "in_use"
    assert run_in(created, "import cellular; print(cellular.VERSION)") == "1.0"
    workers[1].communicate()
    assert [listed["in_use"] for listed in environments.list_environments(directory)] == [False]
    environments.remove(directory, "cells-1a2b3c4d")


def test_looking_does_not_take_the_lock_away(directory: Path, live_in: LiveIn) -> None:
    created = build(directory)
    live_in(created)

    for _ in range(3):
        assert [listed["in_use"] for listed in environments.list_environments(directory)] == [True]


def test_a_name_is_free_again_after_removing(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")
    first = build(directory, "cellular")
    environments.remove(directory, "cells-1a2b3c4d")

    assert build(directory, "cellular") == first


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("op", ["remove", "create"])
def test_kill_while_deleting_hides_the_environment_and_the_next_one_ends_it(
    directory: Path, other: Callable[..., Other], op: str
) -> None:
    build(directory)
    killed = (
        "import os\nfrom alcove.environments import disk\ndisk.delete = lambda *arguments: os.kill(os.getpid(), 9)\n"
    )
    remover = other("remove", before=killed, name="cells-1a2b3c4d", directory=directory)
    remover.process.communicate()
    assert remover.process.returncode == -signal.SIGKILL
    assert environments.list_environments(directory) == []
    assert leftovers(directory) != []

    if op == "remove":
        assert environments.remove(directory, "cells-1a2b3c4d")["freed_bytes"] > 0
    else:
        assert environments.create(specification(), directory)["created"] is True

    assert leftovers(directory) == []


def test_who_waits_while_it_is_removed_is_told_that_it_is_gone(
    directory: Path, index: PackageIndex, other: Callable[..., Other]
) -> None:
    """The lock that both wait for is deleted under them."""
    index.held.add(index.add("cellular", pad=3_000_000))
    builder = other("create", specification=specification("cellular"), directory=directory)
    builder.wait_for("Downloading")
    removers = [other("remove", name="cells-1a2b3c4d", directory=directory) for _ in range(3)]
    for remover in removers:
        remover.wait_for("Another process")

    index.released.set()

    assert builder.outcome()[0] == "result"
    outcomes = sorted(remover.outcome()[0] for remover in removers)
    assert outcomes == ["failed", "failed", "result"]
    assert environments.list_environments(directory) == []
