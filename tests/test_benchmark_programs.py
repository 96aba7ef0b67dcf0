"""The programs that ``./benchmark`` drives: each case answers as the runner wants it. Nobody looks at the figures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alcove_program import ROOT, Alcove

BENCHMARKS = ROOT / "benchmarks"
JAR = ROOT / "java-manager" / "target" / "run" / "alcove.jar"
SMALL = {"bytes": 2048}
JAVA_CASES: dict[str, dict[str, int]] = {
    "py_echo": {},
    "py_echo_flight": {"window": 4},
    "call": {},
    "flight": {"window": 4},
    "map_rows": {"rows": 5},
    "map_arrays": {"rows": 5},
    "image": SMALL,
    "image_copies": SMALL,
    "memcpy": SMALL,
    "image_pipe": SMALL,
    "image_base64": SMALL,
    "image_tiff": SMALL,
    "python_bare": {},
    "python_modules": {},
    "worker": {},
    "worker_numpy": {},
    "open": {},
    "workers": {"workers": 2},
}
PYTHON_CASES: dict[str, dict[str, int]] = {
    "process_pool": {},
    "pipe": {},
    "subprocess": {},
    "process_pool_flight": {"window": 4},
    "process_pool_workers": {"workers": 1},
    "python_loop": {"rows": 5},
    "json_rows": {"rows": 5},
    "numpy": SMALL,
    "numpy_out": SMALL,
    "image_multiprocessing": SMALL,
}
# JMH itself would have to be downloaded.
ANNOTATIONS = {
    "Benchmark": "",
    "BenchmarkMode": "Mode value();",
    "OutputTimeUnit": "java.util.concurrent.TimeUnit value();",
    "Setup": "",
    "State": "Scope value();",
    "TearDown": "",
}
RUN_ALL = """
import java.lang.reflect.Method;

public class RunAll {
    public static void main(String[] names) throws Exception {
        Class<?> type = Class.forName("org.alcove.InnerLoops");
        Object loops = type.getConstructor().newInstance();
        type.getMethod("share").invoke(loops);
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(org.openjdk.jmh.annotations.Benchmark.class)) {
                method.invoke(loops);
                method.invoke(loops);
                System.out.println(method.getName());
            }
        }
        type.getMethod("close").invoke(loops);
    }
}
"""


class Program:
    """A program that measures."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.ready = self._reply()

    def ask(self, action: str, case: str, **parameters: int) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({action: case, **parameters}) + "\n")
        self._process.stdin.flush()
        return self._reply()

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        reply: dict[str, Any] = json.loads(self._process.stdout.readline())
        return reply


@contextmanager
def started(*command: object, variables: dict[str, str] | None = None) -> Iterator[Program]:
    """Starts a program, and waits for its good end."""
    words = [str(word) for word in command]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables) as process:
        try:
            yield Program(process)
            _, _ = process.communicate(timeout=60)
            assert process.returncode == 0
        finally:
            process.kill()


def assert_measures(program: Program, case: str, parameters: dict[str, int]) -> None:
    assert program.ask("warm", case, **parameters) == {"case": case}
    reply = program.ask("measure", case, count=2, **parameters)
    is_rate = any(word in case for word in ("flight", "workers", "map", "loop", "rows"))
    assert (reply.get("unit"), len(reply.get("samples", []))) == (("per_s", 1) if is_rate else ("us", 2)), reply
    assert min(reply["samples"]) >= 0
    assert program.ask("done", case, **parameters) == {"case": case}


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark") / "java"
    subprocess.run([ROOT / "alcove", "--version"], check=True, stdout=subprocess.DEVNULL)  # builds the jar if need be
    sources = (BENCHMARKS / "java" / "speed").rglob("*.java")
    subprocess.run(["javac", "-Xlint", "-Werror", "-d", folder, "-cp", JAR, *sources], check=True, timeout=120)
    return folder


def test_all_cases_of_java_answer(alcove: Alcove, classes: Path) -> None:
    command = [
        "java",
        "-Dspeed.warm=false",
        "-cp",
        f"{classes}:{JAR}",
        "speed.Main",
        ROOT,
        classes.parent,
        sys.executable,
    ]
    with started(*command, variables=alcove.variables()) as program:
        assert set(program.ready["facts"]) == {"alcove", "java"}
        for case, parameters in JAVA_CASES.items():
            assert_measures(program, case, parameters)
        assert "no such case" in program.ask("measure", "nothing", count=1)["error"]
        skipped = program.ask("warm", "image", bytes=1 << 50)
        assert "GB are free in /dev/shm" in skipped["skipped"]
        assert skipped["hint"]
        assert_measures(program, "call", {})


def test_all_cases_of_python_answer() -> None:
    with started(sys.executable, BENCHMARKS / "peers" / "peers.py", ROOT, ROOT) as program:
        assert set(program.ready["facts"]) == {"numpy", "python"}
        for case, parameters in PYTHON_CASES.items():
            assert_measures(program, case, parameters)
        assert "no such case" in program.ask("measure", "nothing", count=1)["error"]
        assert "GB are wanted" in program.ask("warm", "numpy", bytes=1 << 50)["skipped"]


def test_the_inner_loops_still_fit_the_library(classes: Path, tmp_path: Path) -> None:
    annotations = tmp_path / "org" / "openjdk" / "jmh" / "annotations"
    annotations.mkdir(parents=True)
    head = "package org.openjdk.jmh.annotations;\n"
    for name, member in ANNOTATIONS.items():
        kept = "@java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)"
        (annotations / f"{name}.java").write_text(f"{head}{kept} public @interface {name} {{ {member} }}\n")
    (annotations / "Mode.java").write_text(f"{head}public enum Mode {{ AverageTime }}\n")
    (annotations / "Scope.java").write_text(f"{head}public enum Scope {{ Thread }}\n")
    (tmp_path / "RunAll.java").write_text(RUN_ALL)
    sources = [*tmp_path.rglob("*.java"), *(BENCHMARKS / "java" / "jmh").rglob("*.java")]
    subprocess.run(["javac", "-d", tmp_path, "-cp", JAR, *sources], check=True, timeout=120)
    command = ["java", "-cp", f"{tmp_path}:{JAR}", "RunAll"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "exchange" in done.stdout.split()
