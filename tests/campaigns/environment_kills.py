"""Killing whoever makes or updates an environment."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from environment_field import Field, Outcome, Source


def kills(here: Field, options: argparse.Namespace) -> Iterator[Outcome]:
    """kill -9 at random moments of create and update, then the same again; workers of the old version go on."""
    killing = Killing(here)
    for number in range(options.kills):
        yield killing.kill(f"killed-{number}")


class Killing:
    """Kills processes at random steps.

    Args:
        here: where.
    """

    def __init__(self, here: Field) -> None:
        self._here = here
        self._version = {source.engine: 1 for source in here.sources}
        self._known_steps: dict[tuple[str, str], int] = {}

    def kill(self, name: str) -> Outcome:
        """One kill; tries again where what was to be killed had ended before."""
        while (outcome := self._try(name)) is None:
            pass
        return outcome

    def _try(self, name: str) -> Outcome | None:
        choose = self._here.choose
        source = choose.choice(self._here.sources)
        cache = choose.choice(["cold", "warm"])
        if cache == "cold":
            self._here.clear_caches()
        steps = choose.randrange(self._steps(source, cache))
        return choose.choice([self._create, self._update])(source, f"{source.engine} {cache}", name, steps)

    def _steps(self, source: Source, cache: str) -> int:
        """How many steps it takes, which is tried at the first time."""
        key = source.engine, cache
        if key not in self._known_steps:
            self._known_steps[key] = self._here.steps("create", **self._wanted(source, 1, f"tried-{cache}"))
            if cache == "cold":
                self._here.clear_caches()
        return self._known_steps[key]

    def _create(self, source: Source, case: str, name: str, steps: int) -> Outcome | None:
        here = self._here
        wanted = self._wanted(source, 1, name)
        killed = here.start([("create", wanted)]).kill(steps, here.choose.uniform(0, 0.05))
        made, wrong = self._again(("create", wanted), name)
        if killed is None:
            return None
        step, orphans = killed
        said = f"killed at {step!r}; {orphans} orphans; then {'made' if made else 'NOT MADE'} {wrong or ''}"
        return Outcome("kills", f"create {case}", made and not orphans and not wrong, said)

    def _update(self, source: Source, case: str, name: str, steps: int) -> Outcome | None:
        here = self._here
        old = self._version[source.engine]
        kind, made = here.run("create", **self._wanted(source, old, self._updated(source)))
        assert kind == "result", made
        worker = here.worker(made)
        wanted = self._wanted(source, 3 - old, self._updated(source))
        killed = here.start([("update", wanted)]).kill(steps, here.choose.uniform(0, 0.05))
        worked = here.works(worker, made)
        updated, wrong = self._again(("update", wanted), self._updated(source))
        worked = here.works(worker, made) and worked
        worker.stop()
        self._version[source.engine] = 3 - old
        if killed is None:
            return None
        step, orphans = killed
        said = (
            f"killed at {step!r}; {orphans} orphans; a worker of the old version {'went on' if worked else 'FAILED'}; "
            f"then {'updated' if updated else 'NOT UPDATED'} {wrong or ''}"
        )
        return Outcome("kills", f"update {case}", updated and worked and not orphans and not wrong, said)

    def _again(self, op: tuple[str, dict[str, Any]], name: str) -> tuple[bool, list[str]]:
        """The same once more: whether the environment is there then, and what is wrong with it."""
        there = {"name": name, "directory": self._here.directory}
        ops = [op, ("clean", {"directory": self._here.directory}), ("create", op[1]), ("verify", there)]
        outcomes = self._here.start(ops).outcomes()
        values = [value for kind, value in outcomes if kind == "result"]
        wrong = [str(value) for kind, value in outcomes if kind != "result"] + self._here.left()
        if len(values) == len(ops):
            wrong += [str(damage) for damage in values[3]["damaged"]]
        return len(values) == len(ops) and values[2]["created"] is False, wrong

    def _wanted(self, source: Source, version: int, name: str) -> dict[str, Any]:
        return {"specification": source.specification(version, name), "directory": self._here.directory}

    def _updated(self, source: Source) -> str:
        return f"updated-{source.engine}"
