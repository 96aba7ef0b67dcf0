"""Making environments: what stands there afterwards, and when nothing need be done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Steps, build, leftovers, run_in, specification
from package_index import PackageIndex

from alcove import environments

# The package index that users have; the other tests have one of their own and need no network.
REAL_INDEX = pytest.mark.usefixtures("real_index")


@pytest.fixture
def real_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    monkeypatch.setenv("UV_HTTP_RETRIES", "3")


@REAL_INDEX
def test_packages_from_the_public_index_can_be_imported(directory: Path, steps: Steps) -> None:
    created = build(directory, "six>=1.16", "packaging")

    assert created["created"] is True
    assert created["packages"] == 2
    assert created["directory"] == str(directory / "cells-1a2b3c4d" / created["hash"])
    assert run_in(created, "import six, packaging; print(six.__name__, packaging.__name__)") == "six packaging"
    assert leftovers(directory) == []


def test_progress_names_each_step_and_never_goes_back(directory: Path, index: PackageIndex, steps: Steps) -> None:
    index.add("cellular", pad=2_000_000)

    build(directory, "cellular")

    wanted = [
        "Resolving dependencies of cells.py",
        "Making",
        "Downloading cellular (2 MB)",
        "Installing 1",
        "Compiling",
    ]
    for text in [*wanted, "Ready"]:
        assert any(message.startswith(text) for message in steps.messages), text
    fractions = [fraction for fraction, _ in steps]
    assert fractions == sorted(fractions)
    assert steps[-1] == (1.0, "Ready")


def test_the_marker_tells_java_what_stands_there(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", "2.1")

    created = build(directory, "cellular")

    folder = directory / "cells-1a2b3c4d"
    assert (folder / "current").read_text() == created["hash"] + "\n"
    prefix = folder / created["hash"]
    marker = json.loads((prefix / "alcove.json").read_text(encoding="utf-8"))
    assert marker["format"] == 2
    assert marker["name"] == "cells-1a2b3c4d"
    assert marker["hash"] == created["hash"]
    assert marker["engine"] == "uv"
    assert str(prefix / marker["python"]) == created["python"]
    assert marker["python_version"] == run_in(created, "import platform; print(platform.python_version())")
    assert marker["package_count"] == 1
    (package,) = json.loads((prefix / "alcove-packages.json").read_text(encoding="utf-8"))
    assert (package["name"], package["version"], package["manager"]) == ("cellular", "2.1", "pip")
    assert package["sha256"] in index.hashes.values()
    assert marker["specification"] == specification("cellular")
    assert (marker["variant"], marker["variables"]) == ("", {})
    assert (prefix / marker["lock_file"]).read_text(encoding="utf-8").startswith("lock-version")
    assert len(marker["lock_sha256"]) == len(marker["files_sha256"]) == 64
    assert (prefix / ".in-use").read_bytes() == b""


def test_the_second_time_nothing_is_asked_of_anybody(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", "1.0")
    first = build(directory, "cellular")
    index.add("cellular", "1.1")
    del index.requests[:]

    again = build(directory, "cellular")

    assert again == {**first, "created": False}
    assert index.requests == []
    assert run_in(again, "import cellular; print(cellular.VERSION)") == "1.0"


def test_what_was_downloaded_before_installs_without_network(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")
    build(directory, "cellular", name="first")
    del index.requests[:]

    created = build(directory, "cellular", name="second", offline=True)

    assert run_in(created, "import cellular; print(cellular.VERSION)") == "1.0"
    assert index.requests == []


def test_another_header_that_asks_for_the_same_makes_nothing_new(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")
    first = build(directory, "cellular")

    again = build(directory, "cellular", extra="# only a comment")

    assert again == {**first, "created": False}
    marker = json.loads((Path(first["directory"]) / "alcove.json").read_text(encoding="utf-8"))
    assert marker["specification"]["text"].endswith("# only a comment")


def test_a_changed_header_makes_a_new_environment_beside_the_old(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")
    index.add("tissue")
    old = build(directory, "cellular")

    new = build(directory, "cellular", "tissue")

    assert new["hash"] != old["hash"]
    assert (directory / "cells-1a2b3c4d" / "current").read_text().strip() == new["hash"]
    assert run_in(old, "import cellular; print(cellular.VERSION)") == "1.0"
    assert {listed["hash"] for listed in environments.list_environments(directory)} == {old["hash"], new["hash"]}


def test_modules_are_compiled_whatever_the_surroundings_say(
    directory: Path, index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("cellular", files={"cellular_parts/tests/test_it.py": "", "template.py": "this is {{ no }} Python"})
    for name, value in {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHOME": "/nowhere",
        "PYTHONPATH": "/nowhere",
        "VIRTUAL_ENV": "/nowhere",
        "CONDA_PREFIX": "/nowhere",
        "UV_PYTHON": "3.1",
        "UV_SYSTEM_PYTHON": "1",
    }.items():
        monkeypatch.setenv(name, value)

    prefix = Path(build(directory, "cellular")["directory"])

    compiled = {path.name.split(".")[0] for path in prefix.rglob("*.pyc")}
    assert "cellular" in compiled
    assert "test_it" not in compiled


def test_programs_of_packages_run_where_the_environment_ends_up(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", files={"tool.py": "def main(): print('it runs')\n"}, scripts="count-cells = tool:main\n")

    created = build(directory, "cellular")

    program = Path(created["python"]).with_name("count-cells.exe" if sys.platform == "win32" else "count-cells")
    assert subprocess.run([program], check=True, capture_output=True, text=True).stdout == "it runs\n"


@pytest.mark.skipif(sys.platform == "darwin", reason="files are cloned there, not linked")
def test_files_are_shared_with_the_cache_beside_the_environments(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")

    prefix = Path(build(directory, "cellular")["directory"])

    assert (directory.parent / "cache" / "uv").is_dir()
    assert next(prefix.rglob("cellular.py")).stat().st_nlink == 2


def test_an_environment_whose_python_has_gone_is_broken_and_made_again(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")
    first = build(directory, "cellular")
    python = Path(first["python"])
    python.unlink()
    if sys.platform != "win32":
        os.symlink("/uninstalled/python3", python)
    assert [listed["state"] for listed in environments.list_environments(directory)] == ["broken"]

    again = build(directory, "cellular")

    assert again == first
    assert run_in(again, "import cellular; print(cellular.VERSION)") == "1.0"
    assert leftovers(directory) == []


def test_a_folder_without_marker_is_incomplete_and_made_again(directory: Path, index: PackageIndex) -> None:
    index.add("cellular")
    first = build(directory, "cellular")
    (Path(first["directory"]) / "alcove.json").unlink()
    assert [listed["state"] for listed in environments.list_environments(directory)] == ["incomplete"]

    assert build(directory, "cellular") == first
    assert [listed["state"] for listed in environments.list_environments(directory)] == ["ready"]


def test_list_describes_each_environment(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", pad=3_000_000)
    created = build(directory, "cellular")

    (listed,) = environments.list_environments(directory)

    size = listed.pop("size_bytes")
    assert 3_000_000 < size < 4_000_000
    assert listed.pop("created").endswith("+00:00")
    assert listed.pop("last_used").endswith("+00:00")
    assert listed.pop("python_version").startswith("3.")
    assert listed == {
        "name": "cells-1a2b3c4d",
        "hash": created["hash"],
        "engine": "uv",
        "directory": created["directory"],
        "python": created["python"],
        "packages": 1,
        "source": "/ops/cells.py",
        "state": "ready",
        "in_use": False,
        "location": "own",
        "current": True,
        "variant": "",
    }


def test_list_of_nothing_is_empty(directory: Path) -> None:
    assert environments.list_environments(directory) == []


def test_an_index_named_in_the_header_is_used_with_its_password(
    directory: Path, index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = PackageIndex()
    try:
        private.add("cellular")
        private.password = "me:geheim"
        monkeypatch.setenv("UV_INDEX_LAB_USERNAME", "me")
        monkeypatch.setenv("UV_INDEX_LAB_PASSWORD", "geheim")
        extra = f'[[tool.uv.index]]\nname = "lab"\nurl = "{private.url}"\n'

        created = build(directory, "cellular", extra=extra)
    finally:
        private.close()

    assert run_in(created, "import cellular; print(cellular.VERSION)") == "1.0"
    assert not any("cellular" in request for request in index.requests)
    assert "geheim" not in (Path(created["directory"]) / "pylock.toml").read_text()
