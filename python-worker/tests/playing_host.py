"""A host in a process of its own, to be killed: holds a lease, starts a worker, has it call an op, and waits.

Arguments: the memory directory, the op file's name or nothing, the op's name, "portable" or "default".
Prints one line once the op has told its progress: the process id of the worker.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import numpy
from worker_process import Host

directory, source, op, mode = sys.argv[1:]
# As in a JVM, which keeps SIGQUIT for its thread dumps; a child process inherits what is blocked.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGQUIT, signal.SIGALRM})
host = Host(Path(directory))
worker = host.start(portable=mode == "portable")
worker.initialize()
worker.load("pictures.py")
# One block of each side, one of them on loan.
worker.call("double", array=host.share(numpy.ones(100)))
if source:
    worker.load(source)
    worker.send_call(op)
    worker.notification("progress")
print(worker.process.pid, flush=True)
threading.Event().wait()
