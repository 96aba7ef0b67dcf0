"""Puts environments through what happens to them in the field, and counts what went wrong: it must be nothing.

    tests/campaigns/environments.py [--only kills races ...] [--kills 40] [--seed 1]

Run it with the development environment's Python. Linux only; "disk", "users" and "clock" need root.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from environment_cases import base_python, clock, disk, network, tampering, users
from environment_field import Field, Outcome, field
from environment_kills import kills
from environment_races import java_races, races

Part = Callable[[Field, argparse.Namespace], Iterator[Outcome]]


PARTS: dict[str, Part] = {
    "kills": kills,
    "races": races,
    "java-races": java_races,
    "tampering": tampering,
    "network": network,
    "disk": disk,
    "users": users,
    "clock": clock,
    "base-python": base_python,
}


def table(outcomes: list[Outcome]) -> str:
    """One line for each part: how many of its cases were good."""
    lines = []
    for part in PARTS:
        chosen = [outcome for outcome in outcomes if outcome.part == part]
        if chosen:
            good = sum(outcome.good for outcome in chosen)
            lines.append(f"{part:14}{good:5} of {len(chosen):4} good")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=10, help="of each race (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    for part in options.only:
        with field(options.seed) as here:
            for outcome in PARTS[part](here, options):
                outcomes.append(outcome)
                print("good" if outcome.good else "BAD ", outcome.part, outcome.case, "-", outcome.said, flush=True)
    print(table(outcomes))
    bad = [outcome for outcome in outcomes if not outcome.good]
    print(f"{len(bad)} BAD" if bad else "nothing went wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
