"""Op files of all kinds that authors really write: what cannot work is explained, what can must work."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from leftovers import MARK
from worker_process import Failure, WorkerProcess

from alcove.describing import describe

Start = Callable[..., WorkerProcess]
HEAD = "from alcove import op\n"
OP = HEAD + "@op\ndef f() -> int: return 1\n"


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that describing starts are found if they outlive the test."""
    name, _, value = MARK.partition("=")
    monkeypatch.setenv(name, value)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def mistake_of(worker: WorkerProcess, path: Path) -> dict[str, Any]:
    """The one mistake that loading the file is refused for, and that describing it tells as well."""
    with pytest.raises(Failure) as failure:
        worker.load(path)
    assert failure.value.kind == "load_failed"
    (mistake,) = failure.value.data["mistakes"]
    assert describe(path)["error"]["data"]["mistakes"] == [mistake]
    found: dict[str, Any] = mistake
    return found


def names_of(path: Path) -> list[str]:
    return [op["name"] for op in describe(path)["ops"]]


# Names


def test_ops_named_like_keywords_and_builtins(worker: WorkerProcess, tmp_path: Path) -> None:
    names = ["class", "lambda", "None", "print", "__import__", "list", "größe µ", "a b", "🔬", "len"]
    text = "".join(f"@op(name={name!r})\ndef f{index}() -> str: return {name!r}\n" for index, name in enumerate(names))
    text += "@op\ndef max(a: int, b: int) -> int: return a if a > b else b\n@op\ndef dir() -> int: return max(1, 2)\n"
    worker.load(write(tmp_path / "named.py", HEAD + text))
    for name in names:
        assert worker.call(name) == {"result": name}
    assert worker.call("max", a=2, b=3) == {"result": 3}
    assert worker.call("dir") == {"result": 2}


def test_parameters_named_like_what_the_worker_uses(worker: WorkerProcess, tmp_path: Path) -> None:
    names = ["self", "function", "description", "arguments", "inputs", "print", "cls", "op_"]
    parameters = ", ".join(f"{name}: int" for name in names)
    text = f"{HEAD}@op\ndef f({parameters}) -> int: return {' + '.join(names)}\n"
    op = worker.load(write(tmp_path / "named.py", text))["f"]
    result = worker.request("call", op=op["id"], inputs=dict.fromkeys(names, 1))
    assert result["outputs"] == {"result": len(names)}


# What a file is


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"\xef\xbb\xbf" + OP.encode(), 1),
        (OP.replace("\n", "\r\n").encode(), 1),
        (OP.replace("\n", "\r").encode(), 1),
        (("# -*- coding: latin-1 -*-\n" + OP.replace("1\n", "len('öß')\n")).encode("latin-1"), 2),
        (("# coding: cp1252\n" + OP.replace("1\n", "ord('€')\n")).encode("cp1252"), 0x20AC),
        ((OP.replace("1\n", "1") + "  # no newline at its end").encode(), 1),
    ],
    ids=["byte-order mark", "CRLF", "CR", "latin-1", "cp1252", "no newline"],
)
def test_encodings_that_python_reads(worker: WorkerProcess, tmp_path: Path, content: bytes, value: int) -> None:
    path = write(tmp_path / "encoded.py", content)
    worker.load(path)
    assert worker.call("f") == {"result": value}
    assert names_of(path) == ["f"]


@pytest.mark.parametrize(
    ("content", "line", "message", "hint"),
    [
        (HEAD.encode() + b"\nx = 'Gr\xf6\xdfe'\n", 3, "0xf6", "UTF-8"),
        (b"x = 'Gr\xf6\xdfe'\n" + OP.encode(), 1, "0xf6", "UTF-8"),
        (b"# coding: ascii\n\nx = '\xc3\xb6'\n", 3, "ascii", "UTF-8"),
        (b"\xef\xbb\xbf# coding: latin-1\n" + OP.encode(), 1, "", "correct"),
        (OP.encode("utf-16"), 1, "null byte", "UTF-8"),
        (OP.encode() + b"\x1a", 4, "syntax error", "correct"),
        (b"# coding: rot13\n", 1, "", ""),
        (b"", 1, "no op", "@op"),
        (b"\n\n", 1, "no op", "@op"),
        ((HEAD + "def f[:\n    pass\n").encode(), 2, "syntax error", "requires-python"),
        (b"(" * 5000, 1, "", ""),
        ((HEAD + "x = " + "-" * 100_000 + "1\n").encode(), 1, "", ""),
        ((HEAD + "@op('segment')\ndef f() -> int: return 1\n").encode(), 2, '@op(name="segment")', "loading"),
    ],
)
def test_files_that_cannot_be_read(
    worker: WorkerProcess, tmp_path: Path, content: bytes, line: int, message: str, hint: str
) -> None:
    path = write(tmp_path / "broken.py", content)
    mistake = mistake_of(worker, path)
    assert (mistake["file"], mistake["line"]) == (str(path), line)
    assert message in mistake["message"]
    assert hint in mistake["hint"]
    write(path, OP)
    worker.load(path)
    assert worker.call("f") == {"result": 1}


@pytest.mark.parametrize("name", ["not there.py", "folder.py", "text.txt", "no_ending"])
def test_what_is_no_file_of_pythons(worker: WorkerProcess, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.py").mkdir()
    write(tmp_path / "text.txt", OP)
    write(tmp_path / "no_ending", OP)
    mistake = mistake_of(worker, tmp_path / name)
    assert mistake["file"] == str(tmp_path / name)
    assert "Python file" in mistake["hint"]


# Files that import each other


def test_files_that_import_each_other(worker: WorkerProcess, tmp_path: Path) -> None:
    text = "import its_other\n" + OP + "NUMBER = 5\n@op\ndef g() -> int: return its_other.g()\n"
    path = write(tmp_path / "main_file.py", text)
    write(tmp_path / "its_other.py", "import main_file\ndef g(): return main_file.NUMBER + main_file.f()\n")
    worker.load(path)
    assert worker.call("g") == {"result": 6}
    assert sorted(names_of(path)) == ["f", "g"]


@pytest.mark.parametrize("statement", ["from main_file import f", "import main_file\nmain_file.f()"])
def test_files_that_need_each_other_at_once(worker: WorkerProcess, tmp_path: Path, statement: str) -> None:
    path = write(tmp_path / "main_file.py", "import its_other\n" + OP)
    other = write(tmp_path / "its_other.py", f"\n{statement}\n")
    mistake = mistake_of(worker, path)
    assert (mistake["file"], mistake["line"]) == (str(other), 2 + statement.count("\n"))
    assert "third file" in mistake["hint"]


def test_a_helper_that_raises_is_named(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "main_file.py", "from folder_of_helpers import part\n" + OP)
    write(tmp_path / "folder_of_helpers" / "__init__.py", "")
    part = write(tmp_path / "folder_of_helpers" / "part.py", "import json\n\njson.loads('{')\n")
    mistake = mistake_of(worker, path)
    assert (mistake["file"], mistake["line"]) == (str(part), 3)
    assert "JSONDecodeError" in mistake["message"]
    write(part, b"x = '\xe4'\n")
    mistake = mistake_of(worker, path)
    assert (mistake["file"], mistake["line"]) == (str(part), 1)
    assert "0xe4" in mistake["message"]


def test_a_relative_import_is_explained(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "main_file.py", "from .its_helper import g\n" + OP)
    assert "import helper" in mistake_of(worker, path)["hint"]


def test_ops_of_a_helper_are_its_own(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "main_file.py", "from its_helper import g\n" + OP)
    write(tmp_path / "its_helper.py", HEAD + "@op\ndef g() -> int: return 2\n")
    assert list(worker.load(path)) == names_of(path) == ["f"]
    assert list(worker.load(tmp_path / "its_helper.py")) == ["g"]


def test_syntax_errors_of_texts_are_told_where_they_are_raised(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "evaluates.py", "\n\neval('1 +')\n")
    mistake = mistake_of(worker, path)
    assert (mistake["file"], mistake["line"]) == (str(path), 3)


# Files that do things when they are imported


def test_a_file_may_print_and_change_streams(worker: WorkerProcess, tmp_path: Path) -> None:
    text = "import os, sys\nprint('{}')\nos.write(1, b'raw')\nsys.stdout = None\nsys.stdin.close()\nos.chdir('/')\n"
    path = write(tmp_path / "prints.py", text + OP)
    worker.load(path)
    assert worker.call("f") == {"result": 1}
    assert names_of(path) == ["f"]


@pytest.mark.parametrize(
    "statement", ["sys.exit()", "sys.exit('no')", "raise SystemExit(3)", "exit = sys.exit; exit(0)"]
)
def test_a_file_that_exits(worker: WorkerProcess, tmp_path: Path, statement: str) -> None:
    path = write(tmp_path / "exits.py", f"import sys\n{statement}\n")
    mistake = mistake_of(worker, path)
    assert mistake["line"] == 2
    assert "__main__" in mistake["hint"]
    assert worker.request("status")["running"] is None


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("daemon", [True, False])
def test_a_file_that_starts_threads(worker: WorkerProcess, tmp_path: Path, daemon: bool) -> None:
    text = (
        "import threading\nnever, started = threading.Event(), threading.Event()\n"
        "def run():\n    started.set()\n    never.wait()\n"
        f"threading.Thread(target=run, daemon={daemon}).start()\nstarted.wait()\n"
    )
    path = write(tmp_path / "threads.py", text + OP)
    assert names_of(path) == ["f"]
    worker.load(path)
    assert worker.call("f") == {"result": 1}
    worker.close_input()
    worker.wait()


STARTS_PROCESS = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"


@pytest.mark.usefixtures("marked")
def test_processes_that_a_described_file_starts_are_ended(tmp_path: Path) -> None:
    assert names_of(write(tmp_path / "processes.py", STARTS_PROCESS + OP)) == ["f"]


def test_processes_that_a_loaded_file_starts_are_ended(worker: WorkerProcess, tmp_path: Path) -> None:
    worker.load(write(tmp_path / "processes.py", STARTS_PROCESS + OP))
    worker.close_input()
    worker.wait()


def test_a_file_that_raises_warnings_as_errors(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "strict.py", "import warnings\nwarnings.simplefilter('error')\n" + OP + "PATTERN = '\\d'\n")
    worker.load(path)
    assert worker.call("f") == {"result": 1}


# Processes of an op's


LOADER = """
import multiprocessing, os
from its_data import Cells
from alcove import op, progress

def collate(items): return sum(items)

class Batches:
    def __init__(self, data): self.data = data
    def __call__(self, index): return collate([self.data[index], self.data[index + 1]])

def initialize(value): os.environ["INITIALIZED"] = value

@op
def load(method: str) -> list[int]:
    context = multiprocessing.get_context(method)
    with context.Pool(2, initializer=initialize, initargs=("yes",)) as pool:
        return list(progress.over(list(pool.imap(Batches(Cells(4)), range(3)))))

@op
def by_hand(method: str) -> list[int]:
    context = multiprocessing.get_context(method)
    indices, results = context.Queue(), context.Queue()
    workers = [context.Process(target=work, args=(Cells(4), indices, results), daemon=True) for _ in range(2)]
    for worker in workers: worker.start()
    for index in [0, 1, 2, None, None]: indices.put(index)
    values = sorted(results.get() for _ in range(3))
    for worker in workers: worker.join()
    return values

def work(data, indices, results):
    for index in iter(indices.get, None):
        progress(0.5, "in a child")
        results.put(data[index])
"""


@pytest.mark.parametrize("name", ["2 cells", "my-cells", "json", "class", "Zellen für März"])
def test_a_pool_finds_the_op_file_whatever_its_name(worker: WorkerProcess, tmp_path: Path, name: str) -> None:
    path = write(
        tmp_path / f"{name}.py",
        "import multiprocessing\nfrom alcove import op\n\ndef double(value):\n    return 2 * value\n\n"
        "@op\ndef pooled() -> list[int]:\n"
        "    with multiprocessing.get_context('spawn').Pool(2) as pool: return pool.map(double, [1, 2])\n",
    )
    worker.load(path)
    assert worker.call("pooled") == {"result": [2, 4]}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_loaders_of_data_with_processes_of_their_own(worker: WorkerProcess, tmp_path: Path, method: str) -> None:
    """As PyTorch's DataLoader: a dataset from a file beside, pickled by its name, read in child processes."""
    path = write(tmp_path / "with_loader.py", LOADER)
    write(
        tmp_path / "its_data.py",
        "class Cells:\n    def __init__(self, size): self.size = size\n"
        "    def __getitem__(self, index): return index * self.size\n",
    )
    worker.load(path)
    assert worker.call("load", method=method) == {"result": [4, 12, 20]}
    worker.take_notifications("progress")
    assert worker.call("by_hand", method=method) == {"result": [0, 4, 8]}
    assert worker.take_notifications("progress") == []
    assert worker.request("status")["running"] is None


def test_nothing_is_left_in_the_folder(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "clean.py", "import its_helper\n" + OP)
    write(tmp_path / "its_helper.py", "")
    worker.load(path)
    names_of(path)
    assert sorted(os.listdir(tmp_path)) == ["clean.py", "its_helper.py"]
