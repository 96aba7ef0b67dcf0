"""However the program is ended, nothing is left, and the next start goes on as if nothing had been."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from alcove_program import Alcove

SLOW = """
# /// script
# dependencies = ["numpy"]
# ///
import time
from alcove import Image, empty, op, progress

@op
def slow(image: Image, seconds: float = 1000.0) -> Image:
    out = empty(image.shape, image.dtype)
    out[...] = image
    progress(0.5, "half-way there")
    time.sleep(seconds)
    return out
"""


@pytest.fixture
def slow_op(tmp_path: Path) -> str:
    file = tmp_path / "slow.py"
    file.write_text(SLOW)
    return f"{file}:slow"


@pytest.fixture
def picture(tmp_path: Path) -> str:
    import numpy
    import tifffile

    tifffile.imwrite(tmp_path / "picture.tif", numpy.ones((300, 200), numpy.uint16))
    return f"image={tmp_path / 'picture.tif'}"


def java_of(alcove: Alcove) -> psutil.Process:
    (java,) = [process for process in alcove.processes() if "java" in process.name()]
    return java


@pytest.mark.parametrize("portable", ["0", "1"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_ended_during_a_call(alcove: Alcove, slow_op: str, picture: str, how: signal.Signals, portable: str) -> None:
    with alcove.start("run", slow_op, picture, ALCOVE_PORTABLE=portable) as running:
        alcove.wait_for_line(running, "half-way there")
        assert len(alcove.processes()) >= 3  # Java, the toolbox, the op's worker
        assert any("-w" in name for name in alcove.memory_files())
        java_of(alcove).send_signal(how)
        running.communicate(timeout=60)
    alcove.assert_nothing_left()
    done = alcove.run("run", slow_op, picture, "seconds=0", "-o", "out", check=True)
    assert "image.tif" in done.out


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("moment", ["Resolving", "Downloading", "Compiling"])
def test_ended_while_an_environment_is_made(
    fresh_alcove: Alcove, slow_op: str, picture: str, how: signal.Signals, moment: str
) -> None:
    with fresh_alcove.start("run", slow_op, picture, "seconds=0") as running:
        fresh_alcove.wait_for_line(running, moment)
        java_of(fresh_alcove).send_signal(how)
        running.communicate(timeout=60)
    fresh_alcove.assert_nothing_left()
    if how == signal.SIGINT:
        assert fresh_alcove.staging() == []
    fresh_alcove.run("run", slow_op, picture, "seconds=0", "-o", "out", check=True)
    assert fresh_alcove.staging() == []
    (environment,) = fresh_alcove.run("env", "list", "--json", check=True).json
    assert environment["state"] == "ready"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_ended_while_the_toolbox_is_made(alcove: Alcove, tmp_path: Path, how: signal.Signals) -> None:
    own = Alcove(tmp_path / "own data", alcove.memory_directory, tmp_path)
    with own.start("env", "remove", "any") as running:
        own.wait_for_line(running, "Fetching")
        java_of(own).send_signal(how)
        running.communicate(timeout=60)
    own.assert_nothing_left()
    if how == signal.SIGINT:
        assert own.staging() == []
    own.run("env", "remove", "any").assert_failed("any")  # the toolbox is there now, and knows no such environment
    assert own.staging() == []


def test_ctrl_c_in_a_terminal_says_stopped_and_nothing_else(alcove: Alcove, slow_op: str, picture: str) -> None:
    """In a terminal every process of the group gets the signal; the workers are in groups of their own."""
    with alcove.start("run", slow_op, picture) as running:
        alcove.wait_for_line(running, "half-way there")
        java_of(alcove).send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err.strip().splitlines()[-1] == "Stopped."


def test_two_programs_at_once_share_an_environment(fresh_alcove: Alcove, slow_op: str, picture: str) -> None:
    both = [fresh_alcove.start("run", slow_op, picture, "seconds=0", "-o", name) for name in ("one", "two")]
    for process in both:
        _, err = process.communicate(timeout=250)
        assert process.returncode == 0, err
    (environment,) = fresh_alcove.run("env", "list", "--json", check=True).json
    assert environment["state"] == "ready"


def test_what_a_dead_host_left_is_swept_by_the_next(alcove: Alcove) -> None:
    dead = alcove.memory_directory / "alcove-0123abcd.lease"
    dead.write_bytes(b"")
    (alcove.memory_directory / "alcove-0123abcd-h-0").write_bytes(bytes(4096))
    (alcove.memory_directory / "alcove-4567cdef-w1-0").write_bytes(bytes(4096))  # without a lease
    (alcove.memory_directory / "somebody-elses").write_bytes(b"x")
    alcove.run("env", "settings", check=True)
    assert alcove.memory_files() == ["somebody-elses"]
    os.unlink(alcove.memory_directory / "somebody-elses")


def test_the_launcher_works_from_a_clone_with_an_awkward_path(alcove: Alcove, tmp_path: Path) -> None:
    from alcove_program import ROOT

    clone = tmp_path / "ä clone with blanks"
    list_files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(list_files, cwd=ROOT, check=True, capture_output=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = ROOT / name
        if source.is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes(source.read_bytes())
    (clone / "alcove").chmod(0o755)
    shown = subprocess.run(
        [str(clone / "alcove"), "demo", "--json", "-o", str(tmp_path / "öut")],
        env=alcove.variables(), cwd=tmp_path, capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    assert "Building Alcove" in shown.stderr
    assert (tmp_path / "öut" / "overlay.png").exists()
