"""What the tests of image files share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy
import pytest

from alcove import calls


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as users have them."""
    path = tmp_path / "Übung 3 µm & Größe"
    path.mkdir()
    return path


@pytest.fixture
def pixels() -> Callable[..., Any]:
    """Makes arrays in which every element can be told from its neighbours."""

    def make(*shape: int, dtype: str = "uint16") -> Any:
        count = int(numpy.prod(shape))
        values = numpy.arange(count, dtype=numpy.int64) * 7919
        if dtype == "bool":
            return (values // 3 % 2 == 0).reshape(shape)
        if numpy.dtype(dtype).kind in "iu":
            bits = numpy.iinfo(dtype).bits  # signed ones are to have both signs, unsigned ones their highest bit
            return (values << max(0, bits - 20)).astype(f"uint{bits}").view(dtype).reshape(shape)
        return (values % 100_003 / 16 - 100).astype(dtype).reshape(shape)

    return make


class Recorder:
    """A running call that notes its progress and can be cancelled at a chosen moment."""

    def __init__(self) -> None:
        self.fractions: list[float] = []
        self.cancel_at: int | None = None
        self._call = calls.Call(1, lambda method, params: None)
        self._report = self._call.progress
        self._call.progress = self._note  # type: ignore[method-assign]
        calls.set_current(self._call)

    def _note(self, fraction: float | None, message: str, details: object = None) -> None:
        assert fraction is not None
        self.fractions.append(fraction)
        self._call.cancelled = len(self.fractions) == self.cancel_at
        self._report(fraction, message)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """Stands for the host of the running call."""
    yield Recorder()
    calls.set_current(None)


@pytest.fixture
def unprivileged() -> Callable[[], Any]:
    """A block in which the system's permissions hold, for root too."""

    @contextmanager
    def block() -> Iterator[None]:
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            yield
        finally:
            if is_root:
                os.seteuid(0)

    return block
