"""How our own worker is started."""

from __future__ import annotations

import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "python-worker" / "src"
OUR_WORKER = [sys.executable, "-X", "utf8", "-m", "alcove", "worker"]
