"""Describing op files in processes of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pythons import find_pythons
from worker_process import OP_FILES, Failure, WorkerProcess

from alcove import OpError
from alcove.describing import describe

PYTHONS = find_pythons()


def test_it_gives_what_loading_gives(worker: WorkerProcess) -> None:
    described = {op["name"]: op for op in describe(OP_FILES / "typed.py")["ops"]}
    assert described == worker.load("typed.py")


def test_as_an_op_of_a_worker(worker: WorkerProcess) -> None:
    (op,) = worker.request("load", module="alcove.describing")["ops"]
    described = worker.call(op["id"], path=str(OP_FILES / "arithmetic.py"))["result"]
    assert "add" in [op["name"] for op in described["ops"]]


def test_the_sources_are_the_file_and_the_local_files_that_it_imports(tmp_path: Path) -> None:
    files = {
        "main file.py": "import its_helper\nfrom its_package import part\nimport json, its_other as other\n",
        "its_helper.py": "def late():\n    import its_late_helper\n",
        "its_late_helper.py": "import its_helper\n",
        "its_package/__init__.py": "",
        "its_package/part.py": "from . import other\n",
        "its_package/other.py": "",
        "its_package/unused.py": "",
        "its_other.py": "",
        "unused.py": "1 / 0",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    path = tmp_path / "main file.py"
    path.write_text(path.read_text() + "from alcove import op\n@op\ndef f() -> None: pass\n")
    answer = describe(path)
    assert list(answer) == ["ops", "sources"]
    assert answer["sources"][0] == str(path)
    assert set(answer["sources"]) == {str(tmp_path / name) for name in files if not name.endswith("unused.py")}


def test_mistakes_come_as_the_protocol_writes_errors(tmp_path: Path) -> None:
    path = tmp_path / "no op.py"
    path.write_text("import its_helper\n")
    (tmp_path / "its_helper.py").write_text("x = 1\n")
    answer = describe(path)
    assert answer["sources"] == [str(path), str(tmp_path / "its_helper.py")]  # on which the mistakes depend
    error = answer["error"]
    assert error["data"]["kind"] == "load_failed"
    assert error["data"]["mistakes"][0]["file"] == str(path)


def test_a_file_may_print(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prints.py"
    path.write_text("import os\nprint('{}')\nos.write(1, b'{}')\nfrom alcove import op\n@op\ndef f() -> None: pass\n")
    assert [op["name"] for op in describe(path)["ops"]] == ["f"]
    assert "{}" in capfd.readouterr().err


def test_a_file_for_another_python_is_read_by_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "{}.{}".format(*sys.version_info)
    other = next(version for version in reversed(PYTHONS) if version != own)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / f"python{other}").symlink_to(PYTHONS[other])
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    path = tmp_path / "which.py"
    path.write_text(
        "import sys\nfrom alcove import op\n@op\ndef f(version: str = '%d.%d' % sys.version_info[:2]) -> None: pass\n"
    )

    def read_by(header: str) -> str:
        version: str = describe(path, header, tmp_path / "environments")["ops"][0]["inputs"][0]["default"]
        return version

    assert read_by(f'requires-python = "=={other}.*"') == other
    for header in (f'requires-python = ">={own}"', "dependencies = []", 'requires-python = "==3.99.*"', "no TOML", ""):
        assert read_by(header) == own


def test_a_python_that_is_not_there_explains_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "newer.py"
    path.write_text("from alcove import op\n@op\ndef f() -> None: a syntax of tomorrow\n")
    error = describe(path, 'requires-python = "==3.11.49"', tmp_path / "environments")["error"]
    assert "asks for a Python that is not on this computer" in error["data"]["hint"]
    assert error["data"]["mistakes"][0]["line"] == 3
    assert "hint" not in describe(path, 'requires-python = ">=3.9"', tmp_path / "environments")["error"]["data"]


def test_where_no_python_can_be_looked_for_this_one_reads_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alcove.environments.uv.uv_calls.executable", lambda: sys.executable)  # which is no uv
    path = tmp_path / "any.py"
    path.write_text("from alcove import op\n@op\ndef f() -> None: pass\n")
    (found,) = describe(path, 'requires-python = "==3.11.49"', tmp_path / "environments")["ops"]
    assert found["name"] == "f"


def test_it_can_be_cancelled(worker: WorkerProcess, tmp_path: Path) -> None:
    """With all that the file has started: the fixture looks for processes that are left."""
    path = tmp_path / "never_ends.py"
    path.write_text(
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('begun', flush=True)\nwhile True: pass\n"
    )
    (op,) = worker.request("load", module="alcove.describing")["ops"]
    call = worker.send_call(op["id"], path=str(path))
    worker.error_line("begun")
    worker.notify("cancel", id=call)
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(call)


def test_a_file_that_ends_python_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ends.py"
    path.write_text("import os\nos._exit(7)\n")
    with pytest.raises(OpError, match=r"ends\.py ended Python .*exit code 7") as error:
        describe(path)
    assert error.value.hint


def test_the_guides_first_example_is_an_op_file(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "writing-ops.md").read_text("utf-8")
    path = tmp_path / "of_the_guide.py"
    path.write_text(guide.partition("```python\n")[2].partition("```")[0])
    (op,) = describe(path)["ops"]
    assert [output["name"] for output in op["outputs"]] == ["labels", "count"]
    assert op["inputs"][1]["maximum"] == 20
