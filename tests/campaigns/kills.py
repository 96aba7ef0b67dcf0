"""Kills hosts and workers at random moments of image calls, and counts what is left of them: it must be nothing.

    tests/campaigns/kills.py [--kills 200] [--seed 1]

Run it with the development environment's Python. Linux only, as /proc and signals are needed.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from alcove_program import ROOT, Alcove  # noqa: E402

OP_FILE = HERE / "kill_ops.py"
SECONDS_TO_NOTICE = 10.0
SECONDS_TO_START = 60.0


class Left(NamedTuple):
    """What there is in the memory directory, and how many processes."""

    blocks: int
    leases: int
    streams: int
    processes: int

    def __add__(self, other: object) -> Left:
        assert isinstance(other, Left)
        return Left(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


NOTHING = Left(0, 0, 0, 0)


class Outcome(NamedTuple):
    """Of one kill: what there was at that moment, whether it took another host to clean up, and what was left then."""

    kind: str
    hit: Left
    swept_by_next: bool
    left: Left


class Field:
    """Hosts with a memory directory of their own, and the means to kill them.

    Args:
        alcove: the program.
        classes: a folder with ``CallingHost``, compiled.
        choose: the source of all chance.
    """

    def __init__(self, alcove: Alcove, classes: Path, choose: random.Random) -> None:
        self._alcove = alcove
        self._classes = classes
        self._picture: Path | None = None
        self._choose = choose
        self._host: subprocess.Popen[str] | None = None

    def kill(self, kind: str) -> Outcome:
        """One kill of a kind in ``KINDS``."""
        return KINDS[kind](self)

    def end(self) -> Left:
        """Lets the host that may still run end by itself; what is left then."""
        if self._host is not None:
            self._host.communicate(timeout=SECONDS_TO_START)
            assert self._host.returncode == 0
            self._host = None
        return self._after(SECONDS_TO_NOTICE)

    # Kinds

    def worker(self) -> Outcome:
        """The host lives, and goes on with another worker; what the dead one had is gone by then."""
        host = self._calling_host()
        time.sleep(self._choose.uniform(0, 0.2))
        hit = self._there()
        for worker in psutil.Process(host.pid).children():
            worker.send_signal(signal.SIGKILL)
        assert host.stdin is not None
        host.stdin.write("\n")  # the call that runs may have ended before the worker did
        host.stdin.flush()
        _wait_for(host, "calling")
        left = NOTHING._replace(blocks=len(self._blocks_of_old_workers()))
        if self._choose.random() < 0.5:
            left += self.end()
        return Outcome("worker", hit, False, left)

    def host(self) -> Outcome:
        """Its workers see the end of their input."""
        host = self._host_at_some_moment()
        hit = self._there()
        host.kill()
        return self._outcome("host", hit)

    def stopped_host(self) -> Outcome:
        """Nothing can be noticed while it is stopped, and everything is as it was when it is killed."""
        host = self._host_at_some_moment()
        host.send_signal(signal.SIGSTOP)
        time.sleep(self._choose.uniform(0, 0.3))
        hit = self._there()
        host.kill()
        return self._outcome("stopped_host", hit)

    def both(self) -> Outcome:
        """Nobody is left who could notice; the next host does."""
        host = self._host_at_some_moment()
        hit = self._there()
        everybody = [psutil.Process(host.pid), *psutil.Process(host.pid).children(recursive=True)]
        host.send_signal(signal.SIGSTOP)  # or it would start a worker for the one that dies first
        self._choose.shuffle(everybody)
        for process in everybody:
            _kill(process)
        return self._outcome("both", hit)

    def program(self) -> Outcome:
        """``./alcove run``, from its start to its end."""
        assert self.end() == NOTHING
        if self._picture is None:
            self._picture = self._make_picture()
            self._alcove.run(*self._run(), check=True)  # makes toolbox and environment
        running = self._host = self._alcove.start(*self._run())
        time.sleep(self._choose.uniform(0, 3))
        hit = self._there()
        running.kill()
        return self._outcome("program", hit)

    def sharing(self) -> Outcome:
        """A Python host: it has no workers, so the next host finds what it left."""
        assert self.end() == NOTHING
        command = [sys.executable, str(HERE / "sharing_host.py"), str(ROOT / "python-worker" / "src"), self._seed()]
        host = self._start(command)
        _wait_for(host, "calling")
        time.sleep(self._choose.uniform(0, 0.1))
        hit = self._there()
        host.kill()
        return self._outcome("sharing", hit)

    # How

    def _make_picture(self) -> Path:
        import numpy
        import tifffile

        picture = self._alcove.working_directory / "picture.tif"
        tifffile.imwrite(picture, numpy.ones((900, 700), numpy.uint16))
        return picture

    def _run(self) -> list[str]:
        return ["run", f"{OP_FILE}:work", f"image={self._picture}", "-o", "out"]

    def _seed(self) -> str:
        return str(self._choose.randrange(1 << 30))

    def _calling_host(self) -> subprocess.Popen[str]:
        if self._host is None:
            self._host = self._begin_host()
            _wait_for(self._host, "calling")
        return self._host

    def _host_at_some_moment(self) -> subprocess.Popen[str]:
        """One that calls, or one that has not come to it yet."""
        if self._host is None and self._choose.random() < 0.4:
            self._host = self._begin_host()
            time.sleep(self._choose.uniform(0, 1.5))
            return self._host
        host = self._calling_host()
        time.sleep(self._choose.uniform(0, 0.2))
        return host

    def _begin_host(self) -> subprocess.Popen[str]:
        path = os.pathsep.join([str(self._classes), str(ROOT / "java-manager" / "target" / "run" / "alcove.jar")])
        return self._start(["java", "-Xmx256m", "-cp", path, "CallingHost", sys.executable, str(OP_FILE), self._seed()])

    def _start(self, command: list[str]) -> subprocess.Popen[str]:
        self._host = subprocess.Popen(
            command, env=self._alcove.variables(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self._host

    def _outcome(self, kind: str, hit: Left) -> Outcome:
        """Looks at what is left once whoever noticed has cleaned up; else once another host has started."""
        assert self._host is not None
        self._host.communicate()
        self._host = None
        # Without a worker there is nobody to wait for.
        left = self._after(SECONDS_TO_NOTICE if self._there().processes else 0)
        if left == NOTHING:
            return Outcome(kind, hit, False, left)
        self._calling_host()
        left = self.end()
        return Outcome(kind, hit, True, left)

    def _after(self, seconds: float) -> Left:
        """What is there when nothing is, or as soon as nobody is there who could clean up, or after so many seconds."""
        end = time.monotonic() + seconds
        while (there := self._there()) != NOTHING and there.processes and time.monotonic() < end:
            time.sleep(0.02)
        return there

    def _there(self) -> Left:
        processes = len(self._alcove.processes())  # first: the last of them may just be deleting the last file
        names = self._alcove.memory_files()
        streams = [name for name in names if name.startswith("alcove-stream.")]
        leases = [name for name in names if name.endswith((".lease", ".new"))]
        return Left(len(names) - len(streams) - len(leases), len(leases), len(streams), processes)

    def _blocks_of_old_workers(self) -> list[str]:
        """Of all workers but the one that came last."""
        numbers = [re.search(r"-w(\d+)-", name) for name in self._alcove.memory_files()]
        of_workers = [int(found[1]) for found in numbers if found]
        return [f"w{number}" for number in of_workers if number != max(of_workers)]


KINDS: dict[str, Callable[[Field], Outcome]] = {
    "worker": Field.worker,
    "host": Field.host,
    "stopped_host": Field.stopped_host,
    "both": Field.both,
    "program": Field.program,
    "sharing": Field.sharing,
}


def _wait_for(process: subprocess.Popen[str], wanted: str) -> None:
    """Reads its lines up to this one."""
    assert process.stdout is not None
    seen = []
    hangs = threading.Timer(SECONDS_TO_START, process.kill)
    hangs.start()
    try:
        for line in process.stdout:
            seen.append(line)
            if line.strip() == wanted:
                return
    finally:
        hangs.cancel()
    raise AssertionError(f"{wanted!r} never came:\n" + "".join(seen))


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        pass


def compile_host(folder: Path) -> None:
    """Compiles ``CallingHost`` against the jar that ``./alcove`` builds where it is missing or old."""
    subprocess.run([ROOT / "alcove", "--version"], check=True, stdout=subprocess.DEVNULL)
    jar = ROOT / "java-manager" / "target" / "run" / "alcove.jar"
    subprocess.run(["javac", "-d", folder, "-cp", jar, HERE / "CallingHost.java"], check=True)


@contextmanager
def field(data_directory: Path, seed: int) -> Iterator[Field]:
    """A field in folders of its own; all that was started there is ended."""
    folder = Path(tempfile.mkdtemp(prefix="alcove-kills-"))
    memory = Path("/dev/shm", f"alcove-kills-{uuid.uuid4().hex[:8]}")
    memory.mkdir()
    alcove = Alcove(data_directory, memory, folder)
    try:
        compile_host(folder)
        yield Field(alcove, folder, random.Random(seed))
    finally:
        for process in alcove.processes():
            _kill(process)
        shutil.rmtree(memory)
        shutil.rmtree(folder)


def table(outcomes: list[Outcome]) -> str:
    """One line for each kind, and their sum."""
    what = f"{'blocks leases streams processes':>36}"
    lines = [
        f"{'':14}{'kills':>6}{'there at the kill':>36}{'cleaned up by the':>24}{'left':>36}",
        f"{'':14}{'':6}{what}{'dying':>14}{'next':>10}{what}",
    ]
    for kind in [*KINDS, "all"]:
        chosen = [outcome for outcome in outcomes if kind in ("all", outcome.kind)]
        hit = sum((outcome.hit for outcome in chosen), NOTHING)
        left = sum((outcome.left for outcome in chosen), NOTHING)
        by_next = sum(outcome.swept_by_next for outcome in chosen)
        lines.append(
            f"{kind:14}{len(chosen):6}{_cells(hit):>36}{len(chosen) - by_next:14}{by_next:10}{_cells(left):>36}"
        )
    return "\n".join(lines)


def _cells(left: Left) -> str:
    return f"{left.blocks:6} {left.leases:6} {left.streams:7} {left.processes:9}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    choose = random.Random(options.seed)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="alcove-kills-data-") as data, field(Path(data), options.seed) as here:
        for number in range(1, options.kills + 1):
            outcomes.append(here.kill(choose.choice(options.kinds)))
            print(number, outcomes[-1], flush=True)
        left_at_end = here.end()
    print(table(outcomes))
    print("at the end:", left_at_end)
    failed = left_at_end != NOTHING or any(outcome.left != NOTHING for outcome in outcomes)
    print("LEFTOVERS" if failed else "nothing was left")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
