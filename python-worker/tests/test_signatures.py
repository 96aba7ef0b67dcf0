"""What is told of a function without ``inspect`` is what ``inspect`` tells."""

from __future__ import annotations

import functools
import inspect
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from worker_process import SOURCES

from alcove import process, signatures

OP_FILE = "from alcove import Image, op\n\n@op\ndef add(a: int, b: int = 1) -> int:\n    return a + b\n"


def nothing() -> None: ...


def defaults(a: int, b: float = 2.0, *, c: str, d: bool = True) -> list[int]:
    """One line.

    And
        more, with    blanks.
    """
    return []


def anything(a, /, b=1, *rest: int, c, d: int = 3, **others: float):  # type: ignore[no-untyped-def]
    """\tA tab."""


def only_others(*rest, **others) -> None:  # type: ignore[no-untyped-def]
    """

    Begins late.
    """


def late(a: Missing) -> Missing:  # type: ignore[name-defined] # noqa: F821
    "blanks"


async def coroutine() -> None: ...


async def asynchronous_generator() -> AsyncIterator[int]:
    yield 1


def generator() -> Iterator[int]:
    yield 1


@functools.wraps(defaults)
def wrapping(*args: Any) -> Any: ...


@functools.lru_cache(None)
def kept(a: int = 1) -> int:
    """Kept."""
    return a


def with_signature(a: int) -> None: ...


with_signature.__signature__ = inspect.signature(defaults)  # type: ignore[attr-defined]


@functools.wraps(coroutine)
def wrapping_a_coroutine() -> Any: ...


class Told:
    """A class."""


FUNCTIONS: dict[str, Any] = {
    "nothing": nothing,
    "defaults": defaults,
    "anything": anything,
    "only others": only_others,
    "late": late,
    "coroutine": coroutine,
    "asynchronous generator": asynchronous_generator,
    "generator": generator,
    "wrapping": wrapping,
    "wrapping a coroutine": wrapping_a_coroutine,
    "kept": kept,
    "with a signature": with_signature,
    "partial": functools.partial(defaults, 1),
    "built in": len,
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_it_is_what_inspect_tells(function: Any) -> None:
    told, expected = signatures.signature_of(function), inspect.signature(function)
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

    def known(value: Any) -> Any:
        return signatures.MISSING if value is inspect.Parameter.empty else value

    assert told.parameters == [
        (parameter.name, known(parameter.annotation), known(parameter.default), parameter.kind in named)
        for parameter in expected.parameters.values()
    ]
    assert told.result == known(expected.return_annotation)
    below = signatures.below_decorators(function)
    assert below is inspect.unwrap(function)
    assert signatures.is_async(below) == (inspect.iscoroutinefunction(below) or inspect.isasyncgenfunction(below))
    assert signatures.is_generator(below) == inspect.isgeneratorfunction(below)
    assert signatures.docstring_of(function) == inspect.getdoc(function)


def test_a_function_that_wraps_itself_is_below_its_decorators() -> None:
    def wrapped() -> None: ...

    wrapped.__wrapped__ = wrapped  # type: ignore[attr-defined]
    assert signatures.below_decorators(wrapped) is wrapped


def test_the_docstring_of_a_class_is_found() -> None:
    assert signatures.docstring_of(Told) == "A class."


def test_a_plain_op_is_loaded_without_what_is_slow_to_import(tmp_path: Path) -> None:
    file = tmp_path / "ops.py"
    file.write_text(OP_FILE)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from alcove import arrays, calling, failures, loading, plans\n"
        "[op] = loading.load_file(sys.argv[2])\n"
        "print(plans.Plan(op).outputs_of({'a': 2}, arrays.Arrays('', '', 0, print), 'lossless'), *sorted(sys.modules))"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(SOURCES), str(file)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert answer.startswith("{'result': 3} ")
    slow = {"inspect", "dataclasses", "pathlib", "hashlib", "datetime", "base64", "ctypes", "copy", "logging", "numpy"}
    assert not set(answer.split()) & slow


def test_the_package_imports_only_what_is_asked_for() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import alcove\n"
        "before = sorted(name for name in sys.modules if name.startswith('alcove'))\n"
        "assert set(alcove.__all__) <= set(dir(alcove))\n"
        "from alcove import OpError\n"
        "print(*before, alcove.OpError is OpError, 'OpError' in vars(alcove), 'alcove.arrays' in sys.modules)\n"
        "alcove.nothing"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(SOURCES)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.stdout.split() == ["alcove", "True", "True", "False"]
    assert "AttributeError: module 'alcove' has no attribute 'nothing'" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the C library is asked for by what only POSIX has")
@pytest.mark.parametrize(
    "hide", [lambda patch: None, lambda patch: patch.setitem(sys.modules, "_ctypes", None)], ids=["_ctypes", "ctypes"]
)
def test_functions_of_the_c_library_are_called(
    monkeypatch: pytest.MonkeyPatch, hide: Callable[[pytest.MonkeyPatch], None]
) -> None:
    import ctypes  # noqa: F401 # loaded before what it is made of is hidden

    hide(monkeypatch)
    assert process.call_c("abs", -7) == 7
    with pytest.raises(AttributeError):
        process.call_c("no_such_function", 1)


def test_what_is_to_be_done_about_a_module_is_done_when_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(
        "import sys\nanswer = 7\nif sys.argv.pop() == 'failing': raise KeyboardInterrupt\n"
    )
    program = (
        "import sys; sys.path[:0] = sys.argv[1:3]; from alcove.late_imports import when_imported\n"
        "def then(): import late; print('imported', late.answer)\n"
        "before = list(sys.meta_path)\n"
        "when_imported('late', then); print('waits')\n"
        "sys.argv[:] = ['', 'failing']\n"
        "try: import late\n"
        "except KeyboardInterrupt: print('interrupted')\n"
        "import late, json; print(sys.meta_path == before)\n"
        "import late; when_imported('late', then); print(sys.meta_path == before)"
    )
    command = [sys.executable, "-I", "-S", "-c", program, str(SOURCES), str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert answer.splitlines() == ["waits", "interrupted", "imported 7", "True", "imported 7", "True"]
