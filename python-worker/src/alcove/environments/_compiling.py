"""Compiles the Python files that a list names, several at a time: ``python _compiling.py LIST STRIPPED PREPENDED``.

Run by the Python that is to use them, of any version that environments may have, and without this package. As
compileall it goes on when a file does not compile; unlike that it takes a list, and leaves all other files alone.
"""

import compileall
import functools
import os
import sys
from concurrent.futures import ProcessPoolExecutor

_MOST_PROCESSES = 8
_FILES_AT_ONCE = 8


def _main(list_of_files: str, stripped: str, prepended: str) -> None:
    with open(list_of_files, encoding="utf-8") as stream:
        files = stream.read().splitlines()
    # quiet=1 leaves what went wrong.
    compile_one = functools.partial(compileall.compile_file, quiet=1, stripdir=stripped, prependdir=prepended)
    with ProcessPoolExecutor(min(os.cpu_count() or 1, _MOST_PROCESSES)) as pool:
        for number, _ in enumerate(pool.map(compile_one, files, chunksize=_FILES_AT_ONCE), 1):
            sys.stdout.write(f"compiled {number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    _main(*sys.argv[1:])
