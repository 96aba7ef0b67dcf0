"""The ops whose calls ``./benchmark`` measures.

It imports nothing that a worker does not import anyway, so that ``standard_modules`` tells what workers import.
"""

import sys

from alcove import Image, op


@op
def add(a: int, b: int) -> int:
    """The smallest call that says something."""
    return a + b


@op
def add_one(image: Image) -> Image:
    """As authors write it: the result is an array of numpy's own."""
    return image + 1


@op
def busy(loops: int) -> int:
    """Keeps one core busy, without any other work for the system; ``busy`` in ``peers/pools.py`` is the same."""
    value = 1
    for _ in range(loops):
        value = value * 1103515245 + 12345 & 0x7FFFFFFF
    return value


@op
def standard_modules() -> list[str]:
    """Which modules of the standard library this worker has imported, in the order of their import."""
    return [name for name in sys.modules if name.partition(".")[0] in sys.stdlib_module_names and name != "__main__"]
