"""A batch whose host is killed; ``campaigns/batches.py`` does one of thousands of images."""

from __future__ import annotations

from pathlib import Path

from alcove_program import Alcove
from campaigns import batches


def test_a_batch_goes_on_after_kill_9_and_makes_the_same(alcove: Alcove, tmp_path: Path) -> None:
    verdict = batches.campaign(alcove, tmp_path, files=60, size=64, kills=1, workers=2, seed=2)
    assert verdict.problems == []
    assert 0 < verdict.done_at_kills[0] < 60, "it was killed while it ran"
