"""What is promised, and what else is told of: ratios within rounds, and the targets among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from statistics import median, quantiles

from . import growth
from .results import Results

_MEGABYTE = 1 << 20

PerRound = Callable[[Results], "list[float] | None"]


@dataclass(frozen=True)
class Target:
    """What a figure should be.

    Attributes:
        at_least: whether more is better; else less is.
    """

    value: float
    at_least: bool = False
    words: str = ""

    def is_reached(self, value: float) -> bool:
        return value >= self.value if self.at_least else value <= self.value


@dataclass(frozen=True)
class Definition:
    """A figure: a value of each round.

    Attributes:
        name: the same from run to run; the stored figures go by it.
        guarded: whether ``--check`` compares it. What has a unit depends on the machine and is not.
        less_is_better: for ``--check``; a target says it by itself.
    """

    name: str
    words: str
    of: PerRound
    unit: str = ""
    target: Target | None = None
    guarded: bool = True
    less_is_better: bool = True


@dataclass(frozen=True)
class Figure:
    """What came out: the median over the rounds, and the middle half of them."""

    definition: Definition
    value: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``reached``, ``MISSED``, or nothing where nothing is promised."""
        target = self.definition.target
        return "" if target is None else "reached" if target.is_reached(self.value) else "MISSED"


def figures(results: Results) -> list[Figure]:
    """All that the results are enough for."""
    return [figure for definition in DEFINITIONS if (figure := _figure(definition, results)) is not None]


def _figure(definition: Definition, results: Results) -> Figure | None:
    values = definition.of(results)
    return Figure(definition, median(values), *middle_half(values)) if values else None


def middle_half(values: list[float]) -> tuple[float, float]:
    """The quartiles of the values."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def percentile(samples: Iterable[float], hundredth: float) -> float:
    """The least sample that so many in a hundred do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, ceil(len(ordered) * hundredth / 100) - 1)]


# ---- How values of rounds are made of series -----------------------------------------------------------------------


def _combined(part: str, names: tuple[str, ...], how: Callable[..., float]) -> PerRound:
    """Of the medians of some series in the same round."""

    def of(results: Results) -> list[float] | None:
        series = [results.find(part, name) for name in names]
        found = [each.medians() for each in series if each is not None]
        return [how(*medians) for medians in zip(*found)] if len(found) == len(names) else None

    return of


def _quotient(part: str, above: str, below: str) -> PerRound:
    return _combined(part, (above, below), lambda a, b: a / b)


def _value(part: str, name: str, scale: float = 1.0) -> PerRound:
    return _combined(part, (name,), lambda value: value * scale)


def _tail(part: str, name: str) -> PerRound:
    """How many medians the slowest hundredth begins at."""

    def of(results: Results) -> list[float] | None:
        series = results.find(part, name)
        return series.of_rounds(lambda samples: percentile(samples, 99) / median(samples)) if series else None

    return of


def _strict(results: Results) -> list[float] | None:
    """A pipe is several times faster while the system keeps both ends on one core; here it has its best round."""
    echo, call = results.find("call", "c_echo"), results.find("call", "alcove")
    return [value / min(echo.medians()) for value in call.medians()] if echo and call else None


def _idle(member: str, scale: float = 1.0) -> PerRound:
    return lambda results: [results.idle[member] * scale] if member in results.idle else None


def _idle_host(results: Results) -> list[float] | None:
    idle = results.idle
    return [max(0.0, idle["host_cpu_percent"] - idle["jvm_cpu_percent"])] if idle else None


def _grown(results: Results) -> list[float] | None:
    return [float(len(growth.too_much(results.growth)))] if len(results.growth) > 3 else None


def _at_most(value: float, words: str = "") -> Target:
    return Target(value, False, words or f"at most {value:g}")


def _at_least(value: float, words: str = "") -> Target:
    return Target(value, True, words or f"at least {value:g}")


# ---- The figures ---------------------------------------------------------------------------------------------------

DEFINITIONS = [
    # A call
    Definition("call/c_echo", "a call / C echo", _quotient("call", "alcove", "c_echo"), target=_at_most(2)),
    Definition("call/best c_echo", "a call / the fastest round of C echo", _strict, guarded=False),
    Definition("call/py_echo", "a call / Python echo", _quotient("call", "alcove", "py_echo")),
    Definition(
        "appose/call", "Appose / a call", _quotient("call", "appose", "alcove"), target=_at_least(20), guarded=False
    ),
    Definition("appose/c_echo", "Appose / C echo", _quotient("call", "appose", "c_echo"), guarded=False),
    Definition(
        "process_pool/call", "ProcessPoolExecutor / a call", _quotient("call", "process_pool", "alcove"), guarded=False
    ),
    Definition("pipe/call", "multiprocessing.Pipe / a call", _quotient("call", "pipe", "alcove"), guarded=False),
    Definition("subprocess/call", "a process per call / a call", _quotient("call", "subprocess", "alcove"),
               guarded=False),
    Definition("call p99/p50", "a call: p99 / median", _tail("call", "alcove"), target=_at_most(5)),
    Definition("c_echo p99/p50", "C echo: p99 / median", _tail("call", "c_echo"), guarded=False),
    Definition("loaded/idle", "a call beside two busy processes / idle",
               _quotient("load", "alcove_loaded", "alcove_idle"), target=_at_most(3)),
    Definition("c_echo loaded/idle", "C echo beside two busy processes / idle",
               _quotient("load", "c_echo_loaded", "c_echo_idle"), guarded=False),
    # Many calls
    Definition("flight 64", "calls a second, 64 in flight", _value("flight", "alcove_64"), "/s",
               _at_least(150_000, "at least 150,000"), guarded=False),
    Definition("py_echo/flight 64", "Python echo / calls, 64 in flight (rates)",
               _quotient("flight", "py_echo_64", "alcove_64")),
    Definition("flight/appose 64", "calls / Appose, 64 in flight (rates)",
               _quotient("flight", "alcove_64", "appose_64"), guarded=False),
    Definition("flight/process_pool 64", "calls / ProcessPoolExecutor, 64 in flight (rates)",
               _quotient("flight", "alcove_64", "process_pool_64"), guarded=False),
    Definition("map rows", "map of rows, rows a second", _value("map", "alcove_rows"), "/s",
               _at_least(3_000_000, "at least 3,000,000"), guarded=False),
    Definition("map arrays", "map of arrays, rows a second", _value("map", "alcove_arrays"), "/s", guarded=False),
    Definition("arrays/rows", "map of arrays / map of rows (rates)", _quotient("map", "alcove_arrays", "alcove_rows"),
               target=_at_least(1), less_is_better=False),
    Definition("loop/rows", "Python loop / map of rows (rates)", _quotient("map", "python_loop", "alcove_rows")),
    Definition("json/rows", "Python loop from and to JSON / map of rows (rates)",
               _quotient("map", "json_rows", "alcove_rows")),
    # Images
    Definition("image 64 MB", "64 MB image / NumPy", _quotient("64 MB", "alcove", "numpy"), target=_at_most(1.3)),
    Definition("image 1 MB", "1 MB image / NumPy", _quotient("1 MB", "alcove", "numpy")),
    Definition("image 1 MB beyond", "1 MB image, beyond 1.3 times NumPy",
               _combined("1 MB", ("alcove", "numpy"), lambda call, numpy: call - 1.3 * numpy), "µs",
               _at_most(20, "at most 20"), guarded=False),
    Definition("image copies 64 MB", "64 MB image, from and to Java arrays / NumPy",
               _quotient("64 MB", "alcove_copies", "numpy")),
    Definition("appose fresh/image 64 MB", "64 MB image, from and to Java arrays: Appose / Alcove",
               _quotient("64 MB", "appose_fresh", "alcove_copies"), guarded=False),
    Definition("appose exported/image 64 MB", "the same: Appose with arrays kept in the worker / Alcove",
               _quotient("64 MB", "appose_exported", "alcove_copies"), guarded=False),
    Definition("pipe/image 64 MB", "64 MB image: a pipe / Alcove", _quotient("64 MB", "pipe", "alcove"), guarded=False),
    Definition("base64/image 64 MB", "64 MB image: base64 in JSON / Alcove", _quotient("64 MB", "base64", "alcove"),
               guarded=False),
    Definition("tiff/image 64 MB", "64 MB image: TIFF, temporary files / Alcove", _quotient("64 MB", "tiff", "alcove"),
               guarded=False),
    Definition("multiprocessing/image 64 MB", "64 MB image: multiprocessing, pickled / Alcove",
               _quotient("64 MB", "multiprocessing", "alcove"), guarded=False),
    # Starts
    Definition("worker/modules", "worker to first reply / Python with the same standard modules",
               _quotient("start", "worker", "python_modules"), target=_at_most(1.3)),
    Definition("worker/bare", "worker to first reply / python -I -S -c pass",
               _quotient("start", "worker", "python_bare"), target=_at_most(3)),
    Definition("worker/numpy", "worker of an op with NumPy / python -c 'import numpy'",
               _quotient("start", "worker_numpy", "python_numpy"), target=_at_most(1.3)),
    Definition("appose start/worker", "Appose, service to first result / worker to first reply",
               _quotient("start", "appose", "worker"), guarded=False),
    Definition("version/jvm", "./alcove --version / java, empty main", _quotient("start", "version", "jvm"),
               target=_at_most(2)),
    Definition("help", "./alcove --help", _value("start", "help", 1e-3), "ms", _at_most(250, "at most 250"),
               guarded=False),
    # Workers
    Definition("workers 2/1", "a busy function: two workers / one (rates)",
               _quotient("workers", "alcove_2", "alcove_1"), less_is_better=False),
    Definition("workers 2/process_pool 2", "a busy function, two workers: Alcove / ProcessPoolExecutor (rates)",
               _quotient("workers", "alcove_2", "process_pool_2"), less_is_better=False),
    # What is left, and what nothing costs
    Definition("idle worker", "CPU of an idle worker", _idle("worker_cpu_percent"), "%",
               _at_most(0.05, "0 (below 0.05)"), guarded=False),
    Definition("idle host", "CPU of an idle host, beyond that of an idle JVM", _idle_host, "%",
               _at_most(0.05, "0 (below 0.05)"), guarded=False),
    Definition("idle JVM", "CPU of an idle JVM", _idle("jvm_cpu_percent"), "%", guarded=False),
    Definition("idle memory", "memory of one idle worker alone", _idle("worker_private_bytes", 1 / _MEGABYTE), "MB",
               _at_most(15, "at most 15"), guarded=False),
    Definition("growth", "what grew over many calls of 1 MB, number of things", _grown, "",
               _at_most(0, "none"), guarded=False),
]  # fmt: skip
"""In the order of tables."""
