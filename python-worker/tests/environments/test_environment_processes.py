"""Running programs: their lines, their ends, and nothing that outlives them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SOURCES

from alcove.environments.processes import Finished, run

_DAMMED = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1]))).recv(1)"
_WITH_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_DAMMED!r}, sys.argv[1]])"


def nothing(*arguments: object) -> None:
    pass


def run_python(
    code: str, *arguments: str, on_line: Callable[[str], None] = nothing, on_wait: Callable[[], None] = nothing
) -> Finished:
    command = [sys.executable, "-c", code, *arguments]
    return run(command, environment=dict(os.environ), directory=Path.cwd(), on_line=on_line, on_wait=on_wait)


def test_lines_come_as_they_are_written() -> None:
    lines: list[str] = []
    code = "import sys; print('out'); print('Zählen…', file=sys.stderr); print('end', file=sys.stderr); sys.exit(3)"

    finished = run_python("import sys; sys.stderr.reconfigure(encoding='utf-8'); " + code, on_line=lines.append)

    assert lines == ["Zählen…", "end"]
    assert finished == Finished(3, "out", lines)


def test_much_output_is_read_and_its_end_kept() -> None:
    code = "import sys; [print(n, file=sys.stderr) for n in range(100_000)]; print('x' * 1_000_000)"

    finished = run_python(code)

    assert finished.log == [str(number) for number in range(99_950, 100_000)]
    assert len(finished.output) == 1_000_000


def test_it_finds_no_input() -> None:
    assert run_python("import sys; print(repr(sys.stdin.read()))").output == "''"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_death_by_a_signal_is_told() -> None:
    assert run_python("import os; os.kill(os.getpid(), 9)").died_of("SIGKILL")


def test_what_cannot_be_run_says_why() -> None:
    finished = run(
        ["/no/such/program"], environment=dict(os.environ), directory=Path.cwd(), on_line=nothing, on_wait=nothing
    )

    assert finished.code == 126
    assert "/no/such/program" in finished.log[-1]


class Dam:
    """Where a program waits for ever; its end is seen here."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = str(self._listener.getsockname()[1])
        self.reached = threading.Event()
        self.gone = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with self._listener, self._listener.accept()[0] as connection:
            self._connection = connection
            self.reached.set()
            try:
                connection.recv(1)
            except ConnectionError:
                pass
            self.gone.set()

    def open(self) -> None:
        """The program goes on, once it is there."""
        assert self.reached.wait(60)
        self._connection.shutdown(socket.SHUT_RDWR)


class Stop(BaseException):
    pass


def test_an_exception_while_it_runs_ends_it_with_its_children() -> None:
    dam = Dam()

    def on_wait() -> None:
        if dam.reached.is_set():
            raise Stop

    with pytest.raises(Stop):
        run_python(_WITH_CHILD, dam.port, on_wait=on_wait)

    assert dam.gone.wait(60)


def test_it_ends_with_its_owner() -> None:
    """Also when the owner had no chance to say goodbye."""
    dam = Dam()
    code = (
        f"import sys; sys.path.insert(0, {str(SOURCES)!r})\n"
        "import os; from pathlib import Path; from alcove.environments.processes import run\n"
        f"command = [sys.executable, '-c', {_WITH_CHILD!r}, sys.argv[1]]\n"
        "here = {'environment': dict(os.environ), 'directory': Path.cwd()}\n"
        "run(command, **here, on_line=lambda line: None, on_wait=lambda: None)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, dam.port]) as owner:
        assert dam.reached.wait(60)
        owner.kill()

    assert dam.gone.wait(60)


def test_what_it_leaves_behind_does_not_keep_us_waiting() -> None:
    """A server that a build started, say, which inherited the pipes."""
    dam = Dam()
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {_DAMMED!r}, sys.argv[1]])"

    finished = run_python(code, dam.port)

    assert finished.code == 0
    assert not dam.gone.is_set()
    dam.open()
