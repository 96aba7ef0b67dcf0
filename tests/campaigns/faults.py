"""Does to workers and hosts everything that ends them, or keeps them from ending, and counts what went wrong.

    tests/campaigns/faults.py [--repetitions 20] [--only loop host-killed ...] [--seed 1]

Run it with the development environment's Python. Linux only, as /proc and signals are needed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fault_cases import FAULTS, Outcome, worker_fault
from fault_field import NOTHING, Field, Left, field
from host_fault_cases import HOST_FAULTS, host_fault

ALL = [*FAULTS, *HOST_FAULTS]
_GIGABYTE = 1000**3


def outcomes(
    here: Field, name: str, repetitions: int, seed: int, flood_bytes: int = _GIGABYTE, closes: bool = True
) -> Iterator[Outcome]:
    """The outcomes of a fault, one for each repetition; ``closes`` a host after faults of its workers."""
    if name in FAULTS:
        yield from worker_fault(here, name, repetitions, random.Random(f"{seed} {name}"), flood_bytes, closes)
    else:
        for number in range(repetitions):
            yield host_fault(here, name, number)


def table(results: list[Outcome]) -> str:
    """One line for each fault, and their sum."""
    what = ("runs", "hangs", "wrong", *Left._fields, "slowest")
    lines = [f"{'':26}" + "".join(f"{word:>12}" for word in what)]
    for name in [*ALL, "all"]:
        chosen = [outcome for outcome in results if name in ("all", outcome.fault)]
        if chosen:
            left = sum((outcome.left for outcome in chosen), NOTHING)
            hangs, wrong = sum(one.hung for one in chosen), sum(bool(one.wrong) for one in chosen)
            counts = "".join(f"{count:12}" for count in (len(chosen), hangs, wrong, *left))
            lines.append(f"{name:26}{counts}{max(one.seconds for one in chosen):10.1f} s")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=ALL, default=ALL, metavar="FAULT", help=", ".join(ALL))
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--flood-bytes", type=int, default=_GIGABYTE)
    parser.add_argument("--workers", help="of each pool; by default as many as there are cores")
    parser.add_argument("--portable", action="store_true", help="only what every platform has")
    options = parser.parse_args()
    variables = {"ALCOVE_WORKERS": options.workers} if options.workers else {}
    if options.portable:
        variables["ALCOVE_PORTABLE"] = "1"
    results: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="alcove-faults-data-") as data, field(Path(data), **variables) as here:
        for name in options.only:
            for outcome in outcomes(here, name, options.repetitions, options.seed, options.flood_bytes):
                results.append(outcome)
                said = "" if outcome.good else f"{outcome.wrong} {outcome.left}"
                print("good" if outcome.good else "BAD ", name, f"{outcome.seconds:.1f} s", said, flush=True)
    print(table(results))
    bad = [outcome for outcome in results if not outcome.good]
    print(f"{len(bad)} BAD" if bad else "nothing hung, nothing was left")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
