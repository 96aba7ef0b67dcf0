"""Several processes and threads that want different things under one name."""

from __future__ import annotations

import argparse
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from environment_field import ROOT, Field, Outcome, Running

_NAME = "contested"
_PROCESSES = 3
_THREADS = 2


def races(here: Field, options: argparse.Namespace) -> Iterator[Outcome]:
    """Three Python processes with two threads each; every other round the caches are empty."""
    for number in range(options.rounds):
        source = here.sources[number % 2]
        if number % 4 < 2:
            here.clear_caches()
        ops = [
            ("create", {"specification": source.specification(version, _NAME), "directory": here.directory})
            for version in (1, 2)
        ]
        running = [here.start(ops, threads=_THREADS) for _ in range(_PROCESSES)]
        yield _judged(here, running, "races", f"{source.engine}, round {number + 1}", 2 * _THREADS * _PROCESSES)
        here.run("remove", name=_NAME)


def java_races(here: Field, options: argparse.Namespace) -> Iterator[Outcome]:
    """Three JVMs with two threads each."""
    subprocess.run([ROOT / "alcove", "--version"], check=True, stdout=subprocess.DEVNULL)
    jar = ROOT / "java-manager" / "target" / "run" / "alcove.jar"
    program = Path(__file__).with_name("CreatingHost.java")
    subprocess.run(["javac", "-d", here.folder, "-cp", jar, program], check=True)
    headers = []
    for version in (1, 2):
        headers.append(here.folder / f"wants_{version}.py")
        text = "".join(f"# {line}\n" for line in here.rattler.text(version).splitlines())
        headers[-1].write_text(f"# /// script\n{text}# ///\n", encoding="utf-8")
    command = ["java", "-Xmx256m", "-cp", os.pathsep.join([str(here.folder), str(jar)]), "CreatingHost", _NAME]
    command += [str(header) for header in headers]
    data = {"ALCOVE_DATA_DIR": str(here.directory.parent)}
    first = subprocess.run([*command, "1"], env=here.variables(**data), stdout=subprocess.PIPE, text=True)
    assert first.returncode == 0, first.stdout  # makes the toolbox
    for number in range(options.rounds):
        if number % 2 == 0:
            here.clear_caches()
        here.run("remove", name=_NAME)
        running = [
            Running(
                subprocess.Popen(
                    [*command, str(_THREADS)], stdout=subprocess.PIPE, text=True, env=here.variables(**data)
                )
            )
            for _ in range(_PROCESSES)
        ]
        yield _judged(here, running, "java-races", f"round {number + 1}", 2 * _THREADS * _PROCESSES)


def _judged(here: Field, running: list[Running], part: str, case: str, expected: int) -> Outcome:
    """Everybody got an environment or was told why not, and what is there in the end is whole."""
    outcomes = [outcome for each in running for outcome in each.outcomes()]
    kinds = Counter(value["cause"] if kind == "failed" else kind for kind, value in outcomes)
    there = [each.parent.name for each in here.directory.glob(f"{_NAME}/*/alcove.json")]
    wrong = here.wrong_with()
    good = kinds["result"] == len(outcomes) == expected and not wrong
    crashes = [value for kind, value in outcomes if kind != "result"]
    return Outcome(part, case, good, f"{dict(kinds)}, {len(there)} versions there {wrong or ''} {crashes or ''}")
