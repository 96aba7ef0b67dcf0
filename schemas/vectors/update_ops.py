"""Writes what comes of the op files in ``ops`` beside them as JSON: documents, and in ``ops/mistakes`` mistakes.

Look at what has changed before you commit it; then let ``update_dialects.py`` write the other dialects. Run it with the
development environment's Python::

    PYTHONPATH=python-worker/src .venv-development/bin/python schemas/vectors/update_ops.py
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

OPS = Path(__file__).parent / "ops"


def main() -> None:
    """Writes every document whose file gives another one now."""
    for file in sorted(OPS.glob("*.py")):
        ops = described(file)["ops"]
        write(file, {"ops": [{member: op[member] for member in op if member != "id"} for op in ops]})
    for file in sorted((OPS / "mistakes").glob("*.py")):
        mistakes = described(file)["error"]["data"]["mistakes"]
        write(file, {"mistakes": [{part: mistake[part] for part in mistake if part != "file"} for mistake in mistakes]})


def described(file: Path) -> dict[str, Any]:
    """What ``alcove describe`` says of an op file."""
    command = [sys.executable, "-X", "utf8", "-m", "alcove", "describe", str(file)]
    answer: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE).stdout)
    return answer


def write(file: Path, document: dict[str, Any]) -> None:
    """Writes the document beside its file if it is another one than before."""
    place = file.with_suffix(".json")
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if not place.exists() or place.read_text("utf-8") != text:
        place.write_bytes(text.encode())
        sys.stderr.write(f"{place}\n")


if __name__ == "__main__":
    main()
