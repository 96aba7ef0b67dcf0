"""The main job, end to end: ``./alcove demo``."""

from __future__ import annotations

import numpy
import tifffile
from alcove_program import NUCLEI, Alcove
from PIL import Image


def matches(labels: numpy.ndarray, truth: numpy.ndarray) -> tuple[int, int]:
    """How many of the hand-drawn nuclei an object covers by more than half of their union, and how many there are."""
    numbers = [number for number in numpy.unique(truth) if number]
    found = 0
    for number in numbers:
        nucleus = truth == number
        best = numpy.bincount(labels[nucleus]).argmax()
        union = nucleus | (labels == best)
        found += bool(best) and (nucleus & (labels == best)).sum() > union.sum() / 2
    return found, len(numbers)


def test_demo_finds_nuclei_and_says_what_it_did(alcove: Alcove) -> None:
    first = alcove.run("demo", check=True)
    results = alcove.working_directory / "alcove-demo"
    labels = tifffile.imread(results / "labels.tif")
    image = tifffile.imread(NUCLEI)
    assert labels.dtype == numpy.uint16
    assert labels.shape == image.shape
    count = int(first.out.split()[0])
    assert count == labels.max() == len(numpy.unique(labels)) - 1
    found, there = matches(labels, tifffile.imread(NUCLEI.with_name("nuclei-truth.tif")))
    assert found / there > 0.85
    assert found / count > 0.85
    with Image.open(results / "overlay.png") as overlay:
        assert overlay.size == image.shape[::-1]
    for step in ("read cells.py", "start the worker", "find the nuclei", "write labels.tif", "call it 5 times more"):
        assert step in first.err
    assert str(results / "labels.tif") in first.out
    assert "a warm call takes" in first.out


def test_second_demo_makes_nothing_anew_and_finds_the_same(alcove: Alcove) -> None:
    first = alcove.run("demo", "--json", check=True).json
    second = alcove.run("demo", "--json", "-o", "again", check=True)
    assert second.json["count"] == first["count"]
    assert (alcove.working_directory / "again" / "labels.tif").exists()
    assert "make the toolbox" not in second.json["seconds"]
    assert "make the environment" not in second.json["seconds"]
