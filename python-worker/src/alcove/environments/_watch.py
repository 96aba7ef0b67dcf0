"""Runs a command, and kills it with all that it started once the process that asked for it is gone.

Started as a program of its own: ``python _watch.py COMMAND...`` in a new session, with a pipe as stdin that its owner
never writes to. The pipe ends when the owner dies, however it dies, on every platform. (Linux's parent death signal
would do without this process, but comes when the *thread* that started it ends, and must be set between fork and exec.)
"""

import os
import signal
import subprocess
import sys
import threading

CANNOT_RUN = 126
"""Exit status when the command cannot be started; its reason is on stderr."""
SIGNALS_FROM = 128
"""A command that died of signal N gives exit status 128 + N, as in a shell."""


def _wait_for_owner() -> None:
    os.read(0, 1)
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(os.getpid())], check=False)
    elif os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _main(command: list[str]) -> int:
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        sys.stderr.write(f"cannot run {command[0]}: {error}\n")
        sys.stderr.flush()
        return CANNOT_RUN
    # Only now: a kill before Popen returned would miss a child that nobody knows yet.
    threading.Thread(target=_wait_for_owner, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else SIGNALS_FROM - code


if __name__ == "__main__":
    os._exit(_main(sys.argv[1:]))  # at once: the other thread sits in a read
