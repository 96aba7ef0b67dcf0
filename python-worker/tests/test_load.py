"""Loading op files: what comes back, what an author is told, and what happens when the file changes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from worker_process import OP_FILES, Failure, WorkerProcess

from alcove.loading import load_file, load_module
from alcove.messages import AlcoveError

Start = Callable[..., WorkerProcess]
OP = "from alcove import op\n@op\ndef f() -> int: return 1\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def failure_of(worker: WorkerProcess, source: Path) -> Failure:
    with pytest.raises(Failure) as failure:
        worker.load(source)
    assert failure.value.kind == "load_failed"
    return failure.value


def mistakes_of(path: Path) -> list[dict[str, Any]]:
    with pytest.raises(AlcoveError) as error:
        load_file(str(path))
    assert error.value.kind == "load_failed"
    mistakes: list[dict[str, Any]] = error.value.data["mistakes"]
    return mistakes


def test_ids_name_the_content_of_the_file(worker: WorkerProcess) -> None:
    digest = hashlib.sha256((OP_FILES / "arithmetic.py").read_bytes()).hexdigest()[:12]
    ops = worker.load("arithmetic.py")
    assert {op["id"] for op in ops.values()} == {f"{digest}:{name}" for name in ops}


def test_a_path_may_have_blanks_and_letters_beyond_ascii(worker: WorkerProcess, tmp_path: Path) -> None:
    text = "from alcove import op\n@op\ndef f() -> str: return __file__\n"
    path = write(tmp_path / "Übung 3 µm" / "größe 漢.py", text)
    worker.load(path)
    assert worker.call("f") == {"result": str(path)}


def test_a_change_gives_new_ids_and_new_behaviour(worker: WorkerProcess, tmp_path: Path) -> None:
    text = "from alcove import op\n@op\ndef number() -> int: return {}\n"
    path = tmp_path / "number_op.py"
    ids = set()
    for number in (1, 2, 3):  # of one length and within one second: no cache of bytecode may come between
        write(path, text.format(number))
        ids.add(worker.load(path)["number"]["id"])
        assert worker.call("number") == {"result": number}
    assert len(ids) == 3


def test_a_helper_that_was_saved_twice_in_one_second_is_read_again(start: Start, tmp_path: Path) -> None:
    """Cached bytecode is told from it by that second and by the size."""
    source = write(tmp_path / "ops.py", "from package.helper import VALUE\n" + OP.replace("return 1", "return VALUE"))
    write(tmp_path / "package" / "__init__.py", "")
    for value in (1, 2, 3):
        helper = write(tmp_path / "package" / "helper.py", f"VALUE = {value}\n")
        os.utime(helper, (1_000_000, 1_000_000))
        worker = start(variables={"PYTHONDONTWRITEBYTECODE": ""})
        worker.initialize()
        worker.load(source)
        assert worker.call("f") == {"result": value}
        worker.stop()
    assert not list(tmp_path.rglob("*.pyc"))


def test_the_old_id_keeps_working_after_a_change(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "number_op.py", "from alcove import op\n@op\ndef number() -> int: return 1\n")
    old = worker.load(path)["number"]["id"]
    write(path, "from alcove import op\n@op\ndef number() -> int: return 22\n")
    worker.load(path)
    assert worker.call(old) == {"result": 1}
    assert worker.call("number") == {"result": 22}


def test_bytecode_is_not_written_beside_op_files(start: Start, tmp_path: Path) -> None:
    worker = start(variables={"PYTHONDONTWRITEBYTECODE": ""})
    worker.initialize()
    path = tmp_path / "number_op.py"
    for number in (1, 2):
        write(path, f"from alcove import op\n@op\ndef number() -> int: return {number}\n")
        worker.load(path)
        assert worker.call("number") == {"result": number}
    assert [item.name for item in tmp_path.iterdir()] == ["number_op.py"]


def test_local_modules_are_found_and_count_as_the_ops_source(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(
        tmp_path / "uses_helpers.py",
        "from alcove import op\nimport its_helper\nfrom its_package import part\n"
        "@op\ndef number() -> int: return its_helper.NUMBER + part.NUMBER\n",
    )
    write(tmp_path / "its_package" / "__init__.py", "")
    write(tmp_path / "its_package" / "part.py", "NUMBER = 10\n")
    write(tmp_path / "its_helper.py", "NUMBER = 1\n")
    first = worker.load(path)["number"]["id"]
    assert worker.call("number") == {"result": 11}
    write(tmp_path / "its_helper.py", "NUMBER = 222\n")
    second = worker.load(path)["number"]["id"]
    assert worker.call("number") == {"result": 232}
    write(tmp_path / "its_package" / "part.py", "NUMBER = 1000\n")
    third = worker.load(path)["number"]["id"]
    assert worker.call("number") == {"result": 1222}
    assert len({first, second, third}) == 3


def test_local_modules_imported_inside_an_op_count_too(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(
        tmp_path / "imports_late.py",
        "from alcove import op\n@op\ndef f() -> int:\n    from late_helper import NUMBER\n    return NUMBER\n",
    )
    helper = write(tmp_path / "late_helper.py", "NUMBER = 1\n")
    ids = [worker.load(path)["f"]["id"]]
    assert worker.call("f") == {"result": 1}
    write(helper, "NUMBER = 222\n")
    ids.append(worker.load(path)["f"]["id"])
    assert worker.call("f") == {"result": 222}
    assert ids[0] != ids[1]


def test_ids_do_not_depend_on_what_was_loaded_before(worker: WorkerProcess, tmp_path: Path) -> None:
    first, second = write(tmp_path / "one.py", OP), write(tmp_path / "two.py", "import its_own\n" + OP)
    write(tmp_path / "its_own.py", "")
    ids = [worker.load(path)["f"]["id"] for path in (first, second, first, second)]
    assert ids[:2] == ids[2:]
    assert ids[0].startswith(hashlib.sha256(first.read_bytes()).hexdigest()[:12])


def test_files_that_are_not_imported_do_not_matter(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "alone.py", "from alcove import op\n@op\ndef f() -> int: return 1\n")
    first = worker.load(path)["f"]["id"]
    write(tmp_path / "beside.py", "1/0\n")
    assert worker.load(path)["f"]["id"] == first


def test_a_folder_that_holds_pythons_own_library_is_no_source_of_ops(start: Start, tmp_path: Path) -> None:
    """An op file in the home directory, with a Python somewhere below it, must not reload the standard library."""
    version = Path(os.__file__).parent
    library = tmp_path / "python" / "lib" / version.name
    library.parent.mkdir(parents=True)
    library.symlink_to(version)
    worker = start(variables={"PYTHONHOME": str(tmp_path / "python")})
    worker.initialize()
    path = write(
        tmp_path / "at_home.py",
        "import enum, os\nfrom alcove import op\nclass Colour(enum.Enum):\n    RED = 1\n"
        "@op\ndef library(colour: Colour = Colour.RED) -> str: return os.__file__\n",
    )
    ops = worker.load(path)
    assert worker.call("library") == {"result": str(library / "os.py")}
    assert ops["library"]["id"].startswith(hashlib.sha256(path.read_bytes()).hexdigest()[:12])


def test_a_file_named_like_a_module_of_the_library_harms_nobody(worker: WorkerProcess, tmp_path: Path) -> None:
    for name in ("json", "threading", "class", "alcove", "2 cells", "random"):
        path = write(tmp_path / name / f"{name}.py", "from alcove import op\n@op\ndef f() -> str: return __name__\n")
        worker.load(path)
        assert worker.call("f")["result"].startswith("alcove.by_path.")
    worker.load("arithmetic.py")
    assert worker.call("add", a=1) == {"result": 2}


def test_files_of_one_name_in_two_folders_are_both_there(worker: WorkerProcess, tmp_path: Path) -> None:
    ids = []
    for number in (1, 2, 3):
        path = write(
            tmp_path / str(number) / "same_name.py", f"from alcove import op\n@op\ndef f() -> int: return {number}\n"
        )
        ids.append(worker.load(path)["f"]["id"])
    assert [worker.call(op)["result"] for op in ids] == [1, 2, 3]


def test_each_folder_has_its_own_helpers(worker: WorkerProcess, tmp_path: Path) -> None:
    ids = []
    for folder in ("one", "two"):
        path = write(
            tmp_path / folder / "cells.py",
            "import early\nfrom alcove import op\n@op\ndef names() -> list[str]:\n"
            "    import pickle\n    import late\n"
            "    return [early.NAME, late.NAME, pickle.loads(pickle.dumps(early.name))()]\n",
        )
        write(tmp_path / folder / "early.py", f"NAME = {folder!r}\ndef name(): return NAME\n")
        write(tmp_path / folder / "late.py", f"NAME = {folder!r}\n")
        ids.append(worker.load(path)["names"]["id"])
    for _ in range(2):
        for op, folder in zip(ids, ("one", "two"), strict=True):
            assert worker.call(op) == {"result": [folder] * 3}


def test_a_folders_files_share_helpers_without_disturbing_each_other(worker: WorkerProcess, tmp_path: Path) -> None:
    write(tmp_path / "shared_helper.py", "def double(number): return 2 * number\n")
    for name in ("first_file", "second_file"):
        write(
            tmp_path / f"{name}.py",
            f"import pickle, shared_helper\nfrom alcove import op\ndef triple(number): return 3 * number\n"
            f"@op\ndef {name}() -> list[int]:\n"
            "    functions = pickle.loads(pickle.dumps([triple, shared_helper.double]))\n"
            "    return [function(1) for function in functions]\n",
        )
    worker.load(tmp_path / "first_file.py")
    worker.load(tmp_path / "second_file.py")
    for name in ("first_file", "second_file"):
        assert worker.call(name) == {"result": [3, 2]}


def test_what_is_printed_at_import_reaches_the_log_alone(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(
        tmp_path / "printing_op.py",
        "import os\nprint('at import')\nos.write(1, b'to the descriptor\\n')\n"
        "from alcove import op\n@op\ndef f() -> int: return 1\n",
    )
    assert list(worker.load(path)) == ["f"]
    worker.error_line("to the descriptor")
    assert "at import" in worker.error_text()


def test_a_module_is_loaded_by_its_name(start: Start, tmp_path: Path) -> None:
    worker = start()
    worker.initialize()
    write(tmp_path / "adds_path.py", f"import sys\nsys.path.append({str(tmp_path / 'more')!r})\n" + OP)
    write(tmp_path / "more" / "named_module.py", "from alcove import op\n@op\ndef named() -> str: return __name__\n")
    worker.load(tmp_path / "adds_path.py")
    (op,) = worker.request("load", module="named_module")["ops"]
    assert worker.call(op["id"]) == {"result": "named_module"}
    (again,) = worker.request("load", module="named_module")["ops"]
    assert again == op


@pytest.mark.parametrize("module", ["no_such_module", "json", "sys", "alcove", "", "..relative"])
@pytest.mark.usefixtures("imports_undone")
def test_a_module_without_ops_is_refused(module: str) -> None:
    with pytest.raises(AlcoveError) as error:
        load_module(module)
    assert error.value.kind == "load_failed"
    assert error.value.data["mistakes"]


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("x = 1\ndef f(:\n    pass\n", 2, "syntax error", "correct"),
        ("import os\nimport no_such_package\n", 2, "no_such_package", "dependencies"),
        ("def g():\n    return 1 / 0\n\ng()\n", 2, "ZeroDivisionError", "without running"),
        ("import sys\n\nsys.exit(3)\n", 3, "SystemExit", "__main__"),
        ("x = 1\n", 1, "no op", "@op"),
        ("", 1, "no op", "@op"),
        ("x = '\0'\n", 1, "null byte", "UTF-8"),
        ("class E(Exception):\n    def __str__(self): 1/0\nraise E\n", 3, "E", "without running"),
    ],
)
@pytest.mark.usefixtures("imports_undone")
def test_a_file_that_cannot_be_imported(tmp_path: Path, text: str, line: int, message: str, hint: str) -> None:
    path = write(tmp_path / "broken.py", text)
    (mistake,) = mistakes_of(path)
    assert mistake["file"] == str(path)
    assert mistake["line"] == line
    assert message in mistake["message"]
    assert hint in mistake["hint"]


@pytest.mark.parametrize("name", ["not there.py", "folder", "text.txt", "a" * 300 + ".py", "a\0b.py"])
@pytest.mark.usefixtures("imports_undone")
def test_what_is_no_op_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path / "text.txt", OP)
    (mistake,) = mistakes_of(tmp_path / name)
    assert mistake["file"] == str(tmp_path / name)
    assert mistake["hint"]


def test_a_broken_helper_is_the_place_that_is_named(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "uses_helper.py", "import broken_helper\n" + OP)
    helper = write(tmp_path / "broken_helper.py", "\n\nx = = 1\n")
    (mistake,) = failure_of(worker, path).data["mistakes"]
    assert (mistake["file"], mistake["line"]) == (str(helper), 3)
    write(helper, "x = 1\n")
    assert list(worker.load(path)) == ["f"]


def test_all_mistakes_are_told_at_once(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(
        tmp_path / "mistakes.py",
        """from typing import Annotated
from alcove import DTypes, Image, Range, op

@op
def first(
    a,
    b: object,
    *c: int,
    d: Annotated[int, Range(0, 5)] = 6,
) -> int:
    return 1

@op
def second(image: Annotated[Image, DTypes("uint8 int128")]):
    return 2

@op(name="first")
def third() -> None:
    pass

@op
def fourth(a: 'Nothing') -> 'Nowhere':
    return 4
""",
    )
    mistakes = failure_of(worker, path).data["mistakes"]
    assert {mistake["file"] for mistake in mistakes} == {str(path)}
    found = [(mistake["line"], mistake["message"]) for mistake in mistakes]
    expected = [
        (6, "parameter a has no type"),
        (7, "parameter b has the type object"),
        (8, "parameter c has no fixed name"),
        (9, "default 6"),
        (14, "no dtype int128"),
        (14, "result has no type"),
        (17, "second op named first"),
        (22, "Nothing"),
        (22, "Nowhere"),
    ]
    assert len(found) == len(expected), found
    for (line, message), (expected_line, part) in zip(found, expected, strict=True):
        assert line == expected_line
        assert part in message
    assert all(mistake["hint"] for mistake in mistakes)
    assert "mistakes.py:6: first: parameter a has no type" in failure_of(worker, path).message


def test_a_failed_load_leaves_the_ops_that_were_there(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "changing.py", OP)
    worker.load(path)
    write(path, "1/0\n")
    failure_of(worker, path)
    assert worker.call("f") == {"result": 1}


def test_loading_can_be_cancelled(worker: WorkerProcess, tmp_path: Path) -> None:
    path = write(tmp_path / "slow_to_load.py", "print('loading', flush=True)\nwhile True: pass\n")
    loading = worker.send("load", source=str(path))
    worker.error_line("loading")
    worker.notify("cancel", id=loading)
    with pytest.raises(Failure, match="cancelled"):
        worker.reply(loading)
    worker.load("arithmetic.py")


def test_an_unknown_op_is_told_with_those_that_are_known(worker: WorkerProcess) -> None:
    ops: dict[str, Any] = worker.load("arithmetic.py")
    with pytest.raises(Failure) as failure:
        worker.request("call", op="000000000000:add", inputs={})
    assert failure.value.kind == "op_not_found"
    assert failure.value.data["known"] == sorted(op["id"] for op in ops.values())
