"""Some random kills of whoever makes environments; ``campaigns/environments.py`` does as many as one likes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "campaigns"))

from environment_field import field
from environment_kills import Killing


def test_kill_9_of_create_and_update_is_made_good_and_old_workers_go_on() -> None:
    with field(seed=3) as here:
        killing = Killing(here)
        outcomes = [killing.kill(f"killed-{number}") for number in range(3)]

    for outcome in outcomes:
        assert outcome.good, outcome
