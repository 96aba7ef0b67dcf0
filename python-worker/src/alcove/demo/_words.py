"""Arrays in words: how numpy and Java order the same axes, and the lines that open the same pixels elsewhere."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from alcove.sharing import SharedArray

PACKAGES = Path(__file__).resolve().parents[2]


def axis_names(shape: Sequence[int], names: Optional[Sequence[str]]) -> list[str]:
    """A name for each axis, numbers where there are none."""
    return list(names) if names else [f"axis{number}" for number in range(len(shape))]


def described(dtype: str, shape: Sequence[int], names: Sequence[str]) -> str:
    """dtype and axes in both orders: numpy's last axis changes fastest, Java's image libraries name that one first."""
    in_numpy = ", ".join(f"{name} {size}" for name, size in zip(names, shape))
    in_java = ", ".join(f"{name} {size}" for name, size in reversed(list(zip(names, shape))))
    return f"{dtype}\n  in numpy:             {in_numpy}\n  in ImageJ, ImgLib2:   {in_java}"


def pixel(index: Sequence[int]) -> str:
    """One pixel as numpy has it."""
    return f"image[{', '.join(map(str, index))}]"


def java_place(index: Sequence[int], names: Sequence[str]) -> str:
    """The same pixel as it is looked up in ImageJ, counted from 0."""
    return ", ".join(f"{name} {position}" for name, position in reversed(list(zip(names, index))))


def lines_to_paste(shared: SharedArray, names: Optional[Sequence[str]]) -> str:
    """Four ways to open what is shared; each works from any folder."""
    assert shared.file is not None
    array, file = shared.array, shared.file
    sizes = ",".join(map(str, array.shape))
    target = shlex.quote(file.name if _is_found_by_name(file) else str(file))
    offset = f" --offset {shared.offset}" if shared.offset else ""
    axes = f' --axes "{" ".join(names)}"' if names else ""
    receive = f"receive {target} {array.dtype.name} {sizes}{offset}{axes} --watch"
    middle = [size // 2 for size in array.shape]
    lines = [
        "",
        "Python with the package alcove:",
        f"  {python_command()} {receive}",
        "",
        "Java:",
        f"  {java_command()} {receive}",
        "",
        "any Python with numpy:",
        "  import numpy",
        f'  image = numpy.memmap({str(file)!r}, "{array.dtype.name}", "r+", {shared.offset}, {array.shape})',
        f"  {pixel(middle)} = 1",
    ]
    if file.parent == Path("/dev/shm"):
        lines += [
            "",
            "multiprocessing.shared_memory, from Python 3.13 on (before, there is no track=False, and a Python that",
            "only opened the memory deletes it when it ends):",
            "  import numpy; from multiprocessing.shared_memory import SharedMemory",
            f'  memory = SharedMemory("{file.name}", track=False)',
            f'  image = numpy.ndarray({array.shape}, "{array.dtype.name}", memory.buf, {shared.offset})',
        ]
    return "\n".join([*lines, ""])


def python_command() -> str:
    """How this program is started from elsewhere: a package that is not installed has to be pointed to."""
    python = "python" if sys.platform == "win32" else "python3"
    if PACKAGES.name in ("site-packages", "dist-packages"):
        return f"{python} -m alcove.demo"
    if sys.platform == "win32":
        return f'set "PYTHONPATH={PACKAGES}" && {python} -m alcove.demo'
    return f"PYTHONPATH={shlex.quote(str(PACKAGES))} {python} -m alcove.demo"


def java_command() -> str:
    """The launcher in this folder, or by its path where Alcove's own folder is another."""
    name = "alcove.cmd" if sys.platform == "win32" else "alcove"
    launcher = PACKAGES.parents[1] / name
    if not launcher.is_file() or launcher == Path(name).resolve():
        return f".{os.sep}{name} demo"
    return f"{shlex.quote(str(launcher))} demo"


def _is_found_by_name(file: Path) -> bool:
    """Whether every process of this machine looks for it in the same folder."""
    return not os.environ.get("ALCOVE_MEMORY_DIR", "").strip() and file.parent == Path("/dev/shm")
