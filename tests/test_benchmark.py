"""The command that measures: what it asks, in which order, and what it makes of the answers."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from speed import baseline, growth, idle, main  # noqa: E402
from speed.cases import Case, Part, parts, size_name  # noqa: E402
from speed.figures import DEFINITIONS, Figure, figures, middle_half, percentile  # noqa: E402
from speed.programs import CaseFailed, CaseSkipped, ProgramFailed, Programs  # noqa: E402
from speed.progress import Progress  # noqa: E402
from speed.report import markdown, targets_text  # noqa: E402
from speed.results import LeftOut, Results, Series, read  # noqa: E402
from speed.running import Run, burning  # noqa: E402

FAKE = Path(__file__).with_name("fake_measuring.py")


class Fakes:
    """Two programs that measure nothing, and what they were asked."""

    def __init__(self, folder: Path) -> None:
        self._trace = folder / "trace"
        commands = {name: ([sys.executable, FAKE, self._trace, name], {}) for name in ("one", "two")}
        self.programs = Programs(commands, folder)
        self.results = Results()
        self.said = io.StringIO()
        self.unavailable: dict[str, CaseSkipped] = {}

    def measure(self, *cases: Case, rounds: int = 3, apart: bool = False) -> None:
        run = Run(self.programs, self.results, Progress(self.said), self.unavailable)
        run.measure("group", Part("part", list(cases), rounds, 1.0, apart))

    def asked(self, step: str) -> list[str]:
        """The cases for which a step was asked, with their programs."""
        lines = [json.loads(line) for line in self._trace.read_text(encoding="utf-8").splitlines()]
        return [f"{program} {request[step]}" for program, request in lines if step in request]

    def series(self, name: str) -> Series:
        found = self.results.find("part", name)
        assert found is not None
        return found


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[Fakes]:
    fakes = Fakes(tmp_path)
    yield fakes
    fakes.programs.close()
    assert not psutil.Process().children(recursive=True)


def case(program: str, asks: str, count: int = 2, **parameters: Any) -> Case:
    return Case(f"{program}_{asks}", f"{program}'s {asks}", program, asks, count, parameters)


# ---- The run -------------------------------------------------------------------------------------------------------


def test_cases_of_two_programs_take_turns_in_an_order_that_rotates(fakes: Fakes) -> None:
    fakes.measure(case("one", "a", value=2), case("two", "b"), case("one", "c"))
    assert fakes.asked("warm") == ["one a", "two b", "one c"]
    assert fakes.asked("measure") == [
        "one a", "two b", "one c",
        "two b", "one c", "one a",
        "one c", "one a", "two b",
    ]  # fmt: skip
    assert fakes.asked("done") == ["one a", "two b", "one c"]
    assert fakes.series("one_a").rounds == [[2.0, 2.0]] * 3
    assert fakes.series("one_a").unit == "us"
    assert fakes.series("one_a").facts == {"lost": 3}
    assert fakes.programs.facts == {"one": {"one": "1.0"}, "two": {"two": "1.0"}}


def test_large_cases_give_back_after_each_turn(fakes: Fakes) -> None:
    fakes.measure(case("one", "a"), case("two", "b"), rounds=1, apart=True)
    lines = fakes._trace.read_text(encoding="utf-8").splitlines()
    steps = [next(iter(set(json.loads(line)[1]) & {"warm", "measure", "done"})) for line in lines]
    assert steps == ["warm", "measure", "done"] * 2


def test_what_cannot_be_measured_is_told_with_a_hint_and_the_rest_goes_on(fakes: Fakes) -> None:
    fakes.unavailable["c"] = CaseSkipped("there is no C compiler", "install one")
    fakes.measure(case("one", "skips"), case("one", "a"), case("two", "c"))
    skipped = [(each.name, each.why, each.hint) for each in fakes.results.skipped]
    assert skipped == [
        ("one_skips", "there is no such thing", "buy one"),
        ("two_c", "there is no C compiler", "install one"),
    ]
    assert "one's skips (part): there is no such thing\nhint: buy one" in fakes.said.getvalue()
    assert len(fakes.series("one_a").rounds) == 3
    assert fakes.results.find("part", "one_skips") is None
    assert not fakes.results.failed


def test_a_case_that_fails_loses_its_turn_and_nothing_else_does(fakes: Fakes) -> None:
    fakes.measure(case("one", "fails"), case("one", "a"))
    assert fakes.asked("measure").count("one fails") == 1
    assert [(each.name, each.why) for each in fakes.results.failed] == [("one_fails", "one: it was wrong")]
    assert len(fakes.series("one_a").rounds) == 3


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("ends", "one ended (exit code 3); its last words:\nno more memory"),
        ("babbles", "one answered with b'nonsense'"),
    ],
)
def test_a_program_that_breaks_takes_its_cases_with_it_and_is_started_once_more_for_the_next_part(
    fakes: Fakes, how: str, words: str
) -> None:
    fakes.measure(case("one", how), case("one", "a"), case("two", "b"))
    assert {each.name: each.why for each in fakes.results.failed} == {f"one_{how}": words, "one_a": words}
    assert len(fakes.series("two_b").rounds) == 3
    for _ in range(2):
        fakes.measure(case("one", "a"), case("one", how), rounds=1)
    assert fakes.asked("warm").count("one a") == 2, "it is not started for ever"


def test_a_program_that_hangs_is_ended(fakes: Fakes) -> None:
    program = fakes.programs.get("one")
    with pytest.raises(ProgramFailed, match=r"did not answer for 0\.5 s"):
        program.ask({"measure": "hangs", "count": 1}, 0.5)
    assert not psutil.pid_exists(program.pid)


def test_a_program_that_is_not_there_fails_its_cases(tmp_path: Path) -> None:
    programs = Programs({"none": ([tmp_path / "none"], {})}, tmp_path)
    with pytest.raises(ProgramFailed, match="none did not start"):
        programs.ask("none", {"warm": "a"}, 1)


def test_answers_have_their_own_failures(fakes: Fakes) -> None:
    with pytest.raises(CaseSkipped) as skipped:
        fakes.programs.ask("one", {"warm": "skips"}, 5)
    assert skipped.value.hint == "buy one"
    with pytest.raises(CaseFailed, match="one: it was wrong"):
        fakes.programs.ask("one", {"measure": "fails", "count": 1}, 5)


def test_burners_burn_until_they_are_ended() -> None:
    with burning(2):
        burners = psutil.Process().children()
        before = [sum(burner.cpu_times()[:2]) for burner in burners]
        while any(sum(burner.cpu_times()[:2]) < then + 0.05 for burner, then in zip(burners, before, strict=True)):
            time.sleep(0.01)
        assert len(burners) == 2
    assert not any(burner.is_running() for burner in burners)


def test_interrupting_ends_all_and_writes_what_there_is(tmp_path: Path) -> None:
    program = tmp_path / "interrupted.py"
    program.write_text(
        f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(ROOT / "benchmarks")!r}]
from speed import main
from speed.cases import Case, Part
from speed.programs import Programs

class Kit:
    def __init__(self, *_):
        self.unavailable, self.python = {{}}, Path(sys.executable)
        self.java = type("Java", (), {{"java": "true"}})
        self.commands = {{"one": ([sys.executable, {str(FAKE)!r}, {str(tmp_path / "trace")!r}, "one"], {{}})}}

main.Kit, main.machine.describe, main.ENVIRONMENT = Kit, lambda *_: {{}}, Path("none")
cases = [Case(name, name, "one", name, 1) for name in ("a", "hangs")]
main.parts = lambda quick: {{"call": [Part("call", cases, 5, 1)]}}
main.extras = lambda *_: {{}}
sys.exit(main.main(["--output", "out"]))
""",
        encoding="utf-8",
    )
    process = subprocess.Popen([sys.executable, program], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    trace = tmp_path / "trace"
    while not trace.exists() or '"measure": "hangs"' not in trace.read_text(encoding="utf-8"):
        assert process.poll() is None
        time.sleep(0.01)
    (child,) = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGTERM)
    out, error = process.communicate()
    assert process.returncode == 130, error
    assert b"Interrupted; writing what there is." in error
    assert not child.is_running()
    results = read(tmp_path / "out" / "speed.json")
    assert results.interrupted
    assert [each.name for each in results.series if each.rounds] == ["a"]
    assert "The run was interrupted" in (tmp_path / "out" / "speed.md").read_text(encoding="utf-8")
    assert b"The whole report is in out/speed.md" in out


# ---- What is measured ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quick", [True, False])
def test_every_name_is_there_once_and_every_figure_has_its_cases(quick: bool) -> None:
    groups = parts(quick)
    assert set(groups) < set(main.GROUPS)
    listed = [part for each in groups.values() for part in each]
    assert len({part.name for part in listed}) == len(listed)
    results = Results(quick=quick, idle=IDLE, growth=grows(0))
    for group, each in groups.items():
        for part in each:
            assert len({one.name for one in part.cases}) == len(part.cases)
            for one in part.cases:
                results.add(group, part.name, one).rounds = [[1.0, 1.0]] * part.rounds
    assert [each.definition for each in figures(results)] == DEFINITIONS
    seconds = sum(part.seconds for part in listed)
    assert seconds < 180 if quick else 300 < seconds < 1200


IDLE = {"worker_cpu_percent": 0.0, "host_cpu_percent": 0.2, "jvm_cpu_percent": 0.1, "worker_private_bytes": 10 << 20}


def grows(by: int) -> list[dict[str, int]]:
    return [{"calls": 100 * index, "host_descriptors": 20 + by * index} for index in range(12)]


def test_sizes_have_short_names() -> None:
    assert [size_name(size) for size in (1 << 10, 64 << 20, 2 << 30)] == ["1 KB", "64 MB", "2 GB"]


# ---- What comes out ------------------------------------------------------------------------------------------------


def series(results: Results, part: str, name: str, *rounds: list[float]) -> None:
    results.add(part, part, Case(name, name, "java", name, 1)).rounds = list(rounds)
    results.series[-1].unit = "us"


def named(results: Results, name: str) -> Figure:
    return next(figure for figure in figures(results) if figure.definition.name == name)


def test_a_ratio_is_taken_within_each_round() -> None:
    """The machine is ten times slower in the second round: of the medians over all samples, the ratio would be 0.33."""
    results = Results()
    series(results, "call", "alcove", [8, 9, 10], [90, 95, 100], [9, 9, 9])
    series(results, "call", "c_echo", [3, 3, 3], [30, 38, 300], [3, 3, 30])
    figure = named(results, "call/c_echo")
    assert figure.value == 3
    assert (figure.low, figure.high) == middle_half([3, 2.5, 3])
    assert figure.verdict == "MISSED"


def test_a_target_is_reached_at_its_very_value_and_a_missing_case_makes_no_figure() -> None:
    results = Results()
    series(results, "call", "alcove", [2.0])
    series(results, "call", "c_echo", [1.0])
    assert named(results, "call/c_echo").verdict == "reached"
    assert "appose/call" not in [figure.definition.name for figure in figures(results)]


def test_percentiles_are_samples() -> None:
    samples = [float(value) for value in range(1, 201)]
    assert (percentile(samples, 50), percentile(samples, 99), percentile(samples, 100)) == (100, 198, 200)
    assert percentile([7.0], 99) == 7


def test_growth_is_told_from_the_samples_after_the_first_third() -> None:
    samples = grows(0)
    samples[0]["host_descriptors"] = 1
    assert growth.too_much(samples) == []
    assert growth.too_much(grows(1)) == ["host_descriptors"]
    memory = [{"calls": 10_000 * index, "host_resident_bytes": 1_000_000 * index} for index in range(12)]
    assert growth.too_much(memory) == [], "a little"
    steep = [{**sample, "host_resident_bytes": 10 * sample["host_resident_bytes"]} for sample in memory]
    assert growth.too_much(steep) == ["host_resident_bytes"]
    assert growth.too_much([{**sample, "calls": sample["calls"] // 10} for sample in steep]) == [], "still compiling"
    assert named(Results(growth=grows(1)), "growth").verdict == "MISSED"


def test_what_is_idle_is_seen_with_its_children() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        (child,) = idle.descendants(parent.pid)
        assert 0.001 < idle.cpu_seconds(child) < 100
        assert 1 << 20 < idle.private_bytes(child) < 1 << 30
        parent.communicate(b"\n")


def full_report() -> Results:
    results = Results(machine={"processor": "A chip"}, idle=IDLE, growth=grows(1), seconds=90)
    series(results, "call", "alcove", [3000.0], [3100.0])
    series(results, "call", "c_echo", [4.0], [4.0])
    results.inner_loops = [{"name": "Encode.call", "nanoseconds": 300.0, "error": 5.0, "bytes": 64.0}]
    results.skipped = [LeftOut("image", "2 GB", "alcove", "Alcove", "there is no room", "make some")]
    results.failed = [LeftOut("call", "call", "appose", "Appose", "appose ended\nwith a trace")]
    return results


def test_the_report_shows_targets_missed_and_what_was_left_out() -> None:
    text = markdown(full_report(), {"speed-calls.png": "Calls"})
    assert "| a call / C echo | 762 | 756 to 769 | at most 2 | **MISSED** |" in text
    assert "| alcove | 3.05 ms | 3.02 ms to 3.08 ms | 3.1 ms | 2 |" in text
    assert "- Alcove (2 GB): there is no room (make some)" in text
    assert "- Appose (call): appose ended\n" in text
    assert "![Calls](speed-calls.png)" in text
    assert "| Encode.call | 300 ns | ± 5 | 64 |" in text
    assert "| host descriptors | 24 | 31 | 7 **too much** |" in text
    assert "MISSED" in targets_text(figures(full_report()))


def test_a_report_is_made_again_from_its_samples(tmp_path: Path) -> None:
    results = full_report()
    results.write(tmp_path / "speed.json")
    assert read(tmp_path / "speed.json") == results
    command = [ROOT / "benchmark", "--report", tmp_path / "speed.json", "--output", tmp_path]
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    assert finished.returncode == 1, "something failed in that run"
    assert markdown(results, {}).splitlines()[0] in (tmp_path / "speed.md").read_text(encoding="utf-8")
    (tmp_path / "other.json").write_text('{"version": 0}', encoding="utf-8")
    finished = subprocess.run(
        [*command, "--report", tmp_path / "other.json"], check=False, capture_output=True, text=True
    )
    assert finished.returncode == 2
    assert "error: " in finished.stderr
    assert "Traceback" not in finished.stderr


def test_the_page_of_the_docs_is_written_between_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, images = tmp_path / "docs" / "speed.md", tmp_path / "docs" / "images"
    images.mkdir(parents=True)
    page.write_text(f"Method\n\n{main.BEGIN}\n\nold\n\n{main.END}\n\nProfiles\n", encoding="utf-8")
    (images / "speed-old.png").touch()
    (tmp_path / "speed-calls.png").touch()
    monkeypatch.setattr(main, "HOME", tmp_path)
    main.put_into_docs(full_report(), {"speed-calls.png": "Calls"}, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"Method\n\n{main.BEGIN}\n\n")
    assert text.endswith(f"\n\n{main.END}\n\nProfiles\n")
    assert "old" not in text
    assert "![Calls](images/speed-calls.png)" in text
    assert [image.name for image in images.iterdir()] == ["speed-calls.png"]


def test_the_docs_have_the_marks() -> None:
    text = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    assert text.count(main.BEGIN) == text.count(main.END) == 1
    for image in re.findall(r"\]\((images/.*?)\)", text):
        assert (ROOT / "docs" / image).is_file()


# ---- The guard -----------------------------------------------------------------------------------------------------


def measured(low: float, high: float) -> Results:
    """A run in which a call took so many times what the C echo took."""
    results = Results(machine={"processor": "A chip"})
    series(results, "call", "alcove", [low], [(low + high) / 2], [high])
    series(results, "call", "c_echo", [1.0], [1.0], [1.0])
    return results


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ((1.9, 2.1), "Nothing got slower"),
        ((2.0, 2.3), "Nothing got slower"),  # within the spreads
        ((1.5, 4.5), "Nothing got slower"),  # who knows
        ((2.5, 2.7), "SLOWER: a call / C echo: 2.6"),
        ((1.0, 1.2), "faster: a call / C echo: 1.1"),
    ],
)
def test_only_what_differs_by_more_than_both_spreads_is_told(
    tmp_path: Path, now: tuple[float, float], verdict: str
) -> None:
    file = tmp_path / "baseline.json"
    before = measured(1.9, 2.1)
    baseline.store(file, before, figures(before))
    after = measured(*now)
    text = baseline.compare(file, after, figures(after))
    assert verdict in text
    assert ("SLOWER" in text) == verdict.startswith("SLOWER")


def test_less_of_what_is_better_with_more_is_slower(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    for rate, verdict in ((2.0, "There is no stored full run"), (1.2, "SLOWER"), (3.0, "faster")):
        results = Results(machine={"processor": "A chip"})
        series(results, "workers", "alcove_2", [rate], [rate])
        series(results, "workers", "alcove_1", [1.0], [1.0])
        found = figures(results)
        assert verdict in baseline.compare(file, results, found)
        if not file.exists():
            baseline.store(file, results, found)


def test_quick_runs_compare_with_quick_ones_and_other_machines_are_named(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    full = measured(1.9, 2.1)
    baseline.store(file, full, figures(full))
    quick = measured(4, 5)
    quick.quick = True
    quick.machine = {"processor": "Another chip"}
    assert "no stored quick run" in baseline.compare(file, quick, figures(quick))
    quick.quick = False
    assert "of another machine" in baseline.compare(file, quick, figures(quick))
    quick.series.pop()
    assert "not measured this time: call/c_echo" in baseline.compare(file, quick, figures(quick))


def test_the_check_never_fails(tmp_path: Path) -> None:
    slow = measured(9, 9.1)
    stored = measured(1.9, 2.1)
    baseline.store(tmp_path / "baseline.json", stored, figures(stored))
    slow.write(tmp_path / "speed.json")
    finished = subprocess.run(
        [ROOT / "benchmark", "--check", "--report", tmp_path / "speed.json", "--output", tmp_path,
         "--baseline", tmp_path / "baseline.json"],
        check=True, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    assert "SLOWER: a call / C echo" in finished.stdout
