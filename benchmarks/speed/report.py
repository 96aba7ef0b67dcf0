"""A run in Markdown: targets first, then every case, then what could not be measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from . import growth
from .cases import size_name
from .figures import Figure, figures, middle_half, percentile
from .results import LeftOut, Results, Series


def markdown(results: Results, plots: Mapping[str, str]) -> str:
    """The report.

    Args:
        plots: file of each plot, relative to the report -> what it shows.
    """
    found = figures(results)
    promised = [each for each in found if each.definition.target]
    sections = [
        _run(results),
        _headed("Targets", _figures_table(promised, with_target=True)),
        "\n\n".join(f"![{words}]({file})" for file, words in plots.items()),
        _headed("Other ratios", _figures_table([each for each in found if not each.definition.target], False)),
        *(_headed(title, _group_table(results.of(group), grid)) for group, (title, grid) in _GROUPS.items()),
        _headed("Growth", _growth_table(results)),
        _headed("Java's inner loops", _inner_loops_table(results)),
        _headed("Left out", _left_out(results.skipped)),
        _headed("Failed", _left_out(results.failed)),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def targets_text(found: Iterable[Figure]) -> str:
    """The targets for a terminal."""
    rows = [
        (each.definition.words, _number(each.value, each.definition.unit), each.definition.target.words, each.verdict)
        for each in found
        if each.definition.target
    ]
    return "\n".join(f"{words:70} {value:>12}  {target:20} {verdict}" for words, value, target, verdict in rows)


# Title, and what the columns are of a table that shows medians alone, because it would be far too long otherwise.
_GROUPS = {
    "call": ("A call", ""),
    "load": ("A call on a busy machine", ""),
    "flight": ("Many calls", "window"),
    "start": ("Starts", ""),
    "workers": ("Several workers", "workers"),
    "image": ("Images", "bytes"),
}
_COLUMNS = {"window": "{:,} in flight", "workers": "with {}"}


def _run(results: Results) -> str:
    machine = results.machine
    lines = [
        f"{'Quick' if results.quick else 'Full'} run of {machine.get('when', 'an unknown day')}, "
        f"{results.seconds / 60:.0f} minutes, of {machine.get('revision', '?')}; {machine.get('processor', '?')}, "
        f"{machine.get('cores', '?')} cores, {machine.get('memory_gigabytes', '?')} GB; "
        f"{machine.get('system', '?')}; {machine.get('java', '?')}; Python {machine.get('python', '?')}; "
        + "; ".join(f"{name} {version}" for name, version in sorted(machine.get("versions", {}).items()))
        + "."
    ]
    if "others_cores" in machine:
        lines.append(
            f"Meanwhile other processes used {machine['others_cores']:g} of the cores on average, and the hypervisor's "
            f"other guests took {machine['stolen_cores']:g}."
        )
    if results.interrupted:
        lines.append("**The run was interrupted; what is missing was not measured.**")
    return "\n".join(lines)


def _figures_table(found: list[Figure], with_target: bool) -> str:
    rows = []
    for each in found:
        definition = each.definition
        row = [definition.words, _number(each.value, definition.unit), _spread(each.low, each.high, definition.unit)]
        if with_target and definition.target:
            row += [definition.target.words, _emphasized(each.verdict)]
        rows.append(row)
    heading = ["", "median", "middle half of the rounds"] + (["target", ""] if with_target else [])
    return _table(heading, rows)


def _cases_table(series: list[Series]) -> str:
    rows = []
    for each in series:
        samples = [sample for samples in each.rounds for sample in samples]
        medians = each.medians()
        rows.append(
            [
                each.system,
                _measured(median(medians), each.unit),
                _spread(*middle_half(medians), each.unit),
                _measured(percentile(samples, 99 if each.unit == "us" else 1), each.unit),
                f"{len(samples):,}",
                _facts(each),
            ]
        )
    return _table(["", "median", "middle half of the rounds", "99 of 100 within", "samples", ""], rows)


def _group_table(series: list[Series], grid: str) -> str:
    """The cases that differ in one parameter as a grid, then the others."""
    columns = sorted({each.parameters[grid] for each in series if grid in each.parameters})
    cells = {(each.system, each.parameters[grid]): each for each in series if grid in each.parameters}
    systems = list(dict.fromkeys(system for system, _ in cells))
    rows = [[system, *(_shown(cells.get((system, column))) for column in columns)] for system in systems]
    heading = [size_name(column) if grid == "bytes" else _COLUMNS[grid].format(column) for column in columns]
    facts = [
        f"{system}, {words}: {_facts(each)}."
        for words, column in zip(heading, columns)
        for system in systems
        if (each := cells.get((system, column))) and any(each.facts.values())
    ]
    tables = [
        _table(["", *heading], rows),
        "\n".join(facts),
        _cases_table([each for each in series if grid not in each.parameters]),
    ]
    return "\n\n".join(table for table in tables if table)


def _shown(series: Series | None) -> str:
    return _measured(median(series.medians()), series.unit) if series else ""


def _facts(series: Series) -> str:
    return ", ".join(f"{value:,.0f} {name.replace('_', ' ')}" for name, value in series.facts.items() if value)


def _growth_table(results: Results) -> str:
    if len(results.growth) < 4:
        return ""
    names, rows = growth.as_table(results.growth)
    # A thing a row: there are more things than a page is wide.
    turned = [[name, *values] for name, *values in zip(names, *(row[1:] for row in rows))]
    return _table(["", *(row[0] for row in rows)], turned)


def _inner_loops_table(results: Results) -> str:
    rows = [
        [each["name"], f"{each['nanoseconds']:,.0f} ns", f"± {each['error']:,.0f}", f"{each['bytes']:,.0f}"]
        for each in results.inner_loops
    ]
    return _table(["", "time", "error (99.9 %)", "bytes allocated"], rows)


def _left_out(cases: list[LeftOut]) -> str:
    lines = dict.fromkeys(
        f"- {each.system} ({each.part}): {each.why.splitlines()[0]}" + (f" ({each.hint})" if each.hint else "")
        for each in cases
    )
    return "\n".join(lines)


# ---- Words ---------------------------------------------------------------------------------------------------------


def _headed(title: str, body: str) -> str:
    return f"## {title}\n\n{body}" if body else ""


def _table(heading: list[str], rows: list[list[Any]]) -> str:
    if not rows:
        return ""
    lines = [heading, ["---", *("---:" for _ in heading[1:])], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _emphasized(verdict: str) -> str:
    return f"**{verdict}**" if verdict.isupper() else verdict


def _number(value: float, unit: str) -> str:
    if unit == "/s":
        return f"{value:,.0f} /s"
    shown = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) >= 0.01 or value == 0 else "0.00"
    return f"{shown} {unit}".strip()


def _spread(low: float, high: float, unit: str) -> str:
    if unit in ("us", "per_s") and low >= 0:
        return f"{_measured(low, unit)} to {_measured(high, unit)}"
    return f"{_number(low, '')} to {_number(high, '')}"


def _measured(value: float, unit: str) -> str:
    """A sample's value, in the unit that people would say it in."""
    if unit == "per_s":
        return f"{value:,.0f} /s"
    for least, divisor, word in ((1e6, 1e6, "s"), (1e3, 1e3, "ms"), (0.0, 1.0, "µs")):
        if value >= least:
            return f"{value / divisor:.3g} {word}"
    return f"{value:.3g} µs"
