"""What the times of ``benchmarks/images`` mean: medians, their spread, and the ratios that are promised."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median, quantiles
from typing import Any, NamedTuple

from speed import growth

Rounds = list[list[float]]

_MEBIBYTE = 1 << 20
_MISSED = "MISSED"
_WORDS = {
    "numpy_fresh": "numpy alone, image + 1",
    "numpy_out": "numpy alone, numpy.add(image, 1, out=out)",
    "pipe": "the bytes through a pipe, both ways",
    "call_fresh": "call, return image + 1",
    "call_out": "call, into alcove.empty()",
    "call_in_place": "call, in place",
    "call_same": "call, its own image returned",
    "call_copied": "call, nothing done, its result copied",
    "call_fresh_with_copies": "call, return image + 1, from and to a Java array",
    "copies": "from and to a Java array, no call",
}


class Ratio(NamedTuple):
    """A ratio of two times in each round, and what it should be."""

    name: str
    of: Callable[[dict[str, list[float]]], list[float]]
    target: str = ""
    reached: Callable[[float], bool] = lambda value: True


def _quotient(above: str, below: str) -> Callable[[dict[str, list[float]]], list[float]]:
    return lambda medians: [a / b for a, b in zip(medians[above], medians[below])]


def _transport(medians: dict[str, list[float]]) -> list[float]:
    """How many times faster than a pipe: what is left of a call when numpy's time is taken off."""
    rounds = zip(medians["pipe"], medians["call_fresh"], medians["numpy_fresh"])
    return [pipe / max(call - numpy, 0.001) for pipe, call, numpy in rounds]


def _microseconds_over(medians: dict[str, list[float]]) -> list[float]:
    return [(call - 1.3 * numpy) * 1000 for call, numpy in zip(medians["call_fresh"], medians["numpy_fresh"])]


_LARGE = [
    Ratio("call_fresh / numpy_fresh", _quotient("call_fresh", "numpy_fresh"), "<= 1.3", lambda value: value <= 1.3),
    Ratio("call_out / numpy_out", _quotient("call_out", "numpy_out"), "<= 1.3", lambda value: value <= 1.3),
    Ratio("call_in_place / numpy_out", _quotient("call_in_place", "numpy_out")),
    Ratio("call_fresh_with_copies / numpy_fresh", _quotient("call_fresh_with_copies", "numpy_fresh")),
    Ratio("pipe / (call_fresh - numpy_fresh)", _transport, ">= 10", lambda value: value >= 10),
    Ratio("pipe / call_copied", _quotient("pipe", "call_copied"), ">= 10", lambda value: value >= 10),
    Ratio("pipe / call_same", _quotient("pipe", "call_same"), ">= 10", lambda value: value >= 10),
]
# Without targets yet: what such a call costs is the call itself.
_SMALL = [
    Ratio("call_fresh / numpy_fresh", _quotient("call_fresh", "numpy_fresh")),
    Ratio("call_out / numpy_out", _quotient("call_out", "numpy_out")),
    Ratio("call_fresh - 1.3 numpy_fresh, in us", _microseconds_over),
    Ratio("pipe / call_same", _quotient("pipe", "call_same")),
]


def speed_report(cases: list[dict[str, Any]]) -> tuple[str, dict[str, Any], bool]:
    """A text for people, the same figures for programs, and whether a target was missed.

    Args:
        cases: the objects that the Java program printed.
    """
    lines, figures, missed = [], {}, False
    sizes = dict.fromkeys((case["dtype"], case["bytes"]) for case in cases)
    for dtype, size in sizes:
        title = f"{size / _MEBIBYTE:g} MB of {dtype}"
        rounds: dict[str, Rounds] = {
            case["case"]: case["rounds"] for case in cases if (case["dtype"], case["bytes"]) == (dtype, size)
        }
        medians = {name: [median(times) for times in each] for name, each in rounds.items()}
        lines += ["", title, f"  {'ms':58} median    best  middle half of the rounds"]
        for name, values in medians.items():
            best = min(map(min, rounds[name]))
            lines.append(f"  {name:24} {_WORDS[name]:49} {median(values):8.3f} {best:7.3f}  {_spread(values)}")
        lines.append(f"  {'ratio':58} median          middle half of the rounds")
        ratios = {ratio.name: _measured(ratio, medians) for ratio in (_SMALL if size < 8 * _MEBIBYTE else _LARGE)}
        for name, (value, spread, target, verdict) in ratios.items():
            lines.append(f"  {name:54} {value:12.2f}          {spread:18} {target} {verdict}")
            missed = missed or verdict == _MISSED
        figures[title] = {
            "milliseconds": {name: median(values) for name, values in medians.items()},
            "ratios": {name: value for name, (value, *_) in ratios.items()},
            "rounds": rounds,
        }
    return "\n".join(lines), figures, missed


def _measured(ratio: Ratio, medians: dict[str, list[float]]) -> tuple[float, str, str, str]:
    values = ratio.of(medians)
    verdict = "" if not ratio.target else "reached" if ratio.reached(median(values)) else _MISSED
    return median(values), _spread(values), ratio.target, verdict


def _spread(values: list[float]) -> str:
    """The middle half of the rounds."""
    if len(values) < 2:
        return ""
    low, _, high = quantiles(values, n=4, method="inclusive")
    return f"{low:.3g} to {high:.3g}"


def sizes_report(cases: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """A row for each size, with what a call takes beyond numpy alone; a size that was left out says why."""
    names = ["numpy_fresh", "call_fresh", "numpy_out", "call_out", "call_in_place"]
    heads = [*names, "fresh ratio", "out ratio"]
    lines = ["", "sizes, in us", "  " + f"{'bytes':>12}" + "".join(f"{head:>15}" for head in heads)]
    figures: dict[str, Any] = {}
    for size in dict.fromkeys(case["bytes"] for case in cases):
        rows = [case for case in cases if case["bytes"] == size]
        if "skipped" in rows[0]:
            lines.append(f"  {size:>12}  left out: {rows[0]['skipped']}")
            figures[str(size)] = rows[0]
            continue
        medians = {row["case"]: [median(times) * 1000 for times in row["rounds"]] for row in rows}
        ratios = [_quotient(f"call_{how}", f"numpy_{how}")(medians) for how in ("fresh", "out")]
        cells = [f"{median(medians[name]):15.1f}" for name in names] + [f"{median(values):15.2f}" for values in ratios]
        lines.append(f"  {size:>12}" + "".join(cells))
        figures[str(size)] = {row["case"]: row["rounds"] for row in rows}
    return "\n".join(lines), figures


_MOST_ROWS = 20
# What may differ between the first third and the last: the collector of a JVM and a C library's heap take and give, and
# a pool has now one thread more and now one less.
_MAY_GROW = {"host_resident_bytes": 16 * _MEBIBYTE, "worker_resident_bytes": 8 * _MEBIBYTE, "host_threads": 1}


def growth_report(samples: list[dict[str, int]]) -> tuple[str, dict[str, Any], bool]:
    """The samples as a table, by how much each column has grown, and whether one has by too much."""
    columns = [name for name in samples[0] if name != "calls"]
    lines = ["", f"{samples[-1]['calls']} calls of 1 MB, from and to a Java array", "  " + _row("calls", columns)]
    shown = samples[:: max(len(samples) // _MOST_ROWS, 1)]
    lines += ["  " + _row(sample["calls"], [_shown(name, sample[name]) for name in columns]) for sample in shown]
    exactly, calls = growth.grown(samples), samples[-1]["calls"] - samples[len(samples) // 3]["calls"]
    grown = {name: round(by) for name, by in exactly.items()}
    slopes = {name: by / calls for name, by in exactly.items()}
    lines.append("  " + _row("grown", [_shown(name, grown[name]) for name in columns]))
    too_much = [name for name in columns if grown[name] > _MAY_GROW.get(name, 0)]
    lines.append(f"  {_MISSED}: {', '.join(too_much)} grew" if too_much else "  flat")
    return "\n".join(lines), {"samples": samples, "slopes_per_call": slopes, "grown": grown}, bool(too_much)


def _row(first: object, cells: list[str]) -> str:
    return f"{first:>7}" + "".join(f"{cell.replace('_resident_bytes', ' MB').replace('_', ' '):>19}" for cell in cells)


def _shown(name: str, value: float) -> str:
    return f"{value / _MEBIBYTE:.1f}" if name.endswith("_bytes") else f"{value}"
