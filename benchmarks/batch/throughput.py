"""How many images a second a batch does, with one worker and with two, against plain Python.

    .venv-development/bin/python benchmarks/batch/throughput.py [--files 200] [--rounds 3]

The cases take turns in each round. A case runs twice, on a few images and on all: what counts is the difference, so
that neither the start of Java nor that of a pool is in it. Ratios are taken within each round.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy
import tifffile
from smoothing import smoothed

HERE = Path(__file__).resolve().parent
ALCOVE = HERE.parent.parent / "alcove"
FEW = 20
SHAPE = (512, 1024)
TARGET = 1.8


class Bench:
    """Images, and the ways to smooth them.

    Args:
        folder: for images and results.
        count: of the images.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._count = count
        pixels = numpy.random.default_rng(1)
        for number in range(count):
            few = folder / "few"
            images = [folder / "all", few] if number < FEW else [folder / "all"]
            image = pixels.integers(0, 60000, SHAPE, numpy.uint16)
            for place in images:
                place.mkdir(exist_ok=True)
                tifffile.imwrite(place / f"{number:05}.tif", image)

    def seconds(self, case: Callable[[Path, Path], None]) -> float:
        """For each image, of those that are not the first few."""
        return (self._run(case, "all") - self._run(case, "few")) / (self._count - FEW)

    def _run(self, case: Callable[[Path, Path], None], images: str) -> float:
        out = self._folder / "out"
        out.mkdir()
        began = time.perf_counter()
        case(self._folder / images, out)
        seconds = time.perf_counter() - began
        assert len(list(out.glob("*.tif"))) == len(list((self._folder / images).iterdir()))
        shutil.rmtree(out)
        return seconds

    def alcove(self, workers: int) -> Callable[[Path, Path], None]:
        variables = {"ALCOVE_DATA_DIR": str(self._folder / "data")}

        def run(images: Path, out: Path) -> None:
            command = [ALCOVE, "batch", f"{HERE / 'batch_op.py'}:smooth", "--over", f"image={images}/*.tif"]
            options = ["--workers", str(workers), "--python", sys.executable, "--quiet", "-o", out]
            subprocess.run([*command, *options], check=True, env={**os.environ, **variables}, stdout=subprocess.DEVNULL)

        return run

    def function_alone(self) -> float:
        """The op's own time: no file is read or written."""
        images = [tifffile.imread(file) for file in sorted((self._folder / "few").iterdir())]
        began = time.perf_counter()
        for image in images:
            smoothed(image)
        return (time.perf_counter() - began) / len(images)


def loop(images: Path, out: Path) -> None:
    """What a script does."""
    for file in sorted(images.iterdir()):
        _one(file, out)


def pool(images: Path, out: Path) -> None:
    """What a better script does."""
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        workers.starmap(_one, [(file, out) for file in sorted(images.iterdir())], chunksize=1)


def _one(file: Path, out: Path) -> None:
    tifffile.imwrite(out / file.name, smoothed(tifffile.imread(file)))


def measure(bench: Bench, rounds: int) -> dict[str, list[float]]:
    """Milliseconds for an image, of each case, in each round."""
    cases = {"loop": loop, "pool of 2": pool, "alcove, 1 worker": bench.alcove(1), "alcove, 2 workers": bench.alcove(2)}
    names = list(cases)
    times: dict[str, list[float]] = {"function alone": [], **{name: [] for name in names}}
    for number in range(rounds):
        turn = number % len(names)
        times["function alone"].append(bench.function_alone() * 1000)
        for name in names[turn:] + names[:turn]:
            times[name].append(bench.seconds(cases[name]) * 1000)
    return times


def _ratio(times: dict[str, list[float]], slow: str, fast: str) -> float:
    return median(one / other for one, other in zip(times[slow], times[fast], strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    subprocess.run([ALCOVE, "--version"], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(prefix="alcove-batch-") as folder:
        bench = Bench(Path(folder), options.files)
        bench.seconds(bench.alcove(1))  # makes the toolbox
        times = measure(bench, options.rounds)
    for name, milliseconds in times.items():
        print(f"{name:20}{median(milliseconds):8.1f} ms an image  {1000 / median(milliseconds):7.1f} images/s")
    overhead = median(one - own for one, own in zip(times["alcove, 1 worker"], times["function alone"], strict=True))
    print(f"{'beyond the function':20}{overhead:8.1f} ms an image with 1 worker")
    for slow, fast in (("alcove, 1 worker", "alcove, 2 workers"), ("loop", "pool of 2"), ("loop", "alcove, 1 worker")):
        print(f"{slow} / {fast}: {_ratio(times, slow, fast):.2f}")
    good = _ratio(times, "alcove, 1 worker", "alcove, 2 workers") >= TARGET
    print(f"two workers are at least {TARGET} times as fast as one: {'yes' if good else 'NO'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
