"""Compiling packages to bytecode while an environment is made, so that the first import does not wait for it."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from .context import Context
from .failures import of_file
from .processes import run
from .reports import Report

_PROGRAM = Path(__file__).with_name("_compiling.py")
_LIST = "to-compile.txt"
_TESTS = re.compile(r".*[/\\]tests?[/\\]")
_DROPPED = re.compile(r"PYTHON.*|VIRTUAL_ENV.*|CONDA.*")


def worth_compiling(folder: Path) -> Iterator[Path]:
    """The Python files in a folder but for the packages' own tests, which nobody imports."""
    return (file for file in folder.rglob("*.py") if not _TESTS.match(str(file)[len(str(folder)) :]))


def compile_files(
    python: Path,
    files: Sequence[Path],
    prefix: Path,
    final: Path,
    context: Context,
    work: Path,
    report: Report,
    share: tuple[float, float],
) -> None:
    """Compiles Python files.

    One that does not compile (a template, say) is no failure: Python compiles what it imports anyway.

    Args:
        python: the interpreter to compile for, and with.
        files: in the prefix.
        prefix: the environment, where it is now.
        final: where it will be.
        context: for the folder of all environments.
        work: a folder to work in.
        report: takes the share given.
        share: where in the whole this begins and ends.

    Raises:
        OpError: ``disk_full``.
    """
    if not files:
        return

    def on_line(line: str) -> None:
        done = re.match(r"compiled (\d+)", line)
        if done is None:
            report.again()
        else:
            part = int(done[1]) / len(files)
            report(share[0] + (share[1] - share[0]) * part, f"Compiling: {done[1]} of {len(files)} files")

    (work / _LIST).write_text("".join(f"{file}\n" for file in files), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not _DROPPED.fullmatch(name)}
    finished = run(
        [str(python), "-I", "-S", "-X", "utf8", str(_PROGRAM), str(work / _LIST), str(prefix), str(final)],
        environment=kept,
        directory=work,
        on_line=on_line,
        on_wait=report.again,
        merged=True,
    )
    if any(f"[Errno {number}]" in line for line in finished.log for number in (errno.ENOSPC, errno.EDQUOT)):
        raise of_file("disk_full", str(prefix), context.directory, log=finished.log)
