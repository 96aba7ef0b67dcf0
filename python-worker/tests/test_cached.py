"""``@cached``: what a function returned is kept, within bounds."""

from __future__ import annotations

import inspect
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
from worker_process import WorkerProcess

from alcove import cached


class Model:
    """Something large."""

    def __init__(self, name: str) -> None:
        self.name = name


def maker() -> tuple[list[str], Callable[..., Model]]:
    """A function and the list of what it was called with."""
    calls: list[str] = []

    def load(name: str, *, flavour: str = "plain") -> Model:
        calls.append(f"{name} {flavour}")
        return Model(name)

    return calls, load


def test_a_result_is_made_once() -> None:
    calls, load = maker()
    load_model = cached(load)
    assert load_model("cyto") is load_model("cyto")
    assert load_model("cyto", flavour="sweet") is not load_model("nuclei")
    assert calls == ["cyto plain", "cyto sweet", "nuclei plain"]


def test_one_result_is_kept_unless_more_are_asked_for() -> None:
    calls, load = maker()
    load_model = cached(load)
    for name in ("a", "b", "a"):
        load_model(name)
    assert calls == ["a plain", "b plain", "a plain"]


def test_what_was_not_used_for_longest_is_dropped() -> None:
    calls, load = maker()
    load_model = cached(size=2)(load)
    for name in ("a", "b", "a", "c", "a", "b"):
        load_model(name)
    assert [call[0] for call in calls] == ["a", "b", "c", "b"]


def test_the_old_result_is_gone_before_the_new_one_is_made() -> None:
    alive: list[int] = []
    made: weakref.WeakSet[Model] = weakref.WeakSet()

    @cached
    def load_model(name: str) -> Model:
        alive.append(len(made))
        model = Model(name)
        made.add(model)
        return model

    for name in ("a", "b", "c"):
        load_model(name)
    assert alive == [0, 0, 0]


def test_clearing_forgets_everything() -> None:
    calls, load = maker()
    load_model = cached(size=3)(load)
    first = weakref.ref(load_model("a"))
    load_model("b")
    load_model.clear()
    assert first() is None
    load_model("a")
    assert len(calls) == 3


def test_a_failure_is_not_kept() -> None:
    attempts: list[int] = []

    @cached
    def connect() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise OSError("not yet")
        return "connected"

    with pytest.raises(OSError, match="not yet"):
        connect()
    assert [connect(), connect()] == ["connected", "connected"]
    assert len(attempts) == 2


def test_none_is_a_result() -> None:
    calls: list[int] = []
    nothing = cached(calls.append)
    assert nothing(1) is nothing(1) is None
    assert calls == [1]


def test_a_function_may_call_itself() -> None:
    @cached(size=2)
    def fibonacci(number: int) -> int:
        return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)

    assert fibonacci(20) == 6765


@pytest.mark.parametrize("argument", [numpy.zeros(3), [1], {"a": 1}, {1}])
def test_arguments_that_cannot_be_remembered_are_named(argument: object) -> None:
    _, load = maker()
    load_model = cached(load)
    with pytest.raises(
        TypeError, match=f"load is cached, and {type(argument).__name__} is .* names, numbers or tuples"
    ):
        load_model("a", flavour=argument)


@pytest.mark.parametrize("size", [0, -1, 1.5, None])
def test_a_size_is_an_integer_from_1(size: object) -> None:
    with pytest.raises(ValueError, match="at least one"):
        cached(size=size)  # type: ignore[call-overload]


def test_the_function_keeps_its_name_and_signature() -> None:
    @cached
    def load_model(name: str, *, size: int = 3) -> Model:
        """Loads a model."""
        return Model(name)

    assert load_model.__name__ == "load_model"  # type: ignore[attr-defined]
    assert load_model.__doc__ == "Loads a model."
    assert list(inspect.signature(load_model).parameters) == ["name", "size"]


def test_threads_that_want_the_same_wait_for_it() -> None:
    begun, may_end = threading.Event(), threading.Event()
    calls: list[str] = []

    @cached
    def load_model(name: str) -> Model:
        calls.append(name)
        begun.set()
        assert may_end.wait(60)
        return Model(name)

    results: list[Model] = []
    threads = [threading.Thread(target=lambda: results.append(load_model("a"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert begun.wait(60)
    may_end.set()
    for thread in threads:
        thread.join(60)
    assert len(calls) == 1
    assert len(set(map(id, results))) == 1
    assert len(results) == 4


def test_a_model_is_kept_between_calls(worker: WorkerProcess, tmp_path: Path) -> None:
    file = tmp_path / "with_model.py"
    file.write_text(
        "from alcove import cached, op\nloaded = []\n"
        "@cached\ndef model(name):\n    loaded.append(name)\n    return name.upper()\n"
        "@op\ndef use(name: str) -> str: return model(name)\n"
        "@op\ndef history() -> list[str]: return loaded\n"
        "@op\ndef forget() -> None: model.clear()\n"
        "@op\n@cached(size=2)\ndef kept_itself(number: int = 1) -> float: return number + len(loaded)\n"
    )
    worker.load(file)
    for name in ("a", "a", "b"):
        assert worker.call("use", name=name) == {"result": name.upper()}
    worker.call("forget")
    worker.call("use", name="b")
    assert worker.call("history") == {"result": ["a", "b", "b"]}
    assert worker.call("kept_itself") == {"result": 4}
    worker.call("use", name="c")
    assert worker.call("kept_itself") == {"result": 4}
