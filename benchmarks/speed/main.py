"""The command."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from . import baseline, machine
from .building import BENCHMARKS, ENVIRONMENT, HOME, CannotRun
from .cases import Part, parts
from .extras import Extra, extras, measure
from .figures import figures
from .kit import Kit
from .programs import Programs
from .progress import Progress
from .report import markdown, targets_text
from .results import Results, read
from .running import Run

GROUPS = ["call", "load", "flight", "image", "start", "workers", "idle", "growth", "inner-loops"]
_PLOT_PREFIX = "speed-"


def main(arguments: list[str] | None = None) -> int:
    """0 when it ran, 1 when something failed, 2 when it could not run, 130 when it was interrupted."""
    options = _options().parse_args(arguments)
    try:
        with _interruptible():
            results = read(options.report) if options.report else _measured(options)
            _write(results, options)
    except (CannotRun, OSError, ValueError) as failure:
        hint = getattr(failure, "hint", "")
        sys.stderr.write(f"error: {failure}\n" + (f"hint: {hint}\n" if hint else ""))
        return 2
    except KeyboardInterrupt:
        return 130
    return 130 if results.interrupted else 1 if results.failed else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./benchmark",
        description="Measures Alcove beside floors and peers in one interleaved run; docs/speed.md says how.",
        epilog="The exit code says whether it could measure, not how fast anything is.",
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="under three minutes: fewer rounds, sizes and calls")
    add("--only", nargs="+", choices=GROUPS, default=GROUPS, metavar="GROUP", help=", ".join(GROUPS))
    add("--rounds", type=int, metavar="N", help="so many of each part, instead of its own number")
    add("--check", action="store_true", help="tell what got slower than the stored ratios")
    add("--accept", action="store_true", help="store this run's ratios")
    default = BENCHMARKS / "target" / "speed"
    add("--output", type=Path, default=default, metavar="FOLDER",
        help="where speed.json, speed.md and the plots go (default: benchmarks/target/speed)")  # fmt: skip
    add("--docs", action="store_true", help="put report and plots into docs/speed.md, too")
    add("--report", type=Path, metavar="JSON", help="measure nothing; report what an earlier run wrote")
    add("--baseline", type=Path, default=baseline.FILE, metavar="JSON", help="where ratios are stored")
    add("--java", metavar="FILE", help="the java to run on; its JDK must have javac")
    add("--jar", type=Path, metavar="FILE", help="an alcove.jar that is built already")
    add("--python", default="python3", metavar="FILE",
        help="the Python, 3.10 or newer, that .venv-benchmark is made from")  # fmt: skip
    return parser


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM is as Ctrl-C: children are ended, and what was measured is written."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# ---- Measuring -----------------------------------------------------------------------------------------------------


def _measured(options: argparse.Namespace) -> Results:
    groups = {
        name: [replace(part, rounds=options.rounds or part.rounds) for part in listed]
        for name, listed in parts(options.quick).items()
        if name in options.only
    }
    wanted = {case.program for listed in groups.values() for part in listed for case in part.cases}
    kit = Kit(options.java, options.jar, options.python, wanted | ({"java"} if "idle" in options.only else set()))
    results = Results(quick=options.quick, machine=machine.describe(kit.java.java, kit.python))
    progress = Progress()
    programs = Programs(kit.commands, HOME)
    others, began = machine.Others(), time.monotonic()
    try:
        more = extras(options.quick, kit, programs, results, progress)
        more = {name: extra for name, extra in more.items() if name in options.only}
        _measure(groups, more, Run(programs, results, progress, kit.unavailable), results, progress)
    except KeyboardInterrupt:
        results.interrupted = True
        progress.say("Interrupted; writing what there is.")
        programs.close(seconds=1)
    finally:
        programs.close()
    results.seconds = round(time.monotonic() - began, 1)
    facts = {name: value for each in programs.facts.values() for name, value in each.items()}
    results.machine["versions"] = {name: value for name, value in facts.items() if name not in results.machine}
    results.machine.update(others.cores(results.seconds))
    return results


def _measure(
    groups: Mapping[str, list[Part]], more: Mapping[str, Extra], run: Run, results: Results, progress: Progress
) -> None:
    in_turns = sum(part.seconds for listed in groups.values() for part in listed)
    progress.expect(in_turns + sum(extra.seconds for extra in more.values()))
    for name, listed in groups.items():
        for part in listed:
            run.measure(name, part)
    for name, extra in more.items():
        measure(name, extra, results, progress)


# ---- Writing -------------------------------------------------------------------------------------------------------


def _write(results: Results, options: argparse.Namespace) -> None:
    options.output.mkdir(parents=True, exist_ok=True)
    file = options.output / "speed.json"
    if options.report is None:
        results.write(file)
        sys.stderr.write(f"All samples are in {file}\n")
    plots = _plots(options.report or file, options.output)
    report = options.output / "speed.md"
    report.write_text(markdown(results, plots), encoding="utf-8")
    found = figures(results)
    print(targets_text(found))
    print(f"\nThe whole report is in {report}")
    if options.check:
        print("\n" + baseline.compare(options.baseline, results, found))
    if options.accept:
        baseline.store(options.baseline, results, found)
    if options.docs:
        put_into_docs(results, plots, options.output)


def _plots(samples: Path, folder: Path) -> dict[str, str]:
    """Made by the environment's Python, which has matplotlib: file -> what it shows."""
    for old in folder.glob(f"{_PLOT_PREFIX}*.png"):
        old.unlink()
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        sys.stderr.write("There are no plots, because there is no .venv-benchmark yet; a run makes it.\n")
        return {}
    command = [python, "-m", "speed.plots", samples.resolve(), folder.resolve()]
    finished = subprocess.run(list(map(str, command)), cwd=BENCHMARKS, stdout=subprocess.PIPE, text=True)
    if finished.returncode != 0:
        sys.stderr.write("The plots could not be made.\n")
    lines = (line.partition("\t") for line in finished.stdout.splitlines())
    return {name: words for name, _, words in lines}


# What stands between these lines of docs/speed.md is written by this command.
BEGIN = "<!-- ./benchmark --docs writes from here -->"
END = "<!-- to here -->"


def put_into_docs(results: Results, plots: dict[str, str], folder: Path) -> None:
    """Report and plots, in the place of those of an earlier run."""
    page = HOME / "docs" / "speed.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    images = page.parent / "images"
    for old in images.glob(f"{_PLOT_PREFIX}*.png"):
        old.unlink()
    for name in plots:
        shutil.copy(folder / name, images / name)
    body = markdown(results, {f"images/{name}": words for name, words in plots.items()})
    page.write_text(f"{before}{BEGIN}\n\n{body}\n{END}{after}", encoding="utf-8")
