"""Writes NAME.yaml and NAME.xml beside every ops/NAME.json. Run it after a change of one, and read what has changed.

PYTHONPATH=python-worker/src .venv-development/bin/python schemas/vectors/update_dialects.py
"""

import json
from pathlib import Path

from alcove import dialects

for path in sorted((Path(__file__).parent / "ops").glob("*.json")):
    ops = json.loads(path.read_text("utf-8"))["ops"]
    path.with_suffix(".yaml").write_text(dialects.render(ops, "yaml"), "utf-8", newline="")
    path.with_suffix(".xml").write_text(dialects.render(ops, "xml"), "utf-8", newline="")
