"""What calls of an op cost that does nothing, one by one and many at a time; and how long callers wait for each other.

    .venv-development/bin/python benchmarks/pool/calls.py
    .venv-development/bin/python benchmarks/pool/calls.py --against OTHER_JAR

Each case runs in a program of its own, the cases and the two builds take turns; printed are medians over the rounds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HOME = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
CASES = {"call": 20_000, "threads": 20_000, "stream": 50_000, "map": 500_000}
"""Case -> how many times."""
QUEUED = 10_000
MOST_RUNS_TO_WAIT = 2.0


def measured(java: str, jar: Path, classes: Path, case: str, count: int) -> float:
    """What the program prints."""
    path = os.pathsep.join([str(classes), str(jar)])
    command = [java, "-cp", path, "Calls", HERE / "calls_op.py", sys.executable, case, str(count)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main() -> int:
    """Prints a table; 1 when a caller waited for longer than two runs of the op."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--java", default="java", metavar="FILE", help="its JDK must have javac")
    parser.add_argument("--jar", type=Path, metavar="FILE", help="an alcove.jar that is built already")
    parser.add_argument("--against", type=Path, metavar="FILE", help="that of another version, to compare with")
    options = parser.parse_args()
    jar = options.jar
    if jar is None:
        subprocess.run([HOME / "alcove", "--version"], check=True, stdout=subprocess.DEVNULL)
        jar = HOME / "java-manager" / "target" / "run" / "alcove.jar"
    jars = [jar] if options.against is None else [jar, options.against]
    compiler = str(Path(options.java).with_name("javac")) if os.sep in options.java else "javac"
    times: dict[tuple[str, Path], list[float]] = {}
    turns: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        sources = [HERE / "Calls.java", HERE / "Turns.java"]
        subprocess.run([compiler, "-d", folder, "-cp", jar, *sources], check=True)
        for number in range(options.rounds):
            for case, count in CASES.items():
                for each in jars if number % 2 == 0 else jars[::-1]:
                    nanoseconds = measured(options.java, each, Path(folder), case, count)
                    times.setdefault((case, each), []).append(nanoseconds)
            turns.append(measured(options.java, jar, Path(folder), "turn", QUEUED))
    print(
        "microseconds    " + "".join(f"{name:>12}" for name in ("this", "other", "ratio")[: 1 if len(jars) == 1 else 3])
    )
    for case in CASES:
        medians = [median(times[case, each]) / 1000 for each in jars]
        ratio = [median(a / b for a, b in zip(times[case, jars[0]], times[case, jars[-1]], strict=True))]
        print(f"{case:16}" + "".join(f"{value:12.2f}" for value in medians + (ratio if len(jars) == 2 else [])))
    print(
        f"a caller waits for {median(turns):.2f} runs of the op ({max(turns):.2f} at most), {QUEUED} calls being queued"
    )
    return 0 if max(turns) <= MOST_RUNS_TO_WAIT else 1


if __name__ == "__main__":
    sys.exit(main())
