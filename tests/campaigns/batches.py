"""Runs a batch of images, of which some are bad, kills its host at random moments, and goes on; then looks at it.

    tests/campaigns/batches.py [--files 2000] [--kills 2] [--size 256] [--seed 1]

Of the files, 1 % are torn, 1 % end the worker, and one never ends. Every good one must have been done once, every bad
one must be in the report, and all that came out must be byte for byte what one worker makes undisturbed. Run it
with the development environment's Python.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy
import tifffile

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from alcove_program import Alcove  # noqa: E402

SECONDS_TO_FINISH = 3600
CRASHES, HANGS = 65535, 65534  # first pixels, as the op knows them
SOME_FAILED = 3


class Plates(NamedTuple):
    """Image files: the names of all, and how the bad ones must end."""

    folder: Path
    names: list[str]
    bad: dict[str, str]


def make_plates(folder: Path, count: int, size: int, choose: random.Random) -> Plates:
    """Writes them: eight to a folder, as wells and sites are."""
    pixels = numpy.random.default_rng(choose.randrange(1 << 30))
    names = [f"Plätte {number // 96 + 1}/A{number % 96 // 8 + 1}/site {number % 8}.tif" for number in range(count)]
    few = max(1, count // 100)
    chosen = choose.sample(names, 2 * few + 1)
    torn, crashing, hanging = chosen[:few], chosen[few:-1], chosen[-1]
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        image = pixels.integers(0, 60000, (size, size), numpy.uint16)
        if name in crashing or name == hanging:
            image[0, 0] = HANGS if name == hanging else CRASHES
        tifffile.imwrite(file, image)
        if name in torn:
            file.write_bytes(file.read_bytes()[: size * size])
    bad = {**dict.fromkeys(torn, "failed"), **dict.fromkeys(crashing, "quarantined"), hanging: "failed"}
    return Plates(folder, names, bad)


class Batches:
    """Batches over the same images, each into a folder of its own."""

    def __init__(self, alcove: Alcove, plates: Plates, choose: random.Random) -> None:
        self._alcove = alcove
        self._plates = plates
        self._choose = choose

    def undisturbed(self, out: Path) -> float:
        """One worker; the seconds that it took."""
        began = time.monotonic()
        assert self._start(out, 1).wait(SECONDS_TO_FINISH) == SOME_FAILED, (out / "log.txt").read_text()
        return time.monotonic() - began

    def disturbed(self, out: Path, workers: int, kills: int) -> list[int]:
        """Kills the host so often, and lets the last one finish; how many items were done at each kill."""
        moments = sorted(self._choose.uniform(0.05, 0.95) for _ in range(kills))
        done = []
        for number, moment in enumerate(moments):
            running = self._start(out, workers)
            while len(_journal(out)) < moment * len(self._plates.names) and running.poll() is None:
                time.sleep(0.01)
            time.sleep(self._choose.uniform(0, 0.1))
            running.kill()
            running.wait()
            done.append(len(_journal(out)))
            if number % 2 == 0:  # else the next one begins while the workers of this one may still be ending
                self._alcove.assert_nothing_left()
        assert self._start(out, workers).wait(SECONDS_TO_FINISH) == SOME_FAILED, (out / "log.txt").read_text()
        return done

    def _start(self, out: Path, workers: int) -> subprocess.Popen[bytes]:
        out.mkdir(exist_ok=True)
        command = [HERE.parent.parent / "alcove", "batch", f"{HERE / 'batch_ops.py'}:segment"]
        command += ["--over", f"image={self._plates.folder}/**/*.tif", "--python", sys.executable]
        command += ["--workers", str(workers), "--deadline", "2s", "-o", out / "results"]
        with open(out / "log.txt", "ab") as log:
            return subprocess.Popen(
                [str(part) for part in command],
                cwd=self._alcove.working_directory,
                env=self._alcove.variables(BATCH_TRACE=str(out / "trace")),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def problems(self, out: Path, reference: Path, interrupted: int) -> list[str]:
        """What is not as it should be in what was disturbed.

        Args:
            interrupted: so many runs of the op may have come to nothing.
        """
        plates = self._plates
        found = []
        report = _report(out)
        expected = {name: plates.bad.get(name, "done") for name in plates.names}
        statuses = {row["item"]: row["status"] for row in report}
        if len(report) != len(expected):
            found.append(f"{len(report)} lines in the report, not {len(expected)}")
        found += [
            f"{name}: {statuses.get(name)}, not {how}" for name, how in expected.items() if statuses.get(name) != how
        ]
        ended = [entry["item"] for entry in _journal(out) if entry["status"] == "done"]
        found += [
            f"{name}: done {ended.count(name)} times"
            for name in plates.names
            if ended.count(name) != (name not in plates.bad)
        ]
        quarantined = sum(how == "quarantined" for how in plates.bad.values())
        torn = sum(how == "failed" for how in plates.bad.values()) - 1
        runs = (out / "trace").stat().st_size - (len(plates.names) - torn + quarantined)
        if not 0 <= runs <= interrupted:
            found.append(f"the op ran {runs} times more than there are items; at most {interrupted} were interrupted")
        return found + _differences(_outputs(out), _outputs(reference))


def _journal(out: Path) -> list[dict[str, str]]:
    """Its whole lines; the last one may be half."""
    file = out / "results" / ".alcove-batch" / "journal.jsonl"
    if not file.exists():
        return []
    lines = [line for line in file.read_text(encoding="utf-8").split("\n")[:-1] if '"item"' in line]
    return [json.loads(line) for line in lines if line.endswith("}")]


def _report(out: Path) -> list[dict[str, str]]:
    with open(out / "results" / "report.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _outputs(out: Path) -> dict[str, bytes]:
    """All files but the batch's own; the report tells seconds and processes."""
    results = out / "results"
    files = (file for file in results.rglob("*") if file.is_file() and ".alcove-batch" not in file.parts)
    return {str(file.relative_to(results)): file.read_bytes() for file in files if file.name != "report.csv"}


def _differences(outputs: dict[str, bytes], reference: dict[str, bytes]) -> list[str]:
    found = [f"{name} is missing" for name in reference.keys() - outputs.keys()]
    found += [f"{name} is too many" for name in outputs.keys() - reference.keys()]
    both = reference.keys() & outputs.keys()
    return found + [f"{name} is another one" for name in both if outputs[name] != reference[name]]


class Verdict(NamedTuple):
    """Of a campaign."""

    problems: list[str]
    done_at_kills: list[int]
    seconds: float
    outputs: int


def campaign(alcove: Alcove, folder: Path, *, files: int, size: int, kills: int, workers: int, seed: int) -> Verdict:
    """Both batches, and how they compare.

    Args:
        folder: for images and results.
    """
    choose = random.Random(seed)
    plates = make_plates(folder / "images", files, size, choose)
    batches = Batches(alcove, plates, choose)
    seconds = batches.undisturbed(folder / "undisturbed")
    done_at_kills = batches.disturbed(folder / "disturbed", workers, kills)
    alcove.assert_nothing_left()
    # At a kill each worker's item is lost, and those that wait to be written: as many again, and a few.
    interrupted = kills * (3 * workers + 10)
    problems = batches.problems(folder / "disturbed", folder / "undisturbed", interrupted)
    return Verdict(problems, done_at_kills, seconds, len(_outputs(folder / "undisturbed")))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--size", type=int, default=256, help="of each image, in pixels")
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="alcove batches ü "))
    memory = Path(tempfile.mkdtemp(prefix="alcove-batches-", dir="/dev/shm"))
    try:
        verdict = campaign(Alcove(folder / "data", memory, folder), folder, **vars(options))
    finally:
        shutil.rmtree(memory)
        shutil.rmtree(folder)
    print(f"{options.files} files, killed when {verdict.done_at_kills} had ended, {verdict.outputs} files came out")
    print(f"one worker, undisturbed: {verdict.seconds:.1f} s")
    print(
        "\n".join(verdict.problems)
        or "every good item was done once, every bad one is in the report, and all bytes agree"
    )
    return 1 if verdict.problems else 0


if __name__ == "__main__":
    sys.exit(main())
