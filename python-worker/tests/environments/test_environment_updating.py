"""Newer packages, and other names: the old version stays as long as somebody runs in it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from channel_server import ChannelServer
from conftest import LiveIn, Steps, build, conda_specification, leftovers, run_in, specification
from package_index import PackageIndex

from alcove import Cancelled, OpError, environments
from alcove.environments import disk
from alcove.environments.engines import Package
from alcove.environments.store.changes import changes

NAME = "cells-1a2b3c4d"


def hashes(directory: Path) -> list[str]:
    return [listed["hash"] for listed in environments.list_environments(directory)]


def test_changes_are_said_before_and_then_made(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", "1.9", requires=["membrane"])
    index.add("membrane")
    index.add("tissue", "2.0")
    made = build(directory, "cellular", "tissue")
    index.add("cellular", "1.10", requires=["nucleus"])
    index.add("nucleus")
    wanted = specification("cellular", "tissue<2")
    index.add("tissue", "1.5")
    del index.requests[:]

    shown = environments.update(directory, wanted, dry_run=True)

    assert shown["changes"] == [
        {"change": "upgraded", "name": "cellular", "manager": "pip", "from": "1.9", "to": "1.10"},
        {"change": "removed", "name": "membrane", "manager": "pip", "from": "1.0", "to": ""},
        {"change": "added", "name": "nucleus", "manager": "pip", "from": "", "to": "1.0"},
        {"change": "downgraded", "name": "tissue", "manager": "pip", "from": "2.0", "to": "1.5"},
    ]
    assert shown["changed"] is True
    assert not any(request.endswith(".whl") for request in index.requests)
    assert build(directory, "cellular", "tissue") == {**made, "created": False}
    assert leftovers(directory) == []

    updated = environments.update(directory, wanted)

    assert updated == shown
    assert hashes(directory) == [updated["hash"]]
    now = environments.create(wanted, directory)
    assert (now["created"], now["hash"]) == (False, updated["hash"])
    assert run_in(now, "import cellular; print(cellular.VERSION)") == "1.10"
    assert leftovers(directory) == []


def test_when_nothing_is_new_nothing_is_built(directory: Path, index: PackageIndex, steps: Steps) -> None:
    index.add("cellular")
    made = build(directory, "cellular")
    del index.requests[:]

    updated = environments.update(directory, name=NAME)

    assert updated == {
        "name": NAME,
        "hash": made["hash"],
        "changed": False,
        "changes": [],
        "download_bytes": 0,
        "kept_old": False,
    }
    assert not any(request.endswith(".whl") for request in index.requests)
    assert steps[-1] == (1.0, "Nothing changed")
    environments.update(directory, specification("cellular", extra="# only a comment"))
    assert build(directory, "cellular", extra="# only a comment") == {**made, "created": False}


def test_the_same_files_from_elsewhere_are_nothing_new(
    directory: Path, index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("cellular")
    made = build(directory, "cellular")
    mirror = PackageIndex()
    try:
        mirror.files, mirror.hashes = index.files, index.hashes
        monkeypatch.setenv("UV_DEFAULT_INDEX", mirror.url)

        updated = environments.update(directory, name=NAME)
    finally:
        mirror.close()

    assert (updated["changed"], updated["hash"]) == (False, made["hash"])
    assert hashes(directory) == [made["hash"]]


def test_an_update_of_nothing_makes_it(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")

    updated = environments.update(directory, specification("cellular"))

    assert [(change["change"], change["name"]) for change in updated["changes"]] == [("added", "cellular")]
    assert build(directory, "cellular")["created"] is False


def test_a_worker_goes_on_in_the_old_version_which_then_goes(
    directory: Path, index: PackageIndex, live_in: LiveIn
) -> None:
    index.add("cellular", "1.0")
    old = build(directory, "cellular")
    worker = live_in(old)
    index.add("cellular", "1.1")

    assert environments.update(directory, name=NAME)["kept_old"] is True

    assert run_in(old, "import cellular; print(cellular.VERSION)") == "1.0"
    build(directory, "cellular")
    assert len(hashes(directory)) == 2
    worker.communicate()
    new = build(directory, "cellular")
    assert hashes(directory) == [new["hash"]]
    assert run_in(new, "import cellular; print(cellular.VERSION)") == "1.1"


@pytest.mark.parametrize("step", ["Resolved", "Compiling"])
def test_a_cancelled_update_changes_nothing(directory: Path, index: PackageIndex, steps: Steps, step: str) -> None:
    index.add("cellular", "1.0")
    old = build(directory, "cellular")
    index.add("cellular", "1.1")

    def at(message: str) -> None:
        if message.startswith(step):
            raise Cancelled

    steps.at = at
    with pytest.raises(Cancelled):
        environments.update(directory, name=NAME)

    assert leftovers(directory) == []
    assert hashes(directory) == [old["hash"]]


@pytest.mark.parametrize("file", ["alcove-packages.json", "alcove-files.json", "alcove.json", "current"])
def test_a_full_disk_leaves_the_old_version_and_nothing_else(
    directory: Path, index: PackageIndex, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    index.add("cellular", "1.0")
    old = build(directory, "cellular")
    index.add("cellular", "1.1")

    def until_full(write: Callable[..., Any]) -> Callable[..., Any]:
        def full(path: Path, *arguments: Any, **options: Any) -> Any:
            if path.name == file:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            return write(path, *arguments, **options)

        return full

    monkeypatch.setattr(Path, "write_text", until_full(Path.write_text))
    monkeypatch.setattr(disk, "write", until_full(disk.write))

    with pytest.raises(OpError, match="not enough room") as raised:
        environments.update(directory, name=NAME)

    assert raised.value.details["cause"] == "disk_full"
    assert leftovers(directory) == []
    assert hashes(directory) == [old["hash"]]
    assert run_in(old, "import cellular; print(cellular.VERSION)") == "1.0"


def test_what_cannot_be_updated_is_named(directory: Path, index: PackageIndex) -> None:
    for arguments, cause in (
        ({}, "spec_invalid"),
        ({"name": "nothing"}, "not_found"),
        ({"name": "a/b"}, "spec_invalid"),
    ):
        with pytest.raises(OpError) as raised:
            environments.update(directory, **arguments)
        assert raised.value.details["cause"] == cause
    assert environments.list_environments(directory) == []


def package(version: str, manager: str = "conda", build: str = "0", **others: str) -> Package:
    return Package("cellular", version, manager, build, **others)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (package("1.0"), package("1.0.post1"), ("upgraded", "1.0", "1.0.post1")),
        (package("1.1.0"), package("1.1a1"), ("downgraded", "1.1.0", "1.1a1")),
        (package("1!0.5"), package("9.0"), ("downgraded", "1!0.5", "9.0")),  # an epoch
        (package("9e"), package("10a"), ("upgraded", "9e", "10a")),  # no version as PyPI's are
        (package("1.0", "pip"), package("1.0.dev2", "pip"), ("downgraded", "1.0", "1.0.dev2")),
        (package("1.0", build="h1_0"), package("1.0", build="h1_1"), ("rebuilt", "1.0 h1_0", "1.0 h1_1")),
        (package("1.0", sha256="aa"), package("1.0", sha256="bb"), ("rebuilt", "1.0", "1.0")),
        (package("1.0", "pip", url="git@1"), package("1.0", "pip", url="git@2"), ("rebuilt", "1.0", "1.0")),
        (package("1.0", sha256="aa"), package("1.0"), None),
    ],
)
def test_versions_are_compared_as_their_manager_does(
    before: Package, after: Package, change: tuple[str, str, str] | None
) -> None:
    found = [(each.change, each.before, each.after) for each in changes([before], [after])]
    assert found == ([] if change is None else [change])


def test_a_package_that_comes_from_elsewhere_is_removed_and_added() -> None:
    found = changes([package("1.0", "conda")], [package("1.0", "pip")])
    assert [(each.change, each.manager) for each in found] == [("removed", "conda"), ("added", "pip")]


def test_another_name(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", scripts="count = cellular:VERSION.upper\n")
    made = build(directory, "cellular")
    build(directory, name="taken")

    renamed = environments.rename(directory, NAME, "Zellen_1.2-é")

    assert renamed["name"] == "Zellen_1.2-é"
    assert [listed["name"] for listed in environments.list_environments(directory)] == ["Zellen_1.2-é", "taken"]
    again = build(directory, "cellular", name="Zellen_1.2-é")
    assert again == {**made, **renamed, "python": again["python"], "created": False}
    assert run_in(again, "import cellular; print(cellular.VERSION)") == "1.0"
    assert environments.verify(directory, "Zellen_1.2-é")["damaged"] == []
    assert leftovers(directory) == []
    for name, cause in (("taken", "exists"), ("Zellen_1.2-é", "exists"), ("../out", "spec_invalid")):
        with pytest.raises(OpError) as raised:
            environments.rename(directory, "Zellen_1.2-é", name)
        assert raised.value.details["cause"] == cause
    assert build(directory, "cellular")["created"] is True


def test_another_name_while_a_worker_runs(directory: Path, index: PackageIndex, live_in: LiveIn) -> None:
    index.add("cellular")
    made = build(directory, "cellular")
    worker = live_in(made)

    renamed = environments.rename(directory, NAME, "other")

    assert run_in(made, "import cellular; print(cellular.VERSION)") == "1.0"
    assert build(directory, "cellular", name="other")["hash"] == renamed["hash"]
    with pytest.raises(OpError, match="no environment"):
        environments.show(directory, NAME)
    worker.communicate()
    cleaned = environments.clean(directory)
    assert [(item["kind"], item["name"]) for item in cleaned["items"]] == [("version", NAME)]
    assert [listed["name"] for listed in environments.list_environments(directory)] == ["other"]


def test_another_name_where_paths_are_written_into_files(directory: Path, channel_server: ChannelServer) -> None:
    made = environments.create(conda_specification("python 3.11.*", "prefix-probe", "greeter"), directory)
    downloads = channel_server.count("*.conda")

    renamed = environments.rename(directory, NAME, "Zellen")

    assert channel_server.count("*.conda") == downloads
    prefix = Path(renamed["directory"])
    assert prefix == directory / "Zellen" / made["hash"]
    probe = subprocess.run([prefix / "bin" / "prefix-probe"], check=True, capture_output=True, text=True)
    assert probe.stdout.strip() == f"{prefix}/share/probe"
    assert [listed["name"] for listed in environments.list_environments(directory)] == ["Zellen"]
    assert environments.verify(directory, "Zellen")["damaged"] == []
    packages = environments.show(directory, "Zellen")["packages"]
    assert {package["manager"] for package in packages} == {"conda"}
    assert all(package["license"] and package["sha256"] for package in packages)
    again = environments.create(
        conda_specification("python 3.11.*", "prefix-probe", "greeter", name="Zellen"), directory
    )
    assert (again["created"], again["hash"]) == (False, made["hash"])


@pytest.fixture
def shared_file(tmp_path: Path) -> Path:
    file = tmp_path / "shared" / "requirements.txt"
    file.parent.mkdir()
    file.write_text("cellular\n")
    return file


def referring(shared_file: Path, op_file: str) -> dict[str, object]:
    source = shared_file.parents[1] / "ops" / op_file
    text = f"[tool.alcove]\nenvironment = {json.dumps(os.path.relpath(shared_file, source.parent))}\n"
    return specification(name=op_file.replace(".", "-"), text=text, source=str(source))


def test_op_files_that_name_one_file_share_one_environment(
    directory: Path, index: PackageIndex, shared_file: Path
) -> None:
    index.add("cellular")

    first = environments.create(referring(shared_file, "first.py"), directory)
    second = environments.create(referring(shared_file, "second.py"), directory)

    assert second == {**first, "created": False}
    assert first["name"].startswith("requirements-")
    assert len(environments.list_environments(directory)) == 1
    reference = json.loads((directory / "first-py" / "reference.json").read_text(encoding="utf-8"))
    assert reference["environment"] == first["name"]
    assert reference["file"] == str(shared_file)
    shown = environments.show(directory, "second-py")
    assert shown["name"] == first["name"]
    ops = shared_file.parents[1] / "ops"
    assert shown["used_by"] == sorted([str(ops / "first.py"), str(ops / "second.py"), str(shared_file)])

    environments.rename(directory, first["name"], "lab")
    assert json.loads((directory / "first-py" / "reference.json").read_text())["environment"] == "lab"
    assert environments.verify(directory, "first-py")["name"] == "lab"
    assert environments.create(referring(shared_file, "first.py"), directory)["name"] == "lab"

    assert environments.remove(directory, "second-py")["freed_bytes"] == 0
    assert not (directory / "second-py").exists() or sys.platform == "win32"
    environments.remove(directory, "lab")
    with pytest.raises(OpError, match="no environment 'lab'"):
        environments.show(directory, "first-py")


def test_a_shared_file_that_changes_makes_another_environment(
    directory: Path, index: PackageIndex, shared_file: Path
) -> None:
    index.add("cellular")
    first = environments.create(referring(shared_file, "first.py"), directory)
    index.add("tissue")
    shared_file.write_text("cellular\ntissue\n")

    second = environments.create(referring(shared_file, "first.py"), directory)

    assert second["name"] != first["name"]
    assert second["packages"] == 2
    reference = json.loads((directory / "first-py" / "reference.json").read_text(encoding="utf-8"))
    assert reference["environment"] == second["name"]


def test_an_update_by_an_op_file_updates_what_it_shares(
    directory: Path, index: PackageIndex, shared_file: Path
) -> None:
    index.add("cellular")
    first = environments.create(referring(shared_file, "first.py"), directory)
    index.add("cellular", "1.1")

    updated = environments.update(directory, name="first-py")

    assert (updated["name"], updated["changed"]) == (first["name"], True)
    assert environments.update(directory, referring(shared_file, "first.py"))["changed"] is False
