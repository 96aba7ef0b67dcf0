"""While commands run: cancelled, stopped, failing, and with the ground taken away under them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy
import pytest
from alcove_program import Alcove, processes_with
from imagej import OPS, ImageJ, ImageJFolder, Picture, Starter

TESTS = "Plugins>Alcove>Tests>"
LINGER = "Plugins>Alcove>Linger..."


@pytest.fixture
def meeting(tmp_path: Path) -> Path:
    """Where ops say that they began, and find that they may go on."""
    folder = tmp_path / "wäit here"
    folder.mkdir()
    return folder


def begin(imagej: ImageJ, picture: Picture, command: str, meeting: Path) -> str:
    """A running command on an open image."""
    title = imagej.open(picture.file)
    imagej.choose(TESTS + command + "...")
    imagej.set(imagej.wait(command), "Folder", meeting)
    imagej.click(command, "OK")
    imagej.until((meeting / "began").exists, "the op's beginning")
    imagej.wait_text(command, "Stop Now")
    return title


def test_cancelled_by_button_and_by_escape(imagej: ImageJ, picture: Picture, meeting: Path) -> None:
    begin(imagej, picture, "Wait", meeting)
    imagej.wait_text("Wait", "waiting for a file")
    imagej.click("Wait", "Cancel")
    imagej.wait_gone("Wait")
    imagej.until(lambda: imagej.status() == "Wait cancelled", "the word in the status line")

    for window in ("Wait", "ImageJ"):
        imagej.tidy()
        (meeting / "began").unlink()
        begin(imagej, picture, "Wait", meeting)
        imagej.ask("front", window)
        imagej.keys(window, "ESCAPE")
        imagej.wait_gone("Wait")
    assert imagej.images() == [picture.title]


def test_stopped_when_it_does_not_react(imagej: ImageJ, picture: Picture, meeting: Path, home: Alcove) -> None:
    begin(imagej, picture, "Hang", meeting)
    before = {process.pid for process in home.processes()}
    imagej.click("Hang", "Stop Now")
    imagej.wait_gone("Hang")
    imagej.until(lambda: before - {process.pid for process in home.processes()}, "the end of the worker")
    assert "Hang failed" not in imagej.windows()


def test_image_closed_while_it_runs(imagej: ImageJ, picture: Picture, meeting: Path) -> None:
    title = begin(imagej, picture, "Wait", meeting)
    imagej.macro(f'selectWindow("{title}"); close();')
    (meeting / "go").touch()
    numpy.testing.assert_array_equal(imagej.image(f"Wait of {title}").pixels, picture.pixels + 1)
    imagej.wait_gone("Wait")


def test_op_that_raises(imagej: ImageJ, picture: Picture) -> None:
    imagej.open(picture.file)
    imagej.run_command(TESTS + "Raise...", Text="no nuclei here")
    shown = imagej.wait_read("Raise failed")
    line = next(
        n for n, text in enumerate((OPS / "pixels.py").read_text().splitlines(), 1) if "line that fails" in text
    )
    assert shown.startswith(f"pixels.py, line {line}")
    assert "KeyError: 'no nuclei here'" in shown
    assert "Traceback" not in shown
    imagej.click("Raise failed", "Show Details")
    imagej.wait_text("Raise failed", "Traceback")
    imagej.wait_text("Raise failed", "numpy")  # the environment's packages are looked up meanwhile
    imagej.click("Raise failed", "Open File")
    assert "the line that fails" in imagej.wait_read("pixels.py")


def test_worker_that_crashes(imagej: ImageJ, picture: Picture) -> None:
    imagej.open(picture.file)
    imagej.run_command(TESTS + "Crash...", Hard=True)
    assert "SIGSEGV" in imagej.wait_read("Crash failed")
    imagej.run_command(TESTS + "Brightest...", Highest=20)  # the next one has a new worker
    imagej.image(f"Brightest of {picture.title}")


def test_two_at_once_while_file_is_edited_and_environment_removed(
    imagej: ImageJ, folder: ImageJFolder, meeting: Path, home: Alcove
) -> None:
    file = folder.write("slow.py", (OPS / "slow.py").read_text())
    try:
        imagej.refresh(LINGER)
        imagej.choose(LINGER)
        imagej.click(imagej.wait("Alcove: run this op file?"), "Run It")
        for seed in (3, 4):
            if seed == 4:
                imagej.choose(LINGER)
            imagej.wait_text("Linger", "Folder:")
            imagej.set("Linger", "Folder", meeting)
            imagej.set("Linger", "Seed", seed)
            imagej.click("Linger", "OK")
            imagej.until((meeting / f"began-{seed}").exists, f"run {seed}")
            imagej.wait_text("Linger", "Stop Now")
        assert imagej.ask("beat")  # the event thread is free
        file.write_text(file.read_text().replace("seed + 10", "seed + 50"), encoding="utf-8")
        (meeting / "go").touch()
        imagej.until(lambda: len(imagej.table("Results of Linger")["answer"]) == 2, "both answers")
        assert sorted(imagej.table("Results of Linger")["answer"]) == ["13", "14"]

        imagej.choose(LINGER)
        imagej.click(imagej.wait("Alcove: run this op file?"), "Run It")
        imagej.set(imagej.wait("Linger"), "Folder", meeting)
        (meeting / "go").unlink()
        imagej.set("Linger", "Seed", 5)
        imagej.click("Linger", "OK")
        imagej.until((meeting / "began-5").exists, "the run of the changed file")
        for environment in (home.data_directory / "environments").glob("slow-*"):
            shutil.rmtree(environment)
        (meeting / "go").touch()
        imagej.until(lambda: imagej.table("Results of Linger")["answer"][-1] == "55", "its answer")
        imagej.run_command(LINGER, Seed=6)  # makes the environment again
        imagej.until(lambda: imagej.table("Results of Linger")["answer"][-1] == "56", "the answer of the next")
    finally:
        file.unlink()


def test_quit_while_it_runs_asks_and_ends_workers(start: Starter, tmp_path: Path, meeting: Path) -> None:
    folder = ImageJFolder(tmp_path / "ImageJ").install().add(OPS / "slow.py")
    imagej = start(folder, ALCOVE_TRUSTED_OPS=str(folder.ops))
    imagej.refresh(LINGER)
    imagej.run_command(LINGER, Folder=meeting)
    imagej.until((meeting / "began-1").exists, "the op's beginning")

    imagej.choose("File>Quit")
    assert "Linger" in imagej.wait_read("Quit ImageJ")
    imagej.click("Quit ImageJ", "Keep Running")
    imagej.wait_gone("Quit ImageJ")
    imagej.wait_text("Linger", "waiting for a file")

    imagej.choose("File>Quit")
    imagej.wait("Quit ImageJ")
    imagej.ask("click-away", "Quit ImageJ", "Quit Anyway")
    assert imagej.wait_end() == 0
    assert processes_with("ALCOVE_TRUSTED_OPS", str(folder.ops)) == []
