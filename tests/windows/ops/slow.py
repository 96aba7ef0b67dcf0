"""Needs no package, so that its environment is made in no time."""

from pathlib import Path
from typing import Annotated

from alcove import Range, op, progress


@op(title="Linger", output="answer")
def linger(folder: Path, seed: Annotated[int, Range(0, 9)] = 1) -> int:
    """Goes on when there is a file ``go`` in the folder."""
    import time

    (folder / f"began-{seed}").touch()
    while not (folder / "go").exists():
        progress(0.5, "waiting for a file")
        time.sleep(0.02)
    return seed + 10
