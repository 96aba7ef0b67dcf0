"""A host in a process of its own, to be killed: holds a lease, starts a worker, has it call an op, and waits.

Arguments: the memory directory, the op file's name or nothing, the op's name, and how it is started: "default",
"portable", "wrapped" (behind a shell, which stays) or "leaking" (another process has the worker's input open, too).
Prints one line once the op has told its progress: the process id of what the host has started, and that of
the other process.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy
from worker_process import Host

directory, source, op, mode = sys.argv[1:]
# As in a JVM, which keeps SIGQUIT for its thread dumps; a child process inherits what is blocked.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGQUIT, signal.SIGALRM})
host = Host(Path(directory))
python = sys.executable
if mode == "wrapped":
    wrapper = Path(directory).parent / "wrapper.sh"
    wrapper.write_text(f'#!/bin/sh\n"{sys.executable}" "$@"\nexit $?\n')
    wrapper.chmod(0o700)
    python = str(wrapper)
worker = host.start(portable=mode == "portable", python=python)
told = [worker.process.pid]
if mode == "leaking":
    other = subprocess.Popen(["sleep", "1000"], stdout=subprocess.DEVNULL, pass_fds=[worker.process.stdin.fileno()])
    told.append(other.pid)
worker.initialize()
worker.load("pictures.py")
# One block of each side, one of them on loan.
worker.call("double", array=host.share(numpy.ones(100)))
if source:
    worker.load(source)
    worker.send_call(op)
    worker.notification("progress")
print(*told, flush=True)
threading.Event().wait()
