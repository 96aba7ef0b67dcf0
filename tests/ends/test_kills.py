"""Some random kills during image calls; ``campaigns/kills.py`` does as many as one likes."""

from __future__ import annotations

from pathlib import Path

from campaigns import kills


def test_kill_9_of_either_side_or_both_leaves_nothing(data_directory: Path) -> None:
    with kills.field(data_directory, seed=5) as field:
        for kind in ("worker", "host", "both", "worker", "stopped_host", "sharing"):
            outcome = field.kill(kind)
            assert outcome.left == kills.NOTHING, outcome
        assert field.end() == kills.NOTHING
