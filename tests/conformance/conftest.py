"""What the conformance tests share: how our worker is started, and a look at what is left of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from alcove_program import processes_with
from our_worker import SOURCES

DEADLINE = 30.0


@pytest.fixture(params=["default", "portable"])
def variables(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Of the environment of our worker, in each of its two modes. After the test no process that has them is left."""
    mark = uuid.uuid4().hex
    yield {
        "PYTHONPATH": str(SOURCES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ALCOVE_PORTABLE": "1" if request.param == "portable" else "",
        "ALCOVE_CONFORMANCE_TEST": mark,
    }
    for process in processes_with("ALCOVE_CONFORMANCE_TEST", mark):
        process.wait(DEADLINE)
