"""How long "is this environment ready?" takes, from the op file on: in Java as every call asks it, and in Python.

    .venv-development/bin/python benchmarks/environments/ready.py

It starts no process; the environment has twenty conda packages.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from setting import CONDA, HOME, Setting, setting, specification

TARGET_MILLISECONDS = 2.0
_NAME = "benchmark"


def measured_in_java(here: Setting, java: str, jar: Path, times: int) -> list[float]:
    """Milliseconds of each time."""
    compiler = str(Path(java).with_name("javac")) if os.sep in java else "javac"
    source = Path(__file__).with_name("Ready.java")
    subprocess.run([compiler, "-d", here.folder, "-cp", jar, source], check=True)
    file = here.folder / "op.py"
    file.write_text("# /// script\n" + "".join(f"# {line}\n" for line in CONDA.splitlines()) + "# ///\n")
    path = os.pathsep.join([str(here.folder), str(jar)])
    command = [java, "-cp", path, "Ready", str(file), _NAME, str(times)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [int(line) / 1e6 for line in printed.split()]


def measured_in_python(here: Setting, times: int) -> list[float]:
    """Milliseconds of ``create`` when there is nothing to do."""
    from alcove import environments

    wanted = specification(_NAME, "auto", CONDA)
    milliseconds = []
    for _ in range(times):
        begin = time.perf_counter()
        created = environments.create(wanted, here.data / "environments")["created"]
        milliseconds.append((time.perf_counter() - begin) * 1e3)
        assert not created
    return milliseconds


def main() -> int:
    """Prints a table; 1 when the target was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=500, help="default: %(default)s")
    parser.add_argument("--java", default="java", metavar="FILE", help="its JDK must have javac")
    parser.add_argument("--jar", type=Path, metavar="FILE", help="an alcove.jar that is built already")
    options = parser.parse_args()
    jar = options.jar
    if jar is None:
        subprocess.run([HOME / "alcove", "--version"], check=True, stdout=subprocess.DEVNULL)
        jar = HOME / "java-manager" / "target" / "run" / "alcove.jar"
    with setting() as here:
        from alcove import environments

        environments.create(specification(_NAME, "auto", CONDA), here.data / "environments")
        in_java = measured_in_java(here, options.java, jar, options.times)
        in_python = measured_in_python(here, options.times)
    print("milliseconds        first   median   95 of 100")
    for name, times in (("Java", in_java), ("Python", in_python)):
        print(f"{name:16}{times[0]:9.2f}{median(times):9.2f}{sorted(times)[len(times) * 95 // 100]:12.2f}")
    return 0 if median(in_java) <= TARGET_MILLISECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
