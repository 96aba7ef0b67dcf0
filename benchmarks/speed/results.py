"""What was measured, as it is kept in a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from .cases import Case

VERSION = 1
"""Of the file's form."""


@dataclass
class Series:
    """The samples of a case, round by round.

    Attributes:
        unit: ``us`` for microseconds of each operation, ``per_s`` for how many a second.
        facts: what its program counted beside, added up.
    """

    group: str
    part: str
    name: str
    system: str
    program: str
    parameters: dict[str, Any]
    unit: str = ""
    rounds: list[list[float]] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)

    def medians(self) -> list[float]:
        """Of each round."""
        return [median(samples) for samples in self.rounds]

    def of_rounds(self, what: Callable[[list[float]], float]) -> list[float]:
        """Anything else of each round."""
        return [what(samples) for samples in self.rounds]


@dataclass
class LeftOut:
    """A case that has no figures, or not all, and why."""

    group: str
    part: str
    name: str
    system: str
    why: str
    hint: str = ""


@dataclass
class Results:
    """All of a run."""

    machine: dict[str, Any] = field(default_factory=dict)
    quick: bool = False
    interrupted: bool = False
    seconds: float = 0.0
    series: list[Series] = field(default_factory=list)
    skipped: list[LeftOut] = field(default_factory=list)
    failed: list[LeftOut] = field(default_factory=list)
    idle: dict[str, Any] = field(default_factory=dict)
    growth: list[dict[str, int]] = field(default_factory=list)
    inner_loops: list[dict[str, Any]] = field(default_factory=list)

    def add(self, group: str, part: str, case: Case) -> Series:
        """An empty series for the case."""
        added = Series(group, part, case.name, case.system, case.program, case.parameters)
        self.series.append(added)
        return added

    def find(self, part: str, name: str) -> Series | None:
        """The series of that name, where it was measured."""
        for each in self.series:
            if (each.part, each.name) == (part, name) and each.rounds:
                return each
        return None

    def of(self, group: str) -> list[Series]:
        """All series of a group that were measured."""
        return [each for each in self.series if each.group == group and each.rounds]

    def write(self, file: Path) -> None:
        """As JSON; numbers with five digits, which is more than they are worth."""
        content = {"version": VERSION, **asdict(self)}
        for each in content["series"]:
            each["rounds"] = [[float(f"{sample:.5g}") for sample in samples] for samples in each["rounds"]]
        file.write_text(json.dumps(content) + "\n", encoding="utf-8")


def read(file: Path) -> Results:
    """What :meth:`Results.write` wrote.

    Raises:
        ValueError: if the file holds something else.
    """
    content = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.pop("version", None) != VERSION:
        raise ValueError(f"{file} was not written by this version of ./benchmark")
    for name, kind in (("series", Series), ("skipped", LeftOut), ("failed", LeftOut)):
        content[name] = [kind(**each) for each in content[name]]
    return Results(**content)
