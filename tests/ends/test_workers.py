"""``./alcove workers``, logs, and ``./alcove doctor --report``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alcove_program import Alcove

OPS = """
import sys, time
from pathlib import Path
from alcove import op

@op
def wait(path: Path) -> str:
    print("waiting with https://me:pl4nted@server/ and token=pl4nted", file=sys.stderr)
    Path(str(path) + ".there").touch()
    while not path.exists():
        time.sleep(0.01)
    return "went on"
"""


@contextmanager
def waiting(alcove: Alcove, folder: Path, **variables: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A program whose op waits until the file is there that is yielded with it."""
    file = folder / "öps.py"
    file.write_text(OPS, encoding="utf-8")
    go_on = folder / "go on"
    process = alcove.start("run", "--python", sys.executable, f"{file}:wait", f"path={go_on}", **variables)
    try:
        eventually(lambda: Path(f"{go_on}.there").exists() or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        yield process, go_on
    finally:
        process.kill()
        process.communicate()


def eventually(condition: Any) -> Any:
    end = time.monotonic() + 60
    while not (result := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return result


def workers(alcove: Alcove) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = alcove.run("workers", "--json", check=True).json
    return found


def busy(alcove: Alcove) -> dict[str, Any] | None:
    return next((worker for worker in workers(alcove) if worker["op"] == "wait"), None)


def test_workers_of_running_programs_are_seen_and_stopped(alcove: Alcove, tmp_path: Path) -> None:
    assert workers(alcove) == []
    with waiting(alcove, tmp_path) as (process, _):
        worker = eventually(lambda: busy(alcove))
        assert worker["state"] == "busy"
        assert worker["memory_bytes"] > 1 << 20
        assert worker["responsive"] is True
        table = alcove.run("workers", check=True).out
        assert str(worker["pid"]) in table
        assert "wait" in table
        alcove.run("workers", "stop", os.getpid()).assert_failed("no running program", str(os.getpid()))
        stopped = alcove.run("workers", "stop", worker["pid"], "--json", check=True).json
        assert stopped == [{"pid": worker["pid"], "was_busy_with": "wait"}]
        _, err = process.communicate()
        assert process.returncode == 1
        assert "somebody stopped it" in err
    assert alcove.run("workers", check=True).out == ""


def test_what_a_killed_program_leaves_is_no_worker(alcove: Alcove, tmp_path: Path) -> None:
    with waiting(alcove, tmp_path) as (process, _):
        eventually(lambda: busy(alcove))
        process.kill()  # Java itself: the launcher has become it
        process.communicate()
    assert workers(alcove) == []


def test_a_report_holds_what_helps_and_no_secrets(alcove: Alcove, tmp_path: Path) -> None:
    home = tmp_path / "hömes" / "plantedname"
    home.mkdir(parents=True)
    secrets = {
        "HTTPS_PROXY": "http://me:pl4nted@proxy.invalid:1",
        "ALCOVE_INDEX": "https://pl4nted@index.invalid/simple",
        "SOME_TOKEN": "pl4nted-in-a-variable",
        "HOME": str(home),
    }
    settings = tmp_path / "settings.toml"
    settings.write_text('proxy = "http://me:pl4nted@proxy.invalid:2"\n')
    report = tmp_path / "my repört.zip"
    with waiting(alcove, tmp_path, **secrets) as (process, go_on):
        eventually(lambda: busy(alcove))
        finished = alcove.run("doctor", "--report", report, ALCOVE_SETTINGS=str(settings), check=True, **secrets)
        go_on.touch()
        assert process.wait() == 0
    assert finished.out.strip() == str(report)
    with zipfile.ZipFile(report) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {"README.txt", "doctor.txt", "system.txt", "variables.txt", "settings.txt", "workers.txt"} <= parts.keys()
    assert "wait" in parts["workers.txt"]
    assert "***@proxy.invalid:2" in parts["settings.txt"]
    log = "".join(text for name, text in parts.items() if name.startswith("logs/"))
    assert "waiting with https://***@server/ and token=***" in log
    assert "HOME" not in parts["variables.txt"].split("=")[0]
    for name, text in parts.items():
        for planted in ("pl4nted", "plantedname", str(home)):
            assert planted not in text, f"{planted} in {name}"


def test_a_log_that_cannot_be_written_harms_nothing(alcove: Alcove, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "logs").write_text("a file where the folder should be")
    (data / "toolbox").symlink_to(alcove.data_directory / "toolbox")
    program = Alcove(data, alcove.memory_directory, tmp_path)
    with waiting(program, tmp_path) as (process, go_on):
        go_on.touch()
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert "went on" in out
    assert err.count("cannot be written") == 1
