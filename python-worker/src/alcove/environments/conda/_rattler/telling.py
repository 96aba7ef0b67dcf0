"""What this process tells its owner: events on the way, and failures that rattler does not know of."""

from __future__ import annotations

import json
import sys
from typing import Any

Json = dict[str, Any]


class Failed(Exception):
    """A failure that rattler does not know of."""

    def __init__(self, kind: str, text: str, **details: Any) -> None:
        super().__init__(text)
        self.error = {"type": kind, "text": text, **details}


def tell(**event: Any) -> None:
    """Writes one line to the owner."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
