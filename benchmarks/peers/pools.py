"""Calls from Python to Python: pools of processes, a pipe, a process for each call, and no call at all."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import Connection

from program import Case, Rated, Repeated, timed

BUSY_LOOPS = 20_000
"""About two milliseconds; ``java/speed/WorkerCases.java`` has the same number."""
_ADD_IN_A_PROCESS = "import sys; a, b = map(int, sys.stdin.read().split()); print(a + b)"


def add(a: int, b: int) -> int:
    """The smallest call that says something."""
    return a + b


def busy(loops: int) -> int:
    """Keeps one core busy, without any other work for the system; ``busy`` in ``ops/speed_ops.py`` is the same."""
    value = 1
    for _ in range(loops):
        value = value * 1103515245 + 12345 & 0x7FFFFFFF
    return value


def process_pool() -> Case:
    """One call after the other."""
    pool = ProcessPoolExecutor(1)
    return Repeated(lambda: timed(lambda: pool.submit(add, 40, 2).result(), 42), 3000, pool.shutdown)


def pipe() -> Case:
    """A child that is sent the inputs, pickled, and sends back the sum: ``multiprocessing`` at its fastest."""
    here, there = multiprocessing.Pipe()
    child = multiprocessing.Process(target=_answer_sums, args=(there,), daemon=True)
    child.start()
    there.close()

    def call() -> object:
        here.send((40, 2))
        return here.recv()

    return Repeated(lambda: timed(call, 42), 3000, child.terminate)


def _answer_sums(connection: Connection) -> None:
    try:
        while True:
            connection.send(add(*connection.recv()))
    except KeyboardInterrupt:
        pass


def process_per_call() -> Case:
    """A new interpreter for each call, the inputs and the sum as text."""
    command = [sys.executable, "-c", _ADD_IN_A_PROCESS]

    def call() -> str:
        return subprocess.run(command, input="40 2", stdout=subprocess.PIPE, text=True, check=True).stdout

    return Repeated(lambda: timed(call, "42\n"), 3)


def flight(window: int) -> Case:
    """So many calls under way, the oldest of which is waited for; a pool of default size."""
    pool = ProcessPoolExecutor()

    def calls(count: int) -> float:
        under_way: deque[Future[int]] = deque()
        total = 0
        began = time.perf_counter()
        for number in range(count):
            if len(under_way) == window:
                total += under_way.popleft().result()
            under_way.append(pool.submit(add, number, 2))
        total += sum(future.result() for future in under_way)
        seconds = time.perf_counter() - began
        if total != count * (count - 1) // 2 + 2 * count:
            raise ValueError(f"the sum of all sums is wrong: {total}")
        return seconds

    return Rated(calls, 2000, close=pool.shutdown)


def workers(workers: int) -> Case:
    """A function that keeps a core busy, in so many processes."""
    pool = ProcessPoolExecutor(workers)

    def calls(count: int) -> float:
        began = time.perf_counter()
        for future in [pool.submit(busy, BUSY_LOOPS) for _ in range(count)]:
            future.result()
        return time.perf_counter() - began

    if busy(1) != 1103515245 + 12345:
        raise ValueError("busy computes something else")
    return Rated(calls, 100 * workers, close=pool.shutdown)


def loop(rows: int) -> Case:
    """The function for each row, without leaving the process."""
    table = [(number, 2) for number in range(rows)]

    def call() -> int:
        return [add(a, b) for a, b in table][-1]

    return Rated(lambda count: sum(timed(call, rows + 1) for _ in range(count)), 10, each=rows)


def json_rows(rows: int) -> Case:
    """The same, the rows coming as JSON and their results becoming JSON: what a worker does at least."""
    text = json.dumps([(number, 2) for number in range(rows)])
    expected = json.dumps([[number + 2] for number in range(rows)])

    def call() -> str:
        return json.dumps([[add(a, b)] for a, b in json.loads(text)])

    return Rated(lambda count: sum(timed(call, expected) for _ in range(count)), 10, each=rows)
