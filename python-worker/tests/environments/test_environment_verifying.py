"""Whether damage is found, whatever it is, and made good from what is known to be sound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import LiveIn, Steps, build, leftovers, run_in
from package_index import PackageIndex

from alcove import Cancelled, OpError, environments

NAME = "cells-1a2b3c4d"
TOOL = {"files": {"tool.py": "def main(): print('it runs')\n"}, "scripts": "count-cells = tool:main\n"}
PROGRAM = "Scripts/count-cells.exe" if sys.platform == "win32" else "bin/count-cells"


@pytest.fixture
def prefix(directory: Path, index: PackageIndex) -> Path:
    """An environment with a package that has a module, a program, and a record with hashes of both."""
    index.add("cellular", **TOOL)
    return Path(build(directory, "cellular")["directory"])


def damage(directory: Path) -> dict[str, tuple[str, str]]:
    """Package and problem of each damaged file."""
    verified = environments.verify(directory, NAME)
    assert verified["repaired"] is False
    return {each["path"]: (each["package"], each["problem"]) for each in verified["damaged"]}


def overwritten(file: Path) -> None:
    """Changes a file, and with it what the cache holds under another name; the time of its change stays."""
    status = file.stat()
    with open(file, "r+b") as stream:
        stream.seek(max(0, status.st_size - 1))
        stream.write(b"#")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_every_kind_of_damage_is_found_and_repaired(directory: Path, prefix: Path) -> None:
    site = next(prefix.rglob("cellular.py")).parent
    assert damage(directory) == {}
    run_in({"python": str(prefix / PROGRAM).replace("count-cells", "python")}, "import cellular, json")
    overwritten(site / "cellular.py")
    (site / "tool.py").unlink()
    overwritten(next(site.glob("__pycache__/cellular.*.pyc")))
    next(site.glob("__pycache__/tool.*.pyc")).unlink()
    overwritten(prefix / PROGRAM)
    overwritten(prefix / "pyvenv.cfg")
    overwritten(prefix / "pylock.toml")
    (prefix / "alcove-packages.json").unlink()
    (prefix / "alcove-packages.json").mkdir()
    (site / "added.py").touch()
    place = site.relative_to(prefix).as_posix()
    pyc = next(site.glob("__pycache__/cellular.*.pyc")).relative_to(prefix).as_posix()

    found = damage(directory)

    assert found == {
        f"{place}/cellular.py": ("cellular", "changed"),
        f"{place}/tool.py": ("cellular", "missing"),
        pyc: ("", "changed"),
        PROGRAM: ("cellular", "changed"),
        "pyvenv.cfg": ("", "changed"),
        "pylock.toml": ("", "changed"),
        "alcove-packages.json": ("", "unreadable"),
    }
    repaired = environments.verify(directory, NAME, repair=True)
    assert repaired["repaired"] is True
    assert len(repaired["damaged"]) == len(found)
    assert damage(directory) == {}
    assert subprocess.run([prefix / PROGRAM], check=True, capture_output=True, text=True).stdout == "it runs\n"
    assert leftovers(directory) == []
    assert build(directory, "cellular")["created"] is False


@pytest.mark.skipif(sys.platform == "win32", reason="a link is POSIX's way to a Python")
def test_a_python_that_is_another_one_is_damage(directory: Path, prefix: Path) -> None:
    python = prefix / "bin" / "python"
    python.unlink()
    python.symlink_to("/bin/sh")

    assert damage(directory) == {"bin/python": ("", "changed")}

    python.unlink()
    python.symlink_to("/uninstalled/python3")
    assert damage(directory) == {"bin/python": ("", "changed")}


def test_a_base_python_that_is_gone_is_named(directory: Path, prefix: Path) -> None:
    marker = json.loads((prefix / "alcove.json").read_text())
    marker["base_python"] = "/uninstalled/python3"
    (prefix / "alcove.json").write_text(json.dumps(marker))

    assert damage(directory) == {"/uninstalled/python3": ("python", "missing")}
    assert environments.verify(directory, NAME, repair=True)["repaired"] is True
    assert damage(directory) == {}


@pytest.mark.parametrize("file", ["alcove.json", "alcove-files.json", "pylock.toml", "../current"])
def test_what_alcove_itself_wrote_is_repaired_too(
    directory: Path, prefix: Path, index: PackageIndex, file: str
) -> None:
    (prefix / file).write_text("{}")

    assert list(damage(directory)) == [Path(file).name]

    repaired = environments.verify(directory, NAME, repair=True)

    assert (repaired["repaired"], repaired["hash"]) == (True, prefix.name)
    assert damage(directory) == {}
    assert build(directory, "cellular")["hash"] == prefix.name
    assert leftovers(directory) == []


def test_what_nothing_is_known_of_any_more_is_not_repaired(directory: Path, prefix: Path) -> None:
    for file in ("alcove.json", "pylock.toml"):
        overwritten(prefix / file)

    with pytest.raises(OpError, match="damaged") as raised:
        environments.verify(directory, NAME, repair=True)

    assert raised.value.details["cause"] == "damaged"
    assert prefix.is_dir()
    assert leftovers(directory) == []


def test_a_damaged_lock_file_is_resolved_anew(directory: Path, prefix: Path, index: PackageIndex) -> None:
    index.add("cellular", "1.1")
    overwritten(prefix / "pylock.toml")

    repaired = environments.verify(directory, NAME, repair=True)

    assert repaired["hash"] != prefix.name
    assert not prefix.exists()
    assert damage(directory) == {}


@pytest.mark.skipif(sys.platform == "darwin", reason="files are cloned there, not linked")
def test_what_was_changed_in_one_environment_never_gets_into_another(
    directory: Path, prefix: Path, steps: Steps
) -> None:
    """A file in an environment is the one in uv's cache under another name, and uv trusts its cache."""
    overwritten(next(prefix.rglob("cellular.py")))

    other = build(directory, "cellular", name="other")

    assert "The cache of cellular is damaged; installing anew" in steps.messages
    assert run_in(other, "import cellular; print(cellular.VERSION)") == "1.0"
    assert environments.verify(directory, "other")["damaged"] == []
    assert list(damage(directory).values()) == [("cellular", "changed")]


def test_a_package_that_contradicts_itself_is_refused(directory: Path, index: PackageIndex) -> None:
    index.add("cellular", files={"cellular-1.0.dist-info/RECORD": "a hash of this will stand in what replaces it"})

    with pytest.raises(OpError, match="cellular") as raised:
        build(directory, "cellular")

    assert raised.value.details["cause"] == "hash_mismatch"
    assert environments.list_environments(directory) == []
    assert leftovers(directory) == []


def test_what_a_worker_uses_is_not_repaired(directory: Path, prefix: Path, live_in: LiveIn, steps: Steps) -> None:
    next(prefix.rglob("tool.py")).unlink()
    worker = live_in({"directory": prefix, "python": sys.executable})

    with pytest.raises(OpError, match="in use") as raised:
        environments.verify(directory, NAME, repair=True)

    assert raised.value.details["cause"] == "in_use"
    assert not any(message.startswith("Making") for message in steps.messages), "it is said before the work is done"
    assert len(damage(directory)) == 1
    worker.communicate()
    assert environments.verify(directory, NAME, repair=True)["repaired"] is True


def test_verifying_tells_how_far_it_is_and_can_be_cancelled(directory: Path, prefix: Path, steps: Steps) -> None:
    environments.verify(directory, NAME)
    assert any(message.startswith(f"Verifying {NAME}") for message in steps.messages)

    def at(message: str) -> None:
        raise Cancelled

    steps.at = at
    for repair in (False, True):
        with pytest.raises(Cancelled):
            environments.verify(directory, NAME, repair=repair)
    assert leftovers(directory) == []


def test_a_repair_that_is_cancelled_leaves_what_was_there(directory: Path, prefix: Path, steps: Steps) -> None:
    next(prefix.rglob("tool.py")).unlink()

    def at(message: str) -> None:
        if message.startswith("Compiling"):
            raise Cancelled

    steps.at = at
    with pytest.raises(Cancelled):
        environments.verify(directory, NAME, repair=True)

    assert len(damage(directory)) == 1
    assert leftovers(directory) == []


def test_unknown_names_are_not_found(directory: Path) -> None:
    with pytest.raises(OpError) as raised:
        environments.verify(directory, "nothing")
    assert raised.value.details["cause"] == "not_found"
