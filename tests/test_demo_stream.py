"""``demo play`` and ``demo watch``: a live stream between two programs, in both directions."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy
import pytest
import tifffile
from alcove_program import NUCLEI, Alcove
from demo_programs import java, python
from PIL import Image

from alcove import Axis, StreamWriter
from alcove.demo._frames import Film


@pytest.mark.parametrize(("play", "watch"), [(java, python), (python, java)])
def test_frames_of_changing_size_arrive_whole_in_the_other_language(
    alcove: Alcove, tmp_path: Path, play: Any, watch: Any
) -> None:
    nuclei = tifffile.imread(NUCLEI)
    numpy.save(tmp_path / "film.npy", numpy.stack([nuclei[shift : shift + 200, :300] for shift in range(0, 250, 50)]))
    with watch(alcove, "watch", "live", "--count") as watcher:
        watcher.wait_for("Waiting for the stream")
        with play(alcove, "play", tmp_path / "film.npy", "live", "--seconds", "1.5") as player:
            assert "played 90 frames" in player.end().out
        watched = watcher.end()
    assert watched.code == 0, watched.out
    words = watched.out.splitlines()[-1].replace(",", "").split()
    frames, dropped, torn = (int(words[place]) for place in (1, 3, 5))
    # Those that were played before the watcher had found the stream are not among them; the last one always is.
    assert 0 < frames <= frames + dropped <= 90
    assert torn == 0


def test_what_was_dropped_and_what_is_torn_is_counted(alcove: Alcove) -> None:
    film = Film(tifffile.imread(NUCLEI), [Axis("y", "space", None, 1, 0), Axis("x", "space", None, 1, 0)])
    with java(alcove, "watch", "--count") as one, python(alcove, "watch", "--count") as other:
        watchers = (one, other)

        def write(number: int, seen: str, *, is_torn: bool = False) -> None:
            with writer.frame(film.shape(number), "uint16") as target:
                film.draw(number, target)
                target[100, 100] += is_torn
            for watcher in watchers:
                watcher.wait_for(seen)

        with StreamWriter("demo", alcove.memory_directory) as writer:
            write(1, "frames 1, dropped 0, torn 0")
            write(35, "frames 2, dropped 33, torn 0")  # of another size
            write(36, "frames 3, dropped 33, torn 1", is_torn=True)
        for watcher in watchers:
            ended = watcher.end()
            assert ended.out.splitlines()[-1] == "frames 3, dropped 33, torn 1"
            assert ended.code == 1


@pytest.mark.parametrize("watch", [java, python])
def test_frames_become_pictures_whoever_wrote_them(alcove: Alcove, tmp_path: Path, watch: Any) -> None:
    grey = tifffile.imread(NUCLEI)
    stretched = (grey - grey.min()) * (255.0 / numpy.ptp(grey))
    film = Film(grey, [])
    stamped = numpy.empty(film.shape(1), grey.dtype)
    film.draw(1, stamped)
    colours = numpy.random.default_rng(3).integers(0, 255, (20, 30, 3), dtype=numpy.uint8)
    for folder, frame, expected in (("grey", stamped, stretched), ("colours", colours, colours)):
        with StreamWriter("camera", alcove.memory_directory) as writer:
            writer.write(frame)
            with watch(alcove, "watch", "camera", "--png", tmp_path / folder, "--frames", "1") as watcher:
                assert watcher.end().code == 0
        with Image.open(tmp_path / folder / "frame-000001.png") as picture:
            assert abs(numpy.asarray(picture) - expected.astype(float)).max() <= 1


@pytest.mark.parametrize("program", [java, python])
def test_ctrl_c_ends_player_and_watcher_and_nothing_is_left(alcove: Alcove, tmp_path: Path, program: Any) -> None:
    numpy.save(tmp_path / "still.npy", tifffile.imread(NUCLEI))
    with program(alcove, "watch", "--count") as watcher, program(alcove, "play", tmp_path / "still.npy") as player:
        watcher.wait_for("frames [1-9]")
        for demo, last in ((watcher, "torn 0"), (player, "played ")):
            demo.process.send_signal(signal.SIGINT)
            assert last in demo.end().out
    assert alcove.memory_files() == []


def test_without_a_screen_only_a_wanted_window_is_an_error(alcove: Alcove) -> None:
    for program in (java, python):
        with program(alcove, "watch", "--window", DISPLAY="") as demo:
            ended = demo.end()
        assert ended.code == 1
        assert "no window can be opened" in ended.out
        assert "hint: take --png FOLDER or --count" in ended.out
