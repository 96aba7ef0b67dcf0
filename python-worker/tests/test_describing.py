"""Describing op files in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from worker_process import OP_FILES, WorkerProcess

from alcove import OpError
from alcove.describing import describe


def test_it_gives_what_loading_gives(worker: WorkerProcess) -> None:
    described = {op["name"]: op for op in describe(OP_FILES / "typed.py")["ops"]}
    assert described == worker.load("typed.py")


def test_as_an_op_of_a_worker(worker: WorkerProcess) -> None:
    (op,) = worker.request("load", module="alcove.describing")["ops"]
    described = worker.call(op["id"], path=str(OP_FILES / "arithmetic.py"))["result"]
    assert "add" in [op["name"] for op in described["ops"]]


def test_mistakes_come_as_the_protocol_writes_errors(tmp_path: Path) -> None:
    path = tmp_path / "no op.py"
    path.write_text("x = 1\n")
    error = describe(path)["error"]
    assert error["data"]["kind"] == "load_failed"
    assert error["data"]["mistakes"][0]["file"] == str(path)


def test_a_file_may_print(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prints.py"
    path.write_text("import os\nprint('{}')\nos.write(1, b'{}')\nfrom alcove import op\n@op\ndef f() -> None: pass\n")
    assert [op["name"] for op in describe(path)["ops"]] == ["f"]
    assert "{}" in capfd.readouterr().err


def test_a_file_that_ends_python_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ends.py"
    path.write_text("import os\nos._exit(7)\n")
    with pytest.raises(OpError, match=r"ends\.py ended Python .*exit code 7") as error:
        describe(path)
    assert error.value.hint
