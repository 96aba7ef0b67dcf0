"""The guard: ratios of a run against those that are stored in the repository."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .figures import Figure
from .results import Results

FILE = Path(__file__).resolve().parents[1] / "baseline.json"
# Below a tenth nobody feels it, and the middle half of few rounds can be far narrower than what other days bring.
_LEAST = 0.1


def store(file: Path, results: Results, found: list[Figure]) -> None:
    """Writes the ratios of this run in the place of those of its kind; quick and full runs don't compare."""
    stored = _read(file)
    stored[_kind(results)] = {
        "machine": results.machine,
        "ratios": {
            each.definition.name: {name: float(f"{value:.4g}") for name, value in _range(each).items()}
            for each in found
            if each.definition.guarded
        },
    }
    file.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def compare(file: Path, results: Results, found: list[Figure]) -> str:
    """What got slower or faster by more than the spreads of both runs, for people."""
    stored = _read(file).get(_kind(results))
    if stored is None:
        return f"There is no stored {_kind(results)} run to compare with; --accept stores this one."
    compared = [each for each in found if each.definition.name in stored["ratios"]]
    missing = sorted(set(stored["ratios"]) - {each.definition.name for each in compared})
    changes = {each: _change(each, stored["ratios"][each.definition.name]) for each in compared}
    slower = [each for each, change in changes.items() if change > 0]
    faster = [each for each, change in changes.items() if change < 0]
    lines = [f"Compared with the stored {_kind(results)} run: {len(compared)} ratios."]
    lines += [_line("SLOWER", each, stored["ratios"][each.definition.name]) for each in slower]
    lines += [_line("faster", each, stored["ratios"][each.definition.name]) for each in faster]
    if not slower:
        lines.append("Nothing got slower by more than the spreads of both runs.")
    lines += [f"not measured this time: {name}" for name in missing]
    if stored["machine"].get("processor") != results.machine.get("processor"):
        lines.append("The stored run is of another machine, whose ratios may be others: " + _machine(stored["machine"]))
    return "\n".join(lines)


def _change(now: Figure, then: Mapping[str, float]) -> int:
    """1 for slower, -1 for faster, 0 for neither."""
    spread = (now.high - now.low) + (then["high"] - then["low"])
    difference = now.value - then["median"]
    if abs(difference) <= max(spread, _LEAST * then["median"]):
        return 0
    is_slower = (difference > 0) == now.definition.less_is_better
    return 1 if is_slower else -1


def _line(word: str, now: Figure, then: Mapping[str, float]) -> str:
    return (
        f"{word}: {now.definition.words}: {now.value:.3g} ({now.low:.3g} to {now.high:.3g}), "
        f"stored {then['median']:.3g} ({then['low']:.3g} to {then['high']:.3g})"
    )


def _range(figure: Figure) -> dict[str, float]:
    return {"median": figure.value, "low": figure.low, "high": figure.high}


def _kind(results: Results) -> str:
    return "quick" if results.quick else "full"


def _machine(machine: Mapping[str, Any]) -> str:
    return f"{machine.get('processor', 'unknown')}, {machine.get('cores', '?')} cores"


def _read(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return stored
