"""What is measured: groups of parts, and parts of cases that take turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KILOBYTE = 1 << 10
MEGABYTE = 1 << 20
GIGABYTE = 1 << 30

_QUICK_WINDOWS = [1, 8, 64, 512]
_WINDOWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
_ROWS = 100_000


@dataclass(frozen=True)
class Case:
    """One way of doing something, timed by one of the programs.

    Attributes:
        name: unique in its part, and the same from run to run.
        system: who does it, as plots and tables say.
        program: which program is asked; ``asks`` is what it calls the case.
        count: how many operations in each round.
        burners: how many CPU-bound processes run beside it.
    """

    name: str
    system: str
    program: str
    asks: str
    count: int
    parameters: dict[str, Any] = field(default_factory=dict)
    burners: int = 0


@dataclass(frozen=True)
class Part:
    """Cases that take turns within each round.

    Attributes:
        seconds: how long it takes about, its preparation included; for the time that is left.
        apart: whether each case gives back what it holds after each turn, because all at once would not fit.
    """

    name: str
    cases: list[Case]
    rounds: int
    seconds: float
    apart: bool = False


def parts(quick: bool) -> dict[str, list[Part]]:
    """Group -> its parts."""
    groups: dict[str, Callable[[bool], list[Part]]] = {
        "call": _call, "load": _load, "flight": _flight, "image": _image, "start": _start, "workers": _workers,
    }  # fmt: skip
    return {name: make(quick) for name, make in groups.items()}


def _call(quick: bool) -> list[Part]:
    cases = [
        Case("c_echo", "C echo over pipes", "java", "c_echo", 2000),
        Case("py_echo", "Python echo over pipes", "java", "py_echo", 2000),
        Case("alcove", "Alcove", "java", "call", 2000),
        Case("appose", "Appose", "appose", "call", 300),
        Case("process_pool", "ProcessPoolExecutor", "peers", "process_pool", 300),
        Case("pipe", "multiprocessing.Pipe", "peers", "pipe", 1000),
        Case("subprocess", "a process per call", "peers", "subprocess", 3),
    ]
    return [Part("call", cases, 12, 15) if quick else Part("call", cases, 100, 60)]


def _load(quick: bool) -> list[Part]:
    cases = [
        Case(f"{name}_{state}", f"{system}, {state}", "java", asks, 1000, burners=burners)
        for name, system, asks in [("c_echo", "C echo", "c_echo"), ("alcove", "Alcove", "call")]
        for state, burners in [("idle", 0), ("loaded", 2)]
    ]
    return [Part("load", cases, 8, 8) if quick else Part("load", cases, 40, 30)]


def _flight(quick: bool) -> list[Part]:
    cases = []
    for window in _QUICK_WINDOWS if quick else _WINDOWS:
        parameters = {"window": window}
        cases += [
            Case(f"py_echo_{window}", "Python echo over pipes", "java", "py_echo_flight", 20_000, parameters),
            Case(f"alcove_{window}", "Alcove", "java", "flight", 20_000, parameters),
            Case(f"appose_{window}", "Appose", "appose", "flight", 300, parameters),
            Case(f"process_pool_{window}", "ProcessPoolExecutor", "peers", "process_pool_flight", 1000, parameters),
        ]
        if window >= 64:
            name, asks = f"appose_main_queue_{window}", "flight_main_queue"
            cases.append(Case(name, "Appose, main queue", "appose", asks, 1000, parameters))
    flight = Part("flight", cases, 4, 25) if quick else Part("flight", cases, 15, 120)
    rows = [
        Case("alcove_rows", "Alcove, map of rows", "java", "map_rows", 3, {"rows": _ROWS}),
        Case("alcove_arrays", "Alcove, map of arrays", "java", "map_arrays", 3, {"rows": _ROWS}),
        Case("python_loop", "Python loop", "peers", "python_loop", 3, {"rows": _ROWS}),
        Case("json_rows", "Python loop, from and to JSON", "peers", "json_rows", 3, {"rows": _ROWS}),
    ]
    return [flight, Part("map", rows, 6, 12) if quick else Part("map", rows, 30, 40)]


def _image(quick: bool) -> list[Part]:
    sizes = [KILOBYTE, 64 * KILOBYTE, MEGABYTE, 64 * MEGABYTE]
    if not quick:
        sizes = [KILOBYTE << exponent for exponent in range(0, 22, 2)] + [64 * MEGABYTE, 2 * GIGABYTE]
    return [_images_of(size, quick) for size in sorted(set(sizes))]


def _images_of(size: int, quick: bool) -> Part:
    def case(name: str, system: str, program: str, asks: str, most: int, megabytes: int = 32) -> Case:
        # As many as take some hundredths of a second at this size, so that the first ones, which find cold caches and
        # sleeping processes after the turns of all others, are few; and at most as many as are of use.
        count = max(1, min(most, megabytes * MEGABYTE // size))
        return Case(name, system, program, asks, count, {"bytes": size})

    cases = [
        case("numpy", "NumPy in one process", "peers", "numpy", 1000, 256),
        case("numpy_out", "NumPy, into an array", "peers", "numpy_out", 1000, 256),
        case("memcpy", "a copy in Java", "java", "memcpy", 1000, 256),
        case("alcove", "Alcove, in shared memory", "java", "image", 1000, 256),
        case("alcove_copies", "Alcove, from and to Java arrays", "java", "image_copies", 1000, 256),
        case("appose_fresh", "Appose, from and to Java arrays", "appose", "image_fresh", 50),
        case("appose_reused", "Appose, the same, shared arrays reused", "appose", "image_reused", 50),
        case("appose_exported", "Appose, the same, kept in the worker", "appose", "image_exported", 50),
        case("pipe", "bytes through a pipe", "java", "image_pipe", 200),
        case("multiprocessing", "multiprocessing, pickled", "peers", "image_multiprocessing", 100),
    ]
    # What takes a minute at sizes that nobody would use it for.
    if size <= 64 * MEGABYTE:
        cases.append(case("base64", "base64 in JSON", "java", "image_base64", 100))
    if size <= 256 * MEGABYTE:
        cases.append(case("tiff", "TIFF, temporary files", "java", "image_tiff", 20))
    name = size_name(size)
    if size > 256 * MEGABYTE:
        return Part(name, cases, 3, 60.0 * size / GIGABYTE, apart=True)
    if quick:
        return Part(name, cases, 5, 20 if size >= MEGABYTE else 8)
    rounds = 40 if size == MEGABYTE else 8 if size > 64 * MEGABYTE else 20
    return Part(name, cases, rounds, 60 if size >= 64 * MEGABYTE else 15)


def size_name(size: int) -> str:
    """As in ``64 MB``; powers of 1024."""
    for unit, word in ((GIGABYTE, "GB"), (MEGABYTE, "MB"), (KILOBYTE, "KB")):
        if size >= unit:
            return f"{size / unit:g} {word}"
    return f"{size} B"


def _start(quick: bool) -> list[Part]:
    cases = [
        Case("python_bare", "python -I -S -c pass", "java", "python_bare", 1),
        Case("python_modules", "Python, the worker's standard modules", "java", "python_modules", 1),
        Case("worker", "Alcove, worker to first reply", "java", "worker", 1),
        Case("appose", "Appose, service to first result", "appose", "start", 1),
        Case("python_numpy", "python -c 'import numpy'", "java", "python_numpy", 1),
        Case("worker_numpy", "Alcove, op that imports NumPy", "java", "worker_numpy", 1),
        Case("appose_numpy", "Appose, import numpy", "appose", "start_numpy", 1),
        Case("open", "Alcove.open() and close()", "java", "open", 1),
        Case("jvm", "java, empty main", "java", "jvm", 1),
        Case("version", "./alcove --version", "java", "version", 1),
        Case("help", "./alcove --help", "java", "help", 1),
    ]
    return [Part("start", cases, 9, 20) if quick else Part("start", cases, 40, 60)]


def _workers(quick: bool) -> list[Part]:
    cases = [
        case
        for workers in (1, 2, 4)
        for case in (
            Case(f"alcove_{workers}", "Alcove", "java", "workers", 200, {"workers": workers}),
            Case(f"process_pool_{workers}", "ProcessPoolExecutor", "peers", "process_pool_workers", 200,
                 {"workers": workers}),
        )
    ]  # fmt: skip
    return [Part("workers", cases, 4, 12) if quick else Part("workers", cases, 15, 35)]
