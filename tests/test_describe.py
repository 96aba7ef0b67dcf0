"""``./alcove describe``: documents of what an op file offers, and what is remembered of it."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest
from alcove_program import EXAMPLES, Alcove

CELLS = EXAMPLES / "cells.py"
DIALECTS = ["json", "yaml", "xml"]


@pytest.fixture
def counting(tmp_path: Path) -> Path:
    """An op file, in a folder with an awkward name, that writes down each time it is imported."""
    folder = tmp_path / "öp files"
    folder.mkdir()
    (folder / "helper.py").write_text("LIMIT = 9\n", encoding="utf-8")
    file = folder / "zähl mich.py"
    file.write_text(
        dedent(
            """
            from pathlib import Path
            from typing import Annotated

            from alcove import Range, op
            from helper import LIMIT

            with open(Path(__file__).with_name("imports"), "a") as imports:
                imports.write("x")

            @op
            def größe(value: Annotated[int, Range(0, LIMIT)] = 5) -> int:
                '''Says "ü" & <more>.'''
                return value
            """
        ),
        encoding="utf-8",
    )
    return file


def imports_of(file: Path) -> int:
    return len(file.with_name("imports").read_text())


def test_prints_the_document_and_nothing_else(alcove: Alcove) -> None:
    described = alcove.run("describe", CELLS, check=True)
    document = described.json
    assert [op["name"] for op in document["ops"]] == ["segment", "overlay", "separate_stains"]
    assert "id" not in document["ops"][0]
    shown = alcove.run("ops", CELLS, "--json", check=True).json
    for op in shown:
        del op["id"]
    assert document["ops"] == shown


def test_each_dialect_becomes_each_other_without_loss(alcove: Alcove, counting: Path, tmp_path: Path) -> None:
    for source in (CELLS, counting):
        texts = {}
        for dialect in DIALECTS:
            texts[dialect] = alcove.run("describe", source, "--format", dialect, check=True).out
            (tmp_path / f"döc ument.{dialect}").write_text(texts[dialect], encoding="utf-8", newline="")
        for given in DIALECTS:
            for wanted in DIALECTS:
                again = alcove.run("describe", f"döc ument.{given}", "--format", wanted, check=True).out
                assert again == texts[wanted], f"{given} -> {wanted}"


def test_writes_a_file_whose_name_tells_the_dialect(alcove: Alcove, counting: Path, tmp_path: Path) -> None:
    for name, start in (("a.json", "{"), ("a.yaml", "ops:"), ("a.yml", "ops:"), ("a.XML", "<?xml"), ("a.txt", "{")):
        written = alcove.run("describe", counting, "-o", f"new földer/{name}", check=True)
        assert written.out == ""
        assert name in written.err
        text = (tmp_path / "new földer" / name).read_text(encoding="utf-8")
        assert text.startswith(start)
        assert "größe" in text
    told = alcove.run("describe", counting, "--format", "xml", "-o", "b.xml", "--json", "--quiet", check=True)
    assert told.json == {"file": str(tmp_path / "b.xml")}
    assert told.err == ""


def test_describes_in_another_interpreter(alcove: Alcove, tmp_path: Path) -> None:
    file = tmp_path / "needs.py"
    file.write_text("import numpy\nimport pytest\nfrom alcove import op\n@op\ndef f() -> int:\n    return 1\n")
    alcove.run("describe", file).assert_failed("pytest")
    python = EXAMPLES.parent / ".venv-development" / "bin" / "python"
    assert alcove.run("describe", file, "--python", python, check=True).json["ops"][0]["name"] == "f"


def test_a_second_look_imports_nothing(alcove: Alcove, counting: Path) -> None:
    alcove.run("ops", counting, check=True)
    assert imports_of(counting) == 1
    for command in ("ops", "describe", "validate"):
        alcove.run(command, counting, check=True)
    assert imports_of(counting) == 1


def test_a_second_look_starts_no_python_at_all(alcove: Alcove, counting: Path) -> None:
    alcove.run("ops", counting, check=True)
    # No process can be started now.
    stranger = {"ALCOVE_JAVA_OPTIONS": "-Djdk.lang.Process.launchMechanism=none"}
    assert "größe" in alcove.run("ops", counting, check=True, **stranger).out
    counting.write_text(counting.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert alcove.run("ops", counting, **stranger).code == 1


def test_what_has_changed_is_described_anew(alcove: Alcove, counting: Path) -> None:
    assert "from 0 to 9" in alcove.run("ops", counting, check=True).out
    counting.with_name("helper.py").write_text("LIMIT = 8\n")
    assert "from 0 to 8" in alcove.run("ops", counting, check=True).out
    counting.write_text(counting.read_text(encoding="utf-8").replace("= 5", "= 6"), encoding="utf-8")
    assert "default 6" in alcove.run("ops", counting, check=True).out
    assert imports_of(counting) == 3
    alcove.run("ops", counting, check=True)
    assert imports_of(counting) == 3


def test_mistakes_are_not_remembered(alcove: Alcove, counting: Path) -> None:
    good = counting.read_text(encoding="utf-8")
    counting.write_text(good.replace("= 5", "= 50"), encoding="utf-8")
    for _ in range(2):
        alcove.run("ops", counting).assert_failed("50")
    assert imports_of(counting) == 2
    counting.write_text(good, encoding="utf-8")
    alcove.run("ops", counting, check=True)


def test_what_is_remembered_may_be_damaged(alcove: Alcove, counting: Path) -> None:
    alcove.run("ops", counting, check=True)
    remembered = list((alcove.data_directory / "cache" / "descriptors").glob("*.json"))
    assert remembered
    for file in remembered:
        file.write_bytes(file.read_bytes()[:100])
    assert "größe" in alcove.run("ops", counting, check=True).out
    assert imports_of(counting) == 2
    assert not list((alcove.data_directory / "cache" / "descriptors").glob(".staging-*"))


def test_several_programs_at_once(alcove: Alcove, counting: Path) -> None:
    running = [alcove.start("ops", counting, "--json") for _ in range(3)]
    shown = [process.communicate(timeout=250) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], shown
    assert len({out for out, _ in shown}) == 1
    assert imports_of(counting) <= 3


def test_stopping_while_an_op_file_is_described_leaves_nothing(alcove: Alcove, tmp_path: Path) -> None:
    file = tmp_path / "slow.py"
    file.write_text("import time\nopen('there', 'w').close()\ntime.sleep(1000)\n")
    with alcove.start("describe", file) as running:
        alcove.wait_for_line(running, "Reading slow.py")
        (java,) = [process for process in alcove.processes() if "java" in process.name()]
        java.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    alcove.assert_nothing_left()


@pytest.mark.parametrize(
    ("arguments", "code", "fragments"),
    [
        (["none.py"], 1, ["no file none.py"]),
        (["."], 1, ["is a folder"]),
        (["text.txt"], 1, ["text.txt is neither an op file nor a descriptor document", ".yaml"]),
        (["broken.json"], 1, ["broken.json:1", "not JSON"]),
        (["wrong.yaml"], 1, ["wrong.yaml has ", " mistakes", "wrong.yaml:3", "colour", "wrong.yaml:4", "shape"]),
        (["broken.json", "--format", "toml"], 2, ["--format", "json or yaml or xml", "toml"]),
        (["broken.json", "--format", "xml", "--json"], 2, ["--json prints JSON"]),
        ([], 2, ["FILE"]),
    ],
)
def test_explains_what_is_wrong(
    alcove: Alcove, tmp_path: Path, arguments: list[str], code: int, fragments: list[str]
) -> None:
    (tmp_path / "text.txt").write_text("text")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "wrong.yaml").write_text("ops:\n  - name: f\n    colour: red\n    form: shape\n")
    alcove.run("describe", *arguments).assert_failed(*fragments, code=code)


def test_a_failure_as_json(alcove: Alcove, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    failed = alcove.run("describe", "broken.json", "--json")
    assert failed.code == 1
    assert failed.json["error"]["kind"] == "load_failed"
    assert failed.json["error"]["data"]["mistakes"][0]["line"] == 1


def test_a_pipe_gets_the_document_in_utf8(alcove: Alcove, counting: Path) -> None:
    piped = subprocess.run(
        [str(EXAMPLES.parent / "alcove"), "describe", str(counting), "--quiet"],
        env=alcove.variables(LC_ALL="C"), capture_output=True, check=True, timeout=250,
    )  # fmt: skip
    document = json.loads(piped.stdout.decode("utf-8"))
    assert document["ops"][0]["name"] == "größe"
    assert document["ops"][0]["description"] == 'Says "ü" & <more>.'
