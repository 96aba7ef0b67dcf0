"""Ops that take long, or for ever."""

import itertools
import subprocess
import sys
import threading
import time

from alcove import Cancelled, op, progress

FOR_EVER = 1000.0


@op
def wait_for_cancel() -> None:
    """Asks again and again, as a well-behaved op does."""
    never = threading.Event()
    while True:
        progress(None, "waiting")
        never.wait(0.01)


@op
def loop_in_python() -> None:
    progress(0, "looping")
    while True:
        pass


@op
def sleep_in_c() -> None:
    progress(0, "sleeping")
    time.sleep(FOR_EVER)


@op
def hold_the_interpreter() -> None:
    """Loops in C without ever letting another thread of Python run."""
    progress(0, "holding")
    sum(itertools.repeat(0))


@op
def ignore_cancel_once() -> str:
    """Has something to finish first, and finishes."""
    try:
        wait_for_cancel()
    except Cancelled:
        return "finished all the same"
    return "never"


@op
def clean_up_when_cancelled() -> None:
    try:
        wait_for_cancel()
    finally:
        print("cleaned up", file=sys.stderr)


@op
def swallow_exceptions() -> None:
    """``except Exception`` does not stop a cancel."""
    while True:
        try:
            progress(None, "swallowing")
            time.sleep(0.001)
        except Exception:
            pass


@op
def report(times: int) -> None:
    for index in range(times):
        progress(index / times, f"step {index}")


@op
def report_and_wait() -> None:
    """The second update comes at once after the first and holds for long."""
    progress(0.1, "first")
    progress(0.2, "second")
    threading.Event().wait(FOR_EVER)


@op
def report_details() -> int:
    details = {"name": "µ", "count": 3, "large": float("inf"), "ratio": 0.5, "last": True, "left": None}
    progress(0.1, "first")
    progress(0.2, "held back", details)
    details["count"] = 4
    return 7


@op
def report_wrong_details(wrong: str) -> None:
    values = {"list": [1], "mapping": {"a": 1}, "object": object(), "huge": 1 << 64}
    progress(0.1, "wrong", {"wrong": values[wrong]})  # type: ignore[dict-item]


@op
def report_over(count: int, sized: bool) -> int:
    items = range(count)
    return sum(progress.over(items if sized else iter(items), "adding"))


@op
def report_fractions() -> None:
    for fraction in (-1, 2, float("nan"), None, 1):
        progress(fraction)  # type: ignore[arg-type]
        time.sleep(0.06)


@op
def report_from_threads() -> int:
    threads = [threading.Thread(target=report, args=(100,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(threads)


@op
def leave_a_thread() -> None:
    threading.Thread(target=time.sleep, args=(FOR_EVER,)).start()


@op
def leave_a_process() -> int:
    return subprocess.Popen(["sleep", str(FOR_EVER)]).pid


@op
def nap(seconds: float) -> None:
    time.sleep(seconds)
