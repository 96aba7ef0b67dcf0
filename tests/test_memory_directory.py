"""Where shared memory lies: the same for Java and for Python, so that both meet there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from alcove_program import ROOT, Alcove

WITH_SMALL_SHM = 'mount -t tmpfs -o size=1m tmpfs /dev/shm && exec "$@"'
PYTHON = "import sys; sys.path.insert(0, sys.argv[1]); from alcove import places; print(places.memory_directory())"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root")
@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="only Linux has a /dev/shm")
@pytest.mark.parametrize("small", [False, True])
def test_java_and_python_meet(alcove: Alcove, tmp_path: Path, small: bool) -> None:
    variables = {name: value for name, value in os.environ.items() if name != "ALCOVE_MEMORY_DIR"}
    variables.update(ALCOVE_DATA_DIR=str(alcove.data_directory), TMPDIR=str(tmp_path), LOGNAME="somebody", USER="else")
    prefix = ["unshare", "--mount", "sh", "-c", WITH_SMALL_SHM, "sh"] if small else []
    doctor = subprocess.run(
        [*prefix, ROOT / "alcove", "doctor", "--json"], env=variables, capture_output=True, text=True, check=True
    )
    (finding,) = (found for found in json.loads(doctor.stdout) if found["name"] == "memory directory")
    python = subprocess.run(
        [*prefix, sys.executable, "-c", PYTHON, ROOT / "python-worker" / "src"],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    directory = python.stdout.strip()
    assert finding["value"].startswith(f"{directory} (")
    assert ("images go through files" in python.stderr) == directory.startswith("/tmp/alcove-memory-")
    if small:
        assert directory.startswith("/tmp/alcove-memory-")
        with suppress(OSError):  # somebody else of this machine's may use it
            os.rmdir(directory)
