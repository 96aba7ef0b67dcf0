"""``./alcove env`` with conda packages, which a channel on the loopback interface serves as conda-forge."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import tifffile
from alcove_program import NUCLEI, ROOT, Alcove
from channels import ChannelServer, mirrored

WANTED = """name: cells
channels: [conda-forge]
dependencies:
  - python 3.11.*
  - numpy
  - microscope {}.*
  - activator
"""
OP = """
# /// script
# [tool.alcove]
# environment = "environment.yml"
# ///
from alcove import Image, op

@op
def brightest(image: Image) -> int:
    import numpy
    return int(numpy.max(image))

@op
def activated() -> str:
    import os, shutil, sys
    home = sys.prefix + "/share/activator"
    assert os.environ["ACTIVATOR_HOME"] == home
    assert shutil.which("activated") == home + "/bin/activated"
    assert "ACTIVATOR_UNWANTED" not in os.environ
    return os.environ["ACTIVATOR_MODE"]
"""


@pytest.fixture
def environment_file(tmp_path: Path) -> Path:
    file = tmp_path / "environment.yml"
    file.write_text(WANTED.format(1))
    return file


def java_of(alcove: Alcove) -> psutil.Process:
    (java,) = [process for process in alcove.processes() if "java" in process.name()]
    return java


def test_an_environment_from_its_making_to_its_end(
    fresh_alcove: Alcove, channel_server: ChannelServer, environment_file: Path, tmp_path: Path
) -> None:
    network = mirrored(channel_server)
    plan = fresh_alcove.run("env", "create", environment_file, "--dry-run", "--json", check=True, **network)
    assert {"python", "numpy", "microscope"} <= {change["name"] for change in plan.json["changes"]}
    assert {change["change"] for change in plan.json["changes"]} == {"added"}
    dry = fresh_alcove.run("env", "create", environment_file, "--dry-run", check=True, **network)
    assert len(dry.out.splitlines()) == len(plan.json["changes"])
    assert f"Would install {len(plan.json['changes'])} packages, " in dry.err
    assert " to download.\n" in dry.err
    assert list(fresh_alcove.data_directory.glob("environments/*/*/alcove.json")) == []
    made = fresh_alcove.run("env", "create", environment_file, "--json", check=True, **network).json
    name = made["name"]
    assert name.startswith("environment-")
    assert Path(made["python"]).exists()
    ready = fresh_alcove.run("env", "create", environment_file, "--dry-run", "--json", check=True, **network).json
    assert (ready["name"], ready["changed"], ready["changes"]) == (name, False, [])

    # An op file that refers to the file runs in what was made from it, which no network is needed for.
    channel_server.stop()
    op = tmp_path / "op.py"
    op.write_text(OP)
    ran = fresh_alcove.run("run", f"{op}:brightest", f"image={NUCLEI}", "--offline", check=True, **network)
    assert ran.out == f"result: {tifffile.imread(NUCLEI).max()}\n"
    assert "Solving" not in ran.err
    wanted = {**network, "ACTIVATOR_HOME": "mine", "ACTIVATOR_UNWANTED": "1"}
    assert fresh_alcove.run("run", f"{op}:activated", "--offline", check=True, **wanted).out == "result: gentle\n"
    shown = fresh_alcove.run("env", "show", name, "--json", check=True, **network).json
    assert {"numpy", "python", "objective"} <= {package["name"] for package in shown["packages"]}
    assert {str(environment_file), str(op)} <= set(shown["used_by"])
    channel_server.start()

    environment_file.write_text(WANTED.format(2))
    dry = fresh_alcove.run("env", "update", name, environment_file, "--dry-run", check=True, **network)
    assert [line.split(maxsplit=3) for line in dry.out.splitlines()[:-1]] == [
        ["added", "camera", "conda", "1.0"],
        ["downgraded", "eyepiece", "conda", "2.0 -> 1.0"],
        ["removed", "lamp", "conda", "1.0"],
        ["upgraded", "microscope", "conda", "1.0 -> 2.0"],
        ["upgraded", "objective", "conda", "1.0 -> 2.0"],
        ["rebuilt", "stage", "conda", "1.0 h0_0 -> 1.0 h1_1"],
    ]
    assert dry.out.splitlines()[-1] == "To download: 5 kB"
    assert "Nothing was changed" in dry.err
    updated = fresh_alcove.run("env", "update", name, environment_file, "--json", check=True, **network).json
    assert updated["changed"] is True

    (prefix,) = {each["directory"] for each in fresh_alcove.run("env", "list", "--json", check=True).json}
    damaged = Path(prefix, "share", "camera", "version.txt")
    damaged.unlink()
    damaged.write_text("something else")
    fresh_alcove.run("env", "verify", name, **network).assert_failed("1 damaged file", "--repair")
    assert "was made anew" in fresh_alcove.run("env", "verify", name, "--repair", check=True, **network).err
    assert damaged.read_text().startswith("camera 1.0")

    fresh_alcove.run("env", "rename", name, "cells", check=True, **network)
    listed = fresh_alcove.run("env", "list", check=True).out.split()
    assert listed[:5] == ["cells", "ready", "rattler", "Python", "3.11.2"]
    assert listed[-1] == str(environment_file)
    assert "Nothing was removed" in fresh_alcove.run("env", "clean", "--unused", "0", "--dry-run", check=True).err
    assert "would free" in fresh_alcove.run("env", "remove", "cells", "--dry-run", check=True).err
    fresh_alcove.run("env", "remove", "cells", check=True)
    assert fresh_alcove.run("env", "list", "--json", check=True).json == []


def test_to_a_machine_without_network(
    fresh_alcove: Alcove, channel_server: ChannelServer, environment_file: Path, memory_directory: Path, tmp_path: Path
) -> None:
    network = mirrored(channel_server)
    lock = tmp_path / "conda-lock.yml"
    platforms = ["--platform", "linux-64", "--platform", "osx-arm64"]
    said = fresh_alcove.run("env", "lock", environment_file, *platforms, "-o", lock, check=True, **network).err
    assert "for linux-64 (" in said
    assert ", osx-arm64 (" in said
    assert "numpy" in lock.read_text()
    fresh_alcove.run("env", "create", lock, "--name", "locked", check=True, **network)
    exported = fresh_alcove.run("env", "export", "locked", check=True).out
    assert "- numpy" in exported
    pack = tmp_path / "locked.alcove"
    fresh_alcove.run("env", "pack", "locked", "-o", pack, "--toolbox", check=True, **network)

    # There is nothing there but Alcove itself, Java and Python.
    other = Alcove(tmp_path / "other data", memory_directory, tmp_path)
    none = {"ALCOVE_SETTINGS": "", "ALCOVE_OFFLINE": "1", "HTTPS_PROXY": "http://127.0.0.1:9"}
    made = other.run("env", "unpack", pack, "--name", "cells", "--json", check=True, **none).json
    assert Path(made["python"]).is_relative_to(other.data_directory)
    (listed,) = other.run("env", "list", "--json", check=True, **none).json
    assert (listed["name"], listed["state"], listed["engine"]) == ("cells", "ready", "rattler")
    assert other.staging() == []


def test_ctrl_c_during_a_download_leaves_nothing(
    fresh_alcove: Alcove, channel_server: ChannelServer, environment_file: Path
) -> None:
    network = mirrored(channel_server)
    hold = channel_server.hold("*/numpy-*.conda")
    with fresh_alcove.start("env", "create", environment_file, "--progress", "json", **network) as making:
        assert hold.reached.wait(60)
        # What is told of it comes a moment later.
        assert any(downloaded(line) > 10_000_000 for line in making.stderr or ())
        java_of(fresh_alcove).send_signal(signal.SIGINT)
        _, told = making.communicate(timeout=60)
    assert making.returncode == 130
    fresh_alcove.assert_nothing_left()
    assert fresh_alcove.staging() == []
    assert fresh_alcove.run("env", "list", "--json", check=True).json == []
    assert told.splitlines()[-1] == "Stopped."


def downloaded(line: str) -> int:
    """How many bytes a line of progress says that there are to download, 0 when it tells of something else."""
    details = json.loads(line).get("details", {})
    return int(details["total_bytes"]) if details.get("step") == "downloading" else 0


def test_the_demo_with_conda_packages(alcove: Alcove, channel_server: ChannelServer) -> None:
    demo = alcove.run(
        "demo", "--engine", "conda", "--channel", channel_server.url, "--json", check=True, ALCOVE_SETTINGS=""
    )
    labels = tifffile.imread(demo.json["labels"])
    assert labels.shape == tifffile.imread(NUCLEI).shape
    assert demo.json["count"] == labels.max() > 90
    assert Path(demo.json["overlay"]).exists()
    assert channel_server.count("*/numpy-*.conda") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "fragments"),
    [
        ([], 2, ["what shall be in it?"]),
        (["environment.yml", "--package", "numpy"], 2, ["give one of"]),
        (["environment.yml", "--channel", "bioconda"], 2, ["--channel"]),
        (["nowhere.yml"], 1, ["there is no file", "nowhere.yml"]),
        (["notes.yml"], 1, ["notes.yml says neither by its name nor by its content"]),
        (["--package", "num py", "--name", "../out"], 1, ["../out"]),
        (["--conda-package", "numpy", "--channel", "defaults"], 1, ["defaults"]),
    ],
)
def test_nonsense_is_refused(
    alcove: Alcove, environment_file: Path, tmp_path: Path, arguments: list[str], code: int, fragments: list[str]
) -> None:
    (tmp_path / "notes.yml").write_text("remember: the milk\n")
    alcove.run("env", "create", *arguments, ALCOVE_SETTINGS="").assert_failed(*fragments, code=code)


def test_cleaning_asks_on_a_terminal(fresh_alcove: Alcove) -> None:
    left = fresh_alcove.data_directory / "environments" / "cells" / ".staging-0123"
    left.mkdir(parents=True)
    for answer, gone in (("n", False), ("y", True)):
        assert "[y/N]" in typed(fresh_alcove, answer, "env", "clean")
        assert left.exists() is not gone


def test_another_environment_is_not_replaced_without_a_word(fresh_alcove: Alcove, tmp_path: Path) -> None:
    bare = tmp_path / "bare.py"
    bare.write_text("")
    create = ["env", "create", "--name", "cells"]
    assert "There is another" not in fresh_alcove.run(*create, bare, check=True).err
    assert "There is another" not in fresh_alcove.run(*create, bare, check=True).err
    shown = typed(fresh_alcove, "n", *create, "--python", sys.executable)
    assert f"There is another cells, made from {bare}; what is made now becomes its new version." in shown
    assert "Replace it? [y/N]" in shown
    assert "Nothing was changed." in shown
    assert fresh_alcove.run("env", "show", "cells", "--json", check=True).json["engine"] == "uv"
    said = fresh_alcove.run(*create, "--python", sys.executable, check=True).err
    assert "There is another cells" in said
    assert "[y/N]" not in said
    assert fresh_alcove.run("env", "show", "cells", "--json", check=True).json["engine"] == "existing"


def typed(alcove: Alcove, answer: str, *arguments: str) -> str:
    """What the program shows on a terminal on which this is typed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [ROOT / "alcove", *arguments], stdin=theirs, stderr=theirs, stdout=subprocess.DEVNULL, env=alcove.variables()
    ) as process:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        shown = b""
        while True:
            try:
                piece = os.read(ours, 1000)
            except OSError:  # Linux' way to say that nobody has the other end open
                break
            if not piece:
                break
            shown += piece
    os.close(ours)
    assert process.returncode == 0
    return shown.decode()
