"""Each fault of workers once, and the ends of hosts; ``campaigns/faults.py`` does them as often as one likes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "campaigns"))

import faults
from fault_field import Field, field
from host_fault_cases import BUSY

FLOOD_BYTES = 50_000_000
# What keeps a worker from ending comes last, all in one worker.
WORKER_FAULTS = sorted(faults.FAULTS, key=lambda name: (faults.FAULTS[name].closes, not faults.FAULTS[name].wrapped))
# And what the workers do then.
HOST_FAULTS = [
    ("host-killed", "loop-in-c"),
    ("host-terminated", "children-and-sleep"),
    ("host-stopped-and-killed", "stop-both"),
    ("host-killed-in-a-line", "loop"),
    ("host-exits-in-callback", "signals"),
    ("host-returns", "add"),
    ("host-in-plain-locale", ""),
]


@pytest.fixture(scope="module")
def hosts(data_directory: Path) -> Iterator[Field]:
    with field(data_directory) as here:
        yield here


@pytest.mark.parametrize("name", WORKER_FAULTS)
def test_a_fault_of_a_worker_ends_its_call_and_nothing_else(hosts: Field, name: str) -> None:
    last = name == WORKER_FAULTS[-1]
    (outcome,) = faults.outcomes(hosts, name, 1, seed=3, flood_bytes=FLOOD_BYTES, closes=last)
    assert outcome.good, outcome


@pytest.mark.parametrize(("name", "busy"), HOST_FAULTS)
def test_the_end_of_a_host_is_the_end_of_its_workers(hosts: Field, name: str, busy: str) -> None:
    outcome = faults.host_fault(hosts, name, BUSY.index(busy) if busy else 0)
    assert outcome.good, outcome
