"""Ops that use several processes and threads."""

import concurrent.futures
import logging
import multiprocessing
import os

from alcove import op, progress


def square(number: int) -> int:
    print("in a child", flush=True)
    progress(number / 10, "from a child")
    logging.getLogger("child").warning("from a child")
    return number * number


@op
def pool(method: str) -> list[int]:
    with multiprocessing.get_context(method).Pool(2) as pool:
        return pool.map(square, range(8))


@op
def executor() -> list[int]:
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        return list(executor.map(square, range(8)))


@op
def fork_and_raise() -> int:
    """The child leaves the op by an exception instead of ending."""
    child = os.fork()
    if child == 0:
        raise ValueError("in the child")
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@op
def leave_a_pool_open() -> int:
    POOLS.append(multiprocessing.get_context("fork").Pool(2))
    return sum(POOLS[-1].map(square, range(4)))


POOLS: list = []
