"""Lines that nobody should write: the corpus, and a short campaign. Longer ones: ``fuzz.py --lines 1000000``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import fuzz
import pytest
from answers import Violation, answer_to, require_answers
from our_worker import OUR_WORKER
from play_session import SESSIONS, memory_directory

Recorder = Callable[[str, object], None]

CORPUS = sorted((SESSIONS.parent / "corpus").glob("*.bin"))


def test_the_corpus(variables: dict[str, str], record_property: Recorder) -> None:
    record_property("vectors", f"corpus {len(CORPUS)}")
    assert len(CORPUS) > 20
    wrong = []
    with memory_directory() as memory, fuzz.running_worker(OUR_WORKER, memory, variables) as worker:
        for path in CORPUS:
            lines = path.read_bytes().split(b"\n")
            try:
                require_answers(lines, worker.write(lines), fuzz.LIMIT)
            except Violation as violation:
                wrong.append(f"{path.name}: {violation}")
        worker.end()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_short_campaign(seed: int, variables: dict[str, str]) -> None:
    told = fuzz.campaign(OUR_WORKER, 3000, seed, variables)
    assert "parse_error" in told


def test_the_rules_agree_with_the_vectors() -> None:
    """What tells right from wrong here was written by itself; the vectors were not."""
    vectors = json.loads((SESSIONS.parent / "messages.json").read_text("utf-8"))["vectors"]
    for vector in vectors:
        if "line" not in vector:
            continue
        answer, wanted = answer_to(vector["line"].encode("utf-8", "surrogatepass"), 1 << 24), vector["answer"]
        if wanted is None:
            assert answer is None, vector["name"]
            continue
        assert answer is not None, vector["name"]
        assert answer.id == ("null" if wanted["id"] is None else wanted["id"]), vector["name"]
        assert answer.kind in (None, wanted["kind"]), vector["name"]


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        ("", "0 replies to 2 lines"),
        ('{"id": 1, "result": {}}\n{"id": 1, "result": {}}', "2 replies with id 1"),
        ('{"id": 1, "result": {}}\n{"id": 3, "result": {}}', "0 replies with id 2"),
        ('{"id": 2, "result": {}}\n{"id": 1, "result": {}}', "out of order"),
    ],
)
def test_a_worker_that_answers_otherwise_is_found_out(replies: str, reason: str) -> None:
    lines = [b'{"jsonrpc": "2.0", "id": %d, "method": "load"}' % number for number in (1, 2)]
    with pytest.raises(Violation, match=reason):
        require_answers(lines, [json.loads(reply) for reply in replies.splitlines()], fuzz.LIMIT)


def test_a_campaign_tells_of_a_worker_that_dies(tmp_path: Path) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text("import sys\nsys.exit('no more')\n")
    with pytest.raises(Violation, match="no more"):
        fuzz.campaign([sys.executable, str(worker)], 10, 1, {})
