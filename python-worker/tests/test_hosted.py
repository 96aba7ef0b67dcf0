"""Simple mode for a host, which keeps the pipe open: it runs, is asked to end, and ends with its host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from leftovers import DEADLINE, MARK, wait_for_end
from pythons import find_pythons
from worker_process import SOURCES

from alcove.locks import try_lock

BOOT = "import sys; sys.path[0] = sys.argv.pop(1); from alcove.hosted import main; sys.exit(main())"
PYTHONS = find_pythons()
OPS = """
    import os, signal, subprocess, sys, time
    from alcove import op, progress

    @op
    def parent() -> int:
        return os.getppid()

    @op
    def size(text: str) -> int:
        return len(text)

    @op
    def stay() -> None:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
        open("kept", "w").close()
        try:
            progress(0.5, str(child.pid))
            time.sleep(1000)
        finally:
            os.unlink("kept")

    @op
    def deaf() -> None:
        progress(0.5, "deaf")
        while True:
            try:
                time.sleep(1)
            except BaseException:
                pass
"""


class Hosted:
    """The process, as a host starts it."""

    def __init__(self, folder: Path, op: str, python: str, environment: str = "", portable: str = "0") -> None:
        self.lease = folder / "alcove-0123abcd.lease"
        self.lease.touch()
        (folder / "alcove-0123abcd-h-0").touch()
        file = folder / "ops.py"
        file.write_text(dedent(OPS))
        name, _, value = MARK.partition("=")
        options = ["--output", folder / "out", "--memory", folder, "--progress", "json"]
        self.process = subprocess.Popen(
            [python, "-c", BOOT, SOURCES, self.lease, environment, "run", f"{file}:{op}", *options],
            cwd=folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "ALCOVE_PORTABLE": portable, name: value},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def say(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def hear(self) -> str:
        """The message of the next progress."""
        assert self.process.stderr is not None
        message: str = json.loads(self.process.stderr.readline())["params"]["message"]
        return message

    def hang_up(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> tuple[int, Any]:
        """The exit code, and what was printed."""
        assert self.process.stdout is not None
        text = self.process.stdout.read()
        return self.process.wait(DEADLINE), json.loads(text) if text else None


@pytest.fixture
def started() -> Iterator[list[Hosted]]:
    hosted: list[Hosted] = []
    yield hosted
    for each in hosted:
        each.process.kill()
        each.process.wait()
        for stream in (each.process.stdin, each.process.stdout, each.process.stderr):
            assert stream is not None
            stream.close()


def start(started: list[Hosted], *arguments: Any, python: str = sys.executable, **options: Any) -> Hosted:
    started.append(Hosted(*arguments, python=python, **options))
    return started[-1]


@pytest.mark.parametrize("version", PYTHONS)
def test_answers_while_its_host_says_nothing_more(started: list[Hosted], tmp_path: Path, version: str) -> None:
    hosted = start(started, tmp_path, "parent", python=PYTHONS[version])
    hosted.say(b"{}\n")
    assert hosted.end() == (0, {"result": hosted.process.pid})


def test_takes_a_line_of_any_length(started: list[Hosted], tmp_path: Path) -> None:
    hosted = start(started, tmp_path, "size")
    hosted.say(json.dumps({"text": "x" * 10_000_000}).encode() + b"\n")
    assert hosted.end() == (0, {"result": 10_000_000})


@pytest.mark.parametrize("portable", ["0", "1"])
@pytest.mark.parametrize("version", PYTHONS)
def test_a_word_of_the_host_cancels(started: list[Hosted], tmp_path: Path, version: str, portable: str) -> None:
    hosted = start(started, tmp_path, "stay", python=PYTHONS[version], portable=portable)
    hosted.say(b"{}\n")
    child = int(hosted.hear())
    hosted.say(b"\n")
    code, answer = hosted.end()
    assert (code, answer["error"]["data"]["kind"]) == (1, "cancelled")
    wait_for_end(child)


@pytest.mark.parametrize("portable", ["0", "1"])
@pytest.mark.parametrize("version", PYTHONS)
def test_the_hosts_end_ends_it(started: list[Hosted], tmp_path: Path, version: str, portable: str) -> None:
    hosted = start(started, tmp_path, "stay", python=PYTHONS[version], portable=portable)
    hosted.say(b"{}\n")
    child = int(hosted.hear())
    hosted.hang_up()
    code, _ = hosted.end()
    assert code != 0
    wait_for_end(child)
    assert list(tmp_path.glob("alcove-*")) == []  # it has swept after its host
    assert not (tmp_path / "kept").exists()  # the op has swept after itself


def test_the_hosts_end_ends_an_op_that_does_not_listen(started: list[Hosted], tmp_path: Path) -> None:
    hosted = start(started, tmp_path, "deaf")
    hosted.say(b"{}\n")
    assert hosted.hear() == "deaf"
    hosted.hang_up()
    assert hosted.end()[0] != 0


def test_half_a_line_is_never_taken_for_all(started: list[Hosted], tmp_path: Path) -> None:
    hosted = start(started, tmp_path, "parent")
    hosted.say(b"{}")
    hosted.hang_up()
    code, answer = hosted.end()
    assert code != 0
    # Interrupted, or ended before it could say so.
    assert answer is None or answer["error"]["data"]["kind"] == "cancelled"


def test_holds_its_environment(started: list[Hosted], tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    environment.mkdir()
    (environment / ".in-use").touch()
    (environment / "alcove.json").touch()
    hosted = start(started, tmp_path, "stay", environment=str(environment))
    hosted.say(b"{}\n")
    hosted.hear()
    assert try_lock(environment / ".in-use") is None
    hosted.say(b"\n")
    hosted.end()
    lock = try_lock(environment / ".in-use")
    assert lock is not None
    lock.release()


def test_does_not_run_in_an_environment_that_is_being_removed(started: list[Hosted], tmp_path: Path) -> None:
    hosted = start(started, tmp_path, "parent", environment=str(tmp_path))
    hosted.say(b"{}\n")
    code, answer = hosted.end()
    assert (code, answer) == (1, None)
    assert hosted.process.stderr is not None
    assert b"being removed" in hosted.process.stderr.read()
