"""A host that dies while its worker runs an op."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from leftovers import MARK


class DyingHost:
    """A process that plays the host.

    Args:
        memory: the folder for its memory directory, which is made.
        op_file: the name of an op file among those of the tests; empty for none.
        op: what runs while it dies; empty for nothing.
        mode: the worker's, as ``playing_host.py`` knows them.
    """

    def __init__(self, memory: Path, op_file: str, op: str, mode: str) -> None:
        here = Path(__file__).parent
        name, _, value = MARK.partition("=")
        memory.mkdir()
        self.memory = memory
        self.process = subprocess.Popen(
            [sys.executable, here / "playing_host.py", memory, op_file, op, mode],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(here), name: value},
            start_new_session=True,
        )

    def wait_until_ready(self) -> None:
        """Waits until the op runs; from then on the processes that it names are known, the worker first."""
        assert self.process.stdout is not None
        self.worker, *self.others = map(int, self.process.stdout.readline().split())

    def die(self, *signals: int) -> None:
        """Sends these signals, of which the last one kills."""
        for number in signals or (signal.SIGKILL,):
            self.process.send_signal(number)
        with self.process:
            pass
