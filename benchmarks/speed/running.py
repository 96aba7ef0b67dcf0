"""One interleaved run: all cases of a part take turns in each round, in an order that rotates from round to round."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping

from .cases import Case, Part
from .programs import CaseFailed, CaseSkipped, ProgramFailed, Programs
from .progress import Progress
from .results import LeftOut, Results, Series

# The first case may make the toolbox, which is a download.
SECONDS_TO_WARM = 600.0
SECONDS_TO_ANSWER = 60.0
_BURNER = "print(flush=True)\nwhile True: pass"


class Run:
    """Goes through parts and collects what their cases say."""

    def __init__(
        self, programs: Programs, results: Results, progress: Progress, unavailable: Mapping[str, CaseSkipped]
    ) -> None:
        """
        Args:
            unavailable: program, or what is asked of one -> why it cannot be.
        """
        self._programs = programs
        self._unavailable = unavailable
        self._results = results
        self._progress = progress

    def measure(self, group: str, part: Part) -> None:
        """Adds what is measured to the results, round by round, so that an interrupted run has what came before."""
        self._progress.begin(part.name if part.name == group else f"{group}, {part.name}", part.seconds)
        self._programs.forgive()
        turns = {case.name: (case, self._results.add(group, part.name, case)) for case in part.cases}
        try:
            if not part.apart:
                for case, series in list(turns.values()):
                    self._attempt(turns, case, series, self._warm)
            order = [case.name for case in part.cases]
            for number in range(part.rounds):
                for name in order:
                    if name in turns:
                        self._attempt(turns, *turns[name], self._measure_apart if part.apart else self._measure)
                order = order[1:] + order[:1]
                self._progress.show((number + 1) / part.rounds)
        finally:
            self._progress.end(part.seconds)
        if not part.apart:
            for case, series in list(turns.values()):
                self._attempt(turns, case, series, self._give_back)

    def _attempt(
        self, turns: dict[str, tuple[Case, Series]], case: Case, series: Series, step: Callable[[Case, Series], None]
    ) -> None:
        """A case that fails, or cannot be, loses its turn for the rest of the part, and the run goes on."""
        left_out = None
        try:
            step(case, series)
        except CaseSkipped as skipped:
            left_out = self._results.skipped, str(skipped), skipped.hint
        except (CaseFailed, ProgramFailed) as failure:
            left_out = self._results.failed, str(failure), ""
        if left_out is not None:
            del turns[case.name]
            where, why, hint = left_out
            where.append(LeftOut(series.group, series.part, case.name, case.system, why, hint))
            self._progress.say(f"{case.system} ({series.part}): {why}" + (f"\nhint: {hint}" if hint else ""))

    def _warm(self, case: Case, series: Series) -> None:
        reason = self._unavailable.get(case.program) or self._unavailable.get(case.asks)
        if reason:
            raise reason
        self._programs.ask(case.program, {**case.parameters, "warm": case.asks}, SECONDS_TO_WARM)

    def _measure(self, case: Case, series: Series) -> None:
        request = {**case.parameters, "measure": case.asks, "count": case.count}
        with burning(case.burners):
            answer = self._programs.ask(case.program, request, SECONDS_TO_ANSWER)
        if not answer.get("samples"):
            raise CaseFailed(f"{case.program} answered without samples")
        series.unit = answer["unit"]
        series.rounds.append(answer["samples"])
        for name, value in answer.get("facts", {}).items():
            series.facts[name] = series.facts.get(name, 0) + value

    def _give_back(self, case: Case, series: Series) -> None:
        self._programs.ask(case.program, {**case.parameters, "done": case.asks}, SECONDS_TO_ANSWER)

    def _measure_apart(self, case: Case, series: Series) -> None:
        self._warm(case, series)
        try:
            self._measure(case, series)
        finally:
            self._give_back(case, series)


@contextlib.contextmanager
def burning(count: int) -> Iterator[None]:
    """So many processes beside that take all of a CPU each."""
    burners: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            command = [sys.executable, "-I", "-S", "-c", _BURNER]
            burners.append(subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True))
        for burner in burners:
            assert burner.stdout is not None
            burner.stdout.readline()
        yield
    finally:
        for burner in burners:
            burner.kill()
        for burner in burners:
            burner.communicate()
